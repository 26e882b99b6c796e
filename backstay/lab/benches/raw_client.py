"""A client of the gateway that speaks the protocol and does nothing with the answers but count.

A real client takes longer to understand a price than the gateway to say it; whoever measures the
gateway must not measure that.
"""

import socket
from collections import Counter

from backstay.gateway.messages.requests import Request, StartApi
from backstay.gateway.wire.frames import frame
from backstay.gateway.wire.requests import encode_request

HELLO = b"API\0" + frame(b"v157..178")
READ_BYTES = 1 << 20
ANSWER_SECONDS_MAX = 10.0
MARKET_DATA_IDS = frozenset({b"1", b"2", b"21", b"45", b"46"})
"""Prices, sizes, greeks and the two kinds of words about them."""


class RawClient:
    """One connection, blocking."""

    def __init__(self, host: str, port: int, client_id: int) -> None:
        self._socket = socket.create_connection((host, port), ANSWER_SECONDS_MAX)
        self._unread = b""
        self.counts: Counter[bytes] = Counter()
        self._socket.sendall(HELLO)
        while not self.counts:
            self.read()
        self.send(StartApi(client_id))
        self._await(b"9")

    def send(self, request: Request) -> None:
        """Ask for something."""
        self._socket.sendall(frame(encode_request(request)))

    def read(self) -> int:
        """Take what has come; how many messages about prices were whole in it."""
        data = self._socket.recv(READ_BYTES)
        if not data:
            raise ConnectionError("the gateway has hung up")
        buffer = self._unread + data
        start, prices = 0, 0
        while start + 4 <= len(buffer):
            end = start + 4 + int.from_bytes(buffer[start : start + 4], "big")
            if end > len(buffer):
                break
            message_id = buffer[start + 4 : buffer.index(b"\0", start + 4)]
            self.counts[message_id] += 1
            prices += message_id in MARKET_DATA_IDS
            start = end
        self._unread = buffer[start:]
        return prices

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _await(self, message_id: bytes) -> None:
        while not self.counts[message_id]:
            self.read()
