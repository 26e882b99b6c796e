"""Errors about orders: judged by what was asked last, told to the inbox, and followed up.

No error is taken for a rejection because nothing better is known. What is not certain is asked: one
round of questions shows what the broker has.
"""

from typing import assert_never

from backstay.broker.desk.around import Around
from backstay.broker.desk.cancel import Cancel
from backstay.broker.desk.modify import Modify
from backstay.broker.desk.rounds import Rounds
from backstay.broker.errands import Errands
from backstay.broker.news import ErrorNews, JudgedNews
from backstay.broker.notices import Notice
from backstay.broker.translation.judging import LastAsked, Situation, Verdict, judge
from backstay.domain.edge.changing import Ended
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.outcome import RejectionClass
from backstay.domain.orders.reports import CancelConfirmed, CancelRefused, RejectionReported

HELD_FOR_LOCATE = 404
ID_LEAP = 1000
"""How far ids are raised above one that was refused: nobody says how far they have rolled back."""

HELD_CANCELS_MAX = 5
"""How often the cancel of a short sale that is held is tried before it is left to a person."""


class Errors:
    """Hears the errors about orders of this client."""

    def __init__(
        self, around: Around, rounds: Rounds, cancel: Cancel, modify: Modify, errands: Errands
    ) -> None:
        self._inbox = around.inbox
        self._numbers = around.numbers
        self._requests = around.requests
        self._now = around.now
        self._tell = around.tell
        self._rounds = rounds
        self._cancel = cancel
        self._modify = modify
        self._errands = errands

    def on_error(self, news: ErrorNews) -> None:
        """Judge it, and do what follows; an id that is none of ours is nothing to us."""
        key = self._inbox.key_of(news.subject_id)
        if key is None:
            return
        judgement = judge(news.code, news.text, self._situation(key, news.subject_id))
        match judgement.verdict:
            case Verdict.LIVES:
                self._remark(key, news)
            case Verdict.REJECTED:
                self._reject(news, judgement.rejection or RejectionClass.OTHER)
            case Verdict.RETRYABLE:
                self._numbers.heard(news.subject_id + ID_LEAP)
                self._ask()
            case Verdict.CANCELLED:
                report = CancelConfirmed(news.subject_id, news.received_at)
                self._inbox.hear(JudgedNews(report))
            case Verdict.CANCEL_REFUSED:
                self._refuse_cancel(news)
            case Verdict.MODIFY_REFUSED:
                self._modify.refused(key, news.code, news.text)
            case Verdict.AMBIGUOUS:
                self._ask()
            case _:
                assert_never(judgement.verdict)

    def _situation(self, key: IntentKey, order_id: int) -> Situation:
        view = self._inbox.view(key)
        asked = self._requests.last(order_id) or LastAsked.NEW
        return Situation(asked, view is not None and view.is_acknowledged)

    def _reject(self, news: ErrorNews, rejection: RejectionClass) -> None:
        report = RejectionReported(
            news.subject_id, rejection, news.code, news.text, news.received_at
        )
        self._inbox.hear(JudgedNews(report))

    def _refuse_cancel(self, news: ErrorNews) -> None:
        report = CancelRefused(news.subject_id, news.code, news.text, news.received_at)
        self._inbox.hear(JudgedNews(report))
        self._ask()

    def _ask(self) -> None:
        async def ask() -> None:
            await self._rounds.ask()

        self._errands.begin("ask what became of an order", ask)

    def _remark(self, key: IntentKey, news: ErrorNews) -> None:
        """A short sale that is held for a locate is cancelled; that it is held, the inbox tells."""
        if news.code != HELD_FOR_LOCATE:
            return

        async def cancel() -> None:
            for _ in range(HELD_CANCELS_MAX):
                if isinstance(await self._cancel.cancel(key), Ended):
                    return
            text = f"its cancel is not confirmed; {news.code}: {news.text}"
            self._tell(Notice(IncidentKind.SHORT_SALE_HELD, str(key), text, self._now()))

        self._errands.begin(f"cancel {key}, which is held", cancel)
