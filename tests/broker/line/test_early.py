"""Ticks are found in their bytes, and told as bytes."""

import pytest

from backstay.broker.doors.wire import TickSink
from backstay.broker.line.early import EarlyTicks, is_market_data
from tests.broker.line.stage import Recorder

TICKS = [
    ("1\x006\x007\x001\x0099.98\x00500\x001\0", ("price", (1, b"99.98"))),
    ("1\x006\x007\x004\x00-1\x000\x000\0", ("price", (4, b"-1"))),
    ("1\x006\x007\x002\x00nan\x000\x000\0", ("price", (2, b"nan"))),
    ("46\x006\x007\x0045\x001795446000\0", ("text", (45, b"1795446000"))),
    (
        "46\x006\x007\x0048\x0099.98;1;1795446000123;1;99.98;true\0",
        ("text", (48, b"99.98;1;1795446000123;1;99.98;true")),
    ),
    ("46\x006\x007\x0048\0\0", ("text", (48, b""))),
    ("45\x006\x007\x0049\x001.0\0", ("generic", (49, b"1.0"))),
    ("58\x001\x007\x003\0", ("data type", 3)),
]

DROPPED = [
    "1\x006\x007\x001\0\x00500\x001\0",
    "2\x006\x007\x000\x00500\0",
    "21\x007\x0013\x000\x000.2\x000.5\x001\x000\x000\x000\x000\x00100\0",
    "57\x001\x007\0",
    "81\x007\x000.01\x009c0001\x003\0",
]

FACTS = [
    "3\x007\x00Filled\0",
    "4\x002\x007\x00200\0x\0\0",
    "5\x007\0",
    "99\x007\x003\0",
    "11\0",
    "\0",
    "",
]


class Faulty(Recorder):
    """Chokes on prices."""

    def on_price(self, _tick_type: int, _price: bytes) -> None:
        raise LookupError("out of order")


def heard(
    message: str, sink: TickSink | None, of: int = 7
) -> tuple[bool, list[tuple[bytes, Exception]]]:
    unread: list[tuple[bytes, Exception]] = []
    ticks = EarlyTicks(lambda body, error: unread.append((body, error)))
    ticks.sink(of, sink)
    return ticks.take(message.encode()), unread


@pytest.mark.parametrize(("message", "call"), TICKS)
def test_each_tick_reaches_its_sink(message: str, call: tuple[str, object]) -> None:
    recorder = Recorder()
    assert heard(message, recorder) == (True, [])
    assert recorder.calls == [call]


@pytest.mark.parametrize("message", [message for message, _call in TICKS])
def test_a_tick_that_nobody_wants_is_dropped(message: str) -> None:
    recorder = Recorder()
    assert heard(message, recorder, of=70) == (True, [])
    assert heard(message, None) == (True, [])
    assert recorder.calls == []


@pytest.mark.parametrize("message", DROPPED)
def test_what_says_no_price_is_dropped(message: str) -> None:
    recorder = Recorder()
    assert heard(message, recorder) == (True, [])
    assert recorder.calls == []


@pytest.mark.parametrize("message", FACTS)
def test_what_is_no_market_data_is_left_to_others(message: str) -> None:
    recorder = Recorder()
    assert heard(message, recorder) == (False, [])
    assert recorder.calls == []


def test_what_is_market_data_can_be_told_without_hearing_it() -> None:
    assert all(is_market_data(message.encode()) for message, _call in TICKS)
    assert all(is_market_data(message.encode()) for message in DROPPED)
    assert not any(is_market_data(message.encode()) for message in FACTS)


@pytest.mark.parametrize(
    "message",
    [
        "1\0",
        "1\x006\x007\x001\0",
        "1\x006\x007\x001\x0099.9",
        "46\x006\x007\x0048\x0099.98;1",
        "45\x006\x007\x0049\x001",
        "58\x001\x007\x003",
        "58\x001\x007\0",
        "1\x006\x007\0bid\x0099.98\x00500\x001\0",
    ],
)
def test_a_tick_that_cannot_be_read_is_told_and_not_heard(message: str) -> None:
    recorder = Recorder()
    is_taken, unread = heard(message, recorder)
    assert is_taken
    assert [body for body, _error in unread] == [message.encode()]
    assert recorder.calls == []


def test_a_sink_that_chokes_is_told_of() -> None:
    is_taken, unread = heard(TICKS[0][0], Faulty())
    assert is_taken
    assert [str(error) for _body, error in unread] == ["out of order"]


def test_a_sink_may_take_the_place_of_another() -> None:
    first, second = Recorder(), Recorder()
    ticks = EarlyTicks(lambda _body, _error: None)
    ticks.sink(7, first)
    ticks.sink(7, second)
    ticks.take(TICKS[0][0].encode())
    assert (len(first.calls), len(second.calls)) == (0, 1)
