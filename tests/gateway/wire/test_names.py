"""What messages are called in logs, and what is told of them."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.gateway.messages import data_replies as prices
from backstay.gateway.messages import order_replies as orders
from backstay.gateway.messages import replies as told
from backstay.gateway.messages import requests as asked
from backstay.gateway.messages.replies import Reply
from backstay.gateway.messages.requests import Request
from backstay.gateway.values.contract import ComboLeg, Contract
from backstay.gateway.values.order import Order, Scale
from backstay.gateway.values.state import Status
from backstay.gateway.wire.names import fields_of, name_of
from tests.gateway.wire import strategies


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (asked.PlaceOrder(1, Contract(), Order()), "placeOrder"),
        (asked.CancelAll(), "reqGlobalCancel"),
        (asked.RequestPnlSingle(1, "", "", 1), "reqPnLSingle"),
        (orders.OpenOrder(Contract(), Order(), Status.SUBMITTED), "openOrder"),
        (prices.TickPrice(1, 1, Decimal(1)), "tickPrice"),
        (told.Notice(1, 201, ""), "error"),
    ],
)
def test_a_message_is_called_as_the_protocol_calls_it(message: Request | Reply, name: str) -> None:
    assert name_of(message) == name


def test_only_what_was_said_is_told() -> None:
    contract = Contract(symbol="AAPL", combo_legs=(ComboLeg(con_id=5),))
    order = Order(quantity=Decimal("1E+2"), limit_price=Decimal("1.10"), scale=Scale(table="x"))
    assert fields_of(asked.PlaceOrder(7, contract, order)) == {
        "order_id": 7,
        "contract": {"symbol": "AAPL", "combo_legs": [{"con_id": 5}]},
        "order": {"quantity": "100", "limit_price": "1.10", "scale": {"table": "x"}},
    }


def test_what_has_no_default_is_always_told() -> None:
    assert fields_of(prices.TickPrice(0, 0, Decimal(0))) == {
        "req_id": 0,
        "field": 0,
        "price": "0",
    }


def test_a_status_is_told_as_a_plain_word() -> None:
    status = fields_of(orders.OpenOrder(Contract(), Order(), Status.FILLED))["status"]
    assert type(status) is str
    assert status == "Filled"


@pytest.mark.parametrize("made_of", [*strategies.REQUESTS, *strategies.REPLIES])
@given(data=st.data())
@settings(max_examples=5)
def test_whatever_is_told_fits_json(data: st.DataObject, made_of: type[Request | Reply]) -> None:
    told_fields = fields_of(data.draw(strategies.of(made_of)))
    assert json.loads(json.dumps(told_fields)) == told_fields
