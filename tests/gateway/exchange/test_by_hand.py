"""What no client can ask for."""

from decimal import Decimal

import pytest

from backstay.gateway.events import Executed
from backstay.gateway.market.words import Phase
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import (
    ACCOUNT,
    INSTRUMENTS,
    OPTION,
    STOCK,
    D,
    House,
    at,
)


def last_execution(house: House) -> Executed:
    return [event for event in house.events if isinstance(event, Executed)][-1]


@pytest.mark.parametrize(
    ("price", "quantity", "filled", "average"),
    [("99.00", None, 10, "99.00"), (None, 7, 7, "100.01"), ("99.00", 7, 7, "99.00")],
)
def test_a_correction_replaces_an_execution(
    price: str | None, quantity: int | None, filled: int, average: str
) -> None:
    house = House()
    order_id = house.place("BUY", 10, "MKT")
    house.exchange.correct_execution(
        "0000e0d5.5f3a0001.01.01",
        price=D(price) if price else None,
        quantity=D(quantity) if quantity else None,
    )
    told = last_execution(house)
    assert (told.replaces, told.execution.exec_id) == (
        "0000e0d5.5f3a0001.01.01",
        "0000e0d5.5f3a0001.01.02",
    )
    held = house.held(order_id)
    assert (held.status, held.filled, held.average_price) == (
        Status.FILLED,
        D(filled),
        D(average),
    )
    assert (told.execution.cum_quantity, told.execution.average_price) == (
        D(filled),
        D(average),
    )
    assert house.accounts.position(ACCOUNT, STOCK).quantity == D(filled)


def test_a_bust_takes_an_execution_back_whichever_version_is_named() -> None:
    house = House()
    order_id = house.place("BUY", 10, "MKT")
    house.exchange.correct_execution("0000e0d5.5f3a0001.01.01", quantity=D(7))
    house.exchange.bust_execution("0000e0d5.5f3a0001.01.01")
    told = last_execution(house)
    assert (told.replaces[-2:], told.execution.exec_id[-2:]) == ("02", "03")
    assert told.execution.shares == D(0)
    held = house.held(order_id)
    assert (held.status, held.filled, held.average_price) == (Status.FILLED, D(0), D(0))
    assert house.accounts.position(ACCOUNT, STOCK).quantity == D(0)


def test_a_correction_that_leaves_nothing_to_fill_completes_the_order() -> None:
    house = House()
    parent = house.place("BUY", 110, price="100.01", transmit=False)
    child = house.place("SELL", 110, "STP", "95.00", parent_id=parent)
    assert house.held(parent).filled == D(100)
    house.exchange.correct_execution("0000e0d5.5f3a0001.01.01", quantity=D(110))
    assert house.status(parent) is Status.FILLED
    assert house.held(child).why_held == "trigger"


def test_an_unknown_execution_is_not_corrected() -> None:
    house = House()
    house.exchange.bust_execution("0000e0d5.5f3a0009.01.01")
    assert house.events == []


def test_an_execution_of_a_forgotten_order_is_corrected_all_the_same() -> None:
    house = House()
    house.place("BUY", 100, price="100.01", tif="GTC")
    order_id = house.place("BUY", 10, price="99.00", tif="GTC")
    house.until("00:00:00", "20261124")
    house.market.move(ask=D("99.00"))
    exec_id = house.exchange.executions()[0][1].exec_id
    house.exchange.correct_execution(exec_id, quantity=D(9))
    assert house.held(order_id).filled == D(9)


def test_a_corrected_execution_is_remembered_over_a_restart() -> None:
    house = House()
    house.place("BUY", 10, "MKT")
    house.exchange.correct_execution("0000e0d5.5f3a0001.01.01", quantity=D(7))
    after = house.restarted()
    after.exchange.bust_execution("0000e0d5.5f3a0001.01.01")
    assert last_execution(after).replaces.endswith(".02")
    assert len(after.exchange.executions()) == 3
    assert [each.exec_id[-2:] for each in after.exchange.commissions()] == ["01", "02"]


@pytest.mark.parametrize(
    ("order_type", "price", "at_price"), [("LMT", "99.00", "99.00"), ("STP", "110.00", "100.01")]
)
def test_a_cancelled_order_can_still_fill_and_stays_cancelled(
    order_type: str, price: str, at_price: str
) -> None:
    house = House()
    order_id = house.place("BUY", 10, order_type, price)
    house.cancel(order_id)
    house.exchange.fill_anyway(house.held(order_id).perm_id, D(10))
    held = house.held(order_id)
    assert (held.status, held.filled) == (Status.CANCELLED, D(10))
    assert house.fills() == [(1, D(10), D(at_price))]
    assert house.accounts.position(ACCOUNT, STOCK).quantity == D(10)


