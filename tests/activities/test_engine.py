"""The engine over a real server: one trade for each plan, reached, listed and killed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.books import AccountBooks
from activities.calls import STEP_WITHIN
from activities.engine import TemporalEngine
from activities.ports import (
    CallRefusedError,
    Differs,
    EngineSilentError,
    Same,
    Started,
    UnknownWorkflowError,
)
from backstay.accounts.errors import BookMissingError
from backstay.accounts.file import AccountFile, create
from backstay.accounts.store import AccountStore
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.trade.admission import Admitted
from backstay.domain.trade.order import TradeOrder
from tests.accounts.cases import request, round_trip
from tests.activities.dev_server import serving, working
from tests.domain.limits.samples import ACCOUNT, NOW, SETTINGS, later
from tests.domain.plan.documents import trade, trade_of

OTHER_ACCOUNT = "DU7654321"


@dataclass(frozen=True)
class House:
    """An engine with the book of one account, over a server with a worker."""

    engine: TemporalEngine
    client: Client
    path: Path
    store: AccountStore

    def engine_within(self, seconds: float) -> TemporalEngine:
        """The same engine, with less patience."""
        books = AccountBooks([self.store], {ACCOUNT: SETTINGS})
        return TemporalEngine(self.client, books, lambda: NOW, timedelta(seconds=seconds))

    async def lists(self, count: int) -> None:
        """Wait until the engine's own list shows so many trades; it is always a little behind."""
        shown = 0
        async with asyncio.timeout(20):
            while shown != count:
                await asyncio.sleep(0.02)
                shown = (await self.client.count_workflows("WorkflowType = 'Trade'")).count


@asynccontextmanager
async def house(tmp_path: Path) -> AsyncIterator[House]:
    path = tmp_path / "accounts.db"
    create(path, ACCOUNT)
    store = AccountStore(path, ACCOUNT, 0.2)
    async with serving() as client, working(client):
        books = AccountBooks([store], {ACCOUNT: SETTINGS})
        engine = TemporalEngine(client, books, lambda: NOW)
        yield House(engine, client, path, store)


def order(plan_id: str = "breakout", account: str = ACCOUNT, **changes: object) -> TradeOrder:
    return TradeOrder(trade_of(trade({"id": plan_id, **changes})), account)


@pytest.mark.req("S0.1")
def test_a_plan_is_started_once_and_known_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            first = await home.engine.start(order())
            assert isinstance(first, Started)
            assert first.workflow_id == f"trade:{ACCOUNT}:breakout"
            assert await home.engine.start(order()) == Same(
                first.workflow_id, first.run_id, "running"
            )
            with_account = replace(
                order(), plan=order().plan.model_copy(update={"account": ACCOUNT})
            )
            assert isinstance(await home.engine.start(with_account), Same)

            other = order(side="sell", stop={"price": Decimal("193.00")}, target=[])
            assert await home.engine.start(other) == Differs(
                first.workflow_id, first.run_id, "running", ("side", "stop", "targets")
            )

            described = await home.engine.describe(first.workflow_id)
            assert described.run_id == first.run_id
            assert (described.account, described.symbol) == (ACCOUNT, "AAPL")
            assert (described.state, described.status) == ("created", "running")
            assert described.kind_of_workflow == "Trade"
            assert described.summary == "buy AAPL: breakout"
            assert described.closed_at is None

            assert await home.engine.update(first.workflow_id, "close", ["by hand"]) == (
                "closed: by hand"
            )
            await home.client.get_workflow_handle(first.workflow_id).result()
            assert await home.engine.start(order()) == Same(
                first.workflow_id, first.run_id, "completed"
            )

    asyncio.run(scenario())


