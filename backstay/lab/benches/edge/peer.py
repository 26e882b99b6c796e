"""The other side of the wire: the embedded gateway behind one socket, and ticks of the bench's own.

What a contender asks is answered by the gateway, so an order is taken as it always is. Its
requests for market data are kept from the gateway: their ticks are written here, at times that are
known. Both times of a measurement are taken here, at the socket: before the confirming tick is
written, and after the order has been read whole.
"""

import select
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

from backstay.gateway.chance import Dice
from backstay.gateway.gateway import Gateway
from backstay.gateway.server.clock import BrokerClock
from backstay.gateway.wire.frames import LENGTH_BYTES, frame
from backstay.lab.benches.edge import seats
from backstay.lab.benches.trouble import BenchError

START = datetime(2026, 11, 23, 15, tzinfo=UTC)
"""Monday morning in New York, whatever day it is here: an order has to be possible."""

_MARKET_DATA, _END_MARKET_DATA, _PLACE_ORDER = b"1", b"2", b"3"
_HELLO_BYTES = len(b"API\0")
_BID, _ASK = 1, 2
_RESTING_BID = b"95"
READ_BYTES = 1 << 18
ORDER_SECONDS_MAX = 5.0


class NoOrderError(BenchError):
    """A trigger was passed, and no order came."""


