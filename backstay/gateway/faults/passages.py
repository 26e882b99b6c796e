"""The way of each connection through whatever goes wrong, in and out.

A gateway without a plan gives replies straight to the connection, and under the optimistic profile
requests straight to the client: nothing of this room stands in between.
"""

from collections.abc import Callable

from backstay.gateway.agenda import Agenda
from backstay.gateway.faults.clients import Clients
from backstay.gateway.faults.doors import Connection, Exchange, Front
from backstay.gateway.faults.engine import Faults
from backstay.gateway.faults.inbound import Inbound, Surroundings
from backstay.gateway.faults.outbound import Farms, Outbound
from backstay.gateway.messages.replies import Reply
from backstay.gateway.messages.requests import Request
from backstay.gateway.profile import Profile


class Passage:
    """One connection's. `send` takes the gateway's replies; `receive` the client's requests."""

    def __init__(self, passages: "Passages", conn: int, connection: Connection) -> None:
        self._passages = passages
        self._conn = conn
        self._connection = connection
        around = passages.around
        self._out = Outbound(
            around.faults, around.agenda, around.exchange, connection, conn, passages.farms
        )
        self._in: Inbound | None = None
        is_bypassed = not around.faults.any_planned
        self.send: Callable[[Reply], None] = connection.deliver if is_bypassed else self._out.send
        self.receive: Callable[[Request], None] = self._not_yet

    @property
    def client(self) -> int | None:
        """Which client id it has asked for, if anything looked."""
        return self._out.client

    def attach(self, handle: Callable[[Request], None]) -> None:
        """From now on requests that get through are given to `handle`."""
        around = self._passages.around
        if around.is_read_at_once and not around.faults.any_planned:
            self.receive = handle
            return
        self._in = Inbound(around, self._connection, self._out, self._conn, handle)
        self.receive = self._in.receive

    def dropped(self) -> None:
        """The connection has ended; said before the client is told."""
        self._passages.forget(self._conn)
        if self._in is not None:
            self._in.dropped()

    def hold(self, client: int, order_id: int, delay_ns: int) -> None:
        """Keep news of a client's order back for so long."""
        self._out.hold(client, order_id, delay_ns)

    def fall_half_open(self, lasting_ns: int) -> None:
        """Nothing flows any more, and nobody says so."""
        if self._in is not None:
            self._in.fall_half_open(lasting_ns)

    def _not_yet(self, request: Request) -> None:
        raise AssertionError(f"{request} came before anybody was there to handle it")


class Passages:
    """All connections, in the order in which they came."""

    def __init__(
        self, faults: Faults, agenda: Agenda, exchange: Exchange, front: Front, profile: Profile
    ) -> None:
        clients = Clients(faults, front)
        self.around = Surroundings(
            faults, agenda, exchange, clients, self.hold, profile.last_bytes_are_read
        )
        self.farms = Farms()
        self._passages: dict[int, Passage] = {}

    def join(self, conn: int, connection: Connection) -> Passage:
        """A new connection; `conn` is a number that no other has had."""
        passage = self._passages[conn] = Passage(self, conn, connection)
        return passage

    def forget(self, conn: int) -> None:
        """It has ended."""
        self._passages.pop(conn, None)

    def hold(self, client: int, order_id: int, delay_ns: int) -> None:
        """Keep news of a client's order back on every connection there is.

        Who connects later knows of no silence: it is told what it asks, and what happens.
        """
        for passage in self._passages.values():
            passage.hold(client, order_id, delay_ns)

    def fall_half_open(self, client: int | None, lasting_ns: int) -> None:
        """The connections of one client, or all, only seem to live."""
        # A copy: a passage that ends forgets itself.
        for passage in tuple(self._passages.values()):
            if passage.client is not None and client in {None, passage.client}:
                passage.fall_half_open(lasting_ns)
