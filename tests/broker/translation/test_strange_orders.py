"""Orders of other people that are stranger than anything of ours."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from ib_async.contract import Contract
from ib_async.order import Order, OrderState

from backstay.broker.news import OrderNews
from backstay.broker.translation.telling import order_news
from backstay.domain.orders.intent import Limit, OcaGroup

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
OURS = "bs1:AAAAAAAA:0:EN:1"
STRANGE: list[tuple[dict[str, Any], str]] = [
    ({"ocaGroup": "group", "ocaType": 7}, "an OCA group of type 7"),
    ({"lmtPrice": 1.7976931348623157e308}, "the limit of an order is missing"),
    ({"totalQuantity": 1.7976931348623157e308}, "the quantity of an order is missing"),
    ({"totalQuantity": float("nan")}, "nan is no number"),
]


def told(reference: str, strange: dict[str, Any]) -> OrderNews:
    usual: dict[str, Any] = {
        "action": "BUY",
        "orderType": "LMT",
        "lmtPrice": 10.0,
        "totalQuantity": 5.0,
    }
    order = Order(orderId=1, permId=2, orderRef=reference, **(usual | strange))
    return order_news(Contract(conId=3), order, OrderState(status="Submitted"), AT)


@pytest.mark.parametrize(("strange", "_why"), STRANGE)
def test_what_of_it_can_not_be_told_is_left_out(strange: dict[str, Any], _why: str) -> None:
    report = told("by hand", strange).report
    assert (report.order_id, report.perm_id, report.status) == (1, 2, "Submitted")
    assert report.quantity == (0 if "totalQuantity" in strange else 5)
    assert report.terms == (None if "lmtPrice" in strange else Limit(Decimal(10)))
    assert report.oca is None


@pytest.mark.parametrize(("strange", "why"), STRANGE)
def test_of_an_order_of_ours_nothing_is_left_out(strange: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        told(OURS, strange)


def test_what_of_it_can_be_told_is_told() -> None:
    report = told("by hand", {"ocaGroup": "group", "ocaType": 1}).report
    assert report.quantity == 5
    assert report.oca == OcaGroup("group", 1)
