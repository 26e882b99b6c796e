"""Which client ids have been here: what outlives a single connection."""

from backstay.gateway.faults.doors import Front
from backstay.gateway.faults.engine import Faults

CLIENT_IDS_MAX = 10_000
"""So many ids are remembered; those beyond never count as connecting again."""


class Clients:
    """The client ids of all connections."""

    def __init__(self, faults: Faults, front: Front) -> None:
        self._faults = faults
        self._front = front
        self._owners: dict[int, int] = {}
        self._seen: dict[int, None] = {}

    def claim(self, client: int, conn: int) -> bool:
        """A connection asks for the id; True if it gets it, and the id was connected before.

        One that is refused the id (326) is none that has connected: were its end one that lets the
        id linger, a client that tries again and again would never be let in.
        """
        if self._front.is_claimed(client):
            return False
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
            self._front.linger(client, rule.ns("lasting"))
