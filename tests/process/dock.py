"""A dock: workers as processes, before a gateway in this one and an engine beside it.

The gateway lives in the test, behind a real port, so that what was really read off the wire can be
looked at while processes live and die. Nothing waits for a while: who waits, waits for a condition.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from temporalio.api.enums.v1 import PendingActivityState, TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from activities.books import AccountBooks
from activities.calls import Door
from activities.converting import VALUES
from activities.engine import TemporalEngine
from activities.ports import Started
from backstay.accounts.file import create
from backstay.accounts.store import AccountStore
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.order import TradeOrder
from backstay.gateway.settings import Settings
from tests.broker.edge.stage import ACCOUNT
from tests.broker.tcp.quay import QUIET, Quay
from tests.gateway.conformance.house import house
from tests.hanging import HANGS_AFTER_SECONDS
from workers.embedded import EmbeddedEngine, tuned_engine

BACKSTAY = Path(sys.executable).with_name("backstay")

HELD = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
FREE = PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED
OWN_ENVIRONMENT = {
    name: value for name, value in os.environ.items() if not name.startswith("BACKSTAY_")
}
SETTINGS = """
account = "{account}"
[temporal]
address = "{engine}"
[broker]
port = {port}
[limits]
base_currency = "USD"
exposure_max = 1000000
share_position_max = 10000
trading = "paper"
[metrics]
port = 0
"""
PLAN = """
id = "{id}"
side = "buy"
[instrument]
symbol = "AAPL"
[size]
quantity = 100
[entry]
order = "LMT"
limit_offset = 0.20
[entry.trigger]
price = 101.00
when = "above"
expires = 2026-11-23T20:55:00Z
[stop]
price = 98.00
"""


class Worker:
    """One worker process, and what it says."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process = process
        self.address = address
        self.log: list[str] = []
        self._reader = asyncio.create_task(self._read())

    async def get(self, path: str) -> tuple[int, bytes]:
        """A page, and its status."""
        host, _, port = self.address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return int(head.split()[1]), body

    async def health(self) -> dict[str, Any]:
        """The document, with the status of its page."""
        status, body = await self.get("/health")
        report: dict[str, Any] = json.loads(body)
        return {**report, "status": status}

    async def until(self, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait until it stands so."""
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while not condition(report := await self.health()):
                assert self.process.returncode is None, self.log
                await asyncio.sleep(0.02)
        return report

    async def takes_calls(self) -> dict[str, Any]:
        """Wait until it does."""
        return await self.until(lambda report: report["takes_calls"])

    async def ends(self, number: signal.Signals) -> int:
        """Its exit code, once it was told to end."""
        self.process.send_signal(number)
        code = await asyncio.wait_for(self.process.wait(), HANGS_AFTER_SECONDS)
        await self._reader
        return code

    async def _read(self) -> None:
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            self.log.append(line.decode().rstrip("\n"))


class Dock(Quay):
    """What a story speaks to."""

    folder: Path
    engine_process: EmbeddedEngine
    client: Client
    engine: TemporalEngine
    store: AccountStore
    stack: AsyncExitStack

    async def worker(self, role: str, **environment: str) -> Worker:
        """A worker of this role; it does not outlive the story."""
        return await self.stack.enter_async_context(running(self.folder, role, environment))

    async def submit(self, plan_id: str = "aapl-dock") -> str:
        """Hand a plan in; the id of its workflow."""
        plan = read_toml(PLAN.format(id=plan_id))
        assert isinstance(plan, TradePlan)
        answer = await self.engine.start(TradeOrder(plan, ACCOUNT))
        assert isinstance(answer, Started), answer
        return answer.workflow_id

    async def listens(self, worker: Worker) -> None:
        """Wait until the worker's edge has seen a price that is shown now."""

        def last_tick_at(report: dict[str, Any]) -> Any:
            return report["edge"]["last_tick_at"]

        before = last_tick_at(await worker.health())
        self.trade("100.10")
        await worker.until(lambda report: last_tick_at(report) not in (None, before))

    def sent(self) -> list[str]:
        """The reference of each order that the account has had."""
        return [
            ref for ref, _ in sorted({(line["ref"], line["perm_id"]) for line in self.orders()})
        ]

    async def call(
        self, workflow_id: str, name: str, so: Callable[[PendingActivityInfo], object]
    ) -> PendingActivityInfo:
        """Wait until a call of a workflow stands so."""
        handle = self.client.get_workflow_handle(workflow_id)
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while True:
                described = (await handle.describe()).raw_description
                for pending in described.pending_activities:
                    if pending.activity_type.name == name and so(pending):
                        return pending
                await asyncio.sleep(0.02)

    async def pollers(self, door: Door) -> set[str]:
        """Who takes calls from this queue, or did so in the last minutes."""
        answer = await self.client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace="default",
                task_queue=TaskQueue(name=door.queue(ACCOUNT)),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            )
        )
        return {poller.identity for poller in answer.pollers}


@asynccontextmanager
async def running(folder: Path, role: str, environment: dict[str, str]) -> AsyncIterator[Worker]:
    """A worker process that has said where its health is."""
    process = await asyncio.create_subprocess_exec(
        BACKSTAY,
        "worker",
        "--role",
        role,
        "--config",
        folder / "backstay.toml",
        env={**OWN_ENVIRONMENT, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        first = await asyncio.wait_for(process.stdout.readline(), HANGS_AFTER_SECONDS)
        assert first, await process.communicate()
        yield Worker(process, first.decode().strip())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def dock(settings: Settings = QUIET) -> AsyncIterator[Dock]:
    """Open one; nothing of it is left behind."""
    async with AsyncExitStack() as below:
        folder = Path(below.enter_context(TemporaryDirectory()))
        served = await below.enter_async_context(house(settings))
        await served.listening()
        engine = await below.enter_async_context(tuned_engine())
        built = Dock(served)
        built.folder, built.engine_process = folder, engine
        built.client = await Client.connect(engine.address, data_converter=VALUES)
        (folder / "data").mkdir()
        book = folder / "data" / "accounts.sqlite"
        create(book, ACCOUNT)
        built.store = AccountStore(book, ACCOUNT)
        below.push_async_callback(built.store.close)
        books = AccountBooks([built.store], {})
        built.engine = TemporalEngine(built.client, books, lambda: built.now)
        text = SETTINGS.format(account=ACCOUNT, engine=engine.address, port=built.house.port)
        (folder / "backstay.toml").write_text(text)
        async with AsyncExitStack() as built.stack:
            yield built


def play(story: Callable[[Dock], Awaitable[None]]) -> Dock:
    """Tell a story to its end; the dock as it is then."""

    async def main() -> Dock:
        async with dock() as built:
            await story(built)
        return built

    return asyncio.run(main())
