"""The watch in most danger first, at once or a batch at a time.

Owns the order in which watches are looked at, across all instruments of a batch, and the window for
which ticks are collected. Exits come before entries. A watch hears all its ticks of a batch in
their order before the next watch is looked at.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Protocol

from backstay.broker.doors.wire import Now
from backstay.broker.notices import Notice, Tell
from backstay.broker.watch.seats import Heard, Seat
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.ticks.danger import BATCH_WINDOW_MAX, most_in_danger_first

_SEVERAL = 2
Woken = tuple[Seat, Sequence[Heard]]


class Collecting(Protocol):
    """An instrument whose ticks are collected."""

    def take(self) -> Iterable[Woken]:
        """Whoever is woken by what was collected; it counts as looked at from now on."""


class Turns:
    """Has watches looked at in their order."""

    __slots__ = ("_collecting", "_now", "_tell", "_timer", "_window_seconds")

    def __init__(self, window: timedelta, tell: Tell, now: Now) -> None:
        if not timedelta(0) <= window <= BATCH_WINDOW_MAX:
            raise ValueError(f"ticks are collected for 0 to {BATCH_WINDOW_MAX}, not for {window}")
        self._window_seconds = window.total_seconds()
        self._tell = tell
        self._now = now
        self._collecting: dict[Collecting, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def collects(self) -> bool:
        """Whether ticks wait for others at all."""
        return self._window_seconds > 0

    def collect(self, symbol: Collecting) -> None:
        """Something of it waits to be looked at."""
        self._collecting[symbol] = None
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._window_seconds, self.catch_up)

    def catch_up(self) -> None:
        """Look at everything that was collected."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        collecting, self._collecting = self._collecting, {}
        self.look([woken for symbol in collecting for woken in symbol.take()])

    def look(self, woken: Sequence[Woken]) -> None:
        """Let each hear its ticks, in the order of danger."""
        for seat, ticks in woken if len(woken) < _SEVERAL else _in_order(woken):
            for heard in ticks:
                self.safely(seat, seat.hear, heard)

    def safely(self, seat: Seat, act: Callable[..., None], *arguments: object) -> None:
        """Let a watch act. What goes wrong in what it tells is told, and stays its own affair."""
        try:
            act(*arguments)
        except Exception as error:  # noqa: BLE001 - one watch must not keep others from theirs
            self._tell(Notice(IncidentKind.TASK_FAILED, seat.name, repr(error), self._now()))


def _in_order(woken: Sequence[Woken]) -> list[Woken]:
    by_name = {seat.name: (seat, ticks) for seat, ticks in woken}
    first = most_in_danger_first(seat.watched() for seat, _ in woken if seat.reduces)
    then = most_in_danger_first(seat.watched() for seat, _ in woken if not seat.reduces)
    return [by_name[watched.name] for watched in (*first, *then)]
