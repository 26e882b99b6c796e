"""News of one account, as short as a test wants to read them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from backstay.broker.doors.knowing import SyncedInbox
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.news import (
    CommissionNews,
    CompletedNews,
    ExecutionNews,
    JudgedNews,
    News,
    OrderNews,
    PositionNews,
    StatusNews,
)
from backstay.broker.notices import Notice
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import Limit, OcaGroup, OrderIntent, OrderTerms, TimeInForce
from backstay.domain.orders.outcome import RejectionClass
from backstay.domain.orders.reports import (
    CancelConfirmed,
    CancelRefused,
    CommissionReported,
    CompletedReported,
    ExecutionReported,
    OrderReported,
    RejectionReported,
    StatusReported,
)
from backstay.domain.orders.view import OrderView
from backstay.domain.prices import PriceGrid
from backstay.domain.sides import Side

START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
ACCOUNT = "DU1"
CLIENT = 1
CON_ID = 265598
TRADE = "AAAAAAAA"
ENTRY = IntentKey(TRADE, 0, Purpose.ENTRY, 1)
STOP = IntentKey(TRADE, 0, Purpose.PROTECT, 1)
OTHER = IntentKey("BBBBBBBB", 0, Purpose.ENTRY, 1)
GRID = PriceGrid.uniform(Decimal("0.01"))
AAPL = Instrument(CON_ID, "AAPL", "SMART", "USD", Decimal(1), GRID, "America/New_York")
LIMIT = Limit(Decimal("10.00"))


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Heard:
    """An inbox, its clock, and everything that it told."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.notices: list[Notice] = []
        self.changes: list[tuple[IntentKey, OrderView]] = []
        self.inbox = BrokerInbox(ACCOUNT, CLIENT, lambda: at(self.seconds), self.notices.append)
        self.inbox.follow(lambda key, view: self.changes.append((key, view)))
        self.door: SyncedInbox = self.inbox

    def hear(self, *news: News) -> "Heard":
        for each in news:
            self.inbox.hear(each)
        self.inbox.settle()
        return self

    def answer(self, *questions: str, contracts: Sequence[int] = ()) -> "Heard":
        """Everything that was asked now is answered in a tenth of a second."""
        asked_at = at(self.seconds)
        self.seconds += 0.1
        for question in questions:
            self.inbox.answered(question, asked_at, contracts)
        self.inbox.settle()
        return self

    def sync(self, *contracts: int) -> "Heard":
        """All questions are answered, by what was heard before."""
        whole = ("open orders", "completed orders", "executions", "positions")
        return self.answer(*whole, contracts=contracts)

    def kinds(self) -> list[IncidentKind]:
        return [notice.kind for notice in self.notices]

    def view(self, key: IntentKey = ENTRY) -> OrderView:
        view = self.inbox.view(key)
        assert view is not None
        return view


def intent(
    key: IntentKey = ENTRY,
    quantity: int = 100,
    side: Side = Side.BUY,
    *,
    terms: OrderTerms = LIMIT,
    parent: IntentKey | None = None,
    oca: OcaGroup | None = None,
) -> OrderIntent:
    return OrderIntent(
        key,
        ACCOUNT,
        AAPL,
        side,
        Decimal(quantity),
        terms,
        TimeInForce.GOOD_TILL_CANCELLED,
        oca=oca,
        parent=parent,
    )


def order(
    key: IntentKey | str = ENTRY,
    status: str = "Submitted",
    seconds: float = 0,
    *,
    order_id: int = 5,
    perm_id: int = 7,
    quantity: int = 100,
    side: Side = Side.BUY,
    terms: OrderTerms | None = LIMIT,
    time_in_force: str = "GTC",
    oca: OcaGroup | None = None,
    parent_order_id: int = 0,
    parent_perm_id: int = 0,
    client_id: int = CLIENT,
    account: str = ACCOUNT,
    con_id: int = CON_ID,
) -> OrderNews:
    report = OrderReported(
        order_id=order_id,
        perm_id=perm_id,
        status=status,
        side=side,
        quantity=Decimal(quantity),
        terms=terms,
        time_in_force=time_in_force,
        outside_regular_hours=False,
        oca=oca,
        parent_order_id=parent_order_id,
        received_at=at(seconds),
    )
    return OrderNews(str(key), client_id, account, con_id, report, parent_perm_id)


def status(
    word: str = "Submitted",
    seconds: float = 0,
    *,
    filled: int = 0,
    why_held: str = "",
    order_id: int = 5,
    perm_id: int = 7,
    client_id: int = CLIENT,
) -> StatusNews:
    told = StatusReported(order_id, perm_id, word, Decimal(filled), why_held, at(seconds))
    return StatusNews(client_id, told)


def fill(
    key: IntentKey | str = ENTRY,
    exec_id: str = "e.1.01",
    quantity: int = 100,
    *,
    side: Side = Side.BUY,
    price: str = "10.00",
    seconds: float = 0,
    order_id: int = 5,
    perm_id: int = 7,
    client_id: int = CLIENT,
    account: str = ACCOUNT,
    con_id: int = CON_ID,
) -> ExecutionNews:
    report = ExecutionReported(
        exec_id, order_id, perm_id, side, Decimal(quantity), Decimal(price), at(seconds)
    )
    return ExecutionNews(str(key), client_id, account, con_id, report)


def cost(exec_id: str = "e.1.01", amount: str = "1.00") -> CommissionNews:
    return CommissionNews(CommissionReported(exec_id, Decimal(amount), "USD"))


def completed(
    key: IntentKey | str = ENTRY,
    word: str = "Filled",
    seconds: float = 0,
    *,
    filled: int = 0,
    perm_id: int = 7,
    quantity: int = 100,
    account: str = ACCOUNT,
) -> CompletedNews:
    report = CompletedReported(perm_id, word, Decimal(filled), at(seconds))
    return CompletedNews(str(key), account, CON_ID, Side.BUY, Decimal(quantity), report)


def rejected(order_id: int = 5, seconds: float = 0) -> JudgedNews:
    told = RejectionReported(order_id, RejectionClass.OTHER, 201, "no", at(seconds))
    return JudgedNews(told)


def cancelled(order_id: int = 5, seconds: float = 0) -> JudgedNews:
    return JudgedNews(CancelConfirmed(order_id, at(seconds)))


def cancel_refused(order_id: int = 5, seconds: float = 0) -> JudgedNews:
    return JudgedNews(CancelRefused(order_id, 10147, "not in the book", at(seconds)))


def position(
    quantity: int, *, con_id: int = CON_ID, account: str = ACCOUNT, multiplier: int = 1
) -> PositionNews:
    return PositionNews(
        account, con_id, "AAPL", Decimal(multiplier), Decimal(quantity), Decimal("10.00")
    )
