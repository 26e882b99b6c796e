"""What an order gets, as a pure rule."""

import pytest

from backstay.gateway.exchange.matching import Fill, through
from backstay.gateway.market.words import Quote
from backstay.gateway.values.order import Order
from tests.gateway.exchange.house import D, House


@pytest.mark.parametrize(
    ("action", "order_type", "wanted", "price", "size", "shares"),
    [
        ("BUY", "LMT", 10, "98.99", 4, 4),
        ("BUY", "LMT", 3, "98.99", 4, 3),
        ("BUY", "STP LMT", 3, "98.99", 4, 3),
        ("BUY", "LMT", 3, "99.00", 4, None),
        ("SELL", "LMT", 3, "99.01", 4, 3),
        ("SELL", "LMT", 3, "99.00", 4, None),
        ("BUY", "LMT", 0, "98.00", 4, None),
        ("BUY", "LMT", 3, "98.00", 0, None),
        ("BUY", "MKT", 3, "98.00", 4, None),
    ],
)
def test_a_print_fills_a_limit_that_it_goes_through(
    action: str, order_type: str, wanted: int, price: str, size: int, shares: int | None
) -> None:
    order = Order(action=action, order_type=order_type, limit_price=D("99.00"))
    expected = None if shares is None else Fill(D("99.00"), D(shares))
    assert through(order, D(wanted), D(price), D(size)) == expected


@pytest.mark.parametrize(
    ("action", "changes", "filled"),
    [
        ("BUY", {"ask_size": D(99)}, 100),
        ("BUY", {"bid_size": D(99)}, 90),
        ("SELL", {"bid_size": D(99)}, 100),
        ("SELL", {"ask_size": D(99)}, 90),
    ],
)
def test_each_side_of_a_quote_is_there_again_only_when_it_changes_itself(
    action: str, changes: dict[str, object], filled: int
) -> None:
    house = House()
    house.market.quotes[1] = Quote(0, D("99.99"), D("100.01"), D(90), D(90))
    order_id = house.place(action, 100, "MKT")
    assert house.held(order_id).filled == D(90)
    house.market.move(1, **changes)
    assert house.held(order_id).filled == D(filled)
