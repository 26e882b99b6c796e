"""What a server hands out to a worker after a crash, at each point of a history.

A history is cut after an event. What a worker then gets is no bare prefix, and the library can't go
on from one: the server has a task for it, which has been scheduled and started.

- What came from outside, an activity's end or a signal, is followed by such a task: its own, if
  that came next.
- A task that was scheduled is started.
- A completed task and everything that it commands are one transaction, so no history ends inside of
  it. The worker that died there has never answered: its task has timed out, and there is another.
- After the whole transaction a worker gets a task without news.
- A workflow that is over is handed out as it is.

Where two cuts come to the same, it is handed out once.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

_SCHEDULED = EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED
_STARTED = EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
_COMPLETED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
_TIMED_OUT = EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT

_ATTRIBUTES = {
    _SCHEDULED: "workflow_task_scheduled_event_attributes",
    _STARTED: "workflow_task_started_event_attributes",
    _TIMED_OUT: "workflow_task_timed_out_event_attributes",
}

_COMMANDED = frozenset(
    {
        EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_MARKER_RECORDED,
        EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
        EventType.EVENT_TYPE_TIMER_CANCELED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
    }
)
"""What only a worker's answer brings about."""

_ENDS = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    }
)


def handed_out(history: WorkflowHistory) -> Iterator[WorkflowHistory]:
    """What a worker gets after a crash behind each event of the history, the last one included."""
    before: list[HistoryEvent] = []
    for cut in range(1, len(history.events) + 1):
        events = _handed_out(history.events, cut)
        if events != before:
            yield WorkflowHistory(history.workflow_id, events)
        before = events


def _handed_out(events: Sequence[HistoryEvent], cut: int) -> list[HistoryEvent]:
    prefix = list(events[:cut])
    if prefix[-1].event_type in _ENDS:
        return prefix
    if cut < len(events) and events[cut].event_type in _COMMANDED:
        while prefix[-1].event_type != _STARTED:
            prefix.pop()
        _append_timeout(prefix)
    else:
        prefix.extend(takewhile(_is_of_a_task_to_come, events[cut:]))
    if prefix[-1].event_type == _STARTED:
        return prefix
    pending = _pending_task(prefix)
    if pending is None:
        pending = _append(prefix, _SCHEDULED).event_id
    _append(prefix, _STARTED).workflow_task_started_event_attributes.scheduled_event_id = pending
    return prefix


def _is_of_a_task_to_come(event: HistoryEvent) -> bool:
    return event.event_type in (_SCHEDULED, _STARTED)


def _pending_task(prefix: Sequence[HistoryEvent]) -> int | None:
    """The task that was scheduled and not started."""
    for event in reversed(prefix):
        if event.event_type == _SCHEDULED:
            return event.event_id
        if event.event_type in (_STARTED, _COMPLETED, _TIMED_OUT):
            return None
    return None


def _append_timeout(prefix: list[HistoryEvent]) -> None:
    started = prefix[-1]
    scheduled_id = started.workflow_task_started_event_attributes.scheduled_event_id
    attributes = _append(prefix, _TIMED_OUT).workflow_task_timed_out_event_attributes
    attributes.scheduled_event_id = scheduled_id
    attributes.started_event_id = started.event_id


def _append(prefix: list[HistoryEvent], kind: EventType.ValueType) -> HistoryEvent:
    before = prefix[-1]
    event = HistoryEvent(event_id=before.event_id + 1, event_type=kind)
    event.event_time.CopyFrom(before.event_time)
    getattr(event, _ATTRIBUTES[kind]).SetInParent()
    prefix.append(event)
    return event
