"""The way of each piece of news about an order to the order that it is about.

A reference decides; a permanent id that a reference once named is as good; an order id counts only
for this client in this session. What carries none of that waits until something does, and what an
order id alone has led to goes to whom a reference names later. News of other accounts are dropped,
and so are the order ids of other clients.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from backstay.broker.doors.wire import Now
from backstay.broker.inbox.fills import Booked, Fills, owner_of
from backstay.broker.inbox.names import Evidence, Names, Owner
from backstay.broker.inbox.orders import Orders
from backstay.broker.inbox.record import OrderRecord, perm_id_of
from backstay.broker.inbox.strangers import Strangers
from backstay.broker.news import (
    CommissionNews,
    CompletedNews,
    ExecutionNews,
    JudgedNews,
    OrderNews,
    StatusNews,
)
from backstay.domain.ids import IntentKey, parse_order_ref
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.reports import (
    AbsenceTold,
    BrokerReport,
    ExecutionReported,
    OrderReported,
    StatusReported,
)

ELSEWHERE_MAX = 5_000

Contradiction = Callable[[IntentKey, str], None]
"""Told of an order of ours, and what of it contradicts itself."""

_Numbered = TypeVar("_Numbered", OrderReported, StatusReported, ExecutionReported)


class Attribution:
    """Files what is heard under the order that it is about. `touched` has something new."""

    def __init__(
        self,
        account: str,
        client_id: int,
        now: Now,
        contradiction: Contradiction,
        dropped: Callable[[], None],
    ) -> None:
        self.names = Names()
        self.orders = Orders(self.names)
        self.strangers = Strangers(now, dropped)
        self.fills = Fills(dropped)
        self.touched: set[IntentKey] = set()
        self._account = account
        self._client_id = client_id
        self._now = now
        self._contradiction = contradiction
        self._elsewhere: dict[int, None] = {}

    def begin_session(self) -> None:
        """Order ids mean nothing any more."""
        self.names.begin_session()
        self.strangers.begin_session()

    def key_of_perm_id(self, perm_id: int) -> IntentKey | None:
        """Whose order of ours has this permanent id."""
        owner = self.names.owner(perm_id)
        return owner.key if owner else None

    def executed_for_others(self, con_id: int) -> Decimal:
        """What executions that are nobody's of ours have done to a contract's position."""
        return self.fills.of_others(con_id, self.key_of_perm_id)

    def expect(self, intent: OrderIntent, order_id: int, at: datetime) -> None:
        """An order of ours has left under this id."""
        record = self._record(intent.key, intent.instrument.con_id)
        record.leave(at)
        record.join_intent(intent)
        self.orders.touch(record)
        self._learn_order_id(record, order_id, Evidence.SENT)

    def remember(self, intent: OrderIntent) -> None:
        """An intent is given again; what was sent from here is not replaced by it."""
        record = self._record(intent.key, intent.instrument.con_id)
        if record.intent is None:
            record.join_intent(intent)
            self.touched.add(record.key)

    def order(self, news: OrderNews) -> bool:
        """An order is described; whether it is a foreign one that was not known."""
        if not self._is_ours(news.account, news.order_ref, news.report.perm_id):
            return False
        report = self._numbered(news.report, news.client_id)
        if report is None:
            return False
        key = self._named(news.order_ref, report.order_id, report.perm_id)
        if key is None:
            if expected := self.names.of_order_id(report.order_id, Evidence.SENT):
                text = f"its order id {report.order_id} is shown with {news.order_ref!r}"
                self._contradiction(expected, text)
            self._learn_perm_id(report.perm_id, Owner(None, is_named=True))
            return self.strangers.show(news, report)
        record = self._record(key, news.con_id)
        self._learn_perm_id(report.perm_id, Owner(key, is_named=True))
        record.parent_perm_id = news.parent_perm_id or record.parent_perm_id
        record.sign_at = self._now()
        self._learn_order_id(record, report.order_id, Evidence.SHOWN)
        self._file(record, report)
        return False

    def status(self, news: StatusNews) -> None:
        """It is said how an order stands."""
        report = self._numbered(news.report, news.client_id)
        if report is None or report.perm_id in self._elsewhere:
            return
        record = self._record_of(report.order_id, report.perm_id)
        if record is None:
            self.strangers.keep(report, report.order_id)
            return
        record.sign_at = self._now()
        self._learn_order_id(record, report.order_id, Evidence.SHOWN)
        self._file(record, report)

    def judged(self, news: JudgedNews) -> None:
        """What an error about an order id of ours amounts to."""
        record = self._record_of(news.report.order_id, 0)
        if record is None:
            self.strangers.keep(news.report, news.report.order_id)
        else:
            self._file(record, news.report)

    def completed(self, news: CompletedNews) -> None:
        """An order of the day is over."""
        perm_id = news.report.perm_id
        if not self._is_ours(news.account, news.order_ref, perm_id):
            return
        key = self._named(news.order_ref, 0, perm_id)
        if key is not None:
            record = self._record(key, news.con_id)
            self._learn_perm_id(perm_id, Owner(key, is_named=True))
            record.complete(news)
            self._touch(record)
            return
        self._learn_perm_id(perm_id, Owner(None, is_named=True))
        if self.strangers.knows(perm_id):
            self.strangers.keep(news.report, 0)

    def absence_told(self, key: IntentKey) -> None:
        """A person says that nothing of an order lives."""
        record = self.orders.get(key)
        if record is None:
            return
        now, view = self._now(), record.view
        lives = view.instances if view is not None else ()
        names = [(max(life.order_ids, default=0), life.perm_id) for life in lives if not life.end]
        if not lives:
            names = [(max(record.order_ids), 0)]
        self._file(record, *(AbsenceTold(order_id, perm_id, now) for order_id, perm_id in names))

    def execution(self, news: ExecutionNews) -> Booked | None:
        """Something was executed; None if it was for another account."""
        if not self._is_ours(news.account, news.order_ref, news.report.perm_id):
            return None
        booked = self.fills.execute(news)
        report = self._numbered(news.report, news.client_id)
        if report is None:
            return booked
        key = self._named(news.order_ref, report.order_id, report.perm_id)
        if key is None:
            self.strangers.keep(report, 0)
            return booked
        record = self._record(key, news.con_id)
        self._learn_perm_id(report.perm_id, Owner(key, is_named=True))
        self._learn_order_id(record, report.order_id, Evidence.EXECUTED)
        self._file(record, report, *self.fills.costs(report.exec_id))
        return booked

    def commission(self, news: CommissionNews) -> None:
        """It is said what an execution cost."""
        execution = self.fills.charge(news)
        key = owner_of(execution, self.key_of_perm_id) if execution else None
        record = self.orders.get(key) if key else None
        if record is not None:
            self._file(record, news.report)

    def _is_ours(self, account: str, order_ref: str, perm_id: int) -> bool:
        """Whether the news is of our account; else it is dropped, and remembered by its name."""
        if account == self._account:
            return True
        if perm_id:
            self.strangers.claim_perm_id(perm_id)
            self._elsewhere[perm_id] = None
            if len(self._elsewhere) > ELSEWHERE_MAX:
                del self._elsewhere[next(iter(self._elsewhere))]
        key = parse_order_ref(order_ref)
        if key is not None:
            self._contradiction(key, f"an order of its reference stands in account {account}")
        return False

    def _numbered(self, report: _Numbered, client_id: int) -> _Numbered | None:
        """The report without an order id that is not ours; None if that leaves it without name."""
        if client_id == self._client_id and report.order_id > 0:
            return report
        return replace(report, order_id=0) if report.perm_id else None

    def _record(self, key: IntentKey, con_id: int) -> OrderRecord:
        record = self.orders.record(key, con_id)
        if record.con_id != con_id:
            text = f"it is an order in contract {record.con_id} and in contract {con_id}"
            self._contradiction(key, text)
        return record

    def _named(self, order_ref: str, order_id: int, perm_id: int) -> IntentKey | None:
        """Whose an order is by its reference; where none is told, whose it is known to be, or
        under whose order id it left.
        """
        if order_ref:
            return parse_order_ref(order_ref)
        owner = self.names.owner(perm_id)
        return owner.key if owner else self.names.of_order_id(order_id, Evidence.SENT)

    def _record_of(self, order_id: int, perm_id: int) -> OrderRecord | None:
        """The order that the ids lead to. A permanent id, if it has an owner, decides; if it has
        none, an execution that may be old does not lend it one.
        """
        owner = self.names.owner(perm_id)
        if owner is not None:
            return self.orders.get(owner.key) if owner.key else None
        needed = Evidence.SHOWN if perm_id else Evidence.EXECUTED
        key = self.names.of_order_id(order_id, needed)
        if key is None:
            return None
        self._learn_perm_id(perm_id, Owner(key, is_named=False))
        return self.orders.get(key)

    def _learn_order_id(self, record: OrderRecord, order_id: int, evidence: Evidence) -> None:
        """An order id leads to an order; what has waited for that is filed."""
        if not order_id:
            return
        if not self.names.learn_order_id(order_id, record.key, evidence):
            if order_id not in record.order_ids:
                owner = self.names.of_order_id(order_id)
                self._contradiction(record.key, f"its order id {order_id} is that of {owner}")
            record.order_ids.add(order_id)
            return
        record.order_ids.add(order_id)
        is_named = evidence >= Evidence.SHOWN
        for report in self.strangers.claim_order_id(order_id, named=is_named):
            self._learn_perm_id(perm_id_of(report), Owner(record.key, is_named=False))
            self._file(record, report)

    def _learn_perm_id(self, perm_id: int, owner: Owner) -> None:
        if not perm_id:
            return
        known = self.names.owner(perm_id)
        now = self.names.learn_perm_id(perm_id, owner)
        if now.key != owner.key and owner.key is not None:
            text = f"permanent id {perm_id} is also that of {now.key}"
            self._contradiction(owner.key, text)
        loser = self.orders.get(known.key) if known and known.key else None
        if loser is not None and now.key != loser.key:
            given = loser.give_back(perm_id)
            whose = now.key or "a foreign order"
            self._contradiction(loser.key, f"permanent id {perm_id} is not its own, but {whose}'s")
            self._touch(loser)
            self._hand_over(now, given)
        if now.key is not None:
            self._hand_over(now, self.strangers.claim_perm_id(perm_id))

    def _hand_over(self, owner: Owner, reports: tuple[BrokerReport, ...]) -> None:
        """Give reports to the one they turned out to be about."""
        record = self.orders.get(owner.key) if owner.key else None
        for report in reports:
            if record is None:
                self.strangers.keep(report, 0)
                continue
            self._file(record, report)
            if isinstance(report, ExecutionReported):
                self._file(record, *self.fills.costs(report.exec_id))

    def _file(self, record: OrderRecord, *reports: BrokerReport) -> None:
        record.hear(*reports)
        self._touch(record)

    def _touch(self, record: OrderRecord) -> None:
        if record.sign_at is None:
            record.sign_at = self._now()
        self.orders.touch(record)
        self.touched.add(record.key)
