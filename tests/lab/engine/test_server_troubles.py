"""What lasts when the engine in memory goes, and what becomes of calls whose callers go."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, ListWorkersRequest
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from backstay.gateway.times import SECOND_NS
from backstay.lab.engine.server import MemoryEngine
from backstay.lab.engine.tasks import EngineGoneError, TaskGoneError
from backstay.lab.processes import Process
from backstay.lab.virtual_time import run as run_loop
from tests.lab.engine.driven import (
    CALLS,
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


# --- the engine goes ---


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


# --- a caller goes ---


def in_process(house: House, name: str, work: Any) -> Process:
    process = Process(name)
    _ = process.run(asyncio.get_running_loop().create_task, work)
    return process


def test_what_a_process_has_sent_arrives_although_it_is_dead() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        task = await house.poll()
        process = in_process(house, "worker", house.hand_in(task, complete()))
        await asyncio.sleep(way() / 2)
        process.kill()
        await asyncio.sleep(1)
        assert run.is_closed

    play(story)


def test_what_a_process_says_while_it_is_torn_down_reaches_nobody() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        task = await house.poll("first")

        async def work() -> None:
            try:
                await asyncio.sleep(100)
            finally:
                house.source.forgets("first", run.name)
                await house.hand_in(task, complete())

        process = in_process(house, "worker", work())
        await asyncio.sleep(1)
        process.kill()
        await asyncio.sleep(1)
        assert not run.is_closed

    play(story)


def test_a_dead_process_is_given_nothing_and_what_was_on_its_way_to_it_is_lost() -> None:
    async def story(house: House) -> None:
        process = in_process(house, "worker", house.poll("dead"))
        await asyncio.sleep(0.1)
        house.engine.hear(event=lambda _, __: process.kill())
        run = await house.begin()
        house.engine.hear()
        task = await house.poll("next")
        assert now() == pytest.approx(0.1, abs=0.05)
        assert kinds(task.history) == kinds(run.history[:3])

    play(story)


def test_what_is_on_its_way_to_a_process_that_dies_is_waited_for_in_vain() -> None:
    async def story(house: House) -> None:
        process = in_process(house, "worker", house.poll("dead"))
        await asyncio.sleep(0.1)
        run = await house.begin()
        assert run.is_stepping
        process.kill()
        await house.poll("next")
        assert now() == pytest.approx(10.1, abs=0.1)

    play(story)


@pytest.mark.parametrize(("still_for", "attempt"), [(18, 2), (22, 1)])
def test_a_process_that_stands_still_is_given_calls_until_its_poll_is_a_minute_old(
    still_for: float, attempt: int
) -> None:
    async def story(house: House) -> None:
        process = in_process(house, "worker", house.call("still"))
        await asyncio.sleep(100)
        process.freeze()
        await house.begin()
        await asyncio.sleep(still_for)
        await house.step(schedule(start_to_close=1000, heartbeat=5))
        task = await house.call("next")
        process.kill()
        assert task.attempt == attempt

    play(story)


def test_who_polls_is_known_and_when_he_has_asked_last() -> None:
    async def story(house: House) -> None:
        dead = in_process(house, "worker", house.call("dead"))
        alive = in_process(house, "worker", house.call("alive"))
        still = in_process(house, "worker", house.call("still"))
        await asyncio.sleep(130)
        dead.kill()
        still.freeze()
        await asyncio.sleep(45)
        assert await _polled(house) == {"dead": 130.0, "alive": 120.0, "still": 120.0}
        await asyncio.sleep(257)
        assert await _polled(house) == {"alive": 420.0, "still": 180.0}
        alive.kill()
        still.kill()

    play(story)


async def _polled(house: House) -> dict[str, float]:
    described = await house.client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace="default",
            task_queue=TaskQueue(name=CALLS),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        )
    )
    return {
        each.identity: round((each.last_access_time.ToNanoseconds() - START_NS) / SECOND_NS, 1)
        for each in described.pollers
    }


def test_who_serves_a_queue_gives_signs_of_life_until_he_stands_still() -> None:
    async def story(house: House) -> None:
        process = in_process(house, "worker", house.call("worker"))
        seen = []
        for _ in range(4):
            seen.append(await _signs(house))
            await asyncio.sleep(2)
        process.freeze()
        seen.append(await _signs(house))
        await asyncio.sleep(20)
        seen.append(await _signs(house))
        process.thaw()
        seen.append(await _signs(house))
        assert [len(each) for each in seen] == [1] * 7
        assert len({sign for each in seen[:4] for sign in each}) == 4
        assert seen[4] == seen[5] != seen[6]

    play(story)


async def _signs(house: House) -> frozenset[tuple[str, int]]:
    await asyncio.sleep(0.01)
    answer = await house.client.workflow_service.list_workers(
        ListWorkersRequest(namespace="default", query=f'TaskQueue="{CALLS}"')
    )
    return frozenset(
        (sign.worker_instance_key, sign.heartbeat_time.ToNanoseconds())
        for sign in (info.worker_heartbeat for info in answer.workers_info)
    )


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
