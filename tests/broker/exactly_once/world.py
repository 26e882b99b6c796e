"""A world in which the edge can die: the stage, with each edge in a process of its own.

The gateway, the clock and the engine of the test go on. The engine does what a durable one would:
it has a new edge started, and asks it again with the values that it had written down.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from backstay.broker.edge import Edge
from backstay.broker.notices import Notice
from backstay.broker.settings import EdgeSettings
from backstay.domain.ids import IntentKey
from backstay.domain.limits.kill import KillState
from backstay.lab.processes import Process, ProcessDiedError
from backstay.lab.virtual_time import running
from tests.broker.edge.stage import EDGE, Stage

_Result = TypeVar("_Result")
Watch = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Crash:
    """Before which step of its story the edge dies, and how long there is none."""

    step: int
    down_seconds: float = 0.3


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
    crash: Crash | None = None
    watch: Watch | None = None

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.living: Living | None = None
        self.processes: list[Process] = []
        self.begun_at: int | None = None
        self.died_at: list[int] = []
        self.answers = 0
        """How many answers the engine has had."""
        self.beliefs: list[Belief] = []
        self._starting = asyncio.Lock()

    def launch(self, settings: EdgeSettings | None = None) -> Living:
        """A new process with an edge in it, which begins to connect."""
        process = Process(f"edge {len(self.processes) + 1}")
        process.at_death(lambda: self.died_at.append(running().now_ns))
        self.processes.append(process)

        def tell(notice: Notice) -> None:
            if not process.is_dead:
                self.notices.append(notice)

        edge = process.run(Edge, settings or self.settings, tell, self.now)
        process.run(edge.set_epoch, KillState())
        process.run(edge.start)
        return Living(edge, process)

    async def alive(self) -> Living:
        """The edge that lives; a new one where there is none."""
        async with self._starting:
            if self.living is None or self.living.process.is_dead:
                if self.living is not None and self.crash is not None:
                    await self.sleep(self.crash.down_seconds)
                self.living = self.launch()
            return self.living

    async def ask(self, question: Callable[[Edge], Coroutine[Any, Any, _Result]]) -> _Result:
        """Have the edge that lives do something; if it dies of it, the next one."""
        while True:
            living = await self.alive()
            try:
                answer = await living.process.call(question(living.edge))
                self.answers += 1
                return answer
            except ProcessDiedError:
                continue

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
        if self.crash is not None:
            process.dies_at = first + self.crash.step
        if self.watch is not None:
            watch = self.watch
            process.watch = lambda step: watch(step - first)

    def end(self) -> None:
        """The act is over: no step counts any more."""
        for process in self.processes:
            process.dies_at = None
            process.watch = None

    async def leave(self) -> None:
        """The last edge hangs up."""
        self.end()
        if self.living is not None and not self.living.process.is_dead:
            await self.living.process.call(self.living.edge.close())
