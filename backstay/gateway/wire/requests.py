"""What clients send: one table a message."""

from types import MappingProxyType
from typing import Any

from backstay.gateway.messages import requests as said
from backstay.gateway.messages.requests import Request
from backstay.gateway.wire import kinds, parts
from backstay.gateway.wire.errors import UnknownRequest
from backstay.gateway.wire.fields import cut
from backstay.gateway.wire.handshake import VERSION
from backstay.gateway.wire.layout import Layout, flag, message_version, since, single, text, whole
from backstay.gateway.wire.order_requests import PLACE_ORDER

LAYOUTS: tuple[Layout[Any], ...] = (
    Layout(
        "startApi",
        71,
        said.StartApi,
        message_version(2),
        *whole("client_id"),
        *text("capabilities"),
    ),
    Layout("reqIds", 8, said.RequestIds, message_version(1), *whole("count")),
    Layout("reqManagedAccts", 17, said.RequestManagedAccounts, message_version(1)),
    Layout("setServerLogLevel", 14, said.SetLogLevel, message_version(1), *whole("level")),
    Layout("reqCurrentTime", 49, said.RequestCurrentTime, message_version(1)),
    Layout(
        "reqContractDetails",
        9,
        said.RequestContractDetails,
        message_version(8),
        *whole("req_id"),
        *parts.ASKED_CONTRACT,
        *flag("contract.include_expired"),
        *text("contract.sec_id_type", "contract.sec_id"),
        since(176, *text("contract.issuer_id")),
    ),
    Layout(
        "reqSecDefOptParams",
        78,
        said.RequestOptionChain,
        *whole("req_id"),
        *text("symbol", "exchange", "sec_type"),
        *whole("con_id"),
    ),
    Layout("reqMarketRule", 91, said.RequestMarketRule, *whole("rule_id")),
    Layout(
        "reqMktData",
        1,
        said.RequestMarketData,
        message_version(11),
        *whole("req_id"),
        *parts.ASKED_CONTRACT,
        parts.data_legs(),
        parts.DELTA_NEUTRAL_CONTRACT,
        *text("generic_ticks"),
        *flag("snapshot", "regulatory_snapshot"),
        single("options", kinds.TAGS),
    ),
    Layout("cancelMktData", 2, said.CancelMarketData, message_version(2), *whole("req_id")),
    Layout(
        "reqMarketDataType", 59, said.RequestMarketDataType, message_version(1), *whole("data_type")
    ),
    Layout(
        "reqTickByTickData",
        97,
        said.RequestTickByTick,
        *whole("req_id"),
        *parts.ASKED_CONTRACT,
        *text("tick_type"),
        *whole("count"),
        *flag("ignore_size"),
    ),
    Layout("cancelTickByTickData", 98, said.CancelTickByTick, *whole("req_id")),
    Layout(
        "reqHistoricalData",
        20,
        said.RequestHistoricalBars,
        *whole("req_id"),
        *parts.ASKED_CONTRACT,
        *flag("contract.include_expired"),
        *text("end", "bar_size", "duration"),
        *flag("use_rth"),
        *text("what"),
        *whole("date_format"),
        parts.data_legs(),
        *flag("keep_up_to_date"),
        single("options", kinds.TAGS),
    ),
    Layout(
        "cancelHistoricalData", 25, said.CancelHistoricalBars, message_version(1), *whole("req_id")
    ),
    PLACE_ORDER,
    Layout(
        "cancelOrder",
        4,
        said.CancelOrder,
        message_version(1),
        *whole("order_id"),
        since(169, *text("manual_cancel_time")),
    ),
    Layout("reqGlobalCancel", 58, said.CancelAll, message_version(1)),
    Layout("reqOpenOrders", 5, said.RequestOpenOrders, message_version(1)),
    Layout("reqAllOpenOrders", 16, said.RequestAllOpenOrders, message_version(1)),
    Layout("reqAutoOpenOrders", 15, said.RequestAutoOpenOrders, message_version(1), *flag("bind")),
    Layout("reqCompletedOrders", 99, said.RequestCompletedOrders, *flag("api_only")),
    Layout(
        "reqExecutions",
        7,
        said.RequestExecutions,
        message_version(3),
        *whole("req_id", "client_id"),
        *text("account", "time", "symbol", "sec_type", "exchange", "side"),
    ),
    Layout("reqPositions", 61, said.RequestPositions, message_version(1)),
    Layout("cancelPositions", 64, said.CancelPositions, message_version(1)),
    Layout(
        "reqAccountUpdates",
        6,
        said.RequestAccountUpdates,
        message_version(2),
        *flag("subscribe"),
        *text("account"),
    ),
    Layout(
        "reqAccountUpdatesMulti",
        76,
        said.RequestAccountUpdatesMulti,
        message_version(1),
        *whole("req_id"),
        *text("account", "model_code"),
        *flag("ledger_only"),
    ),
    Layout(
        "cancelAccountUpdatesMulti",
        77,
        said.CancelAccountUpdatesMulti,
        message_version(1),
        *whole("req_id"),
    ),
    Layout(
        "reqAccountSummary",
        62,
        said.RequestAccountSummary,
        message_version(1),
        *whole("req_id"),
        *text("group", "tags"),
    ),
    Layout(
        "cancelAccountSummary", 63, said.CancelAccountSummary, message_version(1), *whole("req_id")
    ),
    Layout("reqPnL", 92, said.RequestPnl, *whole("req_id"), *text("account", "model_code")),
    Layout("cancelPnL", 93, said.CancelPnl, *whole("req_id")),
    Layout(
        "reqPnLSingle",
        94,
        said.RequestPnlSingle,
        *whole("req_id"),
        *text("account", "model_code"),
        *whole("con_id"),
    ),
    Layout("cancelPnLSingle", 95, said.CancelPnlSingle, *whole("req_id")),
)

_BY_NUMBER = MappingProxyType({layout.number: layout for layout in LAYOUTS})
_BY_MESSAGE = MappingProxyType({layout.made_of: layout for layout in LAYOUTS})


def decode_request(payload: bytes, version: int = VERSION) -> Request:
    """What a client says; a WireError if it can't be read, whatever it is."""
    found = cut(payload)
    layout = _BY_NUMBER.get(found.number)
    if layout is None:
        raise UnknownRequest(found.number)
    request: Request = layout.read(found.texts, version)
    return request


def encode_request(request: Request, version: int = VERSION) -> bytes:
    """The payload that a client would send."""
    return _BY_MESSAGE[type(request)].write(request, version)
