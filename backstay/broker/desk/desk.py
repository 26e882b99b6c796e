"""The desk, composed: one object behind the door that everybody else knows."""

from asyncio import get_running_loop
from collections.abc import Collection
from datetime import datetime

from backstay.broker.desk.around import Around
from backstay.broker.desk.cancel import Cancel
from backstay.broker.desk.declare import Declare
from backstay.broker.desk.errors import Errors
from backstay.broker.desk.find import Find
from backstay.broker.desk.last_hop import LastHop
from backstay.broker.desk.modify import Modify
from backstay.broker.desk.preview import Preview, WhatIfs
from backstay.broker.desk.release import Release
from backstay.broker.desk.rounds import Rounds
from backstay.broker.desk.sendings import Sending
from backstay.broker.desk.submit import Submit
from backstay.broker.desk.survivors import Survivors
from backstay.broker.doors.ordering import Desk, Left, Prepared
from backstay.broker.errands import Errands
from backstay.broker.news import ErrorNews
from backstay.broker.stopwatch import ANSWER_BOUNDS_SECONDS, Stopwatch
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.changing import CancelAnswer, ModifyAnswer
from backstay.domain.edge.contracts import PreviewAnswer
from backstay.domain.edge.looking import DeclareAnswer, FindAnswer
from backstay.domain.edge.session import Durations, SessionReport, SessionState
from backstay.domain.edge.submission import NotSent, Submission, SubmitAnswer
from backstay.domain.ids import Effect, IntentKey
from backstay.domain.limits.codes import Refused
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.view import OrderView

_WITHOUT_A_LINE = (
    SessionState.DOWN,
    SessionState.CONNECTING,
    SessionState.STANDBY,
    SessionState.RESTART_WINDOW,
)


class OrderDesk(Desk):
    """The only code that sends orders."""

    def __init__(
        self, around: Around, last_hop: LastHop, what_ifs: WhatIfs, errands: Errands
    ) -> None:
        rounds = Rounds(around.asks, around.inbox, around.now)
        survivors = Survivors(around.now, around.tell)
        self._around = around
        self._last_hop = last_hop
        self._release = Release(around, last_hop)
        self._submit = Submit(around, self._release)
        self._find = Find(around, rounds)
        self._declare = Declare(around, rounds)
        self._cancel = Cancel(around, rounds, survivors)
        self._modify = Modify(around, last_hop)
        self._preview = Preview(what_ifs, around.now)
        self._errors = Errors(around, rounds, self._cancel, self._modify, errands)
        self._answers = Stopwatch(ANSWER_BOUNDS_SECONDS)
        self._loop = get_running_loop()
        around.inbox.follow(self._changed)
        around.session.on_change(self._session_changed)

    def prepare(self, submission: Submission, attached: Submission | None = None) -> Prepared:
        """Write the frames ahead."""
        return self._release.prepare(submission, attached)

    def release(self, prepared: Prepared) -> Left | Refused | NotSent:
        """Send it in this turn."""
        return self._release.release(prepared)

    async def submit(self, submission: Submission) -> SubmitAnswer:
        """Send an order, idempotently by its key, and say what came of it."""
        return await self._submit.submit(submission)

    async def preview(self, intent: OrderIntent) -> PreviewAnswer:
        """Ask what an order would tie up, without sending it."""
        return await self._preview.preview(intent)

    def cancel_now(self, key: IntentKey) -> bool:
        """Have the cancels of every life of the order leave in this turn."""
        self._modify.give_up(key)
        return self._cancel.cancel_now(key)

    def modify_now(self, submission: Submission) -> Left | Refused | NotSent:
        """Have the modification leave in this turn, if the session may modify."""
        return self._modify.modify_now(submission)

    async def find(self, key: IntentKey, con_id: int, asked: Asked) -> FindAnswer:
        """Ask the broker for an order, completely."""
        return await self._find.find(key, con_id, asked)

    async def declare_absent(self, key: IntentKey, by: str, reason: str) -> DeclareAnswer:
        """Take a person's word that the broker does not have an order, if nothing speaks against
        it.
        """
        return await self._declare.declare_absent(key, by, reason)

    async def cancel(self, key: IntentKey) -> CancelAnswer:
        """Cancel every life of the order and wait a while for the evidence."""
        self._modify.give_up(key)
        return await self._cancel.cancel(key)

    async def modify(self, submission: Submission) -> ModifyAnswer:
        """Modify the order and wait a while until the broker shows it so."""
        return await self._modify.modify(submission)

    @property
    def answers(self) -> Durations:
        """How long the broker has taken for its first word on each order that has left."""
        return self._answers.durations

    def on_error(self, news: ErrorNews) -> None:
        """Judge an error about an order and tell the inbox what it amounts to."""
        self._errors.on_error(news)

    def forget_before(self, at: datetime, followed: Collection[IntentKey]) -> None:
        """Forget what left on a broker day before then, unless somebody still follows it."""
        self._around.sendings.forget_before(at, followed)

    def _changed(self, key: IntentKey, view: OrderView) -> None:
        self._modify.changed(key, view)
        sending = self._around.sendings.of(key)
        if sending is None:
            self._found(key)
        elif sending.has_left and not sending.is_answered:
            self._look_for_answer(sending, view)
        self._around.sendings.wakes.wake(key)

    def _found(self, key: IntentKey) -> None:
        """The broker shows an order that did not leave from here, as after a restart."""
        known = self._around.inbox.registered(key)
        if known is not None and key.purpose.effect is Effect.OPENS:
            self._last_hop.entries.found(known.con_id, key, self._around.now())

    def _look_for_answer(self, sending: Sending, view: OrderView) -> None:
        """One whose line was lost has been asked for since: that is no answer."""
        if view.is_acknowledged or view.end is not None:
            sending.is_answered = True
            if not sending.is_line_lost:
                self._answers.add(self._loop.time() - sending.left_on)

    def _session_changed(self, report: SessionReport) -> None:
        if report.state in _WITHOUT_A_LINE:
            self._around.requests.line_lost()
            self._modify.line_lost()
            self._around.sendings.line_lost()
