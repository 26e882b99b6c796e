"""In which order the messages of a read are heard."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.broker.line.framing import Framing
from backstay.broker.line.reading import Ears, Reading
from backstay.broker.news import News, UnreadNews
from tests.broker.line.scripted import frame
from tests.broker.line.stage import Recorder
from tests.broker.line.test_framing import cut

QUOTE, FACT = "quote", "fact"


def quote(number: int) -> bytes:
    return b"1\x006\x007\x001\x00%d\x00500\x001\0" % number


def fact(number: int) -> bytes:
    return b"49\x001\x00%d\0" % number


def body(kind: str, number: int) -> bytes:
    return quote(number) if kind == QUOTE else fact(number)


def numbered(recorder: Recorder) -> list[tuple[str, int] | str]:
    """The calls: quotes and facts by their numbers, hooks by their names."""
    shown: list[tuple[str, int] | str] = []
    for name, what in recorder.calls:
        match name, what:
            case "price", (_, bytes(price)):
                shown.append((QUOTE, int(price)))
            case "time", int(seconds):
                shown.append((FACT, seconds))
            case _:
                shown.append(name)
    return shown


def read(*messages: bytes) -> list[tuple[str, int] | str]:
    """What is heard, in order, if these come in one read."""
    recorder = Recorder()
    reading = Reading(recorder.ears)
    reading.sink(7, recorder)
    reading.read(iter(messages))
    return numbered(recorder)


@pytest.mark.parametrize(
    ("wire", "heard"),
    [
        ("", ""),
        ("q1", "q1"),
        ("q1 q2", "q1 q2"),
        ("f1", "f1 F"),
        ("f1 f2", "f1 f2 F"),
        ("q1 f2", "q1 f2 F"),
        ("f1 q2", "f1 F q2"),
        ("q1 f2 q3 f4 q5", "q1 f2 f4 F q3 q5"),
        ("f1 q2 q3 f4", "f1 f4 F q2 q3"),
    ],
)
def test_facts_are_settled_before_the_quotes_that_stand_behind_one(wire: str, heard: str) -> None:
    def word(text: str) -> tuple[str, int]:
        return (QUOTE if text[0] == "q" else FACT, int(text[1:]))

    hooks = {"F": "facts"}
    expected = [hooks[text] if text in hooks else word(text) for text in heard.split()]
    assert read(*[body(*word(text)) for text in wire.split()]) == expected


def test_a_stop_that_has_filled_before_the_confirming_quote_is_read_sends_no_exit() -> None:
    class Position(Recorder):
        """Sends an exit on the first price below 100, unless the stop's fill is known by then."""

        is_over = False
        exits = 0

        def orderStatus(self, order_id: int, status: str, *_rest: object) -> None:  # noqa: N802
            self.calls.append(("status", (order_id, status)))

        def settle(self) -> None:
            self.is_over = ("status", (5, "Filled")) in self.calls

        def on_price(self, _tick_type: int, price: bytes) -> None:
            self.exits += float(price) < 100 and not self.is_over

    filled = b"3\x005\0Filled\x00100\x000\x0099.9\x001\x000\x0099.9\x001\0\x000\0"

    def exits(*messages: bytes) -> int:
        position = Position()
        reading = Reading(Ears(position, position.hear, position.settle))
        reading.sink(7, position)
        reading.read(iter(messages))
        return position.exits

    assert exits(quote(99)) == 1
    assert exits(filled, quote(99)) == 0
    assert exits(fact(1), quote(99), filled) == 0
    assert exits(quote(99), filled) == 1


WIRE = st.lists(st.sampled_from([QUOTE, FACT]), max_size=12)


@given(WIRE, st.lists(st.integers(0, 300)))
def test_facts_and_quotes_keep_their_order_and_no_quote_overtakes_a_fact(
    wire: list[str], cuts: list[int]
) -> None:
    recorder = Recorder()
    reading, framing = Reading(recorder.ears), Framing()
    reading.sink(7, recorder)
    messages = list(zip(wire, range(len(wire)), strict=True))
    for piece in cut(b"".join(frame(body(*message)) for message in messages), cuts):
        reading.read(framing.messages(piece))
    calls = numbered(recorder)
    assert [call for call in calls if call[0] == FACT] == [m for m in messages if m[0] == FACT]
    assert [call for call in calls if call[0] == QUOTE] == [m for m in messages if m[0] == QUOTE]
    for at, (kind, number) in enumerate(messages):
        before = calls[: calls.index((kind, number))]
        if kind == QUOTE:
            facts = [m for m in messages[:at] if m[0] == FACT]
            assert all(m in before for m in facts)
            if facts:
                assert "facts" in before[before.index(facts[-1]) :]


