"""Frames: a length of four bytes, then as many bytes.

What lies inside is not looked at. A length that is no length raises, after whatever came before it
in the same read: what is carried out doesn't depend on how the bytes were chopped.
"""

from collections.abc import Iterator

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

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The payloads that are complete now, one by one; a bad length raises in its place."""
        buffer = self._half_read
        buffer += data
        start = 0
        try:
            while len(buffer) - start >= LENGTH_BYTES:
                body = start + LENGTH_BYTES
                length = int.from_bytes(buffer[start:body], "big")
                if not 0 < length <= self._bytes_max:
                    fit = f"between 1 and {self._bytes_max} fit"
                    raise WireError(f"a frame of {length} bytes; {fit}")
                if len(buffer) < body + length:
                    break
                start = body + length
                yield bytes(buffer[body:start])
        finally:
            del buffer[:start]
