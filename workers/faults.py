"""Faults in workflow code, told once each.

A workflow that fails in a way that nobody has foreseen is not ended by it: the engine tries that
task again for ever, and meanwhile the trade waits where it is, with its stop at the broker. That is
right, and somebody has to know. Each retry raises the same fault; it is told once a workflow. What
fails without raising anything here is known to the library alone, and told by `failures`.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from activities.alerts import NoticeBoard
from activities.calls import Alert
from backstay.accounts.errors import AccountsError
from backstay.broker.notices import Notice, evidence_of
from backstay.domain.incidents.kinds import IncidentKind

Heard = Callable[[str, BaseException], None]
"""Takes the workflow's id and what was raised. It is called in a thread of the workflow worker."""

REMEMBERED_MAX = 10_000

_HEAR = "backstay_hear_fault"


class Faults:
    """Tells each fault once: in this process because it remembers, in all because of its name."""

    def __init__(self, board: NoticeBoard, now: Callable[[], datetime]) -> None:
        self._board = board
        self._now = now
        self._loop = asyncio.get_running_loop()
        self._heard: dict[str, None] = {}
        self._telling: set[asyncio.Task[None]] = set()

    def heard(self, workflow_id: str, fault: BaseException) -> None:
        """A workflow has raised what nobody has foreseen; called in any thread."""
        evidence = evidence_of(fault)
        self._loop.call_soon_threadsafe(self._begin_to_tell, workflow_id, evidence)

    async def close(self) -> None:
        """Finish telling."""
        await asyncio.gather(*self._telling, return_exceptions=True)

    def _begin_to_tell(self, workflow_id: str, evidence: str) -> None:
        name = f"fault:{workflow_id}:{evidence}"
        if name in self._heard:
            return
        self._heard[name] = None
        if len(self._heard) > REMEMBERED_MAX:
            del self._heard[next(iter(self._heard))]
        task = self._loop.create_task(self._tell(workflow_id, evidence, name))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, workflow_id: str, evidence: str, name: str) -> None:
        kind, text = IncidentKind.TASK_FAILED, f"it waits, and is tried again: {evidence}"
        try:
            await self._board.raise_alert(Alert(self._board.account, kind, workflow_id, text), name)
        except AccountsError:
            self._board.tell(Notice(kind, workflow_id, text, self._now()))


class FaultInterceptor(Interceptor):
    """Has every unforeseen exception of workflow code told."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - the name is the library's
    ) -> type[WorkflowInboundInterceptor]:
        """What stands around each workflow; its only way out is one function."""
        input.unsafe_extern_functions[_HEAR] = self._heard
        return _Around


class _Around(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        try:
            return await super().execute_workflow(input)
        except Exception as error:
            _hear(error)
            raise

    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002
        try:
            await super().handle_signal(input)
        except Exception as error:
            _hear(error)
            raise

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        try:
            return await super().handle_update_handler(input)
        except Exception as error:
            _hear(error)
            raise


def _hear(error: Exception) -> None:
    """A failure is how a workflow ends on purpose; everything else is a fault."""
    if not isinstance(error, FailureError):
        workflow.extern_functions()[_HEAR](workflow.info().workflow_id, error)
