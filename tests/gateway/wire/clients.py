"""The two clients that the gateway is made for, without a socket: what they send is caught.

Our requests are turned into calls of their real methods, with their real contracts and orders. That
is all this module knows; how the calls become bytes is theirs.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import Any

import ib_async
import ib_async.client
import ibapi.client
import ibapi.contract
import ibapi.execution
import ibapi.order
import ibapi.order_cancel
import ibapi.order_condition
import ibapi.tag_value

from backstay.gateway.messages import requests as asked
from backstay.gateway.messages.requests import Request
from backstay.gateway.values.contract import Contract, DeltaNeutral, TagValue
from backstay.gateway.values.order import Condition, Order
from backstay.gateway.wire.frames import FrameReader
from tests.gateway.wire.vocabulary import UNSET_NUMBER, UNSET_WHOLE, words


class Client(ABC):
    """One of the clients."""

    def __init__(self, version: int = 178) -> None:
        self.version = version
        self.sent: list[bytes] = []
        self.api = self.connected()

    @abstractmethod
    def connected(self) -> Any:
        """The client's own object, believing that it is connected."""

    @abstractmethod
    def contract(self, contract: Contract) -> Any:
        """The contract in the client's words."""

    @abstractmethod
    def order(self, order: Order) -> Any:
        """The order in the client's words."""

    @abstractmethod
    def filter(self, request: asked.RequestExecutions) -> Any:
        """The filter of executions in the client's words."""

    @abstractmethod
    def cancel(self, request: asked.CancelOrder) -> None:
        """Send a cancel."""

    @abstractmethod
    def cancel_all(self) -> None:
        """Send a global cancel."""

    @abstractmethod
    def tag(self, pair: TagValue) -> Any:
        """A tag in the client's words."""

    def payload_of(self, request: Request) -> bytes:
        """What the client sends for a request, without its length."""
        self.sent.clear()
        _ASK[type(request)](self, request)
        (payload,) = FrameReader().feed(b"".join(self.sent))
        return payload

    def tags(self, pairs: tuple[TagValue, ...]) -> list[Any]:
        """Tags in the client's words."""
        return [self.tag(pair) for pair in pairs]


class IbAsync(Client):
    """ib_async's client."""

    def connected(self) -> Any:
        made_of: Any = ib_async.client.Client
        client = made_of(wrapper=object())
        client.connState = client.CONNECTED
        client._serverVersion = self.version
        client.sendMsg = lambda message: self.sent.append(client._prefix(message.encode()))
        return client

    def contract(self, contract: Contract) -> Any:
        found = _filled(ib_async.Contract(), contract, float)
        found.comboLegs = [_filled(ib_async.ComboLeg(), leg, float) for leg in contract.combo_legs]
        if neutral := contract.delta_neutral:
            found.deltaNeutralContract = _neutral(ib_async.DeltaNeutralContract(), neutral)
        return found

    def order(self, order: Order) -> Any:
        found = _filled(ib_async.Order(), order, float)
        found.algoParams = self.tags(order.algo_params)
        found.smartComboRoutingParams = self.tags(order.smart_combo_routing)
        found.orderMiscOptions = self.tags(order.misc_options)
        found.orderComboLegs = [
            ib_async.OrderComboLeg(_number(price, float)) for price in order.combo_leg_prices
        ]
        found.conditions = [_ib_async_condition(condition) for condition in order.conditions]
        return found

    def filter(self, request: asked.RequestExecutions) -> Any:
        return ib_async.ExecutionFilter(
            request.client_id,
            request.account,
            request.time,
            request.symbol,
            request.sec_type,
            request.exchange,
            request.side,
        )

    def cancel(self, request: asked.CancelOrder) -> None:
        self.api.cancelOrder(request.order_id, request.manual_cancel_time)

    def cancel_all(self) -> None:
        self.api.reqGlobalCancel()

    def tag(self, pair: TagValue) -> Any:
        return ib_async.TagValue(pair.tag, pair.value)


