"""What watches a process: the pages, the beat of the loop, the kill state, what is measured."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from temporalio.runtime import (
    BUFFERED_METRIC_KIND_COUNTER,
    BUFFERED_METRIC_KIND_GAUGE,
    BUFFERED_METRIC_KIND_HISTOGRAM,
)

from backstay.accounts.errors import BookMissingError
from backstay.broker.notices import Notice
from backstay.domain.edge.session import (
    BrokerTime,
    Durations,
    EdgeHealth,
    SessionReport,
    SessionState,
    TaskHealth,
)
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.kill import KillMode, KillState
from workers.failures import AGAIN_AFTER_SECONDS, FailingTasks
from workers.health import troubles
from workers.killing import READ_SECONDS, KillWatch
from workers.measuring import EdgeMeasures, EngineMeasures, Labels, page
from workers.serving import Page, PageServer
from workers.watchdog import STALL_SECONDS, Watchdog

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)


def edge(state: SessionState, why: str = "", *tasks: TaskHealth) -> EdgeHealth:
    return EdgeHealth(
        account="DU1",
        client_id=1,
        session=SessionReport(state, AT, why),
        time=BrokerTime(AT, 0.25),
        tasks=tasks,
        armed=3,
        guarded=2,
        lines_used=5,
        lines_max=100,
        waiting_in_lanes=7,
        last_tick_at=datetime(2026, 11, 23, 14, 59, 58, tzinfo=UTC),
        reads=Durations((0.0001, 0.5), (3, 0, 1), 2.25),
    )


# --- pages ---


def asked(request: bytes) -> bytes:
    async def story() -> bytes:
        server = PageServer({"/health": lambda _: Page(HTTPStatus.OK, "text/plain", b"well\n")})
        host, _, port = (await server.start("127.0.0.1", 0)).rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await server.close()
        return answer

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("request_", "status", "body"),
    [
        (b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n", b"200 OK", b"well\n"),
        (b"GET /health?now HTTP/1.1\r\n\r\n", b"200 OK", b"well\n"),
        (b"GET / HTTP/1.1\r\n\r\n", b"404 Not Found", b"Not Found\n"),
        (
            b"POST /health HTTP/1.1\r\n\r\n",
            b"405 Method Not Allowed",
            b"Method Not Allowed\n",
        ),
        (b"\xff\xff\r\n\r\n", b"405 Method Not Allowed", b"Method Not Allowed\n"),
    ],
)
def test_a_page_is_read_and_nothing_else_is_done(
    request_: bytes, status: bytes, body: bytes
) -> None:
    head, _, told = asked(request_).partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"HTTP/1.1 " + status
    assert told == body


def test_who_asks_for_too_much_is_sent_away() -> None:
    assert asked(b"GET /" + b"a" * 100_000) == b""


# --- the beat ---


def test_each_stall_is_counted_and_of_those_in_a_minute_only_a_longer_one_is_told() -> None:
    told: list[Notice] = []
    watchdog = Watchdog(lambda: AT, told.append)
    for seconds, at in ((0.01, 0.0), (0.6, 10.0), (0.5, 20.0), (0.9, 30.0), (0.7, 89.9), (0.7, 90)):
        watchdog.late(seconds, at)
    assert watchdog.stalls == 5
    assert watchdog.worst_seconds == 0.9
    assert [(notice.kind, notice.text[-5:]) for notice in told] == [
        (IncidentKind.TASK_SILENT, "0.6 s"),
        (IncidentKind.TASK_SILENT, "0.9 s"),
        (IncidentKind.TASK_SILENT, "0.7 s"),
    ]


def test_a_beat_that_is_late_by_less_than_a_stall_is_nobodys_affair() -> None:
    told: list[Notice] = []
    watchdog = Watchdog(lambda: AT, told.append)
    watchdog.late(STALL_SECONDS - 0.001, 1.0)
    assert (told, watchdog.stalls) == ([], 0)
    watchdog.late(STALL_SECONDS, 2.0)
    assert watchdog.stalls == len(told) == 1


# --- tasks that fail ---


def test_of_each_reason_for_which_tasks_fail_a_person_hears_once_in_ten_minutes() -> None:
    told: list[str] = []
    counts: dict[Labels, float] = {}

    def counted(name: str) -> dict[Labels, float]:
        assert name == "temporal_workflow_task_execution_failed"
        return counts

    failing = FailingTasks(counted, lambda notice: told.append(notice.text), lambda: AT)
    trade, way_out = ("workflow_type", "Trade"), ("workflow_type", "Exit")
    fault, misfit = ("failure_reason", "WorkflowError"), ("failure_reason", "NonDeterminismError")
    failing.look(0)
    counts[fault, trade] = 1
    failing.look(10)
    counts[fault, way_out] = 4
    failing.look(20)
    counts[misfit, trade] = 2
    failing.look(30)
    failing.look(AGAIN_AFTER_SECONDS + 9.9)
    assert told == [
        "WorkflowError: 1 failed, and are tried again",
        "NonDeterminismError: 2 failed, and are tried again",
    ]
    failing.look(AGAIN_AFTER_SECONDS + 10)
    failing.look(AGAIN_AFTER_SECONDS + 30)
    assert told[2:] == ["WorkflowError: 4 failed, and are tried again"]


# --- the kill state ---


class Book:
    """A book that answers as it is told to."""

    def __init__(self) -> None:
        self.kill = KillState()
        self.number = 1
        self.trouble: Exception | None = None
        self.reads = 0
        self.looks = 0
        self.marked = 1

    async def revision(self) -> int:
        self.looks += 1
        if self.trouble is not None:
            raise self.trouble
        return self.number

    async def kill_state(self) -> KillState:
        self.reads += 1
        return self.kill

    def mark(self) -> int:
        return self.marked


@pytest.mark.req("S3.2")
def test_the_kill_state_is_told_when_it_was_read_and_again_when_the_book_has_changed() -> None:
    async def story() -> None:
        book, heard = Book(), list[KillState]()
        watch = KillWatch(book, heard.append, lambda: AT, lambda _: None)
        knowing = asyncio.create_task(watch.known())
        await asyncio.sleep(0)
        assert not knowing.done()
        for _ in range(3):
            await watch.look()
        assert (heard, book.reads) == ([KillState()], 1)
        await knowing
        book.kill, book.number = KillState(1, KillMode.FLATTEN), 2
        await watch.look()
        assert heard[1:] == [KillState(1, KillMode.FLATTEN)]

    asyncio.run(story())


@pytest.mark.req("S3.2")
def test_a_book_that_seems_untouched_is_read_only_now_and_then() -> None:
    async def story() -> None:
        book, heard = Book(), list[KillState]()
        watch = KillWatch(book, heard.append, lambda: AT, lambda _: None)
        await watch.glance(0.0)
        await watch.glance(0.05)
        await watch.glance(READ_SECONDS - 0.01)
        assert book.looks == 1
        await watch.glance(READ_SECONDS)
        assert book.looks == 2
        book.marked, book.kill, book.number = 2, KillState(1, KillMode.FREEZE), 2
        await watch.glance(READ_SECONDS + 0.05)
        assert heard[1:] == [KillState(1, KillMode.FREEZE)]

    asyncio.run(story())


@pytest.mark.req("S3.2")
def test_while_the_book_cannot_be_read_nobody_is_told_anything_and_a_person_is_once() -> None:
    async def story() -> None:
        book, heard, told = Book(), list[KillState](), list[Notice]()
        watch = KillWatch(book, heard.append, lambda: AT, told.append)
        assert watch.trouble == "the book has not been read yet"
        looks = 0

        def sign() -> None:
            nonlocal looks
            looks += 1
            book.trouble = [BookMissingError("gone"), BookMissingError("gone"), None][looks - 1]
            if looks > 3:
                raise AssertionError

        book.trouble = BookMissingError("gone")
        running = asyncio.create_task(watch.run(sign))
        await asyncio.wait_for(watch.known(), 10)
        running.cancel()
        assert looks == 3
        assert heard == [KillState()]
        assert [notice.text for notice in told] == ["gone"]
        assert watch.trouble == ""

    asyncio.run(story())


# --- health ---


@pytest.mark.req("S1.9")
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (SessionState.READY, ()),
        (SessionState.STANDBY, ()),
        (SessionState.RESTART_WINDOW, ()),
        (SessionState.DOWN, ("session: down: refused",)),
        (SessionState.CONNECTING, ("session: connecting: refused",)),
        (SessionState.SYNCING, ("session: syncing: refused",)),
        (SessionState.DEGRADED, ("session: degraded: refused",)),
    ],
)
def test_a_session_is_a_trouble_when_nothing_can_be_sent_and_nobody_meant_it(
    state: SessionState, expected: tuple[str, ...]
) -> None:
    assert troubles("", "", (), edge(state, "refused")) == expected


@pytest.mark.req("S1.9")
def test_every_trouble_has_its_name() -> None:
    given_up = TaskHealth("feeds", AT, 6, given_up=True)
    own = (TaskHealth("engine", AT, 0), TaskHealth("measures", AT, 6, given_up=True))
    found = troubles("no answer", "busy", own, edge(SessionState.READY, "", given_up))
    assert found == (
        "engine: no answer",
        "book: busy",
        "task given up: measures",
        "task given up: feeds",
    )
    assert troubles("", "", own[:1], None) == ()


# --- measures ---


@dataclass(frozen=True, slots=True)
class Update:
    """One value that the engine's library has counted."""

    metric: Any
    value: float
    attributes: Any


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    kind: Any
    description: str = ""
    unit: str = ""


