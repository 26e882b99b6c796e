"""What the engine hands out, and what comes back: the one border between server and workers.

The server owns histories, timers, timeouts and retries; a worker owns instances of workflows and
attempts of activities, and forgets them all when its process dies. Both sides speak in the engine's
own protobufs, so a history can be replayed by anybody who reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from temporalio.api.common.v1 import Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.update.v1 import Request
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueResponse
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion


@dataclass(frozen=True, slots=True)
class RunName:
    """One run of a workflow."""

    workflow_id: str
    run_id: str

    def __str__(self) -> str:
        return f"{self.workflow_id}/{self.run_id}"


@dataclass(frozen=True, slots=True)
class WorkflowTask:
    """One step of a workflow to be taken, or only questions to it.

    `history` is the whole of it up to the WorkflowTaskStarted of this step; a worker that has the
    run in memory reads what follows `seen`, the id of the last event that it was given. `updates`
    wait to be accepted or refused; they are not in the history. A task with `is_query_only` takes
    no step: its history ends with the last step that was completed, and only `queries` want
    answers.
    """

    token: int
    run: RunName
    kind: str
    attempt: int
    history: Sequence[HistoryEvent]
    updates: tuple[Request, ...] = ()
    queries: Mapping[str, WorkflowQuery] | None = None
    is_query_only: bool = False


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """What a workflow says to a question: a value, or why there is none."""

    success: Payloads | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class StepTaken:
    """What came of a step: the commands of one activation, a failed task among them, and answers.

    `completion` is None where only questions were asked. Its commands are those of the library, but
    for what the library's core does to them: what was asked for and called off in one step is not
    among them, the end of a workflow comes last, and a workflow that continues as new has its memo,
    its attributes and its retries with it. Their numbers are names in the history, each counted for
    itself from 1 in every run:

    - `start_timer.seq` is a timer's `timer_id`, in decimals; `cancel_timer.seq` is the same number.
    - `schedule_activity.seq` is what `request_cancel_activity.seq` means, and nothing else; in the
      history stand the command's `activity_id` and the id of the ActivityTaskScheduled event.
    - `start_child_workflow_execution.seq` is what `cancel_child_workflow_execution` means by
      `child_workflow_seq`; in the history stand the `workflow_id` and the id of the
      StartChildWorkflowExecutionInitiated event. Such a cancel stands there as a
      RequestCancelExternalWorkflowExecutionInitiated.
    - `update_response.protocol_instance_id` is the update's own id. `accepted` is an event, and so
      is a `completed` or a `rejected` behind it; a `rejected` that was never accepted is none.
    - `set_patch_marker` is a MarkerRecorded `core_patch`; its `patch-data` is {"id", "deprecated"}.

    The events stand in the order of the commands, behind WorkflowTaskCompleted, whose
    `sdk_metadata.lang_used_flags` are the completion's `used_internal_flags`.
    """

    completion: WorkflowActivationCompletion | None
    answers: Mapping[str, QueryAnswer]


@dataclass(frozen=True, slots=True)
class ActivityDone:
    """An attempt has come to its end."""

    result: Payloads | None


@dataclass(frozen=True, slots=True)
class ActivityFailed:
    """An attempt has failed; a cancelled one says so in its failure."""

    failure: Failure


ActivityEnd = ActivityDone | ActivityFailed


class TaskGoneError(Exception):
    """Nobody waits for this any more: timed out, given to somebody else, or over."""


class EngineGoneError(Exception):
    """The engine can't be reached, or was restarted while one waited for it."""


class TaskSource(Protocol):
    """What a worker speaks to. Every call takes its time on the wire, and may raise
    EngineGoneError; whoever answers too late hears TaskGoneError.

    A worker that is told to stop cancels its poll. What is on its way to it then is not lost: it
    goes to somebody else, as if it had never left.
    """

    async def poll_workflow_task(self, queue: str, identity: str) -> WorkflowTask:
        """Wait for a step; those of a run that this identity has taken before come here first, for
        as long as the run is said to be `kept`.
        """

    async def complete_workflow_task(self, token: int, step: StepTaken) -> None:
        """Hand in what came of it."""

    async def poll_activity_task(self, queue: str, identity: str) -> PollActivityTaskQueueResponse:
        """Wait for an attempt; its `task_token` names it from now on."""

    async def heartbeat(self, token: bytes, details: Payloads | None) -> bool:
        """Give a sign of life; whether the attempt is asked to stop."""

    async def complete_activity_task(self, token: bytes, end: ActivityEnd) -> None:
        """Hand in what came of it."""

    def forgets(self, identity: str, run: RunName) -> None:
        """This identity has the run in memory no more: its next step is anybody's."""
