"""One round of questions about orders, shared by all who need it.

Whoever asks gets a round that begins after it asked: the answers of one that is under way may be
older than what it wants to know. All who ask meanwhile share the next one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from backstay.broker.doors.knowing import Inbox
from backstay.broker.doors.wire import Asks, EdgeError, Now


@dataclass(frozen=True, slots=True)
class Round:
    """When it was begun, and which question was not answered, if one was not."""

    begun_at: datetime
    unanswered: str = ""


class Rounds:
    """Asks for open orders, completed orders and executions, and for positions if need be; all in
    one go, because somebody may be waiting with an order that goes on the ladder.
    """

    def __init__(self, asks: Asks, inbox: Inbox, now: Now) -> None:
        self._asks = asks
        self._inbox = inbox
        self._now = now
        self._lock = asyncio.Lock()
        self._begun = 0
        self._ended = 0
        self._last = Round(now())

    async def ask(self) -> Round:
        """A round that begins after now."""
        wanted = self._begun + 1
        async with self._lock:
            if self._ended < wanted:
                self._begun += 1
                number = self._begun
                self._last = await self._ask()
                self._ended = number
            return self._last

    async def _ask(self) -> Round:
        begun_at = self._now()
        questions: list[tuple[str, Callable[[], Awaitable[object]]]] = [
            ("open orders", self._asks.open_orders),
            ("completed orders", self._asks.completed_orders),
            ("executions", self._asks.executions),
        ]
        if self._inbox.completeness.positions_at is None:
            questions.append(("positions", self._asks.positions))
        # The requests leave in this order and are answered in it, so an order that is over before
        # the second is asked has not slipped by: whatever has left the first is in one of the rest.
        answers = await asyncio.gather(*(ask() for _, ask in questions), return_exceptions=True)
        for (question, _), answer in zip(questions, answers, strict=True):
            if isinstance(answer, EdgeError):
                return Round(begun_at, question)
            if isinstance(answer, BaseException):
                raise answer
        return Round(begun_at)
