"""How many fields each message has, what the versions change, and how a bad one is refused."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.gateway.messages import data_replies as prices
from backstay.gateway.messages import order_replies as orders
from backstay.gateway.messages import replies as told
from backstay.gateway.messages import requests as asked
from backstay.gateway.messages.replies import Reply
from backstay.gateway.messages.requests import Request
from backstay.gateway.values.contract import Contract, TagValue
from backstay.gateway.values.execution import Commission, Execution, Side
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status
from backstay.gateway.wire import replies, requests
from backstay.gateway.wire.errors import UnknownRequest, WireError
from backstay.gateway.wire.replies import decode_reply, encode_reply
from backstay.gateway.wire.requests import decode_request, encode_request
from tests.gateway.wire import strategies
from tests.gateway.wire.hearing import ib_async_hears, ibapi_hears

ONE = Decimal(1)
STOCK = Contract(con_id=265598, symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
ORDER = Order(order_id=3, action="BUY", quantity=ONE, order_type="LMT", limit_price=Decimal("1.5"))
BAR = prices.Bar("20261123", ONE, ONE, ONE, ONE, ONE, ONE, 1)
EXECUTION = Execution(
    "0001.01", 1_795_444_200_000_000_000, "DU1", "ARCA", Side.BOUGHT, ONE, ONE, 9, 1, 3, ONE, ONE
)
DETAILS = told.ContractDetails(1, STOCK, "NMS", Decimal("0.01"), "LMT", "SMART")
OPEN = orders.OpenOrder(STOCK, ORDER, Status.SUBMITTED)
COMPLETED = orders.CompletedOrder(STOCK, replace(ORDER, order_id=0), Status.FILLED, ONE)
EXECUTED = orders.ExecutionDetails(-1, STOCK, EXECUTION)
STATUS = orders.OrderStatus(3, Status.FILLED, ONE, ONE, ONE, 9, 0, ONE, 1)

# The message number counts as a field.
REQUEST_FIELDS: list[tuple[Request, int]] = [
    (asked.StartApi(7), 4),
    (asked.RequestIds(), 3),
    (asked.RequestContractDetails(1, STOCK), 19),
    (asked.RequestOptionChain(1, "AAPL", "", "STK", 265598), 6),
    (asked.RequestMarketRule(26), 2),
    (asked.RequestMarketData(1, STOCK), 20),
    (asked.CancelMarketData(1), 3),
    (asked.RequestMarketDataType(1), 3),
    (asked.RequestTickByTick(1, STOCK, "Last"), 17),
    (asked.RequestHistoricalBars(1, STOCK, "", "1 min", "1 D", True, "TRADES", 1), 23),
    (asked.PlaceOrder(3, STOCK, ORDER), 114),
    (asked.CancelOrder(3), 4),
    (asked.CancelAll(), 2),
    (asked.RequestCompletedOrders(), 2),
    (asked.RequestExecutions(1), 10),
    (asked.RequestAccountUpdates(True), 4),
    (asked.RequestAccountUpdatesMulti(1), 6),
    (asked.RequestPnl(1, "DU1"), 4),
    (asked.RequestPnlSingle(1, "DU1", "", 265598), 5),
    (asked.RequestCurrentTime(), 2),
]
REPLY_FIELDS: list[tuple[Reply, int]] = [
    (told.ManagedAccounts(("DU1",)), 3),
    (told.NextValidId(1), 3),
    (told.Notice(-1, 2104, "fine"), 6),
    (DETAILS, 40),
    (replace(DETAILS, sec_ids=(TagValue("ISIN", "US0378331005"),)), 42),
    (told.ContractDetailsEnd(1), 3),
    (told.OptionChain(1, "SMART", 1, "AAPL", "100", ("20261218",), (ONE, ONE)), 11),
    (told.OptionChainEnd(1), 2),
    (told.MarketRule(26, (told.PriceStep(ONE, ONE),)), 5),
    (prices.MarketDataType(1, 1), 4),
    (prices.TickRequestParameters(1, ONE, "", 3), 5),
    (prices.TickPrice(1, 1, ONE), 7),
    (prices.TickSize(1, 0, ONE), 5),
    (prices.TickString(1, 48, ""), 5),
    (prices.TickLast(1, 1, 0, ONE, ONE), 9),
    (prices.TickBidAsk(1, 0, ONE, ONE, ONE, ONE), 9),
    (prices.TickMidPoint(1, 0, ONE), 5),
    (prices.HistoricalBars(1, "", "", (BAR, BAR)), 5 + 2 * 8),
    (OPEN, 135),
    (STATUS, 12),
    (orders.OpenOrdersEnd(), 2),
    (COMPLETED, 100),
    (orders.CompletedOrdersEnd(), 1),
    (EXECUTED, 32),
    (orders.ExecutionsEnd(1), 3),
    (orders.CommissionReport(Commission("0001.01", ONE, "USD")), 8),
    (told.PositionReport("DU1", STOCK, ONE, ONE), 16),
    (told.AccountValue("NetLiquidation", "1", "USD", "DU1"), 6),
    (told.AccountValueMulti(1, "DU1", "", "NetLiquidation", "1", "USD"), 8),
    (told.AccountSummary(1, "DU1", "NetLiquidation", "1", "USD"), 7),
    (told.Pnl(1, ONE, ONE, ONE), 5),
    (told.PnlSingle(1, ONE, ONE, ONE, ONE, ONE), 7),
    (told.CurrentTime(1), 3),
]


@pytest.mark.parametrize(("request_", "count"), REQUEST_FIELDS)
def test_a_request_has_as_many_fields_as_clients_send(request_: Request, count: int) -> None:
    assert encode_request(request_).count(b"\0") == count


@pytest.mark.parametrize(("reply", "count"), REPLY_FIELDS)
def test_a_reply_has_as_many_fields_as_clients_read(reply: Reply, count: int) -> None:
    assert encode_reply(reply).count(b"\0") == count


def test_every_message_has_one_table() -> None:
    assert Counter(layout.made_of for layout in requests.LAYOUTS) == Counter(strategies.REQUESTS)
    assert Counter(layout.made_of for layout in replies.LAYOUTS) == Counter(strategies.REPLIES)


@pytest.mark.parametrize(
    ("version", "order", "cancel", "contract"),
    [
        (157, 110, 3, 18),
        (158, 111, 3, 18),
        (160, 112, 3, 18),
        (162, 113, 3, 18),
        (166, 114, 3, 18),
        (169, 115, 4, 18),
        (175, 115, 4, 18),
        (176, 115, 4, 19),
        (177, 114, 4, 19),
        (178, 114, 4, 19),
    ],
)
def test_requests_grow_and_shrink_with_the_version(
    version: int, order: int, cancel: int, contract: int
) -> None:
    sent = (
        asked.PlaceOrder(3, STOCK, ORDER),
        asked.CancelOrder(3),
        asked.RequestContractDetails(1, STOCK),
    )
    counts = tuple(encode_request(request, version).count(b"\0") for request in sent)
    assert counts == (order, cancel, contract)


@pytest.mark.parametrize("version", [157, 159, 160, 162, 163, 164, 166, 170, 176, 177, 178])
@pytest.mark.parametrize(
    "reply",
    [OPEN, COMPLETED, DETAILS, STATUS, told.Notice(3, 201, "no"), EXECUTED],
    ids=lambda reply: type(reply).__name__,
)
def test_both_clients_understand_a_reply_at_every_version(reply: Reply, version: int) -> None:
    payload = encode_reply(reply, version)
    assert type(ib_async_hears(payload, version)) is type(reply)
    assert type(ibapi_hears(payload, version)) is type(reply)
    assert encode_reply(decode_reply(payload, version), version) == payload


def test_an_open_order_at_158_is_as_the_official_client_reads_it() -> None:
    # ib_async reads the duration from 159 on.
    assert isinstance(ibapi_hears(encode_reply(OPEN, 158), 158), orders.OpenOrder)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "the last field has no end"),
        (b"8\x001\x001", "the last field has no end"),
        (b"\x00", "a message without a number"),
        (b"x\x00", "message.number: 'x' is no whole number"),
        (b"8\x00", "reqIds.version is missing"),
        (b"8\x001\x00", "reqIds.count is missing"),
        (b"8\x001\x001\x001\x00", "reqIds: 3 fields where 2 belong"),
        (b"8\x001\x001.5\x00", "reqIds.count: '1.5' is no whole number"),
        (b"8\x001\x00" + b"9" * 19 + b"\x00", f"reqIds.count: '{'9' * 19}' does not fit 32 bits"),
        (b"8\x001\x002147483648\x00", "reqIds.count: '2147483648' does not fit 32 bits"),
        (b"8\x001\x00-2147483649\x00", "reqIds.count: '-2147483649' does not fit 32 bits"),
        (b"8\x001\x00" + b"9" * 99 + b"\x00", f"reqIds.count: '{'9' * 40}…' is no whole number"),
        (b"8\x001\x00\xff\x00", "byte 4 is not UTF-8"),
        (b"49\x00x\x00", "reqCurrentTime.version: 'x' is no whole number"),
    ],
)
def test_a_bad_request_is_refused_with_its_message_field_and_value(
    payload: bytes, reason: str
) -> None:
    with pytest.raises(WireError) as refused:
        decode_request(payload)
    assert refused.value.reason == reason


def test_a_request_that_is_not_spoken_is_refused_with_its_number() -> None:
    with pytest.raises(UnknownRequest) as refused:
        decode_request(b"102\x005\x00")
    assert refused.value.message_id == 102
    assert refused.value.reason == "message 102 is not spoken here"


@pytest.mark.parametrize("payload", [b"12\x001\x00", b"99\x001\x007\x00", b"99\x00"])
def test_a_reply_that_is_not_spoken_is_refused(payload: bytes) -> None:
    with pytest.raises(WireError, match="is not spoken here"):
        decode_reply(payload)


def test_a_text_that_would_end_its_own_field_is_never_written() -> None:
    with pytest.raises(ValueError, match="holds the mark that ends a field"):
        encode_reply(told.AccountValue("key", "a\0b", "USD", "DU1"))


TICKS = (prices.TickPrice, prices.TickSize, prices.TickGeneric, prices.TickString)


@pytest.mark.parametrize("made_of", [*TICKS, prices.TickLast, prices.TickBidAsk])
@given(data=st.data())
@settings(max_examples=50)
def test_a_tick_that_is_written_out_is_what_its_table_would_write(
    data: st.DataObject, made_of: type[Reply]
) -> None:
    tick = data.draw(strategies.of(made_of))
    (layout,) = (layout for layout in replies.LAYOUTS if layout.made_of is made_of)
    assert encode_reply(tick) == layout.write(tick, 178)


@pytest.mark.parametrize("count", [-(2**31), 2**31 - 1])
def test_a_whole_number_has_the_32_bits_that_it_has_at_ib(count: int) -> None:
    assert decode_request(b"8\x001\x00%d\x00" % count) == asked.RequestIds(count)


@pytest.mark.parametrize("seconds", [2**31, 2**63 - 1])
def test_a_moment_has_64_bits(seconds: int) -> None:
    moment = told.CurrentTime(seconds)
    assert decode_reply(encode_reply(moment)) == moment


def test_a_moment_has_no_more_than_64_bits() -> None:
    with pytest.raises(WireError, match="does not fit 64 bits"):
        decode_reply(encode_reply(told.CurrentTime(2**63)))
