"""The kill state, as the book of the account says it, kept current.

Every process reads the same file, so a kill is known here whoever has written it down. Until it has
been read for the first time nobody is told anything, and an edge that was told nothing sends
nothing that opens a position. Where the file seems untouched, it is read only now and then.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from backstay.accounts.errors import AccountsError
from backstay.broker.notices import Notice, Tell
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.kill import KillState

LOOK_SECONDS = 0.05
AGAIN_SECONDS = 0.5
READ_SECONDS = 0.9
"""How often the book is read at least: two writes within one tick of the clock that dates files are
one to whoever only glances at it."""


class ReadBook(Protocol):
    """What of a book this needs."""

    async def revision(self) -> int:
        """A number that grows with each change of the account."""

    async def kill_state(self) -> KillState:
        """The kill state in force."""

    def mark(self) -> object:
        """What is another one after nearly every change, for next to nothing."""


class KillWatch:
    """Looks whether the book has changed, and hands on what it says."""

    def __init__(
        self,
        book: ReadBook,
        heard: Callable[[KillState], object],
        now: Callable[[], datetime],
        tell: Tell,
        every_seconds: float = LOOK_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._book = book
        self._heard = heard
        self._now = now
        self._tell = tell
        self._every_seconds = every_seconds
        self._read_seconds = read_seconds
        self._read = asyncio.Event()
        self._revision: int | None = None
        self._mark: object = None
        self._read_at = -read_seconds
        self.trouble = "the book has not been read yet"
        """Why the book can't be read, or nothing."""

    async def known(self) -> None:
        """Wait until it was read for the first time."""
        await self._read.wait()

    async def run(self, sign: Callable[[], None]) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            sign()
            try:
                await self.glance(loop.time())
            except AccountsError as error:
                self._complain(str(error))
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                await asyncio.sleep(self._every_seconds)

    async def glance(self, at: float) -> None:
        """Look if anything may be new, at this time on the loop's clock."""
        mark = self._book.mark()
        if mark != self._mark or self.trouble or at - self._read_at >= self._read_seconds:
            await self.look()
            self._mark, self._read_at = mark, at

    async def look(self) -> None:
        """Look once; AccountsError if the book can't be read."""
        revision = await self._book.revision()
        if revision != self._revision:
            self._heard(await self._book.kill_state())
            self._revision = revision
        self.trouble = ""
        self._read.set()

    def _complain(self, text: str) -> None:
        """Tell it once, until the book can be read again."""
        if text != self.trouble:
            self.trouble = text
            subject = "the book of the account"
            self._tell(Notice(IncidentKind.TASK_FAILED, subject, text, self._now()))
