"""Whether the broker has an order.

Found if the broker has answered completely and anything was ever said of the order. Absent only
after two complete rounds that leave no doubt; then, and only then, the desk may send the key again.
The domain says which doubts there are.
"""

import asyncio
from datetime import timedelta

from backstay.broker.desk.around import Around
from backstay.broker.desk.outcome import is_seen
from backstay.broker.desk.rounds import Rounds
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.looking import (
    LOOKS_APART_MIN,
    Absent,
    Doubt,
    FindAnswer,
    Found,
    Look,
    NotSeen,
    Unanswered,
    doubts_about_absence,
)
from backstay.domain.edge.session import SessionState
from backstay.domain.ids import IntentKey

NO_SESSION = "whether the session stands"
"""What is open if it has not been ready from the beginning of a look to its end."""


class Find:
    """Asks the broker for one order."""

    def __init__(self, around: Around, rounds: Rounds) -> None:
        self._inbox = around.inbox
        self._session = around.session
        self._sendings = around.sendings
        self._rounds = rounds
        self._now = around.now
        self._zone = around.zone

    async def find(self, key: IntentKey, con_id: int, asked: Asked) -> FindAnswer:
        """Look once, and if that leaves it open, once more."""
        view = self._inbox.view(key)
        if view is not None and view.is_settled:
            return Found(key, view, self._now())
        first = await self._look(key, con_id, asked, ())
        if not isinstance(first, NotSeen) or first.doubts != (Doubt.LOOKED_TOO_SOON,):
            return first
        again_at = first.looks[0].at + LOOKS_APART_MIN
        # Broker time can run slower than the loop's, so one sleep may not be enough.
        while (waits := again_at - self._now()) > timedelta(0):  # noqa: ASYNC110 - a time is no event
            await asyncio.sleep(waits.total_seconds())
        return await self._look(key, con_id, asked, first.looks)

    async def _look(
        self, key: IntentKey, con_id: int, asked: Asked, before: tuple[Look, ...]
    ) -> FindAnswer:
        if self._sendings.waits(key):
            return NotSeen(key, before, (Doubt.STILL_IN_LANE,))
        sending, epoch = self._sendings.of(key), self._session.epoch
        answer = await self._rounds.ask()
        if answer.unanswered:
            return Unanswered(key, answer.unanswered, answer.begun_at)
        view = self._inbox.view(key)
        if view is not None and is_seen(view):
            return Found(key, view, answer.begun_at)
        if self._session.report.state is not SessionState.READY or self._session.epoch != epoch:
            # A gateway that has lost IB answers with what it happens to remember.
            return Unanswered(key, NO_SESSION, answer.begun_at)
        look = Look(
            answer.begun_at,
            self._inbox.position(con_id),
            self._inbox.executed_since(con_id, asked.at),
            self._inbox.executed_just_then(con_id, asked.at),
        )
        if self._sendings.of(key) is not sending:
            # It has left, or is about to, since the question was asked.
            return NotSeen(key, (look,), (Doubt.STILL_IN_LANE,))
        looks = (*before, look)
        doubts = doubts_about_absence(asked, looks, self._zone)
        if doubts:
            return NotSeen(key, looks, doubts)
        self._clear(key)
        return Absent(key, looks)

    def _clear(self, key: IntentKey) -> None:
        """It may be sent again, and so may the stop that left with it, unless that was shown."""
        sending = self._sendings.of(key)
        keys = [key]
        if sending is not None and sending.attached is not None:
            keys.append(sending.attached.key)
        for each in keys:
            self._inbox.absent(each)
            self._sendings.forget(each)
