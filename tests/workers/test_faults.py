"""Faults of workflow code on a real engine: each is told once, however often it is tried again."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from temporalio.client import Client, WorkflowHandle
from temporalio.runtime import MetricBuffer
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.alerts import NoticeBoard, NoticeMetrics
from backstay.accounts.file import create
from backstay.accounts.notices import KeptNote
from backstay.accounts.store import AccountStore
from backstay.broker.notices import Notice
from backstay.domain.incidents.kinds import IncidentKind
from tests.workers.faulty import Faulty
from workers import clock
from workers.bootstrap import _runtime
from workers.embedded import tuned_engine
from workers.failures import FailingTasks
from workers.faults import FaultInterceptor, Faults
from workers.measuring import EngineMeasures

ACCOUNT = "DU1234567"
SECONDS_MAX = 60


async def told(
    tmp_path: Path, story: Callable[[Client], Awaitable[None]], count: int, attempts: int
) -> list[KeptNote]:
    """What was told after so many attempts of the workflow called `one`."""
    path = tmp_path / "accounts.sqlite"
    create(path, ACCOUNT)
    store = AccountStore(path, ACCOUNT)
    board = NoticeBoard(store, clock.now, NoticeMetrics(CollectorRegistry()), "test")
    faults = Faults(board, clock.now)
    async with tuned_engine() as engine:
        client = await Client.connect(engine.address)
        worker = Worker(
            client,
            task_queue="faults",
            workflows=[Faulty],
            interceptors=[FaultInterceptor(faults.heard)],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        async with worker, asyncio.timeout(SECONDS_MAX):
            await story(client)
            handle = client.get_workflow_handle("one")
            # Whether a task was tried again is only learned by asking.
            while await _attempt(handle) < attempts or len(await store.notes(10)) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await faults.close()
    notes = await store.notes(10)
    await store.close()
    return list(notes)


@pytest.mark.req("S1.8")
def test_a_workflow_that_holds_its_thread_is_told_although_it_raises_nothing(
    tmp_path: Path,
) -> None:
    """Two seconds are what the library allows; that it fails is all that it says."""
    notices: list[Notice] = []

    async def story() -> None:
        buffer = MetricBuffer(10_000)
        measures = EngineMeasures(buffer.retrieve_updates)
        failing = FailingTasks(measures.counted, notices.append, clock.now)
        async with tuned_engine() as engine:
            client = await Client.connect(engine.address, runtime=_runtime(buffer))
            worker = Worker(
                client,
                task_queue="faults",
                workflows=[Faulty],
                workflow_runner=UnsandboxedWorkflowRunner(),
            )
            async with worker, asyncio.timeout(SECONDS_MAX):
                await start(client, "without yielding")
                while not notices:
                    measures.drain()
                    failing.look(asyncio.get_running_loop().time())
                    await asyncio.sleep(0.05)

    asyncio.run(story())
    (notice,) = notices
    assert notice.kind is IncidentKind.TASK_FAILED
    assert notice.text == "WorkflowError: 1 failed, and are tried again"


async def _attempt(handle: WorkflowHandle[object, object]) -> int:
    described = await handle.describe()
    return described.raw_description.pending_workflow_task.attempt


async def start(client: Client, how: str) -> None:
    await client.start_workflow("Faulty", how, id="one", task_queue="faults")


@pytest.mark.req("S1.8")
def test_a_fault_is_told_once_although_the_engine_tries_again(tmp_path: Path) -> None:
    notes = asyncio.run(told(tmp_path, lambda client: start(client, "at once"), 1, 3))
    (kept,) = notes
    assert (kept.note.kind, kept.note.subject) == (IncidentKind.TASK_FAILED, "one")
    assert "KeyError: 'nobody has foreseen this' (run in faulty.py:" in kept.note.text


@pytest.mark.req("S1.8")
def test_a_fault_in_a_signal_is_told_too(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        await start(client, "later")
        await client.get_workflow_handle("one").signal("poke")

    (kept,) = asyncio.run(told(tmp_path, story, 1, 2))
    assert "ZeroDivisionError: a signal that fails" in kept.note.text


def test_a_workflow_that_fails_on_purpose_is_no_fault(tmp_path: Path) -> None:
    async def story(client: Client) -> None:
        await start(client, "on purpose")
        with pytest.raises(Exception, match="Workflow execution failed"):
            await client.get_workflow_handle("one").result()

    assert asyncio.run(told(tmp_path, story, 0, 0)) == []
