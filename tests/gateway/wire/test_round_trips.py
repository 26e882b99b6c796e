"""What one side of the wire writes, the other reads as it was."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backstay.gateway.messages.order_replies import OpenOrder
from backstay.gateway.messages.requests import PlaceOrder
from backstay.gateway.wire.replies import decode_reply, encode_reply
from backstay.gateway.wire.requests import decode_request, encode_request
from tests.gateway.wire import strategies


@pytest.mark.parametrize("made_of", strategies.REQUESTS, ids=lambda made_of: made_of.__name__)
@given(data=st.data())
@settings(max_examples=10)
def test_every_request_is_read_as_it_was_written(data: st.DataObject, made_of: type) -> None:
    request = data.draw(strategies.of(made_of))
    assert decode_request(encode_request(request)) == request


@pytest.mark.parametrize("made_of", strategies.REPLIES, ids=lambda made_of: made_of.__name__)
@given(data=st.data())
@settings(max_examples=10)
def test_every_reply_is_read_as_it_was_written(data: st.DataObject, made_of: type) -> None:
    reply = data.draw(strategies.of(made_of))
    assert decode_reply(encode_reply(reply)) == reply


@given(request=strategies.of(PlaceOrder))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_is_read_as_it_was_placed(request: PlaceOrder) -> None:
    assert decode_request(encode_request(request)) == request


@given(reply=strategies.of(OpenOrder))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_any_open_order_is_read_as_it_was_told(reply: OpenOrder) -> None:
    assert decode_reply(encode_reply(reply)) == reply
