"""What a bench wants, and whether it got it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure beside what it should be."""

    what: str
    measured: float
    bound: float

    @property
    def is_reached(self) -> bool:
        """Whether it is as small as it should be."""
        return self.measured <= self.bound


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