def test_a_worker_that_dies_within_a_step_is_waited_for_no_longer_than_is_said(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            started = await home.engine.start(order())
            assert isinstance(started, Started)
            handle = home.client.get_workflow_handle(started.workflow_id)
            first = (await handle.fetch_history()).events[0]
            begun = first.workflow_execution_started_event_attributes
            assert begun.workflow_task_timeout.ToTimedelta() == STEP_WITHIN

    asyncio.run(scenario())


def test_what_a_workflow_refuses_and_what_the_engine_does_not_know_are_told(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            await home.engine.start(order())
            known = order().workflow_id
            with pytest.raises(CallRefusedError, match="without a reason nothing is closed"):
                await home.engine.update(known, "close", [""])
            with pytest.raises(CallRefusedError, match="tomorrow"):
                await home.engine.query(known, "tomorrow")
            for asking in (
                home.engine.update("trade:nobody", "close", ["x"]),
                home.engine.signal("trade:nobody", "kill", [1, "freeze"]),
                home.engine.query("trade:nobody", "kills"),
                home.engine.describe("trade:nobody"),
            ):
                with pytest.raises(UnknownWorkflowError, match="trade:nobody"):
                    await asking

    asyncio.run(scenario())


@pytest.mark.req("S3.2")
def test_a_kill_is_written_down_and_told_to_every_running_trade_of_the_account(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            one, two, ended = order("one"), order("two"), order("ended")
            elsewhere = order("one", OTHER_ACCOUNT)
            for each in (one, two, ended, elsewhere):
                await home.engine.start(each)
            await home.engine.update(ended.workflow_id, "close", ["over"])
            await home.client.get_workflow_handle(ended.workflow_id).result()
            await home.lists(4)

            killed = await home.engine.kill(ACCOUNT, KillMode.FREEZE, "too fast", "Ada")
            assert killed.is_complete
            assert killed.state == KillState(1, KillMode.FREEZE)
            assert killed.told == (one.workflow_id, two.workflow_id)
            assert await home.engine.kill_state(ACCOUNT) == killed.state
            again = await home.engine.kill(ACCOUNT, KillMode.FLATTEN, "all out", "Ada")
            once_more = await home.engine.kill(ACCOUNT, KillMode.FREEZE, "again", "Ada")
            assert again.state == KillState(2, KillMode.FLATTEN)
            assert once_more.state == KillState(3, KillMode.FLATTEN)
            for each in (one, two):
                told = await home.engine.query(each.workflow_id, "kills")
                assert told == [[1, "freeze"], [2, "flatten"], [3, "flatten"]]
            assert await home.engine.query(elsewhere.workflow_id, "kills") == []

    asyncio.run(scenario())


@pytest.mark.req("S3.2")
def test_a_trade_that_the_list_does_not_show_yet_hears_of_a_kill_by_the_book(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            started = order("fresh")
            asks = request(started.trade, plan_id="fresh")
            assert isinstance(await home.engine.admit(ACCOUNT, asks), Admitted)
            stray = request("T0000009", plan_id="stray", at=later(2))
            assert isinstance(await home.engine.admit(ACCOUNT, stray), Admitted)
            over = request("T000000A", plan_id="over", at=later(4))
            assert isinstance(await home.engine.admit(ACCOUNT, over), Admitted)
            assert (await home.engine.settle(round_trip("T000000A"))).is_over
            await home.engine.start(started)

            killed = await home.engine.kill(ACCOUNT, KillMode.FREEZE, "too fast", "Ada")
            assert killed.told == (started.workflow_id,)
            assert [(each.workflow_id, each.exists) for each in killed.untold] == [
                (f"trade:{ACCOUNT}:stray", False)
            ], "its room is taken, and nobody carries it out"
            refused = await home.engine.admit(ACCOUNT, request("T000000B", at=later(6)))
            assert isinstance(refused, Refused)
            assert refused.code is RefusalCode.KILLED

    asyncio.run(scenario())


@pytest.mark.req("S3.2")
def test_a_kill_that_cannot_be_written_down_is_told_all_the_same(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            await home.engine.start(order())
            await home.lists(1)
            home.path.rename(tmp_path / "aside.db")

            killed = await home.engine.kill(ACCOUNT, KillMode.FLATTEN, "all out", "Ada")
            assert killed.state == KillState(1, KillMode.FLATTEN)
            assert killed.told == (order().workflow_id,)
            assert "does not exist" in killed.trouble
            assert not killed.is_complete

            (tmp_path / "aside.db").rename(home.path)
            repeated = await home.engine.kill(ACCOUNT, KillMode.FLATTEN, "all out", "Ada")
            assert repeated.is_complete
            assert await home.store.kill_state() == KillState(1, KillMode.FLATTEN)

    asyncio.run(scenario())


@pytest.mark.req("S3.2")
def test_a_kill_that_another_process_keeps_from_the_disk_goes_on_from_what_is_written(
    tmp_path: Path,
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            await home.engine.start(order())
            await home.lists(1)
            await home.store.kill(KillMode.FREEZE, "an earlier one", "Ada", NOW)
            with closing(AccountFile(home.path, ACCOUNT)) as holder, holder.transaction():
                killed = await home.engine.kill(ACCOUNT, KillMode.FLATTEN, "all out", "Ada")
            assert killed.state == KillState(2, KillMode.FLATTEN)
            assert killed.told == (order().workflow_id,)
            assert "locked" in killed.trouble

    asyncio.run(scenario())


def test_an_account_without_a_book_admits_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            with pytest.raises(BookMissingError, match=f"no book of {OTHER_ACCOUNT}"):
                await home.engine.admit(OTHER_ACCOUNT, request())

    asyncio.run(scenario())


@pytest.mark.req("S3.2")
def test_an_engine_that_is_gone_is_told_and_the_kill_is_written_down(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            await home.engine.admit(ACCOUNT, request(plan_id="breakout"))
        engine = home.engine_within(0.5)
        with pytest.raises(EngineSilentError, match="start trade:"):
            await engine.start(order())
        killed = await engine.kill(ACCOUNT, KillMode.FREEZE, "no engine", "Ada")
        assert (killed.told, killed.trouble) == ((), "")
        assert [each.workflow_id for each in killed.untold] == ["", order().workflow_id]
        assert all(each.exists for each in killed.untold)
        assert await home.store.kill_state() == killed.state == KillState(1, KillMode.FREEZE)
        await home.store.close()

    asyncio.run(scenario())
