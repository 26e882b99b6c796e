"""How an event gets into a history: its number, its time, and when it has to wait.

What happens while a step is under way is written down once the step is over, behind what came of
it; the ends of activities and children then stand behind everything else. Owns that, and nothing of
what an event means.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from temporalio.api.enums.v1 import EventType, WorkflowExecutionStatus
from temporalio.api.history.v1 import HistoryEvent

from backstay.lab.engine.runs import Listing, Run, stamp_of
from backstay.lab.engine.tasks import RunName

Kind: TypeAlias = "EventType.ValueType"
Told = Callable[[RunName, HistoryEvent], None]

ACTIVITY_ENDS = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: "activity_task_completed_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: "activity_task_failed_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: "activity_task_timed_out_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED: "activity_task_canceled_event_attributes",
}
CHILD_ENDS = {
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED: (
        "child_workflow_execution_completed_event_attributes"
    ),
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_FAILED: (
        "child_workflow_execution_failed_event_attributes"
    ),
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_CANCELED: (
        "child_workflow_execution_canceled_event_attributes"
    ),
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TIMED_OUT: (
        "child_workflow_execution_timed_out_event_attributes"
    ),
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_TERMINATED: (
        "child_workflow_execution_terminated_event_attributes"
    ),
}
_LAST = frozenset(ACTIVITY_ENDS) | frozenset(CHILD_ENDS)


class Histories:
    """Writes every history. `now_ns` is the clock of the engine's machine, which may be set."""

    def __init__(self, now_ns: Callable[[], int], now: Callable[[], float]) -> None:
        self.now_ns = now_ns
        self._now = now
        self.told: Told | None = None
        self._task_id = 0

    def write(self, run: Run, kind: Kind, at_ns: int | None = None, **parts: Any) -> HistoryEvent:
        """Write an event down now, as part of a step or as its frame."""
        event = self._event(kind, at_ns, parts)
        self._append(run, event)
        return event

    def happens(self, run: Run, kind: Kind, at_ns: int | None = None, **parts: Any) -> HistoryEvent:
        """Write down what happens beside the steps; it has no number yet if it has to wait."""
        event = self._event(kind, at_ns, parts)
        if run.is_stepping:
            run.buffered.append(event)
        else:
            self._append(run, event)
        return event

    def release(self, run: Run) -> bool:
        """Write down what has waited; whether anything has."""
        if not run.buffered:
            return False
        waited, run.buffered = run.buffered, []
        begun: dict[int, int] = {}
        waited.sort(key=lambda event: event.event_type in _LAST)
        for event in waited:
            _complete(event, begun)
            self._append(run, event)
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
                begun[event.activity_task_started_event_attributes.scheduled_event_id] = (
                    event.event_id
                )
            elif event.event_type == EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
                started = event.child_workflow_execution_started_event_attributes
                begun[started.initiated_event_id] = event.event_id
        return True

    def lists(self, run: Run, status: WorkflowExecutionStatus.ValueType) -> None:
        """Have lists show it so from now on."""
        run.listed.append(Listing(self._now(), status, dict(run.attributes)))

    def _event(self, kind: Kind, at_ns: int | None, parts: dict[str, Any]) -> HistoryEvent:
        time = stamp_of(self.now_ns() if at_ns is None else at_ns)
        return HistoryEvent(event_time=time, event_type=kind, **parts)

    def _append(self, run: Run, event: HistoryEvent) -> None:
        self._task_id += 1
        event.event_id = len(run.history) + 1
        event.task_id = self._task_id
        run.history.append(event)
        if self.told is not None:
            self.told(run.name, event)


def _complete(event: HistoryEvent, begun: dict[int, int]) -> None:
    """Name the beginning, which has waited too, in an end."""
    kind = event.event_type
    if (end := ACTIVITY_ENDS.get(kind)) is not None:
        over: Any = getattr(event, end)
        if not over.started_event_id:
            over.started_event_id = begun.get(over.scheduled_event_id, 0)
    elif (end := CHILD_ENDS.get(kind)) is not None:
        over = getattr(event, end)
        if not over.started_event_id:
            over.started_event_id = begun.get(over.initiated_event_id, 0)
