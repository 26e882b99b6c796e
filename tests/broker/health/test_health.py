"""The health of tasks: failures are told and healed, silence is told, none dies unnoticed."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backstay.broker.health import (
    FAILURES_KEPT_SECONDS,
    PAUSES_SECONDS,
    Health,
    pause_after,
)
from backstay.broker.notices import Notice, evidence_of
from backstay.domain.edge.session import TaskHealth
from backstay.domain.incidents.kinds import IncidentKind
from backstay.gateway.times import SECOND_NS
from backstay.lab.virtual_time import run

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def play(story: Coroutine[Any, Any, None]) -> None:
    run(story, start_ns=1_795_446_000 * SECOND_NS)


class Ward:
    """Health, what it tells, and work that fails as often as it is told to."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.told: list[tuple[float, Notice]] = []
        self.health = Health(self.now, lambda note: self.told.append((self.loop.time(), note)))
        self.began_at: list[float] = []
        self.faults: list[BaseException] = []

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.loop.time())

    async def work(self) -> None:
        self.began_at.append(round(self.loop.time(), 3))
        if self.faults:
            raise self.faults.pop(0)
        await asyncio.Event().wait()

    @property
    def kinds(self) -> list[IncidentKind]:
        return [notice.kind for _, notice in self.told]

    @property
    def texts(self) -> list[str]:
        return [notice.text for _, notice in self.told]


FAILED, SILENT = IncidentKind.TASK_FAILED, IncidentKind.TASK_SILENT


@pytest.mark.parametrize(
    ("failed_at", "now", "pause"),
    [
        ((100.0,), 100.0, 0.1),
        ((99.0, 100.0), 100.0, 0.5),
        ((1.0, 2.0, 3.0, 4.0, 100.0), 100.0, 15.0),
        ((0.0, 1.0, 2.0, 3.0, 4.0, 100.0), 100.0, None),
        ((0.0, 1.0, 2.0, 3.0, 4.0, 599.9), 599.9, None),
        ((0.0, 1.0, 2.0, 3.0, 4.0, 600.0), 600.0, 15.0),
        ((0.0, 700.0), 700.0, 0.1),
    ],
)
def test_the_pause_grows_with_the_failures_that_count_and_then_it_is_given_up(
    failed_at: tuple[float, ...], now: float, pause: float | None
) -> None:
    assert pause_after(failed_at, now) == pause


def test_a_task_that_fails_is_told_with_its_place_and_begun_again() -> None:
    async def story() -> None:
        ward = Ward()
        ward.faults = [KeyError("lost")]
        ward.health.run("reader", ward.work)
        await asyncio.sleep(1)
        assert ward.began_at == [0, 0.1]
        ((at, notice),) = ward.told
        assert (at, notice.kind, notice.subject, notice.at) == (0, FAILED, "reader", NOON)
        assert notice.text.startswith("KeyError: 'lost' (work in test_health.py:")
        (fares,) = ward.health.report()
        assert fares == TaskHealth("reader", NOON + timedelta(seconds=0.1), 1, given_up=False)
        await ward.health.close()

    play(story())


def test_a_task_that_goes_on_failing_is_given_up_and_that_is_told_as_its_silence() -> None:
    async def story() -> None:
        ward = Ward()
        ward.faults = [ValueError(str(number)) for number in range(10)]
        ward.health.run("reader", ward.work, silent_after=1000)
        await asyncio.sleep(3000)
        assert ward.began_at == [0, 0.1, 0.6, 2.6, 7.6, 22.6]
        assert ward.kinds == [FAILED] * 6 + [SILENT]
        assert ward.texts[-1].startswith("given up after 6 failures, the last: ValueError: 5 (")
        (fares,) = ward.health.report()
        assert (fares.restarts, fares.given_up) == (len(PAUSES_SECONDS), True)
        ward.health.sign("reader")
        await asyncio.sleep(3000)
        assert len(ward.told) == 7
        await ward.health.close()

    play(story())


def test_failures_far_apart_are_forgiven() -> None:
    async def story() -> None:
        ward = Ward()

        async def fail_at_times() -> None:
            ward.began_at.append(ward.loop.time())
            await asyncio.sleep(FAILURES_KEPT_SECONDS / 3)
            raise OSError

        ward.health.run("reader", fail_at_times)
        await asyncio.sleep(20_000)
        (fares,) = ward.health.report()
        assert not fares.given_up
        assert fares.restarts == 99
        await ward.health.close()

    play(story())


