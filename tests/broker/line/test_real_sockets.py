"""The same over real sockets: what asyncio does there is what memory does."""

import asyncio
import socket
from collections.abc import Callable

import pytest

from backstay.broker.line.encoding import Encoder
from backstay.broker.line.errors import ClientIdTakenError, NoWelcomeError, UnreachableError
from backstay.broker.line.opening import open_line
from tests.broker.line.stage import AAPL, Recorder
from tests.gateway.conformance.house import House, house
from tests.hanging import HANGS_AFTER_SECONDS

HERE = "127.0.0.1"


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        while not condition():  # noqa: ASYNC110 - a socket says nothing of it
            await asyncio.sleep(0)


def test_a_line_opens_is_answered_streams_and_closes() -> None:
    heard, lost, encoder = Recorder(), list[str](), Encoder()

    async def story(served: House) -> None:
        line = await open_line(HERE, served.port, 1, heard.ears, lost.append)
        with pytest.raises(ClientIdTakenError):
            await open_line(HERE, served.port, 1, heard.ears, lost.append)
        line.sink(1_500_000_000, heard)
        line.write(encoder.frames(lambda client: client.reqCurrentTime()))
        line.write(
            encoder.frames(
                lambda client: client.reqMktData(1_500_000_000, AAPL, "", False, False, [])
            )
        )
        await until(lambda: heard.of("time") and (1, b"99.98") in heard.of("price"))
        line.close()
        await until(lambda: lost)
        assert lost == ["closed here"]
        assert heard.unread == []

    asyncio.run(_in_a_house(story))


def test_a_gateway_that_stops_ends_the_line() -> None:
    lost: list[str] = []

    async def story(served: House) -> None:
        await open_line(HERE, served.port, 1, Recorder().ears, lost.append)
        served.server.stop()
        await until(lambda: lost)

    asyncio.run(_in_a_house(story))
    assert len(lost) == 1


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind((HERE, 0))
        port = free.getsockname()[1]

    async def story() -> None:
        with pytest.raises(UnreachableError, match="Connect call failed"):
            await open_line(HERE, port, 1, Recorder().ears, lambda _why: None)

    asyncio.run(story())


def test_somebody_listens_and_says_nothing() -> None:
    async def story() -> None:
        silent = socket.create_server((HERE, 0))
        _, port = silent.getsockname()
        with silent, pytest.raises(NoWelcomeError, match=r"not answered in 0\.2 s: no greeting"):
            await open_line(HERE, port, 1, Recorder().ears, lambda _why: None, timeout_seconds=0.2)

    asyncio.run(story())


async def _in_a_house(story: Callable[[House], object]) -> None:
    async with house() as served:
        await served.listening()
        told = story(served)
        assert asyncio.iscoroutine(told)
        await told
