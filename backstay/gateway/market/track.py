"""What an instrument would show if nobody interfered, at any step of any day.

A place on a track is a trading day, a minute of it (counted from the first of the stocks' extended
hours, whatever the instrument's own) and a step of that minute.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
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
_DAYS_SHARED = 128
_MINUTES_SHARED = 64
"""How many are kept for other gateways of this process that are given the same seed."""
_RATIOS_KEPT = 64
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

    def trades(self, day: date, minute: int) -> Iterable[tuple[int, Trade]]:
        """All trades of a minute, each with its step."""

    def last_trade_step(self, day: date, minute: int) -> int:
        """The last step of a minute that has a trade."""

    def summary(self, day: date, minute: int) -> Summary | None:
        """The trades of a minute; None if there are none."""

    def span(self, day: date, first: int, after: int) -> Summary | None:
        """The trades of some minutes; None if there are none."""

    def halt(self, day: date) -> tuple[int, int] | None:
        """The minutes of a day in which trading stands still, the second no more."""


class SpotTrack:
    """The track of a stock, a fund or an index.

    Who interferes moves it off its own path for good: from a minute on, by a ratio. What was before
    stays as it was told.
    """

    def __init__(self, chance: Chance, walk: Walk, listing: Listing) -> None:
        self._ratios: deque[tuple[date, int, float]] = deque(maxlen=_RATIOS_KEPT)
        self._first_ratio = 1.0
        self._shows_touch = not listing.is_index
        self.path: Callable[[date], DayPath] = lru_cache(_DAYS_KEPT)(
            lambda day: _day_path(chance.seed, walk, listing, day)
        )
        self._minute: Callable[[date, int], MinutePath] = lru_cache(_MINUTES_KEPT)(
            lambda day, minute: _minute_path(chance.seed, walk, listing, day, minute)
        )

    def level(self, day: date, minute: int, step: int) -> float:
        """The price between the ticks that all else is made of."""
        return self._minute(day, minute).levels[step] * self._ratio(day, minute)

    def level_before(self, day: date, minute: int) -> float:
        """The level with which a minute begins; cheap."""
        return self.path(day).levels[minute] * self._ratio(day, minute)

    def rebase(self, level: float, place: tuple[date, int, int]) -> None:
        """Be at `level` at a place, and from its minute on everywhere in proportion."""
        day, minute, _ = place
        self._ratios.append((day, minute, self._ratio(day, minute) * level / self.level(*place)))

    def scale(self, level: float, place: tuple[date, int, int]) -> None:
        """Be at `level` at a place, and everywhere before and after in proportion."""
        self._first_ratio *= level / self.level(*place)
        self._ratios.clear()

    def split(self, ratio: float) -> None:
        """Each share is `ratio` shares, and always was."""
        self._first_ratio /= ratio
        moved = [(day, minute, moved / ratio) for day, minute, moved in self._ratios]
        self._ratios = deque(moved, maxlen=_RATIOS_KEPT)

    def face(self, day: date, minute: int, step: int) -> Face:
        """The touch around the level; a figure has none."""
        if not self._shows_touch:
            return _NO_TOUCH
        path = self._minute(day, minute)
        spread = path.spreads[step]
        level = path.levels[step] * self._ratio(day, minute)
        ticks = level * _TICKS - (spread - 1) / 2
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
        return Trade(_price(path.levels[step] * self._ratio(day, minute)), Decimal(size))

    def trades(self, day: date, minute: int) -> Iterator[tuple[int, Trade]]:
        """As if each step were asked for, but faster."""
        if not self.path(day).trades[minute]:
            return
        path, ratio = self._minute(day, minute), self._ratio(day, minute)
        for step, size in enumerate(path.prints):
            if size != NO_TRADE:
                yield step, Trade(_price(path.levels[step] * ratio), Decimal(size))

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
        ratio = self._ratio(day, minute)
        return Summary(
            _price(path.levels[minute] * ratio),
            _price(path.highs[minute] * ratio),
            _price(path.lows[minute] * ratio),
            _price(path.levels[minute + (trades > 1)] * ratio),
            Decimal(path.volumes[minute]),
            trades,
        )

    def span(self, day: date, first: int, after: int) -> Summary | None:
        """As if the minutes' summaries were put together, but faster."""
        path = self.path(day)
        traded = [minute for minute in range(first, after) if path.trades[minute]]
        if not traded:
            return None
        if self._ratio(day, first) != self._ratio(day, after - 1):
            return put_together([self.summary(day, minute) for minute in traded])
        ratio, last = self._ratio(day, first), traded[-1]
        return Summary(
            _price(path.levels[traded[0]] * ratio),
            _price(max(path.highs[minute] for minute in traded) * ratio),
            _price(min(path.lows[minute] for minute in traded) * ratio),
            _price(path.levels[last + (path.trades[last] > 1)] * ratio),
            Decimal(sum(path.volumes[first:after])),
            sum(path.trades[first:after]),
        )

    def halt(self, day: date) -> tuple[int, int] | None:
        """A halt of the path itself."""
        return self.path(day).halt

    def _ratio(self, day: date, minute: int) -> float:
        for since_day, since_minute, ratio in reversed(self._ratios):
            if day > since_day or (day == since_day and minute >= since_minute):
                return ratio
        return self._first_ratio


@lru_cache(_DAYS_SHARED)
def _day_path(seed: int, walk: Walk, listing: Listing, day: date) -> DayPath:
    return day_path(Chance(seed), walk, listing, day)


@lru_cache(_MINUTES_SHARED)
def _minute_path(seed: int, walk: Walk, listing: Listing, day: date, minute: int) -> MinutePath:
    path = _day_path(seed, walk, listing, day)
    return minute_path(Chance(seed), walk, listing, path, minute)


def put_together(summaries: Iterable[Summary | None]) -> Summary | None:
    """The trades of one time after another."""
    traded = [summary for summary in summaries if summary is not None]
    if not traded:
        return None
    return Summary(
        traded[0].open,
        max(each.high for each in traded),
        min(each.low for each in traded),
        traded[-1].close,
        sum((each.volume for each in traded), Decimal(0)),
        sum(each.trades for each in traded),
    )


def _price(level: float) -> Decimal:
    return floor(level * _TICKS + 0.5) * PENNY


_NO_TOUCH = Face(None, None, Decimal(0), Decimal(0))
