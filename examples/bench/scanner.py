"""The floor: what it takes at least to read ticks and to answer one with a frame that lies ready.

It knows nothing of orders: no state, no check, no limit. It is told what to watch by one line of
JSON on its standard input, and says "ready" when it does.
"""

import asyncio
import json
import sys

import uvloop

LENGTH_BYTES = 4


def frame(payload: bytes) -> bytes:
    """The payload with its length before it."""
    return len(payload).to_bytes(LENGTH_BYTES, "big") + payload


class Scanner(asyncio.Protocol):
    """A connection, the levels of each request, and the order to send when one is passed."""

    def __init__(self, given: dict, lost: asyncio.Future) -> None:
        self.given = given
        self.lost = lost
        self.unread = b""
        self.order_id = 0
        self.levels: dict[bytes, list[float]] = {}
        self.orders: dict[bytes, bytes] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Say hello."""
        self.transport = transport
        transport.write(b"API\0" + frame(b"v157..178"))

    def connection_lost(self, _exc: Exception | None) -> None:
        """It is over."""
        self.lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Cut what came into frames, and look at the prices among them."""
        data = self.unread + data
        start, size = 0, len(data)
        while size - start >= LENGTH_BYTES:
            body = start + LENGTH_BYTES
            end = body + int.from_bytes(data[start:body], "big")
            if end > size:
                break
            if data.startswith(b"1\0", body):
                fields = data[body:end].split(b"\0", 5)
                if fields[3] == b"1":
                    self.look(fields[2], float(fields[4]))
            elif self.order_id == 0:
                self.greet(data[body:end].split(b"\0"))
            start = end
        self.unread = data[start:]

    def look(self, request: bytes, price: float) -> None:
        """Send an order once for each level that is passed, and put a new one on top."""
        levels = self.levels[request]
        while price > levels[0]:
            levels.pop(0)
            levels.append(levels[-1] + float(self.given["step"]))
            self.transport.write(frame(b"3\0%d%b" % (self.order_id, self.orders[request])))
            self.order_id += 1

    def greet(self, fields: list[bytes]) -> None:
        """Begin the session, and subscribe once its first order id is known."""
        if fields[0] == b"178":
            self.transport.write(frame(b"71\x002\0%d\0\0" % self.given["client_id"]))
        elif fields[0] == b"9":
            self.order_id = int(fields[2])
            for number, seat in enumerate(self.given["seats"], 1):
                request = b"%d" % number
                self.levels[request] = [float(level) for level in self.given["levels"]]
                self.orders[request] = bytes.fromhex(seat["order"])
                self.transport.write(frame(b"1\x0011\0%b\0%d\0" % (request, seat["con_id"])))
            sys.stdout.write("ready\n")
            sys.stdout.flush()


async def main() -> None:
    """Scan for as long as the connection stands."""
    given = json.loads(sys.stdin.readline())
    loop = asyncio.get_running_loop()
    lost = loop.create_future()
    await loop.create_connection(lambda: Scanner(given, lost), "127.0.0.1", given["port"])
    await lost


if __name__ == "__main__":
    uvloop.run(main())
