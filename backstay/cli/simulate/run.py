"""Many runs, until they are done or somebody has seen enough."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from backstay.lab.simulation.cases import Case
from backstay.lab.simulation.report import Progress, Report, Terms
from backstay.lab.simulation.running import Running

_Result = TypeVar("_Result")


def run(
    cases: Callable[[], Awaitable[Iterable[Case]]], terms: Terms, hears: Callable[[Progress], None]
) -> Report:
    """Play them. Ctrl-C and SIGTERM end it early, and what was counted so far is the answer."""

    async def played() -> Report:
        running = Running(terms, hears)
        loop = asyncio.get_running_loop()
        found = await cases()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, running.stop)
        return await running.run(found)

    return asyncio.run(played())
