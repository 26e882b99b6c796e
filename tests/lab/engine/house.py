"""The house of tests/workflows, on the engine in memory: the same stories, another server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHistory

from activities import calls
from activities.converting import VALUES
from backstay.gateway.times import from_ns, to_ns
from backstay.lab import virtual_time
from backstay.lab.engine.server import MemoryEngine
from backstay.lab.engine.tasks import RunName
from backstay.lab.engine.workers import ActivityWorker, Keeping, WorkflowWorker
from backstay.lab.virtual_time import running
from tests.workflows import cast
from tests.workflows.house import ACCOUNT, Doors, House, Script
from workflows.dry_run import DryRun
from workflows.exit import Exit
from workflows.trade import Trade

KINDS = [Trade, Exit, DryRun]
WAY = 0.0005
HOUR = 3600.0


@dataclass
class Town:
    """Where houses are opened: what is the same in all of them, and what they leave behind."""

    evict: Callable[[RunName], bool] = lambda _: False
    failed: list[tuple[RunName, str, str]] = field(default_factory=list)
    histories: list[WorkflowHistory] = field(default_factory=list)

    @asynccontextmanager
    async def house(self, script: Script, *, edge_is_up: bool = True) -> AsyncIterator[House]:
        """Open one; nothing of it is left behind but its histories."""
        engine = MemoryEngine()
        client = engine.client(lambda: WAY, "trades/test", VALUES)
        doors = Doors(script)
        keeping = Keeping(evict=self.evict, failed=lambda *what: self.failed.append(what))
        source = engine.source(lambda: WAY)
        async with AsyncExitStack() as stack:
            for worker in (
                WorkflowWorker(source, calls.TRADES_QUEUE, KINDS, VALUES, "trades/1", keeping),
                ActivityWorker(source, calls.TRADES_QUEUE, doors.of_the_engine, VALUES, "trades/1"),
            ):
                await stack.enter_async_context(at_work(worker))
            if edge_is_up:
                await stack.enter_async_context(edge(client, doors, engine))
            env: Any = _Time()
            yield House(env, client, script)
        for run in engine.runs:
            self.histories.append(WorkflowHistory(run.name.workflow_id, list(run.history)))


class _Time:
    """What a story asks of its environment."""

    async def sleep(self, span: timedelta) -> None:
        await asyncio.sleep(span.total_seconds())

    async def get_current_time(self) -> datetime:
        return from_ns(running().now_ns)


@asynccontextmanager
async def edge(client: Client, doors: Doors, engine: MemoryEngine) -> AsyncIterator[None]:
    """The workers of the edge's two queues."""
    source = engine.source(lambda: WAY)
    queues = (calls.Door.ARMS.queue(ACCOUNT), calls.Door.OPS.queue(ACCOUNT))
    lasting = ActivityWorker(source, queues[0], doors.lasting, VALUES, "edge/1")
    short = ActivityWorker(source, queues[1], doors.short, VALUES, "edge/1")
    async with at_work(lasting), at_work(short):
        yield


@asynccontextmanager
async def at_work(worker: WorkflowWorker | ActivityWorker) -> AsyncIterator[None]:
    """A worker that polls meanwhile; what it dies of is raised."""
    run = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await worker.shutdown()
        await run


def tell(story: Callable[[], Awaitable[None]]) -> None:
    """Run a story to its end; a hang is a failure."""

    async def main() -> None:
        await asyncio.wait_for(story(), 400 * HOUR)

    virtual_time.run(main(), start_ns=to_ns(cast.NOW))
