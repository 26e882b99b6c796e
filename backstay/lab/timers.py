"""What is due when, on a clock that jumps from one timer to the next.

Stands where an asyncio loop has its selector. It knows of no callback what it does. What is due at
the same instant comes in the order in which it was asked for. A run spends much of itself here, so
a turn is one object and few calls.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from heapq import heapify, heappop, heappush
from typing import Any, Protocol

from backstay.gateway.times import SECOND_NS, from_ns

TURNS_AT_ONE_INSTANT_MAX = 1_000_000
"""How often callbacks may follow each other while time stands; what goes on longer has no end."""

CALLED_OFF_MIN = 1000
"""How many timers may be called off before it is worth sweeping them out."""


class StuckError(Exception):
    """Time can't go on; who waits for it is not known yet."""


class Owner(Protocol):
    """Whose turns some are."""

    def may_step(self, turn: "Turn") -> bool:
        """Count the turn as a step; whether it is to be taken now."""


OWNER: ContextVar[Owner | None] = ContextVar("owner", default=None)
"""Whose a context is."""


class Turn(asyncio.TimerHandle):
    """A callback that waits for its turn, at once or at a time, and whose it is.

    It is asyncio's by its name only: what asyncio keeps of a handle is for its debugger.
    """

    __slots__ = ("act", "arguments", "context", "is_called_off", "owner", "timers", "waits")

    def __init__(
        self,
        act: Callable[..., object],
        arguments: tuple[Any, ...],
        context: Context | None,
        timers: "Timers",
    ) -> None:
        if context is None:
            context = copy_context()
        self.act = act
        self.arguments = arguments
        self.context = context
        self.owner = context.get(OWNER)
        self.timers = timers
        self.is_called_off = False
        self.waits = False

    def __repr__(self) -> str:
        return f"<Turn of {self.act!r}>"

    def cancelled(self) -> bool:
        """Whether it was called off."""
        return self.is_called_off

    def cancel(self) -> None:
        """Call it off; what it was to be done with is held no longer."""
        if not self.is_called_off:
            self.is_called_off = True
            self.arguments = ()
            if self.waits:
                self.timers.call_off()

    def take(self) -> None:
        """Do it after all, within another turn."""
        if not self.is_called_off:
            self.act(*self.arguments)


class Timers:
    """The turns that wait for their time, and the clock; `seconds` is how long it has run."""

    def __init__(self, start_ns: int, limit_ns: int) -> None:
        self.now_ns = start_ns
        self.seconds = 0.0
        self.turns = 0
        """How often callbacks have followed each other since time moved."""
        self._start_ns = start_ns
        self._end_ns = start_ns + limit_ns
        self._count = 0
        self._called_off = 0
        self._heap: list[tuple[int, int, Turn]] = []

    def add(self, turn: Turn, seconds: float) -> None:
        """Remember what is due when."""
        self._count += 1
        turn.waits = True
        heappush(self._heap, (self._start_ns + round(seconds * SECOND_NS), self._count, turn))

    def pass_by(self, ns: int) -> None:
        """So much time goes by in which no turn is taken, whatever is due."""
        self.now_ns += ns
        self.seconds = (self.now_ns - self._start_ns) / SECOND_NS

    def call_off(self) -> None:
        """Count what stays in the heap for nothing; once it is the most of it, sweep it out."""
        self._called_off += 1
        if self._called_off > CALLED_OFF_MIN and self._called_off > len(self._heap) // 2:
            self._heap = [entry for entry in self._heap if not entry[2].is_called_off]
            heapify(self._heap)
            self._called_off = 0

    def select(self, ready: deque[Any], *, is_idle: bool) -> None:
        """What is due is ready; where nothing else is to be done, time first moves to a turn."""
        heap = self._heap
        while heap and heap[0][2].is_called_off:
            heappop(heap)
            self._called_off -= 1
        if is_idle:
            due_ns = heap[0][0] if heap else self._end_ns + 1
            if due_ns > self._end_ns:
                raise self._stuck()
            if due_ns > self.now_ns:
                self.now_ns, self.turns = due_ns, 0
                self.seconds = (due_ns - self._start_ns) / SECOND_NS
        self.turns += 1
        if self.turns > TURNS_AT_ONE_INSTANT_MAX:
            turns = f"{TURNS_AT_ONE_INSTANT_MAX} turns of callbacks"
            raise StuckError(f"time stands still at {written(self.now_ns)}: {turns}")
        now_ns = self.now_ns
        while heap and heap[0][0] <= now_ns:
            turn = heappop(heap)[2]
            turn.waits = False
            if turn.is_called_off:
                self._called_off -= 1
            else:
                ready.append(turn)

    def _stuck(self) -> StuckError:
        if not self._heap:
            return StuckError(f"nothing is left to happen at {written(self.now_ns)}")
        return StuckError(f"the run has reached its limit, {written(self._end_ns)}")


def written(time_ns: int) -> str:
    """An instant as a person reads it."""
    return f"{from_ns(time_ns):%Y-%m-%d %H:%M:%S.%f} UTC"
