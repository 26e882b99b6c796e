"""Every connection with its two ways, and what befalls all of them at once.

A gateway without a plan gives replies straight to the wire, and under the optimistic profile
requests straight to the client: nothing of this room stands in between.
"""

from collections.abc import Callable

from backstay.gateway.agenda import Agenda
from backstay.gateway.chance import Dice
from backstay.gateway.faults.clients import Clients
from backstay.gateway.faults.doors import Exchange, Wire
from backstay.gateway.faults.engine import Faults
from backstay.gateway.faults.inbound import Inbound, Surroundings
from backstay.gateway.faults.outbound import Outbound
from backstay.gateway.messages.replies import NO_REQUEST, Notice, Reply
from backstay.gateway.messages.requests import Request, RequestMarketData, RequestTickByTick
from backstay.gateway.profile import Profile

COMPETING = "No market data during competing live session"
BROKEN_UPSTREAM = (
    "Connectivity between Trader Workstation and server is broken. "
    "It will be restored automatically."
)


class Line:
    """One connection. `send` takes the gateway's replies; `receive` the client's requests."""

    def __init__(self, lines: "Lines", conn: int, wire: Wire) -> None:
        self._lines = lines
        self._conn = conn
        self._wire = wire
        self.out = Outbound(lines.around.faults, lines.around.agenda, wire, conn)
        self._in: Inbound | None = None
        self._is_bypassed = not lines.around.faults.any_planned
        self.send: Callable[[Reply], None] = wire.deliver if self._is_bypassed else self.out.send
        self.receive: Callable[[Request], None] = self._not_yet

    def attach(self, handle: Callable[[Request], None]) -> None:
        """From now on requests that get through are given to `handle`."""
        if self._is_bypassed and self._lines.around.is_read_at_once:
            self.receive = handle
            return
        self._in = Inbound(self._lines.around, self._wire, self.out, self._conn, handle)
        self.receive = self._in.receive if self._is_bypassed else self._receive
        if self._lines.is_upstream_lost:
            self.lose_upstream()

    def dropped(self) -> None:
        """The connection has ended; said before the client is told."""
        self._lines.forget(self._conn)
        if self._in is not None:
            self._in.dropped()

    def tell(self, code: int, text: str, req_id: int = NO_REQUEST) -> None:
        """A notice, once the client has said who it is."""
        if self.out.client is not None:
            self.out.tell(Notice(req_id, code, text))

    def lose_upstream(self) -> None:
        """IB is gone."""
        if self._in is not None:
            self._in.lose_upstream()
            self.out.lose_upstream()

    def restore_upstream(self, *, data_lost: bool, fills_lost: bool) -> None:
        """IB is back."""
        if self._in is None:
            return
        if data_lost:
            self.out.streams.kill_all()
        self.out.restore_upstream(fills_lost=fills_lost)
        self._in.restore_upstream()

    def fall_half_open(self, lasting_ns: int) -> None:
        """Nothing flows any more, and nobody says so."""
        if self._in is not None:
            self._in.fall_half_open(lasting_ns)

    def _receive(self, request: Request) -> None:
        assert self._in is not None
        was_unknown = self.out.client is None
        self._in.receive(request)
        if was_unknown and self._lines.is_upstream_lost:
            self.tell(2110, BROKEN_UPSTREAM)
        if self._lines.is_competing and isinstance(request, RequestMarketData | RequestTickByTick):
            self.tell(10197, COMPETING, request.req_id)

    def _not_yet(self, request: Request) -> None:
        raise AssertionError(f"{request} came before anybody was there to handle it")


class Lines:
    """All connections, in the order in which they came."""

    def __init__(
        self, faults: Faults, agenda: Agenda, exchange: Exchange, profile: Profile
    ) -> None:
        clients = Clients(faults, agenda)
        self.around = Surroundings(faults, agenda, exchange, clients, profile.last_bytes_are_read)
        self.is_upstream_lost = False
        self._competitors = 0
        self._dark = 0
        self._lines: dict[int, Line] = {}

    @property
    def is_competing(self) -> bool:
        """Whether somebody else is logged in."""
        return self._competitors > 0

    def join(self, conn: int, wire: Wire) -> Line:
        """A new connection; `conn` is a number that no other has had."""
        line = self._lines[conn] = Line(self, conn, wire)
        for _ in range(self._dark):
            line.out.streams.darken()
        return line

    def forget(self, conn: int) -> None:
        """It has ended."""
        self._lines.pop(conn, None)

    def broadcast(self, code: int, text: str) -> None:
        """A notice for every client."""
        for line in self._all():
            line.tell(code, text)

    def lose_upstream(self) -> None:
        """IB is gone for every client."""
        self.is_upstream_lost = True
        for line in self._all():
            line.lose_upstream()

    def restore_upstream(self, *, data_lost: bool, fills_lost: bool) -> None:
        """IB is back for every client."""
        self.is_upstream_lost = False
        for line in self._all():
            line.restore_upstream(data_lost=data_lost, fills_lost=fills_lost)

    def darken(self) -> None:
        """No stream flows, for anybody, until as many times `lighten`."""
        self._dark += 1
        for line in self._all():
            line.out.streams.darken()

    def lighten(self) -> None:
        """Take one darkness back."""
        self._dark -= 1
        for line in self._all():
            line.out.streams.lighten()

    def kill_streams(self, share: float, dice: Dice) -> None:
        """Let about this share of all streams fall silent for good."""
        for line in self._all():
            line.out.streams.kill(share, dice)

    def compete(self) -> None:
        """Somebody else has logged in."""
        self._competitors += 1
        for line in self._all():
            for req_id in line.out.streams.request_ids:
                line.tell(10197, COMPETING, req_id)
        self.darken()

    def relent(self) -> None:
        """The other one has gone."""
        self._competitors -= 1
        self.lighten()

    def fall_half_open(self, client: int | None, lasting_ns: int) -> None:
        """The connections of one client, or all, only seem to live."""
        for line in self._all():
            if line.out.client is not None and client in {None, line.out.client}:
                line.fall_half_open(lasting_ns)

    def _all(self) -> tuple[Line, ...]:
        """A copy: what is told to one can end another."""
        return tuple(self._lines.values())
