"""Numbers and lists of an order, as they are read and as they are refused."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.gateway.messages import requests as asked
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.wire.errors import WireError
from backstay.gateway.wire.requests import decode_request, encode_request

STOCK = Contract(con_id=265598, symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
ORDER = Order(order_id=3, action="BUY", quantity=Decimal(1), order_type="LMT")
ORDER_PLACES = {"order.quantity": 17, "order.limit_price": 19, "order.transmit": 27}
LEGS_PLACE = 35


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("order.limit_price", "nan", "is no number"),
        ("order.limit_price", "inf", "is no number"),
        ("order.limit_price", "Infinity", "is no number"),
        ("order.limit_price", "1_000", "is no number"),
        ("order.limit_price", "\u0661", "is no number"),
        ("order.limit_price", "1e15", "is too great or too small"),
        ("order.limit_price", "-1e15", "is too great or too small"),
        ("order.limit_price", "1e-31", "is too great or too small"),
        ("order.quantity", "one", "is no number"),
        ("order.transmit", "true", "is no whole number"),
    ],
)
def test_a_bad_number_of_an_order_is_refused_by_its_path(path: str, value: str, why: str) -> None:
    fields = encode_request(asked.PlaceOrder(3, STOCK, ORDER)).split(b"\0")
    fields[ORDER_PLACES[path]] = value.encode()
    with pytest.raises(WireError) as refused:
        decode_request(b"\0".join(fields))
    assert refused.value.reason == f"placeOrder.{path}: '{value}' {why}"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("1.50", "1.5"),
        ("100.0", "100"),
        ("1e2", "100"),
        ("1E-05", "0.00001"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0.0", "0"),
        ("0e999", "0"),
        ("999999999999999", "999999999999999"),
        ("1e-30", "0.000000000000000000000000000001"),
        ("", None),
        ("1.7976931348623157e+308", None),
        ("1.7976931348623157E308", None),
    ],
)
def test_a_number_is_read_without_needless_digits(value: str, read: str | None) -> None:
    fields = encode_request(asked.PlaceOrder(3, STOCK, ORDER)).split(b"\0")
    fields[ORDER_PLACES["order.limit_price"]] = value.encode()
    request = decode_request(b"\0".join(fields))
    assert isinstance(request, asked.PlaceOrder)
    price = request.order.limit_price
    assert (None if price is None else f"{price:f}") == read


@pytest.mark.parametrize(
    ("offset", "read"), [("Infinite", Decimal("Infinity")), ("Infinity", Decimal("Infinity"))]
)
def test_an_offset_may_be_infinite_in_either_spelling(offset: str, read: Decimal) -> None:
    order = replace(ORDER, order_type="PEG BEST", compete_against_best_offset=Decimal("Infinity"))
    payload = encode_request(asked.PlaceOrder(3, STOCK, order))
    request = decode_request(payload.replace(b"Infinity", offset.encode()))
    assert isinstance(request, asked.PlaceOrder)
    assert request.order.compete_against_best_offset == read


@pytest.mark.parametrize(
    ("count", "reason"),
    [
        ("1001", "placeOrder.contract.combo_legs: '1001' is no length between 0 and 1000"),
        ("-1", "placeOrder.contract.combo_legs: '-1' is no length between 0 and 1000"),
        ("1000", "placeOrder.contract.combo_legs.ratio is missing"),
    ],
)
def test_a_list_has_a_bound(count: str, reason: str) -> None:
    bag = replace(STOCK, sec_type="BAG")
    fields = encode_request(asked.PlaceOrder(3, bag, ORDER)).split(b"\0")
    fields[LEGS_PLACE] = count.encode()
    with pytest.raises(WireError) as refused:
        decode_request(b"\0".join(fields))
    assert refused.value.reason == reason
