"""What is measured, for one page that a supervisor reads.

The engine's library counts in a buffer of its own; it is drained here into the same page as what we
measure ourselves, so that a process serves one port and nothing else listens. What the edge knows
is asked for when the page is read.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from temporalio.runtime import (
    BUFFERED_METRIC_KIND_COUNTER,
    BUFFERED_METRIC_KIND_GAUGE,
    BufferedMetricUpdate,
)

from backstay.domain.edge.session import EdgeHealth, SessionState

BOUNDS_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0)

_Value = TypeVar("_Value")
Labels = tuple[tuple[str, str], ...]
Drain = Callable[[], Iterable[BufferedMetricUpdate]]


@dataclass(slots=True)
class _Histogram:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_SECONDS) + 1))
    total: float = 0.0

    def add(self, value: float) -> None:
        self.counts[bisect_left(BOUNDS_SECONDS, value)] += 1
        self.total += value

    def buckets(self) -> list[tuple[str, float]]:
        """How they are spread."""
        return _buckets(BOUNDS_SECONDS, self.counts)


def _buckets(bounds: Sequence[float], counts: Sequence[int]) -> list[tuple[str, float]]:
    """How many were as small as each bound or smaller, as Prometheus counts them."""
    names = (*map(str, bounds), "+Inf")
    return list(zip(names, map(float, accumulate(counts)), strict=True))


class EngineMeasures(Collector):
    """What the engine's library has counted."""

    def __init__(self, drain: Drain) -> None:
        self._drain = drain
        self._counters: dict[str, dict[Labels, float]] = {}
        self._gauges: dict[str, dict[Labels, float]] = {}
        self._histograms: dict[str, dict[Labels, _Histogram]] = {}

    def drain(self) -> None:
        """Take over what was counted since; a buffer that nobody drains drops what comes."""
        for update in self._drain():
            name, value = update.metric.name, update.value
            labels = tuple((key, str(each)) for key, each in sorted(update.attributes.items()))
            match update.metric.kind:
                case kind if kind == BUFFERED_METRIC_KIND_COUNTER:
                    counters = self._counters.setdefault(name, {})
                    counters[labels] = counters.get(labels, 0) + value
                case kind if kind == BUFFERED_METRIC_KIND_GAUGE:
                    self._gauges.setdefault(name, {})[labels] = value
                case _:
                    self._histograms.setdefault(name, {}).setdefault(labels, _Histogram()).add(
                        value
                    )

    def counted(self, name: str) -> dict[Labels, float]:
        """How a counter stands, by its labels."""
        return dict(self._counters.get(name, {}))

    def collect(self) -> Iterator[Metric]:
        """The page."""
        self.drain()
        for name, values in self._counters.items():
            counter = CounterMetricFamily(name, name, labels=_names(values))
            for labels, value in _filled(values):
                counter.add_metric(labels, value)
            yield counter
        for name, values in self._gauges.items():
            gauge = GaugeMetricFamily(name, name, labels=_names(values))
            for labels, value in _filled(values):
                gauge.add_metric(labels, value)
            yield gauge
        for name, histograms in self._histograms.items():
            family = HistogramMetricFamily(name, name, labels=_names(histograms))
            for labels, histogram in _filled(histograms):
                family.add_metric(labels, histogram.buckets(), histogram.total)
            yield family


def _names(values: Iterable[Labels]) -> list[str]:
    """Every label that any of them has."""
    return sorted({name for labels in values for name, _ in labels})


def _filled(values: dict[Labels, _Value]) -> Iterator[tuple[list[str], _Value]]:
    names = _names(values)
    for labels, value in values.items():
        given = dict(labels)
        yield [given.get(name, "") for name in names], value


class EdgeMeasures(Collector):
    """How the edge stands."""

    def __init__(self, health: Callable[[], EdgeHealth]) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """The page."""
        edge = self._health()
        who = (edge.account, str(edge.client_id))
        for name, text, value in _figures(edge):
            gauge = GaugeMetricFamily(f"backstay_{name}", text, labels=("account", "client_id"))
            gauge.add_metric(who, value)
            yield gauge
        session = GaugeMetricFamily(
            "backstay_session",
            "Where the session stands: 1 for the state that it is in.",
            labels=("account", "client_id", "state"),
        )
        for state in SessionState:
            session.add_metric((*who, state.value), float(edge.session.state is state))
        yield session
        signs = GaugeMetricFamily(
            "backstay_task_restarts",
            "How often a task of the edge had to be begun again.",
            labels=("account", "client_id", "task"),
        )
        for task in edge.tasks:
            signs.add_metric((*who, task.name), task.restarts)
        yield signs
        for name, text, durations in (
            (
                "read_seconds",
                "From bytes that are read until their ticks are evaluated and orders have left.",
                edge.reads,
            ),
            (
                "order_answer_seconds",
                "From an order's departure to the broker's first word on it.",
                edge.answers,
            ),
        ):
            family = HistogramMetricFamily(
                f"backstay_{name}", text, labels=("account", "client_id")
            )
            buckets = _buckets(durations.bounds_seconds, durations.counts)
            family.add_metric(who, buckets, durations.total_seconds)
            yield family


def _figures(edge: EdgeHealth) -> Iterator[tuple[str, str, float]]:
    yield "arms", "Entries that are kept ready.", edge.armed
    yield "guards", "Positions that are watched.", edge.guarded
    yield "lanes_waiting", "Messages that wait to leave.", edge.waiting_in_lanes
    yield "data_lines_used", "Market data lines in use.", edge.lines_used
    yield "data_lines_max", "Market data lines that there are.", edge.lines_max
    if edge.time is not None:
        error = edge.time.error_seconds
        yield "broker_time_error_seconds", "How well the broker's time is known.", error
        if edge.last_tick_at is not None:
            age = (edge.time.at - edge.last_tick_at).total_seconds()
            yield "last_tick_age_seconds", "How long ago the last tick came.", max(age, 0.0)


def page(registry: CollectorRegistry) -> bytes:
    """All of it, as Prometheus reads it."""
    return generate_latest(registry)
