"""What the two clients make of the gateway's bytes, told back in our own values.

The real decoders call a recorder; the objects that they hand over are read field by field. What a
client can't tell apart (no number and zero, in some fields) is left as the client has it:
`as_heard` says where.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

import ib_async.decoder
import ibapi.decoder

from backstay.gateway.messages import data_replies as prices
from backstay.gateway.messages import order_replies as orders
from backstay.gateway.messages import replies as told
from backstay.gateway.messages.replies import Reply
from backstay.gateway.values.execution import Commission
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import MarginPreview, Status
from tests.gateway.wire.objects import (
    bar_of,
    contract_of,
    execution_of,
    fields_of,
    number_of,
    number_or_none,
    numbers_of,
    order_of,
    tags_of,
)

FIELDS_WITH_SIZE = {1, 2, 4, 66, 67, 68}


class Recorder:
    """A wrapper that notes every call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.defaultTimezone = UTC

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *given: self.calls.append((name, given))


def ib_async_hears(payload: bytes, version: int = 178) -> Reply:
    """What ib_async understands."""
    recorder = Recorder()
    decoder = ib_async.decoder.Decoder(recorder, version)  # type: ignore[arg-type]
    decoder.interpret(payload.decode().split("\0")[:-1])  # type: ignore[no-untyped-call]
    return _reply(recorder.calls)


def ibapi_hears(payload: bytes, version: int = 178) -> Reply:
    """What IB's own client understands."""
    recorder = Recorder()
    number, *fields = payload.split(b"\0")[:-1]
    ibapi.decoder.Decoder(recorder, version).interpret(fields, int(number))
    return _reply(recorder.calls)


def as_heard(reply: Any, *, by_ibapi: bool) -> Any:
    """The reply without what the client can't hear."""
    match reply:
        case orders.OpenOrder() | orders.CompletedOrder():
            return replace(reply, order=_order_as_heard(reply, by_ibapi=by_ibapi))
        case told.OptionChain():
            # IB's client keeps sets.
            return replace(
                reply, expiries=_in_order(reply.expiries), strikes=_in_order(reply.strikes)
            )
        case prices.TickPrice() if by_ibapi:
            size = reply.size if reply.field in FIELDS_WITH_SIZE else Decimal(0)
            return replace(reply, size=size, attributes=reply.attributes & 7)
        case prices.TickPrice():
            return replace(reply, attributes=0)
        case prices.TickLast() | prices.TickBidAsk():
            return replace(reply, mask=reply.mask & 3)
        case _:
            return reply


def _order_as_heard(reply: orders.OpenOrder | orders.CompletedOrder, *, by_ibapi: bool) -> Order:
    order = reply.order
    is_open = isinstance(reply, orders.OpenOrder)
    if not by_ibapi:
        return replace(
            order,
            display_size=order.display_size or 0,
            auction_strategy=order.auction_strategy or 0,
            use_price_management=order.use_price_management or False,
        )
    return replace(
        order,
        auction_strategy=order.auction_strategy or 0,
        volatility_type=order.volatility_type or 0,
        reference_price_type=order.reference_price_type or 0,
        use_price_management=(order.use_price_management or False) if is_open else None,
        e_trade_only=False,
        firm_quote_only=False,
        nbbo_price_cap=None,
    )


