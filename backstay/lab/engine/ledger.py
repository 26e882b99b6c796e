"""What a run has asked for, in its order, held against what its history says of it.

Owns the comparison by which a workflow that decides otherwise than it once did is found, and who
waits for which event. What is called off in the same step in which it was asked for never was.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.child_workflow import ChildWorkflowCancellationType
from temporalio.bridge.proto.workflow_activation import WorkflowActivationJob
from temporalio.bridge.proto.workflow_commands import ActivityCancellationType, WorkflowCommand

from backstay.lab.engine.asked import Asked, Call, Child, Timer
from backstay.lab.engine.identities import is_beside_a_patch, names_in

Jobs = list[WorkflowActivationJob]
Told = WorkflowActivationJob | None
_Kind = TypeVar("_Kind", Timer, Call, Child)

_ACTIVITY_CALLED_OFF = EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED
_ACTIVITY_COMPLETED = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
_ACTIVITY_SCHEDULED = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
_CHILD_ASKED_FOR = EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED
_CHILD_CALLED_OFF = EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED
_MARKED = EventType.EVENT_TYPE_MARKER_RECORDED
_TIMER_CALLED_OFF = EventType.EVENT_TYPE_TIMER_CANCELED
_TIMER_STARTED = EventType.EVENT_TYPE_TIMER_STARTED
_UPDATE_ACCEPTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
_UPDATE_COMPLETED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED

_CHILD_GIVEN_UP_AT_ONCE = (
    ChildWorkflowCancellationType.ABANDON,
    ChildWorkflowCancellationType.TRY_CANCEL,
)

_PLAIN: Mapping[str, EventType.ValueType] = {
    "cancel_workflow_execution": EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
    "complete_workflow_execution": EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    "continue_as_new_workflow_execution": (
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
    ),
    "fail_workflow_execution": EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    "modify_workflow_properties": EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
    "upsert_workflow_search_attributes": EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
}

_ENDS_OF_CALLS: Mapping[int, Callable[[Call, HistoryEvent], WorkflowActivationJob]] = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED: Call.cancelled,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: Call.completed,
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: Call.failed,
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: Call.timed_out,
}

_ENDS_OF_CHILDREN: Mapping[int, Callable[[Child, HistoryEvent], WorkflowActivationJob]] = {
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED: lambda child, _: child.cancelled(),
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED: Child.completed,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED: Child.failed,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED: lambda child, _: child.terminated(),
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT: Child.timed_out,
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED: Child.not_started,
}


class NondeterminismError(Exception):
    """A workflow has decided otherwise than its history says."""


class _Wish:
    """A command on its way into the history."""

    __slots__ = ("asked", "command", "is_void", "key", "kind", "name")

    def __init__(
        self,
        command: WorkflowCommand,
        kind: EventType.ValueType | None,
        key: str = "",
        name: str = "",
        asked: Asked | None = None,
    ) -> None:
        self.command = command
        self.kind = kind
        self.key = key
        self.name = name
        self.asked = asked
        self.is_void: bool = False

    def __str__(self) -> str:
        kind = "nothing" if self.kind is None else EventType.Name(self.kind)
        return " ".join(filter(None, (kind, self.key, self.name)))


class Ledger:
    """The account of one run."""

    def __init__(self) -> None:
        self._expected: deque[_Wish] = deque()
        self._new: list[_Wish] = []
        self._timers: dict[int, Timer] = {}
        self._calls: dict[int, Call] = {}
        self._children: dict[int, Child] = {}
        self._updates: dict[str, str] = {}
        self._accepted: dict[str, None] = {}
        self._patches: dict[str, None] = {}
        self._recorded: dict[int, Asked] = {}

    def update_begins(self, instance_id: str, update_id: str) -> None:
        """The workflow is told of an update."""
        self._updates[instance_id] = update_id

    def wishes(self, commands: Sequence[WorkflowCommand]) -> Jobs:
        """Take down what a workflow wants; what it has to be told at once."""
        jobs: Jobs = []
        for command in commands:
            name = command.WhichOneof("variant")
            take = self._takers.get(name or "")
            if take is None:
                raise NotImplementedError(f"a workflow asks for {name}, which is not known here")
            jobs.extend(take(self, command))
        return jobs

    def close_step(self) -> list[WorkflowCommand]:
        """What is left of the wishes of this step: the history has to say the same."""
        new, self._new = self._new, []
        kept = [wish for wish in new if not wish.is_void]
        self._expected.extend(wish for wish in kept if wish.kind is not None)
        return [wish.command for wish in kept]

    def confirm(self, event: HistoryEvent) -> None:
        """An event that a command has brought about."""
        if is_beside_a_patch(event):
            return
        key, name = names_in(event)
        wish = self._expected.popleft() if self._expected else None
        if wish is None or (wish.kind, wish.key, wish.name) != (event.event_type, key, name):
            raise NondeterminismError(f"{_told(event)}, and the workflow asks {wish or 'nothing'}")
        if wish.asked is not None:
            wish.asked.event_id = event.event_id
            self._recorded[event.event_id] = wish.asked

    def nothing_is_left(self, event: HistoryEvent) -> None:
        """Whatever was asked for stands before this event."""
        if self._expected:
            text = f"the workflow asks {self._expected[0]}, and the history has none of it"
            raise NondeterminismError(f"before {_told(event)} {text}")

    @classmethod
    def hears(cls, event: HistoryEvent) -> bool:
        """Whether an event of this kind is about something that was asked for."""
        return event.event_type in cls._hearers

    def heard(self, event: HistoryEvent) -> Told:
        """What a workflow is told by an event about something that it has asked for."""
        return self._hearers[event.event_type](self, event)

    # --- commands ---

    def _start_timer(self, command: WorkflowCommand) -> Jobs:
        timer = Timer(command.start_timer)
        self._timers[timer.seq] = timer
        return self._wants(command, _TIMER_STARTED, str(timer.seq), asked=timer)

    def _cancel_timer(self, command: WorkflowCommand) -> Jobs:
        timer = self._timers.pop(command.cancel_timer.seq, None)
        if timer is None:
            return []
        if not timer.event_id:
            return self._unwish(timer)
        del self._recorded[timer.event_id]
        return self._wants(command, _TIMER_CALLED_OFF, str(timer.seq))

    def _schedule_activity(self, command: WorkflowCommand) -> Jobs:
        given = command.schedule_activity
        call = self._calls[given.seq] = Call(given)
        return self._wants(
            command, _ACTIVITY_SCHEDULED, given.activity_id, given.activity_type, call
        )

    def _cancel_activity(self, command: WorkflowCommand) -> Jobs:
        call = self._calls.get(command.request_cancel_activity.seq)
        if call is None or call.is_over:
            return []
        if not call.event_id:
            del self._calls[call.seq]
            return [*self._unwish(call), call.cancelled(None)]
        if not call.is_abandoned:
            self._wants(command, _ACTIVITY_CALLED_OFF, str(call.event_id))
        if call.cancellation == ActivityCancellationType.WAIT_CANCELLATION_COMPLETED:
            return []
        call.is_over = True
        return [call.cancelled(None)]

    def _start_child(self, command: WorkflowCommand) -> Jobs:
        given = command.start_child_workflow_execution
        child = self._children[given.seq] = Child(given)
        return self._wants(command, _CHILD_ASKED_FOR, given.workflow_id, given.workflow_type, child)

    def _cancel_child(self, command: WorkflowCommand) -> Jobs:
        given = command.cancel_child_workflow_execution
        child = self._children.get(given.child_workflow_seq)
        if child is None or child.is_over:
            return []
        if not child.event_id:
            del self._children[child.seq]
            return [*self._unwish(child), child.never_asked_for(given.reason)]
        how = child.cancellation
        if how != ChildWorkflowCancellationType.ABANDON:
            self._wants(command, _CHILD_CALLED_OFF, child.workflow_id)
        if how not in _CHILD_GIVEN_UP_AT_ONCE:
            return []
        child.is_over = True
        return [child.cancelled()]

    def _set_patch_marker(self, command: WorkflowCommand) -> Jobs:
        name = command.set_patch_marker.patch_id
        if name in self._patches:
            return []
        self._patches[name] = None
        return self._wants(command, _MARKED, name)

    def _update_response(self, command: WorkflowCommand) -> Jobs:
        given = command.update_response
        instance = given.protocol_instance_id
        if given.HasField("accepted"):
            self._accepted[instance] = None
            return self._wants(command, _UPDATE_ACCEPTED, instance)
        update_id = self._updates.pop(instance, "")
        if instance not in self._accepted:
            return self._wants(command, None)
        del self._accepted[instance]
        return self._wants(command, _UPDATE_COMPLETED, update_id)

    def _just_so(self, command: WorkflowCommand) -> Jobs:
        return self._wants(command, _PLAIN[command.WhichOneof("variant") or ""])

    def _wants(
        self,
        command: WorkflowCommand,
        kind: EventType.ValueType | None,
        key: str = "",
        name: str = "",
        asked: Asked | None = None,
    ) -> Jobs:
        self._new.append(_Wish(command, kind, key, name, asked))
        return []

    def _unwish(self, asked: Asked) -> Jobs:
        for wish in self._new:
            if wish.asked is asked:
                wish.is_void = True
        return []

    # --- what has come of it ---

    def _timer_fired(self, event: HistoryEvent) -> Told:
        started_id = event.timer_fired_event_attributes.started_event_id
        timer = self._closed(event, started_id, Timer)
        del self._timers[timer.seq]
        return timer.fired()

    def _call_ended(self, event: HistoryEvent) -> Told:
        attributes: Any = getattr(event, event.WhichOneof("attributes") or "")
        call = self._closed(event, attributes.scheduled_event_id, Call)
        del self._calls[call.seq]
        if not call.is_over:
            return _ENDS_OF_CALLS[event.event_type](call, event)
        if call.is_abandoned and event.event_type != _ACTIVITY_COMPLETED:
            # So does the core: it has no place for this, and the step fails for ever.
            raise NondeterminismError(f"{_told(event)}, of an activity that was abandoned")
        return None

    def _child_started(self, event: HistoryEvent) -> Told:
        attributes = event.child_workflow_execution_started_event_attributes
        child = self._of(event, attributes.initiated_event_id, Child)
        job = child.started(event)
        return None if child.is_over else job

    def _child_ended(self, event: HistoryEvent) -> Told:
        attributes: Any = getattr(event, event.WhichOneof("attributes") or "")
        child = self._closed(event, attributes.initiated_event_id, Child)
        del self._children[child.seq]
        return None if child.is_over else _ENDS_OF_CHILDREN[event.event_type](child, event)

    def _closed(self, event: HistoryEvent, event_id: int, kind: type[_Kind]) -> _Kind:
        asked = self._of(event, event_id, kind)
        del self._recorded[event_id]
        return asked

    def _of(self, event: HistoryEvent, event_id: int, kind: type[_Kind]) -> _Kind:
        asked = self._recorded.get(event_id)
        if not isinstance(asked, kind):
            raise NondeterminismError(f"{_told(event)}, about what nobody asked for at {event_id}")
        return asked

    _takers: ClassVar[Mapping[str, Callable[["Ledger", WorkflowCommand], Jobs]]] = {
        **dict.fromkeys(_PLAIN, _just_so),
        "cancel_child_workflow_execution": _cancel_child,
        "cancel_timer": _cancel_timer,
        "request_cancel_activity": _cancel_activity,
        "schedule_activity": _schedule_activity,
        "set_patch_marker": _set_patch_marker,
        "start_child_workflow_execution": _start_child,
        "start_timer": _start_timer,
        "update_response": _update_response,
    }

    _hearers: ClassVar[Mapping[int, Callable[["Ledger", HistoryEvent], Told]]] = {
        **dict.fromkeys(_ENDS_OF_CALLS, _call_ended),
        **dict.fromkeys(_ENDS_OF_CHILDREN, _child_ended),
        EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED: _child_started,
        EventType.EVENT_TYPE_TIMER_FIRED: _timer_fired,
    }


def _told(event: HistoryEvent) -> str:
    kind = EventType.Name(event.event_type)
    return " ".join(filter(None, (f"event {event.event_id} is {kind}", *names_in(event))))
