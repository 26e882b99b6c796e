"""The attempts that a dead worker has left behind, failed at once.

The engine would find out by itself, when a heartbeat has stayed away for as long as it may: half a
minute in which nothing watches the price. Whoever holds the session now is the only worker of its
account and client id, so every attempt under another identity of that name belongs to nobody. The
next attempt begins where the heartbeat of the last one was.

A worker that stands still, or has lost its network, is worse than a dead one: for a minute or so
the engine still hands calls to the polls that it has left open, where nobody takes them up.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import PendingActivityState, TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkflowExecutionRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.attributes import ACCOUNT
from activities.calls import Door

WORKER_LOST = "WorkerLost"
AT_ONCE = 32
"""How many workflows are looked at together: thousands of arms are back within seconds."""

POLL_LASTS = timedelta(seconds=75)
"""How long the engine may take a poll for open that nobody has asked for again: a minute, and what
is added on the way there."""

_HELD = (
    PendingActivityState.PENDING_ACTIVITY_STATE_STARTED,
    PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED,
    PendingActivityState.PENDING_ACTIVITY_STATE_PAUSE_REQUESTED,
)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who polls: for which account and client id, in which of its lives."""

    account: str
    client_id: int
    life: str

    def __str__(self) -> str:
        return f"{self.family}{self.life}"

    @property
    def family(self) -> str:
        """How the identity of every life begins."""
        return f"edge/{self.account}/{self.client_id}/"

    def is_former(self, other: str) -> bool:
        """Whether that is another life of the same worker."""
        return other.startswith(self.family) and other != str(self)


async def fail_former_attempts(client: Client, identity: Identity) -> int:
    """Fail what former lives have begun and not ended; how much that was."""
    at_once = asyncio.Semaphore(AT_ONCE)
    runs = await _running(client, identity.account)
    looks = [_fail_in(client, run, identity, at_once) for run in runs]
    return sum(await asyncio.gather(*looks))


async def former_may_poll(client: Client, identity: Identity, now: datetime) -> bool:
    """Whether the engine could still hand a call to a former life."""
    for door in (Door.ARMS, Door.OPS):
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=door.queue(identity.account)),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            )
        )
        for poller in described.pollers:
            polled_at = poller.last_access_time.ToDatetime(tzinfo=UTC)
            if identity.is_former(poller.identity) and now - polled_at < POLL_LASTS:
                return True
    return False


class _Run(NamedTuple):
    workflow_id: str
    run_id: str


async def _running(client: Client, account: str) -> list[_Run]:
    """What the engine lists; only the names are read, whatever else it says of each."""
    asked = ListWorkflowExecutionsRequest(
        namespace=client.namespace,
        query=f'ExecutionStatus = "Running" AND {ACCOUNT.name} = "{account}"',
    )
    runs: list[_Run] = []
    while True:
        page = await client.workflow_service.list_workflow_executions(asked, retry=True)
        named = (found.execution for found in page.executions)
        runs += (_Run(name.workflow_id, name.run_id) for name in named)
        if not page.next_page_token:
            return runs
        asked.next_page_token = page.next_page_token


async def _fail_in(
    client: Client, run: _Run, identity: Identity, at_once: asyncio.Semaphore
) -> int:
    """In a workflow and in its children, which may not be listed yet."""
    async with at_once:
        try:
            found = await client.workflow_service.describe_workflow_execution(
                DescribeWorkflowExecutionRequest(
                    namespace=client.namespace,
                    execution=WorkflowExecution(workflow_id=run.workflow_id, run_id=run.run_id),
                ),
                retry=True,
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return 0
            raise
        failed = 0
        for pending in found.pending_activities:
            if pending.state in _HELD and identity.is_former(pending.last_worker_identity):
                failed += await _fail(client, run, pending)
    for child in found.pending_children:
        below = _Run(child.workflow_id, child.run_id)
        failed += await _fail_in(client, below, identity, at_once)
    return failed


async def _fail(client: Client, run: _Run, pending: PendingActivityInfo) -> bool:
    """Fail an attempt; one that has ended meanwhile is as good as failed."""
    handle = client.get_async_activity_handle(
        workflow_id=run.workflow_id, run_id=run.run_id, activity_id=pending.activity_id
    )
    try:
        await handle.fail(
            ApplicationError(f"{pending.last_worker_identity} is no more", type=WORKER_LOST)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True
