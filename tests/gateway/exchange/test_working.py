"""What fills an order, for how much, and in which sequence it is told."""

from dataclasses import replace

import pytest

from backstay.gateway.events import Executed, OrderChanged, PositionChanged
from backstay.gateway.market.words import Level, Phase
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import STOCK, D, House


def test_a_fill_is_told_as_execution_then_position_then_status() -> None:
    house = House()
    order_id = house.place("BUY", 10, "MKT")
    kinds = [type(event) for event in house.events]
    assert kinds == [OrderChanged, Executed, PositionChanged, OrderChanged]
    assert house.statuses(order_id) == [Status.SUBMITTED, Status.FILLED]
    assert house.held(order_id).average_price == D("100.01")
    assert house.held(order_id).completed_status == "Filled Size: 10"


def test_an_aggressor_walks_the_book_up_to_its_limit() -> None:
    house = House()
    house.market.deeper[STOCK, "BUY"] = (
        Level(D("100.02"), D(20)),
        Level(D("100.05"), D(500)),
    )
    order_id = house.place("BUY", 150, "LMT", "100.03")
    assert house.fills() == [(1, D(100), D("100.01")), (1, D(20), D("100.02"))]
    held = house.held(order_id)
    assert (held.status, held.filled, held.remaining) == (Status.SUBMITTED, D(120), D(30))
    assert held.average_price == D("100.01166667")


def test_what_was_taken_is_gone_until_the_quote_changes() -> None:
    house = House()
    house.place("BUY", 60, "MKT")
    second = house.place("BUY", 60, "MKT")
    assert house.held(second).filled == D(40)
    house.market.move(bid=D("99.98"))
    assert house.held(second).filled == D(40)
    house.market.move(ask_size=D(15))
    assert house.held(second).filled == D(55)
    house.market.move(ask=D("100.02"))
    assert house.status(second) is Status.FILLED


def test_a_resting_limit_fills_at_the_better_price_that_reaches_it() -> None:
    house = House()
    order_id = house.place("BUY", 10, "LMT", "99.50")
    house.market.move(ask=D("99.51"))
    assert house.status(order_id) is Status.SUBMITTED
    house.market.move(ask=D("99.40"))
    assert house.fills() == [(1, D(10), D("99.40"))]


@pytest.mark.parametrize(("last", "filled"), [("99.50", 0), ("99.49", 4)])
def test_a_resting_limit_fills_when_a_trade_prints_through_it(last: str, filled: int) -> None:
    house = House()
    order_id = house.place("BUY", 10, "LMT", "99.50")
    house.market.move(last=D(last), last_size=D(4))
    assert house.held(order_id).filled == D(filled)
    assert [price for _, _, price in house.fills()] == [D("99.50")] * bool(filled)


def test_a_print_is_shared_out_to_the_best_price_first() -> None:
    house = House()
    worse = house.place("SELL", 10, "LMT", "100.50")
    better = house.place("SELL", 10, "LMT", "100.40")
    house.market.move(last=D("100.60"), last_size=D(12))
    assert (house.held(better).filled, house.held(worse).filled) == (D(10), D(2))


def test_a_market_order_without_another_side_waits() -> None:
    house = House()
    house.market.move(bid=None, bid_size=D(0))
    order_id = house.place("SELL", 10, "MKT")
    assert house.status(order_id) is Status.SUBMITTED
    house.market.move(bid=D("98.00"), bid_size=D(100))
    assert house.fills() == [(1, D(10), D("98.00"))]


def test_nothing_fills_in_a_halt() -> None:
    house = House()
    house.market.move(halted=True)
    market, stop = house.place("BUY", 10, "MKT"), house.place("BUY", 10, "STP", "100.00")
    limit = house.place("BUY", 10, "LMT", "99.00")
    house.market.move(last=D("98.00"), last_size=D(100))
    assert house.fills() == []
    assert [house.status(each) for each in (market, stop, limit)] == [
        Status.SUBMITTED,
        Status.PRE_SUBMITTED,
        Status.SUBMITTED,
    ]
    house.market.move(halted=False)
    assert house.status(market) is Status.FILLED


