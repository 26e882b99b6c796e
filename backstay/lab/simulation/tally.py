"""What many runs come to: counted as each one ends, and told in figures at any moment."""

from collections import Counter
from dataclasses import dataclass
from statistics import median

from backstay.lab.simulation.marks import ALL, missing
from backstay.lab.simulation.outcome import Outcome


@dataclass(frozen=True, slots=True)
class FaultFigures:
    """How often an effect of a fault was seen, and in how many runs."""

    fault: str
    count: int
    runs: int


@dataclass(frozen=True, slots=True)
class Middle:
    """What a run in the middle of all has."""

    fills: float
    faults: float
    crashes: float


@dataclass(frozen=True, slots=True)
class Figures:
    """All of it. `pairs` are the distinct pairs of a fault and the state that it has met; a mark
    that nobody knows is told among those that were reached.
    """

    runs: int
    profiles: int
    events: int
    fills: int
    crash_points: int
    faults_seen: int
    faults: tuple[FaultFigures, ...]
    pairs: int
    virtual_hours: float
    steps: int
    median: Middle
    marks_reached: tuple[str, ...]
    marks_missing: tuple[str, ...]
    runs_replayed: int
    runs_played_twice: int


class Tally:
    """Counts."""

    def __init__(self) -> None:
        self.runs = 0
        self.events = 0
        self._fills: list[int] = []
        self._faults: list[int] = []
        self._crashes: list[int] = []
        self._counts: Counter[str] = Counter()
        self._runs_with: Counter[str] = Counter()
        self._pairs: set[tuple[str, str]] = set()
        self._marks: set[str] = set()
        self._profiles: set[str] = set()
        self._seconds = 0.0
        self._steps = 0
        self._replayed = 0
        self.played_twice = 0

    def add(self, outcome: Outcome) -> None:
        """One more run."""
        self.runs += 1
        self.events += outcome.events
        self._fills.append(outcome.fills)
        self._crashes.append(outcome.crashes)
        self._faults.append(sum(seen.count for seen in outcome.faults))
        for seen in outcome.faults:
            self._counts[seen.fault] += seen.count
            self._pairs.add((seen.fault, seen.state))
        self._runs_with.update({seen.fault for seen in outcome.faults})
        self._marks.update(outcome.marks)
        self._profiles.add(outcome.profile)
        self._seconds += outcome.virtual_seconds
        self._steps += outcome.steps
        self._replayed += outcome.is_replayed

    @property
    def crash_points(self) -> int:
        """Each crash is at a point of its own: no two runs are alike."""
        return sum(self._crashes)

    def figures(self) -> Figures:
        """How it stands."""
        known = frozenset(ALL)
        return Figures(
            runs=self.runs,
            profiles=len(self._profiles),
            events=self.events,
            fills=sum(self._fills),
            crash_points=self.crash_points,
            faults_seen=sum(self._faults),
            faults=tuple(
                FaultFigures(fault, self._counts[fault], self._runs_with[fault])
                for fault in sorted(self._counts)
            ),
            pairs=len(self._pairs),
            virtual_hours=self._seconds / 3600,
            steps=self._steps,
            median=Middle(*map(_middle, (self._fills, self._faults, self._crashes))),
            marks_reached=(
                *(mark for mark in ALL if mark in self._marks),
                *sorted(self._marks - known),
            ),
            marks_missing=missing(self._marks),
            runs_replayed=self._replayed,
            runs_played_twice=self.played_twice,
        )


def _middle(counts: list[int]) -> float:
    return float(median(counts)) if counts else 0.0
