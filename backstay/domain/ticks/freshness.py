"""Who has not heard a good tick for too long.

    Fresh --10 s without a good tick--> Stale --a good tick--> Fresh

Owns the last sign of life of one watch, and that silence is told once, and so is its end. Bad ticks
are silence: a watch that can't decide anything has to be known of. While no ticks are due, because
the market is closed or halted, the silence does not grow.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

SILENCE_MAX = timedelta(seconds=10)


class FreshnessDecision(StrEnum):
    """What follows from a tick or from silence."""

    NOTHING = "nothing"
    ALERT = "alert"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Fresh:
    """Silent since `silent_since`: the last good tick, or when ticks were last not due."""

    silent_since: datetime
    last_tick_at: datetime | None = None
    kind: Literal["fresh"] = "fresh"


@dataclass(frozen=True, slots=True)
class Stale:
    """Silent for too long, which was told at `told_at`."""

    silent_since: datetime
    told_at: datetime
    last_tick_at: datetime | None = None
    kind: Literal["stale"] = "stale"


Freshness = Annotated[Fresh | Stale, Field(discriminator="kind")]


def begin(now: datetime) -> Fresh:
    """The state of a watch of which no tick has come yet."""
    return Fresh(now)


def on_good_tick(state: Fresh | Stale, now: datetime) -> tuple[Fresh, FreshnessDecision]:
    """What a good tick does: it ends any silence."""
    decision = (
        FreshnessDecision.RECOVERED if isinstance(state, Stale) else FreshnessDecision.NOTHING
    )
    return Fresh(now, now), decision


def on_time(
    state: Fresh | Stale, ticks_are_due: bool, now: datetime
) -> tuple[Fresh | Stale, FreshnessDecision]:
    """What the passing of time does to a watch that hears nothing."""
    if isinstance(state, Stale):
        return state, FreshnessDecision.NOTHING
    if not ticks_are_due:
        return Fresh(max(state.silent_since, now), state.last_tick_at), FreshnessDecision.NOTHING
    if now - state.silent_since < SILENCE_MAX:
        return state, FreshnessDecision.NOTHING
    return Stale(state.silent_since, now, state.last_tick_at), FreshnessDecision.ALERT
