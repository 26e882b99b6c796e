"""The hello, and the version that both sides speak from then on."""

import pytest

from backstay.gateway.wire.errors import WireError
from backstay.gateway.wire.frames import frame
from backstay.gateway.wire.handshake import Hello, HelloReader, answer, parse_hello

NINE_THIRTY_NS = 1_795_444_200_000_000_000  # 23 November 2026, in New York


@pytest.mark.parametrize(
    ("payload", "hello", "version"),
    [
        (b"v157..178", Hello(157, 178), 178),  # ib_async 2.1.0
        (b"v100..226", Hello(100, 226), 178),  # IB's own client 10.50
        (b"v100..193", Hello(100, 193), 178),
        (b"v157..170", Hello(157, 170), 170),
        (b"v100..157", Hello(100, 157), 157),
        (b"v178..178", Hello(178, 178), 178),
        (b"v165", Hello(165, 165), 165),
        (b"v157..178 +PACEAPI", Hello(157, 178, "+PACEAPI"), 178),
        (b"v157..178 a b", Hello(157, 178, "a b"), 178),
    ],
)
def test_the_highest_version_that_both_know_is_spoken(
    payload: bytes, hello: Hello, version: int
) -> None:
    assert parse_hello(payload) == hello
    assert hello.version == version


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"v100..156", "versions 100 to 156; 157 to 178 are spoken here"),
        (b"v179..226", "versions 179 to 226; 157 to 178 are spoken here"),
        (b"v178..157", "versions 178 to 157; 157 to 178 are spoken here"),
        (b"v156", "versions 156 to 156; 157 to 178 are spoken here"),
        (b"157..178", "b'157..178' is no range of versions"),
        (b"v157..178x", "b'v157..178x' is no range of versions"),
        (b"v157..", "b'v157..' is no range of versions"),
        (b"v1234567890", "b'v1234567890' is no range of versions"),
        (b"71\x002\x007\x00\x00", r"b'71\x002\x007\x00\x00' is no range of versions"),
        (b"v157..178 \xff", "the options of the hello are not UTF-8"),
    ],
)
def test_a_hello_that_can_not_be_met_is_refused(payload: bytes, reason: str) -> None:
    with pytest.raises(WireError) as refused:
        parse_hello(payload)
    assert refused.value.reason == reason


def test_a_hello_is_read_byte_by_byte_and_what_follows_is_kept() -> None:
    reader = HelloReader()
    hello = b"API\0" + frame(b"v157..178")
    for byte in hello[:-1]:
        assert reader.feed(bytes([byte])) is None
    assert reader.feed(hello[-1:] + b"next") == Hello(157, 178)
    assert reader.rest == b"next"


def test_nothing_follows_a_hello_that_came_alone() -> None:
    reader = HelloReader()
    assert reader.feed(b"API\0" + frame(b"v157..178")) == Hello(157, 178)
    assert reader.rest == b""


@pytest.mark.parametrize("first", [b"G", b"GET / HTTP/1.1", b"API ", b"APIX", b"\x00\x00"])
def test_what_does_not_begin_like_a_hello_is_refused_at_once(first: bytes) -> None:
    with pytest.raises(WireError, match="a hello begins with"):
        HelloReader().feed(first)


@pytest.mark.parametrize("length", [0, 1025])
def test_a_hello_of_no_length_is_refused_before_its_bytes_arrive(length: int) -> None:
    with pytest.raises(WireError, match=f"a frame of {length} bytes; between 1 and 1024 fit"):
        HelloReader().feed(b"API\0" + length.to_bytes(4, "big"))


def test_the_answer_is_the_version_and_the_time() -> None:
    assert answer(178, NINE_THIRTY_NS) == frame(b"178\x0020261123 09:30:00 US/Eastern\x00")
