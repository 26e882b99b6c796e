"""A network inside one process: addresses that listen, and lines between them and their clients.

Whoever connects does so through the loop, as to any host: `VirtualLoop.create_connection` asks
`connect` here. What a line does to bytes is its cable's affair; when a line is cut or reset is that
of whoever tests.
"""

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from errno import ECONNREFUSED
from typing import TypeVar

from backstay.gateway.server.clock import BrokerClock
from backstay.gateway.server.link import Served
from backstay.gateway.server.memory import Cable, Line, MemoryServer
from backstay.gateway.server.shell import Report
from backstay.gateway.times import SECOND_NS
from backstay.lab.processes import process_of
from backstay.lab.virtual_time import running

Accept = Callable[[], asyncio.Protocol | None]
"""Gives a client that comes its protocol on the other side, or None to refuse it."""

FIRST_CLIENT_PORT = 50_000
_Client = TypeVar("_Client", bound=asyncio.Protocol)


class MemoryNet:
    """Who listens where, and which lines there are."""

    def __init__(self, cable: Cable | None = None) -> None:
        self._cable = cable or Cable()
        self._listeners: dict[tuple[str, int], tuple[Accept, Context]] = {}
        self._lines: list[Line] = []
        self._count = 0

    def listen(self, host: str, port: int, accept: Accept) -> None:
        """Have clients of this address accepted."""
        if (host, port) in self._listeners:
            raise ValueError(f"{host}:{port} has a listener; close it first")
        self._listeners[host, port] = accept, copy_context()

    def serve(
        self, host: str, port: int, gateway: Served, report: Report | None = None
    ) -> MemoryServer:
        """Have a gateway served there, on the time of the virtual loop that runs.

        Unless its faults are reported to somebody, the first one ends the run.
        """
        loop = running()
        server = MemoryServer(
            gateway, BrokerClock(loop.now_ns, monotonic_ns=lambda: loop.now_ns), report
        )
        self.listen(host, port, server.accept)
        return server

    def close(self, host: str, port: int) -> None:
        """Refuse clients there from now on; who is connected stays so."""
        del self._listeners[host, port]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that stand, or of which an end doesn't know better; the oldest first."""
        self._lines = [line for line in self._lines if line.stands]
        return tuple(self._lines)

    async def connect(
        self, factory: Callable[[], _Client], host: str, port: int
    ) -> tuple[asyncio.Transport, _Client]:
        """Shake hands: the server knows after one way, the client after two. Neither runs in the
        context of the other.
        """
        latency = self._cable.latency_ns / SECOND_NS
        await asyncio.sleep(latency)
        accept, context = self._listeners.get((host, port), (_nobody, copy_context()))
        server = context.copy().run(accept)
        if server is None:
            await asyncio.sleep(latency)
            raise ConnectionRefusedError(ECONNREFUSED, f"nobody listens at {host}:{port}")
        self._count += 1
        line = Line(self._cable, (host, FIRST_CLIENT_PORT + self._count), (host, port))
        context.copy().run(line.server.begin, server)
        process = process_of()
        if process is not None:
            process.at_death(line.client.abort)
        try:
            await asyncio.sleep(latency)
        except asyncio.CancelledError:
            line.reset()
            raise
        self._lines = [*self.lines, line]
        client = factory()
        line.client.begin(client)
        return line.client, client


def _nobody() -> None:
    """Who accepts where nobody listens."""
