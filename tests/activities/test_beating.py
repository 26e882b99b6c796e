"""Signs of life, and what they carry to the next attempt."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from activities.beating import attended, earlier, is_later_attempt
from backstay.domain.edge.guards import GuardState
from backstay.lab.virtual_time import run
from tests.activities.attempts import Attempt, crossed
from tests.broker.edge.stage import START_NS
from tests.domain.edge.samples import STATE

Newest = Callable[[], object | None]


def attend(attempt: Attempt, work: Coroutine[Any, Any, Any], newest: Newest, *beside: Any) -> Any:
    """Attend to the work within an attempt, in virtual time."""

    async def activity(_: None) -> Any:
        return await attended(work, newest, *beside)

    return run(attempt.run(activity, None), start_ns=START_NS)


async def after(seconds: float, answer: object = None) -> Any:
    await asyncio.sleep(seconds)
    return answer


async def failing(seconds: float) -> None:
    await asyncio.sleep(seconds)
    raise RuntimeError("it has failed")


def test_it_beats_at_once_and_three_times_within_its_timeout() -> None:
    attempt = Attempt(timeout=timedelta(seconds=30))
    assert attend(attempt, after(29, "done"), lambda: "standing") == "done"
    assert attempt.beats == [("standing",)] * 3


def test_without_a_timeout_it_beats_all_the_same() -> None:
    attempt = Attempt()
    attempt.env.info = replace(attempt.env.info, heartbeat_timeout=None)
    attend(attempt, after(11), lambda: 1)
    assert attempt.beats == [(1,), (1,)]


def test_until_anything_is_known_it_repeats_what_the_last_attempt_knew() -> None:
    known = iter([None, "news", None])
    attempt = Attempt(2, details="old")
    attend(attempt, after(25), lambda: next(known))
    assert attempt.beats == [("old",), ("news",), ("news",)]


def test_a_first_attempt_that_knows_nothing_beats_without_details() -> None:
    attempt = Attempt()
    attend(attempt, after(1), lambda: None)
    assert attempt.beats == [()]


def test_what_runs_beside_the_work_may_end_before_it_and_ends_with_it() -> None:
    ended = []

    async def endless() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("endless")

    attempt = Attempt()
    assert attend(attempt, after(5, 7), lambda: None, after(1), endless()) == 7
    assert ended == ["endless"]


def test_what_fails_beside_the_work_fails_the_attempt() -> None:
    with pytest.raises(RuntimeError, match="it has failed"):
        attend(Attempt(), after(50), lambda: None, failing(1))


def test_a_heartbeat_that_can_not_be_made_fails_the_attempt() -> None:
    def broken() -> object:
        raise RuntimeError("no standing")

    with pytest.raises(RuntimeError, match="no standing"):
        attend(Attempt(), after(50), broken)


def test_the_work_s_own_error_is_the_attempt_s() -> None:
    with pytest.raises(RuntimeError, match="it has failed"):
        attend(Attempt(), failing(3), lambda: None)


def test_calling_the_attempt_off_calls_the_work_off() -> None:
    ended = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("work")

    async def story() -> None:
        attempt = Attempt()

        async def activity(_: None) -> None:
            await attended(work(), lambda: None)

        task = asyncio.ensure_future(attempt.run(activity, None))
        await asyncio.sleep(1)
        attempt.env.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert ended == ["work"]

    run(story(), start_ns=START_NS)


# --- what the last attempt has left ---


def found(attempt: Attempt) -> tuple[GuardState | None, bool]:
    """What an attempt finds of the last one, and whether it takes itself for a later one."""

    async def activity(_: None) -> tuple[GuardState | None, bool]:
        return earlier(GuardState), is_later_attempt()

    return run(attempt.run(activity, None), start_ns=START_NS)


def test_a_first_attempt_finds_nothing() -> None:
    assert found(Attempt()) == (None, False)


def test_a_later_attempt_without_details_knows_that_it_is_one() -> None:
    assert found(Attempt(2)) == (None, True)


def test_the_details_of_the_last_heartbeat_arrive_whole() -> None:
    assert isinstance(crossed(STATE), dict)
    assert found(Attempt(2, STATE)) == (STATE, True)
    assert found(Attempt(1, STATE)) == (STATE, True)


def test_details_that_can_not_be_read_are_left_aside() -> None:
    assert found(Attempt(2, {"key": "of another build"})) == (None, True)


def test_what_ends_with_the_work_ends_in_the_order_in_which_it_was_named() -> None:
    """Else the same story could go another way in another process."""
    ended: list[int] = []

    async def strand(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)

    attend(Attempt(), after(1), lambda: None, *map(strand, range(8)))
    assert ended == list(range(8))
