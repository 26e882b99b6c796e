"""Many runs with figures that are the same each time: to play them takes minutes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from backstay.lab.simulation.cases import Case
from backstay.lab.simulation.jobs import Drawn
from backstay.lab.simulation.journal import Journal
from backstay.lab.simulation.report import Failure, Progress, Report, Shrunk, Terms
from backstay.lab.simulation.shrinking import shrink
from backstay.lab.simulation.tally import Tally
from tests.lab.simulation import stand_in

_FAILS = Path("fails")
SECONDS = 4.0
RUNS_MAX = 5


def failing() -> None:
    """Have the last run fail."""
    _FAILS.touch()


def simulated(
    cases: Callable[[], Awaitable[Iterable[Case]]], terms: Terms, hears: Callable[[Progress], None]
) -> Report:
    """The stand-in in this process, a few times, for as long as it always takes."""
    tally, failures, shrunk = Tally(), [], []

    async def asked() -> list[Case]:
        return list(await cases())[:RUNS_MAX]

    chosen = asyncio.run(asked())
    for case in chosen:
        seed = case.job.what.seed if isinstance(case.job.what, Drawn) else 0
        scenario = stand_in.draw(seed)
        outcome = stand_in.play(scenario, Journal(), replays=case.job.is_replayed, stepped=None)
        if case is chosen[-1] and _FAILS.exists():
            wrong = stand_in.draw(stand_in.FINDS + 2)
            findings = stand_in.play(wrong, Journal(), replays=False, stepped=None).findings
            failures.append(Failure(case, findings, scenario))
            small = shrink(wrong, lambda each: bool(each.strikes[2:]), 50)
            shrunk.append(Shrunk(case, findings[0], small, 23))
        tally.add(outcome)
        progress = Progress("playing", tally.runs, SECONDS, tally.events, 3, len(failures))
        hears(progress)
    return Report(
        tally.figures(),
        SECONDS,
        2,
        tuple(failures),
        tuple(shrunk),
        is_interrupted=False,
        is_cut_short=False,
    )
