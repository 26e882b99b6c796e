"""How runs begin, have children, go on as new ones and end in the engine in memory."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import (
    ParentClosePolicy,
    StartChildWorkflowExecutionFailedCause,
    WorkflowExecutionStatus,
)
from temporalio.client import WorkflowContinuedAsNewError, WorkflowFailureError
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import TerminatedError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.attributes import ACCOUNT, register_attributes
from backstay.lab.engine.tasks import TaskGoneError
from tests.lab.engine.driven import (
    QUEUE,
    House,
    behind,
    cancel_child,
    child,
    complete,
    go_on,
    kinds,
    play,
    text_of,
    timer,
)
from tests.lab.engine.test_server_steps import STEP

TERMINATE = ParentClosePolicy.PARENT_CLOSE_POLICY_TERMINATE
LEAVE_ALONE = ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON
ASK_TO_END = ParentClosePolicy.PARENT_CLOSE_POLICY_REQUEST_CANCEL


async def start(house: House, **options: Any) -> str:
    handle = await house.client.start_workflow("Kind", id="one", task_queue=QUEUE, **options)
    return handle.first_execution_run_id or ""


def test_an_id_that_runs_is_taken() -> None:
    async def story(house: House) -> None:
        first = await start(house)
        with pytest.raises(WorkflowAlreadyStartedError) as taken:
            await start(house)
        assert taken.value.run_id == first
        use_it = WorkflowIDConflictPolicy.USE_EXISTING
        assert await start(house, id_conflict_policy=use_it) == first
        end_it = WorkflowIDConflictPolicy.TERMINATE_EXISTING
        assert await start(house, id_conflict_policy=end_it) != first
        assert house.engine.run("one", first).status == (
            WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED
        )

    play(story)


def test_an_id_that_is_over_may_be_used_again_unless_somebody_says_otherwise() -> None:
    async def story(house: House) -> None:
        first = await start(house)
        await house.step(complete())
        for policy in (
            WorkflowIDReusePolicy.REJECT_DUPLICATE,
            WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        ):
            with pytest.raises(WorkflowAlreadyStartedError):
                await start(house, id_reuse_policy=policy)
        second = await start(house)
        assert second != first
        assert house.engine.run("one").name.run_id == second
        await house.client.get_workflow_handle("one").terminate()
        failed_only = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
        assert await start(house, id_reuse_policy=failed_only) not in (first, second)

    play(story)


def test_what_ends_a_run_from_outside_ends_its_step_as_well() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        task = await house.poll()
        handle = house.client.get_workflow_handle("one")
        waiting = asyncio.create_task(handle.result())
        await handle.terminate("enough")
        with pytest.raises(WorkflowFailureError) as ended:
            await waiting
        assert isinstance(ended.value.cause, TerminatedError)
        assert behind(run, 3) == ["WORKFLOW_TASK_FAILED", "WORKFLOW_EXECUTION_TERMINATED"]
        with pytest.raises(TaskGoneError):
            await house.hand_in(task)
        with pytest.raises(RPCError) as late:
            await handle.signal("hear")
        assert late.value.status is RPCStatusCode.NOT_FOUND

    play(story)


def test_a_run_has_as_long_as_it_was_given() -> None:
    async def story(house: House) -> None:
        run = await house.begin(execution_timeout=timedelta(seconds=30))
        await house.step(timer(60))
        with pytest.raises(WorkflowFailureError):
            await house.client.get_workflow_handle("one").result()
        assert asyncio.get_running_loop().time() == pytest.approx(30, abs=0.1)
        assert behind(run, 5) == ["WORKFLOW_EXECUTION_TIMED_OUT"]

    play(story)


def test_a_workflow_is_asked_to_end_once() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step()
        handle = house.client.get_workflow_handle("one")
        await handle.cancel()
        await handle.cancel()
        assert behind(run, 4) == ["WORKFLOW_EXECUTION_CANCEL_REQUESTED", "WORKFLOW_TASK_SCHEDULED"]

    play(story)


def test_a_run_goes_on_as_a_new_one_with_everything_that_was_not_said_anew() -> None:
    async def story(house: House) -> None:
        await register_attributes(house.client)
        attributes = TypedSearchAttributes([SearchAttributePair(ACCOUNT, "DU1")])
        run = await house.begin(memo={"note": "kept"}, search_attributes=attributes)
        await house.step(go_on())
        following = house.engine.run("one")
        assert following is not run
        over = run.history[-1].workflow_execution_continued_as_new_event_attributes
        begun = following.history[0].workflow_execution_started_event_attributes
        assert over.new_execution_run_id == following.name.run_id
        assert begun.continued_execution_run_id == run.name.run_id
        assert begun.first_execution_run_id == run.name.run_id
        assert begun.memo.fields.keys() == {"note"}
        assert begun.search_attributes.indexed_fields.keys() == {ACCOUNT.name}
        result = asyncio.create_task(
            house.client.get_workflow_handle("one", run_id=run.name.run_id).result()
        )
        await house.step(complete("at last"))
        with pytest.raises(WorkflowContinuedAsNewError):
            await house.client.get_workflow_handle("one", run_id=run.name.run_id).result(
                follow_runs=False
            )
        assert await result == "at last"

    play(story)


# --- children ---


def test_a_child_begins_and_its_parent_hears_of_it_and_of_its_end() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(child("two"))
        first, second = await house.poll(), await house.poll()
        task = first if first.run.workflow_id == "two" else second
        parents = second if task is first else first
        begun = task.history[0].workflow_execution_started_event_attributes
        assert begun.parent_workflow_execution.workflow_id == "one"
        assert begun.parent_initiated_event_id == 5
        assert begun.root_workflow_execution.workflow_id == "one"
        await house.hand_in(parents)
        found = await house.client.get_workflow_handle("one").describe()
        assert [each.workflow_id for each in found.raw_description.pending_children] == ["two"]
        await house.hand_in(task, complete("grown"))
        await house.step()
        assert behind(run, 4) == [
            "START_CHILD_WORKFLOW_EXECUTION_INITIATED",
            "CHILD_WORKFLOW_EXECUTION_STARTED",
            *STEP,
            "CHILD_WORKFLOW_EXECUTION_COMPLETED",
            *STEP,
        ]
        over = run.history[9].child_workflow_execution_completed_event_attributes
        assert (over.initiated_event_id, over.started_event_id) == (5, 6)
        assert text_of(over.result) == "grown"
        assert run.children == {}

    play(story)


def test_a_child_whose_id_runs_already_does_not_begin() -> None:
    async def story(house: House) -> None:
        await house.begin("two")
        await house.step()
        run = await house.begin("one")
        await house.step(child("two"))
        await house.step()
        assert behind(run, 5)[0] == "START_CHILD_WORKFLOW_EXECUTION_FAILED"
        failed = run.history[5].start_child_workflow_execution_failed_event_attributes
        assert failed.cause == StartChildWorkflowExecutionFailedCause.Value(
            "START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS"
        )

    play(story)


@pytest.mark.parametrize(
    ("policy", "behind_it"),
    [
        (TERMINATE, ["WORKFLOW_EXECUTION_TERMINATED"]),
        (ASK_TO_END, ["WORKFLOW_EXECUTION_CANCEL_REQUESTED", "WORKFLOW_TASK_SCHEDULED"]),
        (LEAVE_ALONE, []),
    ],
)
def test_what_becomes_of_a_child_when_its_parent_ends_was_said_before(
    policy: int, behind_it: list[str]
) -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step(child("two", policy=policy))
        tasks = [await house.poll(), await house.poll()]
        for task in sorted(tasks, key=lambda task: task.run.workflow_id, reverse=True):
            await house.hand_in(task, *([complete()] if task.run.workflow_id == "one" else []))
        await asyncio.sleep(0.1)
        assert behind(house.engine.run("two"), 4) == behind_it

    play(story)


def test_a_child_that_was_asked_for_in_the_last_step_begins_only_if_it_is_left_alone() -> None:
    async def story(house: House) -> None:
        await house.begin()
        await house.step(child("two", 1, LEAVE_ALONE), child("three", 2, TERMINATE), complete())
        await asyncio.sleep(0.1)
        assert kinds(house.engine.run("two").history)[0] == "WORKFLOW_EXECUTION_STARTED"
        with pytest.raises(RPCError):
            house.engine.run("three")

    play(story)


@pytest.mark.parametrize("cancellation", [1, 2])
def test_a_child_is_asked_to_end(cancellation: int) -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(child("two", cancellation=cancellation))
        tasks = [await house.poll(), await house.poll()]
        for task in tasks:
            await house.hand_in(task, *([cancel_child()] if task.run == run.name else []))
        await asyncio.sleep(0.1)
        assert behind(run, 9)[:2] == [
            "REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED",
            "EXTERNAL_WORKFLOW_EXECUTION_CANCEL_REQUESTED",
        ]
        asked = house.engine.run("two")
        assert "WORKFLOW_EXECUTION_CANCEL_REQUESTED" in kinds(asked.history)

    play(story)


def test_a_parent_hears_of_the_end_of_the_last_run_of_its_child() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        await house.step(child("two"))
        for task in [await house.poll(), await house.poll()]:
            await house.hand_in(task, *([go_on()] if task.run.workflow_id == "two" else []))
        assert "CHILD_WORKFLOW_EXECUTION_COMPLETED" not in kinds(run.history)
        found = await house.client.get_workflow_handle("one").describe()
        (pending,) = found.raw_description.pending_children
        assert pending.run_id == house.engine.run("two").name.run_id
        await house.step(complete())
        await asyncio.sleep(0.1)
        assert behind(run, 9)[0] == "CHILD_WORKFLOW_EXECUTION_COMPLETED"

    play(story)


def test_a_child_that_begins_and_ends_during_one_step_of_its_parent_is_told_of_in_order() -> None:
    async def story(house: House) -> None:
        run = await house.begin()
        first = await house.poll()
        await house.client.get_workflow_handle("one").signal("hear")
        following = asyncio.create_task(house.poll())
        await asyncio.sleep(0.1)
        await house.hand_in(first, child("two"))
        parents = await following
        await house.step(complete(), who="other")
        await asyncio.sleep(0.1)
        await house.hand_in(parents)
        assert behind(run, 9) == [
            "CHILD_WORKFLOW_EXECUTION_STARTED",
            "CHILD_WORKFLOW_EXECUTION_COMPLETED",
            STEP[0],
        ]
        over = run.history[10].child_workflow_execution_completed_event_attributes
        assert (over.initiated_event_id, over.started_event_id) == (5, 10)

    play(story)


# --- lists ---


def test_the_list_knows_what_fits_a_moment_later() -> None:
    async def story(house: House) -> None:
        await register_attributes(house.client)
        await register_attributes(house.client)
        for name, account in (("a", "DU1"), ("b", "DU1"), ("c", "DU2")):
            attributes = TypedSearchAttributes([SearchAttributePair(ACCOUNT, account)])
            await house.begin(name, search_attributes=attributes)
            await house.step(*([complete()] if name == "a" else []))
        query = f'ExecutionStatus = "Running" AND {ACCOUNT.name} = "DU1"'
        assert [each.id async for each in house.client.list_workflows(query)] == []
        await asyncio.sleep(0.2)
        assert [each.id async for each in house.client.list_workflows(query)] == ["b"]
        assert (await house.client.count_workflows(query)).count == 1
        all_of_them = f"WorkflowType = 'Kind' AND {ACCOUNT.name} = 'DU1'"
        found = [each.id async for each in house.client.list_workflows(all_of_them, page_size=1)]
        assert found == ["b", "a"]
        with pytest.raises(RPCError):
            await house.client.count_workflows("StartTime > 3")

    play(story)


def test_a_search_attribute_has_to_be_known() -> None:
    async def story(house: House) -> None:
        key = SearchAttributeKey.for_keyword("Nobodys")
        with pytest.raises(RPCError, match="Nobodys"):
            await start(
                house, search_attributes=TypedSearchAttributes([SearchAttributePair(key, "x")])
            )

    play(story)
