"""How an arm's progress is told: at once where somebody acts on it, else in one after a pause.

How long the pause is says whoever listens; the first telling of all comes within a second. Each
telling has a number; whoever has heard one waits for a higher one. What nobody waits for is not
lost: the next to ask gets the newest. Whoever has heard a number that nobody was given here has
heard it of a process that is gone, whatever was counted here meanwhile, and is told how things
stand now.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from backstay.broker.doors.wire import EdgeError, Now
from backstay.broker.errands import Alarm
from backstay.domain.edge.arms import Progress

PAUSE = timedelta(seconds=1)
"""Between two tellings of what can wait, unless whoever listens wants another."""

FIRST_AFTER_MAX = timedelta(seconds=1)


class Telling:
    """The newest progress, and who waits for it."""

    def __init__(self, now: Now, progress: Callable[[int, datetime], Progress]) -> None:
        self._now = now
        self._progress = progress
        self._waiting: list[asyncio.Future[None]] = []
        self._alarm = Alarm(now, self.now)
        self._pause = PAUSE
        self._due_since: datetime | None = None
        self._told_at: datetime | None = None
        self.revision = 0
        self._given = 0
        """The highest number that anybody was given here."""

    def now(self) -> None:
        """There is news that somebody acts on."""
        self._alarm.clear()
        self._due_since = None
        self.revision += 1
        self._told_at = self._now()
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def later(self) -> None:
        """There is news that can wait until the pause after the last telling is over."""
        if self._due_since is None:
            self._due_since = self._now()
            self._wait(self._due_since)

    async def after(self, revision: int, pause: timedelta = PAUSE) -> Progress:
        """The progress, as soon as there is a newer one than `revision`."""
        if revision > self._given:
            self.revision = max(self.revision, revision) + 1
        if pause != self._pause:
            self._pause = pause
            if self._due_since is not None:
                self._wait(self._due_since)
        while self.revision <= revision:
            await self._news()
        self._given = max(self._given, self.revision)
        return self.newest()

    def newest(self) -> Progress:
        """How it stands now, news or not."""
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

    def _wait(self, due_since: datetime) -> None:
        if self._told_at is None:
            self._alarm.set(due_since + min(self._pause, FIRST_AFTER_MAX))
        else:
            self._alarm.set(self._told_at + self._pause)

    async def _news(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            await future
        finally:
            if future in self._waiting:
                self._waiting.remove(future)
