"""The kill state, as the book of the account says it, kept current.

Every process reads the same file, so a kill is known here whoever has written it down. Until it has
been read for the first time nobody is told anything, and an edge that was told nothing sends
nothing that opens a position.
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


class ReadBook(Protocol):
    """What of a book this needs."""

    async def revision(self) -> int:
        """A number that grows with each change of the account."""

    async def kill_state(self) -> KillState:
        """The kill state in force."""


class KillWatch:
    """Looks whether the book has changed, and hands on what it says."""

    def __init__(
        self,
        book: ReadBook,
        heard: Callable[[KillState], object],
        now: Callable[[], datetime],
        tell: Tell,
    ) -> None:
        self._book = book
        self._heard = heard
        self._now = now
        self._tell = tell
        self._read = asyncio.Event()
        self._revision: int | None = None
        self.trouble = "the book has not been read yet"
        """Why the book can't be read, or nothing."""

    async def known(self) -> None:
        """Wait until it was read for the first time."""
        await self._read.wait()

    async def run(self, sign: Callable[[], None]) -> None:
        """Look until cancelled."""
        while True:
            sign()
            try:
                await self.look()
            except AccountsError as error:
                self._complain(str(error))
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                await asyncio.sleep(LOOK_SECONDS)

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
