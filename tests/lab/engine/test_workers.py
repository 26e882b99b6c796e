"""A worker of workflows keeps what it may, hands in what it has done, and dies without a word."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory

from activities.converting import VALUES
from backstay.lab import virtual_time
from backstay.lab.engine.tasks import RunName, WorkflowTask
from backstay.lab.engine.workers import NONDETERMINISM, WORKFLOW_ERROR, Keeping, WorkflowWorker
from backstay.lab.processes import Process
from tests.durable.histories import load
from tests.lab.engine.desk import Desk
from tests.lab.engine.told import (
    START_NS,
    content,
    longest,
    name_of,
    questions_to,
    steps_of,
    wish,
)
from tests.replay.record import FOLDER
from workflows.dry_run import DryRun
from workflows.exit import Exit
from workflows.trade import Trade

KINDS = [Trade, Exit, DryRun]
SOON = 0.1
AS_EVER = Keeping()
LONGEST = longest("trade")
(WITH_UPDATE,) = FOLDER.glob("a_person_moves_the_stop.*")

Story = Callable[[Desk, WorkflowWorker, WorkflowHistory], Awaitable[None]]


def a_worker(desk: Desk, keeping: Keeping = AS_EVER) -> WorkflowWorker:
    return WorkflowWorker(desk, "trades", KINDS, VALUES, "trades/1", keeping)


def told(story: Story, keeping: Keeping = AS_EVER, path: Path = LONGEST) -> Desk:
    """What came of it; the worker is shut down behind it."""

    async def main() -> Desk:
        desk = Desk()
        worker = a_worker(desk, keeping)
        run = asyncio.create_task(worker.run())
        await story(desk, worker, load(path))
        await worker.shutdown()
        await run
        assert worker.cached == ()
        return desk

    return virtual_time.run(main(), start_ns=START_NS)


async def all_steps(desk: Desk, _: WorkflowWorker, history: WorkflowHistory) -> None:
    for task, came in steps_of(history):
        desk.lay(task)
        await asyncio.sleep(SOON)
        completion = desk.steps[task.token].completion
        assert completion is not None
        assert [wish(each) for each in completion.successful.commands] == [
            content(event) for event in came
        ]


def test_a_run_stays_in_memory_until_it_is_over() -> None:
    assert [name for _, (_, name) in told(all_steps).heard("forgets")] == [name_of(load(LONGEST))]


def test_a_run_that_is_dropped_after_every_step_goes_on_all_the_same() -> None:
    desk = told(all_steps, Keeping(evict=lambda _: True))
    assert len(desk.heard("forgets")) == len(desk.steps) > 10


def test_no_more_runs_are_kept_than_there_is_room_for() -> None:
    async def story(desk: Desk, worker: WorkflowWorker, history: WorkflowHistory) -> None:
        (task, _), *_ = steps_of(history)
        for number in range(3):
            name = RunName(f"trade:{number}", "run")
            desk.lay(replace(task, run=name, token=number))
            await asyncio.sleep(SOON)
        assert [name.workflow_id for name in worker.cached] == ["trade:1", "trade:2"]

    told(story, Keeping(runs_max=2))


def test_a_question_waits_until_the_step_before_it_is_handed_in() -> None:
    async def story(desk: Desk, worker: WorkflowWorker, history: WorkflowHistory) -> None:
        (task, came), *_ = steps_of(history)
        desk.lay(task)
        desk.lay(
            replace(questions_to(history, len(task.history) + 1 + len(came), "state"), token=0)
        )
        desk.is_deaf = True
        await asyncio.sleep(SOON)
        assert [token for _, token in desk.heard("step")] == [3]
        await asyncio.sleep(SOON)
        assert [token for _, token in desk.heard("step")] == [3, 3]
        desk.is_deaf = False
        await asyncio.sleep(1)

    assert list(told(story).steps) == [3, 0]


def test_a_step_that_nobody_waits_for_any_more_is_forgotten() -> None:
    async def story(desk: Desk, worker: WorkflowWorker, history: WorkflowHistory) -> None:
        (first, _), (second, came), *_ = steps_of(history)
        desk.unknown.add(first.token)
        desk.lay(first)
        await asyncio.sleep(SOON)
        assert worker.cached == ()
        desk.lay(second)
        await asyncio.sleep(SOON)
        completion = desk.steps[second.token].completion
        assert completion is not None
        assert len(completion.successful.commands) == len(came)

    told(story)


def test_a_run_whose_history_went_another_way_is_read_anew() -> None:
    """Its step was taken, but the engine has not heard of it in time."""

    async def story(desk: Desk, worker: WorkflowWorker, history: WorkflowHistory) -> None:
        (first, came), *_ = steps_of(history)
        desk.lay(first)
        await asyncio.sleep(SOON)
        desk.lay(replace(first, token=100))
        await asyncio.sleep(SOON)
        again = desk.steps[100].completion
        assert again is not None
        assert len(again.successful.commands) == len(came) > 0

    told(story)


def test_a_step_that_fails_is_told_once_and_then_left_to_its_time() -> None:
    failed: list[tuple[RunName, str, str]] = []

    async def story(desk: Desk, worker: WorkflowWorker, history: WorkflowHistory) -> None:
        started = history.events[0].workflow_execution_started_event_attributes
        started.workflow_type.name = "Fishing"
        (task, _), *_ = steps_of(history)
        desk.lay(task)
        await asyncio.sleep(SOON)
        desk.lay(replace(task, attempt=2, token=100))
        await asyncio.sleep(SOON)
        assert worker.cached == ()

    desk = told(story, Keeping(failed=lambda *what: failed.append(what)))
    ((_, token),) = desk.heard("step")
    assert desk.steps[token].completion is not None
    assert [reason for _, reason, _ in failed] == [WORKFLOW_ERROR] * 2
    assert all("Fishing" in text for _, _, text in failed)


def test_who_decides_otherwise_than_before_is_told_of() -> None:
    failed: list[tuple[RunName, str, str]] = []

    async def story(desk: Desk, worker: WorkflowWorker, history: WorkflowHistory) -> None:
        task = [task for task, _ in steps_of(history)][3]
        scheduled = task.history[4].activity_task_scheduled_event_attributes
        scheduled.activity_type.name = "another"
        desk.lay(task)
        await asyncio.sleep(SOON)

    told(story, Keeping(failed=lambda *what: failed.append(what)))
    ((name, reason, text),) = failed
    assert (name.workflow_id, reason) == ("trade:DU1234567:aapl-pier", NONDETERMINISM)
    assert "event 5 is EVENT_TYPE_ACTIVITY_TASK_SCHEDULED 1 another" in text


def test_an_engine_that_was_away_for_a_moment_gets_the_step_all_the_same() -> None:
    async def story(desk: Desk, worker: WorkflowWorker, history: WorkflowHistory) -> None:
        (task, _), *_ = steps_of(history)
        desk.lay(task)
        await asyncio.sleep(0.0015)
        desk.is_away = True
        await asyncio.sleep(2)
        desk.is_away = False
        await asyncio.sleep(4)
        assert task.token in desk.steps
        assert len(worker.cached) == 1

    told(story)


LEFT: list[str] = []


@workflow.defn(name="Trade")
class Leaving:
    """A workflow that notices its end, whatever brings it about."""

    @workflow.run
    async def run(self, _: object) -> None:
        try:
            await workflow.wait_condition(lambda: False)
        finally:
            LEFT.append("left")


def test_a_process_that_dies_leaves_no_workflow_to_the_collector_of_garbage() -> None:
    """What is torn down by it is torn down at any time, and never twice at the same."""

    async def main() -> None:
        desk = Desk()
        process = Process("trades")
        worker: WorkflowWorker = process.run(
            WorkflowWorker, desk, "trades", [Leaving], VALUES, "trades/1", AS_EVER
        )
        life = asyncio.create_task(process.call(worker.run()))
        (task, _), *_ = steps_of(load(LONGEST))
        desk.lay(task)
        await asyncio.sleep(SOON)
        assert LEFT == []
        process.kill()
        assert LEFT.copy() == ["left"]
        assert worker.cached == ()
        assert desk.heard("forgets") == []
        await asyncio.wait((life,))
        assert life.exception() is not None

    virtual_time.run(main(), start_ns=START_NS)


def test_a_worker_that_was_told_to_stop_before_it_began_does_not() -> None:
    async def main() -> None:
        worker = a_worker(Desk())
        await worker.shutdown()
        await worker.run()

    virtual_time.run(main(), start_ns=START_NS)


def test_a_fault_of_its_own_ends_a_worker() -> None:
    class Odd(Desk):
        async def complete_workflow_task(self, token: int, step: object) -> None:
            raise ZeroDivisionError(token, step)

    async def main() -> None:
        desk = Odd()
        run = asyncio.create_task(a_worker(desk).run())
        (task, _), *_ = steps_of(load(LONGEST))
        desk.lay(task)
        with pytest.raises(ZeroDivisionError):
            await run

    virtual_time.run(main(), start_ns=START_NS)


def test_a_refused_update_leaves_no_trace_where_the_engine_has_none() -> None:
    """The events of a step that came to nothing may never have been written down."""

    async def story(desk: Desk, worker: WorkflowWorker, history: WorkflowHistory) -> None:
        steps = list(steps_of(history))
        place = next(number for number, (task, _) in enumerate(steps) if task.updates)
        for task, _ in steps[:place]:
            desk.lay(task)
            await asyncio.sleep(SOON)
        task, _ = steps[place]
        (update,) = task.updates
        odd = type(update).FromString(update.SerializeToString())
        odd.input.name = "nonsense"
        odd.meta.update_id = "odd"
        for number in range(3):
            desk.lay(replace(task, updates=(odd,), token=1000 + number))
            await asyncio.sleep(SOON)
            refused = desk.steps[1000 + number].completion
            assert refused is not None
            (command,) = refused.successful.commands
            assert command.update_response.HasField("rejected")
            asked = questions_to(history, len(task.history) - 2, "state")
            desk.lay(replace(asked, token=2000 + number))
            await asyncio.sleep(SOON)
            assert desk.steps[2000 + number].answers["state"].success is not None
        for task, came in steps[place:]:
            desk.lay(task)
            await asyncio.sleep(SOON)
            completion = desk.steps[task.token].completion
            assert completion is not None
            assert [wish(each) for each in completion.successful.commands] == [
                content(event) for event in came
            ]
        assert len(desk.heard("forgets")) == 1

    told(story, path=WITH_UPDATE)


def test_a_task_names_its_run() -> None:
    task = WorkflowTask(1, RunName("trade:1", "run"), "Trade", 1, ())
    assert str(task.run) == "trade:1/run"
