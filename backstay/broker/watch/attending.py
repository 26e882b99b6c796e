"""The watch for any good price: of an order that is meant for now.

It tells once that the data is confirmed good and that the side is quoted on which the order would
trade: at once where that is so already, else in the turn of the tick that makes it so. A price that
no tick has confirmed for a while is waited for as if there were none: the last hop would refuse it.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.broker.watch.seats import Bench, Heard, Place
from backstay.domain.sides import Side
from backstay.domain.ticks.danger import Watched
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource, price_of

CONFIRMED_WITHIN = timedelta(seconds=9)
"""Just within the ten seconds of silence after which the last hop lets nothing open."""

_ANY = Decimal(1)
_SIDES = {Side.BUY: PriceSource.ASK, Side.SELL: PriceSource.BID}


class AttendingSeat:
    """Somebody who waits for a price, whatever it is."""

    __slots__ = (
        "_bench",
        "_has_ended",
        "_is_told",
        "_quoted",
        "_source",
        "name",
        "number",
        "placed",
    )
    reduces = False

    def __init__(
        self, name: str, number: int, bench: Bench, side: Side, quoted: Callable[[], None]
    ) -> None:
        self.name = name
        self.number = number
        self.placed: Place | None = None
        self._bench = bench
        self._source = _SIDES[side]
        self._quoted = quoted
        self._is_told = False
        self._has_ended = False

    def begin(self) -> None:
        """Take the seat, and tell at once where there is nothing to wait for."""
        self._look()
        self._bench.settle(self)

    @property
    def last_tick_at(self) -> datetime | None:
        """When the last good tick of its instrument came."""
        return self._bench.good_at

    def again(self) -> None:
        """What it was told for has come to nothing: tell the next time, too."""
        self._is_told = False
        self._bench.settle(self)

    def end(self) -> None:
        """Watch no longer."""
        if not self._has_ended:
            self._has_ended = True
            self._bench.settle(self)
            self._bench.leave(self)

    @property
    def is_over(self) -> bool:
        """Whether nothing can change it any more."""
        return self._has_ended

    def place(self) -> Place | None:
        """It waits for any price of its side."""
        is_over = self._is_told or self._has_ended
        return None if is_over else Place(self._source, is_hot=True)

    def watched(self) -> Watched:
        """It is in no danger: there is nothing to lose yet."""
        price = price_of(self._bench.quote, self._source)
        return Watched(self.name, Crossing.BELOW, price or _ANY, price)

    def hear(self, heard: Heard) -> None:  # noqa: ARG002 - what stands is looked at, not the tick
        """Look whether this is the price that was waited for."""
        self._look()

    def resume(self) -> None:
        """What was waited for comes with the next tick."""

    def next_day(self) -> None:
        """Any day is good."""

    def _look(self) -> None:
        if self._is_told or self._has_ended:
            return
        if price_of(self._bench.quote, self._source) is None or not self._bench.is_live:
            return
        good_at = self._bench.good_at
        if good_at is None or self._bench.now() - good_at > CONFIRMED_WITHIN:
            return
        self._is_told = True
        self._bench.settle(self)
        self._quoted()
