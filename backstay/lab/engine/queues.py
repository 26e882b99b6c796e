"""Who waits for work, and which work waits for somebody.

Owns the matching: the work that has waited longest goes to the poll that has waited longest, but
what somebody has in memory is kept for him. A poll is open for a minute, and an idle worker asks
again at once; of one that stands still the engine learns only when the minute is over, and one that
has died hangs up. All of it is lost when the engine goes, but for the work.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from backstay.gateway.times import SECOND_NS
from backstay.lab.engine.alarms import Alarms
from backstay.lab.engine.wires import Call, is_alive

POLL_SECONDS = 60.0
SIGN_SECONDS = 2.0
"""How often a worker gives the engine a sign of life."""

FORGOTTEN_SECONDS = 300.0
"""How long the engine names somebody who polls no more."""

NOT_SERVED_SECONDS = 10.0
"""How long nobody may poll for the runs that he has in memory before they are not kept for him."""


class Poll:
    """Somebody waits for work."""

    __slots__ = ("asked_at", "call", "identity", "is_open", "poller")

    def __init__(self, identity: str, call: Call, at: float, poller: "Poller") -> None:
        self.identity = identity
        self.call = call
        self.asked_at = at
        self.poller = poller
        self.is_open = True

    def is_there(self, now: float) -> bool:
        """Whether it can be given anything: whoever lives asks again at once, and of whoever stands
        still the engine learns when the minute is over.
        """
        process = self.call.process
        lives = process is None or process.gone_at is None
        return lives or now - self.asked_last_at(now) < POLL_SECONDS

    def asked_last_at(self, now: float) -> float:
        """When it was asked last, a minute after each time before."""
        process = self.call.process
        if process is not None and process.gone_at is not None:
            now = min(now, process.gone_at)
        return self.asked_at + max(now - self.asked_at, 0.0) // POLL_SECONDS * POLL_SECONDS


class Poller:
    """Somebody who has polled a queue."""

    __slots__ = ("ahead_ns", "began_at", "identity", "left_at", "open")

    def __init__(self, identity: str, at: float) -> None:
        self.ahead_ns = 0
        """How far the machine's clock was ahead when he asked last."""
        self.identity = identity
        self.began_at = at
        self.left_at = at
        self.open: dict[int, Poll] = {}

    def asked_last_at(self, now: float) -> float:
        """When a poll of his has begun or ended last."""
        last = self.left_at
        for poll in self.open.values():
            asked_at = poll.asked_last_at(now)
            is_over = now - asked_at >= POLL_SECONDS
            last = max(last, asked_at + POLL_SECONDS if is_over else asked_at)
        return last

    def is_alive(self) -> bool:
        """Whether he asks again, so that what is known of him is new."""
        return any(is_alive(poll.call.process) for poll in self.open.values())

    def signed_at(self, now: float) -> float:
        """When he gave his last sign of life; whoever stands still gives none."""
        last = self.left_at
        for poll in self.open.values():
            process = poll.call.process
            gone_at = None if process is None else process.gone_at
            last = max(last, now if gone_at is None else min(now, gone_at))
        return self.began_at + (last - self.began_at) // SIGN_SECONDS * SIGN_SECONDS


class Work(NamedTuple):
    """Something to be done by somebody. `give` hands it to a poll."""

    is_wanted: Callable[[], bool]
    give: Callable[[Poll], None]
    whose: Callable[[], str]
    """For whom it is kept; empty if it is anybody's."""


