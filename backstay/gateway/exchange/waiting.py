"""Why an order doesn't work now, and what its status says of that."""

from dataclasses import replace
from enum import StrEnum

from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.state import Status


class Wait(StrEnum):
    """What an order waits for; the first of them counts, in this sequence."""

    TRANSMIT = "transmit"
    PARENT = "parent"
    TIME = "time"
    LOCATE = "locate"
    TRIGGER = "trigger"
    HOURS = "hours"


WHY_HELD = {Wait.PARENT: "child", Wait.LOCATE: "locate", Wait.TRIGGER: "trigger"}
"""IB's words in an order's status; the other reasons have none."""


def placed(held: HeldOrder, wait: Wait | None, now_ns: int) -> HeldOrder:
    """The order with the status that its situation gives it; itself if it has it already."""
    status = _status_of(held.status, wait)
    why_held = WHY_HELD.get(wait, "") if wait and status is Status.PRE_SUBMITTED else ""
    if (status, why_held) == (held.status, held.why_held):
        return held
    return replace(held, status=status, why_held=why_held, changed_ns=now_ns)


def _status_of(before: Status, wait: Wait | None) -> Status:
    """The status of a living order; it never moves back to waiting."""
    if before in {Status.SUBMITTED, Status.PENDING_CANCEL}:
        return before
    if wait is None:
        return Status.SUBMITTED
    return Status.PENDING_SUBMIT if wait is Wait.TRANSMIT else Status.PRE_SUBMITTED
