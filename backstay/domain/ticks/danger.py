"""The trade in most danger first.

Owns the order in which the watches of one micro-batch of ticks are looked at: by the distance of
the price to the stop. It orders watches and never ticks: one watch sees its ticks as they came, and
all of them, because a second tick confirms and a crossing must not be averaged away.

A stop that is passed comes first, the deepest before the others. A price that is not known may be
anywhere, so it comes next, before every trade of which we know that it has room.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from backstay.domain.checks import check_above_zero
from backstay.domain.ticks.levels import Crossing

BATCH_WINDOW_MAX = timedelta(milliseconds=200)
"""For longer no tick may wait for others; a window of zero looks at each at once."""

_UNKNOWN = Decimal(0)


@dataclass(frozen=True, slots=True)
class Watched:
    """A stop, and the newest price of what it protects."""

    name: str
    crossing: Crossing
    stop: Decimal
    price: Decimal | None

    def __post_init__(self) -> None:
        check_above_zero(f"the stop of {self.name}", self.stop)


def room(watched: Watched) -> Decimal:
    """The distance from the price to the stop, as a fraction of the stop; below 0 it is passed."""
    if watched.price is None:
        return _UNKNOWN
    distance = watched.price - watched.stop
    return (distance if watched.crossing is Crossing.BELOW else -distance) / watched.stop


def most_in_danger_first(watches: Iterable[Watched]) -> tuple[Watched, ...]:
    """The watches in the order in which they are looked at; equals by name, so never by chance."""
    return tuple(sorted(watches, key=lambda watched: (room(watched), watched.name)))
