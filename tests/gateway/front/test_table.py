"""Every request has its handler, and it is known which ones need the line to IB."""

from typing import get_args

from backstay.gateway.front.table import HANDLERS, LOCAL
from backstay.gateway.messages.requests import (
    CancelAll,
    CancelOrder,
    PlaceOrder,
    Request,
    RequestExecutions,
    RequestOpenOrders,
)


def test_every_request_has_a_handler() -> None:
    assert list(HANDLERS) == list(get_args(Request))


def test_no_handler_answers_two_requests() -> None:
    assert len(set(HANDLERS.values())) == len(HANDLERS)


def test_orders_and_what_became_of_them_are_never_local() -> None:
    assert set(HANDLERS) > LOCAL
    asking_ib = {PlaceOrder, CancelOrder, CancelAll, RequestOpenOrders, RequestExecutions}
    assert not asking_ib & LOCAL
