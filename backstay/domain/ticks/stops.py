"""When a stop is breached for good.

    Holding --deep enough--> Breached --n ticks, or 500 ms on a live feed--> Fired
       ^-------back----------'

Owns the confirmation of the engine's own, virtual stop. Where the stop stands is `trails`, and what
is sent is none of its business. Its invariant: it fires once, and never on a single price that the
next tick, or the market itself half a second later, denies.

IB sends changes only: after a gap no second tick may come. So a breach that still stands after a
while confirms itself, if the feed is live and the standing price is known and beyond the threshold.
What is not known confirms nothing, and does not take back what was seen either. For the same reason
a stop that is moved past the price that stands is breached at once, with no tick to count yet.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.ticks.levels import Crossing, check_breach, is_beyond, threshold
from backstay.domain.ticks.sources import GoodPrice


class StopDecision(StrEnum):
    """What follows from a tick or from time."""

    NOTHING = "nothing"
    LOOK_AGAIN = "look again"
    """A breach has begun: look once more at `look_again_at`."""

    RECOVERED = "recovered"
    FIRE = "fire"


class Confirmation(StrEnum):
    """What made a breach certain."""

    TICKS = "ticks"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class StopRule:
    """Fire on `confirm_ticks` ticks in a row, or after `stands_for`, deeper than `breach_pct`."""

    crossing: Crossing
    breach_pct: Decimal = Decimal("0.1")
    confirm_ticks: int = 2
    stands_for: timedelta = timedelta(milliseconds=500)

    def __post_init__(self) -> None:
        check_breach(self.breach_pct)
        if self.confirm_ticks < 1:
            raise ValueError(f"a stop can't fire on {self.confirm_ticks} ticks")
        if self.stands_for <= timedelta(0):
            raise ValueError(f"a breach can't stand for {self.stands_for}; it must be above 0")

    def is_breached(self, stop: Decimal, price: Decimal) -> bool:
        """Whether `price` is beyond `stop` by more than the breach that is asked for."""
        return is_beyond(self.crossing, price, threshold(self.crossing, stop, self.breach_pct))


@dataclass(frozen=True, slots=True)
class Holding:
    """The last that was seen of the price was on the right side of the stop."""

    kind: Literal["holding"] = "holding"


@dataclass(frozen=True, slots=True)
class Breached:
    """The last `ticks` ticks, from `since` on, were deep enough beyond the stop; there is none yet
    where the stop was moved past the price.
    """

    ticks: int
    since: datetime
    kind: Literal["breached"] = "breached"


@dataclass(frozen=True, slots=True)
class Fired:
    """The stop has fired at `price`, and never will again."""

    price: Decimal
    at: datetime
    by: Confirmation
    kind: Literal["fired"] = "fired"


StopState = Annotated[Holding | Breached | Fired, Field(discriminator="kind")]

HOLDING = Holding()


def look_again_at(rule: StopRule, breached: Breached) -> datetime:
    """When a breach that no tick has denied has stood for long enough."""
    return breached.since + rule.stands_for


def on_tick(
    rule: StopRule,
    stop: Decimal,
    state: Holding | Breached | Fired,
    price: GoodPrice,
    now: datetime,
) -> tuple[Holding | Breached | Fired, StopDecision]:
    """What a good tick with news of the stop's source does."""
    if isinstance(state, Fired):
        return state, StopDecision.NOTHING
    was_breached = isinstance(state, Breached)
    if not rule.is_breached(stop, price):
        return HOLDING, StopDecision.RECOVERED if was_breached else StopDecision.NOTHING
    ticks, since = (state.ticks + 1, state.since) if isinstance(state, Breached) else (1, now)
    if ticks >= rule.confirm_ticks:
        return Fired(price, now, Confirmation.TICKS), StopDecision.FIRE
    decision = StopDecision.NOTHING if was_breached else StopDecision.LOOK_AGAIN
    return Breached(ticks, since), decision


def on_time(
    rule: StopRule,
    stop: Decimal,
    state: Holding | Breached | Fired,
    standing: GoodPrice | None,
    feed_is_live: bool,
    now: datetime,
) -> tuple[Holding | Breached | Fired, StopDecision]:
    """What the price that stands does, once a breach is as old as the rule asks.

    `standing` is None where the quote has a flaw or the price is not known.
    """
    if not isinstance(state, Breached) or standing is None or not feed_is_live:
        return state, StopDecision.NOTHING
    if now < look_again_at(rule, state):
        return state, StopDecision.NOTHING
    if not rule.is_breached(stop, standing):
        return HOLDING, StopDecision.RECOVERED
    return Fired(standing, now, Confirmation.TIME), StopDecision.FIRE


def on_move(
    rule: StopRule,
    stop: Decimal,
    state: Holding | Breached | Fired,
    standing: GoodPrice | None,
    now: datetime,
) -> tuple[Holding | Breached | Fired, StopDecision]:
    """What it does that the stop has come to stand at `stop` while the price stands where it is."""
    if not isinstance(state, Holding) or standing is None or not rule.is_breached(stop, standing):
        return state, StopDecision.NOTHING
    return Breached(0, now), StopDecision.LOOK_AGAIN
