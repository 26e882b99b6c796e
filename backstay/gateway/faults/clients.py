"""Which client ids are taken, were taken, and linger: what outlives a single connection."""

from backstay.gateway.agenda import Agenda
from backstay.gateway.faults.engine import Faults

CLIENT_IDS_MAX = 10_000
"""So many ids are remembered; those beyond never count as connecting again."""


class Clients:
    """The client ids of all connections."""

    def __init__(self, faults: Faults, agenda: Agenda) -> None:
        self._faults = faults
        self._agenda = agenda
        self._owners: dict[int, int] = {}
        self._seen: dict[int, None] = {}
        self._lingering: dict[int, int] = {}

    def lingers(self, client: int) -> bool:
        """Whether the id is still in use although its connection has ended."""
        return self._agenda.now_ns < self._lingering.get(client, 0)

    def claim(self, client: int, conn: int) -> bool:
        """A connection asks for the id; True if it was connected before."""
        self._owners.setdefault(client, conn)
        was_seen = client in self._seen
        if len(self._seen) < CLIENT_IDS_MAX:
            self._seen[client] = None
        return was_seen

    def let_go(self, client: int, conn: int) -> None:
        """A connection has ended; one that was refused the id lets nothing go."""
        if self._owners.get(client) != conn:
            return
        del self._owners[client]
        if rule := self._faults.strikes("client-id-lingers", f"client {client}", "", client):
            self._lingering[client] = self._agenda.now_ns + rule.ns("lasting")
