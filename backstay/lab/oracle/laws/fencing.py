"""I9: one fenced session submits for each account and client id.

Connections are numbered as they come. Once a session has been given to one, nothing that an older
one writes may still be carried out; and nobody submits under a client id that is not the house's.
"""

from collections.abc import Iterator

from backstay.lab.simulation.outcome import Finding

LAW = "I9"


class Fencing:
    """Which connection has the session of each client id."""

    def __init__(self, client_id: int) -> None:
        self._client_id = client_id
        self._newest: dict[int, int] = {}
        self._found: dict[int, None] = {}

    def given(self, client: int, conn: int) -> None:
        """A connection has been given the session."""
        self._newest[client] = max(conn, self._newest.get(client, 0))

    def submitted(self, at_ns: int, client: int, conn: int, what: str) -> Iterator[Finding]:
        """A placement or a cancel was read; each connection is told of once."""
        newest = self._newest.get(client, conn)
        if conn in self._found:
            return
        if client != self._client_id:
            self._found[conn] = None
            yield Finding(
                LAW, at_ns, f"{what} came under the client id {client}, which is not ours"
            )
        elif conn < newest:
            self._found[conn] = None
            text = f"{what} came over connection {conn}, while {newest} had the session"
            yield Finding(LAW, at_ns, text)
