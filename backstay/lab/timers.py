"""What is due when, on a clock that jumps from one timer to the next.

Stands where an asyncio loop has its selector. It knows of no callback what it does. What is due at
the same instant comes in the order in which it was asked for.
"""

import asyncio
from heapq import heapify, heappop, heappush

from backstay.gateway.times import SECOND_NS, from_ns

TURNS_AT_ONE_INSTANT_MAX = 1_000_000
"""How often callbacks may follow each other while time stands; what goes on longer has no end."""

CALLED_OFF_MIN = 1000
"""How many timers may be called off before it is worth sweeping them out."""


class StuckError(Exception):
    """Time can't go on; who waits for it is not known yet."""


class Timer(asyncio.TimerHandle):
    """A timer that knows whether it still waits in the loop's heap."""

    __slots__ = ("waits",)
    waits: bool


class Timers:
    """The timers that wait, and the clock; times are in nanoseconds."""

    def __init__(self, start_ns: int, limit_ns: int) -> None:
        self.now_ns = start_ns
        self.start_ns = start_ns
        self._end_ns = start_ns + limit_ns
        self._count = 0
        self.turns = 0
        """How often callbacks have followed each other since time moved."""
        self._called_off = 0
        self._heap: list[tuple[int, int, Timer]] = []

    def add(self, timer: Timer) -> None:
        """Remember what is due when."""
        due_ns = self.start_ns + round(timer.when() * SECOND_NS)
        self._count += 1
        timer.waits = True
        heappush(self._heap, (due_ns, self._count, timer))

    def call_off(self, timer: Timer) -> None:
        """Count what stays in the heap for nothing; once it is the most of it, sweep it out."""
        self._called_off += timer.waits
        if CALLED_OFF_MIN < self._called_off > len(self._heap) // 2:
            self._heap = [entry for entry in self._heap if not entry[2].cancelled()]
            heapify(self._heap)
            self._called_off = 0

    def select(self, *, is_idle: bool) -> list[Timer]:
        """What is due; where nothing else is to be done, time first moves to a timer."""
        heap = self._heap
        while heap and heap[0][2].cancelled():
            heappop(heap)
            self._called_off -= 1
        if is_idle:
            self._jump()
        self.turns += 1
        if self.turns > TURNS_AT_ONE_INSTANT_MAX:
            turns = f"{TURNS_AT_ONE_INSTANT_MAX} turns of callbacks"
            raise StuckError(f"time stands still at {written(self.now_ns)}: {turns}")
        due: list[Timer] = []
        while heap and heap[0][0] <= self.now_ns:
            _, _, timer = heappop(heap)
            timer.waits = False
            if timer.cancelled():
                self._called_off -= 1
            else:
                due.append(timer)
        return due

    def _jump(self) -> None:
        if not self._heap:
            raise StuckError(f"nothing is left to happen at {written(self.now_ns)}")
        due_ns = self._heap[0][0]
        if due_ns > self._end_ns:
            raise StuckError(f"the run has reached its limit, {written(self._end_ns)}")
        if due_ns > self.now_ns:
            self.now_ns, self.turns = due_ns, 0


def written(time_ns: int) -> str:
    """An instant as a person reads it."""
    return f"{from_ns(time_ns):%Y-%m-%d %H:%M:%S.%f} UTC"
