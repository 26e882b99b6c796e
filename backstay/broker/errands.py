"""Asynchronous work that is begun in one turn and ends in a later one.

An errand never dies silently: what it raises becomes a notice. Only one of a name runs at a time,
so whoever asks for what is under way already has asked for nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from backstay.broker.doors.wire import Now
from backstay.broker.notices import Notice, Tell, evidence_of
from backstay.domain.incidents.kinds import IncidentKind

Errand = Callable[[], Awaitable[None]]


class Errands:
    """What is under way, by name."""

    def __init__(self, now: Now, tell: Tell) -> None:
        self._now = now
        self._tell = tell
        self._running: dict[str, asyncio.Task[None]] = {}

    def begin(self, name: str, errand: Errand) -> bool:
        """Begin it, unless one of that name is under way; whether it was begun."""
        if name in self._running:
            return False
        self._running[name] = asyncio.get_running_loop().create_task(
            self._run(name, errand), name=name
        )
        return True

    def soon(self, name: str, act: Callable[[], None]) -> None:
        """Act when this turn is over, and what was written in it has left."""
        asyncio.get_running_loop().call_soon(self._act, name, act)

    async def close(self) -> None:
        """Call off whatever is under way."""
        tasks = tuple(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _act(self, name: str, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - nobody waits for it: it is told, not lost
            self._tell(Notice(IncidentKind.TASK_FAILED, name, evidence_of(error), self._now()))

    async def _run(self, name: str, errand: Errand) -> None:
        try:
            await errand()
        except Exception as error:  # noqa: BLE001 - the edge of a task: it is told, not lost
            self._tell(Notice(IncidentKind.TASK_FAILED, name, evidence_of(error), self._now()))
        finally:
            del self._running[name]


class Alarm:
    """Calls back once at a broker time; setting it again takes the place of the last time."""

    def __init__(self, now: Now, ring: Callable[[], None]) -> None:
        self._now = now
        self._ring = ring
        self._handle: asyncio.TimerHandle | None = None

    @property
    def is_set(self) -> bool:
        """Whether it will ring."""
        return self._handle is not None

    def set(self, at: datetime) -> None:
        """Ring at this broker time, or in the next turn if that is past."""
        self.clear()
        seconds = max((at - self._now()) / timedelta(seconds=1), 0.0)
        self._handle = asyncio.get_running_loop().call_later(seconds, self._rung, at)

    def clear(self) -> None:
        """Do not ring."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _rung(self, at: datetime) -> None:
        """Broker time may run slower than the loop's for a while: then it is too early."""
        self._handle = None
        if self._now() < at:
            self.set(at)
        else:
            self._ring()