def test_a_waiting_order_can_be_filled_by_hand() -> None:
    house = House()
    stop = house.place("SELL", 10, "STP", "90.00")
    house.exchange.fill_anyway(house.held(stop).perm_id, D(10))
    assert house.status(stop) is Status.FILLED


@pytest.mark.parametrize("oca_type", [1, 2, 3])
def test_a_fill_by_hand_ends_the_others_of_the_group(oca_type: int) -> None:
    house = House()
    ids = [
        house.place("SELL", 10, price="101.00", oca_group="g", oca_type=oca_type) for _ in range(2)
    ]
    house.exchange.fill_anyway(house.held(ids[0]).perm_id, D(10))
    assert [house.status(each) for each in ids] == [Status.FILLED, Status.CANCELLED]


def test_a_fill_needs_a_price_and_an_order_that_was_taken() -> None:
    house = House()
    stop = house.place("SELL", 10, "STP", "90.00")
    house.accounts.refusal = "no"
    rejected = house.place("BUY", 10, price="99.00")
    house.market.move(bid=None, last=None)
    for order_id in (stop, rejected):
        house.exchange.fill_anyway(house.held(order_id).perm_id, D(10))
    house.exchange.fill_anyway(5, D(10))
    assert house.fills() == []


def test_a_fork_is_the_order_before_its_last_modify_under_another_perm_id() -> None:
    house = House()
    order_id = house.place("SELL", 10, price="101.00", order_ref="mine")
    house.modify(order_id, limit_price=D("102.00"))
    original = house.held(order_id)
    twin_id = house.exchange.fork(original.perm_id)
    twin = house.exchange.held(twin_id)
    assert twin is not None
    assert twin_id != original.perm_id
    assert (twin.order.limit_price, twin.order.order_ref) == (D("101.00"), "mine")
    house.cancel(order_id)
    alive = house.exchange.open_orders()
    assert [held.perm_id for held in alive] == [original.perm_id]


def test_a_fork_is_for_what_the_order_has_not_filled() -> None:
    house = House()
    order_id = house.place("BUY", 150, price="100.01")
    twin = house.exchange.held(house.exchange.fork(house.held(order_id).perm_id))
    assert twin is not None
    assert (twin.order.quantity, twin.filled) == (D(50), D(0))


def test_an_unknown_order_has_no_fork() -> None:
    with pytest.raises(LookupError, match="no order has the permId 5"):
        House().exchange.fork(5)


def test_an_order_by_hand_belongs_to_client_zero_and_has_an_id_below_zero() -> None:
    house = House()
    original = house.held(house.place(price="99.00"))
    house.exchange.place_by_hand("DU2", original.contract, original.order)
    house.exchange.place_by_hand("DU2", original.contract, original.order)
    typed = house.exchange.open_orders()[1:]
    assert [(held.order.client_id, held.order.order_id) for held in typed] == [(0, -1), (0, -2)]
    assert {held.order.account for held in typed} == {"DU2"}
    house.cancel(-1, client_id=0)
    assert len(house.exchange.open_orders()) == 2


def test_a_hand_ends_the_order_that_it_sees_also_where_its_order_id_means_another() -> None:
    house = House()
    order_id = house.place("SELL", 10, price="101.00")
    house.modify(order_id, limit_price=D("102.00"))
    original = house.held(order_id)
    house.exchange.fork(original.perm_id)
    house.cancel(order_id)
    house.cancel(order_id)
    assert [held.perm_id for held in house.exchange.open_orders()] == [original.perm_id]
    house.exchange.cancel_by_hand(original.perm_id)
    house.exchange.cancel_by_hand(original.perm_id)
    assert house.exchange.open_orders() == ()


@pytest.mark.parametrize("quantity", [7, -7])
def test_a_position_is_closed_by_hand_at_the_market(quantity: int) -> None:
    house = House()
    house.accounts.hold(STOCK, quantity)
    house.exchange.close_by_hand(ACCOUNT, STOCK)
    house.exchange.close_by_hand(ACCOUNT, STOCK)
    assert house.accounts.position(ACCOUNT, STOCK).quantity == D(0)
    assert [shares for _, shares, _ in house.fills()] == [D(7)]


def test_a_hand_trades_parts_of_a_share_which_no_client_can() -> None:
    house = House()
    house.accounts.hold(STOCK, 7)
    typed = Order(action="SELL", quantity=D("0.5"), order_type="MKT", tif="DAY")
    house.exchange.place_by_hand(ACCOUNT, INSTRUMENTS[STOCK].contract, typed)
    assert house.accounts.position(ACCOUNT, STOCK).quantity == D("6.5")
    house.exchange.close_by_hand(ACCOUNT, STOCK)
    assert house.accounts.position(ACCOUNT, STOCK).quantity == D(0)


