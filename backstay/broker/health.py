"""Who of the edge's tasks still lives.

A task that fails is told and begun again, after growing pauses, and given up when it goes on
failing. One that gives no sign of life for as long as it may is told once, until it does again. To
be cancelled is no failure, unless nobody has cancelled the task itself: then something that it
waited for was, and it would have died silently.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from backstay.broker.doors.wire import Now
from backstay.broker.notices import Notice, Tell, evidence_of
from backstay.domain.edge.session import TaskHealth
from backstay.domain.incidents.kinds import IncidentKind

PAUSES_SECONDS = (0.1, 0.5, 2.0, 5.0, 15.0)
"""How long to wait before each restart; a failure after the last one is one too many."""

FAILURES_KEPT_SECONDS = 600.0
"""How long a failure counts."""

SILENT_AFTER_SECONDS = 30.0
"""A task that gives no sign of life for so long is told of."""

_LATE_SECONDS = 0.001
"""A timer is set so much later than what it waits for, that rounding never wakes it too early."""

Sign = Callable[[], None]
"""How a task says that it lives."""

Factory = Callable[[], Awaitable[None]]
"""Begins the work of a task, anew each time."""


def pause_after(failed_at: tuple[float, ...], now: float) -> float | None:
    """How long to wait before the restart, after failures at these times; None to give up."""
    count = sum(at > now - FAILURES_KEPT_SECONDS for at in failed_at)
    return PAUSES_SECONDS[max(count, 1) - 1] if count <= len(PAUSES_SECONDS) else None


class _Kept:
    """A task that is kept alive, and how it has fared. Times are on the loop's clock."""

    def __init__(self, name: str, factory: Factory, silent_after: float | None) -> None:
        self.name = name
        self.factory = factory
        self.silent_after = silent_after
        self.task: asyncio.Task[None] | None = None
        self.alarm: asyncio.TimerHandle | None = None
        self.signed_at = 0.0
        self.failed_at: deque[float] = deque(maxlen=len(PAUSES_SECONDS) + 1)
        self.restarts = 0
        self.given_up = False


class Health:
    """The tasks, by name."""

    def __init__(self, now: Now, tell: Tell) -> None:
        self._now = now
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._kept: dict[str, _Kept] = {}

    def run(self, name: str, factory: Factory, silent_after: float | None = None) -> None:
        """Keep a task alive. With a limit in seconds it has to give signs of life."""
        if name in self._kept:
            raise ValueError(f"there is a task called {name}")
        kept = self._kept[name] = _Kept(name, factory, silent_after)
        kept.task = self._loop.create_task(self._keep(kept), name=name)

    def tend(self, name: str, work: Callable[[Sign], Awaitable[None]]) -> None:
        """Keep a task alive that gives its signs of life itself."""
        self.run(name, partial(work, partial(self.sign, name)), SILENT_AFTER_SECONDS)

    def sign(self, name: str) -> None:
        """The task lives; of one that has ended nobody needs to know."""
        if kept := self._kept.get(name):
            self._sign(kept)

    def report(self) -> tuple[TaskHealth, ...]:
        """How each task fares, in the order in which they began; one that has ended is left out."""
        now, loop_now = self._now(), self._loop.time()
        return tuple(
            TaskHealth(
                kept.name,
                now - timedelta(seconds=loop_now - kept.signed_at),
                kept.restarts,
                kept.given_up,
            )
            for kept in self._kept.values()
        )

    async def close(self) -> None:
        """Cancel every task, and wait until the last one is over."""
        tasks = [kept.task for kept in self._kept.values() if kept.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for kept in self._kept.values():
            self._watch(kept, None)
        self._kept.clear()

    async def _keep(self, kept: _Kept) -> None:
        while True:
            self._sign(kept)
            try:
                await kept.factory()
            except (Exception, asyncio.CancelledError) as fault:
                if _is_cancelled() and isinstance(fault, asyncio.CancelledError):
                    raise
                pause = self._fail(kept, fault)
                if pause is None or _is_cancelled():
                    return
            else:
                self._watch(kept, None)
                del self._kept[kept.name]
                return
            await asyncio.sleep(pause)
            kept.restarts += 1

    def _fail(self, kept: _Kept, fault: BaseException) -> float | None:
        """Tell it; how long to wait before the restart, if there is to be one."""
        now = self._loop.time()
        self._watch(kept, None)
        kept.failed_at.append(now)
        pause = pause_after(tuple(kept.failed_at), now)
        evidence = evidence_of(fault)
        self._say(IncidentKind.TASK_FAILED, kept, evidence)
        if pause is None:
            kept.given_up = True
            failures = f"given up after {len(kept.failed_at)} failures"
            self._say(IncidentKind.TASK_SILENT, kept, f"{failures}, the last: {evidence}")
        return pause

    def _sign(self, kept: _Kept) -> None:
        kept.signed_at = self._loop.time()
        if kept.alarm is None and kept.silent_after is not None and not kept.given_up:
            self._watch(kept, kept.signed_at + kept.silent_after)

    def _listen(self, kept: _Kept, limit: float) -> None:
        """Tell a silence that has lasted too long; else come back when this one will have."""
        kept.alarm = None
        too_long_at = kept.signed_at + limit
        if self._loop.time() < too_long_at:
            self._watch(kept, too_long_at)
            return
        self._say(IncidentKind.TASK_SILENT, kept, f"no sign of life for {limit:g} s")

    def _watch(self, kept: _Kept, at: float | None) -> None:
        if kept.alarm is not None:
            kept.alarm.cancel()
            kept.alarm = None
        if at is not None and kept.silent_after is not None:
            kept.alarm = self._loop.call_at(
                at + _LATE_SECONDS, self._listen, kept, kept.silent_after
            )

    def _say(self, kind: IncidentKind, kept: _Kept, text: str) -> None:
        self._tell(Notice(kind, kept.name, text, self._now()))


def _is_cancelled() -> bool:
    """Whether somebody has cancelled the task that asks."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
