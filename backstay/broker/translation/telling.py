"""What a message amounts to, as news. A value that can't be told for sure is a ValueError.

Prices and quantities are the broker's own numbers. A type of order that is none of ours has no
terms; a type of ours without its price can't be read. What somebody else has placed may be stranger
than anything of ours: what of it can't be told is left out, for it must not keep us from our own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from ib_async.contract import Contract
from ib_async.objects import CommissionReport, Execution
from ib_async.order import Order, OrderState

from backstay.broker.news import (
    CommissionNews,
    CompletedNews,
    ExecutionNews,
    OrderNews,
    PositionNews,
)
from backstay.broker.translation.contracts import multiplier_of
from backstay.broker.translation.figures import number, stated, whole
from backstay.domain.ids import parse_order_ref
from backstay.domain.orders.intent import Limit, Market, OcaGroup, OrderTerms, Stop, StopLimit
from backstay.domain.orders.reports import (
    CommissionReported,
    CompletedReported,
    ExecutionReported,
    OrderReported,
)
from backstay.domain.sides import Side

_Read = TypeVar("_Read")

_SIDES = {
    "BUY": Side.BUY,
    "BOT": Side.BUY,
    "SELL": Side.SELL,
    "SLD": Side.SELL,
    "SSHORT": Side.SELL,
    "SLONG": Side.SELL,
}


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer to an order that only asks: what it would do to the account's margins and cost.

    Money is in the account's base currency, the commission in its own; None is what wasn't said.
    """

    init_margin_change: Decimal
    init_margin_after: Decimal | None
    maint_margin_change: Decimal | None
    maint_margin_after: Decimal | None
    equity_after: Decimal | None
    commission: Decimal | None
    commission_min: Decimal | None
    commission_max: Decimal | None
    commission_currency: str
    warning: str


def order_news(contract: Contract, order: Order, state: OrderState, at: datetime) -> OrderNews:
    """What an openOrder says."""
    read = _strictly if parse_order_ref(order.orderRef) else _as_far_as_told
    report = OrderReported(
        order_id=whole(order.orderId),
        perm_id=whole(order.permId),
        status=state.status,
        side=_side(order.action),
        quantity=read(_quantity, order, Decimal(0)),
        terms=read(_terms, order, None),
        time_in_force=order.tif,
        outside_regular_hours=order.outsideRth,
        oca=read(_oca, order, None),
        parent_order_id=whole(order.parentId),
        received_at=at,
    )
    return OrderNews(
        order_ref=order.orderRef,
        client_id=order.clientId,
        account=order.account,
        con_id=contract.conId,
        report=report,
        parent_perm_id=whole(order.parentPermId),
    )


def completed_news(
    contract: Contract, order: Order, state: OrderState, at: datetime
) -> CompletedNews | None:
    """What a completedOrder says. No count of what was filled claims nothing: executions do.

    One without a permanent id has never left the gateway, and nothing is to be said of it.
    """
    perm_id, filled = whole(order.permId), number(order.filledQuantity) or Decimal(0)
    if not perm_id and not filled:
        return None
    report = CompletedReported(perm_id=perm_id, status=state.status, filled=filled, received_at=at)
    return CompletedNews(
        order_ref=order.orderRef,
        account=order.account,
        con_id=contract.conId,
        side=_side(order.action),
        quantity=stated("the quantity of a completed order", order.totalQuantity),
        report=report,
    )


def execution_news(contract: Contract, execution: Execution) -> ExecutionNews:
    """What an execDetails says."""
    report = ExecutionReported(
        exec_id=execution.execId,
        order_id=whole(execution.orderId),
        perm_id=whole(execution.permId),
        side=_side(execution.side),
        quantity=stated("the quantity of an execution", execution.shares),
        price=stated("the price of an execution", execution.price),
        executed_at=execution.time,
    )
    return ExecutionNews(
        order_ref=execution.orderRef,
        client_id=execution.clientId,
        account=execution.acctNumber,
        con_id=contract.conId,
        report=report,
    )


def commission_news(report: CommissionReport) -> CommissionNews | None:
    """What a commissionReport says, or None if it has no amount."""
    amount = number(report.commission)
    if amount is None:
        return None
    return CommissionNews(CommissionReported(report.execId, amount, report.currency))


def position_news(
    account: str, contract: Contract, quantity: float, average_cost: float
) -> PositionNews:
    """What a position says."""
    return PositionNews(
        account=account,
        con_id=contract.conId,
        symbol=contract.symbol,
        multiplier=multiplier_of(contract),
        quantity=stated("the quantity of a position", quantity),
        average_cost=number(average_cost) or Decimal(0),
    )


def what_if_of(state: OrderState) -> WhatIf | None:
    """The answer to an order that only asks, or None while it has no figures yet."""
    change = number(state.initMarginChange)
    if change is None:
        return None
    return WhatIf(
        init_margin_change=change,
        init_margin_after=number(state.initMarginAfter),
        maint_margin_change=number(state.maintMarginChange),
        maint_margin_after=number(state.maintMarginAfter),
        equity_after=number(state.equityWithLoanAfter),
        commission=number(state.commission),
        commission_min=number(state.minCommission),
        commission_max=number(state.maxCommission),
        commission_currency=state.commissionCurrency,
        warning=state.warningText,
    )


def _strictly(read: Callable[[Order], _Read], order: Order, _otherwise: _Read) -> _Read:
    return read(order)


def _as_far_as_told(read: Callable[[Order], _Read], order: Order, otherwise: _Read) -> _Read:
    try:
        return read(order)
    except ValueError:
        return otherwise


def _quantity(order: Order) -> Decimal:
    return stated("the quantity of an order", order.totalQuantity)


def _side(word: str) -> Side:
    if word not in _SIDES:
        raise ValueError(f"{word!r} is no side")
    return _SIDES[word]


def _terms(order: Order) -> OrderTerms | None:
    match order.orderType:
        case "MKT":
            return Market()
        case "LMT":
            return Limit(stated("the limit of an order", order.lmtPrice))
        case "STP":
            return Stop(stated("the trigger of a stop", order.auxPrice))
        case "STP LMT":
            trigger = stated("the trigger of a stop", order.auxPrice)
            return StopLimit(trigger, stated("the limit of an order", order.lmtPrice))
        case _:
            return None


def _oca(order: Order) -> OcaGroup | None:
    """IB answers with type 3 where an order has named none."""
    if not order.ocaGroup:
        return None
    match order.ocaType:
        case 1 | 2 | 3 as oca_type:
            return OcaGroup(order.ocaGroup, oca_type)
        case 0:
            return OcaGroup(order.ocaGroup, 3)
        case other:
            raise ValueError(f"an OCA group of type {other}")
