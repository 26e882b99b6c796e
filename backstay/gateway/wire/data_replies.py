"""What the gateway answers about prices: one table a message, and a short way for ticks.

Ticks are most of what a gateway writes, so each also has its text written out at once; a test holds
that text against the table.
"""

from typing import Any

from backstay.gateway.messages import data_replies as said
from backstay.gateway.messages.data_replies import (
    Bar,
    TickBidAsk,
    TickGeneric,
    TickLast,
    TickMidPoint,
    TickPrice,
    TickSize,
    TickString,
)
from backstay.gateway.wire import kinds
from backstay.gateway.wire.layout import (
    Layout,
    Record,
    constant,
    message_version,
    number,
    rows,
    single,
    text,
    whole,
)

TICK_VERSION = 6
TICK_BY_TICK = 99
BID_ASK = 3
MID_POINT = 4
BARS_MAX = 100_000

_TICK_BY_TICK_LAST = Layout(
    "tickByTickAllLast",
    TICK_BY_TICK,
    TickLast,
    *whole("req_id", "tick_type"),
    single("seconds", kinds.LONG),
    *number("price", "size"),
    *whole("mask"),
    *text("exchange", "conditions"),
)
_TICK_BY_TICK_BID_ASK = Layout(
    "tickByTickBidAsk",
    TICK_BY_TICK,
    TickBidAsk,
    *whole("req_id"),
    constant(str(BID_ASK)),
    single("seconds", kinds.LONG),
    *number("bid", "ask", "bid_size", "ask_size"),
    *whole("mask"),
)
_TICK_BY_TICK_MID_POINT = Layout(
    "tickByTickMidPoint",
    TICK_BY_TICK,
    TickMidPoint,
    *whole("req_id"),
    constant(str(MID_POINT)),
    single("seconds", kinds.LONG),
    *number("price"),
)
BY_TICK_TYPE: dict[str, Layout[Any]] = {
    "1": _TICK_BY_TICK_LAST,
    "2": _TICK_BY_TICK_LAST,
    str(BID_ASK): _TICK_BY_TICK_BID_ASK,
    str(MID_POINT): _TICK_BY_TICK_MID_POINT,
}

LAYOUTS: tuple[Layout[Any], ...] = (
    Layout(
        "marketDataType", 58, said.MarketDataType, message_version(1), *whole("req_id", "data_type")
    ),
    Layout(
        "tickReqParams",
        81,
        said.TickRequestParameters,
        *whole("req_id"),
        *number("min_tick"),
        *text("bbo_exchange"),
        *whole("snapshot_permissions"),
    ),
    Layout(
        "tickPrice",
        1,
        TickPrice,
        message_version(TICK_VERSION),
        *whole("req_id", "field"),
        *number("price", "size"),
        *whole("attributes"),
    ),
    Layout(
        "tickSize",
        2,
        TickSize,
        message_version(TICK_VERSION),
        *whole("req_id", "field"),
        *number("size"),
    ),
    Layout(
        "tickGeneric",
        45,
        TickGeneric,
        message_version(TICK_VERSION),
        *whole("req_id", "field"),
        *number("value"),
    ),
    Layout(
        "tickString",
        46,
        TickString,
        message_version(TICK_VERSION),
        *whole("req_id", "field"),
        *text("value"),
    ),
    Layout(
        "tickOptionComputation",
        21,
        said.TickOption,
        *whole("req_id", "field", "attributes"),
        *number("implied_volatility", "delta", "price", "pv_dividend"),
        *number("gamma", "vega", "theta", "under_price"),
    ),
    Layout("tickSnapshotEnd", 57, said.SnapshotEnd, message_version(1), *whole("req_id")),
    _TICK_BY_TICK_LAST,
    _TICK_BY_TICK_BID_ASK,
    _TICK_BY_TICK_MID_POINT,
    Layout(
        "historicalData",
        17,
        said.HistoricalBars,
        *whole("req_id"),
        *text("start", "end"),
        rows(
            "bars",
            Record(
                Bar,
                *text("date"),
                *number("open", "high", "low", "close", "volume", "average"),
                *whole("count"),
            ),
            at_most=BARS_MAX,
        ),
    ),
    Layout(
        "historicalDataUpdate",
        90,
        said.HistoricalBarUpdate,
        *whole("req_id", "bar.count"),
        *text("bar.date"),
        *number("bar.open", "bar.close", "bar.high", "bar.low", "bar.average", "bar.volume"),
    ),
)


def tick_price(tick: TickPrice) -> bytes:
    """tickPrice, written out."""
    return (
        f"1\0{TICK_VERSION}\0{tick.req_id}\0{tick.field}\0{tick.price:f}\0{tick.size:f}\0{tick.attributes}\0"
    ).encode()


def tick_size(tick: TickSize) -> bytes:
    """tickSize, written out."""
    return f"2\0{TICK_VERSION}\0{tick.req_id}\0{tick.field}\0{tick.size:f}\0".encode()


def tick_generic(tick: TickGeneric) -> bytes:
    """tickGeneric, written out."""
    return f"45\0{TICK_VERSION}\0{tick.req_id}\0{tick.field}\0{tick.value:f}\0".encode()


def tick_string(tick: TickString) -> bytes:
    """tickString, written out."""
    return (
        f"46\0{TICK_VERSION}\0{tick.req_id}\0{tick.field}\0{kinds.TEXT.show(tick.value)}\0".encode()
    )


def tick_last(tick: TickLast) -> bytes:
    """tickByTickAllLast, written out."""
    return (
        f"99\0{tick.req_id}\0{tick.tick_type}\0{tick.seconds}\0{tick.price:f}\0{tick.size:f}\0"
        f"{tick.mask}\0{kinds.TEXT.show(tick.exchange)}\0{kinds.TEXT.show(tick.conditions)}\0"
    ).encode()


def tick_bid_ask(tick: TickBidAsk) -> bytes:
    """tickByTickBidAsk, written out."""
    return (
        f"99\0{tick.req_id}\0{BID_ASK}\0{tick.seconds}\0{tick.bid:f}\0{tick.ask:f}\0"
        f"{tick.bid_size:f}\0{tick.ask_size:f}\0{tick.mask}\0"
    ).encode()
