"""One order of ours: what was meant, what was heard, and what that comes to.

Reports are collected and joined when somebody asks, so a read that brings many costs one join. The
view is derived once for each state of the facts.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from backstay.broker.news import CompletedNews
from backstay.domain.ids import IntentKey
from backstay.domain.limits.facts import LiveOrder
from backstay.domain.orders.executions import execution_id_parts
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.instances import heard_at
from backstay.domain.orders.intent import OcaGroup, OrderIntent
from backstay.domain.orders.reports import (
    BrokerReport,
    CommissionReported,
    ExecutionReported,
    OrderReported,
)
from backstay.domain.orders.view import OrderView, view_of
from backstay.domain.sides import Side

_UNIT = Decimal(1)


def perm_id_of(report: BrokerReport) -> int:
    """The permanent id that a report carries, 0 if it carries none."""
    return getattr(report, "perm_id", 0)


class OrderRecord:
    """What is known of one of our orders.

    `sign_at` is when it was last sent or heard to live. `order_ids` are all that it ever had.
    `is_expected` from when it leaves until it is proven that it never arrived. `sent_at` is when it
    left, `acknowledged_at` when it was first heard to be there; of what another process has sent,
    neither is known. `ended_at` is when its end was proven; of what was over before anything was
    heard of it here, that is not known either.
    """

    def __init__(self, key: IntentKey, con_id: int) -> None:
        self.key = key
        self.con_id = con_id
        self.intent: OrderIntent | None = None
        self.parent: IntentKey | None = None
        self.parent_perm_id = 0
        self.is_expected = False
        self.sign_at: datetime | None = None
        self.sent_at: datetime | None = None
        self.acknowledged_at: datetime | None = None
        self.ended_at: datetime | None = None
        self._was_live = False
        self.order_ids: set[int] = set()
        self.told: OrderView | None = None
        self._completed: CompletedNews | None = None
        self._facts = OrderFacts()
        self._unread: list[BrokerReport] = []
        self._view: OrderView | None = None
        self._may_fill = True
        self._live_order: LiveOrder | None = None
        self._is_stale = True

    @property
    def facts(self) -> OrderFacts:
        """Everything heard, joined."""
        if self._unread:
            self._facts = self._facts.with_reports(*self._unread)
            self._unread.clear()
        return self._facts

    @property
    def view(self) -> OrderView | None:
        """What the facts amount to, or None while there are none."""
        if self._is_stale:
            view = self._view = self._derived()
            self._may_fill = view is None or not view.is_terminal or view.is_doubtful
            self._live_order = None
            self._is_stale = False
        return self._view

    @property
    def is_shown(self) -> bool:
        """Whether the broker has ever shown the order, or anything that it did."""
        view = self.view
        return view is not None and bool(view.instances or view.executions)

    @property
    def is_known(self) -> bool:
        """Whether it was sent from here, or shown by the broker."""
        return self.is_expected or self.is_shown

    @property
    def is_live(self) -> bool:
        """Whether it may still fill: sent or shown, and not proven over beyond doubt."""
        view = self.view
        return self._may_fill if view and view.instances else self.is_known

    @property
    def is_attached(self) -> bool:
        """Whether it was sent with its parent, or is described so."""
        described = self.described
        return bool(self.parent or self.parent_perm_id or (described and described.parent_order_id))

    @property
    def described(self) -> OrderReported | None:
        """What the broker said last of what the order is, over all its lives."""
        told = [life.described for life in self.view.instances] if self.view else []
        return max(
            (each for each in told if each),
            key=lambda each: (each.received_at, each.perm_id),
            default=None,
        )

    def join_intent(self, intent: OrderIntent) -> None:
        """This is what the order is meant to be now."""
        self.parent = intent.parent or self.parent
        if intent != self.intent:
            self.intent = intent
            self._is_stale = True

    def leave(self, at: datetime) -> None:
        """It leaves now, or a modification of it does: that is no new beginning."""
        if not self.is_known:
            self.sent_at, self.acknowledged_at, self.ended_at = at, None, None
            self._is_stale = True
        self.is_expected = True
        self.sign_at = at

    def hear(self, *reports: BrokerReport) -> None:
        """Take reports in."""
        if self.sent_at is not None:
            moments = (self.acknowledged_at, *map(heard_at, reports))
            self.acknowledged_at = min((each for each in moments if each), default=None)
        self._unread.extend(reports)
        self._is_stale = True

    def complete(self, news: CompletedNews) -> None:
        """Take in that it is over; the news say what the order was, should nothing else do."""
        known = self._completed
        if known is None or _rank(known) < _rank(news):
            self._completed = news
        self.hear(news.report)

    def give_back(self, perm_id: int) -> tuple[BrokerReport, ...]:
        """Let go of all that was said under a permanent id that turned out to be another's."""
        reports = self.facts.reports
        given = tuple(report for report in reports if perm_id_of(report) == perm_id)
        fills = {_fill_of(report) for report in given} - {""}
        self._facts = OrderFacts().with_reports(
            *(each for each in reports if each not in given and _fill_of(each) not in fills)
        )
        self._is_stale = True
        return given

    def live_order(self, parent: IntentKey | None) -> LiveOrder:
        """The order as the last hop counts it: as large as it may prove to be."""
        view = self.view
        if self._live_order is None or self._live_order.parent != parent:
            self._live_order = self._sized(view, parent)
        return self._live_order

    def _sized(self, view: OrderView | None, parent: IntentKey | None) -> LiveOrder:
        described = self.described
        filled = view.filled if view else Decimal(0)
        possible = filled + view.remaining if view else Decimal(0)
        if self.intent is not None:
            live = LiveOrder.of(self.intent, filled)
            return replace(live, quantity=max(live.quantity, possible), parent=parent)
        side, quantity = self._size(self.facts.reports)
        oca: OcaGroup | None = described.oca if described else None
        return LiveOrder(self.key, side, max(quantity, possible), filled, oca, parent)

    def _derived(self) -> OrderView | None:
        facts = self.facts
        if not facts.reports:
            return None
        sent_at, acknowledged_at = self.sent_at, self.acknowledged_at
        size = self._size(facts.reports)
        view = view_of(facts, *size, sent_at=sent_at, acknowledged_at=acknowledged_at)
        self._note_end(view)
        return view if self.ended_at is None else replace(view, ended_at=self.ended_at)

    def _note_end(self, view: OrderView) -> None:
        """When its end was proven is kept from then on: what is read again later says it anew."""
        if not view.is_terminal:
            self._was_live, self.ended_at = self._was_live or bool(view.instances), None
        elif self.ended_at is None and (self._was_live or self.sent_at is not None):
            self.ended_at = view.proven_at

    def _size(self, reports: Iterable[BrokerReport]) -> tuple[Side, Decimal]:
        """What is bought or sold and how much, from the best witness.

        Where only executions tell of it, its size is unknown and taken to be a unit more than they
        come to: what it filled never proves that it is over.
        """
        if self.intent is not None:
            return self.intent.side, self.intent.quantity
        told = [report for report in reports if isinstance(report, OrderReported)]
        described = max(told, key=lambda each: (each.received_at, each.quantity), default=None)
        if described is not None and described.quantity:
            return described.side, described.quantity
        if self._completed is not None and self._completed.quantity:
            return self._completed.side, self._completed.quantity
        fills = [report for report in reports if isinstance(report, ExecutionReported)]
        side = fills[0].side if fills else Side.BUY
        return side, sum((fill.quantity for fill in fills), _UNIT)


def _fill_of(report: BrokerReport) -> str:
    """The fill that an execution, or its cost, is about."""
    if isinstance(report, ExecutionReported | CommissionReported):
        return execution_id_parts(report.exec_id)[0]
    return ""


def _rank(news: CompletedNews) -> tuple[datetime, Decimal]:
    return news.report.received_at, news.quantity
