"""A world in which the edge can die: the stage, with each edge in a process of its own.

The gateway, the clock and the engine of the test go on. The engine does what a durable one would:
it has a new edge started, and asks it again with the values that it had written down.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, TypeVar

from backstay.broker.edge import Edge
from backstay.broker.notices import Notice
from backstay.broker.session.tenure import SessionTakenError
from backstay.broker.settings import EdgeSettings
from backstay.domain.edge.session import SessionState
from backstay.domain.ids import IntentKey
from backstay.domain.limits.kill import KillState
from backstay.lab.processes import Process, ProcessGoneError
from backstay.lab.virtual_time import running
from tests.broker.edge.stage import EDGE, Stage

_Result = TypeVar("_Result")
Watch = Callable[[int], None]


CUT_OFF_AFTER_SECONDS = 1.0
LOOK_SECONDS = 0.05
ANSWERED_WITHIN_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Crash:
    """The edge dies, and for so long there is none."""

    down_seconds: float


@dataclass(frozen=True, slots=True)
class Freeze:
    """The edge stands still for so long, and perhaps its connection breaks meanwhile. A second edge
    is started at once.
    """

    seconds: float
    is_cut_off: bool


SOON = Crash(0.3)
ENDINGS: dict[str, Crash | Freeze] = {
    "dies": SOON,
    "dies, and another one is there at once": Crash(0.01),
    "dies for a while": Crash(4.0),
    # From ten in the morning to a minute past midnight.
    "dies over night": Crash(14 * 3600 + 60.0),
    "freezes": Freeze(5.0, is_cut_off=False),
    "freezes and is cut off": Freeze(5.0, is_cut_off=True),
}


@dataclass(slots=True)
class Living:
    """An edge and the process that it lives in."""

    edge: Edge
    process: Process


@dataclass(frozen=True, slots=True)
class Belief:
    """What the engine holds of one order at the end: how much it filled, or that nobody knows."""

    key: IntentKey
    filled: object
    why: str


class World(Stage):
    """The stage, and the supervisor of its one edge."""

    settings: EdgeSettings = EDGE
    strikes_at: int | None = None
    ending: Crash | Freeze = SOON
    watch: Watch | None = None

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.living: Living | None = None
        self.begun_at: int | None = None
        self.died_at: list[int] = []
        self.answers = 0
        """How many answers the engine has had."""
        self.beliefs: list[Belief] = []
        self.launched: list[Living] = []
        self._starting = asyncio.Lock()
        self._outside = copy_context()

    def launch(self, settings: EdgeSettings | None = None) -> Living:
        """A new process with an edge in it, which begins to connect."""
        process = Process(f"edge {len(self.launched) + 1}")
        process.at_death(lambda: self.died_at.append(running().now_ns))

        def tell(notice: Notice) -> None:
            if not process.is_dead:
                self.notices.append(notice)

        edge = process.run(Edge, settings or self.settings, tell, self.now)
        process.run(edge.set_epoch, KillState())
        process.run(edge.start)
        living = Living(edge, process)
        self.launched.append(living)
        return living

    async def alive(self) -> Living:
        """The edge to speak to: the one that has the session, or a new one where there is none."""
        async with self._starting:
            if self.living is None:
                self.living = self.launch()
            elif self.living.process.is_dead:
                if isinstance(self.ending, Crash):
                    await self.sleep(self.ending.down_seconds)
                self.living = self.launch()
            elif len(self.launched) > 1 and isinstance(self.ending, Freeze):
                self.living = await self._in_session()
            return self.living

    async def _in_session(self) -> Living:
        while True:
            for living in self.launched:
                if not living.process.is_gone:
                    health = living.process.run(living.edge.health)
                    if health.session.state is SessionState.READY:
                        return living
            await self.sleep(LOOK_SECONDS)

    async def ask(self, question: Callable[[Edge], Coroutine[Any, Any, _Result]]) -> _Result:
        """Have the edge that lives do something; if it dies of it, the next one."""
        while True:
            living = await self.alive()
            try:
                asked = living.process.call(question(living.edge))
                answer = await asyncio.wait_for(asked, ANSWERED_WITHIN_SECONDS)
                self.answers += 1
                return answer
            except (ProcessGoneError, TimeoutError, SessionTakenError):
                await self.sleep(LOOK_SECONDS)

    def believe(self, key: IntentKey, filled: object, why: str) -> None:
        """What the engine holds of an order now."""
        self.beliefs = [belief for belief in self.beliefs if belief.key != key]
        self.beliefs.append(Belief(key, filled, why))

    def begin(self) -> None:
        """From here on the steps of the edge count, and the crash is armed."""
        assert self.living is not None
        process = self.living.process
        self.begun_at = running().now_ns
        first = process.steps

        def watch(step: int) -> None:
            if step - first == self.strikes_at:
                self._strike(process)
            if self.watch is not None:
                self.watch(step - first)

        process.watch = watch

    def _strike(self, process: Process) -> None:
        ending = self.ending
        if isinstance(ending, Crash):
            process.kill()
            return
        process.freeze()
        loop = running()
        self._outside.copy().run(loop.call_later, ending.seconds, process.thaw)
        if ending.is_cut_off:
            self._outside.copy().run(loop.call_later, CUT_OFF_AFTER_SECONDS, self.cut)
        self._outside.copy().run(self.launch)

    def fail_over(self) -> None:
        """The edge that has the session dies, and the one that was frozen takes it back."""
        assert self.living is not None
        others = [living for living in self.launched if living is not self.living]
        self.living.process.kill()
        self.living = others[0]

    def end(self) -> None:
        """The act is over: no step counts any more."""
        for living in self.launched:
            living.process.watch = None

    async def leave(self) -> None:
        """The last edge hangs up."""
        self.end()
        for living in self.launched:
            if not living.process.is_dead:
                await living.process.call(living.edge.close())
