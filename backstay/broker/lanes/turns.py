"""Who may leave now, and when the next may.

Owns the budget, the order of the lanes and the pace of entries. The budget is a sliding window: at
no time have more messages left within a second than it holds. A lane has a ceiling in it, and each
upper lane's is higher, so that no flood below ever takes the room of what is above. What waits for
room has everything below it wait, too; an entry that waits only for its symbol's second holds
nobody up.

Above all lanes is the proof: the question whether the session lives. While the session is held, it
is the only one that may leave.
"""

from collections import deque
from typing import NamedTuple

from backstay.broker.doors.wire import Departure, Lost
from backstay.domain.ids import Lane

MESSAGES_MAX = 45
"""In any second, over everything; IB cuts off who sends more than 50."""

WINDOW_SECONDS = 1.0
ENTRY_APART_SECONDS = 1.0
"""How far apart two entries of the same symbol leave."""

CEILINGS = {
    Lane.CANCEL: MESSAGES_MAX,
    Lane.EXIT: 43,
    Lane.PROTECT: 40,
    Lane.HEDGE: 38,
    Lane.ENTRY: 35,
    Lane.DATA: 30,
}
"""How far each lane may fill the window. Below 15 cancels there is always room at once."""

PROOF = -1
"""The rank of the proof; that of a lane is its value."""

_CEILINGS = (*(CEILINGS[lane] for lane in Lane), MESSAGES_MAX)  # the last one is that of PROOF
_LATE_SECONDS = 1e-6
"""A timer is set so much later than what it waits for, that rounding never wakes it too early."""


class Waiting(NamedTuple):
    """What has been accepted into a lane."""

    rank: int
    departure: Departure
    lost: Lost
    messages: int = 1
    symbol: str = ""


class Turns:
    """What waits, and what has left within the last second. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._queues: dict[int, deque[Waiting]] = {PROOF: deque()}
        self._queues.update((lane.value, deque()) for lane in Lane)
        self._left_at: deque[float] = deque()
        self._entered_at: dict[str, float] = {}
        self.is_held = False
        self.count = 0
        """How many departures wait."""

    @property
    def messages(self) -> int:
        """How many messages wait."""
        return sum(waiting.messages for queue in self._queues.values() for waiting in queue)

    def check(self, rank: int, messages: int) -> None:
        """Refuse what could never leave together."""
        if not 1 <= messages <= _CEILINGS[rank]:
            raise ValueError(f"{messages} messages can't leave together; {_CEILINGS[rank]} can")

    def add(self, waiting: Waiting) -> None:
        """Have it wait behind all of its rank."""
        self._queues[waiting.rank].append(waiting)
        self.count += 1

    def may_leave(self, new: Waiting, now: float) -> bool:
        """Whether what has not been added need not wait at all."""
        if self.is_held and new.rank != PROOF:
            return False
        if self.count and self._is_anybody_before(new.rank, now):
            return False
        return self._paced_until(new, now) is None and self._full_until(new, now) is None

    def next(self, now: float) -> Waiting | float | None:
        """Who leaves now, and no longer waits; or when to ask again; or None if nobody can."""
        again_at: float | None = None
        for rank, queue in self._queues.items():
            if self.is_held and rank != PROOF:
                break
            for place, waiting in enumerate(queue):
                until = self._paced_until(waiting, now)
                if until is None:
                    until = self._full_until(waiting, now)
                    if until is None:
                        del queue[place]
                        self.count -= 1
                        return waiting
                    return until if again_at is None else min(until, again_at)
                again_at = until if again_at is None else min(until, again_at)
        return again_at

    def left(self, waiting: Waiting, messages: int, now: float) -> None:
        """So many messages of it have left; one that needed none costs nothing."""
        if not messages:
            return
        self._left_at.extend([now] * messages)
        if waiting.rank == Lane.ENTRY and waiting.symbol:
            self._entered_at.pop(waiting.symbol, None)
            self._entered_at[waiting.symbol] = now

    def clear(self) -> tuple[Waiting, ...]:
        """Everybody who waits, in the order of the lanes; nobody waits any more."""
        everybody = tuple(waiting for queue in self._queues.values() for waiting in queue)
        for queue in self._queues.values():
            queue.clear()
        self.count = 0
        return everybody

    def _is_anybody_before(self, rank: int, now: float) -> bool:
        for other, queue in self._queues.items():
            if other > rank:
                return False
            if any(self._paced_until(waiting, now) is None for waiting in queue):
                return True
        return False

    def _paced_until(self, waiting: Waiting, now: float) -> float | None:
        """When its symbol's second is over, or None if nothing of the kind holds it."""
        if waiting.rank != Lane.ENTRY or waiting.symbol not in self._entered_at:
            return None
        over_at = self._entered_at[waiting.symbol] + ENTRY_APART_SECONDS
        if over_at > now:
            return over_at + _LATE_SECONDS
        del self._entered_at[waiting.symbol]
        return None

    def _full_until(self, waiting: Waiting, now: float) -> float | None:
        """When there is room for it, or None if there is."""
        left_at = self._left_at
        while left_at and left_at[0] + WINDOW_SECONDS <= now:
            left_at.popleft()
        too_many = len(left_at) + waiting.messages - _CEILINGS[waiting.rank]
        if too_many <= 0:
            return None
        return left_at[too_many - 1] + WINDOW_SECONDS + _LATE_SECONDS
