"""How long something takes, counted as it happens: a search among a dozen bounds, and two sums."""

from bisect import bisect_left

from backstay.domain.edge.session import Durations

READ_BOUNDS_SECONDS = (
    *(0.000_02, 0.000_05, 0.000_1, 0.000_2, 0.000_5),
    *(0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1.0),
)
ANSWER_BOUNDS_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0)


class Stopwatch:
    """The durations of one kind."""

    def __init__(self, bounds_seconds: tuple[float, ...]) -> None:
        self._bounds = bounds_seconds
        self._counts = [0] * (len(bounds_seconds) + 1)
        self._total = 0.0

    def add(self, seconds: float) -> None:
        """It has taken so long once more."""
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._total += seconds

    @property
    def durations(self) -> Durations:
        """All of them so far."""
        return Durations(self._bounds, tuple(self._counts), self._total)