class TaskQueue:
    """One queue, of one sort of work."""

    def __init__(self, alarms: Alarms, ahead_ns: Callable[[], int]) -> None:
        self._alarms = alarms
        self._ahead_ns = ahead_ns
        self._work: list[Work] = []
        self._polls: dict[int, Poll] = {}
        self.pollers: dict[str, Poller] = {}

    def offer(self, work: Work) -> None:
        """Have it done."""
        poll = self._poll_for(work)
        if poll is None:
            self._work.append(work)
        else:
            self._give(work, poll)

    def poll(self, identity: str, call: Call) -> None:
        """Somebody asks for work."""
        if call.is_over:
            return
        now = self._alarms.now
        poller = self.pollers.get(identity)
        if poller is None:
            poller = self.pollers[identity] = Poller(identity, now)
        poller.ahead_ns = self._ahead_ns()
        poll = Poll(identity, call, now, poller)
        poller.open[call.number] = self._polls[call.number] = poll
        call.when_dropped = partial(self._close, poll)
        work = self._work_for(identity)
        if work is not None:
            self._give(work, poll)

    def match(self) -> None:
        """Look again who may do what: what was kept for somebody may be anybody's now."""
        waiting, self._work = self._work, []
        for work in waiting:
            if work.is_wanted():
                self.offer(work)

    def is_served_by(self, identity: str) -> bool:
        """Whether he is about."""
        poller = self.pollers.get(identity)
        if poller is None:
            return False
        self._drop_over(poller)
        now = self._alarms.now
        return bool(poller.open) or now - poller.left_at < NOT_SERVED_SECONDS

    def leave(self) -> None:
        """Forget who waits: his call is lost."""
        self._polls.clear()
        self.pollers.clear()

    def known(self) -> Iterator[Poller]:
        """Who has polled within some minutes."""
        now = self._alarms.now
        for poller in self.pollers.values():
            self._drop_over(poller)
            if now - poller.asked_last_at(now) < FORGOTTEN_SECONDS:
                yield poller

    def _poll_for(self, work: Work) -> Poll | None:
        now, whose = self._alarms.now, work.whose()
        for poll in tuple(self._polls.values()):
            if poll.call.is_over:
                self._close(poll)
            elif whose in ("", poll.identity) and poll.is_there(now):
                return poll
        return None

    def _work_for(self, identity: str) -> Work | None:
        found: Work | None = None
        self._work = [work for work in self._work if work.is_wanted()]
        for work in self._work:
            whose = work.whose()
            if whose == identity:
                found = work
                break
            if not whose and found is None:
                found = work
        if found is not None:
            self._work.remove(found)
        return found

    def _give(self, work: Work, poll: Poll) -> None:
        self._close(poll)
        work.give(poll)

    def _drop_over(self, poller: Poller) -> None:
        for poll in tuple(poller.open.values()):
            if poll.call.is_over:
                self._close(poll)

    def _close(self, poll: Poll) -> None:
        if poll.is_open:
            poll.is_open = False
            self._polls.pop(poll.call.number, None)
            poll.poller.open.pop(poll.call.number, None)
            process = poll.call.process
            gone_at = None if process is None else process.gone_at
            poll.poller.left_at = self._alarms.now if gone_at is None else gone_at


class Queues:
    """Every queue by its name. `date_ns` is the true date, `now_ns` the clock of the machine."""

    def __init__(
        self, alarms: Alarms, date_ns: Callable[[], int], now_ns: Callable[[], int]
    ) -> None:
        self._alarms = alarms
        self._origin_ns = date_ns() - round(alarms.now * SECOND_NS)
        self._date_ns = date_ns
        self._now_ns = now_ns
        self._workflows: dict[str, TaskQueue] = {}
        self._activities: dict[str, TaskQueue] = {}

    def workflows(self, name: str) -> TaskQueue:
        """Where steps of workflows wait."""
        return self._of(self._workflows, name)

    def activities(self, name: str) -> TaskQueue:
        """Where attempts of activities wait."""
        return self._of(self._activities, name)

    def serving(self, name: str) -> Iterator[Poller]:
        """Who has polled for either."""
        yield from self.workflows(name).known()
        yield from self.activities(name).known()

    def polled_ns(self, poller: Poller) -> int:
        """When somebody has polled last, by the clock of the machine at that time."""
        ahead = self._ahead_ns() if poller.is_alive() else poller.ahead_ns
        return self._origin_ns + round(poller.asked_last_at(self._alarms.now) * SECOND_NS) + ahead

    def signed_ns(self, poller: Poller) -> int:
        """The true date of somebody's last sign of life."""
        return self._origin_ns + round(poller.signed_at(self._alarms.now) * SECOND_NS)

    def leave(self) -> None:
        """Forget who waits."""
        for queue in (*self._workflows.values(), *self._activities.values()):
            queue.leave()

    def _of(self, queues: dict[str, TaskQueue], name: str) -> TaskQueue:
        queue = queues.get(name)
        if queue is None:
            queue = queues[name] = TaskQueue(self._alarms, self._ahead_ns)
        return queue

    def _ahead_ns(self) -> int:
        return self._now_ns() - self._date_ns()
