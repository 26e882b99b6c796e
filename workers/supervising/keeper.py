"""Keeps one part alive: begins it, sees it die, begins it again, and gives it up some day.

When is decided in `policy`. Here is only how long to wait and what to tell; a process is whatever
can be started, serves some day, and is gone some day.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Protocol

from workers.health import HealthReport
from workers.supervising.ends import End
from workers.supervising.policy import (
    Again,
    Deaths,
    GivenUp,
    Silence,
    after_death,
    after_false_start,
    after_miss,
)
from workers.supervising.report import PartReport, PartState
from workers.supervising.roster import Part, Process, Running

PROBE_SECONDS = 1.0
"""How often a part is asked for a sign of life."""

_LOG = logging.getLogger("backstay.house")


class NotServingError(Exception):
    """A process has ended before it served, or takes too long; the message is one line. `end` is
    how it ended, if it did so by itself.
    """

    def __init__(self, text: str, end: End | None = None) -> None:
        super().__init__(text)
        self.end = end


@dataclass(frozen=True, slots=True)
class Answer:
    """A sign of life; of a worker, with how it stands."""

    health: HealthReport | None = None


class KeptProcess(Protocol):
    """A process that was started."""

    @property
    def process(self) -> Process:
        """Which one it is."""

    async def ready(self) -> str:
        """Wait until it serves; where it answers. NotServingError if it never will."""

    async def answer(self, address: str) -> Answer | None:
        """What it says when it is asked there; None if it says nothing, or not in time."""

    async def gone(self) -> str:
        """Wait for its end; how it came about."""

    async def end(self) -> None:
        """Have it end, by force if it takes too long."""

    def kill(self) -> None:
        """End it where it stands."""


class Starter(Protocol):
    """How a part is begun."""

    @property
    def part(self) -> Part:
        """Which part it is."""

    @property
    def address(self) -> str:
        """Where it is to answer, as far as that is known before."""

    async def start(self) -> KeptProcess:
        """Begin a process. NotServingError if there can't be any."""


class Listener(Protocol):
    """Who hears of a part."""

    async def may_begin(self, part: Part) -> None:
        """Wait until what it needs is there. NotServingError if that never will be."""

    def changed(self) -> None:
        """Something is otherwise than it was."""

    def died(self, part: Part, how: str, next_step: Again | GivenUp) -> None:
        """It has died, and this is what is done."""

    def lives_again(self, part: Part) -> None:
        """It serves again."""

    def fell_silent(self, part: Part, seconds: float) -> None:
        """It runs and has not answered for so long."""

    def answers_again(self, part: Part) -> None:
        """It was silent, and has answered."""


