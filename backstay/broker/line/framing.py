"""Bytes as they come, to whole messages.

Bytes are copied a fixed number of times, however they are cut. A frame that claims to be longer
than any message can be means that the stream is not understood any more; nothing after it is read.
"""

from collections.abc import Iterator
from struct import Struct

FRAME_BYTES_MAX = 1_048_576
"""The longest answers, an option chain or the bars of a year, have some ten thousand bytes."""

_LENGTH = Struct(">I")
_HEADER_BYTES = _LENGTH.size


class Framing:
    """What has come of a frame that is not whole yet."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._wanted = _HEADER_BYTES
        self.fault = ""
        """Why nothing more can be read."""

    def messages(self, data: bytes) -> Iterator[bytes]:
        """The messages that are whole now, without their lengths; to be taken to the last one."""
        if self.fault:
            return
        if self._rest:
            self._rest += data
            if len(self._rest) < self._wanted:
                return
            data = bytes(self._rest)
            self._rest.clear()
        start, size = 0, len(data)
        self._wanted = _HEADER_BYTES
        while size - start >= _HEADER_BYTES:
            (length,) = _LENGTH.unpack_from(data, start)
            if length > FRAME_BYTES_MAX:
                self.fault = f"a frame claims {length} bytes; {FRAME_BYTES_MAX} are the most"
                return
            end = start + _HEADER_BYTES + length
            if end > size:
                self._wanted = end - start
                break
            yield data[start + _HEADER_BYTES : end]
            start = end
        self._rest += data[start:]
