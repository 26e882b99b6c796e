"""Every connection with its two ways.

A gateway without a plan gives replies straight to the wire, and under the optimistic profile
requests straight to the client: nothing of this room stands in between.
"""

from collections.abc import Callable

from backstay.gateway.agenda import Agenda
from backstay.gateway.faults.clients import Clients
from backstay.gateway.faults.doors import Exchange, Front, Wire
from backstay.gateway.faults.engine import Faults
from backstay.gateway.faults.inbound import Inbound, Surroundings
from backstay.gateway.faults.outbound import Farms, Outbound
from backstay.gateway.messages.replies import Reply
from backstay.gateway.messages.requests import Request
from backstay.gateway.profile import Profile


class Line:
    """One connection. `send` takes the gateway's replies; `receive` the client's requests."""

    def __init__(self, lines: "Lines", conn: int, wire: Wire) -> None:
        self._lines = lines
        self._conn = conn
        self._wire = wire
        around = lines.around
        self._out = Outbound(around.faults, around.agenda, wire, conn, lines.farms)
        self._in: Inbound | None = None
        is_bypassed = not around.faults.any_planned
        self.send: Callable[[Reply], None] = wire.deliver if is_bypassed else self._out.send
        self.receive: Callable[[Request], None] = self._not_yet

    @property
    def client(self) -> int | None:
        """Which client id it has asked for, if anything looked."""
        return self._out.client

    def attach(self, handle: Callable[[Request], None]) -> None:
        """From now on requests that get through are given to `handle`."""
        around = self._lines.around
        if around.is_read_at_once and not around.faults.any_planned:
            self.receive = handle
            return
        self._in = Inbound(around, self._wire, self._out, self._conn, handle)
        self.receive = self._in.receive

    def dropped(self) -> None:
        """The connection has ended; said before the client is told."""
        self._lines.forget(self._conn)
        if self._in is not None:
            self._in.dropped()

    def fall_half_open(self, lasting_ns: int) -> None:
        """Nothing flows any more, and nobody says so."""
        if self._in is not None:
            self._in.fall_half_open(lasting_ns)

    def _not_yet(self, request: Request) -> None:
        raise AssertionError(f"{request} came before anybody was there to handle it")


class Lines:
    """All connections, in the order in which they came."""

    def __init__(
        self, faults: Faults, agenda: Agenda, exchange: Exchange, front: Front, profile: Profile
    ) -> None:
        clients = Clients(faults, front)
        self.around = Surroundings(faults, agenda, exchange, clients, profile.last_bytes_are_read)
        self.farms = Farms()
        self._lines: dict[int, Line] = {}

    def join(self, conn: int, wire: Wire) -> Line:
        """A new connection; `conn` is a number that no other has had."""
        line = self._lines[conn] = Line(self, conn, wire)
        return line

    def forget(self, conn: int) -> None:
        """It has ended."""
        self._lines.pop(conn, None)

    def fall_half_open(self, client: int | None, lasting_ns: int) -> None:
        """The connections of one client, or all, only seem to live."""
        # A copy: a line that ends forgets itself.
        for line in tuple(self._lines.values()):
            if line.client is not None and client in {None, line.client}:
                line.fall_half_open(lasting_ns)
