"""Requests are spelled by ib_async, and leave it as bytes."""

from typing import Any

import pytest
from ib_async import LimitOrder, Stock

from backstay.broker.line.encoding import Encoder


def test_a_request_is_one_frame_with_its_length_in_front() -> None:
    assert Encoder().frames(lambda client: client.reqCurrentTime()) == b"\0\0\0\x05" + b"49\x001\0"


def test_several_requests_are_frames_one_after_the_other() -> None:
    def two(client: Any) -> None:
        client.cancelOrder(7)
        client.cancelOrder(8)

    assert Encoder().frames(two) == b"\0\0\0\x074\x001\x007\0\0\0\0\0\x074\x001\x008\0\0"


def test_an_encoder_forgets_what_it_has_written_before() -> None:
    encoder = Encoder()
    first = encoder.frames(lambda client: client.reqIds(1))
    assert encoder.frames(lambda client: client.reqIds(1)) == first


def test_an_order_has_the_fields_of_the_one_version_that_is_spoken() -> None:
    order = LimitOrder("BUY", 100, 99.5, orderRef="bs1:ABCDEFGH:0:EN:1")
    data = Encoder().frames(lambda client: client.placeOrder(12, Stock("AAPL", "SMART"), order))
    fields = data[4:].split(b"\0")
    assert len(fields) - 1 == 114
    assert fields[:2] == [b"3", b"12"]


def test_a_request_that_fails_leaves_nothing_behind() -> None:
    encoder = Encoder()

    def broken(client: Any) -> None:
        client.reqIds(1)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        encoder.frames(broken)
    assert encoder.frames(lambda client: client.reqCurrentTime()).endswith(b"49\x001\0")
