"""Data that is frozen or late says so, and a snapshot ends by itself."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.gateway.market.words import Phase
from backstay.gateway.messages.data_replies import (
    MarketDataType,
    SnapshotEnd,
    TickGeneric,
    TickPrice,
    TickSize,
    TickString,
)
from backstay.gateway.messages.requests import (
    CancelMarketData,
    RequestMarketData,
    RequestMarketDataType,
)
from backstay.gateway.settings import Settings
from backstay.gateway.values.contract import Contract
from tests.gateway.front.doubles import AAPL, FULL, Room

SMART = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
LIVE = RequestMarketData(5, SMART)
D = Decimal


@pytest.mark.parametrize(
    ("wanted", "phase", "given"),
    [
        (1, Phase.REGULAR, 1),
        (2, Phase.REGULAR, 1),
        (3, Phase.REGULAR, 1),
        (4, Phase.REGULAR, 1),
        (1, Phase.CLOSED, 1),
        (2, Phase.CLOSED, 2),
        (3, Phase.CLOSED, 1),
        (4, Phase.CLOSED, 2),
        (2, Phase.EXTENDED, 1),
    ],
)
def test_data_is_live_where_it_can_be_and_frozen_for_who_asked_when_closed(
    wanted: int, phase: Phase, given: int
) -> None:
    room = Room()
    room.market.phases[AAPL.con_id] = phase
    caller = room.caller()
    caller.ask(RequestMarketDataType(wanted), LIVE)
    assert caller.all(MarketDataType) == [MarketDataType(5, given)]


@pytest.mark.parametrize("wanted", [0, 5])
def test_a_data_type_that_doesnt_exist_is_refused(wanted: int) -> None:
    caller = Room().caller()
    caller.ask(RequestMarketDataType(wanted), LIVE)
    assert caller.codes == [(-1, 321)]
    assert caller.all(MarketDataType) == [MarketDataType(5, 1)]


@pytest.mark.parametrize("wanted", [1, 2])
def test_live_data_that_the_user_hasnt_subscribed_to_is_error_354(wanted: int) -> None:
    room = Room()
    room.front.refuse_data(AAPL.con_id)
    caller = room.caller()
    caller.ask(RequestMarketDataType(wanted), LIVE)
    assert (caller.codes, len(caller.heard)) == ([(5, 354)], 1)
    room.front.refuse_data(AAPL.con_id, refuse=False)
    caller.ask(LIVE)
    assert caller.codes == []


@pytest.mark.parametrize(
    ("wanted", "phase", "given"),
    [(3, Phase.REGULAR, 3), (4, Phase.REGULAR, 3), (3, Phase.CLOSED, 3), (4, Phase.CLOSED, 4)],
)
def test_delayed_data_comes_in_its_place_under_names_of_its_own(
    wanted: int, phase: Phase, given: int
) -> None:
    room = Room()
    room.front.refuse_data(AAPL.con_id)
    room.market.phases[AAPL.con_id] = phase
    caller = room.caller()
    caller.ask(RequestMarketDataType(wanted), LIVE)
    assert caller.codes == [(5, 10167)]
    assert caller.all(MarketDataType) == [MarketDataType(5, given)]
    assert [each.field for each in caller.all(TickPrice)] == [66, 67, 68, 72, 73, 76, 75]
    assert [each.field for each in caller.all(TickSize)] == [69, 70, 71, 74]
    assert [each.field for each in caller.all(TickString)] == [88]
    assert [each.field for each in caller.all(TickGeneric)] == [90]


def test_delayed_data_comes_a_quarter_of_an_hour_late_and_at_most_once_a_second() -> None:
    room = Room()
    room.front.refuse_data(AAPL.con_id)
    caller = room.caller()
    caller.ask(RequestMarketDataType(3), LIVE)
    caller.heard.clear()
    room.after(1)
    room.move(bid_size=D(1))
    room.after(0.5)
    room.move(bid_size=D(2))
    room.after(899.4)
    assert caller.heard == []
    room.after(0.1)
    assert caller.heard == [TickSize(5, 69, D(1))]
    room.after(1000)
    assert len(caller.heard) == 1


def test_a_cancelled_delayed_line_shows_nothing_that_it_remembered() -> None:
    room = Room()
    room.front.refuse_data(AAPL.con_id)
    caller = room.caller()
    caller.ask(RequestMarketDataType(3), LIVE)
    room.after(1)
    room.move(bid_size=D(1))
    caller.ask(CancelMarketData(5))
    room.after(1000)
    assert caller.heard == []


def test_a_complete_snapshot_ends_at_once_and_takes_no_line() -> None:
    room = Room(Settings(data_lines_max=1))
    caller = room.caller()
    assert caller.ask(replace(LIVE, snapshot=True))[-1] == SnapshotEnd(5)
    assert room.market.watched == {}
    caller.ask(LIVE)
    assert caller.codes == []


def test_a_snapshot_that_lacks_something_waits_for_it() -> None:
    room = Room()
    room.market.quotes[AAPL.con_id] = replace(FULL, bid=None)
    caller = room.caller()
    caller.ask(replace(LIVE, snapshot=True))
    assert caller.all(SnapshotEnd) == []
    caller.heard.clear()
    room.move(bid=D("189.99"))
    assert caller.heard == [
        TickPrice(5, 1, D("189.99"), D(300), 1),
        TickSize(5, 0, D(300)),
        SnapshotEnd(5),
    ]
    room.after(60)
    assert len(caller.all(SnapshotEnd)) == 1


@pytest.mark.parametrize("lacking", ["bid", "ask", "last", "close"])
def test_a_snapshot_ends_after_eleven_seconds_whatever_it_lacks(lacking: str) -> None:
    room = Room()
    room.market.quotes[AAPL.con_id] = replace(FULL, **{lacking: None})  # type: ignore[arg-type]
    caller = room.caller()
    caller.ask(replace(LIVE, snapshot=True))
    room.after(10.9)
    assert caller.all(SnapshotEnd) == []
    room.after(0.1)
    assert caller.heard[-1] == SnapshotEnd(5)
    assert room.market.watched == {}


def test_a_cancelled_snapshot_has_no_end() -> None:
    room = Room()
    room.market.quotes[AAPL.con_id] = replace(FULL, bid=None)
    caller = room.caller()
    caller.ask(replace(LIVE, snapshot=True), CancelMarketData(5))
    room.after(60)
    assert caller.all(SnapshotEnd) == []


def test_a_delayed_snapshot_is_a_snapshot_too() -> None:
    room = Room()
    room.front.refuse_data(AAPL.con_id)
    caller = room.caller()
    caller.ask(RequestMarketDataType(3), replace(LIVE, snapshot=True))
    assert caller.heard[-1] == SnapshotEnd(5)
    assert caller.all(TickPrice)[0].field == 66


def test_a_delayed_snapshot_that_has_ended_shows_nothing_that_it_remembered() -> None:
    room = Room()
    room.front.refuse_data(AAPL.con_id)
    room.market.quotes[AAPL.con_id] = replace(FULL, bid=None)
    caller = room.caller()
    caller.ask(RequestMarketDataType(3), replace(LIVE, snapshot=True))
    room.after(2)
    room.move(bid_size=D(1))
    room.after(9)
    assert caller.heard[-1] == SnapshotEnd(5)
    room.after(1000)
    assert caller.heard[-1] == SnapshotEnd(5)


def test_a_regulatory_snapshot_is_a_snapshot() -> None:
    told = Room().caller().ask(replace(LIVE, regulatory_snapshot=True))
    assert told[-1] == SnapshotEnd(5)
