"""The engine's own orders, and the ladders here that have to know of them.

Whatever the engine does to an order by itself is taken in by the ladder that the order is part of,
in the turn in which it is done and once it is known what came of it, as if the ladder had done it.
"""

from collections.abc import Callable

from backstay.broker.doors.ordering import Desk
from backstay.broker.doors.wire import Now
from backstay.broker.guards.carrying import answered, cancelled, modified, submitted
from backstay.broker.guards.ladder_run import LadderRun
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.changing import CancelAnswer, ModifyAnswer
from backstay.domain.edge.looking import FindAnswer
from backstay.domain.edge.submission import Submission, SubmitAnswer
from backstay.domain.exits.events import LadderEvent
from backstay.domain.ids import Effect, IntentKey

LadderOf = Callable[[IntentKey], LadderRun | None]
"""The ladder of an order's leg, if there is one here."""


class EngineOrders:
    """Single orders, sent, changed and asked about for the engine."""

    def __init__(self, desk: Desk, now: Now, *ladders: LadderOf) -> None:
        self._desk = desk
        self._now = now
        self._ladders = ladders

    async def submit(self, submission: Submission) -> SubmitAnswer:
        """Send an order, idempotently by its key."""
        ladder = self._ladder_of(submission.intent.key)
        if ladder is not None:
            ladder.engine_sent(submission.intent)
        answer = await self._desk.submit(submission)
        self._learn(answer.key, submitted(answer, self._now()))
        return answer

    async def modify(self, submission: Submission) -> ModifyAnswer:
        """Modify a living order."""
        ladder = self._ladder_of(submission.intent.key)
        if ladder is not None:
            ladder.engine_sent(submission.intent)
        answer = await self._desk.modify(submission)
        self._learn(answer.key, modified(answer))
        return answer

    async def cancel(self, key: IntentKey) -> CancelAnswer:
        """Cancel every life of an order."""
        ladder = self._ladder_of(key)
        if ladder is not None:
            ladder.engine_cancelled(key)
        answer = await self._desk.cancel(key)
        self._learn(answer.key, cancelled(answer, self._now()))
        return answer

    async def find(self, key: IntentKey, con_id: int, asked: Asked) -> FindAnswer:
        """Ask the broker for an order."""
        ladder = self._ladder_of(key)
        if ladder is not None:
            ladder.engine_asked()
        answer = await self._desk.find(key, con_id, asked)
        self._learn(answer.key, answered(answer, self._now()))
        return answer

    def _learn(self, key: IntentKey, event: LadderEvent | None) -> None:
        ladder = self._ladder_of(key)
        if ladder is not None:
            ladder.learn(event)

    def _ladder_of(self, key: IntentKey) -> LadderRun | None:
        """The ladder that an order is part of, if it is one that reduces."""
        if key.purpose.effect is not Effect.REDUCES:
            return None
        found = (ladder_of(key) for ladder_of in self._ladders)
        return next((ladder for ladder in found if ladder is not None), None)
