"""Where one activation of a workflow ends in its history, and the next one begins.

Owns what the library's core decides there: a step that failed or timed out ends nothing; nor does
one that came to nothing and was followed by another at once; a step in which an update was accepted
always does, for the update belongs to what the workflow saw then.
"""

from collections.abc import Sequence

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

STARTED = EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
SCHEDULED = EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED
COMPLETED = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
ACCEPTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED

COMMANDED = frozenset(
    {
        ACCEPTED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_MARKER_RECORDED,
        EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
        EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED,
        EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
        EventType.EVENT_TYPE_TIMER_CANCELED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_REJECTED,
        EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
    }
)
"""What only a workflow's own commands bring about."""

ENDS = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
    }
)

_CAME_TO_NOTHING = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
        EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    }
)


def end_of_stretch(history: Sequence[HistoryEvent], begin: int) -> int:
    """The place behind the stretch that begins at `begin`; places count from 0. What is left over
    behind the last step is a stretch, too.
    """
    saw_command = saw_any = False
    steps: list[int] = []
    last = len(history) - 1
    for place in range(begin, len(history)):
        kind = history[place].event_type
        if kind in ENDS:
            return place + 1
        if kind in COMMANDED:
            saw_command = saw_any = True
        elif kind == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
            saw_any = True
        if kind != STARTED or place == last:
            continue
        following = history[place + 1].event_type
        if following in _CAME_TO_NOTHING:
            continue
        steps.append(place)
        if following == COMPLETED and place + 1 < last:
            behind = history[place + 2]
            if saw_command or behind.event_type != SCHEDULED:
                return _sequenced(behind, steps) + 1
        elif saw_any:
            return place + 1
    return len(history)


def _sequenced(behind: HistoryEvent, steps: Sequence[int]) -> int:
    """Where the step stands that an update behind it belongs to: the last one before its place in
    the order of things.
    """
    if behind.event_type != ACCEPTED:
        return steps[-1]
    accepted = behind.workflow_execution_update_accepted_event_attributes
    order = accepted.accepted_request_sequencing_event_id
    return next((place for place in reversed(steps) if place + 1 < order), steps[-1])
