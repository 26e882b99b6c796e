"""An entry that has left is asked about, or cancelled, until it is known to be over.

One question or cancel may be lost with a connection, so each is repeated, and at once when another
session has synced.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from backstay.broker.errands import Alarm
from backstay.broker.rooms import Rooms
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.looking import FindAnswer
from backstay.domain.edge.ordered import Inquiry
from backstay.domain.orders.intent import OrderIntent

ASK_AGAIN_AFTER = timedelta(seconds=5)
"""How long an answer that left something open is left alone."""

CANCEL_AGAIN_AFTER = timedelta(seconds=5)


class Pursuit:
    """The pursuit of one entry."""

    def __init__(
        self,
        entry: OrderIntent,
        asked: Callable[[], Asked],
        rooms: Rooms,
        answered: Callable[[FindAnswer], None],
    ) -> None:
        self._entry = entry
        self._asked = asked
        self._rooms = rooms
        self._answered = answered
        self._asking = Alarm(rooms.now, self.ask)
        self._cancelling = Alarm(rooms.now, self.cancel)
        self.inquiry: Inquiry | None = None
        """What was asked so far, and answered last."""

    def ask(self) -> None:
        """Ask the broker what became of it."""
        now, before = self._rooms.now(), self.inquiry
        if before is None:
            self.inquiry = Inquiry(now, 1, now)
        else:
            self.inquiry = replace(before, times=before.times + 1, last_at=now)
        self._rooms.errands.begin(f"ask about {self._entry.key}", self._find)

    def ask_later(self) -> None:
        """Ask when it has been left alone for a while."""
        self._asking.set(self._rooms.now() + ASK_AGAIN_AFTER)

    def cancel(self) -> None:
        """Cancel it, again and again until the pursuit ends."""
        self._rooms.desk.cancel_now(self._entry.key)
        self._cancelling.set(self._rooms.now() + CANCEL_AGAIN_AFTER)

    def session_is_ready(self) -> None:
        """What was to be cancelled is, in this session."""
        if self._cancelling.is_set:
            self.cancel()

    def end(self) -> None:
        """It is over, or others follow it."""
        self._asking.clear()
        self._cancelling.clear()

    async def _find(self) -> None:
        key, con_id = self._entry.key, self._entry.instrument.con_id
        answer = await self._rooms.desk.find(key, con_id, self._asked())
        if self.inquiry is not None:
            self.inquiry = replace(self.inquiry, answer=answer)
        self._answered(answer)
