"""What the measurements amount to: medians, tails, and how the edge compares."""

from dataclasses import dataclass

from backstay.lab.benches.goals import Goal, percentile

TO_PLAIN_BUSY_MAX, TO_PLAIN_IDLE_MAX, TO_SCANNER_MAX = 0.4, 0.55, 1.5
BURST_MILLISECONDS_MAX = 15.0
LADDER_RATIO_MAX = 1.5
CANCEL_MILLISECONDS_MAX = 50.0
"""What is to be reached; a figure that misses it is reported as missed."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Microseconds from the tick's bytes to the order's."""

    contender: str
    ticks_per_second: int
    count: int
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run has measured."""

    latencies: tuple[Latency, ...]
    burst_milliseconds: dict[str, float]
    tick_microseconds: dict[int, float]
    cancel_milliseconds: float
    goals: tuple[Goal, ...]


def report(
    seconds: dict[tuple[str, int], list[float]],
    burst_seconds: dict[str, list[float]],
    tick_seconds: dict[int, list[float]],
    cancel_seconds: float,
) -> Report:
    """The report of a run."""
    latencies = tuple(
        Latency(
            name,
            rate,
            len(measured),
            percentile(measured, 0.5) * 1e6,
            percentile(measured, 0.99) * 1e6,
        )
        for (name, rate), measured in seconds.items()
    )
    bursts = {name: percentile(each, 0.5) * 1e3 for name, each in burst_seconds.items()}
    ticks = {armed: percentile(each, 0.5) * 1e6 for armed, each in tick_seconds.items()}
    cancel = cancel_seconds * 1e3
    goals = (
        *_ratios(latencies),
        *_others(bursts, ticks),
        Goal("a cancel behind 500 requests, milliseconds", cancel, CANCEL_MILLISECONDS_MAX),
    )
    return Report(latencies, bursts, ticks, cancel, goals)


def _ratios(latencies: tuple[Latency, ...]) -> list[Goal]:
    p50 = {(each.contender, each.ticks_per_second): each.p50 for each in latencies}
    goals = []
    for rate in sorted({rate for _, rate in p50}):
        edge = p50["edge", rate]
        bound = TO_PLAIN_BUSY_MAX if rate else TO_PLAIN_IDLE_MAX
        goals.append(Goal(f"edge / plain at {rate:,}/s", edge / p50["plain", rate], bound))
        goals.append(
            Goal(f"edge / scanner at {rate:,}/s", edge / p50["scanner", rate], TO_SCANNER_MAX)
        )
    return goals


def _others(bursts: dict[str, float], ticks: dict[int, float]) -> list[Goal]:
    few, many = min(ticks), max(ticks)
    return [
        Goal("a burst of 256 KB, milliseconds", bursts["edge"], BURST_MILLISECONDS_MAX),
        Goal(f"a tick with {many:,} armed / {few}", ticks[many] / ticks[few], LADDER_RATIO_MAX),
    ]
