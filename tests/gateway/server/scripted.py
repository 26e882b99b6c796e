"""A gateway that does what a test tells it to, and protocols that remember what they heard."""

import asyncio
from collections.abc import Callable

from backstay.gateway.server.link import Link

Deed = Callable[[], None]


class Talk:
    """One conversation: remembers what it hears; its test may have it do more."""

    def __init__(self, link: Link, on_bytes: Callable[[Link, bytes], None]) -> None:
        self.link = link
        self.heard = b""
        self.times: list[int] = []
        self.lost_by: list[str] = []
        self.over = asyncio.Event()
        self._on_bytes = on_bytes

    def receive(self, data: bytes) -> None:
        self.heard += data
        self._on_bytes(self.link, data)

    def lost(self, reason: str) -> None:
        self.lost_by.append(reason)
        self.over.set()


def echo(link: Link, data: bytes) -> None:
    link.write(data)


def close(link: Link) -> None:
    link.close()


def reset(link: Link) -> None:
    link.reset()


class ScriptedGateway:
    """Answers with `on_bytes`, and has a diary of what is due."""

    def __init__(self, now_ns: int = 0, on_bytes: Callable[[Link, bytes], None] = echo) -> None:
        self.accepting = True
        self.now_ns = now_ns
        self.talks: list[Talk] = []
        self.diary: list[tuple[int, Deed]] = []
        self.done_at: list[int] = []
        self.stops = 0
        self.on_bytes = on_bytes
        self.on_connect: Callable[[Link], None] = lambda _: None

    def connect(self, link: Link) -> Talk:
        self.on_connect(link)
        self.talks.append(Talk(link, self.on_bytes))
        return self.talks[-1]

    def at(self, due_ns: int, deed: Deed = lambda: None) -> None:
        self.diary = sorted([*self.diary, (due_ns, deed)], key=lambda entry: entry[0])

    def advance(self, now_ns: int) -> None:
        while self.diary and self.diary[0][0] <= now_ns:
            self.now_ns, deed = self.diary.pop(0)
            self.done_at.append(self.now_ns)
            deed()
        self.now_ns = max(now_ns, self.now_ns)

    def next_due_ns(self) -> int | None:
        return self.diary[0][0] if self.diary else None

    def stop(self) -> None:
        self.stops += 1
        for talk in self.talks:
            talk.link.close()


class Ear(asyncio.Protocol):
    """A client or a server that remembers; `ended` is a future of what it ended with."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.eof = 0
        self.ends: list[Exception | None] = []
        self.ended = asyncio.Event()
        self._arrived = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard.append(data)
        self._arrived.set()

    def eof_received(self) -> bool | None:
        self.eof += 1
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self.ends.append(exc)
        self.ended.set()

    @property
    def all(self) -> bytes:
        return b"".join(self.heard)

    async def hears(self, expected: bytes) -> None:
        """Return when exactly this has come."""
        async with asyncio.timeout(10):
            while len(self.all) < len(expected):
                self._arrived.clear()
                await self._arrived.wait()
        assert self.all == expected

    async def ends_with(self) -> Exception | None:
        """Return how it has ended."""
        async with asyncio.timeout(10):
            await self.ended.wait()
        (end,) = self.ends
        return end
