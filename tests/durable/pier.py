"""A pier: real trades on a real engine, over the real edge and the gateway, in real time.

The engine is Temporal's own server, tuned; the edge speaks to the gateway over a socket. All of it
but the engine lives in the loop of the test, so a story sees behind every counter. Nothing waits
for a while in the hope that something will have happened by then: who waits, waits for a condition.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prometheus_client import CollectorRegistry
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from activities import calls
from activities.account import AccountDoor
from activities.alerts import AlertDoor, NoticeBoard, NoticeMetrics
from activities.attributes import register_attributes
from activities.books import AccountBooks
from activities.changes import EngineChanges
from activities.edge import EdgeActivities
from activities.engine import TemporalEngine
from activities.ports import Started
from backstay.accounts.file import create
from backstay.accounts.store import AccountStore
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.standing import TradeStanding
from backstay.gateway import profile as gateway_profile
from backstay.gateway.faults.rules import Rule
from backstay.lab.oracle.oracle import Oracle
from tests.broker.edge.stage import ACCOUNT, LIMITS
from tests.broker.tcp.quay import QUIET, Quay
from tests.gateway.conformance.house import house
from workers.embedded import tuned_engine
from workflows.exit import Exit
from workflows.trade import Trade

SECONDS_MAX = 60
PROFILES = {"pessimistic": PESSIMISTIC, "optimistic": OPTIMISTIC}
PLAN = """
id = "aapl-pier"
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


class Pier(Quay):
    """What a story speaks to: a trader at the engine, and the market behind the gateway."""

    client: Client
    engine: TemporalEngine
    store: AccountStore
    profile: BrokerProfile

    async def submit(self, more: str = "", plan: str = PLAN) -> "Running":
        """A plan is handed in."""
        read = read_toml(plan + more)
        assert isinstance(read, TradePlan)
        order = TradeOrder(read, ACCOUNT, self.profile)
        answer = await self.engine.start(order)
        assert isinstance(answer, Started), answer
        handle = self.client.get_workflow_handle_for(Trade.run, order.workflow_id)
        return Running(self, order, handle)

    def check(self) -> None:
        """What the gateway's own logs say of all that happened."""
        oracle = Oracle()
        for line in (*self.wire, *self.audit):
            oracle.read(line)
        assert oracle.verdict() == ()


class Running:
    """One trade under way."""

    def __init__(
        self, pier: Pier, order: TradeOrder, handle: WorkflowHandle[Trade, Settlement]
    ) -> None:
        self.pier = pier
        self.order = order
        self.handle = handle

    async def standing(self) -> TradeStanding:
        """How it stands."""
        return await self.handle.query(Trade.state)

    async def until(
        self, condition: Callable[[TradeStanding], object], seconds: float = SECONDS_MAX
    ) -> TradeStanding:
        """Wait until it stands so."""
        async with asyncio.timeout(seconds):
            while not condition(standing := await self.standing()):  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.02)
        return standing

    async def settlement(self) -> Settlement:
        """What it comes to."""
        return await asyncio.wait_for(self.handle.result(), SECONDS_MAX)

    async def update(self, name: str, *args: Any) -> str:
        """A person wants something."""
        told: str = await self.handle.execute_update(name, args=args)
        return told


@asynccontextmanager
async def pier(*plan: Rule, profile: str = "pessimistic") -> AsyncIterator[Pier]:
    """Open one; nothing of it is left behind."""
    assumed = PROFILES[profile]
    real = gateway_profile.OPTIMISTIC if assumed is OPTIMISTIC else gateway_profile.PESSIMISTIC
    settings = replace(QUIET, profile=real)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        served = await stack.enter_async_context(house(settings, plan=plan))
        await served.listening()
        engine = await stack.enter_async_context(tuned_engine())
        built = Pier(served)
        built.profile = assumed
        built.settings = replace(built.settings, profile=assumed)
        await stack.enter_async_context(_working(built, folder, engine.address))
        yield built


@asynccontextmanager
async def _working(built: Pier, folder: Path, address: str) -> AsyncIterator[None]:
    """The workers of both roles, in this process."""
    client = built.client = await Client.connect(address, data_converter=pydantic_data_converter)
    await register_attributes(client)
    path = folder / "accounts.sqlite"
    create(path, ACCOUNT)
    built.store = AccountStore(path, ACCOUNT)
    books = AccountBooks([built.store], {ACCOUNT: LIMITS})
    built.engine = TemporalEngine(client, books, lambda: built.now)
    board = NoticeBoard(built.store, lambda: built.now, NoticeMetrics(CollectorRegistry()), "test")
    edge = await built.edge()
    doors = EdgeActivities(edge, EngineChanges(client))
    account, alerts = AccountDoor(books, board), AlertDoor(board)
    engine_side = Worker(
        client,
        task_queue=calls.TRADES_QUEUE,
        workflows=[Trade, Exit],
        activities=[account.admit, account.settle, alerts.alert],
    )
    arms = Worker(
        client, task_queue=calls.Door.ARMS.queue(ACCOUNT), activities=list(doors.lasting())
    )
    ops = Worker(client, task_queue=calls.Door.OPS.queue(ACCOUNT), activities=list(doors.short()))
    async with engine_side, arms, ops:
        yield
    await edge.close()
    await built.store.close()


Story = Callable[[Pier], Awaitable[None]]


def play(story: Story, *plan: Rule, profile: str = "pessimistic") -> Pier:
    """Tell a story to its end; the pier as it is then."""

    async def main() -> Pier:
        async with pier(*plan, profile=profile) as built:
            await asyncio.wait_for(story(built), SECONDS_MAX)
        return built

    return asyncio.run(main())