class IbApi(Client):
    """IB's own client."""

    def connected(self) -> Any:
        client = ibapi.client.EClient(wrapper=_Loud())
        client.setConnState(client.CONNECTED)
        client.serverVersion_ = self.version
        client.conn = _Wire(self.sent)
        return client

    def contract(self, contract: Contract) -> Any:
        found = _filled(ibapi.contract.Contract(), contract, float)
        found.comboLegs = [
            _filled(ibapi.contract.ComboLeg(), leg, float) for leg in contract.combo_legs
        ]
        if neutral := contract.delta_neutral:
            empty = ibapi.contract.DeltaNeutralContract()
            found.deltaNeutralContract = _neutral(empty, neutral)
        return found

    def order(self, order: Order) -> Any:
        found = _filled(ibapi.order.Order(), order, float)
        found.totalQuantity = order.quantity
        found.algoParams = self.tags(order.algo_params)
        found.smartComboRoutingParams = self.tags(order.smart_combo_routing)
        found.orderMiscOptions = self.tags(order.misc_options)
        found.orderComboLegs = [_order_leg(price) for price in order.combo_leg_prices]
        found.conditions = [_ibapi_condition(condition) for condition in order.conditions]
        return found

    def filter(self, request: asked.RequestExecutions) -> Any:
        found = ibapi.execution.ExecutionFilter()
        found.clientId = request.client_id
        found.acctCode = request.account
        found.time = request.time
        found.symbol = request.symbol
        found.secType = request.sec_type
        found.exchange = request.exchange
        found.side = request.side
        return found

    def cancel(self, request: asked.CancelOrder) -> None:
        cancel = ibapi.order_cancel.OrderCancel()
        cancel.manualOrderCancelTime = request.manual_cancel_time
        self.api.cancelOrder(request.order_id, cancel)

    def cancel_all(self) -> None:
        self.api.reqGlobalCancel(ibapi.order_cancel.OrderCancel())

    def tag(self, pair: TagValue) -> Any:
        return ibapi.tag_value.TagValue(pair.tag, pair.value)


class _Wire:
    """A connection that only listens to its client."""

    def __init__(self, sent: list[bytes]) -> None:
        self._sent = sent

    def isConnected(self) -> bool:  # noqa: N802 - the client calls it so
        return True

    def sendMsg(self, message: bytes) -> None:  # noqa: N802 - the client calls it so
        self._sent.append(message)


class _Loud:
    """A wrapper that fails the test when the client refuses to send something."""

    def error(self, *said: Any) -> None:
        raise AssertionError(said)


def _start(client: Client, request: asked.StartApi) -> None:
    client.api.clientId = request.client_id
    client.api.optCapab = request.capabilities
    client.api.startApi()


def _bars(client: Client, request: asked.RequestHistoricalBars) -> None:
    client.api.reqHistoricalData(
        request.req_id,
        client.contract(request.contract),
        request.end,
        request.duration,
        request.bar_size,
        request.what,
        request.use_rth,
        request.date_format,
        request.keep_up_to_date,
        client.tags(request.options),
    )


def _plain(method: str, *names: str) -> Callable[[Client, Any], None]:
    """A call whose arguments are fields of the request."""

    def ask(client: Client, request: Any) -> None:
        getattr(client.api, method)(*(getattr(request, name) for name in names))

    return ask


