"""Frames: a length of four bytes, then as many bytes.

What lies inside is not looked at. A length that is no length raises, and what came before it in
the same read is given up with the connection.
"""

from backstay.gateway.wire.errors import WireError

LENGTH_BYTES = 4
INBOUND_BYTES_MAX = 1 << 20


def frame(payload: bytes) -> bytes:
    """The payload with its length before it."""
    return len(payload).to_bytes(LENGTH_BYTES, "big") + payload


class FrameReader:
    """Cuts what arrives into payloads, however it was chopped on its way."""

    __slots__ = ("_bytes_max", "_half_read")

    def __init__(self, bytes_max: int = INBOUND_BYTES_MAX) -> None:
        self._half_read = bytearray()
        self._bytes_max = bytes_max

    def feed(self, data: bytes) -> tuple[bytes, ...]:
        """The payloads that are complete now."""
        buffer = self._half_read
        buffer += data
        payloads = []
        start = 0
        while len(buffer) - start >= LENGTH_BYTES:
            body = start + LENGTH_BYTES
            length = int.from_bytes(buffer[start:body], "big")
            if not 0 < length <= self._bytes_max:
                raise WireError(f"a frame of {length} bytes; between 1 and {self._bytes_max} fit")
            if len(buffer) < body + length:
                break
            payloads.append(bytes(buffer[body : body + length]))
            start = body + length
        del buffer[:start]
        return tuple(payloads)
