"""A process from its first line to its last: compose, serve, and end when it is told to.

The first SIGTERM or SIGINT has every call handed back at once and then hangs up; a second one ends
the process where it stands. An order leaves in one turn of the loop, so neither cuts one in half.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import NoReturn, Protocol

from workers import health
from workers.bootstrap import Foundation, StartError, founded
from workers.config import Settings
from workers.health import HealthReport, Role
from workers.measuring import page as metrics_page
from workers.serving import Page, Pages, PageServer

END_SECONDS_MAX = 8.0
HAND_BACK_SECONDS_MAX = 5.0
"""An engine that is gone takes nothing back, and must not keep the process from its end."""

_LOG = logging.getLogger("backstay.worker")
_METRICS_KIND = "text/plain; version=0.0.4; charset=utf-8"
_NO_LIMITS = "there are no [limits]: everything that opens a position is refused"


class RunningRole(Protocol):
    """What a process does."""

    async def run(self) -> None:
        """Do it until cancelled."""

    async def close(self) -> None:
        """Let go of everything."""

    def report(self) -> HealthReport:
        """How it stands."""

    def pages(self) -> Pages:
        """What it shows besides health and metrics."""


async def serve(role: Role, settings: Settings, begun: Callable[[str], None]) -> None:
    """Serve until a signal; `begun` hears where health and metrics are. StartError if it can't."""
    ends = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _told_to_end, ends, number)
    async with founded(settings) as foundation:
        if settings.limits is None:
            _LOG.critical(_NO_LIMITS)
        await _serve(_made(role, foundation), foundation, begun, ends)


async def _serve(
    role: RunningRole,
    foundation: Foundation,
    begun: Callable[[str], None],
    ends: asyncio.Event,
) -> None:
    async with AsyncExitStack() as opened:
        opened.push_async_callback(role.close)
        pages = PageServer(
            {
                "/health": lambda _: health.page(role.report()),
                "/metrics": lambda _: Page(
                    HTTPStatus.OK, _METRICS_KIND, metrics_page(foundation.registry)
                ),
                **role.pages(),
            }
        )
        where = foundation.settings.metrics
        try:
            address = await pages.start(where.host, where.port)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise StartError(f"{where.host}:{where.port}: {reason}") from None
        opened.push_async_callback(pages.close)
        begun(address)
        await _until(asyncio.create_task(role.run()), ends)


async def _until(work: asyncio.Task[None], ends: asyncio.Event) -> None:
    """Work until told to end; what the work dies of is raised."""
    told = asyncio.create_task(ends.wait())
    await asyncio.wait((work, told), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if work.done():
        work.result()
        return
    work.cancel()
    # What still waits for an engine that is gone would be waited for at the end of the loop, too.
    asyncio.get_running_loop().call_later(END_SECONDS_MAX, leave)
    _, pending = await asyncio.wait((work,), timeout=HAND_BACK_SECONDS_MAX)
    if pending:
        _LOG.error("the engine takes nothing back; its timeouts will")


def _made(role: Role, foundation: Foundation) -> RunningRole:
    """Only the role that is asked for is imported: who runs workflows speaks to no broker."""
    if role is Role.BROKER:
        from workers.broker import BrokerRole  # noqa: PLC0415

        return BrokerRole(foundation)
    from workers.trades import TradesRole  # noqa: PLC0415

    return TradesRole(foundation)


def leave() -> NoReturn:
    """End the process, which has closed everything: the threads of the engine's library may wait
    for an engine that is gone, and would be waited for.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _told_to_end(ends: asyncio.Event, number: signal.Signals) -> None:
    if ends.is_set():
        os._exit(128 + number)
    _LOG.info("%s: ending", number.name)
    ends.set()
