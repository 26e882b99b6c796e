"""Who is woken by which price.

One ladder for each source of an instrument's prices. Rungs above are met by a rising price and
those below by a falling one, each at its own price or past it; the nearest of both are at hand, so
that a tick that reaches nobody costs two comparisons.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from operator import attrgetter

from sortedcontainers import SortedList

from backstay.broker.watch.lull import EVERYTHING, NO_WINDOW, Window
from backstay.broker.watch.seats import Place, Seat
from backstay.domain.ticks.quotes import GoodTick, Quote, TickField
from backstay.domain.ticks.sources import PriceSource

_NEVER_FALLEN_TO, _NEVER_REACHED = EVERYTHING

_TOLD_BY = {
    PriceSource.LAST: (TickField.LAST,),
    PriceSource.BID: (TickField.BID,),
    PriceSource.ASK: (TickField.ASK,),
    PriceSource.MID: (TickField.BID, TickField.ASK),
}

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

    @property
    def window(self) -> Window:
        """The prices that mean nothing to anybody."""
        return NO_WINDOW if self._hot else (self._fall, self._rise)

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


class Ladders:
    """All ladders of one instrument."""

    __slots__ = ("_by_field", "_by_source", "_windows")

    def __init__(self) -> None:
        self._by_source: dict[PriceSource, Ladder] = {}
        self._by_field: dict[TickField, tuple[Ladder, ...]] = dict.fromkeys(TickField, ())
        self._windows: tuple[Window, Window] | None = None

    @property
    def windows(self) -> tuple[Window, Window]:
        """The bids, and the asks, that mean nothing to anybody."""
        if self._windows is None:
            self._windows = self._window(PriceSource.BID), self._window(PriceSource.ASK)
        return self._windows

    def move(self, seat: Seat, before: Place | None, after: Place | None) -> None:
        """Have a seat wait at its new place."""
        if before is not None:
            self._by_source[before.source].remove(seat, before)
        if after is not None:
            self._ladder(after.source).add(seat, after)
        self._windows = None

    def wake(self, tick: GoodTick, woken: dict[Seat, None]) -> None:
        """Add everybody to whom this tick may mean something."""
        news = tick.news
        ladders: Iterable[Ladder]
        if len(news) == 1:
            ladders = self._by_field[news[0]]
        else:
            ladders = [one for one in self._by_source.values() if _is_told(one.source, news)]
        for ladder in ladders:
            price = ladder.read(tick.quote)
            if price is not None:
                ladder.wake(price, woken)

    def _window(self, source: PriceSource) -> Window:
        mid, ladder = self._by_source.get(PriceSource.MID), self._by_source.get(source)
        if mid is not None and mid.window != EVERYTHING:
            # What a price does to the middle depends on the other side.
            return NO_WINDOW
        return EVERYTHING if ladder is None else ladder.window

    def _ladder(self, source: PriceSource) -> Ladder:
        ladder = self._by_source.get(source)
        if ladder is None:
            ladder = self._by_source[source] = Ladder(source)
            for field in _TOLD_BY[source]:
                self._by_field[field] = (*self._by_field[field], ladder)
        return ladder


def _is_told(source: PriceSource, news: Sequence[TickField]) -> bool:
    return any(field in news for field in _TOLD_BY[source])
