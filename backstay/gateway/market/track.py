"""What an instrument would show if nobody interfered, at any step of any day.

A place on a track is a trading day, a minute of it (counted from the first of the stocks' extended
hours, whatever the instrument's own) and a step of that minute.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from math import floor
from typing import NamedTuple, Protocol

from backstay.gateway.chance import Chance
from backstay.gateway.market.catalogue import Listing
from backstay.gateway.market.day_path import DayPath, day_path
from backstay.gateway.market.grid import PENNY
from backstay.gateway.market.minute_path import NO_TRADE, MinutePath, minute_path
from backstay.gateway.market.parameters import Walk

_DAYS_KEPT = 4
_MINUTES_KEPT = 4
_TICKS = 100.0
"""How many of a stock's ticks make one."""


class Face(NamedTuple):
    """What is displayed."""

    bid: Decimal | None
    ask: Decimal | None
    bid_size: Decimal
    ask_size: Decimal


class Trade(NamedTuple):
    """What is traded at one step."""

    price: Decimal
    size: Decimal


@dataclass(frozen=True, slots=True)
class Summary:
    """The trades of some time, in short."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    trades: int


class Track(Protocol):
    """What a mover follows."""

    def face(self, day: date, minute: int, step: int) -> Face:
        """What is displayed at a place."""

    def trade(self, day: date, minute: int, step: int) -> Trade | None:
        """What is traded at a place."""

    def last_trade_step(self, day: date, minute: int) -> int:
        """The last step of a minute that has a trade."""

    def summary(self, day: date, minute: int) -> Summary | None:
        """The trades of a minute; None if there are none."""

    def halt(self, day: date) -> tuple[int, int] | None:
        """The minutes of a day in which trading stands still, the second no more."""


class SpotTrack:
    """The track of a stock, a fund or an index.

    `ratio` is how far interference has moved it off its own path, for good.
    """

    def __init__(self, chance: Chance, walk: Walk, listing: Listing) -> None:
        self.ratio = 1.0
        self._shows_touch = not listing.is_index
        self.path: Callable[[date], DayPath] = lru_cache(_DAYS_KEPT)(
            lambda day: day_path(chance, walk, listing, day)
        )
        self._minute: Callable[[date, int], MinutePath] = lru_cache(_MINUTES_KEPT)(
            lambda day, minute: minute_path(chance, walk, listing, self.path(day), minute)
        )

    def level(self, day: date, minute: int, step: int) -> float:
        """The price between the ticks that all else is made of."""
        return self._minute(day, minute).levels[step] * self.ratio

    def level_before(self, day: date, minute: int) -> float:
        """The level with which a minute begins; cheap."""
        return self.path(day).levels[minute] * self.ratio

    def rebase(self, level: float, place: tuple[date, int, int]) -> None:
        """From now on, be at `level` at a place, and everywhere else in proportion."""
        self.ratio *= level / self.level(*place)

    def face(self, day: date, minute: int, step: int) -> Face:
        """The touch around the level; a figure has none."""
        if not self._shows_touch:
            return _NO_TOUCH
        path = self._minute(day, minute)
        spread = path.spreads[step]
        ticks = path.levels[step] * self.ratio * _TICKS - (spread - 1) / 2
        bid = floor(ticks)
        return Face(
            bid * PENNY,
            (bid + spread) * PENNY,
            Decimal(path.bid_sizes[step]),
            Decimal(path.ask_sizes[step]),
        )

    def trade(self, day: date, minute: int, step: int) -> Trade | None:
        """A trade at the tick nearest to the level, never outside the touch."""
        path = self._minute(day, minute)
        size = path.prints[step]
        if size == NO_TRADE:
            return None
        return Trade(self._price(path.levels[step]), Decimal(size))

    def last_trade_step(self, day: date, minute: int) -> int:
        """At the minute's end, unless it has a single trade."""
        return (
            0 if self.path(day).trades[minute] == 1 else len(self._minute(day, minute).prints) - 1
        )

    def summary(self, day: date, minute: int) -> Summary | None:
        """Known without the minute's steps."""
        path = self.path(day)
        trades = path.trades[minute]
        if not trades:
            return None
        price = self._price
        return Summary(
            price(path.levels[minute]),
            price(path.highs[minute]),
            price(path.lows[minute]),
            price(path.levels[minute + (trades > 1)]),
            Decimal(path.volumes[minute]),
            trades,
        )

    def halt(self, day: date) -> tuple[int, int] | None:
        """A halt of the path itself."""
        return self.path(day).halt

    def _price(self, level: float) -> Decimal:
        return floor(level * self.ratio * _TICKS + 0.5) * PENNY


_NO_TOUCH = Face(None, None, Decimal(0), Decimal(0))