_ASK: dict[type, Callable[[Client, Any], None]] = {
    asked.StartApi: _start,
    asked.RequestIds: _plain("reqIds", "count"),
    asked.RequestManagedAccounts: _plain("reqManagedAccts"),
    asked.SetLogLevel: _plain("setServerLogLevel", "level"),
    asked.RequestCurrentTime: _plain("reqCurrentTime"),
    asked.RequestContractDetails: lambda client, request: client.api.reqContractDetails(
        request.req_id, client.contract(request.contract)
    ),
    asked.RequestOptionChain: _plain(
        "reqSecDefOptParams", "req_id", "symbol", "exchange", "sec_type", "con_id"
    ),
    asked.RequestMarketRule: _plain("reqMarketRule", "rule_id"),
    asked.RequestMarketData: lambda client, request: client.api.reqMktData(
        request.req_id,
        client.contract(request.contract),
        request.generic_ticks,
        request.snapshot,
        request.regulatory_snapshot,
        client.tags(request.options),
    ),
    asked.CancelMarketData: _plain("cancelMktData", "req_id"),
    asked.RequestMarketDataType: _plain("reqMarketDataType", "data_type"),
    asked.RequestTickByTick: lambda client, request: client.api.reqTickByTickData(
        request.req_id,
        client.contract(request.contract),
        request.tick_type,
        request.count,
        request.ignore_size,
    ),
    asked.CancelTickByTick: _plain("cancelTickByTickData", "req_id"),
    asked.RequestHistoricalBars: _bars,
    asked.CancelHistoricalBars: _plain("cancelHistoricalData", "req_id"),
    asked.PlaceOrder: lambda client, request: client.api.placeOrder(
        request.order_id, client.contract(request.contract), client.order(request.order)
    ),
    asked.CancelOrder: lambda client, request: client.cancel(request),
    asked.CancelAll: lambda client, _request: client.cancel_all(),
    asked.RequestOpenOrders: _plain("reqOpenOrders"),
    asked.RequestAllOpenOrders: _plain("reqAllOpenOrders"),
    asked.RequestAutoOpenOrders: _plain("reqAutoOpenOrders", "bind"),
    asked.RequestCompletedOrders: _plain("reqCompletedOrders", "api_only"),
    asked.RequestExecutions: lambda client, request: client.api.reqExecutions(
        request.req_id, client.filter(request)
    ),
    asked.RequestPositions: _plain("reqPositions"),
    asked.CancelPositions: _plain("cancelPositions"),
    asked.RequestAccountUpdates: _plain("reqAccountUpdates", "subscribe", "account"),
    asked.RequestAccountUpdatesMulti: _plain(
        "reqAccountUpdatesMulti", "req_id", "account", "model_code", "ledger_only"
    ),
    asked.CancelAccountUpdatesMulti: _plain("cancelAccountUpdatesMulti", "req_id"),
    asked.RequestAccountSummary: _plain("reqAccountSummary", "req_id", "group", "tags"),
    asked.CancelAccountSummary: _plain("cancelAccountSummary", "req_id"),
    asked.RequestPnl: _plain("reqPnL", "req_id", "account", "model_code"),
    asked.CancelPnl: _plain("cancelPnL", "req_id"),
    asked.RequestPnlSingle: _plain("reqPnLSingle", "req_id", "account", "model_code", "con_id"),
    asked.CancelPnlSingle: _plain("cancelPnLSingle", "req_id"),
}


def _filled(empty: Any, value: Any, number: Callable[[Decimal], Any]) -> Any:
    """The client's object with the fields of ours."""
    for word in words(type(value)):
        found = attrgetter(word.path)(value)
        *owners, name = word.called.split(".")
        owner = attrgetter(*owners)(empty) if owners else empty
        if word.type is Decimal:
            found = _number(found, number)
        elif word.type is int:
            found = UNSET_WHOLE if found is None else found
        setattr(owner, name, found)
    return empty


def _number(value: Decimal | None, number: Callable[[Decimal], Any]) -> Any:
    if value is None:
        return UNSET_NUMBER
    return math.inf if value.is_infinite() else number(value)


def _neutral(empty: Any, neutral: DeltaNeutral) -> Any:
    empty.conId = neutral.con_id
    empty.delta = float(neutral.delta)
    empty.price = float(neutral.price)
    return empty


def _order_leg(price: Decimal | None) -> Any:
    leg = ibapi.order.OrderComboLeg()
    leg.price = _number(price, float)
    return leg


def _ib_async_condition(condition: Condition) -> Any:
    conditions: Any = ib_async.OrderCondition
    made_of = conditions.createClass(condition.number)
    return made_of(condition.number, condition.conjunction, *_terms(condition))


def _ibapi_condition(condition: Condition) -> Any:
    found = ibapi.order_condition.Create(condition.number)
    found.isConjunctionConnection = condition.conjunction == "a"
    for name, term in zip(CONDITION_TERMS[condition.number], _terms(condition), strict=True):
        setattr(found, name, term)
    return found


CONDITION_TERMS = {
    1: ("isMore", "price", "conId", "exchange", "triggerMethod"),
    3: ("isMore", "time"),
    4: ("isMore", "percent"),
    5: ("secType", "exchange", "symbol"),
    6: ("isMore", "volume", "conId", "exchange"),
    7: ("isMore", "changePercent", "conId", "exchange"),
}
_TERM_TYPES: dict[str, Callable[[str], Any]] = {
    "isMore": lambda term: term == "1",
    "price": float,
    "changePercent": float,
    "conId": int,
    "triggerMethod": int,
    "percent": int,
    "volume": int,
}


def _terms(condition: Condition) -> list[Any]:
    names = CONDITION_TERMS[condition.number]
    return [
        _TERM_TYPES.get(name, str)(term) for name, term in zip(names, condition.terms, strict=True)
    ]
