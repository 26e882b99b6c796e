"""Why an order doesn't work now, and what its status says of that."""

from enum import StrEnum

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


def status_of(before: Status, wait: Wait | None) -> Status:
    """The status of a living order; it never moves back to waiting."""
    if before in {Status.SUBMITTED, Status.PENDING_CANCEL}:
        return before
    if wait is None:
        return Status.SUBMITTED
    return Status.PENDING_SUBMIT if wait is Wait.TRANSMIT else Status.PRE_SUBMITTED
