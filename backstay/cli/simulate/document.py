"""Many runs, and one run, as JSON."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backstay.lab.simulation.outcome import Finding, Outcome
from backstay.lab.simulation.report import Report
from backstay.lab.simulation.scenario import Scenario
from backstay.lab.simulation.tally import Figures
from backstay.lab.simulation.telling import Line


@dataclass(frozen=True, slots=True)
class FailureTold:
    """A run that has failed; `again` are the words that play it once more."""

    name: str
    seed: int | None
    again: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ShrunkTold:
    """A failure with as little as it takes, and where it was kept."""

    name: str
    finding: Finding
    tries: int
    file: str | None
    scenario: Scenario


@dataclass(frozen=True, slots=True)
class Document:
    """What many runs have come to."""

    seconds: float
    runs_per_second: float
    processes: int
    is_interrupted: bool
    is_cut_short: bool
    figures: Figures
    failures: tuple[FailureTold, ...]
    shrunk: tuple[ShrunkTold, ...]


@dataclass(frozen=True, slots=True)
class LineTold:
    """One line of a story."""

    seconds: float
    at: datetime
    who: str
    what: str
    why: str
    is_trouble: bool
    is_found: bool


@dataclass(frozen=True, slots=True)
class StoryDocument:
    """One run, told."""

    outcome: Outcome
    lines: tuple[LineTold, ...]


def document(report: Report, kept: tuple[Path, ...]) -> Document:
    """All of it."""
    files: list[str | None] = [str(file) for file in kept]
    files += [None] * (len(report.shrunk) - len(files))
    return Document(
        seconds=report.seconds,
        runs_per_second=report.runs_per_second,
        processes=report.processes,
        is_interrupted=report.is_interrupted,
        is_cut_short=report.is_cut_short,
        figures=report.figures,
        failures=tuple(
            FailureTold(failure.case.name, failure.seed, failure.case.again, failure.findings)
            for failure in report.failures
        ),
        shrunk=tuple(
            ShrunkTold(small.case.name, small.finding, small.tries, file, small.scenario)
            for small, file in zip(report.shrunk, files, strict=True)
        ),
    )


def story_document(outcome: Outcome, lines: tuple[Line, ...], begins: datetime) -> StoryDocument:
    """The lines with their seconds from the beginning."""
    return StoryDocument(
        outcome,
        tuple(
            LineTold(
                (line.event.at - begins).total_seconds(),
                line.event.at,
                line.event.who.value,
                line.event.what,
                line.event.why,
                line.is_trouble,
                line.is_found,
            )
            for line in lines
        ),
    )