def lines(*batches: tuple[Update, ...]) -> list[str]:
    waiting = list(batches)

    def drain() -> Iterator[Any]:
        yield from waiting.pop(0) if waiting else ()

    registry = CollectorRegistry(auto_describe=False)
    measures = EngineMeasures(drain)
    for _ in batches:
        measures.drain()
    registry.register(measures)
    return [line for line in page(registry).decode().splitlines() if not line.startswith("#")]


def test_counters_add_up_gauges_stand_and_histograms_fall_into_their_buckets() -> None:
    queue = MappingProxyType({"queue": "trades"})
    other = MappingProxyType({"queue": "trades", "kind": "arm"})
    polls = Named("polls", BUFFERED_METRIC_KIND_COUNTER)
    slots = Named("slots", BUFFERED_METRIC_KIND_GAUGE)
    latency = Named("latency", BUFFERED_METRIC_KIND_HISTOGRAM)
    told = lines(
        (Update(polls, 2, queue), Update(polls, 1, other), Update(slots, 5, queue)),
        (Update(polls, 3, queue), Update(slots, 4, queue)),
        tuple(Update(latency, value, queue) for value in (0.001, 0.0011, 40.0)),
    )
    assert 'polls_total{kind="",queue="trades"} 5.0' in told
    assert 'polls_total{kind="arm",queue="trades"} 1.0' in told
    assert 'slots{queue="trades"} 4.0' in told
    assert 'latency_bucket{le="0.001",queue="trades"} 1.0' in told
    assert 'latency_bucket{le="0.002",queue="trades"} 2.0' in told
    assert 'latency_bucket{le="30.0",queue="trades"} 2.0' in told
    assert 'latency_bucket{le="+Inf",queue="trades"} 3.0' in told
    assert 'latency_count{queue="trades"} 3.0' in told


