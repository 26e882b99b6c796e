"""Questions that have been asked, and the answers as they come in.

Of each kind one question is under way; the others wait, and who asks the same while it waits shares
its answer, never one that was asked for before. An answer counts only from its first item to its
end. The time for it runs from when the question leaves.

Some answers carry no number. If one is late, it would pass for the answer to the next question of
its kind, and an old state for a new one. So such a question stays under way until its answer has
come or the line is gone; who waits behind it for as long as an answer may take is told that it is
stuck, and nothing was asked: only a new line helps.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Protocol

from backstay.broker.doors.wire import (
    Departure,
    EdgeError,
    Lost,
    NotAnsweredError,
    RequestRefusedError,
)
from backstay.broker.line.errors import OwedError, SpoiltError, StuckError
from backstay.broker.line.kinds import Kind
from backstay.domain.ids import Lane

IN_LANE_SECONDS_MAX = 30.0
"""How long a question may wait for its place on the wire, which a thousand others may want."""

Answer = tuple[object, ...]
Request = Callable[[], tuple[int | str, bytes]]
"""Called as the question leaves: how it is named from now on, and its frame."""


class Outgoing(Protocol):
    """The lanes, as far as questions need them."""

    def send(self, lane: Lane, departure: Departure, lost: Lost) -> bool:
        """Have it leave as soon as its lane allows."""

    def probe(self, departure: Departure, lost: Lost) -> bool:
        """Have it leave before all lanes, also while they are held."""


class _Asked:
    """One question, and who waits for its answer."""

    def __init__(self, kind: Kind, subject: object, request: Request) -> None:
        self.kind = kind
        self.subject = subject
        self.request = request
        self.waiters: list[asyncio.Future[Answer]] = []
        self.items: list[object] = []
        self.question: int | str | None = None
        """None as long as it has not left."""
        self.has_begun = False
        self.is_over = False
        self.is_owed = False
        """Whether it was given up, and its answer may yet come."""
        self.gap = ""
        """Why its answer is not complete even at its end."""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether anybody still waits."""
        return any(not waiter.done() for waiter in self.waiters)

    def wait(self, seconds: float, given_up: Callable[[], None]) -> None:
        """Have it given up after so long, instead of when it was to be before."""
        self.rest()
        self._timer = asyncio.get_running_loop().call_later(seconds, given_up)

    def rest(self) -> None:
        """Do not have it given up."""
        if self._timer is not None:
            self._timer.cancel()

    def answer(self) -> None:
        """Tell everybody the answer."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(tuple(self.items))

    def fail(self, error: Callable[[], EdgeError]) -> None:
        """Everybody is given an error of their own."""
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_exception(error())


class Questions:
    """What is under way, for one line after the other."""

    def __init__(self, lanes: Outgoing) -> None:
        self._lanes = lanes
        self._loop = asyncio.get_running_loop()
        self._queues: defaultdict[Kind, deque[_Asked]] = defaultdict(deque)
        self._under_way: dict[int | str, _Asked] = {}
        self._going: set[Kind] = set()
        """Kinds whose next question is being sent in this turn, which may fail at once."""

    async def ask(self, kind: Kind, subject: object, request: Request) -> Answer:
        """The complete answer, or NotAnsweredError, or RequestRefusedError."""
        queue = self._queues[kind]
        asked = next((a for a in queue if a.question is None and a.subject == subject), None)
        if asked is None:
            asked = _Asked(kind, subject, request)
            queue.append(asked)
            if queue[0].is_owed:
                self._wait_for_owed(asked)
        waiter: asyncio.Future[Answer] = self._loop.create_future()
        asked.waiters.append(waiter)
        self._go(kind)
        return await waiter

    def line_lost(self, why: str) -> None:
        """No answer comes any more; what is asked from now on is asked on another line."""
        everything = [asked for queue in self._queues.values() for asked in queue]
        for queue in self._queues.values():
            queue.clear()
        self._under_way.clear()
        for asked in everything:
            asked.is_over = True
            asked.rest()
            self._give_up(asked, why)

    # --- what the hearing calls -----------------------------------------------------------------

    def add(self, question: int | str, item: object) -> None:
        """One more item of the answer."""
        if asked := self._under_way.get(question):
            asked.items.append(item)

    def end(self, question: int | str) -> None:
        """The answer is complete."""
        if asked := self._under_way.get(question):
            if asked.gap:
                asked.fail(lambda: SpoiltError(f"{asked.kind.name}: {asked.gap}"))
            else:
                asked.answer()
            self._conclude(asked)

    def spoil(self, kind: str, why: str) -> None:
        """An item that may belong to an answer of this kind could not be read."""
        for question, asked in list(self._under_way.items()):
            if asked.kind.name == kind:
                asked.gap = f"an item could not be read: {why}"
                if asked.kind.is_one_message:
                    self.end(question)

    def fail(self, question: int, code: int, text: str) -> bool:
        """The broker says no; whether anybody had asked."""
        asked = self._under_way.get(question)
        if asked is None:
            return False
        asked.fail(lambda: RequestRefusedError(code, text))
        self._conclude(asked)
        return True

    # --- one after the other --------------------------------------------------------------------

    def _go(self, kind: Kind) -> None:
        """Have the first of a kind leave, unless it is under way."""
        if kind in self._going:
            return
        self._going.add(kind)
        queue = self._queues[kind]
        while queue and not queue[0].has_begun:
            self._begin(queue[0])
        self._going.remove(kind)

    def _begin(self, asked: _Asked) -> None:
        asked.has_begun = True
        asked.wait(
            IN_LANE_SECONDS_MAX,
            lambda: self._drop(asked, f"it has waited {IN_LANE_SECONDS_MAX:g} s to be sent"),
        )

        def departure() -> tuple[bytes, ...]:
            return self._depart(asked)

        def lost(why: str) -> None:
            self._drop(asked, why)

        if asked.kind.is_proof:
            self._lanes.probe(departure, lost)
        else:
            self._lanes.send(Lane.DATA, departure, lost)

    def _depart(self, asked: _Asked) -> tuple[bytes, ...]:
        if asked.is_over:
            return ()
        if not asked.is_wanted:
            self._conclude(asked)
            return ()
        question, frame = asked.request()
        asked.question = question
        self._under_way[question] = asked
        asked.wait(asked.kind.seconds_max, lambda: self._late(asked))
        return (frame,)

    def _late(self, asked: _Asked) -> None:
        """The answer has not come in time. One that can't be told apart is owed from now on."""
        why = f"no answer in {asked.kind.seconds_max:g} s"
        if asked.kind.is_told_apart:
            self._give_up(asked, why)
            self._conclude(asked)
            return
        asked.fail(lambda: OwedError(f"{asked.kind.name}: {why}"))
        asked.is_owed = True
        for other in self._queues[asked.kind]:
            if other is not asked:
                self._wait_for_owed(other)

    def _wait_for_owed(self, asked: _Asked) -> None:
        def stuck() -> None:
            why = f"{asked.kind.name}: an earlier question is still owed its answer"
            asked.fail(lambda: StuckError(why))
            self._conclude(asked)

        asked.wait(asked.kind.seconds_max, stuck)

    def _drop(self, asked: _Asked, why: str) -> None:
        """It has not left, and never will."""
        if not asked.is_over:
            self._give_up(asked, why)
            self._conclude(asked)

    def _give_up(self, asked: _Asked, why: str) -> None:
        asked.fail(lambda: NotAnsweredError(f"{asked.kind.name}: {why}"))

    def _conclude(self, asked: _Asked) -> None:
        """It is over; the next of its kind may leave."""
        asked.is_over = True
        asked.rest()
        if asked.question is not None:
            del self._under_way[asked.question]
        self._queues[asked.kind].remove(asked)
        self._go(asked.kind)
