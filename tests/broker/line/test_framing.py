"""Bytes to messages, however they are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.broker.line.framing import FRAME_BYTES_MAX, Framing
from tests.broker.line.scripted import frame


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data in pieces; places beyond its end mean nothing."""
    bounds = [0, *sorted(place for place in places if place < len(data)), len(data)]
    return [data[start:end] for start, end in pairwise(bounds)]


@given(st.lists(st.binary(max_size=40)), st.lists(st.integers(0, 400)))
def test_messages_are_the_same_however_they_are_cut(bodies: list[bytes], cuts: list[int]) -> None:
    framing = Framing()
    data = b"".join(frame(body) for body in bodies)
    assert [body for piece in cut(data, cuts) for body in framing.messages(piece)] == bodies
    assert framing.fault == ""


def test_a_message_is_told_as_soon_as_its_last_byte_is_there() -> None:
    framing = Framing()
    data = frame("49\0001\0007\0") + frame("second\0")
    heard = [list(framing.messages(data[at : at + 1])) for at in range(len(data))]
    assert [at for at, bodies in enumerate(heard) if bodies] == [
        len(frame("49\0001\0007\0")) - 1,
        len(data) - 1,
    ]


def test_the_longest_frame_is_read() -> None:
    framing = Framing()
    body = b"x" * FRAME_BYTES_MAX
    assert list(framing.messages(frame(body))) == [body]


def test_a_longer_frame_ends_the_reading_after_what_stood_before_it() -> None:
    framing = Framing()
    longer = (FRAME_BYTES_MAX + 1).to_bytes(4, "big")
    assert list(framing.messages(frame("good\0") + longer + b"x" * 20)) == [b"good\0"]
    assert framing.fault == "a frame claims 1048577 bytes; 1048576 are the most"
    assert list(framing.messages(frame("good\0"))) == []


class Counting(bytearray):
    """Counts the bytes that are put into it."""

    copied = 0

    def __iadd__(self, data: object) -> "Counting":
        assert isinstance(data, bytes)
        Counting.copied += len(data)
        self.extend(data)
        return self


@pytest.mark.parametrize("piece_bytes", [1, 7, 1000])
def test_a_long_frame_in_small_pieces_is_put_together_once(piece_bytes: int) -> None:
    framing = Framing()
    Counting.copied = 0
    framing._rest = Counting()
    data = frame(b"x" * 100_000)
    bodies = [
        body
        for at in range(0, len(data), piece_bytes)
        for body in framing.messages(data[at : at + piece_bytes])
    ]
    assert bodies == [data[4:]]
    assert Counting.copied <= len(data) + 4
