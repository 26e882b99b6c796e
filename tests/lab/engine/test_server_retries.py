"""Which failures of activities the engine in memory has followed by another attempt, and when."""

import asyncio

import pytest
from temporalio.api.enums.v1 import RetryState, TimeoutType
from temporalio.api.failure.v1 import CanceledFailureInfo, Failure, TimeoutFailureInfo

from tests.lab.engine.driven import (
    WAIT,
    House,
    behind,
    cancel_call,
    lasting,
    play,
    schedule,
    timer,
    trouble,
)

WAITED = TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START
TOOK = TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE


def now() -> float:
    return asyncio.get_running_loop().time()


def test_a_rest_before_the_next_attempt_is_at_most_a_hundred_times_the_first() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step(schedule(start_to_close=60))
        rests = []
        task = await house.call()
        for _ in range(9):
            failed_at = now()
            await house.failed(task, trouble("no"))
            task = await house.call()
            rests.append(round(now() - failed_at, 1))
        assert rests == [0.5, 1, 2, 4, 8, 16, 32, 50, 50]

    play(story)


def test_no_attempt_follows_where_its_rest_would_outlast_the_time_of_all_together() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(schedule_to_close=1.2, start_to_close=60))
        await house.failed(await house.call(), trouble("no 1"))
        await house.failed(await house.call(), trouble("no 2"))
        assert now() == pytest.approx(0.5, abs=0.1)
        assert behind(run, 5)[:2] == ["ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_FAILED"]
        over = run.history[6].activity_task_failed_event_attributes
        assert over.failure.message == "no 2"
        assert over.retry_state == RetryState.RETRY_STATE_TIMEOUT
        assert await house.nobody_calls(10)

    play(story)


def test_who_takes_too_long_with_no_time_left_for_another_has_taken_all_of_it() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(schedule_to_close=5, start_to_close=4.8))
        await house.call("slow")
        await house.poll()
        assert now() == pytest.approx(4.8, abs=0.1)
        over = run.history[6].activity_task_timed_out_event_attributes
        assert over.retry_state == RetryState.RETRY_STATE_TIMEOUT
        info = over.failure.timeout_failure_info
        assert info.timeout_type == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE

    play(story)


def test_no_attempt_follows_the_failure_of_one_that_was_asked_to_stop() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(start_to_close=60, cancellation=WAIT), timer(1))
        task = await house.call()
        await house.step(cancel_call())
        await house.failed(task, trouble("no"))
        assert behind(run, 11)[:2] == ["ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_FAILED"]
        over = run.history[12].activity_task_failed_event_attributes
        assert over.failure.message == "no"
        assert over.retry_state == RetryState.RETRY_STATE_CANCEL_REQUESTED
        assert await house.nobody_calls(10)

    play(story)


def test_no_attempt_follows_a_failure_of_a_kind_for_which_none_was_wished() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        command = schedule(start_to_close=60)
        policy = command.schedule_activity.retry_policy
        policy.non_retryable_error_types.append("Hopeless")
        await house.step(command)
        await house.failed(await house.call(), trouble("not yet"))
        task = await house.call()
        assert task.attempt == 2
        await house.failed(task, trouble("never", "Hopeless"))
        over = run.history[6].activity_task_failed_event_attributes
        assert over.failure.message == "never"
        assert over.retry_state == RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE
        assert await house.nobody_calls(10)

    play(story)


@pytest.mark.parametrize(
    ("failure", "attempts"),
    [
        (Failure(canceled_failure_info=CanceledFailureInfo()), 1),
        (Failure(timeout_failure_info=TimeoutFailureInfo(timeout_type=WAITED)), 1),
        (Failure(timeout_failure_info=TimeoutFailureInfo(timeout_type=TOOK)), 2),
    ],
)
def test_a_failure_that_tells_of_another_is_followed_by_an_attempt_as_that_would_be(
    failure: Failure, attempts: int
) -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(start_to_close=60))
        await house.failed(await house.call(), failure)
        if attempts == 1:
            assert behind(run, 5)[:2] == ["ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_FAILED"]
            over = run.history[6].activity_task_failed_event_attributes
            assert over.retry_state == RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE
        else:
            assert (await house.call()).attempt == 2

    play(story)


def test_how_long_an_attempt_may_wait_counts_from_the_end_of_its_rest() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(start_to_close=60, schedule_to_start=3))
        task = await house.call()
        await asyncio.sleep(2)
        await house.failed(task, trouble("no"))
        await house.poll()
        assert now() == pytest.approx(2 + 0.5 + 3, abs=0.1)
        over = run.history[5].activity_task_timed_out_event_attributes
        info = over.failure.timeout_failure_info
        assert info.timeout_type == WAITED
        assert over.failure.cause.message == "no"

    play(story)


def test_a_rest_is_a_second_first_where_nobody_says_otherwise() -> None:
    async def story(house: House) -> None:
        await house.begin()
        command = schedule(start_to_close=60)
        command.schedule_activity.retry_policy.ClearField("initial_interval")
        await house.step(command)
        await house.failed(await house.call(), trouble("no 1"))
        await house.failed(await house.call(), trouble("no 2"))
        assert now() == pytest.approx(1, abs=0.1)
        await house.call()
        assert now() == pytest.approx(1 + 2, abs=0.1)

    play(story)


def test_a_failure_may_say_how_long_to_rest() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step(schedule(start_to_close=60))
        failure = trouble("busy")
        failure.application_failure_info.next_retry_delay.CopyFrom(lasting(7))
        await house.failed(await house.call(), failure)
        await house.call()
        assert now() == pytest.approx(7, abs=0.1)

    play(story)
