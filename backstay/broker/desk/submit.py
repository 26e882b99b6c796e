"""An order sent idempotently, and its acknowledgement awaited.

Whoever submits a key that is known gets what became of it. There are two seconds for the broker's
word; after that, or once the line is lost with the bytes on it, nobody can tell, and the answer
says so. A wait never ends in a rejection that the broker has not spoken.
"""

from datetime import datetime

from backstay.broker.desk.around import Around
from backstay.broker.desk.outcome import outcome_of
from backstay.broker.desk.release import Release
from backstay.broker.desk.sendings import Sending
from backstay.broker.doors.ordering import Left
from backstay.domain.edge.submission import Submission, SubmitAnswer
from backstay.domain.ids import IntentKey
from backstay.domain.orders.outcome import Unknown

ACKNOWLEDGED_WITHIN_SECONDS = 2.0


class Submit:
    """Sends one order and waits for what comes of it."""

    def __init__(self, around: Around, release: Release) -> None:
        self._release = release
        self._sendings = around.sendings
        self._inbox = around.inbox
        self._wakes = around.sendings.wakes
        self._now = around.now

    async def submit(self, submission: Submission) -> SubmitAnswer:
        """Send it unless it is known, and wait for what came of it."""
        key = submission.intent.key
        sending = self._sendings.of(key)
        if sending is not None and sending.attached is not None and sending.answer is not None:
            # Alone it would leave without its stop; whoever released the two tries both again.
            return sending.answer
        if self._release.known(key, self._now()) is None:
            left = self._release.release(self._release.prepare(submission))
            if not isinstance(left, Left):
                return left
        return await self._outcome(key)

    async def _outcome(self, key: IntentKey) -> SubmitAnswer:
        while True:
            sending = self._sendings.of(key)
            if sending is not None and sending.answer is not None:
                return sending.answer
            outcome = outcome_of(key, self._inbox.view(key), self._now())
            if outcome is not None:
                return outcome
            if sending is None or sending.is_line_lost:
                return Unknown(key, self._since(sending))
            until = sending.left_on + ACKNOWLEDGED_WITHIN_SECONDS if sending.has_left else None
            if not await self._wakes.news(key, until):
                return Unknown(key, self._since(sending))

    def _since(self, sending: Sending | None) -> datetime:
        if sending is None or sending.left_at is None:
            return self._now()
        return sending.left_at
