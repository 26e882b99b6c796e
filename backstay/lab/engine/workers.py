"""Workers of an engine in memory: who takes up its tasks, with the two calls of the library's own.

A worker lives in the process in whose context it runs, and dies with it. It knows no thread and
keeps nothing that could come in another order the next time. Shutting one down is what the library
does when it may not wait: no more polls, and every attempt is cancelled and handed back.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.converter import DataConverter
from temporalio.worker import Interceptor

from backstay.lab.engine.adapter import Doors, Flag, Kinds
from backstay.lab.engine.attempts import SHUTDOWN, Attempt
from backstay.lab.engine.persistence import poll_pauses, reported
from backstay.lab.engine.steps import Run
from backstay.lab.engine.tasks import (
    EngineGoneError,
    RunName,
    TaskGoneError,
    TaskSource,
    WorkflowTask,
)
from backstay.lab.processes import process_of

ATTEMPTS_MAX = 1000
BEATS_WITHIN = timedelta(seconds=60)

Evict = Callable[[RunName], bool]
"""Whether a run is to be dropped from memory; asked after each of its steps."""

Failed = Callable[[RunName, str, str], None]
"""Told of a step that has failed: of which run, what the core calls it, and what was said."""

NONDETERMINISM = "NonDeterminismError"
WORKFLOW_ERROR = "WorkflowError"


def _never(_: RunName) -> bool:
    return False


def _silently(_: RunName, __: str, ___: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a workflow worker keeps its runs, and who is told of them."""

    interceptors: tuple[Interceptor, ...] = ()
    evict: Evict = _never
    failed: Failed = _silently
    runs_max: int = 1000


class _Worker(ABC):
    """Polls until it is told to stop, and sees to what it has begun."""

    def __init__(self, source: TaskSource, queue: str, identity: str) -> None:
        self._source = source
        self._queue = queue
        self._identity = identity
        self._stops = False
        self._polling: asyncio.Task[None] | None = None
        self._under_way: dict[asyncio.Task[None], None] = {}
        self._fault: BaseException | None = None
        self._over: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Take tasks up until told to stop; raises what it dies of."""
        loop = asyncio.get_running_loop()
        self._over = loop.create_future()
        self._begins()
        self._polling = loop.create_task(self._poll())
        if self._stops:
            self._polling.cancel()
        try:
            await self._polling
        except asyncio.CancelledError:
            if not self._stops:
                raise
        finally:
            self._stops = True
            self._ends()
            while self._under_way:
                await asyncio.wait(tuple(self._under_way))
            self._ended()
            self._over.set_result(None)
        if self._fault is not None:
            raise self._fault

    async def shutdown(self) -> None:
        """Give back what it holds, and stop."""
        self._stops = True
        if self._polling is not None:
            self._polling.cancel()
        if self._over is not None:
            await asyncio.shield(self._over)

    async def _poll(self) -> None:
        pauses = poll_pauses()
        while True:
            try:
                await self._take_one()
            except EngineGoneError:
                await asyncio.sleep(next(pauses))
            else:
                pauses = poll_pauses()

    def _attend(self, task: asyncio.Task[None]) -> None:
        """Whatever goes wrong in it is a fault of the worker's own."""
        self._under_way[task] = None
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        fault = None if task.cancelled() else task.exception()
        if fault is not None and self._fault is None:
            self._fault, self._stops = fault, True
            assert self._polling is not None
            self._polling.cancel()

    @abstractmethod
    async def _take_one(self) -> None:
        """Poll, and begin with what comes."""

    @abstractmethod
    def _begins(self) -> None:
        """It polls from now on."""

    @abstractmethod
    def _ends(self) -> None:
        """It polls no more; what is under way may have to be told."""

    @abstractmethod
    def _ended(self) -> None:
        """Nothing is under way any more."""


