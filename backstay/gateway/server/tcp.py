"""The shell over TCP: a port of this machine that real clients connect to.

It listens while the gateway accepts. While it doesn't, the port stays ours and refuses: a client
sees what it sees while IB Gateway restarts.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from backstay.gateway.server.clock import BrokerClock
from backstay.gateway.server.link import Served
from backstay.gateway.server.shell import Report, Shell

BACKLOG = 128
STOP_SECONDS_MAX = 2.0
"""How long clients may take to read their last words when the server stops."""


class Port:
    """An address of this machine; whoever connects there is refused until it listens."""

    def __init__(self, host: str, number: int) -> None:
        """Take it, any port for number 0; OSError if it can't be had."""
        self._held: socket.socket | None = _bound(host, number)
        self._place: tuple[str, int] = self._held.getsockname()[:2]
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        """Where a client connects to."""
        host, number = self._place
        return f"[{host}]:{number}" if ":" in host else f"{host}:{number}"

    @property
    def listens(self) -> bool:
        """Whether clients are taken."""
        return self._server is not None

    async def listen(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        """Take clients from now on, each with a protocol of its own."""
        held = self._held or _bound(*self._place)
        self._held = None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(protocol, sock=held, backlog=BACKLOG)

    def refuse(self) -> None:
        """Take no more clients, and keep the address; who is connected stays so."""
        self.close()
        self._held = _bound(*self._place)

    def close(self) -> None:
        """Leave the address to others."""
        if self._held is not None:
            self._held.close()
            self._held = None
        if self._server is not None:
            self._server.close()
            self._server = None


class TcpServer:
    """One gateway on one port."""

    def __init__(self, gateway: Served, port: Port, report: Report) -> None:
        self._gateway = gateway
        self._port = port
        self._report = report
        self._changed = asyncio.Event()
        self._stopping = False
        self._shell: Shell | None = None

    def act(self, deed: Callable[[], None]) -> None:
        """Do something to the gateway from outside, in a turn of its own; only while it serves."""
        if self._shell is not None:
            self._shell.act(deed)

    def stop(self) -> None:
        """Have `serve` end in order, soon."""
        self._stopping = True
        self._changed.set()

    async def serve(
        self, clock: BrokerClock, on_ready: Callable[[str], None] = lambda _: None
    ) -> None:
        """Listen whenever the gateway accepts, until `stop`; `on_ready` hears the address once."""
        self._shell = shell = Shell(self._gateway, clock, self._report, self._notice)
        try:
            await self._follow(shell)
            on_ready(self._port.address)
            while not self._stopping:
                await self._changed.wait()
                self._changed.clear()
                await self._follow(shell)
        finally:
            self._port.close()
            await _end(shell)

    def _notice(self) -> None:
        if self._gateway.accepting != self._port.listens:
            self._changed.set()

    async def _follow(self, shell: Shell) -> None:
        """Do about the port what the gateway says."""
        if self._gateway.accepting == self._port.listens:
            return
        if self._gateway.accepting:
            await self._port.listen(shell.protocol)
        else:
            self._port.refuse()


async def _end(shell: Shell) -> None:
    """Stop the gateway, and wait a little for clients that still read."""
    shell.stop()
    with suppress(TimeoutError):
        await asyncio.wait_for(shell.empty.wait(), STOP_SECONDS_MAX)
    for connection in shell.connections:
        connection.reset()
    await shell.empty.wait()


def _bound(host: str, number: int) -> socket.socket:
    """A socket that has the address and doesn't listen: whoever connects to it is refused."""
    found = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, place = found[0]
    held = socket.socket(family, kind, protocol)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(place)
    except OSError:
        held.close()
        raise
    held.setblocking(False)
    return held
