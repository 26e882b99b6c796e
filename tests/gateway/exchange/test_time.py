"""What the clock does to orders: times in force, dates, midnight, restarts over them."""

from typing import Any

import pytest

from backstay.gateway.events import ExecutionForgotten, OrderForgotten
from backstay.gateway.exchange.deadlines import instant_ns
from backstay.gateway.exchange.hours import next_opening_ns
from backstay.gateway.market.words import Phase
from backstay.gateway.profile import parse
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import OPTION, D, House, at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20261123 15:59:30 US/Eastern", at("15:59:30")),
        ("20261123 15:59:30 EST", at("15:59:30")),
        ("20261123 15:59:30", at("15:59:30")),
        ("20261123 15:59", at("15:59:00")),
        ("20261123 12:59:30 US/Pacific", at("15:59:30")),
        ("20261123-20:59:30", at("15:59:30")),
        ("20261122", at("00:00:00")),
        ("", None),
        ("20261123 25:00:00", None),
        ("20261123 15:59:30 Atlantis/Centre", None),
        ("20261123 15:59:30 America", None),
        ("20261323", None),
        ("99991231", None),
        ("15:59:30", None),
    ],
)
def test_an_instant_is_read_in_both_of_the_ways_that_ib_writes_it(
    text: str, expected: int | None
) -> None:
    assert instant_ns(text) == expected


@pytest.mark.parametrize(
    ("clock", "day", "opens"),
    [
        ("09:29:59", "20261123", at("09:30:00")),
        ("09:30:00", "20261123", at("09:30:00", "20261125")),
        ("09:30:00", "20261125", None),
    ],
)
def test_the_next_opening_is_read_from_the_liquid_hours(
    clock: str, day: str, opens: int | None
) -> None:
    text = "20261123:0930-20261123:1600;20261124:CLOSED;20261125:0930-20261125:1300"
    assert next_opening_ns(text, at(clock, day)) == opens


@pytest.mark.parametrize(
    ("fields", "after_regular", "after_all"),
    [
        ({"tif": "DAY"}, Status.CANCELLED, Status.CANCELLED),
        ({"tif": "DAY", "outside_rth": True}, Status.SUBMITTED, Status.CANCELLED),
        ({"tif": "GTC"}, Status.SUBMITTED, Status.SUBMITTED),
        (
            {"tif": "GTD", "good_till_date": "20261125"},
            Status.SUBMITTED,
            Status.SUBMITTED,
        ),
    ],
)
def test_a_day_order_dies_at_the_close_that_it_may_work_in(
    fields: dict[str, Any], after_regular: Status, after_all: Status
) -> None:
    house = House()
    order_id = house.place(price="99.00", **fields)
    house.market.enter(Phase.EXTENDED)
    assert house.status(order_id) is after_regular
    house.market.enter(Phase.CLOSED)
    assert house.status(order_id) is after_all


def test_a_day_order_placed_after_the_close_lives_until_the_next_one() -> None:
    house = House()
    house.market.enter(Phase.EXTENDED)
    order_id = house.place(price="99.00")
    for phase in (Phase.CLOSED, Phase.EXTENDED, Phase.REGULAR):
        house.market.enter(phase)
        assert house.status(order_id) is not Status.CANCELLED
    house.market.enter(Phase.EXTENDED)
    assert house.status(order_id) is Status.CANCELLED


def test_one_calendar_does_not_end_the_orders_of_another() -> None:
    house = House()
    stock = house.place(price="99.00")
    option = house.place(price="99.00", con_id=OPTION)
    house.market.enter(Phase.CLOSED, "options")
    assert (house.status(stock), house.status(option)) == (Status.SUBMITTED, Status.CANCELLED)


@pytest.mark.parametrize(("price", "filled"), [("99.00", 0), ("100.01", 100)])
def test_what_an_immediate_order_does_not_get_at_once_is_cancelled(price: str, filled: int) -> None:
    house = House()
    order_id = house.place("BUY", 150, price=price, tif="IOC")
    held = house.held(order_id)
    assert (held.status, held.filled) == (Status.CANCELLED, D(filled))
    assert house.codes() == [202]


