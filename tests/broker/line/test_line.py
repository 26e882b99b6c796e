"""A connection lives, and dies once."""

import asyncio
import re

import pytest

from backstay.broker.line.errors import LineEndedError, OpeningError
from backstay.broker.line.line import CLOSE_SECONDS_MAX, GatewayLine
from backstay.broker.line.opening import open_line
from backstay.gateway.chance import Dice
from backstay.gateway.faults.plan import rule
from backstay.gateway.server.memory import Cable
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import run, running
from tests.broker.line.scripted import ACCOUNTS, GREETING, NEXT_ID, Scripted, frame, perform
from tests.broker.line.stage import HOST, PORT, START_NS, Recorder, Stage, play

TIME = "49\x001\x001795446000\0"


async def ended(stage: Stage, line: GatewayLine, why: str) -> None:
    """The line is over, and that has been told once."""
    await asyncio.sleep(10)
    assert stage.lost == [why]
    assert not line.is_open
    with pytest.raises(LineEndedError, match=re.escape(why)):
        line.write(b"too late")


def test_what_is_written_is_on_the_wire_in_the_same_turn() -> None:
    async def story(stage: Stage) -> None:
        line = await stage.open()
        (cable,) = stage.net.lines
        before = cable.client.get_write_buffer_size()
        stage.ask_time(line)
        assert cable.client.get_write_buffer_size() == before + len(b"\0\0\0\x0549\x001\0")

    play(story)


def test_the_last_sign_of_life_is_known() -> None:
    async def story(stage: Stage) -> None:
        line = await stage.open()
        opened = line.heard_at
        await asyncio.sleep(5)
        assert line.heard_at == opened
        stage.ask_time(line)
        await asyncio.sleep(5)
        assert 5 <= line.heard_at - opened < 5.1

    play(story)


def test_hanging_up_ends_the_line_in_a_turn_of_its_own() -> None:
    async def story(stage: Stage) -> None:
        line = await stage.open()
        line.close()
        assert not line.is_open
        assert stage.lost == []
        line.close()
        await ended(stage, line, "closed here")
        assert stage.net.lines == ()

    play(story)


def test_what_was_written_before_hanging_up_still_leaves() -> None:
    gateway = Scripted(GREETING, ACCOUNTS, NEXT_ID)

    async def story(_net: MemoryNet) -> None:
        line = await open_line(HOST, PORT, 3, Recorder().ears, lambda _why: None)
        line.write(b"cancel")
        line.close()
        await asyncio.sleep(1)
        assert gateway.heard.endswith(b"cancel")

    perform(gateway, story)


def test_a_line_whose_peer_says_nothing_is_open_until_it_is_hung_up() -> None:
    async def story(stage: Stage) -> None:
        line = await stage.open()
        stage.net.lines[0].cut()
        stage.ask_time(line)
        await asyncio.sleep(60)
        assert line.is_open
        line.close()
        await asyncio.sleep(0)
        assert stage.lost == ["closed here"]

    play(story)


class Stuck(asyncio.Transport):
    """A connection whose peer reads nothing: it closes once all is read, that is, never."""

    def __init__(self) -> None:
        super().__init__()
        self.closing = False
        self.aborted_at: float | None = None

    def write(self, data: object) -> None: ...

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    def abort(self) -> None:
        self.aborted_at = running().time()


async def on_a_stuck_connection(lost: list[str]) -> tuple[GatewayLine, Stuck]:
    line, transport = GatewayLine(3, Recorder().ears, lost.append), Stuck()
    line.connection_made(transport)
    line.data_received(b"".join(frame(text) for text in (GREETING, ACCOUNTS, NEXT_ID)))
    await line.welcomed()
    return line, transport


def test_a_connection_that_does_not_close_is_broken_off_and_its_line_is_over_before() -> None:
    lost: list[str] = []

    async def story() -> None:
        line, transport = await on_a_stuck_connection(lost)
        line.close()
        assert lost == []
        await asyncio.sleep(0)
        assert lost == ["closed here"]
        await asyncio.sleep(CLOSE_SECONDS_MAX + 1)
        assert transport.aborted_at == CLOSE_SECONDS_MAX
        line.connection_lost(None)
        assert lost == ["closed here"]

    run(story(), start_ns=START_NS)


def test_a_connection_that_closes_in_time_is_not_broken_off() -> None:
    async def story() -> None:
        line, transport = await on_a_stuck_connection([])
        line.close()
        await asyncio.sleep(1)
        line.connection_lost(None)
        await asyncio.sleep(10)
        assert transport.aborted_at is None

    run(story(), start_ns=START_NS)


def test_a_gateway_that_hangs_up_ends_the_line() -> None:
    gateway = Scripted(GREETING, ACCOUNTS, NEXT_ID)
    lost: list[str] = []

    async def story(_net: MemoryNet) -> None:
        line = await open_line(HOST, PORT, 3, Recorder().ears, lost.append)
        assert gateway.transport is not None
        gateway.transport.close()
        await asyncio.sleep(1)
        assert lost == ["the gateway hung up"]
        assert not line.is_open

    perform(gateway, story)


