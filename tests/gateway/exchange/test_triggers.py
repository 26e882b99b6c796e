"""When a stop elects."""

from typing import Any

import pytest

from backstay.gateway.market.words import Phase
from backstay.gateway.profile import OPTIMISTIC
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import OPTION, STOCK, D, House


def moves(house: House, con_id: int, *changes: dict[str, Any]) -> None:
    for each in changes:
        house.market.move(con_id, **each)


@pytest.mark.parametrize(
    ("method", "changes", "is_elected"),
    [
        (0, [{"last": D("95.01")}], False),
        (0, [{"last": D("95.00")}], True),
        (0, [{"ask": D("94.00")}], False),
        (2, [{"last": D("95.00")}], True),
        (3, [{"last": D("95.00")}], False),
        (3, [{"last": D("95.00")}, {"last": D("95.00")}], True),
        (3, [{"last": D("95.00")}, {"last": D("96.00")}, {"last": D("95.00")}], False),
        (3, [{"last": D("95.00")}, {"bid": D("90.00")}], False),
        (4, [{"ask": D("95.01")}], False),
        (4, [{"bid": D("90.00")}], False),
        (4, [{"ask": D("95.00")}], True),
        (1, [{"ask": D("95.00")}], False),
        (1, [{"ask": D("95.00")}, {"bid": D("94.00")}], False),
        (1, [{"ask": D("95.00")}, {"ask_size": D(50)}], True),
        (1, [{"ask": D("95.00")}, {"ask": D("97.00")}, {"ask": D("94.00")}], False),
        (7, [{"ask": D("95.00")}], True),
        (7, [{"last": D("95.00")}], True),
        (8, [{"ask": D("95.02"), "bid": D("95.00")}], False),
        (8, [{"ask": D("95.02"), "bid": D("94.98")}], True),
        (8, [{"ask": None}], False),
        (4, [{"ask": None}], False),
    ],
)
def test_a_sell_stop_elects_by_its_method(
    method: int, changes: list[dict[str, Any]], is_elected: bool
) -> None:
    house = House()
    order_id = house.place("SELL", 10, "STP", "95.00", trigger_method=method)
    moves(house, STOCK, *changes)
    assert house.held(order_id).triggered is is_elected
    assert (house.held(order_id).why_held == "trigger") is not is_elected


@pytest.mark.parametrize(
    ("method", "changes", "is_elected"),
    [
        (0, {"last": D("104.99")}, False),
        (0, {"last": D("105.00")}, True),
        (4, {"ask": D("106.00")}, False),
        (4, {"bid": D("105.00")}, True),
    ],
)
def test_a_buy_stop_elects_on_the_other_side(
    method: int, changes: dict[str, Any], is_elected: bool
) -> None:
    house = House()
    order_id = house.place("BUY", 10, "STP", "105.00", trigger_method=method)
    house.market.move(**changes)
    assert house.held(order_id).triggered is is_elected


def test_the_default_of_an_option_is_double_bid_and_ask() -> None:
    house = House()
    order_id = house.place("SELL", 1, "STP", "95.00", con_id=OPTION)
    moves(house, OPTION, {"last": D("90.00")}, {"ask": D("94.00"), "bid": D("93.00")})
    assert not house.held(order_id).triggered
    house.market.move(OPTION, ask=D("93.50"))
    assert house.status(order_id) is Status.FILLED


def test_a_stop_that_is_already_reached_elects_at_once() -> None:
    house = House()
    order_id = house.place("SELL", 10, "STP", "101.00")
    assert house.statuses(order_id) == [
        Status.PRE_SUBMITTED,
        Status.SUBMITTED,
        Status.FILLED,
    ]


def test_an_elected_stop_limit_rests_at_its_limit() -> None:
    house = House()
    order_id = house.place("SELL", 10, "STP LMT", "95.00")
    house.modify(order_id, limit_price=D("94.50"))
    house.market.move(last=D("94.90"), bid=D("94.00"), ask=D("94.60"))
    held = house.held(order_id)
    assert (held.status, held.triggered, held.filled) == (Status.SUBMITTED, True, D(0))
    house.market.move(last=D("94.40"))
    assert house.fills() == []
    house.market.move(bid=D("94.50"))
    assert house.fills() == [(1, D(10), D("94.50"))]


def test_a_print_that_elects_a_stop_does_not_fill_it_as_well() -> None:
    house = House()
    house.market.move(bid=None, ask=None)
    order_id = house.place("SELL", 10, "STP LMT", "95.00")
    house.modify(order_id, limit_price=D("94.00"))
    house.market.move(last=D("94.90"))
    assert house.held(order_id).triggered
    assert house.fills() == []


def test_a_plain_stop_sleeps_outside_regular_hours() -> None:
    house = House()
    order_id = house.place("SELL", 10, "STP", "95.00", outside_rth=True, tif="GTC")
    house.market.enter(Phase.EXTENDED)
    house.market.move(last=D("94.00"))
    assert not house.held(order_id).triggered
    house.market.enter(Phase.REGULAR)
    assert not house.held(order_id).triggered
    house.market.move(last=D("94.50"))
    assert house.status(order_id) is Status.FILLED


@pytest.mark.parametrize("outside_rth", [True, False])
def test_a_stop_limit_elects_outside_regular_hours_if_it_may(outside_rth: bool) -> None:
    house = House()
    house.market.enter(Phase.EXTENDED)
    order_id = house.place("SELL", 10, "STP LMT", "95.00", outside_rth=outside_rth)
    house.market.move(last=D("94.00"))
    assert house.held(order_id).triggered is outside_rth


def test_an_elected_stop_that_becomes_a_stop_again_has_to_elect_again() -> None:
    house = House(OPTIMISTIC)
    house.market.move(bid=D("94.00"))
    order_id = house.place("SELL", 10, "STP LMT", "101.00")
    assert house.held(order_id).triggered
    house.modify(order_id, order_type="LMT")
    house.modify(order_id, order_type="STP", aux_price=D("90.00"))
    held = house.held(order_id)
    assert (held.triggered, held.status) == (False, Status.SUBMITTED)
    house.market.move(last=D("90.00"))
    assert house.status(order_id) is Status.FILLED


def test_nothing_is_counted_for_a_stop_that_is_over() -> None:
    house = House()
    elected = house.place("SELL", 10, "STP", "95.00")
    house.place("SELL", 10, "STP", "90.00")
    house.market.move(last=D("94.00"), bid=D("94.00"))
    assert house.status(elected) is Status.FILLED
    counted = house.exchange._floor._elections
    assert list(counted) == [held.perm_id for held in house.exchange.open_orders()]
