"""How long a cancel takes that is asked for behind five hundred requests, on a real socket."""

import asyncio
import time
from datetime import datetime

from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.domain.ids import Lane
from backstay.lab.benches.edge.peer import START

REQUESTS = 500
_DATA, _CANCEL = b"\0\0\0\x02D\0", b"\0\0\0\x02C\0"


class _Reader(asyncio.Protocol):
    """Notes when the cancel has come."""

    def __init__(self) -> None:
        self.cancelled_at: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Some bytes have come."""
        if _CANCEL in data and not self.cancelled_at.done():
            self.cancelled_at.set_result(time.perf_counter())


async def cancel_seconds() -> float:
    """From the asking to the reading of the cancel."""
    loop = asyncio.get_running_loop()
    reader = _Reader()
    server = await loop.create_server(lambda: reader, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    transport, _ = await loop.create_connection(asyncio.Protocol, host, port)
    lanes = OutgoingLanes(lambda _notice: None, _now)
    lanes.attach(transport.write)
    for _ in range(REQUESTS):
        lanes.send(Lane.DATA, lambda: (_DATA,), _lost)
    asked_at = time.perf_counter()
    lanes.send(Lane.CANCEL, lambda: (_CANCEL,), _lost)
    seconds = await reader.cancelled_at - asked_at
    lanes.detach("measured")
    transport.close()
    server.close()
    await server.wait_closed()
    return seconds


def _now() -> datetime:
    return START


def _lost(_why: str) -> None:
    """What still waits when it is over is of no interest."""
