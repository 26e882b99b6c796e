"""What has to be true before trading goes on after a kill.

Owns the conditions: half an hour, the next trading day, verified positions, a documented reason, a
named person and the whole pre-flight list. All of them are looked at each time and every missing
one is named, so that nobody learns of them one by one. What was checked counts on the day it was
checked. Nothing here remembers how long it has been running: a restart shortens nothing.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.checks import check_utc

RESUME_WAIT = timedelta(minutes=30)


class Condition(StrEnum):
    """What resuming takes."""

    WAITED = "waited"
    NEXT_TRADING_DAY = "next trading day"
    POSITIONS_VERIFIED = "positions verified"
    REASON_DOCUMENTED = "reason documented"
    PERSON_NAMED = "person named"
    PREFLIGHT_PASSED = "preflight passed"


class Preflight(StrEnum):
    """The list that is gone through before the first order of the day."""

    CONNECTION = "connection"
    ACCOUNT = "account"
    ORDERS = "orders"
    PROTECTION = "protection"
    MARKET_DATA = "market data"
    LIMITS = "limits"
    CLOCK = "clock"
    NOTIFICATIONS = "notifications"
    KILL_SWITCH = "kill switch"
    INCIDENTS = "incidents"


PREFLIGHT_QUESTIONS = {
    Preflight.CONNECTION: "Is the broker's session up, and has every start-up request answered?",
    Preflight.ACCOUNT: "Does the gateway report the account, paper or live, that is configured?",
    Preflight.ORDERS: "Is every open order at the broker known here, and the other way round?",
    Preflight.PROTECTION: "Has every open position a live stop of its size?",
    Preflight.MARKET_DATA: "Is the market data real-time, with lines to spare?",
    Preflight.LIMITS: "Are all limits set, and do they say what is meant for today?",
    Preflight.CLOCK: "Is broker time known, with a small error?",
    Preflight.NOTIFICATIONS: "Has a test notification reached a person?",
    Preflight.KILL_SWITCH: "Does the edge answer with the kill epoch that is recorded?",
    Preflight.INCIDENTS: "Is no incident open that puts capital at risk?",
}


@dataclass(frozen=True, slots=True)
class PositionReview:
    """The positions were compared with the broker's; `differences` counts what did not agree."""

    by: str
    day: date
    differences: int


@dataclass(frozen=True, slots=True)
class PreflightResult:
    """One item of the list was looked at on a trading day."""

    item: Preflight
    passed: bool
    by: str
    day: date


@dataclass(frozen=True, slots=True)
class Resumption:
    """What has been done towards resuming after one kill; a new kill begins a new one."""

    epoch: int
    killed_at: datetime
    killed_day: date
    person: str = ""
    reason: str = ""
    review: PositionReview | None = None
    preflight: tuple[PreflightResult, ...] = ()

    def __post_init__(self) -> None:
        check_utc("the kill", self.killed_at)

    def with_result(self, result: PreflightResult) -> "Resumption":
        """With one item of the list looked at; the last look counts."""
        others = tuple(other for other in self.preflight if other.item is not result.item)
        return replace(self, preflight=(*others, result))


@dataclass(frozen=True, slots=True)
class Missing:
    """One condition that is not met, and why."""

    condition: Condition
    text: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """Trading may go on from this epoch, on this person's word."""

    epoch: int
    person: str
    kind: Literal["allowed"] = "allowed"


@dataclass(frozen=True, slots=True)
class NotYet:
    """Trading may not go on; here is all that is missing."""

    missing: tuple[Missing, ...]
    kind: Literal["not yet"] = "not yet"


ResumeVerdict = Annotated[Allowed | NotYet, Field(discriminator="kind")]


def may_resume(resumption: Resumption, now: datetime, trading_day: date | None) -> ResumeVerdict:
    """Whether trading may go on now; `trading_day` is None when no calendar can tell it."""
    complaints = (
        (Condition.WAITED, _not_waited(resumption, now)),
        (Condition.NEXT_TRADING_DAY, _same_day(resumption, trading_day)),
        (Condition.POSITIONS_VERIFIED, _unverified(resumption.review, trading_day)),
        (Condition.REASON_DOCUMENTED, _blank(resumption.reason, "the reason of the kill")),
        (Condition.PERSON_NAMED, _blank(resumption.person, "the person who resumes")),
        (Condition.PREFLIGHT_PASSED, _preflight_gaps(resumption.preflight, trading_day)),
    )
    missing = tuple(Missing(condition, text) for condition, text in complaints if text)
    return NotYet(missing) if missing else Allowed(resumption.epoch, resumption.person.strip())


def _not_waited(resumption: Resumption, now: datetime) -> str:
    until = resumption.killed_at + RESUME_WAIT
    return "" if now >= until else f"wait until {until:%Y-%m-%d %H:%M:%S} UTC"


def _same_day(resumption: Resumption, trading_day: date | None) -> str:
    if trading_day is None:
        return "no calendar tells which trading day it is"
    if trading_day <= resumption.killed_day:
        return f"wait for the first trading day after {resumption.killed_day}"
    return ""


def _unverified(review: PositionReview | None, trading_day: date | None) -> str:
    if review is None:
        return "compare the positions with the broker's"
    if review.day != trading_day:
        return f"the positions were compared on {review.day}; compare them again today"
    if review.differences:
        return f"positions that differ from the broker's: {review.differences}"
    return ""


def _blank(text: str, what: str) -> str:
    return "" if text.strip() else f"{what} is not written down"


def _preflight_gaps(results: tuple[PreflightResult, ...], trading_day: date | None) -> str:
    passed = {result.item for result in results if result.passed and result.day == trading_day}
    gaps = [item.value for item in Preflight if item not in passed]
    return f"not passed today: {', '.join(gaps)}" if gaps else ""
