"""A line tells how things stand, and then each change, until it is closed."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from backstay.gateway.market.words import Quote
from backstay.gateway.messages.data_replies import (
    MarketDataType,
    TickGeneric,
    TickOption,
    TickPrice,
    TickRequestParameters,
    TickSize,
    TickString,
)
from backstay.gateway.messages.replies import Notice
from backstay.gateway.messages.requests import (
    CancelMarketData,
    RequestMarketData,
)
from backstay.gateway.settings import Settings
from backstay.gateway.values.contract import Contract
from tests.gateway.front.doubles import AAPL, CALL, MSFT, SECOND_NS, START_NS, Room

SMART = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
LIVE = RequestMarketData(5, SMART)
D = Decimal


def test_a_subscription_hears_its_type_its_parameters_and_then_all_that_is_known() -> None:
    assert Room().caller().ask(LIVE) == [
        MarketDataType(5, 1),
        TickRequestParameters(5, D("0.01"), "9c0001", 3),
        TickPrice(5, 1, D("189.99"), D(300), 1),
        TickSize(5, 0, D(300)),
        TickPrice(5, 2, D("190.01"), D(200), 1),
        TickSize(5, 3, D(200)),
        TickString(5, 45, str(START_NS // SECOND_NS - 1)),
        TickPrice(5, 4, D("190.00"), D(100)),
        TickSize(5, 5, D(100)),
        TickSize(5, 8, D(1000)),
        TickPrice(5, 6, D(191)),
        TickPrice(5, 7, D(187)),
        TickPrice(5, 14, D(188)),
        TickPrice(5, 9, D(189)),
        TickGeneric(5, 49, D(0)),
    ]


def test_what_is_not_known_is_not_told() -> None:
    room = Room()
    room.market.quotes[AAPL.con_id] = Quote(START_NS, close=D(189))
    assert room.caller().ask(LIVE)[2:] == [TickPrice(5, 9, D(189)), TickGeneric(5, 49, D(0))]


@pytest.mark.parametrize(
    ("changes", "ticks"),
    [
        (
            {"bid": D("189.98"), "bid_size": D(7)},
            [TickPrice(5, 1, D("189.98"), D(7), 1), TickSize(5, 0, D(7))],
        ),
        ({"bid_size": D(7)}, [TickSize(5, 0, D(7))]),
        (
            {"ask": D("190.02"), "ask_size": D(8)},
            [TickPrice(5, 2, D("190.02"), D(8), 1), TickSize(5, 3, D(8))],
        ),
        ({"ask_size": D(8)}, [TickSize(5, 3, D(8))]),
        ({"bid": None}, [TickPrice(5, 1, D(-1), D(0), 1), TickSize(5, 0, D(0))]),
        ({"ask": None}, [TickPrice(5, 2, D(-1), D(0), 1), TickSize(5, 3, D(0))]),
        ({"high": D(192)}, [TickPrice(5, 6, D(192))]),
        ({"low": D(186)}, [TickPrice(5, 7, D(186))]),
        ({"open": D(185)}, [TickPrice(5, 14, D(185))]),
        ({"close": D(185)}, [TickPrice(5, 9, D(185))]),
        ({"close": None}, []),
        ({"halted": True}, [TickGeneric(5, 49, D(1))]),
        ({}, []),
    ],
)
def test_a_change_of_the_quote_is_told_and_nothing_else(
    changes: dict[str, Any], ticks: list[object]
) -> None:
    room = Room()
    caller = room.caller()
    caller.ask(LIVE)
    caller.heard.clear()
    room.move(**changes)
    assert caller.heard == ticks


def test_a_halt_is_told_when_it_begins_and_when_it_ends() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(LIVE)
    caller.heard.clear()
    for changes in ({"halted": True}, {"halted": True, "bid_size": D(1)}, {"halted": False}):
        room.move(**changes)
    assert caller.all(TickGeneric) == [TickGeneric(5, 49, D(1)), TickGeneric(5, 49, D(0))]


def test_a_trade_tells_its_second_price_size_and_the_volume() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(LIVE)
    caller.heard.clear()
    at_ns = START_NS + SECOND_NS
    room.move(printed=True, last=D("190.01"), last_size=D(20), last_time_ns=at_ns, volume=D(1020))
    assert caller.heard == [
        TickString(5, 45, str(at_ns // SECOND_NS)),
        TickPrice(5, 4, D("190.01"), D(20)),
        TickSize(5, 5, D(20)),
        TickSize(5, 8, D(1020)),
    ]


def test_a_trade_at_the_same_price_in_the_same_second_tells_its_size_only() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(LIVE)
    caller.heard.clear()
    room.move(printed=True, volume=D(1100))
    assert caller.heard == [TickSize(5, 5, D(100)), TickSize(5, 8, D(1100))]


def test_who_asks_for_233_hears_of_each_trade_with_milliseconds_and_the_average() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(replace(LIVE, generic_ticks="233"))
    caller.heard.clear()
    at_ns = START_NS + 1_234_567_890
    trade: dict[str, Any] = {
        "last": D(191),
        "last_size": D(1000),
        "last_time_ns": at_ns,
        "volume": D(2000),
    }
    room.move(printed=True, **trade)
    text = f"191;1000;{at_ns // 1_000_000};2000;190.5;true"
    assert caller.heard[-1] == TickString(5, 48, text)


def test_a_new_day_begins_a_new_average() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(replace(LIVE, generic_ticks="233"))
    at_ns = START_NS
    for price, volume in ((D(200), D(50)), (D(100), D(100))):
        trade: dict[str, Any] = {
            "last": price,
            "last_size": D(50),
            "last_time_ns": at_ns,
            "volume": volume,
        }
        room.move(printed=True, **trade)
    assert caller.heard[-1] == TickString(5, 48, f"100;50;{at_ns // 1_000_000};100;150;true")


def test_who_doesnt_ask_for_233_hears_no_rt_volume() -> None:
    room = Room()
    with_it, without = room.caller(1), room.caller(2)
    with_it.ask(replace(LIVE, generic_ticks="100,233"))
    without.ask(LIVE)
    room.move(printed=True)
    told = [caller.all(TickString)[-1].field for caller in (with_it, without)]
    assert told == [48, 45]


def test_each_line_hears_of_its_own_instrument_only() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(LIVE, RequestMarketData(6, MSFT.contract))
    caller.heard.clear()
    room.move(MSFT, bid_size=D(1))
    assert caller.heard == [TickSize(6, 0, D(1))]


def test_two_lines_of_one_instrument_hear_both_in_the_order_of_asking() -> None:
    room = Room()
    first, second = room.caller(1), room.caller(2)
    first.ask(LIVE, replace(LIVE, req_id=6))
    second.ask(LIVE)
    first.heard.clear()
    second.heard.clear()
    room.move(bid_size=D(1))
    assert first.heard == [TickSize(5, 0, D(1)), TickSize(6, 0, D(1))]
    assert second.heard == [TickSize(5, 0, D(1))]


def test_a_cancelled_line_is_silent_and_nothing_is_watched_for_it() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(LIVE)
    assert room.market.watched == {AAPL.con_id: 1}
    assert caller.ask(CancelMarketData(5)) == []
    room.move(bid_size=D(1))
    assert (caller.heard, room.market.watched) == ([], {})


def test_a_thousand_clients_come_and_go_and_nothing_of_them_stays() -> None:
    room = Room()
    for _ in range(1000):
        caller = room.caller()
        caller.ask(replace(LIVE, generic_ticks="233"), replace(LIVE, req_id=6))
        caller.client.gone()
    hall = room.front._hall
    assert (hall.feed._listeners, hall.feed._tallies, hall.lines_taken) == ({}, {}, 0)
    assert (hall.clients, room.market.watched) == ({}, {})


def test_a_cancel_of_nothing_is_error_300() -> None:
    cancelled = Room().caller().ask(CancelMarketData(5))
    assert cancelled == [Notice(5, 300, "Can't find EId with tickerId:5")]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (replace(LIVE, contract=Contract(symbol="NOPE")), 200),
        (replace(LIVE, contract=Contract(symbol="AAPL")), 200),
        (replace(LIVE, generic_ticks="233,999"), 321),
        (replace(LIVE, generic_ticks="233", snapshot=True), 321),
    ],
    ids=["unknown", "ambiguous", "unknown generic tick", "snapshot with generic ticks"],
)
def test_a_subscription_that_makes_no_sense_is_refused(
    request_: RequestMarketData, code: int
) -> None:
    room = Room()
    caller = room.caller()
    caller.ask(request_)
    assert (caller.codes, len(caller.heard), room.market.watched) == ([(5, code)], 1, {})


def test_a_request_id_that_is_taken_is_refused() -> None:
    caller = Room().caller()
    caller.ask(LIVE)
    caller.ask(replace(LIVE, contract=MSFT.contract))
    assert caller.codes == [(5, 322)]


def test_the_lines_of_all_clients_together_are_limited() -> None:
    room = Room(Settings(data_lines_max=2))
    one, two = room.caller(1), room.caller(2)
    one.ask(LIVE)
    two.ask(LIVE)
    assert two.ask(replace(LIVE, req_id=6)) == [
        Notice(6, 101, "Max number of tickers has been reached")
    ]
    one.ask(CancelMarketData(5))
    two.ask(replace(LIVE, req_id=6))
    assert two.codes == []


def test_the_lines_of_a_client_that_has_gone_are_free() -> None:
    room = Room(Settings(data_lines_max=1))
    room.caller(1).ask(LIVE)
    room.front.clients[0].gone()
    caller = room.caller(2)
    caller.ask(LIVE)
    assert (caller.codes, room.market.watched) == ([], {AAPL.con_id: 1})


def test_an_option_hears_what_its_prices_imply_and_again_when_one_changes() -> None:
    room = Room()
    quote = Quote(START_NS, bid=D("3.90"), ask=D("4.10"), bid_size=D(5), ask_size=D(5))
    room.market.quotes[CALL.con_id] = quote
    caller = room.caller()
    caller.ask(RequestMarketData(5, CALL.contract))
    told = caller.all(TickOption)
    assert [(each.field, each.price) for each in told] == [
        (10, D("3.90")),
        (11, D("4.10")),
        (13, D(4)),
    ]
    assert all(each.under_price == D(190) for each in told)
    caller.heard.clear()
    room.move(CALL, bid_size=D(6))
    assert caller.all(TickOption) == []
    room.move(CALL, bid=D("3.95"))
    assert [each.field for each in caller.all(TickOption)] == [10, 13]


def test_the_model_of_an_option_is_told_once_a_second_though_no_price_changes() -> None:
    room = Room()
    room.market.quotes[CALL.con_id] = Quote(START_NS, bid=D("3.90"), ask=D("4.10"))
    caller = room.caller()
    caller.ask(RequestMarketData(5, CALL.contract))
    caller.heard.clear()
    for size, seconds in enumerate((0.5, 0.4, 0.1, 0.9), start=1):
        room.after(seconds)
        room.move(CALL, bid_size=D(size))
    assert [each.field for each in caller.all(TickOption)] == [13]


def test_an_option_without_a_model_has_no_computations() -> None:
    room = Room()
    room.market.models.clear()
    room.market.quotes[CALL.con_id] = Quote(START_NS, bid=D("3.90"), ask=D("4.10"))
    caller = room.caller()
    caller.ask(RequestMarketData(5, CALL.contract))
    assert caller.all(TickOption) == []