class Keeper:
    """Keeps the part that `starter` begins."""

    def __init__(self, starter: Starter, listener: Listener, now: Callable[[], datetime]) -> None:
        self._starter = starter
        self._listener = listener
        self._now = now
        self._child: KeptProcess | None = None
        self._task: asyncio.Task[None] | None = None
        self._deaths = Deaths()
        self._state = PartState.STARTING
        self._since = now()
        self._began = now()
        self._address = starter.address
        self._restarts = 0
        self._trouble = ""
        self._health: HealthReport | None = None
        self._health_at: float | None = None
        self._silence = Silence()

    @property
    def part(self) -> Part:
        """Which part it is."""
        return self._starter.part

    @property
    def running(self) -> Running | None:
        """What stands of it in the roster; None while no process of it runs."""
        if self._child is None:
            return None
        return Running(self.part, self._child.process, self._address, self._began, self._restarts)

    def report(self) -> PartReport:
        """How it stands."""
        age = None
        if self._health_at is not None:
            age = asyncio.get_running_loop().time() - self._health_at
        return PartReport(
            part=self.part,
            state=self._state,
            since=self._since,
            pid=self._child.process.pid if self._child else None,
            address=self._address,
            restarts=self._restarts,
            trouble=self._trouble,
            health=self._health,
            health_age_seconds=age,
            silent_seconds=self._silence.seconds,
        )

    async def begin(self) -> None:
        """Begin it, and keep it from then on. NotServingError if it can't even begin once."""
        child = await self._begun_at_first()
        self._task = asyncio.create_task(self._keep(child))
        self._task.add_done_callback(self._fell)

    async def leave(self) -> None:
        """Keep it no more: if it dies now, it stays dead."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def end(self) -> None:
        """Have it end, once it is kept no more."""
        if self._child is not None:
            await self._child.end()
        self._child = None
        if self._state is not PartState.GIVEN_UP:
            self._turn(PartState.ENDED)

    def kill(self) -> None:
        """End it where it stands, and keep it no more."""
        if self._task is not None:
            self._task.cancel()
        if self._child is not None:
            self._child.kill()

    async def _begun_at_first(self) -> KeptProcess:
        """Like `_begun`; a mischance is worth another try."""
        for number in count(1):
            try:
                return await self._begun()
            except NotServingError as error:
                again = after_false_start(number, error.end) if error.end else None
                if again is None:
                    raise
                _LOG.warning("%s: %s; begins again", self.part, error)
            await asyncio.sleep(again.pause_seconds)
        raise AssertionError("the last try returns or raises")

    def _fell(self, task: asyncio.Task[None]) -> None:
        """Whatever nobody foresaw must not leave a part that only seems to be kept."""
        if task.cancelled() or task.exception() is None:
            return
        self._trouble = f"it is not kept any more: {task.exception()!r}"
        _LOG.critical("%s: %s", self.part, self._trouble, exc_info=task.exception())
        self._turn(PartState.GIVEN_UP)

    async def _begun(self) -> KeptProcess:
        """A process that serves. NotServingError whatever keeps it from that: it is tried again."""
        try:
            child = await self._starter.start()
        except OSError as error:
            raise NotServingError(f"it can't be started: {error.strerror}") from None
        self._child, self._began, self._address = child, self._now(), self._starter.address
        self._turn(PartState.STARTING)
        try:
            self._address = await child.ready()
        except Exception as error:
            await child.end()
            self._child = None
            if isinstance(error, NotServingError):
                raise
            raise NotServingError(f"{type(error).__name__}: {error}") from error
        self._silence = Silence()
        self._heard(await child.answer(self._address))
        self._turn(PartState.RUNNING)
        return child

    async def _keep(self, child: KeptProcess | None) -> None:
        """See it die and begin it again, until it is given up."""
        how = ""
        while True:
            if child is not None:
                how = await self._until_gone(child)
            loop = asyncio.get_running_loop()
            self._deaths, next_step = after_death(self._deaths, loop.time())
            self._child, self._health, self._health_at, self._trouble = None, None, None, how
            self._silence = Silence()
            is_over = isinstance(next_step, GivenUp)
            self._turn(PartState.GIVEN_UP if is_over else PartState.RESTARTING)
            self._listener.died(self.part, how, next_step)
            if isinstance(next_step, GivenUp):
                return
            await asyncio.sleep(next_step.pause_seconds)
            try:
                await self._listener.may_begin(self.part)
                self._restarts += 1
                child = await self._begun()
            except NotServingError as error:
                child, how = None, str(error)
            else:
                self._listener.lives_again(self.part)

    async def _until_gone(self, child: KeptProcess) -> str:
        """Wait for its end; one that no longer answers is ended."""
        silent = asyncio.create_task(self._until_silent(child))
        gone = asyncio.create_task(child.gone())
        try:
            await asyncio.wait((silent, gone), return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                return gone.result()
            seconds = silent.result()
            child.kill()
            return f"silent for {seconds:.0f} s; {await gone}"
        finally:
            silent.cancel()
            gone.cancel()

    async def _until_silent(self, child: KeptProcess) -> float:
        """Ask it again and again, until it has not answered for too long; for how long that is."""
        loop = asyncio.get_running_loop()
        before = loop.time()
        while not self._silence.is_too_long:
            await asyncio.sleep(PROBE_SECONDS)
            answer = await child.answer(self._address)
            was_told = self._silence.is_worth_telling
            self._silence = Silence() if answer else after_miss(self._silence, loop.time() - before)
            before = loop.time()
            self._heard(answer)
            if was_told and answer:
                self._listener.answers_again(self.part)
            elif not was_told and self._silence.is_worth_telling:
                self._listener.fell_silent(self.part, self._silence.seconds)
        return self._silence.seconds

    def _heard(self, answer: Answer | None) -> None:
        if answer is not None and answer.health is not None:
            self._health = answer.health
            self._health_at = asyncio.get_running_loop().time()
            self._listener.changed()

    def _turn(self, state: PartState) -> None:
        self._state, self._since = state, self._now()
        self._listener.changed()
