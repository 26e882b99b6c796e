"""The shell inside one process: pairs of transports that carry bytes under a virtual clock.

To a protocol each end behaves as asyncio's transport of a socket does, but that it never asks a
writer to pause. What lies between the ends is known: how long bytes take, where they are cut, and
what becomes of them when the line dies. The loop's clock and the dice of the `Cable` decide
everything, so a run is the same each time.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextvars import Context, copy_context
from enum import Enum, auto
from errno import ECONNRESET

from backstay.gateway.chance import Dice
from backstay.gateway.server.clock import BrokerClock
from backstay.gateway.server.link import Served
from backstay.gateway.server.shell import Report, Shell
from backstay.gateway.times import SECOND_NS

Place = tuple[str, int]
"""A host and a port, as a socket names its ends."""

PIECE_BYTES_MAX = 64
"""How long a piece of cut bytes is at most: shorter than nearly every order, longer than a tick."""


class Cable:
    """How bytes travel: how long each takes, and with `cuts` in which pieces, one after the other.

    Without dice, what was written at once arrives at once.
    """

    def __init__(self, latency_ns: int = 200_000, cuts: Dice | None = None) -> None:
        self.latency_ns = latency_ns
        self._cuts = cuts

    def pieces(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Each piece, and how many nanoseconds it takes."""
        if self._cuts is None:
            yield self.latency_ns, data
            return
        start, delay_ns = 0, self.latency_ns
        while start < len(data):
            end = start + self._cuts.randint(1, PIECE_BYTES_MAX)
            yield delay_ns, data[start:end]
            start, delay_ns = end, delay_ns + self._cuts.randint(0, self.latency_ns)


class _Last(Enum):
    """What a peer can learn of an end."""

    END_OF_FILE = auto()
    RESET = auto()


class _Way:
    """One direction of a line: what is on its way arrives in sequence, or never."""

    def __init__(self, loop: asyncio.AbstractEventLoop, cable: Cable) -> None:
        self._loop = loop
        self._cable = cable
        self._travelling: deque[bytes | _Last] = deque()
        self._arrived: deque[bytes | _Last] = deque()
        self._latest = 0.0
        self._cut = False
        self.pending_bytes = 0
        self.receiver: MemoryTransport | None = None

    def send(self, data: bytes) -> None:
        self.pending_bytes += len(data)
        for delay_ns, piece in self._cable.pieces(data):
            self._put(delay_ns, piece)

    def finish(self, last: _Last) -> None:
        self._put(self._cable.latency_ns, last)

    def cut(self) -> None:
        """From now on nothing arrives; what is sent piles up, for nobody acknowledges it."""
        self._cut = True
        self._travelling.clear()

    def drain(self) -> None:
        """Hand over what has arrived, as long as the receiver reads."""
        while self._arrived and self.receiver is not None and self.receiver.is_reading():
            thing = self._arrived.popleft()
            if isinstance(thing, bytes):
                self.pending_bytes -= len(thing)
            self.receiver.take(thing)

    def _put(self, delay_ns: int, thing: bytes | _Last) -> None:
        if not self._cut:
            self._travelling.append(thing)
            self._latest = max(self._latest, self._loop.time() + delay_ns / SECOND_NS)
            context = self.receiver.context if self.receiver is not None else None
            self._loop.call_at(self._latest, self._arrive, context=context)

    def _arrive(self) -> None:
        if self._travelling:
            self._arrived.append(self._travelling.popleft())
            self.drain()


