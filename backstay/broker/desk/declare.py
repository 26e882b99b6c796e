"""A person's word that the broker does not have an order.

It is taken only of an order that the broker was asked about in the same breath and does not show,
and whose end nothing explains; and of no entry whose stop stands, for a stop outlives its entry
only where that has filled. Whatever the broker says of it later counts for more.
"""

from collections.abc import Iterator

from backstay.broker.desk.around import Around
from backstay.broker.desk.find import NO_SESSION
from backstay.broker.desk.rounds import Rounds
from backstay.domain.edge.looking import (
    LOOKS_APART_MIN,
    AbsenceDeclared,
    DeclareAnswer,
    NotDeclared,
)
from backstay.domain.edge.session import SessionState
from backstay.domain.ids import Effect, IntentKey


class Declare:
    """Takes the word, or says what speaks against it."""

    def __init__(self, around: Around, rounds: Rounds) -> None:
        self._inbox = around.inbox
        self._session = around.session
        self._sendings = around.sendings
        self._rounds = rounds
        self._now = around.now

    async def declare_absent(self, key: IntentKey, by: str, reason: str) -> DeclareAnswer:
        """Have the order count as over, and the stop that hangs on it, if neither is shown."""
        declared = AbsenceDeclared(key, by, reason, self._now())
        epoch = self._session.epoch
        answer = await self._rounds.ask()
        if answer.unanswered:
            return NotDeclared(key, f"the broker has not answered: {answer.unanswered}")
        if self._session.report.state is not SessionState.READY or self._session.epoch != epoch:
            return NotDeclared(key, f"the broker could not be asked: {NO_SESSION}")
        unexplained = self._inbox.unexplained()
        why_not = self._objection(key, key in unexplained)
        if why_not:
            return NotDeclared(key, why_not)
        for each in (key, *self._attached(key)):
            if each in unexplained:
                self._inbox.declare_absent(each)
        return declared

    def _attached(self, key: IntentKey) -> Iterator[IntentKey]:
        """The stops that hang on an entry that has filled nothing: they can't outlive it."""
        view = self._inbox.view(key)
        if key.purpose.effect is Effect.REDUCES or (view is not None and view.filled):
            return
        for each in self._inbox.keys_of(key.trade):
            known = self._inbox.registered(each)
            if each.leg == key.leg and known is not None and known.is_attached:
                yield each

    def _stop_that_stands(self, key: IntentKey) -> IntentKey | None:
        """An order at the broker that closes what this entry opens; None where there is none."""
        if key.purpose.effect is Effect.REDUCES:
            return None
        closing = (each for each in self._inbox.keys_of(key.trade) if each.leg == key.leg)
        unexplained = self._inbox.unexplained()
        return next(
            (
                each
                for each in closing
                if each.purpose.effect is Effect.REDUCES
                and each not in unexplained
                and self._is_shown(each)
            ),
            None,
        )

    def _is_shown(self, key: IntentKey) -> bool:
        view = self._inbox.view(key)
        return view is not None and view.is_working

    def _objection(self, key: IntentKey, is_unexplained: bool) -> str:
        """What speaks against it after the broker was asked, or nothing."""
        stop = self._stop_that_stands(key)
        if stop is not None and not self._is_shown(key):
            return f"{stop} stands at the broker, as it does only where {key} has filled"
        if not self._inbox.knows(key):
            return ""
        view, sending = self._inbox.view(key), self._sendings.of(key)
        if view is not None and view.is_terminal and not view.is_doubtful:
            return f"it is over: {view.end}"
        if sending is not None and sending.waits:
            return "it may leave yet"
        left_at = sending.left_at if sending is not None else None
        if left_at is not None and self._now() - left_at < LOOKS_APART_MIN:
            return "it has only just left"
        if is_unexplained:
            return ""
        if view is not None and view.is_working:
            return "the broker shows it"
        return "the broker has not left it out often enough yet; try again in some seconds"
