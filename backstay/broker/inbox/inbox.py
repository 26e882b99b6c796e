"""The inbox: everything that the broker has told, and who is told of it.

News are filed as they come in, and settled once after each read: then each order of which something
is new is looked at once, its followers hear of it, and what is wrong is told. Facts outlive a
connection; how complete they are does not.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from backstay.broker.doors.knowing import Changed, Registered
from backstay.broker.doors.wire import Now
from backstay.broker.inbox.attribution import Attribution
from backstay.broker.inbox.by_hand import ByHand
from backstay.broker.inbox.holdings import Holdings
from backstay.broker.inbox.matters import Matter, Told, matters
from backstay.broker.inbox.missing import UNEXPLAINED, Missing
from backstay.broker.inbox.orders import Orders
from backstay.broker.inbox.record import OrderRecord
from backstay.broker.inbox.strangers import foreign_order
from backstay.broker.inbox.surprises import Surprises
from backstay.broker.news import (
    AccountNews,
    CommissionNews,
    CompletedNews,
    ExecutionNews,
    JudgedNews,
    News,
    OrderNews,
    PositionNews,
    StatusNews,
)
from backstay.broker.notices import Notice, Tell
from backstay.domain.edge.snapshot import (
    AccountFigure,
    BrokerSnapshot,
    Completeness,
    ForeignOrder,
    OwnOrder,
)
from backstay.domain.figures import plain, total
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.facts import LiveOrder
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.view import OrderView
from backstay.domain.positions.answers import BrokerPosition

_PARTS = {
    "open orders": "open_orders_at",
    "completed orders": "completed_orders_at",
    "executions": "executions_at",
    "positions": "positions_at",
    "account": "account_at",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An order that stands at the broker; a foreign one has no key."""

    con_id: int
    key: IntentKey | None
    view: OrderView