@pytest.mark.parametrize(
    ("quantity", "right", "last", "price"),
    [(3, "C", "112.50", "12.50"), (-3, "C", "99.00", "0"), (3, "P", "92.00", "8.00")],
)
def test_an_expired_option_is_settled_at_the_close(
    quantity: int, right: str, last: str, price: str
) -> None:
    house = House(now_ns=at("12:00:00", "20261127"))
    option = INSTRUMENTS[OPTION]
    put_or_call = type(option.contract)(
        **{name: getattr(option.contract, name) for name in option.contract.__slots__}
        | {"right": right}
    )
    house.market.instruments[OPTION] = type(option)(
        **{name: getattr(option, name) for name in option.__slots__} | {"contract": put_or_call}
    )
    house.accounts.hold(OPTION, quantity)
    house.market.move(last=D(last))
    order_id = house.place("SELL", 1, price="105.00", con_id=OPTION, tif="GTC")
    house.market.next_change_ns = at("09:30:00", "20261130")
    house.market.enter(Phase.EXTENDED)
    assert house.fills() == []
    house.market.enter(Phase.CLOSED, "options")
    assert house.fills() == [(0, abs(D(quantity)), D(price))]
    assert house.accounts.position(ACCOUNT, OPTION).quantity == D(0)
    assert house.status(order_id) is Status.CANCELLED
    house.market.enter(Phase.CLOSED)
    assert len(house.fills()) == 1


def test_an_option_is_not_settled_before_its_last_session_is_over() -> None:
    house = House(now_ns=at("08:00:00", "20261127"))
    house.accounts.hold(OPTION, 1)
    house.market.next_change_ns = at("09:30:00", "20261127")
    house.market.enter(Phase.CLOSED, "options")
    assert house.fills() == []


def test_an_option_that_expired_while_the_exchange_was_down_is_settled_when_it_is_back() -> None:
    house = House(now_ns=at("12:00:00", "20261130"))
    house.accounts.hold(OPTION, 1)
    house.exchange.restore(house.exchange.state())
    house.wait(0)
    assert [shares for _, shares, _ in house.fills()] == [Decimal(1)]
    house.exchange.settle_expired()
    assert len(house.fills()) == 1


def test_a_correction_of_a_living_order_gives_back_what_it_had_not_filled() -> None:
    house = House()
    order_id = house.place("BUY", 110, price="100.01")
    house.exchange.correct_execution("0000e0d5.5f3a0001.01.01", quantity=D(90))
    assert house.held(order_id).remaining == D(20)
    house.market.move(ask=D("100.00"))
    assert house.status(order_id) is Status.FILLED
    assert house.held(order_id).filled == D(110)


def test_a_correction_says_what_its_order_had_come_to_with_that_execution() -> None:
    house = House()
    order_id = house.place("BUY", 30, price="99.99")
    for _ in range(3):
        house.market.move(ask=D("99.99"), ask_size=D(10))
        house.market.move(ask=D("100.01"))
    house.exchange.correct_execution("0000e0d5.5f3a0001.01.01", price=D("99.90"), quantity=D(9))
    told = last_execution(house).execution
    assert (told.cum_quantity, told.average_price) == (D(9), D("99.90"))
    assert house.held(order_id).filled == D(29)
    house.exchange.correct_execution("0000e0d5.5f3a0002.01.01", price=D("99.89"))
    told = last_execution(house).execution
    assert (told.cum_quantity, told.average_price) == (D(20), D("99.94"))


def test_an_order_of_an_expired_option_ends_though_nobody_holds_it() -> None:
    house = House(now_ns=at("12:00:00", "20261127"))
    option = house.place("SELL", 1, price="105.00", con_id=OPTION, tif="GTC")
    stock = house.place("SELL", 1, price="105.00", tif="GTC")
    house.market.next_change_ns = at("09:30:00", "20261130")
    house.market.enter(Phase.CLOSED, "options")
    assert [house.status(each) for each in (option, stock)] == [
        Status.CANCELLED,
        Status.SUBMITTED,
    ]


def test_a_late_fill_of_a_stop_limit_keeps_to_its_limit() -> None:
    house = House()
    order_id = house.place("BUY", 10, "STP LMT", "101.00")
    house.market.move(ask=D("110.00"))
    house.cancel(order_id)
    house.exchange.fill_anyway(house.held(order_id).perm_id, D(10))
    assert house.fills() == [(order_id, D(10), D("101.00"))]
