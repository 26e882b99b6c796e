"""The heartbeats of one attempt, as the library's core sends them.

The first leaves at once; what comes while one is on its way, or soon after, waits, and only the
newest of it leaves. What the engine answers may be that the attempt is to stop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from temporalio.activity import ActivityCancellationDetails
from temporalio.api.common.v1 import Payloads

from backstay.lab.engine.persistence import reported
from backstay.lab.engine.tasks import EngineGoneError, TaskGoneError

UNTIMED_EVERY = timedelta(seconds=30)
"""How often a sign of life leaves where none is expected."""

_PART_OF_TIMEOUT = 0.8

STOP = ActivityCancellationDetails(cancel_requested=True)
GONE = ActivityCancellationDetails(not_found=True)


class Beats:
    """Sends what is newest, no more often than need be. `stop` is told why the attempt has to;
    `fault` is told what kept a heartbeat from being written; `heard` that one has come through, or
    was given up.
    """

    def __init__(
        self,
        send: Callable[[Payloads | None], Awaitable[bool]],
        write: Callable[[tuple[Any, ...]], Payloads | None],
        every: timedelta,
        stop: Callable[[ActivityCancellationDetails], None],
        fault: Callable[[Exception], None],
        heard: Callable[[], None],
    ) -> None:
        self._send = send
        self._write = write
        self._every = every.total_seconds()
        self._stop = stop
        self._fault = fault
        self._heard = heard
        self._newest: tuple[Any, ...] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._is_over = False

    def give(self, details: tuple[Any, ...]) -> None:
        """A sign of life; it leaves when the last one lies far enough back."""
        self._newest = details
        if self._sending is None and self._pause is None and not self._is_over:
            self._begin()

    async def close(self, *, must_flush: bool) -> None:
        """Let what is on its way arrive; and, if it must, what has waited, too."""
        self._is_over = True
        if self._pause is not None:
            self._pause.cancel()
        if self._sending is not None:
            await self._sending
        if must_flush and self._newest is not None:
            await self._pass_on()

    def _begin(self) -> None:
        self._sending = asyncio.get_running_loop().create_task(self._pass_on())

    async def _pass_on(self) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        details, self._newest = self._newest or (), None
        try:
            written = self._write(details)
        except Exception as error:  # noqa: BLE001 - whatever can't be written ends the attempt
            self._sending = None
            self._fault(error)
            return
        try:
            if await reported(lambda: self._send(written)):
                self._stop(STOP)
        except TaskGoneError:
            self._stop(GONE)
        except EngineGoneError:
            pass
        self._heard()
        self._sending = None
        if not self._is_over:
            self._pause = loop.call_later(max(begun + self._every - loop.time(), 0), self._go_on)

    def _go_on(self) -> None:
        self._pause = None
        if self._newest is not None and not self._is_over:
            self._begin()


def beats_every(timeout: timedelta | None, within: timedelta) -> timedelta:
    """How often heartbeats leave that are expected within `timeout`, and at least `within`."""
    return min(timeout * _PART_OF_TIMEOUT if timeout else UNTIMED_EVERY, within)