class BrokerInbox:
    """What the broker has told of one account, to one client."""

    def __init__(self, account: str, client_id: int, now: Now, tell: Tell) -> None:
        self._account = account
        self._now = now
        self._tell = tell
        self._attribution = Attribution(account, client_id, now, self._contradiction, self._dropped)
        self._leaving: list[tuple[OrderIntent, int, datetime]] = []
        self._holdings = Holdings()
        self._figures: dict[tuple[str, str], AccountFigure] = {}
        self._completeness = Completeness()
        self._followers: list[Changed] = []
        self._by_hand = ByHand(self._attribution.key_of_perm_id, self._tell_of)
        self._told_matters: dict[IntentKey, set[Matter]] = {}
        self._surprises = Surprises()
        self._has_dropped = False
        self._missing = Missing()
        self._symbols: dict[int, str] = {}

    def hear(self, news: News) -> None:
        """Take news in; what it amounts to is derived when somebody asks, or at the end."""
        match news:
            case OrderNews():
                if self._filed.order(news):
                    self._by_hand.ordered(news)
            case StatusNews():
                self._filed.status(news)
            case ExecutionNews():
                self._execute(news)
            case CommissionNews():
                self._filed.commission(news)
            case CompletedNews():
                self._filed.completed(news)
            case JudgedNews():
                self._filed.judged(news)
            case PositionNews() if news.account == self._account:
                self._symbols[news.con_id] = news.symbol
                self._holdings.hear(news, self._now())
            case AccountNews() if news.account == self._account:
                figure = AccountFigure(news.tag, news.currency, news.value)
                self._figures[news.tag, news.currency] = figure
            case _:
                pass

    def expect(self, intent: OrderIntent, order_id: int) -> None:
        """This order leaves now under this id. It is filed when next anything is asked or heard:
        its bytes go first.
        """
        self._leaving.append((intent, order_id, self._now()))

    def remember(self, intent: OrderIntent) -> None:
        """Join an intent that is given again with what is known of its order."""
        self._filed.remember(intent)

    def absent(self, key: IntentKey) -> None:
        """The broker never had it."""
        record = self._orders.get(key)
        if record is not None:
            record.is_expected = False

    def declare_absent(self, key: IntentKey) -> None:
        """A person says that the broker does not have it: no life of it that is not over already
        counts any more, unless the broker shows it later.
        """
        self._filed.absence_told(key)

    def knows(self, key: IntentKey) -> bool:
        """Whether it was sent from here, or shown by the broker."""
        record = self._orders.get(key)
        return record is not None and record.is_known

    def registered(self, key: IntentKey) -> Registered | None:
        """What is known of it besides its facts."""
        record = self._orders.get(key)
        if record is None or not record.is_known:
            return None
        names = self._filed.names
        order_ids = (each for each in sorted(record.order_ids) if names.of_order_id(each) == key)
        return Registered(
            key,
            record.con_id,
            record.intent,
            tuple(order_ids),
            record.is_attached,
            record.sent_at,
        )

    def keys_of(self, trade: str) -> tuple[IntentKey, ...]:
        """Every known key of a trade."""
        return self._orders.of_trade(trade)

    def key_of(self, order_id: int) -> IntentKey | None:
        """Whose order id of this session that is."""
        return self._filed.names.of_order_id(order_id)

    def view(self, key: IntentKey) -> OrderView | None:
        """What the facts amount to, or None while there are none."""
        record = self._orders.get(key)
        return record.view if record else None

    def facts(self, key: IntentKey) -> OrderFacts:
        """Everything heard of an order."""
        record = self._orders.get(key)
        return record.facts if record else OrderFacts()

    def records(self) -> Iterator[OrderRecord]:
        """Every order of ours that was sent or shown, in no order, for whoever only looks."""
        return self._orders.known()

    def symbol(self, con_id: int) -> str:
        """What a contract is called, as far as a position has named it."""
        return self._symbols.get(con_id, "")

    def live_orders(self, con_id: int) -> tuple[LiveOrder, ...]:
        """Our orders of a contract that may still fill."""
        return self._orders.live_orders(con_id)

    @property
    def positions(self) -> tuple[BrokerPosition, ...]:
        """What is held, by contract."""
        return self._holdings.positions

    @property
    def figures(self) -> tuple[AccountFigure, ...]:
        """The account's figures, in the broker's words."""
        return tuple(self._figures[name] for name in sorted(self._figures))

    def standing(self) -> Iterator[Standing]:
        """The orders that the broker shows to stand; one that its last complete answer left out is
        not among them.
        """
        for record in self._orders.standing(self._completeness):
            if record.view is not None:
                yield Standing(record.con_id, record.key, record.view)
        for news, view in self._filed.strangers.living():
            yield Standing(news.con_id, None, view)

    def position(self, con_id: int) -> Decimal:
        """What is held; a report that lags behind the executions is made good by them."""
        return self._holdings.standing(con_id, self._now())

    def untold(self, con_id: int) -> Decimal:
        """What of that neither executions have told yet, nor orders that are over have claimed."""
        difference = self._holdings.untold(con_id, self._now())
        if not difference:
            return difference
        rest = difference - total(self._claimed(con_id))
        return rest if rest * difference > 0 else Decimal(0)

    def executed_since(self, con_id: int, at: datetime) -> Decimal:
        """What the executions since then have done to the position."""
        return self._filed.fills.since(con_id, at)

    def executed_just_then(self, con_id: int, at: datetime) -> tuple[Decimal, ...]:
        """What each execution with the stamp of that very second has done to it."""
        return self._filed.fills.just_then(con_id, at)

    @property
    def completeness(self) -> Completeness:
        """When each question was last completely answered in this session."""
        return self._completeness

    def follow(self, changed: Changed) -> None:
        """Have every change told, from now on."""
        self._followers.append(changed)

    def begin_session(self) -> None:
        """Facts stay; order ids and completeness start anew."""
        self._completeness = Completeness()
        self._filed.begin_session()
        self._holdings.begin_session()
        self._has_dropped = False

    def answered(self, question: str, asked_at: datetime, contracts: Sequence[int] = ()) -> None:
        """A question has been answered completely."""
        self._completeness = replace(self._completeness, **{_PARTS[question]: asked_at})
        if question == "positions":
            self._holdings.answered(contracts, self._now())
        elif question == "open orders":
            self._filed.strangers.listed(asked_at)
        elif question == "executions":
            for key, told in self._surprises.read(self.view):
                self._tell_once(key, told)
            self._tell_missing()
        is_read = self._completeness.positions_at and self._completeness.executions_at
        if is_read and not self._holdings.is_based:
            self._holdings.base()
            self._by_hand.found(self._holdings.positions, self._filed.executed_for_others)

    def unexplained(self) -> tuple[IntentKey, ...]:
        """Our orders of which the complete answers leave open what became of them."""
        return self._orders.unexplained(self._completeness)

    def settle(self) -> None:
        """Tell what has changed, in the order of the keys."""
        while self._filed.touched:
            touched = sorted(self._filed.touched)
            self._filed.touched.clear()
            for key in touched:
                record = self._orders.get(key)
                if record is not None:
                    self._settle(record)
        self._by_hand.settle()
        if self._completeness.positions_at and self._completeness.executions_at:
            for found in self._holdings.unexplained(self._now(), self._may_fill):
                held, explained = plain(found.position), plain(found.explained)
                text = f"{held} are held, and what was executed comes to {explained}"
                self._tell_of(IncidentKind.UNEXPECTED_POSITION, found.con_id, text)

    def snapshot(self) -> BrokerSnapshot:
        """Everything, as of now."""
        return BrokerSnapshot(
            account=self._account,
            as_of=self._now(),
            completeness=self._completeness,
            positions=self._holdings.positions,
            orders=tuple(
                OwnOrder(record.key, record.con_id, record.view)
                for record in self._orders
                if record.view is not None
            ),
            foreign_orders=self.foreign_orders(),
            executions=self._filed.fills.booked(self._filed.key_of_perm_id),
            figures=self.figures,
        )

    def foreign_orders(self) -> tuple[ForeignOrder, ...]:
        """The orders of somebody else that may still fill."""
        return tuple(foreign_order(news, view) for news, view in self._filed.strangers.living())

    def forget_before(self, at: datetime, followed: Collection[IntentKey] = ()) -> None:
        """Forget what was over and settled before then, unless somebody still follows it."""
        for key in self._orders.forget(at, followed):
            self._told_matters.pop(key, None)
        self._filed.fills.forget(at)
        self._filed.strangers.forget(at)

    @property
    def _filed(self) -> Attribution:
        """Everything that was heard, and what has left."""
        while self._leaving:
            self._attribution.expect(*self._leaving.pop(0))
        return self._attribution

    @property
    def _orders(self) -> Orders:
        return self._filed.orders

    def _may_fill(self, con_id: int) -> tuple[Decimal, Decimal]:
        """The least and the most that our orders may still add to a position, by what they may
        fill or have claimed to.
        """
        changes = [order.side.signed(order.unfilled) for order in self.live_orders(con_id)]
        changes += self._claimed(con_id)
        sold = total(change for change in changes if change < 0)
        return sold, total(changes) - sold

    def _claimed(self, con_id: int) -> list[Decimal]:
        """What each order that is over claims to have filled beyond its executions."""
        views = (record.view for record in self._orders if record.con_id == con_id)
        return [view.side.signed(view.unbooked) for view in views if view and view.is_terminal]

    def _execute(self, news: ExecutionNews) -> None:
        held = self._holdings.explained(news.con_id)
        booked = self._filed.execution(news)
        if booked is not None and booked.change:
            if self._holdings.is_based:
                self._by_hand.executed(booked, held)
            at = news.report.executed_at
            self._holdings.execute(news.con_id, booked.change, at, self._now())

    def _settle(self, record: OrderRecord) -> None:
        view, before = record.view, record.told
        if view is None or view == before:
            return
        record.told = view
        was_read = self._completeness.executions_at is not None
        surprises = self._surprises.of(record.key, before, view, was_read=was_read)
        for told in (*matters(view), *surprises):
            self._tell_once(record.key, told)
        for changed in self._followers:
            try:
                changed(record.key, view)
            except Exception as error:  # noqa: BLE001 - one follower never keeps it from the others
                text = f"a follower failed: {error!r}"
                self._notice(IncidentKind.TASK_FAILED, str(record.key), text)

    def _tell_missing(self) -> None:
        """Orders come before executions, so by now everything was read that could explain them."""
        for key in self._missing.read(self.unexplained()):
            self._notice(IncidentKind.ORDER_UNKNOWN, str(key), UNEXPLAINED)

    def _tell_of(self, kind: IncidentKind, con_id: int, text: str) -> None:
        self._notice(kind, self._named(con_id), text)

    def _named(self, con_id: int) -> str:
        """A contract for a person: nobody knows it by its number."""
        symbol = self._symbols.get(con_id)
        return f"{symbol}, contract {con_id}" if symbol else f"contract {con_id}"

    def _contradiction(self, key: IntentKey, text: str) -> None:
        self._tell_once(key, Told(Matter(IncidentKind.STATE_INCONSISTENT, text), text))

    def _tell_once(self, key: IntentKey, told: Told) -> None:
        known = self._told_matters.setdefault(key, set())
        if told.matter not in known:
            known.add(told.matter)
            self._notice(told.matter.kind, str(key), told.text)

    def _dropped(self) -> None:
        """There was no room for all that waits for an owner; told once in a session."""
        if not self._has_dropped:
            self._has_dropped = True
            text = "more was heard of unknown orders than there is room for; the oldest is gone"
            self._notice(IncidentKind.STATE_INCONSISTENT, self._account, text)

    def _notice(self, kind: IncidentKind, subject: str, text: str) -> None:
        self._tell(Notice(kind, subject, text, self._now()))
