"""What real clients send is understood as they meant it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backstay.gateway.messages import requests as asked
from backstay.gateway.messages.requests import PlaceOrder
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import DeltaNeutralOrder, Order
from backstay.gateway.wire.requests import decode_request, encode_request
from tests.gateway.wire import one_by_one, strategies
from tests.gateway.wire.clients import Client, IbApi, IbAsync

IB_ASYNC = IbAsync()
IBAPI = IbApi()
STOCK = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")

both = pytest.mark.parametrize("client", [IB_ASYNC, IBAPI], ids=["ib_async", "ibapi"])
steady = settings(max_examples=10)
many = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])


def meant(client: Client, request: PlaceOrder) -> PlaceOrder:
    """What the client says of an order; each holds some of it back."""
    order = request.order
    if client is IB_ASYNC and not order.order_type.startswith("VOL"):
        order = replace(order, volatility=None)
    if client is IBAPI:
        order = replace(order, e_trade_only=False, firm_quote_only=False, nbbo_price_cap=None)
    return replace(request, order=order)


@both
@pytest.mark.parametrize("made_of", strategies.REQUESTS, ids=lambda made_of: made_of.__name__)
@given(data=st.data())
@steady
def test_every_request_of_a_client_is_understood(
    data: st.DataObject, made_of: type, client: Client
) -> None:
    request = data.draw(strategies.of(made_of, strategies.plain_texts))
    if isinstance(request, PlaceOrder):
        request = meant(client, request)
    if isinstance(request, asked.RequestMarketData) and client is IBAPI:
        request = replace(request, options=())  # refused before sending
    assert decode_request(client.payload_of(request)) == request


@both
@given(request=strategies.of(PlaceOrder, strategies.plain_texts))
@many
def test_any_order_of_a_client_is_understood(request: PlaceOrder, client: Client) -> None:
    said = meant(client, request)
    assert decode_request(client.payload_of(said)) == said


@both
@pytest.mark.parametrize(
    "order", [pytest.param(order, id=path) for path, order in one_by_one.orders().items()]
)
def test_every_field_of_an_order_arrives_in_its_own_place(order: Order, client: Client) -> None:
    said = meant(client, strategies.placement(PlaceOrder(1, one_by_one.CONTRACT, order)))
    assert decode_request(client.payload_of(said)) == said


@both
def test_offsets_from_the_midpoint_came_with_version_170(client: Client) -> None:
    offset = Decimal("0.05")
    pegged = Order(order_type="PEG MID", min_trade_quantity=5, mid_offset_at_whole=offset)
    request = PlaceOrder(1, one_by_one.CONTRACT, pegged)
    assert decode_request(encode_request(request, 170), 170) == request
    bare = PlaceOrder(1, one_by_one.CONTRACT, Order(order_type="PEG MID"))
    assert decode_request(encode_request(request, 169), 169) == bare
    assert decode_request(type(client)(170).payload_of(request), 170) == request
    assert decode_request(type(client)(169).payload_of(bare), 169) == bare


@given(request=strategies.of(PlaceOrder))
@settings(max_examples=50)
def test_ib_async_may_write_in_any_script(request: PlaceOrder) -> None:
    said = meant(IB_ASYNC, request)
    assert decode_request(IB_ASYNC.payload_of(said)) == said


@both
def test_an_order_that_the_client_never_filled_in_has_no_numbers(client: Client) -> None:
    request = PlaceOrder(1, STOCK, Order())
    assert decode_request(client.payload_of(request)) == request


def test_the_quantity_that_ibapi_never_set_is_none_at_all() -> None:
    unset = Decimal(2**127 - 1)
    payload = IBAPI.payload_of(PlaceOrder(1, STOCK, Order(quantity=unset)))
    assert decode_request(payload) == PlaceOrder(1, STOCK, Order())


def test_ib_async_sends_back_the_delta_neutral_type_that_it_was_told() -> None:
    told = Order(delta_neutral=DeltaNeutralOrder(order_type="None"))
    payload = IB_ASYNC.payload_of(PlaceOrder(1, STOCK, told))
    assert decode_request(payload) == PlaceOrder(1, STOCK, Order())


@both
@pytest.mark.parametrize("version", [157, 158, 160, 162, 166, 169, 170, 176, 177, 178])
def test_an_order_is_understood_at_every_version(client: Client, version: int) -> None:
    older = type(client)(version)
    request = PlaceOrder(1, STOCK, Order(action="BUY", quantity=Decimal(5), order_type="LMT"))
    payload = older.payload_of(request)
    assert decode_request(payload, version) == request
    assert payload.count(b"\0") == encode_request(request, version).count(b"\0")


@both
@pytest.mark.parametrize("version", [168, 169, 175, 176])
def test_a_cancel_and_a_question_about_contracts_grow_with_the_version(
    client: Client, version: int
) -> None:
    older = type(client)(version)
    for request in (asked.CancelOrder(7), asked.RequestContractDetails(8, STOCK)):
        assert decode_request(older.payload_of(request), version) == request
