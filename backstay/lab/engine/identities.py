"""What an event that a command has brought about is about: the two names by which it is known."""

import json
from collections.abc import Callable, Mapping

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

PATCH_ATTRIBUTE = "TemporalChangeVersion"
"""What the core notes of patches beside their markers; no workflow asks for it."""

_PATCH = "core_patch"
_UPSERTED = EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES

Names = tuple[str, str]
_NAMELESS: Names = ("", "")


def names_in(event: HistoryEvent) -> Names:
    """The key of what was asked for, and its kind; empty where the event has none."""
    read = _READERS.get(event.event_type)
    return _NAMELESS if read is None else read(event)


def is_beside_a_patch(event: HistoryEvent) -> bool:
    """Whether no workflow has asked for this."""
    if event.event_type != _UPSERTED:
        return False
    attributes = event.upsert_workflow_search_attributes_event_attributes
    return PATCH_ATTRIBUTE in attributes.search_attributes.indexed_fields


def patch_of(event: HistoryEvent) -> str | None:
    """The patch that a marker is about, if it is about one."""
    attributes = event.marker_recorded_event_attributes
    if attributes.marker_name != _PATCH:
        return None
    (payload,) = attributes.details["patch-data"].payloads
    name: str = json.loads(payload.data)["id"]
    return name


def _activity(event: HistoryEvent) -> Names:
    attributes = event.activity_task_scheduled_event_attributes
    return attributes.activity_id, attributes.activity_type.name


def _called_off_activity(event: HistoryEvent) -> Names:
    attributes = event.activity_task_cancel_requested_event_attributes
    return str(attributes.scheduled_event_id), ""


def _child(event: HistoryEvent) -> Names:
    attributes = event.start_child_workflow_execution_initiated_event_attributes
    return attributes.workflow_id, attributes.workflow_type.name


def _called_off_child(event: HistoryEvent) -> Names:
    attributes = event.request_cancel_external_workflow_execution_initiated_event_attributes
    return attributes.workflow_execution.workflow_id, ""


def _timer(event: HistoryEvent) -> Names:
    return event.timer_started_event_attributes.timer_id, ""


def _called_off_timer(event: HistoryEvent) -> Names:
    return event.timer_canceled_event_attributes.timer_id, ""


def _accepted_update(event: HistoryEvent) -> Names:
    return event.workflow_execution_update_accepted_event_attributes.protocol_instance_id, ""


def _completed_update(event: HistoryEvent) -> Names:
    return event.workflow_execution_update_completed_event_attributes.meta.update_id, ""


def _marker(event: HistoryEvent) -> Names:
    return patch_of(event) or event.marker_recorded_event_attributes.marker_name, ""


_READERS: Mapping[int, Callable[[HistoryEvent], Names]] = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED: _called_off_activity,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: _activity,
    EventType.EVENT_TYPE_MARKER_RECORDED: _marker,
    EventType.EVENT_TYPE_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: _called_off_child,
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: _child,
    EventType.EVENT_TYPE_TIMER_CANCELED: _called_off_timer,
    EventType.EVENT_TYPE_TIMER_STARTED: _timer,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: _accepted_update,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED: _completed_update,
}
