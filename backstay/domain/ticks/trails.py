"""Where the stop stands, and the hands that move it.

    Resting --two ticks far enough past the anchor--> Trailing

Owns the one price at which the engine's stop stands. The trail follows the best price, a break-even
move lifts it, the operator puts it where he wants. Its invariant: only the operator loosens it.

A best price can't be taken back, so it takes two ticks in a row to make one, and to activate the
trail at all: the worse of the two is what they agree on. One bad print moves nothing.

A trailing stop is rounded to the *losing* side of the order that closes, away from the price: the
operator has asked for so much room, and gets at least that much.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.checks import check_above_zero, check_not_below_zero
from backstay.domain.prices import PriceGrid
from backstay.domain.ticks.levels import (
    Crossing,
    closing_side,
    is_beyond,
    moved,
    nearer,
    threshold,
)
from backstay.domain.ticks.sources import GoodPrice


@dataclass(frozen=True, slots=True)
class Trail:
    """Once the price has moved `activate_pct` past `anchor`, follow the best at `distance`.

    `crossing` is that of the stop: below the price for a long position, above it for a short one.
    """

    crossing: Crossing
    anchor: Decimal
    activate_pct: Decimal
    distance: Decimal

    def __post_init__(self) -> None:
        check_above_zero("the anchor of a trail", self.anchor)
        check_not_below_zero("the percentage that activates a trail", self.activate_pct)
        check_above_zero("the distance of a trail", self.distance)


@dataclass(frozen=True, slots=True)
class Resting:
    """The stop stands at `stop`. `candidate` is one price, so far, that would activate a trail."""

    stop: Decimal
    candidate: Decimal | None = None
    kind: Literal["resting"] = "resting"

    def __post_init__(self) -> None:
        check_above_zero("the stop", self.stop)


@dataclass(frozen=True, slots=True)
class Trailing:
    """The stop follows `best`. `candidate` is one price, so far, that is better."""

    stop: Decimal
    best: Decimal
    candidate: Decimal | None = None
    kind: Literal["trailing"] = "trailing"

    def __post_init__(self) -> None:
        check_above_zero("the stop", self.stop)


StopLevel = Annotated[Resting | Trailing, Field(discriminator="kind")]


def follow(
    trail: Trail, level: Resting | Trailing, price: GoodPrice, grid: PriceGrid
) -> Resting | Trailing:
    """Where the stop stands after a good tick of its source; never looser than before."""
    if not _is_better(trail, level, price):
        return level if level.candidate is None else replace(level, candidate=None)
    if level.candidate is None:
        return replace(level, candidate=price)
    best = nearer(trail.crossing.opposite, level.candidate, price)
    return Trailing(_trailed(trail, level, best, grid), best, candidate=price)


def tighten(crossing: Crossing, level: Resting | Trailing, stop: Decimal) -> Resting | Trailing:
    """The stop moved to `stop` if that is tighter: how a break-even move is made."""
    return replace(level, stop=nearer(crossing, level.stop, stop))


def move(level: Resting | Trailing, stop: Decimal) -> Resting | Trailing:
    """The stop put where the operator wants it, looser too. A trail takes it up again from the
    next best price on, not before.
    """
    return replace(level, stop=stop)


def tighten_trail(
    trail: Trail, level: Resting | Trailing, distance: Decimal, grid: PriceGrid
) -> tuple[Trail, Resting | Trailing]:
    """The trail at a shorter distance, and the stop that it leads to at once."""
    if distance >= trail.distance:
        raise ValueError(f"a trail at {trail.distance} is not tightened by {distance}")
    tighter = replace(trail, distance=distance)
    if isinstance(level, Resting):
        return tighter, level
    return tighter, replace(level, stop=_trailed(tighter, level, level.best, grid))


def _is_better(trail: Trail, level: Resting | Trailing, price: GoodPrice) -> bool:
    """Whether `price` has reached what activates the trail, or is better than the best."""
    favour = trail.crossing.opposite
    if isinstance(level, Trailing):
        return is_beyond(favour, price, level.best)
    activation = threshold(favour, trail.anchor, trail.activate_pct)
    return not is_beyond(trail.crossing, price, activation)


def _trailed(trail: Trail, level: Resting | Trailing, best: Decimal, grid: PriceGrid) -> Decimal:
    """The stop at the trail's distance from `best`, or where it is if that is tighter, or if no
    price of the grid is that far down.
    """
    stop = moved(trail.crossing, best, trail.distance)
    if stop < grid.lowest:
        return level.stop
    rounded = grid.to_losing_side(closing_side(trail.crossing), stop)
    return nearer(trail.crossing, level.stop, rounded)
