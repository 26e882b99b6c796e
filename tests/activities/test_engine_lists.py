"""What the engine says of trades: which there are, how they stand, how they have ended, and that
it says nothing any more.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.books import AccountBooks
from activities.calls import TRADES_QUEUE
from activities.engine import TemporalEngine
from activities.ports import (
    CallRefusedError,
    Description,
    Ended,
    EngineSilentError,
    UnknownWorkflowError,
    Wanted,
)
from backstay.domain.lifecycle import Lifecycle, TradeState
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.standing import Doing, TradeStanding
from tests.accounts.cases import round_trip
from tests.activities.dev_server import serving
from tests.domain.limits.samples import ACCOUNT, NOW
from tests.domain.plan.documents import trade, trade_of
from workers.bootstrap import connected
from workers.config import TemporalTable
from workers.embedded import tuned_engine

OTHER_ACCOUNT = "DU7654321"


def standing_of(order: TradeOrder) -> TradeStanding:
    """How a trade stands that waits for its trigger."""
    return TradeStanding(
        account=order.account,
        plan_id=order.plan.id,
        trade=order.trade,
        symbol=order.plan.instrument.symbol,
        side=order.plan.side,
        lifecycle=Lifecycle(hedge_first=False, state=TradeState.VALIDATED),
        doing=Doing.WAITING,
        at=NOW,
    )


@workflow.defn(name="Trade")
class EndingTrade:
    """It waits until it is told how to end: with what it has come to, or for a reason."""

    @workflow.init
    def __init__(self, order: TradeOrder) -> None:
        self.order = order
        self.end: str | None = None

    @workflow.run
    async def run(self, order: TradeOrder) -> Settlement:
        """End as told."""
        await workflow.wait_condition(lambda: self.end is not None)
        if self.end:
            raise ApplicationError(self.end, type="PlanUnfit", non_retryable=True)
        return replace(round_trip(order.trade), why="closed by hand")

    @workflow.update(name="end")
    def told(self, why: str) -> None:
        """Be told."""
        self.end = why

    @workflow.update(name="refuse")
    async def refuse(self) -> None:
        """Do nothing of the kind."""
        raise ApplicationError("not now", type="NotNow", non_retryable=True)

    @workflow.update(name="wait")
    async def wait(self) -> None:
        """Never come back."""
        await workflow.wait_condition(lambda: self.end is not None)

    @workflow.query(name="state")
    def state(self) -> TradeStanding:
        """How it stands."""
        return standing_of(self.order)


def working(client: Client) -> Worker:
    return Worker(
        client,
        task_queue=TRADES_QUEUE,
        workflows=[EndingTrade],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )


def engine_over(client: Client, seconds: float = 10) -> TemporalEngine:
    return TemporalEngine(
        client, AccountBooks([], {}), lambda: NOW, answer_within=timedelta(seconds=seconds)
    )


def order(plan_id: str, account: str = ACCOUNT, **changes: object) -> TradeOrder:
    return TradeOrder(trade_of(trade({"id": plan_id, **changes})), account)


@asynccontextmanager
async def engine_with(*orders: TradeOrder) -> AsyncIterator[tuple[TemporalEngine, Client]]:
    """An engine in which these trades run, and are listed."""
    async with serving() as client, working(client):
        engine = engine_over(client)
        for each in orders:
            await engine.start(each)
        await listed(client, "ExecutionStatus = 'Running'", len(orders))
        yield engine, client


async def listed(client: Client, query: str, count: int) -> None:
    """Wait until the engine's own list shows so many."""
    shown = -1
    async with asyncio.timeout(20):
        while shown != count:
            await asyncio.sleep(0.02)
            shown = (await client.count_workflows(query)).count


def plans(found: tuple[Description, ...]) -> list[str]:
    return [each.workflow_id.rpartition(":")[2] for each in found]