def test_an_immediate_order_that_gets_all_is_filled() -> None:
    house = House()
    assert house.status(house.place("BUY", 100, price="100.01", tif="IOC")) is Status.FILLED


@pytest.mark.parametrize("hindrance", ["hours", "halt"])
def test_an_immediate_order_does_not_wait_for_the_market(hindrance: str) -> None:
    house = House()
    if hindrance == "hours":
        house.market.enter(Phase.CLOSED)
    else:
        house.market.move(halted=True)
    order_id = house.place("BUY", 10, price="101.00", tif="IOC")
    assert (house.status(order_id), house.fills()) == (Status.CANCELLED, [])


def test_an_immediate_child_waits_for_its_parent() -> None:
    house = House()
    parent = house.place("BUY", 10, price="99.00", transmit=False)
    child = house.place("SELL", 10, price="90.00", tif="IOC", parent_id=parent)
    assert house.held(child).why_held == "child"
    house.market.move(ask=D("99.00"))
    assert house.status(child) is Status.FILLED


def test_an_order_with_a_date_ends_at_it_and_not_before() -> None:
    house = House()
    order_id = house.place(price="99.00", tif="GTD", good_till_date="20261123 15:00:00 US/Eastern")
    house.agenda.advance(at("15:00:00") - 1)
    assert house.status(order_id) is Status.SUBMITTED
    house.until("15:00:00")
    assert house.status(order_id) is Status.CANCELLED


def test_a_date_that_was_put_off_counts_and_the_old_one_does_not() -> None:
    house = House()
    order_id = house.place(price="99.00", tif="GTD", good_till_date="20261123 15:00:00")
    house.modify(order_id, good_till_date="20261123 16:30:00")
    house.until("16:29:59")
    assert house.status(order_id) is Status.SUBMITTED
    house.until("16:30:00")
    assert house.status(order_id) is Status.CANCELLED


def test_an_order_sleeps_until_its_first_instant() -> None:
    house = House()
    order_id = house.place("BUY", 10, "MKT", good_after_time="20261123-18:00:00")
    house.until("12:59:59")
    assert (house.status(order_id), house.held(order_id).why_held) == (
        Status.PRE_SUBMITTED,
        "",
    )
    house.until("13:00:00")
    assert house.status(order_id) is Status.FILLED


def test_at_midnight_what_is_over_is_forgotten() -> None:
    house = House()
    filled, living = house.place("BUY", 10, "MKT"), house.place(price="99.00", tif="GTC")
    perm_id = house.held(filled).perm_id
    house.agenda.advance(at("00:00:00", "20261124") - 1)
    assert len(house.exchange.executions()) == 1
    house.heard()
    house.until("00:00:00", "20261124")
    assert house.heard() == [
        OrderForgotten(perm_id),
        ExecutionForgotten("0000e0d5.5f3a0001.01.01"),
    ]
    assert house.exchange.held(perm_id) is None
    assert (house.exchange.executions(), house.exchange.commissions()) == ((), ())
    assert [held.order.order_id for held in house.exchange.open_orders()] == [living]


def test_yesterday_stays_visible_for_a_day_if_the_profile_says_so() -> None:
    house = House(parse("pessimistic,+yesterday_stays_visible"))
    house.place("BUY", 10, "MKT")
    house.until("23:59:59", "20261124")
    assert len(house.exchange.completed_orders()) == len(house.exchange.executions()) == 1
    house.until("00:00:00", "20261125")
    assert (house.exchange.completed_orders(), house.exchange.executions()) == ((), ())