@given(WIRE, st.lists(st.integers(0, 300)))
def test_each_read_that_has_facts_is_settled_once(wire: list[str], cuts: list[int]) -> None:
    recorder = Recorder()
    reading, framing = Reading(recorder.ears), Framing()
    messages = [body(kind, number) for number, kind in enumerate(wire)]
    pieces = cut(b"".join(frame(message) for message in messages), cuts)
    for piece in pieces:
        recorder.calls.clear()
        reading.read(framing.messages(piece))
        assert len(recorder.of("facts")) == (1 if recorder.of("time") else 0)


# --- what goes wrong ------------------------------------------------------------------------------


class Choking(Recorder):
    """Chokes on the price 13 and on the time 13, and where it is told to."""

    def currentTime(self, seconds: int) -> None:  # noqa: N802
        if seconds == 13:
            raise LookupError("an unlucky time")
        super().currentTime(seconds)

    def on_price(self, tick_type: int, price: bytes) -> None:
        if price == b"13":
            raise LookupError("an unlucky price")
        super().on_price(tick_type, price)


def choke() -> None:
    raise LookupError("an unlucky hook")


def test_a_sink_and_a_hearing_that_choke_are_told_of_and_the_next_is_heard() -> None:
    recorder = Choking()
    reading = Reading(recorder.ears)
    reading.sink(7, recorder)
    reading.read(iter([quote(13), quote(1), fact(13), fact(2), quote(13), quote(3)]))
    assert [call for call in numbered(recorder) if call != "unread"] == [
        (QUOTE, 1),
        (FACT, 2),
        "facts",
        (QUOTE, 3),
    ]
    assert [(news.message_id, news.why.partition(" (")[0]) for news in recorder.unread] == [
        ("1", "LookupError: an unlucky price"),
        ("49", "LookupError: an unlucky time"),
        ("1", "LookupError: an unlucky price"),
    ]
    assert all("(test_reading.py:" in news.why for news in recorder.unread)


def test_a_settling_that_chokes_is_told_of_and_the_quotes_are_heard() -> None:
    recorder = Recorder()
    reading = Reading(replace(recorder.ears, facts=choke))
    reading.sink(7, recorder)
    reading.read(iter([fact(1), quote(2)]))
    assert numbered(recorder) == [(FACT, 1), "unread", (QUOTE, 2)]
    (news,) = recorder.unread
    assert news.message_id == ""
    assert news.why.startswith("LookupError: an unlucky hook (test_reading.py:")


@pytest.mark.parametrize(
    ("message", "begins", "why"),
    [
        (b"999\0x\0", "999", "ValueError: there is no such message"),
        (b"\0", "", "ValueError: invalid literal"),
        (b"", "", "ValueError: there is no such message"),
        (b"\xff\xfe rubbish \0", "\\xff\\xfe rubbish ", "ValueError: invalid literal"),
        (b"49\x001\x0017954", "49", "ValueError: it is cut short"),
        (b"49\x001\0soon\0", "49", "ValueError: invalid literal"),
        (b"49\x001\0", "49", "ValueError: field 2 says nothing"),
        (b"3\x005\0", "3", "TypeError: "),
        (b"4\x002\x00-1\0", "4", "ValueError: not enough values"),
        (b"1\x006\x007\0", "1", "ValueError"),
        (b"49 and so on for a long time\0", "49 and so on for a l", "ValueError: invalid literal"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_beginning(
    message: bytes, begins: str, why: str
) -> None:
    recorder = Recorder()
    reading = Reading(recorder.ears)
    reading.sink(7, recorder)
    reading.read(iter([message, fact(1)]))
    (news,) = recorder.unread
    assert news.message_id == begins
    assert news.why.startswith(why)
    assert recorder.of("time") == [1]


def test_what_is_of_no_interest_is_neither_decoded_nor_told() -> None:
    recorder = Recorder()
    Reading(recorder.ears).read(iter([b"5\0this can't be decoded\0", b"7\0neither can this\0"]))
    assert recorder.unread == []


def test_the_loop_is_told_if_nobody_else_can_be() -> None:
    told: list[dict[str, object]] = []

    def deaf(_news: News) -> None:
        raise LookupError("nobody hears")

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, about: told.append(about))
        recorder = Recorder()
        Reading(Ears(recorder, deaf)).read(iter([b"999\0", fact(1)]))
        assert recorder.of("time") == [1]

    asyncio.run(story())
    assert "there is no such message" in str(told[0]["message"])
    assert isinstance(told[0]["exception"], LookupError)


def test_news_of_what_is_unread_is_a_value() -> None:
    recorder = Recorder()
    Reading(recorder.ears).read(iter([b"999\0"]))
    assert all(isinstance(news, UnreadNews) for news in recorder.unread)
