"""The engine in memory with real workers: what it writes, the library's own replayer accepts."""

import asyncio
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.common import RetryPolicy
from temporalio.converter import DataConverter
from temporalio.exceptions import ActivityError
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import ActivityCancellationType, ParentClosePolicy

from backstay.lab.engine.server import MemoryEngine
from backstay.lab.engine.workers import ActivityWorker, Keeping, WorkflowWorker
from backstay.lab.virtual_time import run as run_loop
from tests.lab.engine.driven import CALLS, QUEUE, START_NS, way

SOON = timedelta(milliseconds=50)


@workflow.defn
class Leg:
    """Waits a little, and goes on as a new run once."""

    @workflow.run
    async def run(self, number: int) -> int:
        await workflow.sleep(2)
        if number < 10:
            workflow.continue_as_new(number + 10)
        return number


@workflow.defn
class Tour:
    """Has a bit of everything."""

    def __init__(self) -> None:
        self._heard = 0
        self._is_over = False

    @workflow.run
    async def run(self, number: int) -> int:
        again = RetryPolicy(initial_interval=SOON)
        unsteady: int = await workflow.execute_activity(
            "unsteady",
            number,
            task_queue=CALLS,
            result_type=int,
            start_to_close_timeout=timedelta(seconds=5),
            retry_policy=again,
        )
        endless = workflow.start_activity(
            "endless",
            task_queue=CALLS,
            start_to_close_timeout=timedelta(days=1),
            heartbeat_timeout=timedelta(seconds=3),
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        )
        leg = await workflow.execute_child_workflow(
            Leg.run, 1, id=f"leg-{number}", parent_close_policy=ParentClosePolicy.ABANDON
        )
        endless.cancel()
        try:
            await endless
        except ActivityError:
            self._heard += 1000
        if workflow.patched("a later thought"):
            await workflow.sleep(1)
        await workflow.wait_condition(lambda: self._is_over)
        return unsteady + leg + self._heard

    @workflow.signal
    def hear(self, number: int) -> None:
        self._heard += number

    @workflow.update
    async def end(self, number: int) -> int:
        await workflow.sleep(1)
        self._is_over = True
        return number + self._heard

    @end.validator
    def may_end(self, number: int) -> None:
        if number < 0:
            raise ValueError("not so")

    @workflow.query
    def heard(self) -> int:
        return self._heard


@activity.defn(name="unsteady")
async def unsteady(number: int) -> int:
    if activity.info().attempt < 3:
        raise RuntimeError(f"not at attempt {activity.info().attempt}")
    return number


@activity.defn(name="endless")
async def endless() -> None:
    while True:
        activity.heartbeat("still here")
        await asyncio.sleep(1)


async def tour(client: Client, number: int) -> int:
    handle = await client.start_workflow(Tour.run, number, id=f"tour-{number}", task_queue=QUEUE)
    await handle.signal(Tour.hear, 5)
    await asyncio.sleep(3)
    assert await handle.query(Tour.heard) == 5
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update(Tour.end, -1)
    assert await handle.execute_update(Tour.end, 7) in (12, 1012)
    return await handle.result()


def tours(evicts_every: int = 0, count: int = 2) -> tuple[list[int], dict[str, WorkflowHistory]]:
    """What some of them come to, and their histories."""

    async def main() -> tuple[list[int], dict[str, WorkflowHistory]]:
        engine, steps = MemoryEngine(), [0]

        def evict(_: object) -> bool:
            steps[0] += 1
            return bool(evicts_every) and steps[0] % evicts_every == 0

        flows = WorkflowWorker(
            engine.source(way),
            QUEUE,
            [Tour, Leg],
            DataConverter.default,
            "flows",
            Keeping(evict=evict),
        )
        calls = ActivityWorker(
            engine.source(way), CALLS, [unsteady, endless], DataConverter.default, "calls"
        )
        running = [asyncio.create_task(worker.run()) for worker in (flows, calls)]
        client = engine.client(way, "someone", DataConverter.default)
        results = await asyncio.gather(*(tour(client, number) for number in range(count)))
        await asyncio.gather(flows.shutdown(), calls.shutdown())
        await asyncio.gather(*running)
        return results, {
            str(run.name): WorkflowHistory(run.name.workflow_id, run.history) for run in engine.runs
        }

    return run_loop(main(), start_ns=START_NS)


@pytest.mark.parametrize("evicts_every", [0, 1, 3])
def test_what_is_written_is_replayed_by_the_librarys_own_replayer(evicts_every: int) -> None:
    results, histories = tours(evicts_every)
    assert results == [1016, 1017]
    assert len(histories) == 6

    async def replay() -> None:
        replayer = Replayer(workflows=[Tour, Leg], workflow_runner=UnsandboxedWorkflowRunner())
        for history in histories.values():
            as_json = WorkflowHistory.from_json(history.workflow_id, history.to_json())
            await replayer.replay_workflow(as_json)

    asyncio.run(replay())


def test_the_same_story_is_written_in_the_same_bytes() -> None:
    """Whatever the library draws for its requests is in none of them."""

    def written() -> dict[str, bytes]:
        _, histories = tours(3)
        return {
            name: b"".join(event.SerializeToString(deterministic=True) for event in history.events)
            for name, history in histories.items()
        }

    assert written() == written()
