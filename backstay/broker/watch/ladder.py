"""Who is woken by which price.

One ladder for each source of an instrument's prices. Rungs above are met by a rising price and
those below by a falling one, each at its own price or past it; the nearest of both are at hand, so
that a tick that reaches nobody costs two comparisons.
"""

from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter

from sortedcontainers import SortedList

from backstay.broker.watch.seats import Place, Seat
from backstay.domain.ticks.quotes import Quote
from backstay.domain.ticks.sources import PriceSource

_NEVER_REACHED = Decimal("Infinity")
_NEVER_FALLEN_TO = Decimal(-1)

Read = Callable[[Quote], Decimal | None]


def _mid(quote: Quote) -> Decimal | None:
    if quote.bid is None or quote.ask is None:
        return None
    return (quote.bid + quote.ask) / 2


_READ: dict[PriceSource, Read] = {
    PriceSource.LAST: attrgetter("last"),
    PriceSource.BID: attrgetter("bid"),
    PriceSource.ASK: attrgetter("ask"),
    PriceSource.MID: _mid,
}


class Ladder:
    """The watches of one source. `read` is its price in a quote without a flaw."""

    __slots__ = ("_above", "_below", "_fall", "_hot", "_rise", "read", "source")

    def __init__(self, source: PriceSource) -> None:
        self.source = source
        self.read = _READ[source]
        self._hot: dict[Seat, None] = {}
        self._above = SortedList()
        self._below = SortedList()
        self._rise = _NEVER_REACHED
        self._fall = _NEVER_FALLEN_TO

    def wake(self, price: Decimal, woken: dict[Seat, None]) -> None:
        """Add everybody to whom this price may mean something."""
        if self._hot:
            woken.update(self._hot)
        if price >= self._rise:
            for rung, _, seat in self._above:
                if rung > price:
                    break
                woken[seat] = None
        if price <= self._fall:
            for rung, _, seat in reversed(self._below):
                if rung < price:
                    break
                woken[seat] = None

    def add(self, seat: Seat, place: Place) -> None:
        """Have it wait there."""
        if place.is_hot:
            self._hot[seat] = None
        if place.rise is not None:
            self._above.add((place.rise, seat.number, seat))
        if place.fall is not None:
            self._below.add((place.fall, seat.number, seat))
        self._note_nearest()

    def remove(self, seat: Seat, place: Place) -> None:
        """It waits there no more."""
        if place.is_hot:
            del self._hot[seat]
        if place.rise is not None:
            self._above.remove((place.rise, seat.number, seat))
        if place.fall is not None:
            self._below.remove((place.fall, seat.number, seat))
        self._note_nearest()

    def _note_nearest(self) -> None:
        self._rise = self._above[0][0] if self._above else _NEVER_REACHED
        self._fall = self._below[-1][0] if self._below else _NEVER_FALLEN_TO
