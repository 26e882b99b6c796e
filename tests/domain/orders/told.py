"""Reports about one order to buy 100, as short as a test wants to read them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import reduce
from typing import TypeVar

from pydantic import TypeAdapter

from backstay.domain.orders.executions import execution_histories
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.instances import OrderInstance, instances_of
from backstay.domain.orders.intent import Limit, OcaGroup, OrderTerms
from backstay.domain.orders.outcome import RejectionClass
from backstay.domain.orders.reports import (
    AbsenceTold,
    BrokerReport,
    CancelConfirmed,
    CancelRefused,
    CommissionReported,
    CompletedReported,
    ExecutionReported,
    OrderReported,
    RejectionReported,
    StatusReported,
)
from backstay.domain.orders.view import OrderView, view_of
from backstay.domain.sides import Side

Value = TypeVar("Value")

START = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
LIMIT = Limit(Decimal("10.00"))
FACTS = TypeAdapter(OrderFacts)
VIEWS = TypeAdapter(OrderView)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def described(
    status: str = "Submitted",
    seconds: float = 0,
    *,
    quantity: int = 100,
    side: Side = Side.BUY,
    terms: OrderTerms | None = LIMIT,
    oca: OcaGroup | None = None,
    order_id: int = 5,
    perm_id: int = 7,
) -> OrderReported:
    return OrderReported(
        order_id=order_id,
        perm_id=perm_id,
        status=status,
        side=side,
        quantity=Decimal(quantity),
        terms=terms,
        time_in_force="DAY",
        outside_regular_hours=False,
        oca=oca,
        parent_order_id=0,
        received_at=at(seconds),
    )


def status(
    word: str = "Submitted",
    seconds: float = 0,
    *,
    filled: int = 0,
    why_held: str = "",
    order_id: int = 5,
    perm_id: int = 7,
) -> StatusReported:
    return StatusReported(order_id, perm_id, word, Decimal(filled), why_held, at(seconds))


def fill(
    exec_id: str = "e.1.01",
    quantity: int = 100,
    price: str = "10.00",
    *,
    side: Side = Side.BUY,
    seconds: float = 0,
    order_id: int = 5,
    perm_id: int = 7,
) -> ExecutionReported:
    return ExecutionReported(
        exec_id, order_id, perm_id, side, Decimal(quantity), Decimal(price), at(seconds)
    )


def cost(
    exec_id: str = "e.1.01", amount: str = "1.00", currency: str = "USD"
) -> CommissionReported:
    return CommissionReported(exec_id, Decimal(amount), currency)


def completed(
    word: str = "Filled", seconds: float = 0, *, filled: int = 0, perm_id: int = 7
) -> CompletedReported:
    return CompletedReported(perm_id, word, Decimal(filled), at(seconds))


def rejected(
    seconds: float = 0, *, code: int = 201, text: str = "no", order_id: int = 5
) -> RejectionReported:
    return RejectionReported(order_id, RejectionClass.OTHER, code, text, at(seconds))


def cancel_refused(
    seconds: float = 0, *, code: int = 10148, text: str = "no", order_id: int = 5
) -> CancelRefused:
    return CancelRefused(order_id, code, text, at(seconds))


def cancelled(seconds: float = 0, *, order_id: int = 5) -> CancelConfirmed:
    return CancelConfirmed(order_id, at(seconds))


def absence_told(seconds: float = 0, *, order_id: int = 5, perm_id: int = 0) -> AbsenceTold:
    return AbsenceTold(order_id, perm_id, at(seconds))


def facts(*reports: BrokerReport) -> OrderFacts:
    return reduce(OrderFacts.with_reports, reports, OrderFacts())


def view(*reports: BrokerReport, side: Side = Side.BUY, quantity: int = 100) -> OrderView:
    return view_of(facts(*reports), side, Decimal(quantity))


def lives(*reports: BrokerReport, quantity: int = 100) -> tuple[OrderInstance, ...]:
    known = facts(*reports)
    return instances_of(known, execution_histories(known), Decimal(quantity))


def life(*reports: BrokerReport, quantity: int = 100) -> OrderInstance:
    (only,) = lives(*reports, quantity=quantity)
    return only


def through_json(adapter: TypeAdapter[Value], value: Value) -> Value:
    return adapter.validate_json(adapter.dump_json(value))
