"""Tick by tick nothing is left out, for at most five streams at a time."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from backstay.gateway.messages.data_replies import TickBidAsk, TickLast, TickMidPoint
from backstay.gateway.messages.replies import Notice, Reply
from backstay.gateway.messages.requests import (
    CancelMarketData,
    CancelTickByTick,
    RequestMarketData,
    RequestTickByTick,
)
from backstay.gateway.values.contract import Contract
from tests.gateway.front.doubles import AAPL, SECOND_NS, START_NS, Caller, Room

D = Decimal
NOW = START_NS // SECOND_NS
QUOTED = TickBidAsk(5, NOW, D("189.99"), D("190.01"), D(300), D(200))


def asked(tick_type: str, req_id: int = 5, *, ignore_size: bool = False) -> RequestTickByTick:
    return RequestTickByTick(req_id, AAPL.contract, tick_type, ignore_size=ignore_size)


def listening(room: Room, tick_type: str, *, ignore_size: bool = False) -> Caller:
    caller = room.caller()
    caller.ask(asked(tick_type, ignore_size=ignore_size))
    caller.heard.clear()
    return caller


@pytest.mark.parametrize(
    ("tick_type", "first"),
    [
        ("Last", []),
        ("AllLast", []),
        ("BidAsk", [QUOTED]),
        ("MidPoint", [TickMidPoint(5, NOW, D(190))]),
    ],
)
def test_quotes_and_middles_begin_with_how_things_stand(tick_type: str, first: list[Reply]) -> None:
    assert Room().caller().ask(asked(tick_type)) == first


@pytest.mark.parametrize(("tick_type", "kind"), [("Last", 1), ("AllLast", 2)])
def test_every_trade_is_told_also_at_the_same_price(tick_type: str, kind: int) -> None:
    room = Room()
    caller = listening(room, tick_type)
    room.move(bid=D(189))
    room.move(printed=True, last_size=D(7), last_time_ns=START_NS)
    room.move(printed=True)
    assert caller.heard == [TickLast(5, kind, NOW, D(190), D(7), exchange="NASDAQ")] * 2


@pytest.mark.parametrize(
    ("changes", "ignore_size", "told"),
    [
        ({"bid": D("189.98")}, True, [replace(QUOTED, bid=D("189.98"))]),
        ({"ask": D("190.02")}, True, [replace(QUOTED, ask=D("190.02"))]),
        ({"bid": None}, True, [replace(QUOTED, bid=D(0))]),
        ({"bid_size": D(1)}, False, [replace(QUOTED, bid_size=D(1))]),
        ({"ask_size": D(1)}, False, [replace(QUOTED, ask_size=D(1))]),
        ({"bid_size": D(1)}, True, []),
        ({"ask_size": D(1)}, True, []),
        ({"last": D(5)}, False, []),
    ],
)
def test_a_change_of_the_quote_is_told_and_sizes_count_unless_ignored(
    changes: dict[str, Any],
    ignore_size: bool,
    told: list[Reply],
) -> None:
    room = Room()
    caller = listening(room, "BidAsk", ignore_size=ignore_size)
    room.move(**changes)
    assert caller.heard == told


def test_the_middle_is_told_when_a_price_changes_and_only_with_two_sides() -> None:
    room = Room()
    caller = listening(room, "MidPoint")
    room.move(bid_size=D(1))
    room.move(bid=D("189.97"))
    room.move(ask=None)
    assert caller.heard == [TickMidPoint(5, NOW, D("189.99"))]


def test_the_sixth_stream_is_refused_until_another_is_closed() -> None:
    room = Room()
    caller = room.caller(1)
    caller.ask(*(asked("Last", req_id) for req_id in range(1, 6)))
    other = room.caller(2)
    text = "Max number of tick-by-tick requests has been reached"
    assert other.ask(asked("Last", 6)) == [Notice(6, 10190, text)]
    caller.ask(CancelTickByTick(1))
    other.ask(asked("Last", 6))
    assert other.codes == []
    assert room.market.watched == {AAPL.con_id: 5}


def test_a_cancelled_stream_is_silent_and_cancelling_it_twice_is_error_300() -> None:
    room = Room()
    caller = listening(room, "BidAsk")
    assert caller.ask(CancelTickByTick(5)) == []
    room.move(bid=D(1))
    assert (caller.heard, room.market.watched) == ([], {})
    caller.ask(CancelTickByTick(5))
    assert caller.codes == [(5, 300)]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (asked("Sometimes"), 321),
        (replace(asked("Last"), contract=Contract(symbol="NOPE")), 200),
    ],
)
def test_a_stream_that_makes_no_sense_is_refused(request_: RequestTickByTick, code: int) -> None:
    caller = Room().caller()
    caller.ask(request_)
    assert caller.codes == [(5, code)]


def test_lines_and_streams_share_their_request_ids() -> None:
    caller = Room().caller()
    caller.ask(RequestMarketData(5, AAPL.contract), asked("Last"))
    assert caller.codes == [(5, 322)]
    caller.ask(CancelMarketData(5), asked("Last"), RequestMarketData(5, AAPL.contract))
    assert caller.codes == [(5, 322)]


def test_an_instrument_without_live_data_has_no_streams() -> None:
    room = Room()
    room.front.refuse_data(AAPL.con_id)
    caller = room.caller()
    caller.ask(asked("Last"))
    assert caller.codes == [(5, 354)]


def test_the_streams_of_a_client_that_has_gone_are_free() -> None:
    room = Room()
    caller = room.caller(1)
    caller.ask(*(asked("Last", req_id) for req_id in range(1, 6)))
    caller.client.gone()
    other = room.caller(2)
    other.ask(asked("Last"))
    assert (other.codes, room.market.watched) == ([], {AAPL.con_id: 1})
