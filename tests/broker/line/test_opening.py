"""To connect: a line that has shaken hands, or the one reason why there is none."""

import asyncio
from typing import Any

import pytest
from ib_async import IB

from backstay.broker.doors import wire
from backstay.broker.line.errors import (
    ClientIdTakenError,
    HungUpError,
    NoWelcomeError,
    NumbersUsedUpError,
    OpeningError,
    UnreachableError,
    WrongProtocolError,
    WrongVersionError,
)
from backstay.broker.line.opening import open_line
from backstay.gateway.chance import Dice
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.server.memory import Cable
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import running
from tests.broker.line.scripted import ACCOUNTS, GREETING, NEXT_ID, Scripted, perform
from tests.broker.line.stage import HOST, PORT, Recorder, Stage, play


def test_a_line_knows_its_accounts_and_the_next_order_id() -> None:
    async def story(stage: Stage) -> None:
        line = await stage.open()
        assert line.is_open
        assert line.accounts == ("DU1234567",)
        assert line.next_order_id == 1

    play(story)


@pytest.mark.parametrize("seed", range(5))
def test_a_handshake_may_come_in_any_pieces(seed: int) -> None:
    async def story(stage: Stage) -> None:
        line: wire.Line = await stage.open()
        stage.heard.calls.clear()
        line.write(stage.encoder.frames(lambda client: client.reqCurrentTime()))
        await asyncio.sleep(1)
        assert len(stage.heard.of("time")) == 1
        assert not stage.heard.unread

    play(story, cable=Cable(cuts=Dice(seed)))


def test_what_else_is_said_at_the_beginning_is_heard() -> None:
    async def story(stage: Stage) -> None:
        await stage.open()
        assert (-1, 2104) in stage.heard.of("error")

    play(story)


def test_a_client_id_that_is_in_use_is_named() -> None:
    async def story(stage: Stage) -> None:
        first = await stage.open(7)
        with pytest.raises(ClientIdTakenError, match=r"client id 7 is in use \(326\)"):
            await stage.open(7)
        await asyncio.sleep(1)
        assert first.is_open
        assert stage.lost == []
        assert len(stage.net.lines) == 1

    play(story)


def test_nobody_listens() -> None:
    async def story(stage: Stage) -> None:
        stage.net.close(HOST, PORT)
        with pytest.raises(UnreachableError, match="gateway:4002 can't be reached"):
            await stage.open()

    play(story)


def refuse(gateway: Scripted, error: type[OpeningError], text: str, seconds: float = 0) -> Recorder:
    """Connect to a gateway that speaks like this; it has to end with this error."""
    heard, lost = Recorder(), list[str]()

    async def story(net: MemoryNet) -> None:
        with pytest.raises(error, match=text):
            await open_line(HOST, PORT, 3, heard.ears, lost.append, timeout_seconds=4)
        assert int(running().time()) == seconds
        await asyncio.sleep(5)
        assert net.lines == ()

    perform(gateway, story)
    assert lost == []
    return heard


@pytest.mark.parametrize(
    ("script", "missing"),
    [
        ((), "no greeting"),
        ((GREETING,), "no list of accounts and no next order id"),
        ((GREETING, ACCOUNTS), "no next order id"),
        ((GREETING, NEXT_ID), "no list of accounts"),
        ((GREETING, NEXT_ID, "15\x001\0\0"), "no list of accounts"),
    ],
)
def test_a_gateway_that_stays_silent_is_given_up(script: tuple[str, ...], missing: str) -> None:
    refuse(Scripted(*script), NoWelcomeError, f"has not answered in 4 s: {missing}", seconds=4)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ((None,), "the gateway hung up: no greeting"),
        ((GREETING, None), "the gateway hung up: no list of accounts and no next order id"),
        (
            (GREETING, "4\x002\0-1\x0010141\0Accept the disclaimer\0\0", None),
            "the gateway hung up after it said: 10141 Accept the disclaimer",
        ),
    ],
)
def test_a_gateway_that_hangs_up_is_told_apart(script: tuple[str | None, ...], why: str) -> None:
    refuse(Scripted(*script), HungUpError, why)


@pytest.mark.parametrize("version", [157, 177, 179])
def test_another_version_is_refused_before_anything_is_misread(version: int) -> None:
    gateway = Scripted(f"{version}\x0020261123 10:00:00 EST\0", "4\x002\0-1\x002104\0x\0\0")
    heard = refuse(gateway, WrongVersionError, f"speaks {version}, not 178")
    assert heard.of("error") == []


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ((b"HTTP/1.1 400 Bad Request\r\n\r\n",), "claims 1213486160 bytes"),
        (("hello\0",), "'hello.*' is no greeting"),
        (("178\0x\0y\0",), "is no greeting"),
        ((GREETING, "9\x001\0soon\0"), "soon.* can't be read"),
        ((GREETING, "15\0"), "can't be read"),
    ],
)
def test_what_is_no_gateway_is_told_apart(script: tuple[str | bytes, ...], text: str) -> None:
    refuse(Scripted(*script), WrongProtocolError, text)


def test_a_sequence_that_has_come_to_the_ids_of_requests_is_refused() -> None:
    gateway = Scripted(GREETING, ACCOUNTS, "9\x001\x001500000000\0")
    refuse(gateway, NumbersUsedUpError, "Reset the order id sequence")


def test_a_welcome_followed_at_once_by_a_hang_up_is_none() -> None:
    refuse(Scripted(GREETING, ACCOUNTS, NEXT_ID, None), HungUpError, "broke off|hung up")


def test_giving_up_an_attempt_ends_its_connection() -> None:
    gateway = Scripted(GREETING)

    async def story(net: MemoryNet) -> None:
        opening = asyncio.create_task(open_line(HOST, PORT, 3, Recorder().ears, print))
        await asyncio.sleep(1)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await asyncio.sleep(1)
        assert net.lines == ()

    perform(gateway, story)


def test_we_say_what_ib_async_says() -> None:
    theirs, ours = Scripted(GREETING, ACCOUNTS, NEXT_ID), Scripted(GREETING, ACCOUNTS, NEXT_ID)

    async def story(net: MemoryNet) -> None:
        net.listen(HOST, 1, lambda: theirs)
        client: Any = IB().client
        await client.connectAsync(HOST, 1, 3)
        await open_line(HOST, PORT, 3, Recorder().ears, print)
        await asyncio.sleep(1)
        assert ours.heard == theirs.heard
        client.disconnect()

    perform(ours, story)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (rule("reset-mid-frame", nth=1, kinds=["out"]), HungUpError),
        (rule("reset-mid-frame", nth=1, kinds=["in"]), HungUpError),
        (rule("reset-before-frame", nth=1), HungUpError),
        (rule("half-open", nth=1), NoWelcomeError),
        (rule("oversized-frame", nth=1), WrongProtocolError),
    ],
)
def test_what_goes_wrong_at_the_beginning_is_told_apart(
    fault: Rule, error: type[OpeningError]
) -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(error):
            await stage.open()
        assert stage.lost == []
        await asyncio.sleep(120)
        line = await stage.open(2)
        assert line.is_open

    play(story, fault)


def test_garbage_at_the_beginning_does_not_keep_a_line_from_opening() -> None:
    async def story(stage: Stage) -> None:
        line = await stage.open()
        assert line.is_open
        assert len(stage.heard.unread) == 1

    play(story, rule("garbage-frame", nth=1, shape="unknown-id"))
