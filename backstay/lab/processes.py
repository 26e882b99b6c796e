"""Processes inside one loop, so that one of them can die as a process dies.

Whatever a process schedules is scheduled in its context: tasks, callbacks, timers, and what its
connections hear. So it can be counted, frozen and thawed, or killed before a step of its own,
exactly there: nothing of it runs any more, its sockets break, and the rest of the loop goes on.

A step is a turn of the loop that belongs to the process; between two steps of it lies an await.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any, TypeVar

from backstay.lab.timers import OWNER, Turn

WAYS_OUT_MAX = 50
"""How often what is torn down may go on waiting before it is left as it is."""

_Result = TypeVar("_Result")


class ProcessGoneError(RuntimeError):
    """Whoever was asked has died or stands still, and nobody knows how far it had come."""


class Process:
    """What runs as a process of its own. `watch` is told the number of each step before it is
    taken; it may kill the process there, or freeze it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.watch: Callable[[int], None] | None = None
        self.steps = 0
        self.is_dead = False
        self.gone_at: float | None = None
        """Since when it is dead or stands still, on the loop's clock; None while it goes on."""
        self._context = copy_context()
        self._context.run(OWNER.set, self)
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._last_acts: list[Callable[[], None]] = []
        self._frozen: list[Turn] | None = None
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def is_gone(self) -> bool:
        """Whether it is dead or stands still."""
        return self._gone.done()

    async def call(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Have it done in the process, and wait for what comes of it; who waits gives up where the
        process dies or stands still, which it does not learn.
        """
        if self.is_gone:
            work.close()
            raise ProcessGoneError(self.name)
        gone = self._gone
        task = self._context.copy().run(asyncio.get_running_loop().create_task, work)
        try:
            await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done() and not gone.done():
                task.cancel()
        if not task.done():
            task.add_done_callback(_heard_by_nobody)
            raise ProcessGoneError(self.name)
        return task.result()

    def run(self, act: Callable[..., _Result], *arguments: Any) -> _Result:
        """Do it in the process, at once."""
        if self.is_gone:
            raise ProcessGoneError(self.name)
        return self._context.copy().run(act, *arguments)

    def kill(self) -> None:
        """It is dead from now on: what its sockets had taken is still sent, and then they break."""
        if self.is_dead:
            return
        self.is_dead = True
        for act in self._last_acts:
            act()
        self._leave_alone()
        # What is torn down on the way can reach nobody: no step of it is taken any more. It may
        # begin tasks all the same.
        while self._tasks:
            task = next(iter(self._tasks))
            del self._tasks[task]
            self._context.copy().run(_torn_down, task.get_coro())
        self._frozen = None

    def freeze(self) -> None:
        """It stands still: what is due for it waits."""
        if self._frozen is None and not self.is_dead:
            self._frozen = []
            self._leave_alone()

    def thaw(self) -> None:
        """It goes on where it was, with whatever has waited."""
        if self._frozen is None:
            return
        waited, self._frozen = self._frozen, None
        loop = asyncio.get_running_loop()
        self._gone = loop.create_future()
        self.gone_at = None
        for turn in waited:
            loop.call_soon(turn.take, context=turn.context)

    def at_death(self, act: Callable[[], None]) -> None:
        """Have the rest of the world learn that it is dead."""
        self._last_acts.append(act)

    def begins(self, task: asyncio.Task[Any]) -> None:
        """A task of it."""
        self._tasks[task] = None

    def ended(self, task: asyncio.Task[Any]) -> None:
        """A task of it that is over."""
        self._tasks.pop(task, None)

    def may_step(self, turn: Turn) -> bool:
        """Count it, unless the process is dead, or dies of it, or stands still."""
        if self.is_dead:
            return False
        if self._frozen is None:
            self.steps += 1
            if self.watch is None:
                return True
            turn.context.run(self.watch, self.steps)
        if self._frozen is not None:
            self._frozen.append(turn)
            return False
        return not self.is_dead

    def _leave_alone(self) -> None:
        if not self.is_gone:
            self._gone.set_result(None)
            self.gone_at = asyncio.get_running_loop().time()


def _heard_by_nobody(task: asyncio.Task[Any]) -> None:
    """What comes of it after all is no fault of the loop, for its asker has given up."""
    if not task.cancelled():
        task.exception()


def _torn_down(work: Any) -> None:
    """Closed, however often it waits for something on its way out."""
    for _ in range(WAYS_OUT_MAX):
        try:
            work.close()
        except RuntimeError:
            continue
        return


def process_of(context: Context | None = None) -> Process | None:
    """Whose context that is, by default the one that runs; None for nobody's."""
    owner = OWNER.get() if context is None else context.get(OWNER)
    return owner if isinstance(owner, Process) else None