@pytest.mark.parametrize("tif", ["DAY", "GTC"])
def test_a_day_order_whose_close_was_missed_dies_when_the_exchange_is_back(tif: str) -> None:
    house = House()
    order_id = house.place(price="99.00", tif=tif)
    house.until("12:00:00", "20261124")
    after = house.restarted()
    assert after.status(order_id) is (Status.CANCELLED if tif == "DAY" else Status.SUBMITTED)


def test_a_date_that_passed_while_the_exchange_was_down_ends_the_order() -> None:
    house = House()
    fields: dict[str, Any] = {"tif": "GTD", "good_till_date": "20261123 15:00:00"}
    order_id = house.place(price="99.00", **fields)
    state = house.exchange.state()
    successor = House(now_ns=at("15:00:01"))
    successor.exchange.restore(state)
    successor.wait(0)
    assert successor.status(order_id) is Status.CANCELLED


def test_a_date_to_come_is_on_the_agenda_again_after_a_restart() -> None:
    house = House()
    fields: dict[str, Any] = {"tif": "GTD", "good_till_date": "20261123 15:00:00"}
    order_id = house.place(price="99.00", **fields)
    successor = House(now_ns=at("14:00:00"))
    successor.exchange.restore(house.exchange.state())
    successor.until("14:59:59")
    assert successor.status(order_id) is Status.SUBMITTED
    successor.until("15:00:00")
    assert successor.status(order_id) is Status.CANCELLED


def test_what_was_over_yesterday_is_forgotten_when_the_exchange_is_back() -> None:
    house = House()
    house.place("BUY", 10, "MKT")
    successor = House(now_ns=at("00:00:01", "20261124"))
    successor.exchange.restore(house.exchange.state())
    successor.wait(0)
    assert (successor.exchange.completed_orders(), successor.exchange.executions()) == ((), ())


def test_what_is_forgotten_leaves_no_trace_in_its_family_nor_under_its_id() -> None:
    house = House()
    parent = house.place("BUY", 10, price="99.00", transmit=False, tif="GTC")
    child = house.place("SELL", 10, "STP", "95.00", parent_id=parent, tif="GTC")
    done = house.place("BUY", 10, "MKT")
    house.exchange.roll_back_ids(1)
    again = house.place(price="98.00", order_id=done, tif="GTC")
    house.cancel(child)
    house.until("00:00:00", "20261124")
    assert [held.order.order_id for held in house.exchange.open_orders()] == [parent, again]
    house.heard()
    house.cancel(again)
    house.cancel(child)
    house.cancel(parent)
    assert house.codes() == [202, 10147, 202]


def test_an_order_that_becomes_a_day_order_has_its_day_from_then_on() -> None:
    house = House()
    order_id = house.place("SELL", 10, price="105.00", tif="GTC")
    house.market.enter(Phase.CLOSED)
    house.until("08:00:00", "20261124")
    house.modify(order_id, tif="DAY")
    house.market.enter(Phase.REGULAR)
    assert house.status(order_id) is Status.SUBMITTED
    house.market.enter(Phase.CLOSED)
    assert house.status(order_id) is Status.CANCELLED


def test_an_order_that_becomes_a_day_order_in_the_evening_is_for_tomorrow() -> None:
    house = House()
    order_id = house.place("SELL", 10, price="105.00", tif="GTC")
    house.market.enter(Phase.EXTENDED)
    house.modify(order_id, tif="DAY")
    house.market.enter(Phase.CLOSED)
    assert house.status(order_id) is Status.SUBMITTED


def test_a_day_order_that_sleeps_until_tomorrow_outlives_today() -> None:
    house = House()
    order_id = house.place("BUY", 10, price="99.00", good_after_time="20261124 12:00:00 US/Eastern")
    house.market.enter(Phase.CLOSED)
    house.until("09:30:00", "20261124")
    house.market.enter(Phase.REGULAR)
    house.until("12:00:00", "20261124")
    assert house.status(order_id) is Status.SUBMITTED
    house.market.enter(Phase.CLOSED)
    assert house.status(order_id) is Status.CANCELLED
