"""A counter: what a trader types, answered by a real engine with real trades.

The engine is the one that comes with Backstay, the workflows are the real ones; what happens at the
broker is told by the story, trade by trade. The commands run in a thread of their own, as they
would in a process of their own.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities import calls
from backstay.accounts.file import create
from backstay.domain.trade.naming import workflow_id
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.standing import Doing
from tests.cli.typed import Typed, typed
from tests.hanging import HANGS_AFTER_SECONDS
from tests.workflows import cast
from tests.workflows.house import ACCOUNT, Doors, Script, edge
from tests.workflows.stage import Edge
from workers.bootstrap import connected
from workers.config import TemporalTable
from workers.embedded import tuned_engine
from workflows.exit import Exit
from workflows.trade import Trade

LOOK_SECONDS = 0.02


@dataclass
class Counter:
    """Where a trader stands: his folder, and the engine behind."""

    folder: Path
    client: Client
    address: str
    engine_pid: int

    @property
    def config(self) -> Path:
        """The settings that every command is given."""
        return self.folder / "backstay.toml"

    async def types(self, *words: str) -> Typed:
        """Type a command, with the settings of this house."""
        return await asyncio.to_thread(typed, *words, "--config", str(self.config))

    def plan(self, plan_id: str, text: str = cast.PLAN) -> Path:
        """A plan in a file."""
        file = self.folder / f"{plan_id}.toml"
        file.write_text(text.replace("aapl-test", plan_id))
        return file

    @asynccontextmanager
    async def working(self, plan_id: str, text: str = cast.PLAN) -> AsyncIterator[Edge]:
        """Workers for one trade, and its edge."""
        order: TradeOrder = cast.an_order(plan=text.replace("aapl-test", plan_id))
        played, script = Edge(order), Script()
        played.script(script)
        script.always["admit"] = cast.admitted_now
        doors = Doors(script)
        async with (
            Worker(
                self.client,
                task_queue=calls.TRADES_QUEUE,
                workflows=[Trade, Exit],
                workflow_runner=UnsandboxedWorkflowRunner(),
                activities=doors.of_the_engine,
            ),
            edge(self.client, doors),
        ):
            yield played

    async def comes_to(self, plan_id: str, doing: Doing, entered: int = 0) -> None:
        """Wait until a trade is about this."""
        trade = self._trade(plan_id)
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while True:
                standing = await trade.query(Trade.state)
                if standing.doing is doing and standing.entered >= entered:
                    return
                await asyncio.sleep(LOOK_SECONDS)

    async def has_ended(self, plan_id: str) -> None:
        """Wait until a trade is over."""
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            await self._trade(plan_id).result()

    async def lists(self, running: int) -> None:
        """Wait until the engine's own list shows so many running trades; it is a little behind."""
        query, shown = "WorkflowType = 'Trade' AND ExecutionStatus = 'Running'", -1
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while shown != running:
                await asyncio.sleep(LOOK_SECONDS)
                shown = (await self.client.count_workflows(query)).count

    def _trade(self, plan_id: str) -> WorkflowHandle[Trade, Settlement]:
        return self.client.get_workflow_handle_for(Trade.run, workflow_id(ACCOUNT, plan_id))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Counter]:
    """One engine, one book, one file of settings; nothing of it is left behind."""
    async with tuned_engine() as engine:
        where = TemporalTable(address=engine.address)
        client = await connected(where)
        (folder / "data").mkdir()
        create(folder / "data" / "accounts.sqlite", ACCOUNT)
        (folder / "backstay.toml").write_text(
            f'account = "{ACCOUNT}"\n[temporal]\naddress = "{engine.address}"\n'
        )
        yield Counter(folder, client, engine.address, engine.pid)