class MemoryTransport(asyncio.Transport):
    """One end of a line; whatever it hears, its protocol hears in the context in which it began."""

    def __init__(self, here: Place, there: Place, outward: _Way, inward: _Way) -> None:
        super().__init__({"sockname": here, "peername": there})
        self._loop = asyncio.get_running_loop()
        self._outward = outward
        self._inward = inward
        self._protocol: asyncio.Protocol | None = None
        self._reading = False
        self._closing = False
        self._eof_written = False
        self._lost = False
        self.context: Context | None = None

    def begin(self, protocol: asyncio.Protocol) -> None:
        """The connection stands; what has arrived before is heard after."""
        self._protocol = protocol
        self.context = copy_context()
        self._inward.receiver = self
        protocol.connection_made(self)
        self.resume_reading()

    def take(self, thing: bytes | _Last) -> None:
        """What has arrived at this end; once it closes, it hears nothing more."""
        if self._closing or self._protocol is None:
            return
        match thing:
            case bytes(data):
                self._protocol.data_received(data)
            case _Last.END_OF_FILE:
                if not self._protocol.eof_received():
                    self.close()
            case _Last.RESET:
                self.break_off()

    def break_off(self) -> None:
        """The peer is gone; the protocol learns it soon."""
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._lose, _reset_by_peer(), context=self.context)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Speak to another protocol from now on."""
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Whom it speaks to."""
        assert self._protocol is not None
        return self._protocol

    def is_closing(self) -> bool:
        """Whether this end has been closed, or broken off."""
        return self._closing

    def is_reading(self) -> bool:
        """Whether what arrives is handed on."""
        return self._reading

    def pause_reading(self) -> None:
        """Leave what arrives where it is."""
        self._reading = False

    def resume_reading(self) -> None:
        """Hand on what arrives, and soon what has arrived."""
        if not self._closing:
            self._reading = True
            self._loop.call_soon(self._inward.drain, context=self.context)

    def get_write_buffer_size(self) -> int:
        """How much the peer has not taken yet."""
        return self._outward.pending_bytes

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, unless this end has closed."""
        if self._eof_written:
            raise RuntimeError("Cannot call write() after write_eof()")
        if data and not self._closing:
            self._outward.send(bytes(data))

    def can_write_eof(self) -> bool:
        """As a socket can."""
        return True

    def write_eof(self) -> None:
        """Say that nothing more will be sent."""
        if not self._closing and not self._eof_written:
            self._eof_written = True
            self._outward.finish(_Last.END_OF_FILE)

    def close(self) -> None:
        """End in order; the protocol learns it soon."""
        if not self._closing:
            if not self._eof_written:
                self._outward.finish(_Last.END_OF_FILE)
            self._closing = True
            self._loop.call_soon(self._lose, None, context=self.context)

    def abort(self) -> None:
        """End at once: the peer sees a reset."""
        if not self._lost:
            self._outward.finish(_Last.RESET)
            self._closing = True
            self._loop.call_soon(self._lose, None, context=self.context)

    def _lose(self, fault: Exception | None) -> None:
        if not self._lost and self._protocol is not None:
            self._lost = True
            self._protocol.connection_lost(fault)


class Line:
    """What lies between a client and a server, and what can happen to it."""

    def __init__(self, cable: Cable, client: Place, server: Place) -> None:
        loop = asyncio.get_running_loop()
        there, back = _Way(loop, cable), _Way(loop, cable)
        self._ways = (there, back)
        self.client = MemoryTransport(client, server, there, back)
        self.server = MemoryTransport(server, client, back, there)

    @property
    def stands(self) -> bool:
        """Whether an end is still open, rightly or not."""
        return not (self.client.is_closing() and self.server.is_closing())

    def cut(self) -> None:
        """Half-open: nothing arrives any more, and neither end is told."""
        for way in self._ways:
            way.cut()

    def reset(self) -> None:
        """Both ends learn at once that the other is gone; what was on its way is lost."""
        self.cut()
        self.server.break_off()
        self.client.break_off()


class MemoryServer:
    """One gateway without a port: whoever connects in memory is given a protocol of it."""

    def __init__(self, gateway: Served, clock: BrokerClock, report: Report | None = None) -> None:
        self._shell = Shell(gateway, clock, report or _fail_loudly)

    def accept(self) -> asyncio.Protocol | None:
        """What speaks to a client that comes, or None if it is refused."""
        return self._shell.protocol() if self._shell.accepting else None

    def act(self, deed: Callable[[], None]) -> None:
        """Do something to the gateway that no client asked for, such as move its market."""
        self._shell.act(deed)

    def stop(self) -> None:
        """End in order."""
        self._shell.stop()


def _reset_by_peer() -> ConnectionResetError:
    return ConnectionResetError(ECONNRESET, "Connection reset by peer")


def _fail_loudly(text: str, fault: BaseException | None) -> None:
    """A fault of the gateway is the loop's affair: under a virtual clock it ends the run."""
    if fault is not None:
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": text, "exception": fault})
