"""What the same order id means when it comes again, and what becomes of the ids."""

from dataclasses import replace

import pytest

from backstay.gateway.exchange.modifies import MOMENT_NS
from backstay.gateway.profile import OPTIMISTIC
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import ACCOUNT, STOCK, D, House


def test_a_live_order_sent_again_is_modified() -> None:
    house = House()
    order_id = house.place(price="99.00")
    perm_id = house.held(order_id).perm_id
    house.modify(order_id, limit_price=D("99.50"))
    held = house.held(order_id)
    assert (held.perm_id, held.order.limit_price) == (perm_id, D("99.50"))
    assert len(house.exchange.open_orders()) == 1
    assert house.codes() == []


@pytest.mark.parametrize(("late_ns", "codes"), [(-1, [103]), (0, [])])
def test_an_order_sent_a_moment_ago_is_not_known_everywhere(late_ns: int, codes: list[int]) -> None:
    house = House()
    order_id = house.place(price="99.00")
    house.agenda.advance(house.agenda.now_ns + MOMENT_NS + late_ns)
    house.place(price="99.50", order_id=order_id)
    assert house.codes() == codes


def test_a_filled_order_sent_again_is_refused() -> None:
    house = House()
    order_id = house.place("BUY", 10, "MKT")
    house.place("BUY", 10, "MKT", order_id=order_id)
    assert house.codes() == [104]


def test_a_cancelled_order_sent_again_is_refused() -> None:
    house = House()
    order_id = house.place(price="99.00")
    house.cancel(order_id)
    house.heard()
    house.place(price="99.00", order_id=order_id)
    assert house.codes() == [103]


def test_a_rejected_order_sent_again_is_refused() -> None:
    house = House()
    house.accounts.refusal = "no"
    order_id = house.place(price="99.00")
    house.accounts.refusal = None
    house.heard()
    house.place(price="99.00", order_id=order_id)
    assert house.codes() == [103]


def test_an_id_below_the_sequence_is_refused() -> None:
    house = House()
    house.place(price="99.00", order_id=100)
    house.place(price="99.00", order_id=99)
    house.place(price="99.00", order_id=-1)
    assert house.codes() == [103, 103]
    assert house.exchange.next_order_id(7) == 101
    assert len(house.exchange.open_orders()) == 1


def test_an_unknown_id_at_or_above_the_sequence_is_a_new_order() -> None:
    house = House()
    house.place(price="99.00", order_id=5)
    house.place(price="99.00", order_id=900)
    assert [held.order.order_id for held in house.exchange.open_orders()] == [5, 900]
    assert house.exchange.next_order_id(7) == 901


def test_each_client_has_ids_of_its_own() -> None:
    house = House()
    house.place(price="99.00", order_id=5)
    assert house.exchange.next_order_id(8) == 1
    house.place(price="98.00", order_id=5, client_id=8)
    assert house.codes() == []
    house.cancel(5, client_id=8)
    assert house.status(5) is Status.SUBMITTED
    assert house.held(5, client_id=8).status is Status.CANCELLED


def test_ids_that_were_rolled_back_are_given_out_again() -> None:
    house = House()
    done, live = house.place("BUY", 10, "MKT"), house.place(price="99.00")
    house.exchange.roll_back_ids(2)
    house.heard()
    assert house.exchange.next_order_id(7) == done
    again = house.place(price="98.00", order_id=done)
    assert house.codes() == []
    assert house.held(again).order.limit_price == D("98.00")
    assert len(house.exchange.completed_orders()) == 1
    house.wait(1)
    house.place(price="97.00", order_id=live)
    assert house.held(live).order.limit_price == D("97.00")
    assert len(house.exchange.open_orders()) == 2
    house.exchange.roll_back_ids(1000)
    assert house.exchange.next_order_id(7) == 1


def test_perm_ids_count_on_over_a_restart() -> None:
    house = House()
    first = house.place(price="99.00")
    after = house.restarted()
    second = after.place(price="99.00")
    assert second == first + 1
    assert after.held(second).perm_id == house.held(first).perm_id + 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"action": "SELL", "limit_price": D("101.00")}, 105),
        ({"account": "DU2"}, 105),
        ({"oca_group": "late"}, 10326),
        ({"order_type": "MKT"}, 201),
        ({"quantity": D(0)}, 434),
        ({"limit_price": D("99.001")}, 110),
    ],
)
def test_a_change_that_is_refused_leaves_the_order_as_it_was(
    changes: dict[str, object], code: int
) -> None:
    house = House()
    order_id = house.place(price="99.00")
    before = house.held(order_id)
    house.modify(order_id, **changes)
    assert house.codes() == [code]
    assert house.held(order_id) == before


def test_an_order_does_not_become_one_for_another_contract() -> None:
    house = House()
    order_id = house.place(price="99.00")
    house.wait(1)
    house.exchange.place(7, order_id, Contract(con_id=2), house.held(order_id).order)
    house.exchange.place(7, order_id, Contract(con_id=99), house.held(order_id).order)
    assert house.codes() == [105, 200]


@pytest.mark.parametrize(("quantity", "codes"), [(100, [201]), (101, [])])
def test_a_quantity_must_stay_above_what_is_filled(quantity: int, codes: list[int]) -> None:
    house = House()
    order_id = house.place("BUY", 150, "LMT", "100.01")
    house.modify(order_id, quantity=D(quantity))
    assert house.codes() == codes
    assert house.held(order_id).filled == D(100)


def test_a_change_that_the_account_can_not_carry_is_rejected_and_the_order_lives() -> None:
    house = House()
    order_id = house.place(price="99.00")
    house.accounts.refusal = "no"
    house.modify(order_id, quantity=D(11))
    assert house.codes() == [201]
    assert house.status(order_id) is Status.SUBMITTED


def test_an_optimistic_gateway_lets_a_stop_become_a_limit_and_a_market_order() -> None:
    house = House(OPTIMISTIC)
    order_id = house.place("SELL", 10, "STP", "95.00")
    house.modify(order_id, order_type="LMT", limit_price=D("101.00"))
    assert house.held(order_id).status is Status.SUBMITTED
    house.modify(order_id, order_type="MKT", limit_price=None)
    assert house.status(order_id) is Status.FILLED
    assert house.codes() == []


def test_a_modified_stop_looks_at_the_market_afresh() -> None:
    house = House()
    order_id = house.place("SELL", 10, "STP", "95.00")
    house.modify(order_id, aux_price=D("100.50"))
    assert house.status(order_id) is Status.FILLED


def test_a_price_that_is_moved_to_the_touch_fills() -> None:
    house = House()
    order_id = house.place(price="99.00")
    house.modify(order_id, limit_price=D("100.01"), account="", tif="")
    assert house.status(order_id) is Status.FILLED
    assert house.held(order_id).order == replace(
        house.held(order_id).order, account="DU1", tif="DAY", order_id=order_id, client_id=7
    )


def test_a_gone_order_of_yesterday_is_a_duplicate_and_can_not_be_found() -> None:
    house = House()
    order_id = house.place("BUY", 10, "MKT")
    house.until("00:00:00", "20261124")
    house.heard()
    house.place("BUY", 10, "MKT", order_id=order_id)
    house.cancel(order_id)
    assert house.codes() == [103, 10147]


def test_an_order_needs_no_con_id_to_be_understood() -> None:
    house = House()
    del house.market.instruments[2], house.market.instruments[3]
    order = Order(action="BUY", quantity=D(1), order_type="MKT", tif="DAY", account=ACCOUNT)
    house.exchange.place(7, 1, Contract(symbol="AAA"), order)
    assert house.held(1).contract.con_id == STOCK
