"""Steps of workflows, as the engine in memory hands them out and writes them down."""

import asyncio

import pytest
from temporalio.api.enums.v1 import TaskQueueKind, TimeoutType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from backstay.lab.engine.tasks import StepTaken, TaskGoneError
from tests.lab.engine.driven import House, behind, cancel_timer, complete, go_on, kinds, play, timer

FIRST_STEP = ["WORKFLOW_EXECUTION_STARTED", "WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED"]
STEP = ["WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED"]


async def tell(house: House, signal: str = "hear") -> None:
    await house.client.get_workflow_handle("one").signal(signal)


def test_a_step_ends_the_history_that_goes_with_it_and_what_it_asks_for_stands_behind() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        task = await house.poll()
        assert kinds(task.history) == FIRST_STEP
        assert (task.run, task.kind, task.attempt) == (run.name, "Kind", 1)
        await house.hand_in(task, timer(5))
        assert behind(run, 3) == ["WORKFLOW_TASK_COMPLETED", "TIMER_STARTED"]
        assert kinds(task.history) == FIRST_STEP
        await house.step(complete())
        assert behind(run, 5) == ["TIMER_FIRED", *STEP, "WORKFLOW_EXECUTION_COMPLETED"]
        assert [event.event_id for event in run.history] == list(range(1, len(run.history) + 1))
        assert asyncio.get_running_loop().time() == pytest.approx(5, abs=0.1)

    play(story)


def test_what_rules_a_worker_has_followed_is_written_for_whoever_replays_it() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        task = await house.poll()
        completion = WorkflowActivationCompletion()
        completion.successful.used_internal_flags.append(7)
        await house.source.complete_workflow_task(task.token, StepTaken(completion, {}))
        await tell(house)
        await house.step()
        first, second = (
            event.workflow_task_completed_event_attributes.sdk_metadata
            for event in run.history
            if event.HasField("workflow_task_completed_event_attributes")
        )
        assert (list(first.lang_used_flags), list(second.lang_used_flags)) == ([7], [])
        assert list(first.core_used_flags)
        assert not list(second.core_used_flags)

    play(story)


def test_a_run_is_kept_for_whoever_has_it_in_memory_for_a_second() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(who="first")
        other = asyncio.create_task(house.poll("other"))
        await asyncio.sleep(0.1)
        before = asyncio.get_running_loop().time()
        await tell(house)
        task = await other
        assert asyncio.get_running_loop().time() - before == pytest.approx(1, abs=0.02)
        late, kept = run.history[-3], run.history[-4]
        queue = kept.workflow_task_scheduled_event_attributes.task_queue
        assert queue.kind == TaskQueueKind.TASK_QUEUE_KIND_STICKY
        kind = late.workflow_task_timed_out_event_attributes.timeout_type
        assert kind == TimeoutType.TIMEOUT_TYPE_SCHEDULE_TO_START
        assert task.attempt == 1

    play(story)


def test_whoever_has_it_in_memory_comes_before_anybody_who_waits_for_longer() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step(who="first")
        other = asyncio.create_task(house.poll("other"))
        await asyncio.sleep(0.1)
        first = asyncio.create_task(house.poll("first"))
        await asyncio.sleep(0.1)
        await tell(house)
        await first
        assert not other.done()
        other.cancel()

    play(story)


def test_nothing_is_kept_for_whoever_has_forgotten_it() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(who="first")
        house.source.forgets("first", run.name)
        await asyncio.sleep(0.1)
        await tell(house)
        assert not await house.nobody_asks("other", 0.1)

    play(story)


def test_nothing_is_kept_for_whoever_has_not_polled_for_long() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(who="first")
        await asyncio.sleep(11)
        await tell(house)
        assert not await house.nobody_asks("other", 0.1)
        assert "WORKFLOW_TASK_TIMED_OUT" not in kinds(run.history)

    play(story)


def test_a_step_that_nobody_hands_in_is_taken_again_when_its_time_is_over() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        lost = await house.poll("dead")
        again = await house.poll("first")
        assert again.attempt == 2
        assert asyncio.get_running_loop().time() == pytest.approx(10, abs=0.1)
        assert behind(run, 3) == ["WORKFLOW_TASK_TIMED_OUT"]
        assert kinds(again.history)[3:] == ["WORKFLOW_TASK_TIMED_OUT", *STEP[:2]]
        with pytest.raises(TaskGoneError):
            await house.hand_in(lost)
        await house.hand_in(again, timer(1))
        assert behind(run, 4) == [*STEP, "TIMER_STARTED"]
        assert run.history[4].workflow_task_scheduled_event_attributes.attempt == 2

    play(story)


def test_of_a_step_that_fails_again_and_again_only_the_first_failure_is_written() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        times = []
        for _ in range(4):
            await house.fail_step(await house.poll())
            times.append(round(asyncio.get_running_loop().time()))
        assert behind(run, 3) == ["WORKFLOW_TASK_FAILED"]
        failed = run.history[-1].workflow_task_failed_event_attributes
        assert failed.failure.message == "a defect"
        # The third attempt may take longer than the second by five seconds, and so on.
        assert times == [0, 0, 10, 25]

    play(story)


