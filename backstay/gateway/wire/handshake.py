"""The hello of a client, and which version both sides speak from then on.

A client says `API` and a range of versions. The gateway answers with the highest one that both
know, at most 178: above it begin messages that are not text.
"""

import re
from dataclasses import dataclass

from backstay.gateway import times
from backstay.gateway.wire.errors import WireError
from backstay.gateway.wire.frames import FrameReader, frame

VERSION = 178
VERSION_MIN = 157
HELLO_BYTES_MAX = 1024

_SIGN = b"API\0"
_RANGE = re.compile(rb"v(?P<low>[0-9]{1,9})(?:\.\.(?P<high>[0-9]{1,9}))?(?: (?P<options>.*))?")


@dataclass(frozen=True, slots=True)
class Hello:
    """What a client announces."""

    min_version: int
    max_version: int
    options: str = ""

    @property
    def version(self) -> int:
        """The version to speak with this client."""
        return min(self.max_version, VERSION)


class HelloReader:
    """Reads the hello as it arrives; what follows it stays in `rest`."""

    __slots__ = ("_arrived", "rest")

    def __init__(self) -> None:
        self._arrived = b""
        self.rest = b""

    def feed(self, data: bytes) -> Hello | None:
        """The hello, once it is complete; called no more after that."""
        self._arrived += data
        sign = self._arrived[: len(_SIGN)]
        if not _SIGN.startswith(sign):
            raise WireError(f"a hello begins with {_SIGN!r}, not with {sign!r}")
        length_end = len(_SIGN) + 4
        if len(self._arrived) < length_end:
            return None
        end = length_end + int.from_bytes(self._arrived[len(_SIGN) : length_end], "big")
        # The reader refuses a hello that is empty or too long as soon as its length is there.
        payloads = FrameReader(HELLO_BYTES_MAX).feed(self._arrived[len(_SIGN) : end])
        payload = next(payloads, None)
        if payload is None:
            return None
        self.rest = self._arrived[end:]
        return parse_hello(payload)


def parse_hello(payload: bytes) -> Hello:
    """`v157..178`, with options after a space."""
    found = _RANGE.fullmatch(payload)
    if found is None:
        raise WireError(f"{payload[:40]!r} is no range of versions")
    low = int(found["low"])
    high = int(found["high"] or low)
    if high < VERSION_MIN or low > min(high, VERSION):
        raise WireError(f"versions {low} to {high}; {VERSION_MIN} to {VERSION} are spoken here")
    try:
        options = (found["options"] or b"").decode()
    except UnicodeDecodeError:
        raise WireError("the options of the hello are not UTF-8") from None
    return Hello(low, high, options)


def answer(version: int, now_ns: int) -> bytes:
    """The gateway's half of the handshake, as a frame."""
    return frame(f"{version}\0{times.stamp(now_ns)}\0".encode())
