"""What the rounds amount to: medians, tails, and whether they are good enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from backstay.lab.benches.goals import Goal, percentile

ARMED_MILLISECONDS_MAX = 500.0
LAST_RUNG_MILLISECONDS_MAX = 100.0
"""What is to be reached at the median; a figure that misses it is reported as missed."""


@dataclass(frozen=True, slots=True)
class Span:
    """Milliseconds from one event to another."""

    what: str
    count: int
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run has measured."""

    spans: tuple[Span, ...]
    goals: tuple[Goal, ...]


def report(armed: Sequence[float], last_rung: Sequence[float]) -> Report:
    """The report of a run, from its seconds."""
    spans = (
        _span("a plan handed in to its trigger watched", armed),
        _span("the limit's last moment to the last rung", last_rung),
    )
    bounds = (ARMED_MILLISECONDS_MAX, LAST_RUNG_MILLISECONDS_MAX)
    goals = (Goal(span.what, span.p50, bound) for span, bound in zip(spans, bounds, strict=True))
    return Report(spans, tuple(goals))


def _span(what: str, seconds: Sequence[float]) -> Span:
    p50, p99 = (percentile(seconds, share) * 1e3 for share in (0.5, 0.99))
    return Span(what, len(seconds), p50, p99)
