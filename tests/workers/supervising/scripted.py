"""Parts whose processes live as long as a script says, in virtual time."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from backstay.gateway.times import to_ns
from backstay.lab import virtual_time
from workers.health import HealthReport, Role
from workers.supervising.ends import End
from workers.supervising.keeper import Answer, NotServingError
from workers.supervising.policy import Again, GivenUp
from workers.supervising.roster import Part, Process

BEGIN = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


_Result = TypeVar("_Result")


def run(main: Coroutine[Any, Any, _Result]) -> _Result:
    """Play it in virtual time, from the beginning."""
    return virtual_time.run(main, start_ns=to_ns(BEGIN))


def now() -> datetime:
    """What time it is in the loop."""
    return BEGIN + timedelta(seconds=asyncio.get_running_loop().time())


def seconds(instant: datetime) -> float:
    """When that was, in the loop's seconds."""
    return (instant - BEGIN).total_seconds()


def health() -> HealthReport:
    """A worker that is well."""
    return HealthReport(
        role=Role.TRADES,
        account="DU1234567",
        boot="1-1",
        at=now(),
        trouble=(),
        takes_calls=True,
        engine="",
        book="",
        limits=True,
        loop_lag_seconds=0.0,
        loop_lag_seconds_max=0.0,
        notices_waiting=0,
        tasks=(),
    )


@dataclass
class Life:
    """One process: when it serves, whether it ever does, and when it dies of itself."""

    serves_after: float = 0.5
    fails: str = ""
    end: End | None = None
    """How it ended by itself, if it fails because it did."""

    dies_after: float | None = None
    answers_until: float | None = None
    ends_after: float = 0.25


class ScriptedProcess:
    """One process of a script."""

    def __init__(
        self, life: Life, pid: int, log: list[str], part: Part, *, is_worker: bool
    ) -> None:
        self.life = life
        self._is_worker = is_worker
        self.process = Process(pid, f"began {pid}")
        self.began_at = asyncio.get_running_loop().time()
        self.over: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._log = log
        self._part = part
        if life.dies_after is not None:
            asyncio.get_running_loop().call_later(life.dies_after, self.die, "of old age")

    def die(self, how: str) -> None:
        """It is gone."""
        if not self.over.done():
            self.over.set_result(how)
            self._log.append(f"{self._part} gone")

    async def ready(self) -> str:
        await asyncio.sleep(self.life.serves_after)
        if self.life.fails:
            raise NotServingError(self.life.fails, self.life.end)
        return f"127.0.0.1:{self.process.pid}"

    async def answer(self, address: str) -> Answer | None:
        """One that no longer answers keeps whoever asks waiting for a while."""
        assert address == f"127.0.0.1:{self.process.pid}"
        age = asyncio.get_running_loop().time() - self.began_at
        until = self.life.answers_until
        if until is None or age < until:
            return Answer(health() if self._is_worker else None)
        await asyncio.sleep(2.0)
        return None

    async def gone(self) -> str:
        return await asyncio.shield(self.over)

    async def end(self) -> None:
        self._log.append(f"{self._part} told")
        await asyncio.wait((self.over,), timeout=self.life.ends_after)
        self.die("told")

    def kill(self) -> None:
        self.die("killed")


@dataclass
class ScriptedStarter:
    """Begins one life of a script after the other; the last one goes on and on."""

    part: Part
    lives: list[Life]
    log: list[str] = field(default_factory=list)
    is_worker: bool = False
    address: str = ""
    begun: list[ScriptedProcess] = field(default_factory=list)

    async def start(self) -> ScriptedProcess:
        life = self.lives[min(len(self.begun), len(self.lives) - 1)]
        if life.fails == "no memory":
            raise OSError(12, "no memory")
        process = ScriptedProcess(
            life, 1000 + len(self.begun), self.log, self.part, is_worker=self.is_worker
        )
        self.begun.append(process)
        self.log.append(f"{self.part} begun")
        return process


@dataclass
class Heard:
    """Who listens, and what was told when."""

    told: list[tuple[float, str]] = field(default_factory=list)

    async def may_begin(self, part: Part) -> None:
        """Nothing else is needed."""

    def changed(self) -> None:
        """Nothing is written down of that."""

    def died(self, part: Part, how: str, next_step: Again | GivenUp) -> None:
        self._note(part, f"{how}: {next_step}")

    def lives_again(self, part: Part) -> None:
        self._note(part, "again")

    def fell_silent(self, part: Part, seconds: float) -> None:
        self._note(part, f"silent for {seconds:.0f} s")

    def answers_again(self, part: Part) -> None:
        self._note(part, "answers again")

    def _note(self, part: Part, text: str) -> None:
        assert part is Part.TRADES
        self.told.append((asyncio.get_running_loop().time(), text))