@pytest.mark.parametrize("order_type", ["MKT", "LMT"])
def test_an_order_outside_its_hours_waits_for_the_open(order_type: str) -> None:
    house = House()
    house.market.enter(Phase.EXTENDED)
    order_id = house.place("BUY", 10, order_type, "101.00")
    assert house.held(order_id).status is Status.PRE_SUBMITTED
    assert house.codes() == [399]
    house.market.move(ask=D("100.00"))
    assert house.status(order_id) is Status.PRE_SUBMITTED
    house.market.enter(Phase.REGULAR)
    assert house.status(order_id) is Status.FILLED


def test_a_limit_that_may_work_outside_regular_hours_does() -> None:
    house = House()
    house.market.enter(Phase.EXTENDED)
    order_id = house.place("BUY", 10, "LMT", "101.00", outside_rth=True)
    assert house.status(order_id) is Status.FILLED
    assert house.codes() == []


def test_ids_of_executions_count_on_and_carry_a_version() -> None:
    house = House()
    house.place("BUY", 1, "MKT")
    house.place("BUY", 1, "MKT")
    ids = [execution.exec_id for _, execution in house.exchange.executions()]
    assert ids == ["0000e0d5.5f3a0001.01.01", "0000e0d5.5f3a0002.01.01"]
    assert [each.exec_id for each in house.exchange.commissions()] == ids


def test_an_execution_says_what_its_order_has_come_to() -> None:
    house = House()
    house.place("BUY", 150, "LMT", "100.02", order_ref="mine")
    house.market.move(ask=D("100.02"))
    first, second = (execution for _, execution in house.exchange.executions())
    assert (first.cum_quantity, first.average_price) == (D(100), D("100.01"))
    assert (second.cum_quantity, second.shares) == (D(150), D(50))
    assert second.average_price == D("100.01333333")
    assert {first.order_ref, second.order_ref} == {"mine"}
    assert (first.last_liquidity, first.exchange, first.side) == (2, "NASDAQ", "BOT")


def test_the_market_is_watched_as_long_as_an_order_lives() -> None:
    house = House()
    order_id = house.place("BUY", 10, "LMT", "99.00")
    assert house.market.watched == {STOCK: 1}
    house.cancel(order_id)
    assert house.market.watched == {STOCK: 0}


def test_what_a_listener_asks_for_while_it_is_told_is_done_in_the_same_turn() -> None:
    house = House()
    resting = house.place("BUY", 10, "LMT", "99.00")

    def once(event: object) -> None:
        if isinstance(event, Executed) and house.status(resting) is Status.SUBMITTED:
            house.cancel(resting)

    house.listeners.append(once)
    house.place("BUY", 10, "MKT")
    assert house.status(resting) is Status.CANCELLED


def test_a_market_order_goes_before_every_limit() -> None:
    house = House()
    house.market.move(ask=None, ask_size=D(0))
    limit, market = house.place("BUY", 10, "LMT", "101.00"), house.place("BUY", 10, "MKT")
    house.market.move(ask=D("100.00"), ask_size=D(12))
    assert (house.held(market).filled, house.held(limit).filled) == (D(10), D(2))


def test_what_changed_while_nobody_watched_is_there_in_full() -> None:
    house = House()
    house.place("BUY", 100, "MKT")
    assert house.market.watched[STOCK] == 0
    # The market of an instrument that nobody watches moves on without a word.
    for ask_size in (50, 100):
        house.market.quotes[STOCK] = replace(house.market.quotes[STOCK], ask_size=D(ask_size))
        house.place("BUY", ask_size, "MKT")
    assert [shares for _, shares, _ in house.fills()] == [D(100), D(50), D(100)]
    house.place("BUY", 100, "MKT")
    assert len(house.fills()) == 3
