"""How an arm's progress is told: at once where it matters, else at most once a second.

Each telling has a number; whoever has heard one waits for a higher one. What nobody waits for is
not lost: the next to ask gets the newest. Whoever has heard more than was told here has heard it of
a process that is gone, and is told how things stand now.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from backstay.broker.doors.wire import EdgeError, Now
from backstay.broker.errands import Alarm
from backstay.domain.edge.arms import Progress

AT_MOST_EVERY = timedelta(seconds=1)


class Telling:
    """The newest progress, and who waits for it."""

    def __init__(self, now: Now, progress: Callable[[int, datetime], Progress]) -> None:
        self._now = now
        self._progress = progress
        self._waiting: list[asyncio.Future[None]] = []
        self._alarm = Alarm(now, self.now)
        self._is_due = False
        self._told_at: datetime | None = None
        self.revision = 0

    def now(self) -> None:
        """There is news that somebody acts on."""
        self._alarm.clear()
        self._is_due = False
        self.revision += 1
        self._told_at = self._now()
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def later(self) -> None:
        """There is news that can wait until a second has passed since the last."""
        if self._is_due:
            return
        self._is_due = True
        self._alarm.set(self._told_at + AT_MOST_EVERY if self._told_at else self._now())

    async def after(self, revision: int) -> Progress:
        """The progress, as soon as there is a newer one than `revision`."""
        if revision > self.revision:
            self.revision = revision + 1
        while self.revision <= revision:
            await self._news()
        return self._progress(self.revision, self._now())

    def close(self) -> None:
        """Tell nothing more by itself."""
        self._alarm.clear()

    def end(self, why: EdgeError | None = None) -> None:
        """Nothing more will ever be told here: nobody is to wait for it."""
        self.close()
        for future in self._waiting:
            if why is None or future.done():
                future.cancel()
            else:
                future.set_exception(why)

    async def _news(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        finally:
            if future in self._waiting:
                self._waiting.remove(future)
