"""What becomes of calls to the engine in memory whose callers die or stand still."""

import asyncio
from typing import Any

import pytest
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, ListWorkersRequest

from backstay.gateway.times import SECOND_NS
from backstay.lab.processes import Process
from tests.lab.engine.driven import (
    CALLS,
    START_NS,
    House,
    complete,
    kinds,
    play,
    schedule,
    way,
)


def now() -> float:
    return asyncio.get_running_loop().time()


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
