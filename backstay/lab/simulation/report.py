"""What many runs are asked under, and what they come to."""

from dataclasses import dataclass

from backstay.gateway.times import to_ns
from backstay.lab.simulation.cases import Case
from backstay.lab.simulation.jobs import Drawn
from backstay.lab.simulation.outcome import Finding
from backstay.lab.simulation.players import RUN_SECONDS_MAX, STAGE
from backstay.lab.simulation.scenario import Scenario
from backstay.lab.simulation.tally import Figures

TRIES_MAX = 300
SHRINK_SECONDS_MAX = 120.0


@dataclass(frozen=True, slots=True)
class Terms:
    """In how many processes, for how long at most, how much is tried to make a failure small,
    whether the first failure is the last, and which module draws and plays.
    """

    processes: int = 1
    seconds_max: float | None = None
    tries_max: int = TRIES_MAX
    shrink_seconds_max: float = SHRINK_SECONDS_MAX
    until_first: bool = False
    run_seconds_max: float = RUN_SECONDS_MAX
    stage: str = STAGE


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come."""

    doing: str
    runs: int
    seconds: float
    events: int
    crash_points: int
    failures: int


@dataclass(frozen=True, slots=True)
class Failure:
    """What was found in one run, and its scenario, if anybody could say it."""

    case: Case
    findings: tuple[Finding, ...]
    scenario: Scenario | None

    @property
    def seed(self) -> int | None:
        """That of its scenario, or the one that was to be drawn."""
        if self.scenario is not None:
            return self.scenario.seed
        what = self.case.job.what
        return what.seed if isinstance(what, Drawn) else None


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A failure with as little as it takes."""

    case: Case
    finding: Finding
    scenario: Scenario
    tries: int


@dataclass(frozen=True, slots=True)
class Report:
    """What all of it has come to: of everything that was asked for, unless somebody has interrupted
    it, or time was up before the last of it.
    """

    figures: Figures
    seconds: float
    processes: int
    failures: tuple[Failure, ...]
    shrunk: tuple[Shrunk, ...]
    is_interrupted: bool
    is_cut_short: bool

    @property
    def runs_per_second(self) -> float:
        """In all processes together."""
        return self.figures.runs / self.seconds if self.seconds else 0.0


def seconds_into(finding: Finding, scenario: Scenario) -> float:
    """When it was found, from the beginning of its run."""
    return (finding.at_ns - to_ns(scenario.begins)) / 1e9
