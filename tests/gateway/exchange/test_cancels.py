"""What ends an order by request, and what is said of it."""

import pytest

from backstay.gateway.events import OrderNoted
from backstay.gateway.profile import parse
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import D, House


def test_a_cancel_is_pending_then_done_then_said() -> None:
    house = House()
    order_id = house.place(price="99.00")
    house.cancel(order_id)
    assert house.statuses(order_id) == [
        Status.SUBMITTED,
        Status.PENDING_CANCEL,
        Status.CANCELLED,
    ]
    noted = house.events[-1]
    assert isinstance(noted, OrderNoted)
    assert (noted.code, noted.text) == (202, "Order Canceled - reason:")
    assert house.held(order_id).completed_status == "Cancelled by Trader"


def test_an_unknown_id_can_not_be_cancelled() -> None:
    house = House()
    house.cancel(4)
    (noted,) = house.events
    assert noted == OrderNoted(7, 4, 10147, "OrderId 4 that needs to be cancelled is not found.")


def test_what_is_over_can_not_be_cancelled() -> None:
    house = House()
    filled, gone = house.place("BUY", 10, "MKT"), house.place(price="99.00")
    house.cancel(gone)
    house.heard()
    house.cancel(filled)
    house.cancel(gone)
    assert [event.text for event in house.events if isinstance(event, OrderNoted)] == [
        "OrderId 1 that needs to be cancelled cannot be cancelled, state: Filled.",
        "OrderId 2 that needs to be cancelled cannot be cancelled, state: Cancelled.",
    ]
    assert house.codes() == [10148, 10148]


def test_in_a_fast_market_a_cancel_is_answered_after_seconds() -> None:
    house = House()
    order_id = house.place(price="99.00")
    house.market.fast = True
    house.cancel(order_id)
    house.wait(0.999)
    assert house.status(order_id) is Status.PENDING_CANCEL
    house.wait(4.001)
    assert house.status(order_id) is Status.CANCELLED
    assert house.codes() == [202]


def test_a_pending_cancel_still_fills_and_is_then_filled() -> None:
    house = House()
    order_id = house.place("BUY", 150, "LMT", "99.00")
    house.market.fast = True
    house.cancel(order_id)
    house.market.move(ask=D("99.00"))
    held = house.held(order_id)
    assert (held.status, held.filled) == (Status.PENDING_CANCEL, D(100))
    house.market.move(ask_size=D(50))
    house.wait(10)
    assert house.status(order_id) is Status.FILLED
    assert house.codes() == []


def test_a_second_cancel_and_a_modify_are_refused_while_the_first_is_pending() -> None:
    house = House()
    order_id = house.place(price="99.00")
    house.wait(1)
    house.market.fast = True
    house.cancel(order_id)
    house.heard()
    house.cancel(order_id)
    house.place(price="98.00", order_id=order_id)
    assert house.codes() == [161, 201]


@pytest.mark.parametrize("profile", ["pessimistic,+cancels_are_prompt", "optimistic"])
def test_a_prompt_gateway_answers_a_cancel_at_once_in_any_market(profile: str) -> None:
    house = House(parse(profile))
    order_id = house.place(price="99.00")
    house.market.fast = True
    house.cancel(order_id)
    assert house.status(order_id) is Status.CANCELLED


def test_a_global_cancel_ends_the_orders_of_all_clients_and_of_tws() -> None:
    house = House()
    house.place(price="99.00")
    house.place(price="99.00", client_id=9)
    parked = house.place(price="99.00", transmit=False)
    held = house.held(parked)
    house.exchange.place_by_hand("DU1", held.contract, held.order)
    house.exchange.cancel_all(7)
    assert house.exchange.open_orders() == ()
    assert house.codes() == [202, 202, 202, 202]


def test_a_global_cancel_leaves_what_is_pending_alone() -> None:
    house = House()
    order_id = house.place(price="99.00")
    house.market.fast = True
    house.cancel(order_id)
    house.exchange.cancel_all(7)
    assert house.codes() == []
    assert house.status(order_id) is Status.PENDING_CANCEL


def test_a_cancel_that_was_pending_over_a_restart_is_answered() -> None:
    house = House()
    order_id = house.place(price="99.00")
    house.market.fast = True
    house.cancel(order_id)
    assert house.restarted().status(order_id) is Status.CANCELLED