def test_a_reset_ends_the_line() -> None:
    async def story(stage: Stage) -> None:
        line = await stage.open()
        stage.net.lines[0].reset()
        assert not line.is_open
        await ended(stage, line, "[Errno 104] Connection reset by peer")

    play(story)


@pytest.mark.parametrize(
    ("way", "why"),
    [("in", "[Errno 104] Connection reset by peer"), ("out", "the gateway hung up")],
)
def test_a_connection_that_breaks_in_the_middle_of_a_frame_ends_the_line(
    way: str, why: str
) -> None:
    async def story(stage: Stage) -> None:
        line = await stage.open()
        await asyncio.sleep(2)
        stage.ask_time(line)
        await ended(stage, line, why)
        assert stage.heard.of("time") == []
        assert stage.heard.unread == []

    play(story, rule("reset-mid-frame", at="+1s", kinds=[way]))


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        ("noise", "ValueError: "),
        ("unknown-id", "ValueError: there is no such message"),
        ("cut-short", ""),
    ],
)
def test_a_frame_that_means_nothing_is_told_and_the_line_goes_on(shape: str, why: str) -> None:
    async def story(stage: Stage) -> None:
        line = await stage.open()
        await asyncio.sleep(2)
        stage.ask_time(line)
        await asyncio.sleep(1)
        assert len(stage.heard.of("time")) == 1
        assert [news.why[: len(why)] for news in stage.heard.unread] == [why]
        assert line.is_open
        assert stage.lost == []

    play(story, rule("garbage-frame", at="+1s", shape=shape))


def test_a_frame_that_is_too_long_ends_the_line() -> None:
    async def story(stage: Stage) -> None:
        line = await stage.open()
        await asyncio.sleep(2)
        stage.ask_time(line)
        await ended(stage, line, "a frame claims 16777216 bytes; 1048576 are the most")

    play(story, rule("oversized-frame", at="+1s"))


def test_what_stood_before_such_a_frame_is_heard_first() -> None:
    gateway = Scripted(GREETING, ACCOUNTS, NEXT_ID)
    heard, lost = Recorder(), list[str]()

    async def story(_net: MemoryNet) -> None:
        await open_line(HOST, PORT, 3, heard.ears, lost.append)
        heard.calls.clear()
        await asyncio.sleep(1)
        gateway.say(TIME, b"\xff\xff\xff\xff", TIME)
        await asyncio.sleep(1)
        assert heard.calls == [("time", 1795446000), ("facts", None)]
        assert len(lost) == 1

    perform(gateway, story)


def test_what_follows_the_welcome_in_the_same_read_is_heard() -> None:
    class AtOnce(Scripted):
        def data_received(self, data: bytes) -> None:
            first, self.heard = not self.heard, self.heard + data
            if first:
                self.say(GREETING, TIME, ACCOUNTS, NEXT_ID, TIME)

    heard = Recorder()

    async def story(_net: MemoryNet) -> None:
        line = await open_line(HOST, PORT, 3, heard.ears, lambda _why: None)
        assert (line.accounts, line.next_order_id) == (("DU1", "DU2"), 41)
        assert heard.calls == [
            ("time", 1795446000),
            ("time", 1795446000),
            ("facts", None),
        ]

    perform(AtOnce(), story)


def test_nothing_is_heard_after_a_refusal_in_the_same_read() -> None:
    class AtOnce(Scripted):
        def data_received(self, _data: bytes) -> None:
            self.say("157\0then\0", TIME)

    heard = Recorder()

    async def story(_net: MemoryNet) -> None:
        with pytest.raises(OpeningError):
            await open_line(HOST, PORT, 3, heard.ears, lambda _why: None)
        assert heard.of("time") == []

    perform(AtOnce(), story)


@pytest.mark.parametrize("seed", range(3))
def test_the_prices_of_a_stream_reach_its_sink_until_it_is_taken_away(seed: int) -> None:
    async def story(stage: Stage) -> None:
        line = await stage.open()
        line.sink(1_500_000_000, stage.heard)
        stage.stream(line, 1_500_000_000)
        await asyncio.sleep(1)
        assert stage.heard.of("data type") == [1]
        assert (1, b"99.98") in stage.heard.of("price")
        assert (2, b"100.02") in stage.heard.of("price")
        stage.show(bid="99.97")
        await asyncio.sleep(1)
        assert stage.heard.of("price")[-1] == (1, b"99.97")
        line.sink(1_500_000_000, None)
        stage.show(bid="99.96")
        await asyncio.sleep(1)
        assert stage.heard.of("price")[-1] == (1, b"99.97")
        assert stage.heard.unread == []

    play(story, cable=Cable(cuts=Dice(seed)))


def test_a_new_line_takes_the_place_of_one_that_has_died() -> None:
    async def story(stage: Stage) -> None:
        first = await stage.open(5)
        stage.net.lines[0].reset()
        await asyncio.sleep(1)
        second = await stage.open(5)
        stage.ask_time(second)
        await asyncio.sleep(1)
        assert len(stage.heard.of("time")) == 1
        assert (first.is_open, second.is_open) == (False, True)
        assert len(stage.lost) == 1
        assert running().time() < 5

    play(story)
