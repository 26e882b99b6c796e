"""Prices on their way to whoever subscribed to them: the hot path of the gateway.

Who hears of an instrument is a ready tuple per instrument; a move costs one look-up, is turned into
ticks once, and nothing is searched. While the gateway itself has no data, nobody hears anything.
"""

from decimal import Decimal
from typing import Protocol

from backstay.gateway.front.doors import MarketDoor
from backstay.gateway.front.ticks import Draft, moved_ticks, rt_volume_text
from backstay.gateway.market.words import Moved, Quote

_ZERO = Decimal(0)


class Listener(Protocol):
    """A subscription to one instrument's prices."""

    @property
    def con_id(self) -> int:
        """Which one."""

    @property
    def wants_rt_volume(self) -> bool:
        """Whether trades are to be told as RTVolume too."""

    def hear(self, moved: Moved, drafts: tuple[Draft, ...], rt_volume: str) -> None:
        """The price has changed; `rt_volume` is empty without a trade."""

    def refresh(self, quote: Quote) -> None:
        """Prices come again after a silence; this is the state of things."""


class Feed:
    """Who hears of which instrument."""

    def __init__(self, market: MarketDoor) -> None:
        self._market = market
        self._listeners: dict[int, tuple[Listener, ...]] = {}
        self._tallies: dict[int, _Tally] = {}
        self.is_silent = False

    def open(self, listener: Listener) -> None:
        """From now on it hears."""
        con_id = listener.con_id
        self._market.watch(con_id)
        self._listeners[con_id] = (*self._listeners.get(con_id, ()), listener)
        if listener.wants_rt_volume and con_id not in self._tallies:
            self._tallies[con_id] = _Tally(self._market.quote(con_id))

    def close(self, listener: Listener) -> None:
        """It hears no more; one that doesn't hear anyway is no fault."""
        con_id = listener.con_id
        there = self._listeners.get(con_id, ())
        left = tuple(each for each in there if each is not listener)
        if len(left) == len(there):
            return
        self._market.unwatch(con_id)
        if left:
            self._listeners[con_id] = left
        else:
            del self._listeners[con_id]
        if not any(each.wants_rt_volume for each in left):
            self._tallies.pop(con_id, None)

    def close_all(self) -> None:
        """Nobody hears any more, and nobody is told so."""
        for listener in self.listeners():
            self.close(listener)

    def listeners(self) -> tuple[Listener, ...]:
        """Everybody who hears something."""
        return tuple(each for listeners in self._listeners.values() for each in listeners)

    def refresh(self) -> None:
        """After a silence: everybody hears how things stand."""
        for listener in self.listeners():
            listener.refresh(self._market.quote(listener.con_id))

    def on_moved(self, moved: Moved) -> None:
        """A price has changed."""
        con_id = moved.instrument.contract.con_id
        listeners = self._listeners.get(con_id)
        if listeners is None:
            return
        rt_volume = ""
        if moved.printed and (tally := self._tallies.get(con_id)) is not None:
            rt_volume = tally.told(moved.after)
        if self.is_silent:
            return
        drafts = moved_ticks(moved.before, moved.after, printed=moved.printed)
        for listener in listeners:
            listener.hear(moved, drafts, rt_volume)


class _Tally:
    """The average price of an instrument's trades, from the first look at it on."""

    __slots__ = ("_size", "_value", "_volume")

    def __init__(self, quote: Quote) -> None:
        self._volume = _ZERO
        self._size = _ZERO
        self._value = _ZERO
        self._begin(quote)

    def told(self, quote: Quote) -> str:
        """Count one trade, and tell it."""
        if quote.volume < self._volume or quote.last is None:
            self._begin(quote)
        else:
            self._value += quote.last * quote.last_size
            self._size += quote.last_size
            self._volume = quote.volume
        average = self._value / self._size if self._size else quote.last or _ZERO
        return rt_volume_text(quote, round(average, 8))

    def _begin(self, quote: Quote) -> None:
        """A new day begins with what it has traded so far, valued at its last price."""
        self._volume = quote.volume
        self._size = quote.volume
        self._value = (quote.last or _ZERO) * quote.volume
