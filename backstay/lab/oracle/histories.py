"""What an event of a history says that a law wants to know: one reading for all of them.

Approvals, calls and results are read as plain JSON. None of the house's own types are asked what
they mean, so a mistake in them is not made here once more.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from backstay.lab.oracle.references import Reference

STATE = "BackstayState"
_CLOSED = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "completed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "failed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: "timed out",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: "canceled",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: "terminated",
}
_SETTLE = "settle"
_SAYS_NO_ORDERS = frozenset({"prospect", "admit", "preflight"})
"""Calls that ask, and let nothing leave."""

Approval = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """An activity was asked for, or a child was: `name` says which, `asked` what it was given."""

    name: str
    asked: Any
    approvals: tuple[Any, ...]
    number: int = 0
    """Under which its answer comes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A call was answered; with what is read only if somebody asks."""

    number: int
    data: bytes

    @property
    def told(self) -> Any:
        """What was answered."""
        return json.loads(self.data) if self.data else None


@dataclass(frozen=True, slots=True)
class Began:
    """A workflow has begun."""

    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A trade shows this state."""

    state: str


@dataclass(frozen=True, slots=True)
class Wished:
    """A workflow has taken up what somebody has asked of it."""

    name: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A workflow is over: how, with what, and if it failed, of what type."""

    status: str
    result: Any
    failure: str


@dataclass(frozen=True, slots=True)
class StepFailed:
    """A step of a workflow has failed, and is tried again."""

    text: str


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step of a workflow has succeeded."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What a trade that is over says of itself; `booked` is what each of its orders has filled. Its
    profit is None where it says that it does not know it.
    """

    trade: str
    con_id: int
    profit: Decimal | None
    booked: Mapping[str, Decimal]


Event = Call | Settled | Answer | Began | Marked | Wished | Closed | StepFailed | StepDone


def read(event: HistoryEvent) -> Event | None:
    """What a law wants to know of it, if anything."""
    reading = _READINGS.get(event.event_type)
    return reading(event) if reading is not None else None


def _scheduled(event: HistoryEvent) -> Call | Settled | None:
    attributes = event.activity_task_scheduled_event_attributes
    name = attributes.activity_type.name
    if name == _SETTLE:
        return settled(json.loads(attributes.input.payloads[0].data))
    return None if name in _SAYS_NO_ORDERS else _call(name, attributes.input, event.event_id)


def _answered(event: HistoryEvent) -> Answer:
    attributes = event.activity_task_completed_event_attributes
    payloads = attributes.result.payloads
    return Answer(attributes.scheduled_event_id, payloads[0].data if payloads else b"")


def _child(event: HistoryEvent) -> Call:
    attributes = event.start_child_workflow_execution_initiated_event_attributes
    return _call(attributes.workflow_type.name, attributes.input)


def _call(name: str, asked: Payloads, number: int = 0) -> Call:
    approvals: list[Approval] = []

    def notice(value: dict[str, Any]) -> dict[str, Any]:
        if value.get("kind") == "approved":
            approvals.append(value)
        return value

    data = json.loads(asked.payloads[0].data, object_hook=notice) if asked.payloads else None
    return Call(name, data, tuple(approvals), number)


def _started(event: HistoryEvent) -> Began:
    attributes = event.workflow_execution_started_event_attributes
    fields = attributes.search_attributes.indexed_fields
    state = json.loads(fields[STATE].data) if STATE in fields else ""
    return Began(attributes.workflow_type.name, state)


def _marked(event: HistoryEvent) -> Marked | None:
    fields = event.upsert_workflow_search_attributes_event_attributes.search_attributes
    mark = fields.indexed_fields.get(STATE)
    return None if mark is None else Marked(json.loads(mark.data))


def _wished(event: HistoryEvent) -> Wished:
    attributes = event.workflow_execution_update_accepted_event_attributes
    return Wished(attributes.accepted_request.input.name)


def _closed(event: HistoryEvent) -> Closed:
    status, result, failure = _CLOSED[event.event_type], None, ""
    if status == "completed":
        payloads = event.workflow_execution_completed_event_attributes.result.payloads
        if payloads and payloads[0].data:
            result = json.loads(payloads[0].data)
    elif status == "failed":
        failed = event.workflow_execution_failed_event_attributes.failure
        failure = failed.application_failure_info.type or failed.message
    return Closed(status, result, failure)


def _step_failed(event: HistoryEvent) -> StepFailed:
    return StepFailed(event.workflow_task_failed_event_attributes.failure.message)


_READINGS: dict[int, Callable[[HistoryEvent], Event | None]] = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: _scheduled,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: _answered,
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: _child,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: _started,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: _marked,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: _wished,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED: _step_failed,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED: lambda _: StepDone(),
    **dict.fromkeys(_CLOSED, _closed),
}


def settled(result: Any) -> Settled | None:
    """What stands in a result, or in what is to be booked, if that is a settlement."""
    if not isinstance(result, dict) or not {"trade", "state", "orders"} <= result.keys():
        return None
    booked = {_ref(order["key"]): Decimal(order["filled"]) for order in result["orders"]}
    profit = None if result["profit"] is None else Decimal(result["profit"])
    return Settled(result["trade"], result["con_id"], profit, booked)


def _ref(key: Mapping[str, Any]) -> str:
    return str(Reference(key["trade"], key["leg"], key["purpose"], key["generation"]))
