"""What ib_async would send, as bytes instead.

The request methods of ib_async's client are the one place that knows how a request is spelled. Here
they are run without a connection, and what they would write is handed back as whole frames.
"""

from collections.abc import Callable
from typing import Any

from ib_async.client import Client

SERVER_VERSION = 178
"""The one version of the protocol that is written and read here, the newest that ib_async knows.

Both sides shift fields with the version, so a frame for another one is read as something else.
"""


Request = Callable[[Any], object]
"""Calls request methods of the client it is given; to types they are unknown in ib_async."""


class Encoder(Client):
    """A client that is never connected. It may be used again and again, but not inside itself."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[no-untyped-call]
        self.connState = Client.CONNECTED
        self._serverVersion = SERVER_VERSION
        self._written: list[bytes] = []

    def frames(self, request: Request) -> bytes:
        """The frames of whatever is requested in there, in their order."""
        self._written.clear()
        request(self)
        return b"".join(self._written)

    def sendMsg(self, msg: str) -> None:  # noqa: N802 - ib_async's name
        """Keep the message instead of putting it into ib_async's queue."""
        body = msg.encode()
        self._written.append(len(body).to_bytes(4, "big") + body)
