"""Updates and queries, as the engine in memory has them answered."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import (
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from backstay.lab.engine.tasks import QueryAnswer, TaskGoneError
from tests.lab.engine.driven import (
    House,
    accepted,
    answered,
    behind,
    complete,
    kinds,
    payloads,
    play,
    refused,
    timer,
)
from tests.lab.engine.test_server_steps import STEP


def ask(house: House, name: str = "do", **options: Any) -> "asyncio.Task[Any]":
    handle = house.client.get_workflow_handle("one")
    return asyncio.create_task(handle.execute_update(name, "please", **options))


def question(house: House, **options: Any) -> "asyncio.Task[Any]":
    handle = house.client.get_workflow_handle("one")
    return asyncio.create_task(handle.query("how", **options))


def test_an_update_is_accepted_and_answered_in_the_words_of_its_workflow() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step()
        asked = ask(house)
        task = await house.poll()
        assert kinds(task.history)[4:] == STEP[:2]
        assert [(each.input.name, each.meta.identity) for each in task.updates] == [
            ("do", "someone")
        ]
        await house.hand_in(task, accepted(task), timer(3))
        assert not asked.done()
        await house.step(answered(task, "well"))
        assert await asked == "well"
        assert behind(run, 6) == [
            STEP[2],
            "WORKFLOW_EXECUTION_UPDATE_ACCEPTED",
            "TIMER_STARTED",
            "TIMER_FIRED",
            *STEP,
            "WORKFLOW_EXECUTION_UPDATE_COMPLETED",
        ]
        told = run.history[7].workflow_execution_update_accepted_event_attributes
        assert told.protocol_instance_id == told.accepted_request.meta.update_id == "update-1"
        assert told.accepted_request_sequencing_event_id == 5
        over = run.history[-1].workflow_execution_update_completed_event_attributes
        assert over.accepted_event_id == 8

    play(story)


def test_a_refusal_leaves_nothing_behind() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step()
        asked = ask(house)
        task = await house.poll()
        await house.hand_in(task, refused(task, "no, never"))
        with pytest.raises(WorkflowUpdateFailedError) as told:
            await asked
        assert "no, never" in str(told.value.cause)
        assert behind(run, 3) == [STEP[2]]
        asked = ask(house)
        task = await house.poll()
        assert kinds(task.history)[4:] == STEP[:2]
        await house.hand_in(task, accepted(task), answered(task, "this time"))
        assert await asked == "this time"

    play(story)


def test_a_refusal_beside_news_leaves_the_step_in_which_both_were_heard() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step()
        asked = ask(house)
        task = await house.poll()
        await house.client.get_workflow_handle("one").signal("hear")
        await house.hand_in(task, refused(task, "no"))
        with pytest.raises(WorkflowUpdateFailedError):
            await asked
        assert behind(run, 4) == [*STEP, "WORKFLOW_EXECUTION_SIGNALED", STEP[0]]

    play(story)


def test_an_update_that_comes_during_a_step_goes_along_with_the_next() -> None:
    async def story(house: House) -> None:
        await house.begin()
        first = await house.poll()
        asked = ask(house)
        await asyncio.sleep(0.1)
        await house.hand_in(first, timer(60))
        task = await house.poll()
        await house.hand_in(task, accepted(task), answered(task, "now"))
        assert await asked == "now"

    play(story)


def test_a_workflow_does_not_end_before_it_has_seen_every_update() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        first = await house.poll()
        asked = ask(house)
        await asyncio.sleep(0.1)
        with pytest.raises(TaskGoneError):
            await house.hand_in(first, complete())
        task = await house.poll()
        await house.hand_in(task, accepted(task), answered(task, "in time"), complete())
        assert await asked == "in time"
        assert run.is_closed

    play(story)


def test_an_update_that_a_step_has_failed_over_goes_along_with_the_next() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step()
        asked = ask(house)
        await house.fail_step(await house.poll())
        task = await house.poll()
        await house.hand_in(task, accepted(task), answered(task, "now"))
        assert await asked == "now"

    play(story)


def test_a_worker_that_says_nothing_to_an_update_has_refused_it() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step()
        asked = ask(house)
        await house.step(timer(1))
        with pytest.raises(WorkflowUpdateFailedError) as told:
            await asked
        assert isinstance(told.value.cause, ApplicationError)
        assert told.value.cause.type == "UnprocessedUpdate"

    play(story)


def test_a_workflow_that_ends_first_has_not_carried_out_what_it_has_accepted() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step()
        asked = ask(house)
        task = await house.poll()
        await house.hand_in(task, accepted(task), complete())
        with pytest.raises(WorkflowUpdateFailedError) as told:
            await asked
        assert isinstance(told.value.cause, ApplicationError)
        assert told.value.cause.type == "AcceptedUpdateCompletedWorkflow"
        with pytest.raises(RPCError) as late:
            await ask(house)
        assert late.value.status is RPCStatusCode.NOT_FOUND

    play(story)


def test_the_same_update_asked_again_is_the_same_one() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step()
        asked = [ask(house, id="mine"), ask(house, id="mine")]
        task = await house.poll()
        assert len(task.updates) == 1
        await house.hand_in(task, accepted(task), answered(task, "once"))
        assert await asyncio.gather(*asked) == ["once", "once"]
        assert await ask(house, id="mine") == "once"

    play(story)


def test_nobody_waits_longer_for_an_update_than_he_has_said() -> None:
    async def story(house: House) -> None:
        await house.begin()
        with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
            await ask(house, rpc_timeout=timedelta(seconds=2))
        assert asyncio.get_running_loop().time() == pytest.approx(2, abs=0.1)

    play(story)


# --- queries ---


def test_a_question_goes_by_itself_where_no_step_is_wanted() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(timer(60))
        asked = question(house)
        task = await house.poll()
        assert task.is_query_only
        assert kinds(task.history)[3:] == [STEP[2], "TIMER_STARTED"]
        await house.answer(task, "so")
        assert await asked == "so"
        assert behind(run, 5) == []

    play(story)


def test_a_question_goes_along_with_a_step_that_is_wanted() -> None:
    async def story(house: House) -> None:
        await house.begin()
        asked = question(house)
        await asyncio.sleep(0.1)
        task = await house.poll()
        assert not task.is_query_only
        assert task.queries is not None
        (name,) = task.queries
        failed = QueryAnswer(failure="no such question")
        await house.hand_in_with(task, {name: failed}, timer(60))
        with pytest.raises(WorkflowQueryFailedError, match="no such question"):
            await asked

    play(story)


def test_a_question_that_went_along_with_a_step_that_failed_goes_along_with_the_next() -> None:
    async def story(house: House) -> None:
        await house.begin()
        asked = question(house)
        await asyncio.sleep(0.1)
        await house.fail_step(await house.poll())
        task = await house.poll()
        assert task.queries is not None
        (name,) = task.queries
        await house.hand_in_with(task, {name: QueryAnswer(success=payloads("so"))})
        assert await asked == "so"

    play(story)


def test_a_workflow_that_is_over_answers_too() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step(complete())
        asked = question(house)
        await house.answer(await house.poll(), "it was so")
        assert await asked == "it was so"

    play(story)


def test_where_nobody_serves_a_question_waits_as_long_as_its_asker() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step(timer(60))
        with pytest.raises(RPCError) as late:
            await question(house, rpc_timeout=timedelta(seconds=2))
        assert late.value.status is RPCStatusCode.DEADLINE_EXCEEDED
        assert await house.nobody_asks("first", 5)

    play(story)


def test_a_question_is_kept_for_whoever_has_the_run_in_memory_for_a_second() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step(timer(60), who="first")
        asked = question(house)
        task = await house.poll("other")
        assert asyncio.get_running_loop().time() == pytest.approx(1, abs=0.1)
        await house.answer(task, "so")
        assert await asked == "so"

    play(story)
