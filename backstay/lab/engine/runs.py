"""What the engine keeps of one run of a workflow: its history, and everything that is under way.

Plain working memory. Who changes it, and by which rules, is for the modules beside this one. All of
it lasts across a restart of the engine, but for updates that no workflow has accepted yet.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from typing import overload

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import WorkflowExecutionStatus
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import (
    ActivityTaskScheduledEventAttributes,
    HistoryEvent,
    StartChildWorkflowExecutionInitiatedEventAttributes,
    WorkflowExecutionStartedEventAttributes,
)
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.sdk.v1 import UserMetadata
from temporalio.api.update.v1 import Outcome, Request
from temporalio.bridge.proto.child_workflow import ChildWorkflowCancellationType
from temporalio.bridge.proto.workflow_commands import ActivityCancellationType

from backstay.gateway.times import SECOND_NS
from backstay.lab.engine.alarms import Alarm
from backstay.lab.engine.tasks import RunName
from backstay.lab.engine.wires import Call

RUNNING = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING
CONTINUED = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW


class Prefix(Sequence[HistoryEvent]):
    """The beginning of a history that goes on growing."""

    __slots__ = ("_events", "_length")

    def __init__(self, events: Sequence[HistoryEvent], length: int) -> None:
        self._events = events
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[HistoryEvent]:
        return islice(self._events, self._length)

    @overload
    def __getitem__(self, place: int) -> HistoryEvent: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[HistoryEvent]: ...
    def __getitem__(self, place: int | slice) -> HistoryEvent | Sequence[HistoryEvent]:
        if isinstance(place, slice):
            return self._events[slice(*place.indices(self._length))]
        if not -self._length <= place < self._length:
            raise IndexError(place)
        return self._events[place % self._length]


class Step:
    """One step of a workflow, from its being wanted to its end."""

    __slots__ = (
        "alarm",
        "attempt",
        "identity",
        "is_passing",
        "is_started",
        "is_written",
        "length",
        "questions",
        "scheduled_at_ns",
        "scheduled_id",
        "started_at_ns",
        "started_id",
        "suggests",
        "token",
        "wanted",
    )

    def __init__(self, token: int, attempt: int, at_ns: int, length: int, wanted: str) -> None:
        self.token = token
        self.attempt = attempt
        self.scheduled_at_ns = at_ns
        self.length = length
        """How long the history was."""
        self.wanted = wanted
        """Who has the run in memory; empty if anybody may take the step."""
        self.scheduled_id = 0
        self.started_id = 0
        self.started_at_ns = 0
        self.identity = ""
        self.is_started = False
        self.is_written = False
        """Whether its beginning stands in the history."""
        self.is_passing = False
        """Whether it is wanted for updates alone, so that it may leave no trace."""
        self.suggests = False
        self.questions: tuple[Question, ...] = ()
        self.alarm: Alarm | None = None


class Stand(StrEnum):
    """How far an attempt of an activity is."""

    WAITS = "waits"
    """Nobody has taken it up."""

    TAKEN = "taken"
    RESTS = "rests"
    """It has failed, and is tried again later."""


class Activity:
    """An activity that is not over."""

    __slots__ = (
        "alarm",
        "attempt",
        "attempt_at",
        "attempt_at_ns",
        "begun_at",
        "begun_at_ns",
        "cancel_id",
        "cancellation",
        "details",
        "due",
        "failure",
        "identity",
        "scheduled_id",
        "seq",
        "sign_at",
        "sign_at_ns",
        "stand",
        "taken_at",
        "taken_at_ns",
        "terms",
        "token",
    )

    def __init__(
        self,
        seq: int,
        event: HistoryEvent,
        cancellation: ActivityCancellationType.ValueType,
        at: float,
        at_ns: int,
    ) -> None:
        self.seq = seq
        self.scheduled_id = event.event_id
        self.terms: ActivityTaskScheduledEventAttributes = (
            event.activity_task_scheduled_event_attributes
        )
        self.cancellation = cancellation
        self.begun_at, self.begun_at_ns = at, at_ns
        self.attempt = 1
        self.attempt_at, self.attempt_at_ns = at, at_ns
        self.stand = Stand.WAITS
        self.identity = ""
        self.token = b""
        self.taken_at, self.taken_at_ns = 0.0, 0
        self.sign_at, self.sign_at_ns = 0.0, 0
        self.details: Payloads | None = None
        self.failure: Failure | None = None
        self.cancel_id = 0
        self.due = 0.0
        """When a rest is over."""
        self.alarm: Alarm | None = None


class Timer:
    """A timer of a workflow."""

    __slots__ = ("alarm", "started_id")

    def __init__(self, started_id: int) -> None:
        self.started_id = started_id
        self.alarm: Alarm | None = None


class Child:
    """A child that a workflow has asked for, and that is not over."""

    __slots__ = ("cancellation", "initiated_id", "run", "seq", "started_id", "terms")

    def __init__(
        self,
        seq: int,
        event: HistoryEvent,
        cancellation: ChildWorkflowCancellationType.ValueType,
    ) -> None:
        self.seq = seq
        self.initiated_id = event.event_id
        self.terms: StartChildWorkflowExecutionInitiatedEventAttributes = (
            event.start_child_workflow_execution_initiated_event_attributes
        )
        self.cancellation = cancellation
        self.started_id = 0
        self.run: Run | None = None


class Stage(StrEnum):
    """How far an update has come."""

    ADMITTED = "admitted"
    ACCEPTED = "accepted"
    DONE = "done"
    """Answered, or refused by its workflow."""


class Update:
    """Something asked of a workflow that will be answered."""

    __slots__ = (
        "accepted_id",
        "asked_as",
        "is_forgotten",
        "name",
        "outcome",
        "request",
        "sent",
        "stage",
        "waiting",
    )

    def __init__(self, name: str, asked_as: str, request: Request) -> None:
        self.name = name
        self.asked_as = asked_as
        """What the caller calls it, who draws that name."""
        self.request = request
        self.stage = Stage.ADMITTED
        self.sent = 0
        """The token of the step that it was handed out with."""
        self.is_forgotten = False
        """Whether the engine was restarted meanwhile."""
        self.accepted_id = 0
        self.outcome: Outcome | None = None
        self.waiting: list[tuple[Call, Stage]] = []


class Question:
    """A query."""

    __slots__ = ("call", "name", "query")

    def __init__(self, name: str, query: WorkflowQuery, call: Call) -> None:
        self.name = name
        self.query = query
        self.call = call


class Parent:
    """Whose child a run is."""

    __slots__ = ("initiated_id", "run")

    def __init__(self, run: "Run", initiated_id: int) -> None:
        self.run = run
        self.initiated_id = initiated_id


class Run:
    """One run."""

    def __init__(
        self,
        name: RunName,
        begun: WorkflowExecutionStartedEventAttributes,
        metadata: UserMetadata | None,
        parent: Parent | None,
        at_ns: int,
    ) -> None:
        self.name = name
        self.begun = begun
        self.kind = begun.workflow_type.name
        self.queue = begun.task_queue.name
        self.step_seconds = seconds_of(begun.workflow_task_timeout)
        self.metadata = metadata
        self.parent = parent
        self.begun_at_ns = at_ns
        self.closed_at_ns = 0
        self.status = RUNNING
        self.history: list[HistoryEvent] = []
        self.buffered: list[HistoryEvent] = []
        """What has happened while a step was under way."""
        self.settled = 0
        """How long the history was when the last step was over that was completed."""
        self.step: Step | None = None
        self.attempt = 1
        self.loyalty = ""
        """Who has it in memory."""
        self.memo: dict[str, Payload] = dict(begun.memo.fields)
        self.attributes: dict[str, Payload] = dict(begun.search_attributes.indexed_fields)
        self.listed: list[Listing] = []
        self.activities: dict[int, Activity] = {}
        self.activity_ids: dict[str, int] = {}
        self.activity_seqs: dict[int, int] = {}
        self.timers: dict[str, Timer] = {}
        self.children: dict[int, Child] = {}
        self.child_seqs: dict[int, int] = {}
        self.updates: dict[str, Update] = {}
        self.update_names: dict[str, str] = {}
        """What we call an update, by what its caller calls it."""
        self.questions: list[Question] = []
        self.heard_requests: dict[str, None] = {}
        self.is_cancel_requested = False
        self.alarm: Alarm | None = None
        self.when_closed: list[Callable[[], None]] = []

    @property
    def is_closed(self) -> bool:
        """Whether it has come to its end."""
        return self.status != RUNNING

    @property
    def is_stepping(self) -> bool:
        """Whether somebody takes a step of it."""
        return self.step is not None and self.step.is_started


class Listing:
    """How a run is listed from some moment on."""

    __slots__ = ("at", "attributes", "status")

    def __init__(
        self,
        at: float,
        status: WorkflowExecutionStatus.ValueType,
        attributes: Mapping[str, Payload],
    ) -> None:
        self.at = at
        self.status = status
        self.attributes = attributes


def seconds_of(duration: Duration) -> float:
    """How long that is; what is not set is 0."""
    return duration.seconds + duration.nanos / SECOND_NS


def duration_of(seconds: float) -> Duration:
    """The same the other way round."""
    return Duration(seconds=int(seconds), nanos=round(seconds % 1 * SECOND_NS))


def stamp_of(time_ns: int) -> Timestamp:
    """A date as the engine writes it."""
    return Timestamp(seconds=time_ns // SECOND_NS, nanos=time_ns % SECOND_NS)