def _in_order(values: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(sorted(set(values)))


def _reply(calls: list[tuple[str, tuple[Any, ...]]]) -> Reply:
    names = [name for name, _ in calls]
    if names == ["tickPrice", "tickSize"]:
        tick = _ibapi_tick_price(*calls[0][1])
        return replace(tick, size=number_of(calls[1][1][2]))
    if names[-1:] == ["historicalDataEnd"]:
        bars = tuple(bar_of(given[1]) for _, given in calls[:-1])
        req_id, start, end = calls[-1][1]
        return prices.HistoricalBars(req_id, start, end, bars)
    ((name, given),) = calls
    return _UNDERSTOOD[name](*given)


def _open_order(_order_id: int, contract: Any, order: Any, state: Any) -> orders.OpenOrder:
    preview = MarginPreview(**fields_of(MarginPreview, state))
    return orders.OpenOrder(contract_of(contract), order_of(order), Status(state.status), preview)


def _completed_order(contract: Any, order: Any, state: Any) -> orders.CompletedOrder:
    return orders.CompletedOrder(
        contract_of(contract),
        order_of(order),
        Status(state.status),
        number_of(order.filledQuantity),
        state.completedTime,
        state.completedStatus,
        order.parentPermId,
    )


def _order_status(*given: Any) -> orders.OrderStatus:
    order_id, status, filled, remaining, average, perm_id, parent_id, last, *rest = given
    client_id, why_held, market_cap_price = rest
    return orders.OrderStatus(
        order_id,
        Status(status),
        number_of(filled),
        number_of(remaining),
        number_of(average),
        perm_id,
        parent_id,
        number_of(last),
        client_id,
        why_held,
        number_of(market_cap_price),
    )


def _commission(theirs: Any) -> orders.CommissionReport:
    is_ib_async = hasattr(theirs, "commission")
    return orders.CommissionReport(
        Commission(
            theirs.execId,
            number_of(theirs.commission if is_ib_async else theirs.commissionAndFees),
            theirs.currency,
            number_or_none(theirs.realizedPNL),
            number_or_none(theirs.yield_),
            theirs.yieldRedemptionDate,
        )
    )


def _details(req_id: int, theirs: Any) -> told.ContractDetails:
    return told.ContractDetails(
        req_id,
        contract_of(theirs.contract),
        **fields_of(told.ContractDetails, theirs),
        sec_ids=tags_of(theirs.secIdList),
    )


def _chain(*given: Any) -> told.OptionChain:
    req_id, exchange, under_con_id, trading_class, multiplier, expiries, strikes = given
    return told.OptionChain(
        req_id,
        exchange,
        int(under_con_id),
        trading_class,
        multiplier,
        _in_order(expiries),
        _in_order(tuple(number_of(strike) for strike in strikes)),
    )


def _rule(rule_id: int, theirs: Any) -> told.MarketRule:
    steps = (told.PriceStep(number_of(step.lowEdge), number_of(step.increment)) for step in theirs)
    return told.MarketRule(rule_id, tuple(steps))


def _portfolio(contract: Any, *given: Any) -> told.PortfolioValue:
    names = "quantity market_price market_value average_cost unrealized_pnl realized_pnl"
    made = numbers_of(names, given[:-1])
    return told.PortfolioValue(contract_of(contract), account=given[-1], **made)


def _error(*given: Any) -> told.Notice:
    # IB's client adds the time of the error.
    return told.Notice(*given) if isinstance(given[2], str) else told.Notice(given[0], *given[2:])


def _ibapi_tick_price(req_id: int, field: int, price: Any, flags: Any) -> prices.TickPrice:
    mask = flags.canAutoExecute | flags.pastLimit << 1 | flags.preOpen << 2
    return prices.TickPrice(req_id, field, number_of(price), attributes=mask)


def _tick_last(*given: Any) -> prices.TickLast:
    req_id, tick_type, seconds, price, size, flags, exchange, conditions = given
    mask = flags.pastLimit | flags.unreported << 1
    sized = (number_of(price), number_of(size))
    return prices.TickLast(req_id, tick_type, seconds, *sized, mask, exchange, conditions)


def _tick_bid_ask(req_id: int, seconds: int, *given: Any) -> prices.TickBidAsk:
    *numbers, flags = given
    mask = flags.bidPastLow | flags.askPastHigh << 1
    made = numbers_of("bid ask bid_size ask_size", numbers)
    return prices.TickBidAsk(req_id, seconds, mask=mask, **made)


def _tick_option(req_id: int, field: int, flags: int, *given: Any) -> prices.TickOption:
    names = "implied_volatility delta price pv_dividend gamma vega theta under_price"
    return prices.TickOption(req_id, field, attributes=flags, **numbers_of(names, given))


def _numbers_last(made_of: Any, first_number: int) -> Callable[..., Any]:
    """A message whose arguments are numbers from one on."""
    return lambda *given: made_of(*given[:first_number], *map(number_of, given[first_number:]))


_UNDERSTOOD: dict[str, Callable[..., Reply]] = {
    "managedAccounts": lambda names: told.ManagedAccounts(
        tuple(name for name in names.split(",") if name)
    ),
    "nextValidId": told.NextValidId,
    "error": _error,
    "currentTime": told.CurrentTime,
    "contractDetails": _details,
    "contractDetailsEnd": told.ContractDetailsEnd,
    "securityDefinitionOptionParameter": _chain,
    "securityDefinitionOptionParameterEnd": told.OptionChainEnd,
    "marketRule": _rule,
    "marketDataType": prices.MarketDataType,
    "tickReqParams": lambda req_id, min_tick, *rest: prices.TickRequestParameters(
        req_id, number_of(min_tick), *rest
    ),
    "priceSizeTick": _numbers_last(prices.TickPrice, 2),
    "tickPrice": _ibapi_tick_price,
    "tickSize": _numbers_last(prices.TickSize, 2),
    "tickGeneric": _numbers_last(prices.TickGeneric, 2),
    "tickString": prices.TickString,
    "tickOptionComputation": _tick_option,
    "tickSnapshotEnd": prices.SnapshotEnd,
    "tickByTickAllLast": _tick_last,
    "tickByTickBidAsk": _tick_bid_ask,
    "tickByTickMidPoint": _numbers_last(prices.TickMidPoint, 2),
    "historicalDataUpdate": lambda req_id, bar: prices.HistoricalBarUpdate(req_id, bar_of(bar)),
    "openOrder": _open_order,
    "orderStatus": _order_status,
    "openOrderEnd": orders.OpenOrdersEnd,
    "completedOrder": _completed_order,
    "completedOrdersEnd": orders.CompletedOrdersEnd,
    "execDetails": lambda req_id, contract, execution: orders.ExecutionDetails(
        req_id, contract_of(contract), execution_of(execution)
    ),
    "execDetailsEnd": orders.ExecutionsEnd,
    "commissionReport": _commission,
    "commissionAndFeesReport": _commission,
    "position": lambda account, contract, *numbers: told.PositionReport(
        account, contract_of(contract), *map(number_of, numbers)
    ),
    "positionEnd": told.PositionsEnd,
    "updateAccountValue": told.AccountValue,
    "updatePortfolio": _portfolio,
    "updateAccountTime": told.AccountTime,
    "accountDownloadEnd": told.AccountDownloadEnd,
    "accountUpdateMulti": told.AccountValueMulti,
    "accountUpdateMultiEnd": told.AccountValuesMultiEnd,
    "accountSummary": told.AccountSummary,
    "accountSummaryEnd": told.AccountSummaryEnd,
    "pnl": _numbers_last(told.Pnl, 1),
    "pnlSingle": _numbers_last(told.PnlSingle, 1),
}
