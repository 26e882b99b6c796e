"""Frames: how a stream of bytes becomes payloads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.wire.errors import WireError
from backstay.gateway.wire.frames import INBOUND_BYTES_MAX, FrameReader, frame

payloads = st.lists(st.binary(min_size=1, max_size=40), max_size=6)


def test_a_frame_says_its_length_in_four_bytes_first() -> None:
    assert frame(b"5\x001\x00") == b"\x00\x00\x00\x045\x001\x00"


@given(sent=payloads, data=st.data())
def test_payloads_arrive_whole_however_the_stream_is_chopped(
    sent: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(frame(payload) for payload in sent)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8).map(sorted))
    reader = FrameReader()
    pieces = zip([0, *cuts], [*cuts, len(stream)], strict=True)
    arrived = [payload for start, end in pieces for payload in reader.feed(stream[start:end])]
    assert arrived == sent


def test_half_a_frame_waits_for_its_other_half() -> None:
    reader = FrameReader()
    assert tuple(reader.feed(b"\x00\x00\x00\x03ab")) == ()
    assert tuple(reader.feed(b"c")) == (b"abc",)


def test_the_greatest_frame_is_read() -> None:
    payload = b"x" * INBOUND_BYTES_MAX
    assert tuple(FrameReader().feed(frame(payload))) == (payload,)


@pytest.mark.parametrize("length", [0, INBOUND_BYTES_MAX + 1, 2**32 - 1])
def test_a_length_that_is_none_is_refused_before_its_bytes_arrive(length: int) -> None:
    with pytest.raises(WireError) as refused:
        tuple(FrameReader().feed(length.to_bytes(4, "big")))
    assert refused.value.reason == f"a frame of {length} bytes; between 1 and 1048576 fit"


def test_who_reads_what_the_gateway_writes_may_allow_more() -> None:
    assert tuple(FrameReader(bytes_max=3).feed(frame(b"abc"))) == (b"abc",)
    with pytest.raises(WireError, match="a frame of 4 bytes; between 1 and 3 fit"):
        tuple(FrameReader(bytes_max=3).feed(frame(b"abcd")))


def test_what_came_before_a_bad_length_is_read_all_the_same() -> None:
    reader = FrameReader().feed(frame(b"whole") + b"\0\0\0\0" + frame(b"never"))
    assert next(reader) == b"whole"
    with pytest.raises(WireError, match="a frame of 0 bytes"):
        next(reader)
