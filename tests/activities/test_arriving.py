"""Answers that may have got lost on their way, on the engine in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from unittest import mock

import pytest
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueResponse
from temporalio.client import AsyncActivityHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.arriving import ANSWER_LOST, ARRIVES_WITHIN_SECONDS, TRIES_MAX, Arrivals
from tests.lab.engine.driven import House, play, schedule
from tests.lab.engine.test_server_calls import now

FAIL = "temporalio.client.AsyncActivityHandle.fail"


async def answered(
    house: House, arrivals: Arrivals, times: int = 1
) -> PollActivityTaskQueueResponse:
    """A call of a lasting activity, and what is done before it answers."""
    run = await house.begin()
    await house.step(schedule(start_to_close=1000))
    task = await house.call()
    env = ActivityEnvironment()
    env.info = replace(
        env.info, workflow_id="one", workflow_run_id=run.name.run_id, activity_id=task.activity_id
    )

    async def answer() -> None:
        arrivals.answers()

    for _ in range(times):
        await env.run(answer)
    return task


def told(story: Callable[[House, Arrivals], Awaitable[None]]) -> None:
    async def whole(house: House) -> None:
        arrivals = Arrivals(house.client)
        await story(house, arrivals)
        await arrivals.close()

    play(whole)


def test_an_answer_that_got_lost_is_given_again_two_seconds_later() -> None:
    async def story(house: House, arrivals: Arrivals) -> None:
        task = await answered(house, arrivals, times=2)
        house.engine.lose_reports(1, "")
        await house.done(task)
        again = await house.call()
        assert again.attempt == 2
        assert ARRIVES_WITHIN_SECONDS <= now() < ARRIVES_WITHIN_SECONDS + 1
        await house.done(again)
        await house.step()

    told(story)


def test_an_answer_that_has_arrived_is_left_alone() -> None:
    async def story(house: House, arrivals: Arrivals) -> None:
        await house.done(await answered(house, arrivals))
        await house.step(schedule(2, start_to_close=1000))
        following = await house.call()
        await asyncio.sleep(10)
        await house.done(following)
        assert following.attempt == 1

    told(story)


@pytest.mark.parametrize("silences", [3, TRIES_MAX + 5])
def test_an_engine_that_is_silent_is_asked_again_for_a_while(silences: int) -> None:
    tries: list[str] = []

    async def fail(handle: AsyncActivityHandle, error: BaseException) -> None:
        tries.append(type(error).__name__ + str(getattr(error, "type", "")))
        if len(tries) <= silences:
            raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")

    async def story(house: House, arrivals: Arrivals) -> None:
        task = await answered(house, arrivals)
        with mock.patch(FAIL, fail):
            await asyncio.sleep(100)
        await house.done(task)

    told(story)
    assert tries == [f"ApplicationError{ANSWER_LOST}"] * min(silences + 1, TRIES_MAX)
