"""Many runs in many processes: each is played, counted, and asked whether anything is wrong.

Owns that no run gets lost: one whose process dies or hangs is a finding of its own, and so is one
that gives other bytes in another process. It refuses to know what a law is.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import count, zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from backstay.lab.simulation.cases import Case
from backstay.lab.simulation.jobs import Done, Drawn, Given, Job
from backstay.lab.simulation.outcome import Finding, Outcome
from backstay.lab.simulation.player import nothing_but
from backstay.lab.simulation.players import Lost, Player
from backstay.lab.simulation.report import Failure, Progress, Report, Shrunk, Terms
from backstay.lab.simulation.shrinking import RUN_LAW, Shrinking, is_same
from backstay.lab.simulation.tally import Tally

DETERMINISM_LAW = "determinism"
"""The law that is broken where two processes don't write the same bytes."""

SHRUNK_MAX = 3
"""So many failures are made small, each of another law; the others are told as they are."""

Hears = Callable[[Progress], None]


class Running:
    """One run of many runs."""

    def __init__(self, terms: Terms, hears: Hears) -> None:
        self._terms = terms
        self._hears = hears
        self._tally = Tally()
        self._failed: dict[int, Failure] = {}
        self._shrunk: list[Shrunk] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._folder = Path()
        self._one_at_once = asyncio.Lock()
        self._started = 0.0
        self._doing = "playing"
        self._is_stopped = False

    def stop(self) -> None:
        """Somebody has seen enough: what was counted so far is kept."""
        self._is_stopped = True
        for task in self._tasks:
            task.cancel()

    async def run(self, cases: Iterable[Case]) -> Report:
        """Play them all, then make small what has failed."""
        self._started = asyncio.get_running_loop().time()
        hash_seeds, waiting = count(1), enumerate(cases)
        async with AsyncExitStack() as opened:
            self._folder = Path(opened.enter_context(TemporaryDirectory(prefix="backstay-")))
            *players, self._other = (
                Player(hash_seeds, self._terms.stage, self._terms.run_seconds_max)
                for _ in range(self._terms.processes + 1)
            )
            for player in (*players, self._other):
                opened.push_async_callback(player.close)
            await self._together([self._play(player, waiting) for player in players])
            seconds = self._seconds
            is_cut_short = self._is_late and next(waiting, None) is not None
            await self._make_small(players)
        return Report(
            self._tally.figures(),
            seconds,
            self._terms.processes,
            self._failures,
            tuple(self._shrunk),
            self._is_stopped,
            is_cut_short,
        )

    @property
    def _failures(self) -> tuple[Failure, ...]:
        """In the sequence in which they were asked for, whoever was ready first."""
        return tuple(self._failed[place] for place in sorted(self._failed))

    @property
    def _seconds(self) -> float:
        return asyncio.get_running_loop().time() - self._started

    @property
    def _is_late(self) -> bool:
        at_most = self._terms.seconds_max
        return at_most is not None and self._seconds >= at_most

    @property
    def _is_over(self) -> bool:
        has_failed = self._terms.until_first and bool(self._failed)
        return self._is_stopped or self._is_late or has_failed

    async def _together(self, works: Sequence[Coroutine[Any, Any, None]]) -> None:
        """Side by side, until all are done, one can't go on, or somebody has seen enough."""
        self._tasks = [asyncio.create_task(work) for work in works]
        try:
            await asyncio.gather(*self._tasks)
        except asyncio.CancelledError:
            if not self._is_stopped:
                raise
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- playing ---

    async def _play(self, player: Player, cases: Iterator[tuple[int, Case]]) -> None:
        while not self._is_over and (chosen := next(cases, None)) is not None:
            place, case = chosen
            outcome, done = await self._played(player, case)
            findings = outcome.findings
            if case.is_played_twice and not isinstance(done, Lost):
                findings += await self._again(self._other, case, outcome)
            self._tally.add(outcome)
            if findings:
                scenario = done.scenario if isinstance(done, Done) else None
                scenario = scenario or await self._scenario(player, case)
                self._failed[place] = Failure(case, findings, scenario)
            self._tell()

    async def _played(self, player: Player, case: Case) -> tuple[Outcome, Done | Lost]:
        job = case.job
        if case.is_played_twice:
            job = replace(job, journal=str(self._journal(case, "first")))
        done = await player.play(job)
        if isinstance(done, Done):
            assert done.outcome is not None
            return done.outcome, done
        seed = job.what.seed if isinstance(job.what, Drawn) else 0
        return nothing_but(seed, "", Finding(RUN_LAW, 0, done.why)), done

    async def _again(self, player: Player, case: Case, outcome: Outcome) -> tuple[Finding, ...]:
        """The same in a process that has played other runs, and scatters what has no order
        otherwise.
        """
        first, second = self._journal(case, "first"), self._journal(case, "second")
        async with self._one_at_once:
            done = await player.play(replace(case.job, journal=str(second), is_replayed=False))
        self._tally.played_twice += 1
        if isinstance(done, Lost):
            found: tuple[Finding, ...] = (Finding(RUN_LAW, 0, f"the second time: {done.why}"),)
        elif done.outcome is None or done.outcome.digest == outcome.digest:
            found = ()
        else:
            found = (Finding(DETERMINISM_LAW, 0, first_difference(first, second)),)
        for journal in (first, second):
            journal.unlink(missing_ok=True)
        return found

    async def _scenario(self, player: Player, case: Case) -> Any:
        """What was to be played, where whoever played it can't say any more."""
        done = await player.play(replace(case.job, plays=False))
        return done.scenario if isinstance(done, Done) else None

    def _journal(self, case: Case, which: str) -> Path:
        return self._folder / f"{case.name} {which}"

    # --- making small ---

    async def _make_small(self, players: Sequence[Player]) -> None:
        """The first failure of each law, as many at once as there are processes."""
        chosen: list[tuple[Failure, Finding]] = []
        for failure in self._failures:
            for finding in failure.findings:
                is_new = not any(is_same(finding, other) for _, other in chosen)
                if is_new and failure.scenario is not None and finding.law != DETERMINISM_LAW:
                    chosen.append((failure, finding))
        waiting = iter(chosen[:SHRUNK_MAX])
        is_wanted = self._terms.tries_max and not self._terms.until_first
        if chosen and is_wanted and not self._is_stopped:
            self._doing = "making small"
            await self._together([self._shrink(player, waiting) for player in players])

    async def _shrink(self, player: Player, waiting: Iterator[tuple[Failure, Finding]]) -> None:
        for failure, found in waiting:
            assert failure.scenario is not None
            finding = found
            shrinking, until = Shrinking(failure.scenario), self._seconds
            until += self._terms.shrink_seconds_max
            while shrinking.candidate is not None and shrinking.tried < self._terms.tries_max:
                if self._seconds > until:
                    break
                done = await player.play(Job(Given(shrinking.candidate)))
                again = _same(done, finding)
                shrinking.tell(fails=again is not None)
                finding = again or finding
                self._tell()
            self._shrunk.append(Shrunk(failure.case, finding, shrinking.best, shrinking.tried))

    def _tell(self) -> None:
        tally = self._tally
        self._hears(
            Progress(
                self._doing,
                tally.runs,
                self._seconds,
                tally.events,
                tally.crash_points,
                len(self._failed),
            )
        )


def _same(done: Done | Lost, finding: Finding) -> Finding | None:
    """The same finding, as it was found this time."""
    if isinstance(done, Lost):
        found: tuple[Finding, ...] = (Finding(RUN_LAW, finding.at_ns, done.why),)
    else:
        found = done.outcome.findings if done.outcome is not None else ()
    return next((each for each in found if is_same(each, finding)), None)


def first_difference(first: Path, second: Path) -> str:
    """The first line that two journals don't share, as each has it."""
    with first.open(encoding="utf-8") as one, second.open(encoding="utf-8") as other:
        for number, (left, right) in enumerate(zip_longest(one, other, fillvalue=""), start=1):
            if left != right:
                told = (line.strip() or "nothing any more" for line in (left, right))
                return "line {}: {!r} the first time, {!r} the second".format(number, *told)
    return "the journals are the same, and their digests are not"
