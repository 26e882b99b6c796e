"""The two workers, each in a process of its own, and a supervisor who begins the next one.

Owns what a worker is made of here: the real role on the real foundation, over an engine, a gateway
and a clock that are the run's. It refuses to know when anybody dies; it is told.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Protocol

from temporalio.client import Client

from backstay.accounts.file import Mark
from backstay.accounts.notices import NOTICES_KEPT, Note
from backstay.accounts.store import AccountStore, Answer, KeptKill
from backstay.domain.limits.kill import KillMode
from backstay.gateway.times import from_ns
from backstay.lab.at_once import AtOnce
from backstay.lab.oracle import happenings
from backstay.lab.processes import Process
from backstay.lab.simulation.journal import Source
from backstay.lab.simulation.recorder import Recorder
from backstay.lab.simulation.scenario import Role
from backstay.lab.virtual_time import VirtualLoop
from workers.bootstrap import Foundation, Paces
from workers.broker import BrokerRole
from workers.config import Settings
from workers.labour import Labour
from workers.trades import TradesRole

BOOK_SECONDS = 0.0015
"""How long the book takes for anything, as on a disk that is quick."""

PACES = Paces(book=0.5, read=5.0, beat=5.0, drain=10.0, probe=5.0, attendance=4.0)
"""More seldom than in earnest, and often enough for every law: the mark of its
book misses nothing."""

AGAIN_SECONDS = 1.0
"""When the supervisor begins a worker anew that has ended by itself."""

END_SECONDS_MAX = 8.0


Stepped = Callable[[Role, int], None]
"""Told of each step of a worker before it is taken, by its number in its process."""


class MachineClock:
    """The machine's clock, which can be set; every process reads the same."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._boots = 0
        self.ahead = timedelta()

    def now(self) -> datetime:
        """What the machine says."""
        return from_ns(self._loop.now_ns) + self.ahead

    def boot(self) -> str:
        """A name for one life of one process."""
        self._boots += 1
        return f"boot{self._boots}"


class Employer(Labour, Protocol):
    """What the engine in memory gives to a process: its workers, and clients."""

    def client(self) -> Client:
        """A client with a wire of its own."""


class ToldStore(AccountStore):
    """A book that says what was put on its board, and that a kill stands in it, once that is so.

    Its mark is the number of changes of the run, for the clock that dates files is not the run's.
    """

    def __init__(self, path: Path, account: str, recorder: Recorder) -> None:
        super().__init__(path, account, thread=AtOnce(BOOK_SECONDS))
        self._recorder = recorder

    def mark(self) -> Mark:
        """How often any book of the run has changed."""
        return ((self._recorder.book_changes,),)

    async def _changing(self, decide: Callable[[Connection], Answer]) -> Answer:
        answer = await super()._changing(decide)
        self._recorder.book_changes += 1
        return answer

    async def note(self, *notes: Note) -> tuple[Note, ...]:
        """Keep them; what was not there before is told."""
        new = await super().note(*notes)
        for each in new:
            self._recorder.note(each)
        return new

    async def kill(self, mode: KillMode, reason: str, by: str, at: datetime) -> KeptKill:
        """Stop trading."""
        kept = await super().kill(mode, reason, by, at)
        if kept.state.mode is not None:
            self._recorder.happened(happenings.Killed(kept.state.epoch, kept.state.mode))
        for each in await self.notes(NOTICES_KEPT):
            # Others may have written down theirs since, so it need not be the last one.
            if each.note.name == f"kill:{kept.state.epoch}":
                self._recorder.note(each.note)
        return kept


@dataclass(slots=True)
class Worker:
    """One life of one worker."""

    role: Role
    process: Process
    life: asyncio.Task[None]


