"""The engine as workers see it: a source of tasks behind a wire of its own."""

from functools import partial
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueResponse

from backstay.lab.engine.activities import Activities
from backstay.lab.engine.queries import Queries
from backstay.lab.engine.queues import Queues
from backstay.lab.engine.registry import Registry
from backstay.lab.engine.tasks import (
    ActivityEnd,
    RunName,
    StepTaken,
    TaskGoneError,
    WorkflowTask,
)
from backstay.lab.engine.wires import Call, Latency, Wires
from backstay.lab.engine.workflow_tasks import WorkflowTasks


class Counter:
    """Where workers hand in and take up, over there."""

    def __init__(
        self,
        registry: Registry,
        queues: Queues,
        tasks: WorkflowTasks,
        activities: Activities,
        queries: Queries,
    ) -> None:
        self._registry = registry
        self._queues = queues
        self._tasks = tasks
        self._activities = activities
        self._queries = queries

    def poll_workflow(self, queue: str, identity: str, call: Call) -> None:
        """Somebody waits for a step."""
        self._queues.workflows(queue).poll(identity, call)

    def complete_workflow(self, token: int, step: StepTaken, call: Call) -> None:
        """Somebody has taken one, or answered a question."""
        try:
            if not self._queries.takes(token, step.answers):
                self._tasks.complete(token, step)
        except TaskGoneError as error:
            call.refuse(error)
        else:
            call.answer(None)

    def poll_activity(self, queue: str, identity: str, call: Call) -> None:
        """Somebody waits for an attempt."""
        self._queues.activities(queue).poll(identity, call)

    def beat(self, token: bytes, details: Payloads | None, call: Call) -> None:
        """Somebody gives a sign of life."""
        try:
            call.answer(self._activities.beat(token, details))
        except TaskGoneError as error:
            call.refuse(error)

    def complete_activity(self, token: bytes, end: ActivityEnd, call: Call) -> None:
        """Somebody has come to the end of an attempt."""
        try:
            self._activities.end(token, end)
        except TaskGoneError as error:
            call.refuse(error)
        else:
            call.answer(None)

    def forgets(self, identity: str, run: RunName) -> None:
        """Somebody has a run in memory no more."""
        newest = self._registry.find(run.workflow_id, run.run_id)
        if newest.loyalty == identity:
            newest.loyalty = ""
            if newest.step is not None and not newest.step.is_started:
                newest.step.wanted = ""
                self._queues.workflows(newest.queue).match()


class MemorySource:
    """The port `TaskSource` over the engine in memory."""

    def __init__(self, counter: Counter, wires: Wires, latency: Latency) -> None:
        self._counter = counter
        self._wires = wires
        self._latency = latency

    async def poll_workflow_task(self, queue: str, identity: str) -> WorkflowTask:
        """Wait for a step."""
        task: WorkflowTask = await self._ask(self._counter.poll_workflow, queue, identity)
        return task

    async def complete_workflow_task(self, token: int, step: StepTaken) -> None:
        """Hand in what came of it; whoever hears TaskGoneError has to forget the run."""
        await self._ask(self._counter.complete_workflow, token, step)

    async def poll_activity_task(self, queue: str, identity: str) -> PollActivityTaskQueueResponse:
        """Wait for an attempt."""
        task: PollActivityTaskQueueResponse = await self._ask(
            self._counter.poll_activity, queue, identity
        )
        return task

    async def heartbeat(self, token: bytes, details: Payloads | None) -> bool:
        """Give a sign of life; whether the attempt is asked to stop."""
        is_called_off: bool = await self._ask(self._counter.beat, token, details)
        return is_called_off

    async def complete_activity_task(self, token: bytes, end: ActivityEnd) -> None:
        """Hand in what came of it."""
        await self._ask(self._counter.complete_activity, token, end)

    def forgets(self, identity: str, run: RunName) -> None:
        """This identity has the run in memory no more; the engine hears it a moment later."""
        self._wires.tell(partial(self._counter.forgets, identity, run), self._latency)

    async def _ask(self, act: Any, *arguments: Any) -> Any:
        return await self._wires.ask(partial(act, *arguments), self._latency)
