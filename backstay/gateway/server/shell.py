"""What every shell does: it drives the gateway in turns, a client's bytes or what is due at a time.

Whether the bytes travel over TCP or in memory is the transport's affair. A turn is: broker time
moves on, then one thing happens. A fault while a client is served ends the connection of that
client and nothing else.
"""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from backstay.gateway.server.clock import BrokerClock
from backstay.gateway.server.link import Conversation, Served
from backstay.gateway.times import MILLISECOND_NS

Report = Callable[[str, BaseException | None], None]
"""Where an operator hears of what went wrong: a line, and the fault behind it if there is one."""

CONNECTIONS_MAX = 500
"""IB takes 32 clients; what is far beyond that is a client that never hangs up."""

PENDING_BYTES_MAX = 8 * 1024 * 1024
"""What a client may leave unread: minutes of a busy market, and no danger for the others."""

STRIDE_NS = 250 * MILLISECOND_NS
"""How far broker time moves in one turn on which something is due: where the machine can't keep up,
it falls behind, and clients are served all the same."""

CLOSING_SECONDS_MAX = 5.0
"""How long a client may take to read the last words of a connection that is being closed."""


class Shell:
    """The turns of one gateway, and who is connected."""

    def __init__(
        self,
        gateway: Served,
        clock: BrokerClock,
        report: Report,
        after_turn: Callable[[], None] = lambda: None,
    ) -> None:
        """`after_turn` hears of the end of every turn: whether the gateway listens may be new."""
        self._gateway = gateway
        self._clock = clock
        self._report = report
        self._after_turn = after_turn
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due_ns: int | None = None
        """What the timer waits for."""
        self._stopped = False
        self._count = 0
        self._connections: dict[Connection, None] = {}
        self.empty = asyncio.Event()
        """Set while nobody is connected."""
        self.empty.set()
        self._turn("its start", _nothing)

    @property
    def accepting(self) -> bool:
        """Whether a client that comes is let in."""
        return self._gateway.accepting and not self._stopped

    @property
    def connections(self) -> "tuple[Connection, ...]":
        """Who is connected, in the order in which they came."""
        return tuple(self._connections)

    def protocol(self) -> "Connection":
        """What a transport talks to, for a client that comes."""
        return Connection(self)

    def stop(self) -> None:
        """Have the gateway end what it has to; nothing is asked of it after this."""
        if not self._stopped:
            self._turn("its stop", self._gateway.stop)
            self._stopped = True

    def act(self, deed: Callable[[], None]) -> None:
        """Do something to the gateway from outside, in a turn of its own, once time is there."""
        now_ns = self._clock.now_ns()
        while not self._stopped and self._gateway.now_ns < now_ns:
            self._turn("its clock", _nothing)
        self._turn("an act from outside", deed)
        # What the deed has changed is stored and told at the end of a turn of the gateway's own.
        self._turn("its clock", _nothing)

    def welcome(self, connection: "Connection") -> None:
        """A client has connected."""
        if not self.accepting:
            connection.reset()
        elif len(self._connections) >= CONNECTIONS_MAX:
            self._report(f"a client is refused: {CONNECTIONS_MAX} are connected", None)
            connection.reset()
        else:
            self._count += 1
            connection.number = self._count
            self._connections[connection] = None
            self.empty.clear()
            self.serve(connection, lambda: connection.begin(self._gateway.connect(connection)))

    def serve(self, connection: "Connection", deed: Callable[[], None]) -> None:
        """A turn that is about one client."""
        fault = self._turn(str(connection), deed)
        if fault is not None:
            connection.fail(f"a fault of the gateway, {_named(fault)}")

    def part(
        self, connection: "Connection", conversation: Conversation | None, reason: str
    ) -> None:
        """A client's connection has ended."""
        self._connections.pop(connection, None)
        if not self._connections:
            self.empty.set()
        if conversation is not None:
            self._turn(f"{connection}, which has ended", lambda: conversation.lost(reason))

    def _turn(self, about: str, deed: Callable[[], None]) -> Exception | None:
        if self._stopped:
            return None
        self._advance()
        fault = self._attempt(about, deed)
        self._after_turn()
        self._arm()
        return fault

    def _advance(self) -> None:
        now_ns = self._clock.now_ns()
        due_ns = self._gateway.next_due_ns()
        if due_ns is not None:
            now_ns = min(now_ns, max(due_ns, self._gateway.now_ns) + STRIDE_NS)
        self._attempt("what was due", lambda: self._gateway.advance(now_ns))

    def _attempt(self, about: str, deed: Callable[[], None]) -> Exception | None:
        try:
            deed()
        except Exception as fault:  # noqa: BLE001 - the edge: one fault never ends the server
            self._report(f"{about}: a fault of the gateway, {_named(fault)}", fault)
            return fault
        return None

    def _arm(self) -> None:
        due_ns = self._gateway.next_due_ns()
        if self._timer is not None:
            if due_ns == self._due_ns:
                return
            self._timer.cancel()
            self._timer = None
        self._due_ns = due_ns
        if due_ns is not None:
            delay = self._clock.seconds_until(due_ns)
            self._timer = self._loop.call_later(delay, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._turn("its clock", _nothing)


class Connection(asyncio.Protocol):
    """One client: a protocol to its transport, a link to the gateway."""

    _transport: asyncio.Transport

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.number = 0
        """Which one it is of those that were let in, from 1; the gateway counts alike."""
        self._conversation: Conversation | None = None
        self._reason = ""
        self._deadline: asyncio.TimerHandle | None = None

    def __str__(self) -> str:
        return f"connection {self.number}"

    def begin(self, conversation: Conversation) -> None:
        """The gateway is ready to hear."""
        self._conversation = conversation

    def fail(self, reason: str) -> None:
        """End at once, for a reason that is not the client's."""
        self._reason = self._reason or reason
        forget(self._transport)
        self._transport.abort()

    # As the transport sees it.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        # Not every loop derives its transports from asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._shell.welcome(self)

    def data_received(self, data: bytes) -> None:
        """A client has sent something."""
        conversation = self._conversation
        if conversation is not None:
            self._shell.serve(self, lambda: conversation.receive(data))

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, for whatever reason."""
        if self._deadline is not None:
            self._deadline.cancel()
        broken = f"the connection broke: {exc}" if exc else "the client has closed it"
        self._reason = self._reason or broken
        self._shell.part(self, self._conversation, self._reason)

    # As the gateway sees it.

    def write(self, data: bytes) -> None:
        """Send, unless it has ended or the client leaves too much unread."""
        if self._reason or self._transport.is_closing():
            return
        self._transport.write(data)
        if self.pending_bytes > PENDING_BYTES_MAX:
            self.fail(f"the client doesn't read, {self.pending_bytes} bytes wait for it")

    def close(self) -> None:
        """End in order, and at once if the client takes too long to read the rest."""
        if not self._reason:
            self._reason = "the gateway has closed it"
            self._transport.close()
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(CLOSING_SECONDS_MAX, self._transport.abort)

    def reset(self) -> None:
        """End at once, as a peer does that is gone."""
        self.fail("the gateway has reset it")

    @property
    def pending_bytes(self) -> int:
        """What the client has left unread, as far as this side can know."""
        return self._transport.get_write_buffer_size()


def _nothing() -> None:
    """A turn in which only time moves on."""


def forget(transport: asyncio.Transport) -> None:
    """Have a socket end with a reset (RST) where it would say goodbye (FIN); others do anyway."""
    tcp = transport.get_extra_info("socket")
    if tcp is not None:
        with suppress(OSError):
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _named(fault: Exception) -> str:
    return f"{type(fault).__name__}: {fault}"