def test_trades_are_listed_with_those_that_run_first_and_by_what_is_wanted() -> None:
    async def scenario() -> None:
        orders = [order("one"), order("two", instrument={"symbol": "MSFT"}), order("three")]
        async with engine_with(*orders, order("one", OTHER_ACCOUNT)) as (engine, client):
            await engine.update(orders[0].workflow_id, "end", [""])
            await listed(client, "ExecutionStatus = 'Completed'", 1)

            every = await engine.trades(ACCOUNT, Wanted(), 10)
            assert (plans(every.found), every.more) == (["three", "two", "one"], False)
            assert [each.status for each in every.found] == ["running", "running", "completed"]
            assert {(each.account, each.side) for each in every.found} == {(ACCOUNT, "buy")}
            assert [each.symbol for each in every.found] == ["AAPL", "MSFT", "AAPL"]
            assert {each.begun for each in every.found} == {None}
            assert every.found[2].closed_at is not None

            two = await engine.trades(ACCOUNT, Wanted(), 2)
            assert (plans(two.found), two.more) == (["three", "two"], True)
            running = await engine.trades(ACCOUNT, Wanted(running=True), 2)
            assert (plans(running.found), running.more) == (["three", "two"], False)
            of_msft = await engine.trades(ACCOUNT, Wanted(symbol="MSFT"), 10)
            assert plans(of_msft.found) == ["two"]
            created = await engine.trades(ACCOUNT, Wanted(state=TradeState.CREATED), 10)
            assert len(created.found) == 3
            partial = await engine.trades(ACCOUNT, Wanted(state=TradeState.RISK_PARTIAL), 10)
            assert partial.found == ()
            with pytest.raises(EngineSilentError, match="can't be asked for in a list"):
                await engine.trades("DU1' OR 'a'='a", Wanted(), 10)

    asyncio.run(scenario())


def test_a_trade_says_how_it_stands_and_what_is_written_down_says_how_it_ended() -> None:
    async def scenario() -> None:
        closed, unfit, ended, unread = map(order, ("closed", "unfit", "ended", "unread"))
        async with engine_with(closed, unfit, ended, unread) as (engine, client):
            assert await engine.standing(closed.workflow_id) == standing_of(closed)
            assert await engine.ended(closed.workflow_id) is None
            assert (await engine.describe(closed.workflow_id)).begun

            await engine.update(closed.workflow_id, "end", [""])
            came_to = replace(round_trip(closed.trade), why="closed by hand")
            handle = client.get_workflow_handle(closed.workflow_id)
            await handle.result()
            assert await engine.ended(closed.workflow_id) == Ended(
                "completed", came_to, "closed by hand"
            )
            await engine.update(unfit.workflow_id, "end", ["size: 0 shares"])
            await listed(client, "ExecutionStatus = 'Failed'", 1)
            assert await engine.ended(unfit.workflow_id) == Ended("failed", None, "size: 0 shares")
            await client.get_workflow_handle(ended.workflow_id).terminate(reason="by Ada")
            assert await engine.ended(ended.workflow_id) == Ended("terminated", None, "by Ada")
            with pytest.raises(UnknownWorkflowError):
                await engine.ended("trade:nobody")

    asyncio.run(scenario())


def test_what_a_trade_refuses_is_told_in_its_own_words() -> None:
    async def scenario() -> None:
        async with engine_with(order("one")) as (engine, _):
            with pytest.raises(CallRefusedError) as refused:
                await engine.update(order("one").workflow_id, "refuse")
            assert refused.value.why == "not now"
            assert str(refused.value) == f"update refuse of trade:{ACCOUNT}:one: NotNow: not now"

    asyncio.run(scenario())


def test_a_trade_that_nobody_has_taken_up_has_not_begun() -> None:
    async def scenario() -> None:
        async with serving() as client:
            engine = engine_over(client, seconds=0.5)
            await engine.start(order("one"))
            assert (await engine.describe(order("one").workflow_id)).begun is False
            with pytest.raises(EngineSilentError) as silent:
                await engine.standing(order("one").workflow_id)
            assert str(silent.value) == f"query state of trade:{ACCOUNT}:one: no answer yet"
            with pytest.raises(EngineSilentError) as silent:
                await engine.update(order("one").workflow_id, "end", [""])
            assert str(silent.value) == (
                f"update end of trade:{ACCOUNT}:one: no answer yet; it may still happen"
            )

    asyncio.run(scenario())


def test_an_engine_that_dies_under_a_question_is_missed_long_before_the_question_is_given_up() -> (
    None
):
    async def scenario() -> None:
        async with tuned_engine() as embedded:
            client = await connected(TemporalTable(address=embedded.address))
            engine = engine_over(client, seconds=60)
            async with working(client):
                await engine.start(order("one"))
                waiting = asyncio.create_task(engine.update(order("one").workflow_id, "wait"))
                await engine.standing(order("one").workflow_id)
                os.kill(embedded.pid, signal.SIGKILL)
                began = asyncio.get_running_loop().time()
                with pytest.raises(EngineSilentError) as silent:
                    await waiting
                assert asyncio.get_running_loop().time() - began < 10
                assert str(silent.value) == (
                    f"update wait of trade:{ACCOUNT}:one: the engine has gone; it may still happen"
                )
            with pytest.raises(EngineSilentError, match=r"^describe trade:nobody: the engine "):
                await engine.describe("trade:nobody")

    asyncio.run(scenario())
