"""How long a worker asks an engine that is not there, as the library's own client does.

Owns the pauses: a poll is tried again for ever, a report for ten seconds. The library throws a die
over each of them, and here nobody does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

from backstay.lab.engine.tasks import EngineGoneError

_POLL_FIRST, _POLL_FACTOR, _POLL_MAX = 0.2, 2.0, 10.0
_REPORT_FIRST, _REPORT_FACTOR, _REPORT_MAX = 0.1, 1.7, 5.0
_REPORT_SECONDS = 10.0
_REPORTS_MAX = 10

_Answer = TypeVar("_Answer")


def poll_pauses() -> Iterator[float]:
    """How many seconds to wait after a poll that met nobody, and after the next."""
    pause = _POLL_FIRST
    while True:
        yield pause
        pause = min(pause * _POLL_FACTOR, _POLL_MAX)


async def reported(report: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """What the engine answers; raises EngineGoneError when it has not been there for too long."""
    loop = asyncio.get_running_loop()
    begun, pause = loop.time(), _REPORT_FIRST
    for _ in range(_REPORTS_MAX - 1):
        try:
            return await report()
        except EngineGoneError:
            if loop.time() + pause - begun > _REPORT_SECONDS:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * _REPORT_FACTOR, _REPORT_MAX)
    return await report()
