"""What the two clients make of the gateway's bytes, told back in our own values.

The real decoders call a recorder; the objects that they hand over are read field by field. What a
client can't tell apart (no number and zero, in some fields) is left as the client has it:
`as_heard` says where.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

import ib_async.decoder
import ibapi.decoder
from ib_async.util import parseIBDatetime

from backstay.gateway import times
from backstay.gateway.messages import data_replies as prices
from backstay.gateway.messages import order_replies as orders
from backstay.gateway.messages import replies as told
from backstay.gateway.messages.replies import Reply
from backstay.gateway.values.contract import ComboLeg, Contract, DeltaNeutral, TagValue
from backstay.gateway.values.execution import Commission, Execution, Side
from backstay.gateway.values.order import Condition, Order
from backstay.gateway.values.state import MarginPreview, Status
from tests.gateway.wire.clients import CONDITION_TERMS
from tests.gateway.wire.vocabulary import UNSET_NUMBER, UNSET_WHOLE, words

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
        return replace(tick, size=_number(calls[1][1][2]))
    if names[-1:] == ["historicalDataEnd"]:
        bars = tuple(_bar(given[1]) for _, given in calls[:-1])
        req_id, start, end = calls[-1][1]
        return prices.HistoricalBars(req_id, start, end, bars)
    ((name, given),) = calls
    return _UNDERSTOOD[name](*given)


def _number(value: Any) -> Decimal:
    """A number that is there."""
    found = _number_or_none(value)
    assert found is not None
    return found


def _numbers(names: str, given: Any) -> dict[str, Any]:
    """Numbers as the arguments of these names."""
    return {name: _number(value) for name, value in zip(names.split(), given, strict=True)}


def _number_or_none(value: Any) -> Decimal | None:
    if isinstance(value, str):
        value = float(value)
    if value == UNSET_NUMBER:
        return None
    if value == math.inf:
        return Decimal("Infinity")
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def _fields(made_of: type, theirs: Any) -> dict[str, Any]:
    """The fields of the client's object as arguments for ours; parts are replaced in a default."""
    found: dict[str, Any] = {}
    for word in words(made_of):
        if word.called in _ABSENT_IN_IBAPI and not hasattr(theirs, word.called):
            continue
        called = word.called if _has(theirs, word.called) else _CALLED_BY_IBAPI[word.called]
        value = _ours(attrgetter(called)(theirs), word.type, may_be_none=word.may_be_none)
        owner, _, name = word.path.rpartition(".")
        if owner:
            part = found.get(owner, getattr(made_of(), owner))
            found[owner] = replace(part, **{name: value})
        else:
            found[name] = value
    return found


def _has(theirs: Any, called: str) -> bool:
    return hasattr(theirs, called.partition(".")[0])


_ABSENT_IN_IBAPI = {"eTradeOnly", "firmQuoteOnly", "nbboPriceCap"}


_CALLED_BY_IBAPI = {
    "commission": "commissionAndFees",
    "minCommission": "minCommissionAndFees",
    "maxCommission": "maxCommissionAndFees",
    "commissionCurrency": "commissionAndFeesCurrency",
}


def _ours(value: Any, kind: Any, *, may_be_none: bool) -> Any:
    if value is None:
        return None
    if kind is Decimal:
        return _number_or_none(value)
    if kind is int and may_be_none and value == UNSET_WHOLE:
        return None
    return kind(value)


def _contract(theirs: Any) -> Contract:
    neutral = theirs.deltaNeutralContract
    return Contract(
        **_fields(Contract, theirs),
        combo_legs=tuple(ComboLeg(**_fields(ComboLeg, leg)) for leg in theirs.comboLegs or ()),
        delta_neutral=neutral
        and DeltaNeutral(neutral.conId, _number(neutral.delta), _number(neutral.price)),
    )


def _order(theirs: Any) -> Order:
    order = Order(
        **_fields(Order, theirs),
        algo_params=_tags(theirs.algoParams),
        combo_leg_prices=tuple(_number_or_none(leg.price) for leg in theirs.orderComboLegs or ()),
        smart_combo_routing=_tags(theirs.smartComboRoutingParams),
        conditions=tuple(_condition(condition) for condition in theirs.conditions),
    )
    neutral = order.delta_neutral
    # TWS says None where there is no delta-neutral order.
    assert neutral.order_type
    if neutral.order_type == "None":
        neutral = replace(neutral, order_type="")
    return replace(order, delta_neutral=neutral)


def _condition(theirs: Any) -> Condition:
    terms = []
    for name in CONDITION_TERMS[theirs.condType]:
        value = getattr(theirs, "exch" if name == "exchange" and _is_short(theirs) else name)
        plain = f"{_plain(value):f}" if isinstance(value, float) else value
        terms.append(str(int(plain)) if isinstance(plain, bool) else str(plain))
    is_and = getattr(theirs, "isConjunctionConnection", None)
    conjunction = theirs.conjunction if is_and is None else "a" if is_and else "o"
    return Condition(theirs.condType, conjunction, tuple(terms))


def _is_short(theirs: Any) -> bool:
    return hasattr(theirs, "exch")


def _plain(value: float) -> Decimal:
    number = _number(value)
    return number.quantize(Decimal(1)) if number == int(number) else number.normalize()