@pytest.mark.req("S1.10", "S2.7")
def test_what_the_edge_knows_is_on_the_page() -> None:
    registry = CollectorRegistry()
    health = edge(SessionState.DEGRADED, "1100", TaskHealth("feeds", AT, 2))
    registry.register(EdgeMeasures(lambda: health))
    told = page(registry).decode().splitlines()
    who = 'account="DU1",client_id="1"'
    for line in (
        f"backstay_arms{{{who}}} 3.0",
        f"backstay_guards{{{who}}} 2.0",
        f"backstay_lanes_waiting{{{who}}} 7.0",
        f"backstay_data_lines_used{{{who}}} 5.0",
        f"backstay_broker_time_error_seconds{{{who}}} 0.25",
        f"backstay_last_tick_age_seconds{{{who}}} 2.0",
        f'backstay_session{{{who},state="degraded"}} 1.0',
        f'backstay_session{{{who},state="ready"}} 0.0',
        f'backstay_task_restarts{{{who},task="feeds"}} 2.0',
        f'backstay_read_seconds_bucket{{{who},le="0.0001"}} 3.0',
        f'backstay_read_seconds_bucket{{{who},le="0.5"}} 3.0',
        f'backstay_read_seconds_bucket{{{who},le="+Inf"}} 4.0',
        f"backstay_read_seconds_count{{{who}}} 4.0",
        f"backstay_read_seconds_sum{{{who}}} 2.25",
        f"backstay_order_answer_seconds_count{{{who}}} 0.0",
    ):
        assert line in told