def test_a_step_that_fails_where_it_is_in_memory_is_taken_from_the_beginning_first() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step()
        await tell(house)
        await house.fail_step(await house.poll())
        again = await house.poll("other")
        assert again.attempt == 1
        assert behind(run, 4)[-3:] == ["WORKFLOW_TASK_FAILED", *STEP[:2]]

    play(story)


def test_news_makes_a_step_that_failed_a_new_one() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.fail_step(await house.poll())
        await tell(house)
        task = await house.poll()
        assert task.attempt == 1
        assert behind(run, 4) == ["WORKFLOW_EXECUTION_SIGNALED", *STEP[:2]]

    play(story)


def test_what_happens_during_a_step_stands_behind_what_came_of_it() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        task = await house.poll()
        await tell(house)
        assert kinds(run.history) == FIRST_STEP
        await house.hand_in(task, timer(5))
        assert behind(run, 3) == [
            "WORKFLOW_TASK_COMPLETED",
            "TIMER_STARTED",
            "WORKFLOW_EXECUTION_SIGNALED",
            "WORKFLOW_TASK_SCHEDULED",
        ]

    play(story)


@pytest.mark.parametrize("end", [complete(), go_on()], ids=["ends", "goes on"])
def test_a_workflow_does_not_end_before_it_has_heard_everything(end) -> None:  # type: ignore[no-untyped-def]
    async def story(house: House) -> None:
        run = await house.begin()
        task = await house.poll()
        await tell(house)
        with pytest.raises(TaskGoneError):
            await house.hand_in(task, end)
        again = await house.poll("other")
        assert behind(run, 3) == [
            "WORKFLOW_TASK_FAILED",
            "WORKFLOW_EXECUTION_SIGNALED",
            *STEP[:2],
        ]
        failed = run.history[3].workflow_task_failed_event_attributes
        cause = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
        assert failed.cause == cause
        assert not run.is_closed
        await house.hand_in(again, end)
        assert run.is_closed

    play(story)


def test_a_timer_that_is_called_off_as_it_comes_up_has_never_come_up() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(timer(1))
        await asyncio.sleep(0.5)
        await tell(house)
        task = await house.poll()
        await asyncio.sleep(1)
        await house.hand_in(task, cancel_timer())
        assert behind(run, 5)[-1] == "TIMER_CANCELED"
        assert "TIMER_FIRED" not in kinds(run.history)
        assert await house.nobody_asks("first", 5)

    play(story)


def test_what_was_on_its_way_to_a_poll_that_is_cancelled_goes_to_somebody_else() -> None:
    async def story(house: House) -> None:
        leaving = asyncio.create_task(house.poll("leaving"))
        await asyncio.sleep(0.1)

        def leave(_: object, event: HistoryEvent) -> None:
            if event.HasField("workflow_task_started_event_attributes"):
                leaving.cancel()

        house.engine.hear(event=leave)
        run = await house.begin()
        task = await house.poll("staying")
        assert leaving.cancelled()
        await house.hand_in(task, complete())
        assert kinds(run.history) == [*FIRST_STEP, STEP[2], "WORKFLOW_EXECUTION_COMPLETED"]

    play(story)


def test_a_long_history_suggests_to_go_on_as_a_new_run() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        house.engine.suggest_going_on_after(events=6)
        await house.step(timer(1))
        await house.step(timer(1, seq=2))
        await house.step()
        told = [
            event.workflow_task_started_event_attributes.suggest_continue_as_new
            for event in run.history
            if event.HasField("workflow_task_started_event_attributes")
        ]
        assert told == [False, True, True]

    play(story)


def test_each_signal_arrives_twice_where_somebody_wishes_it_so() -> None:
    async def story(house: House) -> None:
        doubled: list[str] = []
        house.engine.hear(doubled=lambda _, signal: doubled.append(signal))
        run = await house.begin()
        await tell(house)
        house.engine.signals_twice(twice=True)
        await tell(house, "twice")
        house.engine.signals_twice(twice=False)
        signals = [
            event.workflow_execution_signaled_event_attributes.signal_name
            for event in run.history
            if event.HasField("workflow_execution_signaled_event_attributes")
        ]
        assert signals == ["hear", "twice", "twice"]
        assert doubled == ["twice"]

    play(story)


def test_of_timers_that_come_up_in_a_step_only_the_one_called_off_is_as_if_it_had_not() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(timer(5), timer(5, 2))
        await tell(house)
        task = await house.poll()
        await asyncio.sleep(6)
        await house.hand_in(task, cancel_timer(2))
        fired = [
            event.timer_fired_event_attributes.timer_id
            for event in run.history
            if event.HasField("timer_fired_event_attributes")
        ]
        assert fired == ["1"]

    play(story)
