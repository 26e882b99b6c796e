"""What it means to be beyond a price.

Owns the one comparison that every trigger and stop is made of. A level is crossed by a price that
is *beyond* it; a price that merely touches it is not, and a breach has to go deeper than its
threshold, not as deep.
"""

from decimal import Decimal
from enum import StrEnum

from backstay.domain.prices import percent_of
from backstay.domain.sides import Side

BREACH_PCT_END = Decimal(100)
"""So deep below a level there is no price left."""


class Crossing(StrEnum):
    """The side of a level on which something happens."""

    ABOVE = "above"
    BELOW = "below"

    @property
    def opposite(self) -> "Crossing":
        """The side on which nothing happens."""
        return Crossing.BELOW if self is Crossing.ABOVE else Crossing.ABOVE


def stop_crossing(closing: Side) -> Crossing:
    """Where a stop is breached whose order has the side `closing`."""
    return Crossing.BELOW if closing is Side.SELL else Crossing.ABOVE


def closing_side(crossing: Crossing) -> Side:
    """The side of the order that leaves a position whose stop is breached at `crossing`."""
    return Side.SELL if crossing is Crossing.BELOW else Side.BUY


def is_beyond(crossing: Crossing, price: Decimal, level: Decimal) -> bool:
    """Whether `price` has gone past `level`."""
    return price > level if crossing is Crossing.ABOVE else price < level


def moved(crossing: Crossing, level: Decimal, distance: Decimal) -> Decimal:
    """`level`, moved by `distance` to the side of `crossing`."""
    return level + distance if crossing is Crossing.ABOVE else level - distance


def threshold(crossing: Crossing, level: Decimal, breach_pct: Decimal) -> Decimal:
    """The price that has to be passed for a breach of `level` by more than `breach_pct`."""
    if not breach_pct:
        return level
    return moved(crossing, level, percent_of(level, breach_pct))


def check_breach(breach_pct: Decimal) -> None:
    """Refuse a breach that no price could pass, or that a price short of the level would."""
    if not 0 <= breach_pct < BREACH_PCT_END:
        raise ValueError(f"the breach is {breach_pct} %; it is from 0 to below {BREACH_PCT_END}")


def farther(crossing: Crossing, one: Decimal, other: Decimal) -> Decimal:
    """The one of two levels that a price on its way to `crossing` reaches last."""
    return max(one, other) if crossing is Crossing.ABOVE else min(one, other)


def nearer(crossing: Crossing, one: Decimal, other: Decimal) -> Decimal:
    """The one of two levels that is reached first: of two stops, the tighter."""
    return farther(crossing.opposite, one, other)
