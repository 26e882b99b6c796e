"""History is told in the client's own format, once or as it goes on."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.gateway.messages.data_replies import Bar, HistoricalBars, HistoricalBarUpdate
from backstay.gateway.messages.replies import Notice
from backstay.gateway.messages.requests import CancelHistoricalBars, RequestHistoricalBars
from backstay.gateway.values.contract import Contract
from tests.gateway.front.doubles import AAPL, SECOND_NS, START_NS, Caller, Room

D = Decimal
SECONDS = START_NS // SECOND_NS


def bar(date: str, close: int = 190) -> Bar:
    return Bar(date, D(189), D(191), D(188), D(close), D(1000), D(190), 12)


FIRST, SECOND = bar(str(SECONDS - 120)), bar(str(SECONDS - 60))
ASKED = RequestHistoricalBars(
    5, AAPL.contract, "", "1 min", "120 S", use_rth=True, what="TRADES", date_format=2
)
KEPT = replace(ASKED, keep_up_to_date=True)


def room_with_bars() -> tuple[Room, Caller]:
    room = Room()
    room.market.history = (FIRST, SECOND)
    return room, room.caller()


def test_an_empty_end_is_now_and_seconds_stay_seconds() -> None:
    room, caller = room_with_bars()
    assert caller.ask(ASKED) == [
        HistoricalBars(5, FIRST.date, "20251124 10:00:00 US/Eastern", (FIRST, SECOND))
    ]
    assert room.market.asked_bars == [(AAPL.con_id, START_NS, "120 S", "1 min", "TRADES", True)]


def test_format_one_is_text_in_new_york() -> None:
    _, caller = room_with_bars()
    caller.ask(replace(ASKED, date_format=1))
    (told,) = caller.all(HistoricalBars)
    assert [each.date for each in told.bars] == [
        "20251124 09:58:00 US/Eastern",
        "20251124 09:59:00 US/Eastern",
    ]
    assert told.start == "20251124 09:58:00 US/Eastern"


@pytest.mark.parametrize("date_format", [1, 2])
def test_a_day_is_a_day_in_both_formats(date_format: int) -> None:
    room, caller = room_with_bars()
    room.market.history = (bar("20251121"),)
    caller.ask(replace(ASKED, date_format=date_format))
    assert caller.all(HistoricalBars)[0].bars == (bar("20251121"),)


def test_a_given_end_is_read_in_its_zone() -> None:
    room, caller = room_with_bars()
    caller.ask(replace(ASKED, end="20251124 16:00:00 Europe/Berlin"))
    assert room.market.asked_bars[0][1] == START_NS


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"end": "yesterday"}, 10314),
        ({"end": "20251124 10:00:00 Mars/Olympus"}, 10314),
        ({"end": "99991231 23:59:59"}, 10314),
        ({"end": "22000101-00:00:00"}, 10314),
        ({"end": "19691231 23:59:59"}, 10314),
        ({"end": "00010101 00:00:00"}, 10314),
        ({"date_format": 0}, 321),
        ({"date_format": 3}, 321),
        ({"end": "20251124 10:00:00", "keep_up_to_date": True}, 321),
        ({"contract": Contract(symbol="NOPE")}, 200),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(change: dict[str, object], code: int) -> None:
    _, caller = room_with_bars()
    caller.ask(replace(ASKED, **change))  # type: ignore[arg-type]
    assert (caller.codes, len(caller.heard)) == ([(5, code)], 1)


def test_what_the_market_makes_no_sense_of_is_error_162_with_its_words() -> None:
    room, caller = room_with_bars()
    room.market.history_fault = "Invalid bar size"
    text = "Historical Market Data Service error message:Invalid bar size"
    assert caller.ask(ASKED) == [Notice(5, 162, text)]


def test_no_bars_at_all_are_error_162_too() -> None:
    room, caller = room_with_bars()
    room.market.history = ()
    text = "HMDS query returned no data: AAPL@SMART TRADES"
    assert caller.ask(ASKED) == [
        Notice(5, 162, f"Historical Market Data Service error message:{text}")
    ]


def test_kept_bars_follow_a_move_after_five_seconds() -> None:
    room, caller = room_with_bars()
    caller.ask(KEPT)
    caller.heard.clear()
    room.market.history = (FIRST, bar(SECOND.date, 195))
    room.move(bid=D(1))
    room.move(bid=D(2))
    room.after(4.9)
    assert caller.heard == []
    room.after(0.1)
    assert caller.heard == [HistoricalBarUpdate(5, bar(SECOND.date, 195))]


def test_a_bar_that_has_ended_is_told_once_more_before_the_next() -> None:
    room, caller = room_with_bars()
    caller.ask(KEPT)
    caller.heard.clear()
    third = bar(str(SECONDS))
    room.market.history = (bar(SECOND.date, 196), third)
    room.move(bid=D(1))
    room.after(5)
    assert caller.heard == [
        HistoricalBarUpdate(5, bar(SECOND.date, 196)),
        HistoricalBarUpdate(5, third),
    ]
    caller.heard.clear()
    room.move(bid=D(2))
    room.after(5)
    assert caller.heard == []


@pytest.mark.parametrize(
    ("bar_size", "duration"),
    [
        ("5 secs", "120 S"),
        ("1 min", "3600 S"),
        ("30 mins", "3600 S"),
        ("1 hour", "1 D"),
        ("8 hours", "1 D"),
        ("1 day", "2 D"),
        ("1 week", "2 W"),
        ("1 month", "2 M"),
    ],
)
def test_an_update_looks_back_no_further_than_it_must(bar_size: str, duration: str) -> None:
    room, caller = room_with_bars()
    caller.ask(replace(KEPT, bar_size=bar_size, duration="1 Y"))
    room.move(bid=D(1))
    room.after(5)
    assert [asked[2] for asked in room.market.asked_bars] == ["1 Y", duration]


def test_bars_that_are_not_kept_are_not_followed() -> None:
    room, caller = room_with_bars()
    caller.ask(ASKED)
    assert room.market.watched == {}


def test_a_cancel_ends_the_updates_and_says_so() -> None:
    room, caller = room_with_bars()
    caller.ask(KEPT)
    room.move(bid=D(1))
    text = "Historical Market Data Service error message:API historical data query cancelled: 5"
    assert caller.ask(CancelHistoricalBars(5)) == [Notice(5, 162, text)]
    room.after(60)
    assert (len(caller.heard), room.market.watched) == (1, {})


@pytest.mark.parametrize("before", [(), (ASKED,)])
def test_a_cancel_of_nothing_is_error_366(before: tuple[RequestHistoricalBars, ...]) -> None:
    _, caller = room_with_bars()
    caller.ask(*before, CancelHistoricalBars(5))
    assert caller.heard[-1] == Notice(5, 366, "No historical data query found for ticker id:5")


def test_a_request_id_that_is_kept_is_taken() -> None:
    _, caller = room_with_bars()
    caller.ask(KEPT)
    caller.ask(ASKED)
    assert caller.codes == [(5, 322)]


def test_kept_bars_end_with_their_client() -> None:
    room, caller = room_with_bars()
    caller.ask(KEPT)
    room.move(bid=D(1))
    caller.client.gone()
    assert (room.market.watched, room.front._hall.feed.listeners()) == ({}, ())
    asked = len(room.market.asked_bars)
    room.after(60)
    assert len(room.market.asked_bars) == asked
