"""The look at a breach that has stood for a while.

Owns the timer. The loop's clock and the broker's are not the same, so a look that comes too early
is repeated; and while the price that stands is unknown, it is repeated until there is one.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from backstay.broker.doors.wire import Now

_EARLY_SECONDS_MIN = 0.001
_REPEATED_SECONDS = 0.1
"""How often a breach is looked at that is old enough, but on which nothing can be decided yet."""


class Lookout:
    """Calls `look` at the time that was asked for last."""

    __slots__ = ("_due", "_look", "_now", "_timer")

    def __init__(self, look: Callable[[], None], now: Now) -> None:
        self._look = look
        self._now = now
        self._due: datetime | None = None
        self._timer: asyncio.TimerHandle | None = None

    def wait(self, due: datetime | None) -> None:
        """Look at `due`, by the broker's clock; None: not at all."""
        if due == self._due and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._due = due
        if due is None:
            return
        seconds = (due - self._now()).total_seconds()
        delay = max(seconds, _EARLY_SECONDS_MIN) if seconds > 0 else _REPEATED_SECONDS
        self._timer = asyncio.get_running_loop().call_later(delay, self._run)

    def _run(self) -> None:
        self._timer = None
        self._look()