def test_silence_is_told_once_until_the_task_has_given_a_sign_again() -> None:
    async def story() -> None:
        ward = Ward()
        ward.health.run("reader", ward.work, silent_after=5)
        for _ in range(4):
            await asyncio.sleep(4)
            ward.health.sign("reader")
        assert ward.told == []
        await asyncio.sleep(100)
        ((at, notice),) = ward.told
        assert at == pytest.approx(21, abs=0.01)
        assert (notice.kind, notice.subject) == (SILENT, "reader")
        assert notice.text == "no sign of life for 5 s"
        ward.health.sign("reader")
        await asyncio.sleep(4.9)
        assert len(ward.told) == 1
        await asyncio.sleep(0.2)
        assert ward.kinds == [SILENT, SILENT]
        await ward.health.close()

    play(story())


def test_a_task_that_waits_for_its_restart_is_not_called_silent() -> None:
    async def story() -> None:
        ward = Ward()
        ward.faults = [OSError() for _ in range(5)]
        ward.health.run("reader", ward.work, silent_after=1)
        await asyncio.sleep(23)
        assert ward.kinds == [FAILED] * 5
        await asyncio.sleep(1)
        assert ward.kinds == [FAILED] * 5 + [SILENT]
        await ward.health.close()

    play(story())


def test_a_task_without_a_limit_may_be_silent() -> None:
    async def story() -> None:
        ward = Ward()
        ward.health.run("reader", ward.work)
        ward.health.sign("reader")
        await asyncio.sleep(10_000)
        assert ward.told == []
        await ward.health.close()

    play(story())


def test_a_task_that_ends_is_over_and_no_longer_watched() -> None:
    async def story() -> None:
        ward = Ward()

        async def end() -> None:
            await asyncio.sleep(1)

        ward.health.run("errand", end, silent_after=5)
        ward.health.run("reader", ward.work)
        await asyncio.sleep(2)
        assert [fares.name for fares in ward.health.report()] == ["reader"]
        ward.health.sign("errand")
        await asyncio.sleep(100)
        assert ward.told == []
        await ward.health.close()

    play(story())


def test_two_tasks_of_one_name_are_refused() -> None:
    async def story() -> None:
        ward = Ward()
        ward.health.run("reader", ward.work)
        with pytest.raises(ValueError, match="there is a task called reader"):
            ward.health.run("reader", ward.work)
        await ward.health.close()

    play(story())


def test_closing_cancels_all_waits_for_them_and_tells_nothing() -> None:
    async def story() -> None:
        ward = Ward()
        ended: list[str] = []

        async def tidy() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(1)
                ended.append("tidied up")

        ward.health.run("tidy", tidy, silent_after=0.5)
        ward.health.run("reader", ward.work, silent_after=5)
        await asyncio.sleep(0.1)
        await ward.health.close()
        assert ended == ["tidied up"]
        assert ward.health.report() == ()
        ward.health.sign("reader")
        await asyncio.sleep(100)
        assert ward.kinds in ([], [SILENT])
        assert ward.began_at == [0]

    play(story())


def test_a_task_that_fails_as_it_is_cancelled_is_told_and_not_begun_again() -> None:
    async def story() -> None:
        ward = Ward()

        async def stubborn() -> None:
            ward.began_at.append(0)
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                raise OSError("while closing") from None

        ward.health.run("stubborn", stubborn)
        await asyncio.sleep(1)
        await ward.health.close()
        assert ward.kinds == [FAILED]
        assert ward.began_at == [0]

    play(story())


def test_a_cancellation_that_was_not_meant_for_the_task_is_a_failure_of_it() -> None:
    async def story() -> None:
        ward = Ward()
        answer: asyncio.Future[None] = ward.loop.create_future()

        async def wait() -> None:
            ward.began_at.append(ward.loop.time())
            if len(ward.began_at) == 1:
                await answer
            await asyncio.Event().wait()

        ward.health.run("waiter", wait)
        await asyncio.sleep(1)
        answer.cancel()
        await asyncio.sleep(1)
        assert len(ward.began_at) == 2
        assert ward.kinds == [FAILED]
        await ward.health.close()

    play(story())


def test_the_evidence_of_a_fault_is_its_first_line_and_its_innermost_place() -> None:
    def inner() -> None:
        raise ValueError("first\nsecond")

    with pytest.raises(ValueError, match="first") as caught:
        inner()
    assert evidence_of(caught.value).startswith("ValueError: first (inner in test_health.py:")
    assert evidence_of(ValueError("never raised")) == "ValueError: never raised"
