"""What lasts when the engine in memory goes, and what else goes wrong with it."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from backstay.gateway.times import SECOND_NS
from backstay.lab.engine.server import MemoryEngine
from backstay.lab.engine.tasks import EngineGoneError, TaskGoneError
from backstay.lab.virtual_time import run as run_loop
from tests.lab.engine.driven import (
    QUEUE,
    START_NS,
    House,
    accepted,
    answered,
    behind,
    complete,
    kinds,
    payloads,
    play,
    schedule,
    timer,
    way,
)
from tests.lab.engine.test_server_steps import STEP
from tests.lab.engine.test_server_updates import ask, question


def now() -> float:
    return asyncio.get_running_loop().time()


def test_what_was_asked_is_not_answered_when_the_engine_goes() -> None:
    async def story(house: House) -> None:
        poll = asyncio.create_task(house.poll())
        call = asyncio.create_task(house.call())
        await asyncio.sleep(0.1)
        house.engine.leave()
        house.engine.leave()
        for lost in (poll, call):
            with pytest.raises(EngineGoneError):
                await lost
        with pytest.raises(EngineGoneError):
            await house.poll()
        assert not await _is_well(house)
        house.engine.come_back()
        house.engine.come_back()
        assert await _is_well(house)

    play(story)


async def _is_well(house: House) -> bool:
    try:
        return await house.client.service_client.check_health(timeout=timedelta(seconds=1))
    except RPCError as error:
        return error.status is not RPCStatusCode.UNAVAILABLE


def test_a_client_tries_again_for_ten_seconds() -> None:
    async def story(house: House) -> None:
        house.engine.leave()
        asyncio.get_running_loop().call_later(4, house.engine.come_back)
        await house.begin()
        assert 4 < now() < 7
        house.engine.leave()
        begun = now()
        with pytest.raises(RPCError) as lost:
            await house.client.get_workflow_handle("one").signal("hear")
        assert lost.value.status is RPCStatusCode.UNAVAILABLE
        assert 5 < now() - begun <= 10

    play(story)


def test_a_start_that_was_done_but_not_answered_is_done_once() -> None:
    async def story(house: House) -> None:
        asyncio.get_running_loop().call_later(1.5 * way(), house.engine.leave)
        asyncio.get_running_loop().call_later(1, house.engine.come_back)
        run = await house.begin()
        assert [each.name for each in house.engine.runs] == [run.name]

    play(story)


def test_a_signal_that_was_heard_but_not_answered_is_heard_once() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        asyncio.get_running_loop().call_later(1.5 * way(), house.engine.leave)
        asyncio.get_running_loop().call_later(1, house.engine.come_back)
        await house.client.get_workflow_handle("one").signal("hear")
        assert kinds(run.history).count("WORKFLOW_EXECUTION_SIGNALED") == 1

    play(story)


def test_timers_and_attempts_last_and_what_was_due_meanwhile_comes_up_then() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(timer(5), timer(3, 2), schedule(start_to_close=60, heartbeat=40))
        attempt = await house.call()
        await house.source.heartbeat(attempt.task_token, payloads("so far"))
        house.engine.leave()
        await asyncio.sleep(20)
        assert behind(run, 7) == []
        house.engine.come_back()
        task = await house.poll()
        fired = [
            event.timer_fired_event_attributes.timer_id
            for event in task.history
            if event.HasField("timer_fired_event_attributes")
        ]
        assert fired == ["2", "1"]
        await house.hand_in(task)
        await house.done(attempt)
        assert behind(run, 7)[-3:] == [
            "ACTIVITY_TASK_STARTED",
            "ACTIVITY_TASK_COMPLETED",
            "WORKFLOW_TASK_SCHEDULED",
        ]

    play(story)


def test_a_step_that_was_handed_out_before_may_be_handed_in_afterwards() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        task = await house.poll()
        house.engine.leave()
        await asyncio.sleep(1)
        house.engine.come_back()
        await house.hand_in(task, complete())
        assert run.is_closed

    play(story)


def test_an_update_that_no_workflow_has_accepted_is_lost_and_asked_again_by_its_client() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step()
        asked = ask(house)
        lost = await house.poll()
        house.engine.leave()
        await asyncio.sleep(0.01)
        house.engine.come_back()
        with pytest.raises(TaskGoneError):
            await house.hand_in(lost, accepted(lost))
        again = await house.poll("other")
        await house.hand_in(again, accepted(again), answered(again, "well"))
        assert await asked == "well"
        assert behind(run, 4) == [
            *STEP,
            "WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
            "WORKFLOW_EXECUTION_UPDATE_COMPLETED",
        ]

    play(story)


def test_an_update_that_was_accepted_lasts() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step()
        asked = ask(house)
        task = await house.poll()
        await house.hand_in(task, accepted(task), timer(3))
        house.engine.leave()
        await asyncio.sleep(1)
        house.engine.come_back()
        await house.step(answered(task, "well"))
        assert await asked == "well"

    play(story)


def test_an_update_is_accepted_by_a_step_that_has_outlived_the_engine() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        asked = ask(house, id="mine")
        await asyncio.sleep(0.1)
        task = await house.poll()
        assert len(task.updates) == 1
        house.engine.leave()
        await asyncio.sleep(0.01)
        house.engine.come_back()
        await house.hand_in(task, accepted(task), answered(task, "well"))
        assert await asked == "well"
        assert len(run.updates) == 1

    play(story)


def test_an_update_is_lost_with_the_step_that_could_still_have_accepted_it() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
            await ask(house, rpc_timeout=timedelta(seconds=0.1))
        assert len((await house.poll("dead")).updates) == 1
        house.engine.leave()
        await asyncio.sleep(1)
        house.engine.come_back()
        again = await house.poll("next")
        assert again.updates == ()
        assert run.updates == {}

    play(story)


def test_an_update_that_is_asked_again_outlives_the_step_that_it_went_along_with() -> None:
    async def story(house: House) -> None:
        await house.begin()
        asked = ask(house, id="mine")
        await asyncio.sleep(0.1)
        first = await house.poll()
        house.engine.leave()
        await asyncio.sleep(0.01)
        house.engine.come_back()
        await asyncio.sleep(1)
        await house.fail_step(first)
        again = await house.poll()
        assert len(again.updates) == 1
        await house.hand_in(again, accepted(again), answered(again, "well"))
        assert await asked == "well"

    play(story)


def test_a_question_is_lost_and_asked_again_by_its_client() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step(timer(60))
        asked = question(house)
        await asyncio.sleep(0.1)
        house.engine.leave()
        await asyncio.sleep(0.01)
        house.engine.come_back()
        await asyncio.sleep(1)
        task = await house.poll("other")
        await house.answer(task, "so")
        assert await asked == "so"
        assert await house.nobody_asks("other", 3)

    play(story)


def test_late_timers_come_up_later_and_nothing_else_does() -> None:
    async def story(house: House) -> None:
        await house.begin()
        house.engine.late_timers(lambda: 2.5)
        await house.step(timer(5))
        await house.step(timer(5))
        assert now() == pytest.approx(7.5, abs=0.1)
        house.engine.late_timers(None)
        await house.poll()
        assert now() == pytest.approx(12.5, abs=0.1)

    play(story)


def test_a_machine_whose_clock_is_set_writes_what_it_believes() -> None:
    ahead = [0]

    async def main() -> None:
        loop = asyncio.get_running_loop()
        engine = MemoryEngine(lambda: START_NS + round(loop.time() * SECOND_NS) + ahead[0])
        client = engine.client(way, "someone", House().client.data_converter)
        await client.start_workflow("Kind", id="one", task_queue=QUEUE)
        ahead[0] = 3600 * SECOND_NS
        await client.get_workflow_handle("one").signal("hear")
        times = [event.event_time.ToNanoseconds() - START_NS for event in engine.run("one").history]
        assert [time // SECOND_NS for time in times] == [0, 0, 3600]

    run_loop(main(), start_ns=START_NS)


def test_a_failed_update_tells_why() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step()
        asked = ask(house)
        task = await house.poll()
        await house.hand_in(task, accepted(task))
        again = asyncio.create_task(house.poll())
        await house.client.get_workflow_handle("one").signal("hear")
        command = answered(task, "")
        command.update_response.rejected.message = "it went wrong"
        await house.hand_in(await again, command)
        with pytest.raises(WorkflowUpdateFailedError) as told:
            await asked
        assert "it went wrong" in str(told.value.cause)

    play(story)
