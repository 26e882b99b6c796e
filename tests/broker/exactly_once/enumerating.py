"""Tells a story once for each step before which dying makes a difference."""

from dataclasses import dataclass, replace

from tests.broker.exactly_once.telling import Telling, tell


@dataclass(frozen=True, slots=True)
class Enumerated:
    """How often a story was told, and what was wrong, each with the crash that it came of."""

    awaits: int
    points: int
    runs: int
    wrong: tuple[tuple[int, str], ...]


def by_crash(telling: Telling, *, every: int = 1) -> Enumerated:
    """Without a crash, and then with one before each step, or each so many of them."""
    calm = tell(telling, find_points=True)
    wrong = [(0, text) for text in calm.wrong]
    steps = calm.points[::every]
    for step in steps:
        told = tell(replace(telling, strikes_at=step))
        wrong += [(step, text) for text in told.wrong]
    return Enumerated(calm.steps, len(calm.points), len(steps) + 1, tuple(wrong))
