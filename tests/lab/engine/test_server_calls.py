"""Activities, as the engine in memory hands them out, times them and writes them down."""

import asyncio

import pytest
from temporalio.api.enums.v1 import PendingActivityState, RetryState, TimeoutType
from temporalio.api.failure.v1 import CanceledFailureInfo, Failure
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from backstay.lab.engine.tasks import TaskGoneError
from backstay.lab.engine.trying import Attempt
from tests.lab.engine.driven import (
    ABANDON,
    TRY_CANCEL,
    WAIT,
    House,
    behind,
    cancel_call,
    kinds,
    payloads,
    play,
    schedule,
    text_of,
    timer,
    trouble,
)


def now() -> float:
    return asyncio.get_running_loop().time()


def test_that_an_attempt_was_begun_is_written_when_it_is_over() -> None:
    async def story(house: House) -> None:
        taken: list[Attempt] = []
        house.engine.hear(taken=taken.append)
        run = await house.begin()
        await house.step(schedule(start_to_close=60))
        task = await house.call()
        assert (task.activity_id, task.attempt, text_of(task.input)) == ("1", 1, "please")
        begun_at = task.started_time.ToNanoseconds()
        await asyncio.sleep(3)
        assert behind(run, 4) == ["ACTIVITY_TASK_SCHEDULED"]
        await house.done(task, "well")
        assert behind(run, 5)[:2] == ["ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_COMPLETED"]
        assert run.history[5].event_time.ToNanoseconds() == begun_at
        over = run.history[6].activity_task_completed_event_attributes
        assert (over.scheduled_event_id, over.started_event_id) == (5, 6)
        assert text_of(over.result) == "well"
        assert taken == [Attempt(run.name, "call", "1", 1, "hand")]

    play(story)


def test_the_end_of_an_activity_during_a_step_stands_behind_everything_else() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(start_to_close=60))
        attempt = await house.call()
        await house.client.get_workflow_handle("one").signal("hear")
        step = await house.poll()
        await house.done(attempt)
        await house.client.get_workflow_handle("one").signal("hear more")
        await house.hand_in(step, timer(60))
        place = len(run.history)
        assert kinds(run.history[place - 5 :]) == [
            "TIMER_STARTED",
            "ACTIVITY_TASK_STARTED",
            "WORKFLOW_EXECUTION_SIGNALED",
            "ACTIVITY_TASK_COMPLETED",
            "WORKFLOW_TASK_SCHEDULED",
        ]
        over = run.history[-2].activity_task_completed_event_attributes
        assert over.started_event_id == run.history[-4].event_id

    play(story)


def test_a_failure_is_tried_again_later_and_later_and_says_so_to_the_next_attempt() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(start_to_close=60))
        times = []
        for number in (1, 2, 3):
            task = await house.call()
            times.append(round(now(), 1))
            assert task.attempt == number
            await house.failed(task, trouble(f"no {number}"))
        task = await house.call()
        times.append(round(now(), 1))
        await house.done(task)
        assert times == [0.0, 0.5, 1.5, 3.5]
        begun = run.history[5].activity_task_started_event_attributes
        assert (begun.attempt, begun.last_failure.message) == (4, "no 3")

    play(story)


@pytest.mark.parametrize(
    ("failure", "attempts_max", "state"),
    [
        (trouble("no", non_retryable=True), 0, RetryState.RETRY_STATE_NON_RETRYABLE_FAILURE),
        (trouble("no"), 1, RetryState.RETRY_STATE_MAXIMUM_ATTEMPTS_REACHED),
    ],
)
def test_some_failures_are_the_end(
    failure: Failure, attempts_max: int, state: RetryState.ValueType
) -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(retries=attempts_max, start_to_close=60))
        await house.failed(await house.call(), failure)
        assert behind(run, 5)[:2] == ["ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_FAILED"]
        assert run.history[6].activity_task_failed_event_attributes.retry_state == state

    play(story)


def test_who_gives_no_sign_of_life_is_followed_by_another_who_knows_what_he_said_last() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(start_to_close=1000, heartbeat=5))
        lost = await house.call("lost")
        for _ in range(3):
            await asyncio.sleep(4)
            assert not await house.source.heartbeat(lost.task_token, payloads("so far"))
        again = await house.call("next")
        assert now() == pytest.approx(12 + 5 + 0.5, abs=0.1)
        assert (again.attempt, text_of(again.heartbeat_details)) == (2, "so far")
        with pytest.raises(TaskGoneError):
            await house.done(lost)
        with pytest.raises(TaskGoneError):
            await house.source.heartbeat(lost.task_token, None)
        found = await house.client.get_workflow_handle("one").describe()
        (pending,) = found.raw_description.pending_activities
        assert pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
        assert (pending.attempt, pending.last_worker_identity) == (2, "next")
        assert text_of(pending.heartbeat_details) == "so far"
        assert pending.last_failure.message == "activity Heartbeat timeout"
        assert behind(run, 4) == ["ACTIVITY_TASK_SCHEDULED"]

    play(story)


def test_who_takes_too_long_is_followed_by_another() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step(schedule(start_to_close=7))
        await house.call("slow")
        assert (await house.call("next")).attempt == 2
        assert now() == pytest.approx(7.5, abs=0.1)

    play(story)


