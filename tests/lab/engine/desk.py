"""A desk at which workers ask for tasks: it hands out what a test lays there, and keeps a book."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import ActivityType, Payloads, WorkflowExecution, WorkflowType
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueResponse

from activities.converting import VALUES
from backstay.lab.engine.tasks import (
    ActivityDone,
    ActivityEnd,
    EngineGoneError,
    RunName,
    StepTaken,
    TaskGoneError,
    WorkflowTask,
)
from backstay.lab.virtual_time import running

WAY = 0.001
"""How long a call is on its way, there and back."""


class Desk:
    """A source of tasks. While it is `away` every call fails, and while it is `deaf` every report
    of a step; what is `unknown` is gone.
    """

    def __init__(self) -> None:
        self.is_away = False
        self.is_deaf = False
        self.unknown: set[bytes | int] = set()
        self.asked_to_stop: set[bytes] = set()
        self.book: list[tuple[float, str, Any]] = []
        self.steps: dict[int, StepTaken] = {}
        self.ends: dict[bytes, ActivityEnd] = {}
        self._workflow_tasks: asyncio.Queue[WorkflowTask] = asyncio.Queue()
        self._activity_tasks: asyncio.Queue[PollActivityTaskQueueResponse] = asyncio.Queue()

    def lay(self, task: WorkflowTask | PollActivityTaskQueueResponse) -> None:
        """Have the next poll take it."""
        if isinstance(task, WorkflowTask):
            self._workflow_tasks.put_nowait(task)
        else:
            self._activity_tasks.put_nowait(task)

    def heard(self, what: str) -> list[tuple[float, Any]]:
        """When that was said, in seconds since the beginning, and what of it."""
        return [(round(at, 3), said) for at, each, said in self.book if each == what]

    async def poll_workflow_task(self, queue: str, identity: str) -> WorkflowTask:
        await self._way("poll", (queue, identity))
        return await self._workflow_tasks.get()

    async def complete_workflow_task(self, token: int, step: StepTaken) -> None:
        await self._way("step", token)
        self._known(token)
        self.steps[token] = step

    async def poll_activity_task(self, queue: str, identity: str) -> PollActivityTaskQueueResponse:
        await self._way("poll", (queue, identity))
        return await self._activity_tasks.get()

    async def heartbeat(self, token: bytes, details: Payloads | None) -> bool:
        given = list(details.payloads) if details is not None else []
        await self._way("beat", VALUES.payload_converter.from_payloads(given))
        self._known(token)
        return token in self.asked_to_stop

    async def complete_activity_task(self, token: bytes, end: ActivityEnd) -> None:
        await self._way("end", token)
        self._known(token)
        self.ends[token] = end

    def forgets(self, identity: str, run: RunName) -> None:
        self.book.append((running().time(), "forgets", (identity, run)))

    def _known(self, token: bytes | int) -> None:
        if token in self.unknown:
            raise TaskGoneError(str(token))

    async def _way(self, what: str, said: Any) -> None:
        self.book.append((running().time(), what, said))
        await asyncio.sleep(WAY)
        if self.is_away or (self.is_deaf and what == "step"):
            raise EngineGoneError(what)


def an_attempt(
    name: str,
    *arguments: Any,
    attempt: int = 1,
    left: Sequence[Any] = (),
    heartbeat: timedelta = timedelta(0),
    within: timedelta = timedelta(minutes=10),
) -> PollActivityTaskQueueResponse:
    """An attempt to be carried out; its token is its name and its number."""
    values = VALUES.payload_converter
    task = PollActivityTaskQueueResponse(
        task_token=f"{name} {attempt}".encode(),
        workflow_namespace="default",
        workflow_type=WorkflowType(name="Trade"),
        workflow_execution=WorkflowExecution(workflow_id="trade:1", run_id="run"),
        activity_type=ActivityType(name=name),
        activity_id="7",
        input=Payloads(payloads=values.to_payloads(arguments)),
        attempt=attempt,
    )
    if left:
        task.heartbeat_details.CopyFrom(Payloads(payloads=values.to_payloads(left)))
    now_ns = running().now_ns
    for time in (task.scheduled_time, task.current_attempt_scheduled_time, task.started_time):
        time.FromNanoseconds(now_ns)
    task.heartbeat_timeout.FromTimedelta(heartbeat)
    task.start_to_close_timeout.FromTimedelta(within)
    task.schedule_to_close_timeout.FromTimedelta(timedelta(0))
    return task


def answer_in(end: ActivityEnd) -> Any:
    """What an attempt has answered."""
    assert isinstance(end, ActivityDone)
    assert end.result is not None
    (answer,) = VALUES.payload_converter.from_payloads(end.result.payloads)
    return answer