class WorkflowWorker(_Worker):
    """Runs workflows."""

    def __init__(
        self,
        source: TaskSource,
        queue: str,
        kinds: Sequence[type],
        converter: DataConverter,
        identity: str,
        keeping: Keeping = Keeping(),
    ) -> None:
        super().__init__(source, queue, identity)
        self._kinds = Kinds(queue, kinds, converter, keeping.interceptors)
        self._keeping = keeping
        self._runs: dict[RunName, Run] = {}
        self._newest: dict[RunName, asyncio.Task[None]] = {}

    @property
    def cached(self) -> tuple[RunName, ...]:
        """The runs that it has in memory, the one that was idle for longest first."""
        return tuple(self._runs)

    async def _take_one(self) -> None:
        task = await self._source.poll_workflow_task(self._queue, self._identity)
        before = self._newest.get(task.run)
        step = asyncio.get_running_loop().create_task(self._see_to(task, before))
        self._newest[task.run] = step
        self._attend(step)

    def _begins(self) -> None:
        process = process_of()
        if process is not None:
            process.at_death(self._die)

    def _ends(self) -> None:
        """Steps are few and short: they are waited for."""

    def _ended(self) -> None:
        for name in tuple(self._runs):
            self._drop(name)

    async def _see_to(self, task: WorkflowTask, before: asyncio.Task[None] | None) -> None:
        """Take a step, or answer, when the last one of the same run was handed in."""
        try:
            if before is not None:
                await asyncio.wait((before,))
            await self._take(task)
        finally:
            if self._newest.get(task.run) is asyncio.current_task():
                del self._newest[task.run]

    async def _take(self, task: WorkflowTask) -> None:
        run = self._run_of(task)
        step = run.take(task)
        if run.fault is not None:
            reason = NONDETERMINISM if run.is_astray else WORKFLOW_ERROR
            self._keeping.failed(run.name, reason, run.fault)
        has_failed = step.completion is not None and step.completion.HasField("failed")
        is_taken = False
        # Of a step that fails again the core says nothing: it is waited for, and tried again.
        if not has_failed or task.attempt <= 1:
            with suppress(TaskGoneError, EngineGoneError):
                token = task.token
                await reported(lambda: self._source.complete_workflow_task(token, step))
                is_taken = True
        is_of_use = is_taken and run.fault is None and not run.is_over
        if not is_of_use or self._keeping.evict(run.name):
            self._drop(run.name)
        elif len(self._runs) > self._keeping.runs_max:
            self._drop(next(iter(self._runs)))

    def _run_of(self, task: WorkflowTask) -> Run:
        run = self._runs.pop(task.run, None)
        if run is not None and not run.fits(task.history):
            run.evict()
            run = None
        run = self._runs[task.run] = run or Run(task.run, self._kinds)
        return run

    def _drop(self, name: RunName) -> None:
        run = self._runs.pop(name, None)
        if run is not None:
            run.evict()
            self._source.forgets(self._identity, name)

    def _die(self) -> None:
        """Without a word to anybody. An instance that were left to the collector of garbage would
        be torn down at any time.
        """
        for run in self._runs.values():
            run.evict()
        self._runs.clear()


class ActivityWorker(_Worker):
    """Carries out activities."""

    def __init__(
        self,
        source: TaskSource,
        queue: str,
        activities: Sequence[Callable[..., Any]],
        converter: DataConverter,
        identity: str,
        *,
        attempts_max: int = ATTEMPTS_MAX,
        beats_within: timedelta = BEATS_WITHIN,
    ) -> None:
        super().__init__(source, queue, identity)
        self._doors = Doors(queue, activities, converter)
        self._converter = converter
        self._beats_within = beats_within
        self._slots = asyncio.Semaphore(attempts_max)
        self._shutdown = Flag()
        self._attempts: dict[bytes, Attempt] = {}

    async def _take_one(self) -> None:
        await self._slots.acquire()
        try:
            task = await self._source.poll_activity_task(self._queue, self._identity)
        except BaseException:
            self._slots.release()
            raise
        attempt = Attempt(
            task, self._doors, self._converter, self._source, self._shutdown, self._beats_within
        )
        self._attempts[task.task_token] = attempt
        running = attempt.begin()
        running.add_done_callback(lambda _: self._free(task.task_token))
        self._attend(running)

    def _begins(self) -> None:
        """Nobody has to be told."""

    def _ends(self) -> None:
        self._shutdown.set()
        for attempt in tuple(self._attempts.values()):
            attempt.cancel(SHUTDOWN)

    def _ended(self) -> None:
        """Nothing is left to give back."""

    def _free(self, token: bytes) -> None:
        self._attempts.pop(token, None)
        self._slots.release()