def test_what_nobody_takes_up_in_time_is_over() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(start_to_close=7, schedule_to_start=30))
        await house.poll()
        assert now() == pytest.approx(30, abs=0.1)
        assert behind(run, 5)[0] == "ACTIVITY_TASK_TIMED_OUT"
        over = run.history[5].activity_task_timed_out_event_attributes
        assert over.started_event_id == 0
        assert over.retry_state == RetryState.RETRY_STATE_TIMEOUT
        info = over.failure.timeout_failure_info
        assert info.timeout_type == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START
        assert await house.nobody_calls(1)

    play(story)


def test_all_attempts_together_may_take_so_long_and_the_last_failure_is_told() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(schedule_to_close=4, start_to_close=60))
        await house.failed(await house.call(), trouble("not yet"))
        await house.call("slow")
        await house.poll()
        assert now() == pytest.approx(4, abs=0.1)
        over = run.history[6].activity_task_timed_out_event_attributes
        info = over.failure.timeout_failure_info
        assert info.timeout_type == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE
        assert over.failure.cause.message == "not yet"

    play(story)


def test_what_nobody_has_begun_is_over_as_soon_as_it_is_called_off() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(start_to_close=60), timer(1))
        await house.step(cancel_call())
        assert behind(run, 10) == [
            "ACTIVITY_TASK_CANCEL_REQUESTED",
            "ACTIVITY_TASK_CANCELED",
            "WORKFLOW_TASK_SCHEDULED",
        ]
        assert await house.nobody_calls(1)

    play(story)


@pytest.mark.parametrize("cancellation", [TRY_CANCEL, WAIT])
def test_who_has_begun_it_hears_with_his_next_sign_of_life_that_it_is_called_off(
    cancellation: int,
) -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        options = {"start_to_close": 60, "heartbeat": 30}
        await house.step(schedule(cancellation=cancellation, **options), timer(1))
        task = await house.call()
        assert not await house.source.heartbeat(task.task_token, None)
        await house.step(cancel_call())
        assert await house.source.heartbeat(task.task_token, None)
        found = await house.client.get_workflow_handle("one").describe()
        (pending,) = found.raw_description.pending_activities
        assert pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED
        await house.failed(task, Failure(canceled_failure_info=CanceledFailureInfo()))
        assert behind(run, 11)[:2] == ["ACTIVITY_TASK_STARTED", "ACTIVITY_TASK_CANCELED"]
        over = run.history[12].activity_task_canceled_event_attributes
        assert over.latest_cancel_requested_event_id == 11

    play(story)


def test_what_is_left_to_itself_is_not_called_off() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(cancellation=ABANDON, start_to_close=60), timer(1))
        task = await house.call()
        await house.step(cancel_call())
        assert "ACTIVITY_TASK_CANCEL_REQUESTED" not in kinds(run.history)
        assert not await house.source.heartbeat(task.task_token, None)

    play(story)


def test_an_attempt_of_somebody_who_is_gone_can_be_failed_by_its_name() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(start_to_close=1000))
        gone = await house.call("gone")
        handle = house.client.get_async_activity_handle(
            workflow_id="one", run_id=run.name.run_id, activity_id="1"
        )
        await handle.fail(ApplicationError("gone is no more", type="WorkerLost"))
        again = await house.call("next")
        assert (again.attempt, round(now(), 1)) == (2, 0.5)
        with pytest.raises(TaskGoneError):
            await house.done(gone)
        await house.done(again)
        begun = run.history[5].activity_task_started_event_attributes
        assert begun.last_failure.application_failure_info.type == "WorkerLost"
        with pytest.raises(RPCError) as refused:
            await handle.fail(ApplicationError("too late"))
        assert refused.value.status is RPCStatusCode.NOT_FOUND

    play(story)


def test_a_report_that_gets_lost_is_believed_to_have_come() -> None:
    async def story(house: House) -> None:
        lost: list[Attempt] = []
        house.engine.hear(lost=lost.append)
        await house.begin()
        await house.step(schedule(start_to_close=10))
        house.engine.lose_reports(1, "call")
        await house.done(await house.call())
        assert [each.number for each in lost] == [1]
        again = await house.call("next")
        assert (again.attempt, round(now(), 1)) == (2, 10.5)
        house.engine.lose_reports(1, "another call")
        await house.done(again)
        assert len(lost) == 1
        await house.step()

    play(story)


def test_what_was_on_its_way_to_a_poll_that_is_cancelled_is_the_same_attempt_elsewhere() -> None:
    async def story(house: House) -> None:
        await house.begin()
        leaving = asyncio.create_task(house.call("leaving"))
        await asyncio.sleep(0.1)

        def leave(_: Attempt) -> None:
            leaving.cancel()

        house.engine.hear(taken=leave)
        await house.step(schedule(start_to_close=60))
        task = await house.call("staying")
        assert leaving.cancelled()
        assert task.attempt == 1
        await house.done(task)

    play(story)


def test_nobody_waits_for_what_a_run_that_is_over_has_asked_for() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(schedule(start_to_close=60), schedule(2, start_to_close=60), timer(60))
        task = await house.call()
        await house.client.get_workflow_handle("one").terminate("enough")
        with pytest.raises(TaskGoneError):
            await house.done(task)
        assert await house.nobody_calls(1)
        await asyncio.sleep(100)
        assert behind(run, 7) == ["WORKFLOW_EXECUTION_TERMINATED"]

    play(story)
