"""What counts as a short sale: more is sold than there is, or than is about to be bought."""

import pytest

from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from tests.gateway.exchange.house import OPTION, OTHER_ACCOUNT, STOCK, D, House


def sale(quantity: int = 11, account: str = OTHER_ACCOUNT, parent_id: int = 0) -> Order:
    return Order(
        action="SELL",
        quantity=D(quantity),
        order_type="MKT",
        tif="DAY",
        account=account,
        parent_id=parent_id,
    )


def sold_short(house: House, order: Order, con_id: int = STOCK) -> int | None:
    return house.exchange.sold_short(7, Contract(con_id=con_id), order)


@pytest.mark.parametrize(
    ("there_is", "quantity", "con_id"),
    [(10, 10, None), (10, 11, STOCK), (0, 1, STOCK), (-5, 1, STOCK)],
)
def test_a_short_sale_sells_more_than_there_is(
    there_is: int, quantity: int, con_id: int | None
) -> None:
    house = House()
    house.accounts.hold(STOCK, there_is, OTHER_ACCOUNT)
    assert sold_short(house, sale(quantity)) == con_id


def test_what_buys_is_refused_or_is_no_stock_sells_nothing_short() -> None:
    house = House()
    bought = Order(action="BUY", quantity=D(11), order_type="MKT", account=OTHER_ACCOUNT)
    assert sold_short(house, bought) is None
    assert sold_short(house, sale(account="nobody's")) is None
    assert sold_short(house, sale(), OPTION) is None
    assert sold_short(house, sale(), 999_999) is None
    house.accounts.refusal = "too much"
    assert sold_short(house, sale()) is None


def test_what_nobody_lends_is_held_anyway() -> None:
    house = House()
    house.exchange.deny_borrow(STOCK)
    assert sold_short(house, sale()) is None
    house.exchange.locate(STOCK)
    assert sold_short(house, sale()) == STOCK


@pytest.mark.parametrize(
    ("parent_action", "quantity", "is_short"),
    [("BUY", 15, False), ("BUY", 16, True), ("SELL", 10, False), ("SELL", 11, True)],
)
def test_a_child_may_sell_what_its_parent_buys(
    parent_action: str, quantity: int, is_short: bool
) -> None:
    house = House()
    house.accounts.hold(STOCK, 10, OTHER_ACCOUNT)
    parent = house.place(parent_action, 5, price="100.00", transmit=False, account=OTHER_ACCOUNT)
    child = sale(quantity, parent_id=parent)
    assert sold_short(house, child) == (STOCK if is_short else None)
    house.exchange.deny_borrow(STOCK)
    del house.events[:]
    house.exchange.place(7, 99, Contract(con_id=STOCK), child)
    assert house.codes() == ([404] if is_short else [])
