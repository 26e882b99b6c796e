"""A gateway that says what it is told to: whatever a real one would never say, or not so."""

import asyncio
from collections.abc import Awaitable, Callable

from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import run
from tests.broker.line.stage import HOST, PORT, START_NS

GREETING = "178\x0020261123 10:00:00 EST\0"
ACCOUNTS = "15\x001\0DU1,DU2,\0"
NEXT_ID = "9\x001\x0041\0"


def frame(text: str | bytes) -> bytes:
    body = text.encode() if isinstance(text, str) else text
    return len(body).to_bytes(4, "big") + body


class Scripted(asyncio.Protocol):
    """Says its lines as soon as somebody has said anything; None hangs up."""

    def __init__(self, *script: str | bytes | None) -> None:
        self._script = script
        self.heard = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        first = not self.heard
        self.heard += data
        for line in self._script if first else ():
            if line is not None:
                self.say(line)
            elif self.transport is not None:
                self.transport.close()

    def say(self, *lines: str | bytes) -> None:
        """In one piece."""
        assert self.transport is not None
        self.transport.write(
            b"".join(line if isinstance(line, bytes) else frame(line) for line in lines)
        )


def perform(gateway: Scripted, story: Callable[[MemoryNet], Awaitable[None]]) -> None:
    """A story with this gateway in it."""
    net = MemoryNet()
    net.listen(HOST, PORT, lambda: gateway)
    run(_told(story, net), start_ns=START_NS, net=net)


async def _told(story: Callable[[MemoryNet], Awaitable[None]], net: MemoryNet) -> None:
    await story(net)