class Staff:
    """Who is at work."""

    def __init__(
        self,
        settings: Settings,
        employer: Employer,
        clock: MachineClock,
        recorder: Recorder,
        later: Callable[[float, Callable[[], object]], None],
    ) -> None:
        self._settings = settings
        self._employer = employer
        self._clock = clock
        self._recorder = recorder
        self._steps_before = 0
        self.stepped: Stepped | None = None
        self._later = later
        self._workers: dict[Role, list[Worker]] = {role: [] for role in Role}
        self._is_wanted = dict.fromkeys(Role, False)

    def come(self) -> None:
        """Both begin, unless they are there."""
        for role in Role:
            self._is_wanted[role] = True
            if not self._workers[role]:
                self._begin(role)

    async def go(self) -> None:
        """All of them end in good order."""
        for role in Role:
            self._is_wanted[role] = False
        leaving = [worker for role in Role for worker in self._workers[role]]
        for worker in leaving:
            worker.process.thaw()
            worker.life.cancel()
        if leaving:
            await asyncio.wait([each.life for each in leaving], timeout=END_SECONDS_MAX)
        for worker in leaving:
            self._left(worker)

    def process(self, role: Role) -> Process | None:
        """The one that has come last, if any is there."""
        workers = self._workers[role]
        return workers[-1].process if workers else None

    @property
    def processes(self) -> tuple[Process, ...]:
        """Everybody who is there."""
        return tuple(worker.process for role in Role for worker in self._workers[role])

    @property
    def steps(self) -> int:
        """How many steps all of them have taken so far."""
        return self._steps_before + sum(process.steps for process in self.processes)

    # --- what happens to them ---

    def crash(self, role: Role, down_seconds: float) -> bool:
        """The one that has come last dies; whether there was one."""
        workers = self._workers[role]
        if not workers:
            return False
        worker = workers[-1]
        worker.process.kill()
        self._forget(worker)
        self._gone(role, "died")
        self._later(down_seconds, partial(self._again, role))
        return True

    def stall(self, role: Role, seconds: float) -> bool:
        """It stands still for so long; whether there was one that did not already."""
        process = self.process(role)
        if process is None or process.is_gone:
            return False
        process.freeze()
        self._recorder.happened(happenings.WorkerFroze(role))
        self._later(seconds, partial(self._thaw, role, process))
        return True

    def rival(self, seconds: float) -> bool:
        """The broker's worker stands still for so long, and a second one begins at once."""
        if not self.stall(Role.BROKER, seconds):
            return False
        self._begin(Role.BROKER)
        return True

    def thaw(self) -> None:
        """Nobody stands still any more."""
        for role in Role:
            for worker in self._workers[role]:
                self._thaw(role, worker.process)

    # --- how they live ---

    def _thaw(self, role: Role, process: Process) -> None:
        if process.is_gone and not process.is_dead:
            process.thaw()
            self._recorder.happened(happenings.WorkerThawed(role))

    def _gone(self, role: Role, how: str) -> None:
        self._recorder.happened(happenings.WorkerDied(role))
        self._recorder.told(Source.STRIKE, {"what": how, "who": role.value})

    def _again(self, role: Role) -> None:
        if self._is_wanted[role] and not self._workers[role]:
            self._begin(role)

    def _begin(self, role: Role) -> None:
        process = Process(f"{role} {self._clock.boot()}")
        if self.stepped is not None:
            process.watch = partial(self.stepped, role)
        life = process.run(_begun, self._live(role))
        worker = Worker(role, process, life)
        self._workers[role].append(worker)
        life.add_done_callback(lambda _: self._later(0.0, partial(self._ended, worker)))
        self._recorder.happened(happenings.WorkerStarted(role))
        self._recorder.told(Source.STRIKE, {"what": "begins", "who": role.value})

    async def _live(self, role: Role) -> None:
        store = ToldStore(self._settings.book, self._settings.account, self._recorder)
        foundation = Foundation(
            self._settings,
            self._employer.client(),
            store,
            self._employer,
            tuple,
            self._clock,
            PACES,
        )
        foundation.start()
        work = BrokerRole(foundation) if role is Role.BROKER else TradesRole(foundation)
        try:
            await work.run()
        except (asyncio.CancelledError, Exception):
            # Who is killed closes nothing: that is no exception of either sort.
            for closes in (work, foundation.health, foundation.board, store):
                await closes.close()
            raise

    def _ended(self, worker: Worker) -> None:
        """By itself, so the supervisor begins another one; unless it was told to."""
        if not self._is_wanted[worker.role]:
            self._left(worker)
        if worker not in self._workers[worker.role]:
            return
        self._forget(worker)
        fault = None if worker.life.cancelled() else worker.life.exception()
        worker.process.kill()
        self._gone(worker.role, f"ended by itself: {fault!r}")
        self._later(AGAIN_SECONDS, partial(self._again, worker.role))

    def _left(self, worker: Worker) -> None:
        if worker in self._workers[worker.role]:
            worker.process.kill()
            self._forget(worker)
            self._gone(worker.role, "ended")

    def _forget(self, worker: Worker) -> None:
        workers = self._workers[worker.role]
        if worker in workers:
            workers.remove(worker)
            self._steps_before += worker.process.steps


def _begun(life: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    return asyncio.get_running_loop().create_task(life)