class Peer:
    """One contender's connection, and the gateway behind it."""

    def __init__(self, name: str, gateway: Gateway, clock: BrokerClock, random: Dice) -> None:
        self.name = name
        self.requests: dict[int, bytes] = {}
        """The request ids of the contracts that are subscribed to."""

        self.fired: dict[int, int] = {}
        self.orders = 0
        self._gateway = gateway
        self._clock = clock
        self._random = random
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._socket: socket.socket | None = None
        self._unread = bytearray()
        self._said_hello = False
        self._outgoing: list[bytes] = []
        self._kept: list[bytes] = []
        self._turn_at: dict[str, float] = {}

    @property
    def port(self) -> int:
        """Where the contender connects to."""
        port: int = self._listener.getsockname()[1]
        return port

    def accept(self, timeout_seconds: float) -> None:
        """Take the contender's connection."""
        self._listener.settimeout(timeout_seconds)
        self._socket, _ = self._listener.accept()
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._conversation = self._gateway.connect(self)
        self._flush()

    # --- what the gateway calls -----------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send `data`; kept until the turn is over."""
        self._outgoing.append(data)

    def close(self) -> None:
        """The gateway hangs up."""
        raise ConnectionError(f"the gateway hangs up on {self.name}")

    def reset(self) -> None:
        """The gateway breaks the connection off."""
        raise ConnectionError(f"the gateway breaks off {self.name}")

    @property
    def pending_bytes(self) -> int:
        """Nothing waits here for longer than a turn."""
        return 0

    # --- serving --------------------------------------------------------------------------------

    def serve_until(self, done: Callable[[], bool], timeout_seconds: float) -> None:
        """Answer what is asked until `done`."""
        until = time.perf_counter() + timeout_seconds
        while not done():
            if time.perf_counter() > until:
                raise TimeoutError(f"{self.name} has not come as far as it should")
            self._turn(0.01)

    def takes_turn(self, symbol: str, apart_seconds: float) -> bool:
        """Whether the symbol's last turn is as long ago as that; if so, this is its next."""
        now = time.perf_counter()
        if now < self._turn_at.get(symbol, 0.0) + apart_seconds:
            return False
        self._turn_at[symbol] = now
        return True

    def serve_for(self, seconds: float) -> None:
        """Answer what is asked, for so long."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self._turn(0.005)

    # --- measuring ------------------------------------------------------------------------------

    def fire(self, con_id: int, ticks_per_second: int, lead_seconds: float) -> float:
        """The seconds from the tick that confirms a trigger to its order, in a stream of ticks."""
        request = self.requests[con_id]
        passing = _tick(request, _BID, seats.price_past(self.fired.get(con_id, 0)))
        self.fired[con_id] = self.fired.get(con_id, 0) + 1
        gap = 1 / ticks_per_second if ticks_per_second else 0.0
        begun = time.perf_counter()
        self._stream(begun, begun + lead_seconds, gap)
        sent_at = time.perf_counter()
        self._send(passing)
        read_at = self._order_read(sent_at, gap, request)
        self._send(_tick(request, _BID, _RESTING_BID))
        self._hand_over()
        return read_at - sent_at

    def burst(self, con_id: int, size_bytes: int) -> float:
        """The seconds from a burst of ticks, of which the last confirms a trigger, to its order."""
        request = self.requests[con_id]
        passing = _tick(request, _BID, seats.price_past(self.fired.get(con_id, 0)))
        self.fired[con_id] = self.fired.get(con_id, 0) + 1
        ticks, size = [], len(passing)
        while size < size_bytes:
            ticks.append(self._noise(request))
            size += len(ticks[-1])
        data = b"".join((*ticks, passing))
        sent_at = time.perf_counter()
        self._send(data)
        read_at = self._order_read(sent_at, 0.0, request)
        self._send(_tick(request, _BID, _RESTING_BID))
        self._hand_over()
        return read_at - sent_at

    def _stream(self, now: float, until: float, gap: float) -> None:
        """Write a tick whenever one is due, and read what comes."""
        due = now
        while now < until:
            if gap and now >= due:
                self._send(self._noise())
                due += gap
            elif not gap:
                self._turn(min(0.002, until - now))
            now = time.perf_counter()

    def _order_read(self, sent_at: float, gap: float, passed: bytes) -> float:
        """When an order had been read whole, while the ticks go on; but none of what was passed,
        for who looks at a quote only once a read would not see that it was.
        """
        orders, due, now = self.orders, sent_at + gap, sent_at
        assert self._socket is not None
        self._socket.setblocking(False)
        try:
            while self.orders == orders:
                try:
                    data = self._socket.recv(READ_BYTES)
                except BlockingIOError:
                    data = b""
                now = time.perf_counter()
                if data:
                    self._take(data, keep=True)
                elif gap and now >= due:
                    self._socket.setblocking(True)
                    self._send(self._noise(passed))
                    self._socket.setblocking(False)
                    due += gap
                if now - sent_at > ORDER_SECONDS_MAX:
                    raise NoOrderError(f"{self.name} has sent no order")
        finally:
            self._socket.setblocking(True)
        return now

    def _noise(self, silent: bytes = b"") -> bytes:
        """A tick that means nothing, of any contract but the one that is to be silent."""
        request = silent
        while request == silent:
            request = self._random.choice(tuple(self.requests.values()))
        cents = self._random.randint(seats.NOISE_FLOOR, seats.NOISE_CEILING)
        return _tick(request, _BID, b"%d.%02d" % divmod(cents, 100))

    # --- the wire -------------------------------------------------------------------------------

    def _turn(self, seconds: float) -> None:
        assert self._socket is not None
        readable, _, _ = select.select([self._socket], [], [], seconds)
        self._gateway.advance(self._clock.now_ns())
        if readable:
            data = self._socket.recv(READ_BYTES)
            if not data:
                raise ConnectionError(f"{self.name} has hung up")
            self._take(data, keep=False)
        self._flush()

    def _take(self, data: bytes, *, keep: bool) -> None:
        """Cut what came into messages; what is kept is handed to the gateway only later."""
        self._unread += data
        if not self._said_hello:
            self._said_hello = True
            end = _HELLO_BYTES + _frame_bytes(self._unread[_HELLO_BYTES:])
            self._conversation.receive(bytes(self._unread[:end]))
            del self._unread[:end]
        while len(self._unread) >= LENGTH_BYTES:
            end = _frame_bytes(self._unread)
            if len(self._unread) < end:
                return
            whole = bytes(self._unread[:end])
            del self._unread[:end]
            self._message(whole, keep=keep)

    def _message(self, whole: bytes, *, keep: bool) -> None:
        kind, _, rest = whole[4:].partition(b"\0")
        if kind == _MARKET_DATA:
            _version, request, con_id, _ = rest.split(b"\0", 3)
            self.requests[int(con_id)] = request
            first = _tick(request, _ASK, seats.ASK) + _tick(request, _BID, _RESTING_BID)
            self._outgoing.append(frame(b"58\x001\x00%b\x001\x00" % request) + first)
            return
        if kind == _END_MARKET_DATA:
            return
        self.orders += kind == _PLACE_ORDER
        if keep:
            self._kept.append(whole)
        else:
            self._conversation.receive(whole)

    def _hand_over(self) -> None:
        """What was kept while it was measured goes to the gateway now."""
        kept, self._kept = self._kept, []
        self._gateway.advance(self._clock.now_ns())
        for whole in kept:
            self._conversation.receive(whole)
        self._flush()

    def _flush(self) -> None:
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        if data:
            self._send(data)

    def _send(self, data: bytes) -> None:
        assert self._socket is not None
        self._socket.sendall(data)


def _frame_bytes(unread: bytearray) -> int:
    """How long the first frame is, its length included."""
    return LENGTH_BYTES + int.from_bytes(unread[:LENGTH_BYTES], "big")


def _tick(request: bytes, kind: int, price: bytes) -> bytes:
    return frame(b"1\x006\x00%b\x00%d\x00%b\x00100\x000\x00" % (request, kind, price))
