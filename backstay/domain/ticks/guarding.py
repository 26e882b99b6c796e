"""A stop that is watched while it moves.

Joins the two halves of a guard in the one order that is right: a tick is judged against the stop as
it stood *before* that tick, and only then may it move the stop. So no tick can activate or raise
a trail and fire on it, by construction.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from backstay.domain.prices import PriceGrid
from backstay.domain.ticks import stops, trails
from backstay.domain.ticks.sources import GoodPrice
from backstay.domain.ticks.stops import HOLDING, Fired, StopDecision, StopRule, StopState
from backstay.domain.ticks.trails import Resting, StopLevel, Trail


@dataclass(frozen=True, slots=True)
class GuardRules:
    """How a stop is confirmed, whether a trail moves it, and the grid of its prices."""

    stop: StopRule
    grid: PriceGrid
    trail: Trail | None = None

    def __post_init__(self) -> None:
        if self.trail is not None and self.trail.crossing is not self.stop.crossing:
            raise ValueError(
                f"a stop breached {self.stop.crossing} has a trail {self.trail.crossing}"
            )


@dataclass(frozen=True, slots=True)
class Guarded:
    """Where the stop stands and how far its breach is confirmed. After firing nothing moves."""

    level: StopLevel
    breach: StopState = HOLDING

    @property
    def has_fired(self) -> bool:
        """Whether the guard is over."""
        return isinstance(self.breach, Fired)


def begin(
    rules: GuardRules, stop: Decimal, standing: GoodPrice | None, now: datetime
) -> tuple[Guarded, StopDecision]:
    """The guard of a position that has just come to be, its stop at `stop`."""
    return _looked_at(rules, Resting(stop), HOLDING, standing, now)


def on_tick(
    rules: GuardRules, guarded: Guarded, price: GoodPrice, now: datetime
) -> tuple[Guarded, StopDecision]:
    """A good tick of the stop's own source: judged first, then followed."""
    breach, decision = stops.on_tick(rules.stop, guarded.level.stop, guarded.breach, price, now)
    level = guarded.level
    if rules.trail is not None and not isinstance(breach, Fired):
        level = trails.follow(rules.trail, level, price, rules.grid)
    if breach is guarded.breach and level is guarded.level:
        return guarded, decision
    return Guarded(level, breach), decision


def on_substitute(
    rules: GuardRules, guarded: Guarded, price: GoodPrice, now: datetime
) -> tuple[Guarded, StopDecision]:
    """A price that stands in for the source's own: it can breach the stop, but moves no trail."""
    breach, decision = stops.on_tick(rules.stop, guarded.level.stop, guarded.breach, price, now)
    return replace(guarded, breach=breach), decision


def on_time(
    rules: GuardRules,
    guarded: Guarded,
    standing: GoodPrice | None,
    feed_is_live: bool,
    now: datetime,
) -> tuple[Guarded, StopDecision]:
    """The price that stands, looked at because time has passed."""
    breach, decision = stops.on_time(
        rules.stop, guarded.level.stop, guarded.breach, standing, feed_is_live, now
    )
    return replace(guarded, breach=breach), decision


def resume(guarded: Guarded) -> Guarded:
    """The guard after ticks may have been missed: what is not confirmed by then is seen anew,
    because two ticks around a gap are not in a row, and nothing stood on a feed that was away.
    """
    return guarded if guarded.has_fired else Guarded(replace(guarded.level, candidate=None))


def break_even(
    rules: GuardRules, guarded: Guarded, entry: Decimal, standing: GoodPrice | None, now: datetime
) -> tuple[Guarded, StopDecision]:
    """The stop moved to the entry's price, if that is tighter."""
    if guarded.has_fired:
        return guarded, StopDecision.NOTHING
    level = trails.tighten(rules.stop.crossing, guarded.level, entry)
    return _looked_at(rules, level, guarded.breach, standing, now)


def tighten_trail(
    rules: GuardRules,
    guarded: Guarded,
    distance: Decimal,
    standing: GoodPrice | None,
    now: datetime,
) -> tuple[GuardRules, Guarded, StopDecision]:
    """The operator's shorter distance, for the trail and for the stop that it leads to."""
    if rules.trail is None:
        raise ValueError("there is no trail to tighten")
    if guarded.has_fired:
        return rules, guarded, StopDecision.NOTHING
    trail, level = trails.tighten_trail(rules.trail, guarded.level, distance, rules.grid)
    looked_at = _looked_at(rules, level, guarded.breach, standing, now)
    return replace(rules, trail=trail), *looked_at


def move_stop(
    rules: GuardRules, guarded: Guarded, stop: Decimal, standing: GoodPrice | None, now: datetime
) -> tuple[Guarded, StopDecision]:
    """The operator's stop, in place of whatever stood. A breach of the old one counts no more."""
    if guarded.has_fired:
        return guarded, StopDecision.NOTHING
    return _looked_at(rules, trails.move(guarded.level, stop), HOLDING, standing, now)


def _looked_at(
    rules: GuardRules,
    level: StopLevel,
    breach: StopState,
    standing: GoodPrice | None,
    now: datetime,
) -> tuple[Guarded, StopDecision]:
    """A stop that has come to stand at `level`, and the price that stands; None is unknown."""
    breach, decision = stops.on_move(rules.stop, level.stop, breach, standing, now)
    return Guarded(level, breach), decision
