"""What the gateway writes is understood by real clients as it was meant."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from backstay.gateway.messages.data_replies import TickOption, TickSize
from backstay.gateway.messages.order_replies import CompletedOrder, OpenOrder
from backstay.gateway.messages.replies import ContractDetails, Notice, Reply
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status
from backstay.gateway.wire.replies import decode_reply, encode_reply
from tests.gateway.wire import one_by_one, strategies
from tests.gateway.wire.hearing import as_heard, ib_async_hears, ibapi_hears

# The clients unescape some texts and not others, so backslashes have a test of their own.
texts = strategies.plain_texts.map(lambda text: text.replace("\\", "/"))
GREEKS = (
    "implied_volatility",
    "delta",
    "price",
    "pv_dividend",
    "gamma",
    "vega",
    "theta",
    "under_price",
)
many = settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])


def assert_heard(reply: Reply) -> None:
    """Both clients understand the same, and what was meant."""
    payload = encode_reply(reply)
    assert ib_async_hears(payload) == as_heard(reply, by_ibapi=False)
    assert ibapi_hears(payload) == as_heard(reply, by_ibapi=True)


@pytest.mark.parametrize("made_of", strategies.REPLIES, ids=lambda made_of: made_of.__name__)
@given(data=st.data())
@settings(max_examples=10)
def test_every_reply_is_heard_as_it_was_meant(data: st.DataObject, made_of: type) -> None:
    reply = data.draw(strategies.of(made_of, texts))
    if isinstance(reply, TickOption):
        # IB's client takes some numbers below zero for "not computed".
        reply = TickOption(
            reply.req_id, reply.field, *(abs(getattr(reply, name)) for name in GREEKS)
        )
    if isinstance(reply, TickSize):
        assume(reply.field >= 0)
    assert_heard(reply)


@given(reply=strategies.of(OpenOrder, texts))
@many
def test_any_open_order_is_heard_as_it_was_meant(reply: OpenOrder) -> None:
    assert_heard(reply)


@given(reply=strategies.of(CompletedOrder, texts))
@many
def test_any_completed_order_is_heard_as_it_was_meant(reply: CompletedOrder) -> None:
    assert_heard(reply)


@pytest.mark.parametrize(
    "order", [pytest.param(order, id=path) for path, order in one_by_one.orders().items()]
)
def test_every_field_of_an_order_is_heard_in_its_own_place(order: Order) -> None:
    contract = replace(one_by_one.CONTRACT, exchange="SMART")
    done = CompletedOrder(contract, order, Status.FILLED, Decimal(1))
    assert_heard(strategies.open_order(OpenOrder(contract, order, Status.SUBMITTED)))
    assert_heard(strategies.completed_order(done))


@given(name=strategies.any_texts)
def test_a_long_name_in_any_script_reaches_both_clients(name: str) -> None:
    details = ContractDetails(1, Contract(), "", Decimal(1), "", "", long_name=name)
    payload = encode_reply(details)
    for heard in (ib_async_hears(payload), ibapi_hears(payload)):
        assert isinstance(heard, ContractDetails)
        assert heard.long_name == name


@given(text=strategies.any_texts)
def test_an_error_in_any_script_is_escaped_as_the_official_client_expects(text: str) -> None:
    notice = Notice(-1, 399, text, reject_json=text)
    assert ibapi_hears(encode_reply(notice)) == notice
    assert decode_reply(encode_reply(notice)) == notice
    assert encode_reply(replace(notice, reject_json="")).isascii()
