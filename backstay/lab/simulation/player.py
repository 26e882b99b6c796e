"""A process that plays what it is told to, one line in, one line out, until nobody tells it more.

Owns that nothing else goes to standard output, and that a run which can't go on is a finding like
any other. It is told by name which module draws and plays.
"""

import faulthandler
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import IO, Protocol, assert_never

from backstay.gateway.times import SECOND_NS, to_ns
from backstay.lab.simulation.jobs import DONE, JOB, Done, Drawn, Given, Job, Told
from backstay.lab.simulation.journal import Entry, Journal
from backstay.lab.simulation.outcome import Finding, Outcome
from backstay.lab.simulation.points import Points
from backstay.lab.simulation.scenario import Crash, Cue, Role, Scenario
from backstay.lab.simulation.shrinking import RUN_LAW

CRASH_DOWN_SECONDS = 0.8
"""How long it takes until a worker is there again that has died in an enumeration."""

READY = b"ready\n"
"""The first line that it says: it has loaded all it needs."""

STEPS_BEFORE = 1
"""A cue comes up at the beginning once a worker has taken so many steps, and counts from there."""

Stepped = Callable[[Role, int], None]


class Stage(Protocol):
    """What draws and plays."""

    def draw(
        self, seed: int, profile: str | None = None, only: tuple[str, ...] | None = None
    ) -> Scenario:
        """The scenario of a seed."""

    def story(self, name: str) -> Scenario:
        """A scenario that has a name."""

    def play(
        self, scenario: Scenario, journal: Journal, *, replays: bool, stepped: Stepped | None
    ) -> Outcome:
        """What comes of it. `stepped` is told of each step of a role's process before it is taken,
        by its number in that process.
        """


def scenario_of(job: Job, stage: Stage) -> Scenario:
    """What is to be played."""
    match job.what:
        case Drawn(seed, profile, only):
            return stage.draw(seed, profile, only)
        case Told(name, role, step):
            told = stage.story(name)
            if role is None:
                return told
            crash = Crash(Cue(0.0, steps=step - STEPS_BEFORE), role, CRASH_DOWN_SECONDS)
            return replace(told, strikes=(*told.strikes, crash))
        case Given(scenario):
            return scenario
        case _:
            assert_never(job.what)


def done(job: Job, stage: Stage) -> Done:
    """Play it."""
    scenario = scenario_of(job, stage)
    if not job.plays:
        return Done(None, scenario)
    until_ns = to_ns(scenario.begins) + round(scenario.quiet_at_seconds * SECOND_NS)
    points = Points(job.points_of, until_ns) if job.points_of is not None else None
    if job.journal:
        with open(job.journal, "w", encoding="utf-8") as file:
            outcome = _played(job, scenario, stage, points, file)
    else:
        outcome = _played(job, scenario, stage, points, None)
    found = points.found if points is not None else ()
    return Done(outcome, scenario if outcome.findings else None, found)


def written(entry: Entry) -> str:
    """An entry as a line of a file."""
    return f"{entry.at_ns} {entry.source} {entry.text.rstrip()}\n"


def _played(
    job: Job, scenario: Scenario, stage: Stage, points: Points | None, file: IO[str] | None
) -> Outcome:
    def heard(entry: Entry) -> None:
        if points is not None:
            points.heard(entry)
        if file is not None:
            file.write(written(entry))

    is_heard = points is not None or file is not None
    journal = Journal(heard=heard if is_heard else None)
    stepped = points.stepped if points is not None else None
    return outcome_of(stage, scenario, journal, replays=job.is_replayed, stepped=stepped)


def outcome_of(
    stage: Stage,
    scenario: Scenario,
    journal: Journal,
    *,
    replays: bool = False,
    stepped: Stepped | None = None,
) -> Outcome:
    """What comes of a scenario, also where it can't go on."""
    try:
        return stage.play(scenario, journal, replays=replays, stepped=stepped)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is found
        return _ended_early(scenario, journal, error)


def _ended_early(scenario: Scenario, journal: Journal, error: Exception) -> Outcome:
    where = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{type(error).__name__}: {error} ({os.path.basename(where.filename)}:{where.lineno})"
    finding = Finding(RUN_LAW, to_ns(scenario.begins), " ".join(text.split()))
    return nothing_but(scenario.seed, scenario.profile, finding, journal.digest)


def nothing_but(seed: int, profile: str, finding: Finding, digest: str = "") -> Outcome:
    """The outcome of a run of which only that is known."""
    return Outcome(
        seed=seed,
        profile=profile,
        findings=(finding,),
        events=0,
        fills=0,
        crashes=0,
        faults=(),
        marks=(),
        steps=0,
        virtual_seconds=0.0,
        digest=digest,
    )


def serve(stage: Stage, asked: IO[bytes], answered: IO[bytes]) -> None:
    """Play until nobody asks any more."""
    for line in asked:
        answered.write(DONE.dump_json(done(JOB.validate_json(line), stage)) + b"\n")
        answered.flush()


def main() -> None:
    """The first word names the module that draws and plays."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answered:
        # Whatever a library prints goes where errors go.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        faulthandler.register(signal.SIGUSR1, all_threads=False)
        stage: Stage = import_module(sys.argv[1])
        # What is loaded stays: nobody looks through it again for the garbage of each run.
        gc.collect()
        gc.freeze()
        answered.write(READY)
        answered.flush()
        serve(stage, sys.stdin.buffer, answered)


if __name__ == "__main__":
    main()