def _tags(theirs: Any) -> tuple[TagValue, ...]:
    return tuple(TagValue(pair.tag, pair.value) for pair in theirs or ())


def _bar(theirs: Any) -> prices.Bar:
    is_ib_async = hasattr(theirs, "average")
    numbers = (theirs.open, theirs.high, theirs.low, theirs.close, theirs.volume)
    average = theirs.average if is_ib_async else theirs.wap
    made = _numbers("open high low close volume average", (*numbers, average))
    return prices.Bar(theirs.date, count=theirs.barCount, **made)


def _execution(theirs: Any) -> Execution:
    time = theirs.time if isinstance(theirs.time, datetime) else parseIBDatetime(theirs.time)
    assert isinstance(time, datetime)
    found = {name: value for name, value in _fields(Execution, theirs).items() if name != "side"}
    return Execution(**found, side=Side(theirs.side), time_ns=times.to_ns(time))


def _open_order(_order_id: int, contract: Any, order: Any, state: Any) -> orders.OpenOrder:
    preview = MarginPreview(**_fields(MarginPreview, state))
    return orders.OpenOrder(_contract(contract), _order(order), Status(state.status), preview)


def _completed_order(contract: Any, order: Any, state: Any) -> orders.CompletedOrder:
    return orders.CompletedOrder(
        _contract(contract),
        _order(order),
        Status(state.status),
        _number(order.filledQuantity),
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
        _number(filled),
        _number(remaining),
        _number(average),
        perm_id,
        parent_id,
        _number(last),
        client_id,
        why_held,
        _number(market_cap_price),
    )


def _commission(theirs: Any) -> orders.CommissionReport:
    is_ib_async = hasattr(theirs, "commission")
    return orders.CommissionReport(
        Commission(
            theirs.execId,
            _number(theirs.commission if is_ib_async else theirs.commissionAndFees),
            theirs.currency,
            _number_or_none(theirs.realizedPNL),
            _number_or_none(theirs.yield_),
            theirs.yieldRedemptionDate,
        )
    )


def _details(req_id: int, theirs: Any) -> told.ContractDetails:
    return told.ContractDetails(
        req_id,
        _contract(theirs.contract),
        **_fields(told.ContractDetails, theirs),
        sec_ids=_tags(theirs.secIdList),
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
        _in_order(tuple(_number(strike) for strike in strikes)),
    )


def _rule(rule_id: int, theirs: Any) -> told.MarketRule:
    steps = (told.PriceStep(_number(step.lowEdge), _number(step.increment)) for step in theirs)
    return told.MarketRule(rule_id, tuple(steps))


def _portfolio(contract: Any, *given: Any) -> told.PortfolioValue:
    names = "quantity market_price market_value average_cost unrealized_pnl realized_pnl"
    made = _numbers(names, given[:-1])
    return told.PortfolioValue(_contract(contract), account=given[-1], **made)


def _error(*given: Any) -> told.Notice:
    # IB's client adds the time of the error.
    return told.Notice(*given) if isinstance(given[2], str) else told.Notice(given[0], *given[2:])


def _ibapi_tick_price(req_id: int, field: int, price: Any, flags: Any) -> prices.TickPrice:
    mask = flags.canAutoExecute | flags.pastLimit << 1 | flags.preOpen << 2
    return prices.TickPrice(req_id, field, _number(price), attributes=mask)


def _tick_last(*given: Any) -> prices.TickLast:
    req_id, tick_type, seconds, price, size, flags, exchange, conditions = given
    mask = flags.pastLimit | flags.unreported << 1
    sized = (_number(price), _number(size))
    return prices.TickLast(req_id, tick_type, seconds, *sized, mask, exchange, conditions)


def _tick_bid_ask(req_id: int, seconds: int, *given: Any) -> prices.TickBidAsk:
    *numbers, flags = given
    mask = flags.bidPastLow | flags.askPastHigh << 1
    made = _numbers("bid ask bid_size ask_size", numbers)
    return prices.TickBidAsk(req_id, seconds, mask=mask, **made)


def _tick_option(req_id: int, field: int, flags: int, *given: Any) -> prices.TickOption:
    names = "implied_volatility delta price pv_dividend gamma vega theta under_price"
    return prices.TickOption(req_id, field, attributes=flags, **_numbers(names, given))


def _numbers_last(made_of: Any, first_number: int) -> Callable[..., Any]:
    """A message whose arguments are numbers from one on."""
    return lambda *given: made_of(*given[:first_number], *map(_number, given[first_number:]))


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
        req_id, _number(min_tick), *rest
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
    "historicalDataUpdate": lambda req_id, bar: prices.HistoricalBarUpdate(req_id, _bar(bar)),
    "openOrder": _open_order,
    "orderStatus": _order_status,
    "openOrderEnd": orders.OpenOrdersEnd,
    "completedOrder": _completed_order,
    "completedOrdersEnd": orders.CompletedOrdersEnd,
    "execDetails": lambda req_id, contract, execution: orders.ExecutionDetails(
        req_id, _contract(contract), _execution(execution)
    ),
    "execDetailsEnd": orders.ExecutionsEnd,
    "commissionReport": _commission,
    "commissionAndFeesReport": _commission,
    "position": lambda account, contract, *numbers: told.PositionReport(
        account, _contract(contract), *map(_number, numbers)
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
