"""An engine in memory, driven by hand: a source of tasks, commands as a workflow gives them, and
what stands in a history.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueResponse
from temporalio.bridge.proto.workflow_commands import ActivityCancellationType, WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import Client
from temporalio.converter import DataConverter

from backstay.gateway.times import SECOND_NS
from backstay.lab.engine.runs import Run
from backstay.lab.engine.server import MemoryEngine
from backstay.lab.engine.source import MemorySource
from backstay.lab.engine.tasks import (
    ActivityDone,
    ActivityFailed,
    QueryAnswer,
    StepTaken,
    WorkflowTask,
)
from backstay.lab.virtual_time import run as run_loop

START_NS = 1_795_446_000 * SECOND_NS
WAY = 0.001
"""How long a message is on its way."""

QUEUE = "steps"
CALLS = "calls"

TRY_CANCEL = ActivityCancellationType.TRY_CANCEL
WAIT = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
ABANDON = ActivityCancellationType.ABANDON


def play(story: Callable[["House"], Coroutine[Any, Any, None]]) -> "House":
    """Have it happen; the house is returned for whoever wants to look at it."""
    houses: list[House] = []

    async def main() -> None:
        house = House()
        houses.append(house)
        await story(house)

    run_loop(main(), start_ns=START_NS)
    return houses[0]


class House:
    """An engine, a client of it, and two hands that take up its tasks."""

    def __init__(self) -> None:
        self.engine = MemoryEngine()
        self.client: Client = self.engine.client(way, "someone", DataConverter.default)
        self.source: MemorySource = self.engine.source(way)

    async def begin(self, name: str = "one", **options: Any) -> Run:
        """Start a workflow that nobody knows."""
        await self.client.start_workflow("Kind", id=name, task_queue=QUEUE, **options)
        return self.engine.run(name)

    async def poll(self, who: str = "first") -> WorkflowTask:
        """Take the next step up."""
        return await self.source.poll_workflow_task(QUEUE, who)

    async def nobody_asks(self, who: str, seconds: float) -> bool:
        """Whether no step comes within that time."""
        try:
            await asyncio.wait_for(self.poll(who), seconds)
        except TimeoutError:
            return True
        return False

    async def hand_in(self, task: WorkflowTask, *commands: WorkflowCommand) -> None:
        """Complete a step."""
        await self.hand_in_with(task, {}, *commands)

    async def hand_in_with(
        self, task: WorkflowTask, answers: Mapping[str, QueryAnswer], *commands: WorkflowCommand
    ) -> None:
        """Complete a step, and answer the questions that came along with it."""
        completion = WorkflowActivationCompletion()
        completion.successful.commands.extend(commands)
        await self.source.complete_workflow_task(task.token, StepTaken(completion, answers))

    async def fail_step(self, task: WorkflowTask) -> None:
        """Say that a step has failed."""
        completion = WorkflowActivationCompletion()
        completion.failed.failure.message = "a defect"
        await self.source.complete_workflow_task(task.token, StepTaken(completion, {}))

    async def step(self, *commands: WorkflowCommand, who: str = "first") -> WorkflowTask:
        """Take the next step, which asks for these things."""
        task = await self.poll(who)
        await self.hand_in(task, *commands)
        return task

    async def answer(self, task: WorkflowTask, text: str) -> None:
        """Answer the questions of a task, and nothing else."""
        assert task.queries is not None
        answers = {name: QueryAnswer(success=payloads(text)) for name in task.queries}
        await self.source.complete_workflow_task(task.token, StepTaken(None, answers))

    async def call(self, who: str = "hand") -> PollActivityTaskQueueResponse:
        """Take the next attempt up."""
        return await self.source.poll_activity_task(CALLS, who)

    async def nobody_calls(self, seconds: float) -> bool:
        """Whether no attempt comes within that time."""
        try:
            await asyncio.wait_for(self.call("another"), seconds)
        except TimeoutError:
            return True
        return False

    async def done(self, task: PollActivityTaskQueueResponse, text: str = "done") -> None:
        """Report that an attempt is over."""
        await self.source.complete_activity_task(task.task_token, ActivityDone(payloads(text)))

    async def failed(self, task: PollActivityTaskQueueResponse, failure: Failure) -> None:
        """Report that it has failed."""
        await self.source.complete_activity_task(task.task_token, ActivityFailed(failure))


def way() -> float:
    return WAY


def payloads(*texts: str) -> Payloads:
    return Payloads(payloads=[payload(text) for text in texts])


def payload(text: str) -> Payload:
    return DataConverter.default.payload_converter.to_payload(text)


def text_of(given: Payloads) -> str:
    (text,) = DataConverter.default.payload_converter.from_payloads(given.payloads)
    assert isinstance(text, str)
    return text


def kinds(events: Sequence[Any]) -> list[str]:
    """What the events of a history are, in short."""
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in events]


def behind(run: Run, event_id: int) -> list[str]:
    """What stands behind an event."""
    return kinds(run.history[event_id:])


def trouble(text: str, kind: str = "Trouble", *, non_retryable: bool = False) -> Failure:
    failure = Failure(message=text)
    failure.application_failure_info.type = kind
    failure.application_failure_info.non_retryable = non_retryable
    return failure


# --- what a workflow asks for ---


def schedule(
    seq: int = 1, *, retries: int = 0, cancellation: Any = TRY_CANCEL, **bounds: float
) -> WorkflowCommand:
    """An activity; bounds are in seconds, such as start_to_close."""
    command = WorkflowCommand()
    given = command.schedule_activity
    given.seq, given.activity_id, given.activity_type = seq, str(seq), "call"
    given.task_queue, given.cancellation_type = CALLS, cancellation
    given.arguments.append(payload("please"))
    for name, seconds in bounds.items():
        getattr(given, f"{name}_timeout").CopyFrom(lasting(seconds))
    given.retry_policy.initial_interval.CopyFrom(lasting(0.5))
    given.retry_policy.maximum_attempts = retries
    return command


def cancel_call(seq: int = 1) -> WorkflowCommand:
    command = WorkflowCommand()
    command.request_cancel_activity.seq = seq
    return command


def timer(seconds: float, seq: int = 1) -> WorkflowCommand:
    command = WorkflowCommand()
    command.start_timer.seq = seq
    command.start_timer.start_to_fire_timeout.CopyFrom(lasting(seconds))
    return command


def cancel_timer(seq: int = 1) -> WorkflowCommand:
    command = WorkflowCommand()
    command.cancel_timer.seq = seq
    return command


def complete(text: str = "over") -> WorkflowCommand:
    command = WorkflowCommand()
    command.complete_workflow_execution.result.CopyFrom(payload(text))
    return command


def go_on() -> WorkflowCommand:
    command = WorkflowCommand()
    command.continue_as_new_workflow_execution.workflow_type = "Kind"
    return command


def child(name: str, seq: int = 1, policy: int = 0, cancellation: int = 0) -> WorkflowCommand:
    command = WorkflowCommand()
    given = command.start_child_workflow_execution
    given.seq, given.workflow_id, given.workflow_type = seq, name, "Kind"
    given.parent_close_policy = policy  # type: ignore[assignment]
    given.cancellation_type = cancellation  # type: ignore[assignment]
    return command


def cancel_child(seq: int = 1) -> WorkflowCommand:
    command = WorkflowCommand()
    command.cancel_child_workflow_execution.child_workflow_seq = seq
    return command


def accepted(task: WorkflowTask) -> WorkflowCommand:
    command = WorkflowCommand()
    command.update_response.protocol_instance_id = task.updates[0].meta.update_id
    command.update_response.accepted.SetInParent()
    return command


def answered(task: WorkflowTask, text: str) -> WorkflowCommand:
    command = WorkflowCommand()
    command.update_response.protocol_instance_id = task.updates[0].meta.update_id
    command.update_response.completed.CopyFrom(payload(text))
    return command


def refused(task: WorkflowTask, text: str) -> WorkflowCommand:
    command = WorkflowCommand()
    command.update_response.protocol_instance_id = task.updates[0].meta.update_id
    command.update_response.rejected.message = text
    return command


def lasting(seconds: float) -> Duration:
    duration = Duration()
    duration.FromTimedelta(timedelta(seconds=seconds))
    return duration
