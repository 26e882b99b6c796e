"""Whether the data can be trusted at all.

    Doubted --no doubt left, then a good tick--> Confirmed --any doubt--> Doubted

Owns the gate that new entries pass: they halt on any doubt about the data, and go on only when it
is *confirmed* good, by every condition at once and a good tick after the last doubt. Without any
report, at the start, the data is in doubt. Exits do not ask here: they stay possible.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.ticks.quotes import Feed


class Doubt(StrEnum):
    """What speaks against the data of one instrument."""

    NOT_CONNECTED = "not connected"
    NOT_SUBSCRIBED = "not subscribed"
    TOO_MANY_LINES = "more market data lines than allowed"
    NOT_REAL_TIME = "not real-time"
    NO_REPORT_YET = "no report yet"
    NO_TICK_YET = "no good tick yet"


class FeedDecision(StrEnum):
    """What follows for new entries."""

    NOTHING = "nothing"
    HALT_ENTRIES = "halt entries"
    ALLOW_ENTRIES = "allow entries"


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What the edge knows of the data of one instrument."""

    is_connected: bool
    is_subscribed: bool
    lines_used: int
    lines_max: int
    feed: Feed


@dataclass(frozen=True, slots=True)
class Doubted:
    """Not good, or not confirmed yet; `doubted_at` is when it was last seen to be wrong."""

    since: datetime
    doubted_at: datetime
    doubts: tuple[Doubt, ...]
    kind: Literal["doubted"] = "doubted"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Good: this is what "a live feed" means wherever a rule asks for one."""

    since: datetime
    kind: Literal["confirmed"] = "confirmed"


FeedState = Annotated[Doubted | Confirmed, Field(discriminator="kind")]


def doubts_about(report: FeedReport) -> tuple[Doubt, ...]:
    """Everything that the report has against the data, in the order in which one would look."""
    checks = (
        (report.is_connected, Doubt.NOT_CONNECTED),
        (report.is_subscribed, Doubt.NOT_SUBSCRIBED),
        (report.lines_used <= report.lines_max, Doubt.TOO_MANY_LINES),
        (report.feed is Feed.REAL_TIME, Doubt.NOT_REAL_TIME),
    )
    return tuple(doubt for is_good, doubt in checks if not is_good)


def begin(now: datetime) -> Doubted:
    """The state before anything is known."""
    return Doubted(now, now, (Doubt.NO_REPORT_YET,))


def on_report(
    state: Doubted | Confirmed, report: FeedReport, now: datetime
) -> tuple[Doubted | Confirmed, FeedDecision]:
    """What a report does: it can raise doubts or still them, and never confirms by itself."""
    doubts = doubts_about(report)
    if isinstance(state, Doubted):
        if not doubts:
            return replace(state, doubts=(Doubt.NO_TICK_YET,)), FeedDecision.NOTHING
        return Doubted(state.since, now, doubts), FeedDecision.NOTHING
    if doubts:
        return Doubted(now, now, doubts), FeedDecision.HALT_ENTRIES
    return state, FeedDecision.NOTHING


def on_good_tick(
    state: Doubted | Confirmed, happened_at: datetime, now: datetime
) -> tuple[Doubted | Confirmed, FeedDecision]:
    """What a good tick does: if it happened after the last doubt, and no other is left, it
    confirms.
    """
    if isinstance(state, Confirmed) or state.doubts != (Doubt.NO_TICK_YET,):
        return state, FeedDecision.NOTHING
    if happened_at <= state.doubted_at:
        return state, FeedDecision.NOTHING
    return Confirmed(now), FeedDecision.ALLOW_ENTRIES
