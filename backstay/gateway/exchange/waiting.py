"""Why an order doesn't work now, and what its status says of that."""

from dataclasses import dataclass
from enum import StrEnum

from backstay.gateway.values.state import Status


class Wait(StrEnum):
    """What an order waits for."""

    TRANSMIT = "transmit"
    PARENT = "parent"
    TIME = "time"
    LOCATE = "locate"
    TRIGGER = "trigger"
    HOURS = "hours"


WHY_HELD = {Wait.PARENT: "child", Wait.LOCATE: "locate", Wait.TRIGGER: "trigger"}
"""IB's words in an order's status; the other reasons have none."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What stands between an order and the market, each by itself."""

    is_parked: bool
    sleeps_as_child: bool
    is_early: bool
    needs_locate: bool
    needs_trigger: bool
    is_outside_hours: bool


def wait_of(situation: Situation) -> Wait | None:
    """What it waits for first; None if it can work."""
    reasons = (
        (situation.is_parked, Wait.TRANSMIT),
        (situation.sleeps_as_child, Wait.PARENT),
        (situation.is_early, Wait.TIME),
        (situation.needs_locate, Wait.LOCATE),
        (situation.needs_trigger, Wait.TRIGGER),
        (situation.is_outside_hours, Wait.HOURS),
    )
    return next((wait for holds, wait in reasons if holds), None)


def status_of(before: Status, wait: Wait | None) -> Status:
    """The status of a living order; it never moves back to waiting."""
    if before in {Status.SUBMITTED, Status.PENDING_CANCEL}:
        return before
    if wait is None:
        return Status.SUBMITTED
    return Status.PENDING_SUBMIT if wait is Wait.TRANSMIT else Status.PRE_SUBMITTED
