"""What a client finds again after it has gone, and after the gateway's process has ended."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from ib_async import IB, ExecutionFilter, LimitOrder, MarketOrder, Option, Stock, StopOrder

from backstay.gateway.profile import OPTIMISTIC, PESSIMISTIC, Profile
from backstay.gateway.settings import Settings
from backstay.gateway.store import Store
from tests.gateway.conformance.house import (
    MONDAY_MORNING,
    house,
    settled,
    statuses,
    until,
    visit,
)

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
SETTINGS = Settings(seed=7, restart_at=None)
NOON = MONDAY_MORNING + timedelta(hours=2)
TUESDAY_MORNING = MONDAY_MORNING + timedelta(days=1)
ANY_PROFILE = pytest.mark.parametrize(
    "profile", [PESSIMISTIC, OPTIMISTIC], ids=["pessimistic", "optimistic"]
)


async def figures(ib: IB) -> dict[str, Decimal]:
    """What the account has, by name."""
    rows = await ib.accountSummaryAsync()
    return {row.tag: Decimal(row.value) for row in rows if row.tag == "TotalCashValue"}


# -- the client has gone and comes back


def test_orders_and_ids_are_found_again_under_the_same_client_id() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            done = ib.placeOrder(AAPL, MarketOrder("BUY", 10, tif="DAY", orderRef="done"))
            rests = ib.placeOrder(AAPL, LimitOrder("BUY", 10, 95.0, tif="GTC", orderRef="rests"))
            await until(ib, lambda: statuses([done, rests]) == ["Filled", "Submitted"])
            ids = (rests.order.orderId, rests.order.permId)
            ib.disconnect()

            back = await gateway.client(1)
            (found,) = back.openTrades()
            assert (found.order.orderId, found.order.permId) == ids
            assert found.order.orderRef == "rests"
            assert [fill.execution.orderRef for fill in back.fills()] == ["done"]
            assert [
                trade.order.orderRef for trade in await back.reqCompletedOrdersAsync(False)
            ] == ["done"]
            assert back.client.getReqId() > rests.order.orderId
            gateway.forward(1)
            found.order.lmtPrice = 96.0
            back.placeOrder(AAPL, found.order)
            await settled(back)
            (held,) = await back.reqAllOpenOrdersAsync()
            assert (held.order.lmtPrice, held.order.permId) == (96.0, ids[1])
            gateway.forward(6)
            back.cancelOrder(found.order)
            await until(back, lambda: found.orderStatus.status == "Cancelled")
            back.disconnect()

    asyncio.run(scene())


def test_what_happened_meanwhile_is_read_from_the_reports() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            trade = ib.placeOrder(
                AAPL, LimitOrder("BUY", 10, 95.0, tif="GTC", orderRef="meanwhile")
            )
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            ib.disconnect()
            other = await gateway.client(2)
            gateway.show("AAPL", bid="94.90", ask="94.94")
            await settled(other)
            other.disconnect()
            back = await gateway.client(1)
            assert back.openTrades() == []
            (fill,) = await back.reqExecutionsAsync(ExecutionFilter())
            assert fill.execution.orderRef == "meanwhile"
            assert fill.execution.orderId == trade.order.orderId
            assert [position.position for position in back.positions()] == [10]
            back.disconnect()

    asyncio.run(scene())


def test_another_client_id_counts_its_own_ids_and_sees_the_orders_of_all_only_on_request() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            trade = ib.placeOrder(AAPL, LimitOrder("BUY", 10, 95.0, tif="GTC"))
            await until(ib, lambda: trade.orderStatus.status == "Submitted")
            other = await gateway.client(2)
            assert await other.reqOpenOrdersAsync() == []
            assert len(await other.reqAllOpenOrdersAsync()) == 1
            other.disconnect()

    asyncio.run(scene())


# -- the gateway has ended and begins again


@ANY_PROFILE
def test_a_store_carries_everything_over(tmp_path: Path, profile: Profile) -> None:
    settings = replace(SETTINGS, profile=profile)

    async def before() -> tuple[list[str], dict[str, Decimal], int, int]:
        store = Store.open(tmp_path / "gateway.state")
        async with visit(settings, store=store) as (_gateway, ib):
            done = ib.placeOrder(AAPL, MarketOrder("BUY", 700, tif="DAY", orderRef="done"))
            stop = StopOrder("SELL", 700, 95.0, tif="GTC", orderRef="stop")
            stop.ocaGroup, stop.ocaType = "pair", 2
            target = LimitOrder("SELL", 700, 105.0, tif="GTC", orderRef="target")
            target.ocaGroup, target.ocaType = "pair", 2
            pair = [ib.placeOrder(AAPL, order) for order in (stop, target)]
            await until(ib, lambda: done.filled() == 700)
            await until(ib, lambda: statuses(pair) == ["PreSubmitted", "Submitted"])
            await until(ib, lambda: all(fill.commissionReport.execId for fill in ib.fills()))
            fills = await ib.reqExecutionsAsync(ExecutionFilter())
            return (
                [str((fill.execution, fill.commissionReport)) for fill in fills],
                await figures(ib),
                stop.permId,
                target.orderId,
            )

    async def after(
        fills_told: list[str], cash: dict[str, Decimal], perm_id: int, last_id: int
    ) -> None:
        store = Store.open(tmp_path / "gateway.state")
        async with visit(settings, start=NOON, store=store) as (gateway, ib):
            fills = await ib.reqExecutionsAsync(ExecutionFilter())
            assert [str((fill.execution, fill.commissionReport)) for fill in fills] == fills_told
            assert await figures(ib) == cash
            assert [each.position for each in ib.positions()] == [700]
            (completed,) = await ib.reqCompletedOrdersAsync(False)
            assert (completed.order.orderRef, completed.order.filledQuantity) == ("done", 700)
            assert ib.client.getReqId() > last_id
            stop, target = ib.openTrades()
            assert stop.order.permId == perm_id
            assert statuses([stop, target]) == ["PreSubmitted", "Submitted"]
            assert stop.orderStatus.whyHeld == "trigger"

            new = ib.placeOrder(AAPL, MarketOrder("BUY", 1, tif="DAY"))
            await until(ib, lambda: new.fills)
            old_ids = {fill.execution.execId for fill in fills}
            assert new.fills[0].execution.execId not in old_ids
            assert new.order.permId > target.order.permId
            gateway.show("AAPL", bid="94.96", ask="95.00", last="95.00", bid_size=5000)
            await until(ib, lambda: stop.filled() == 700)
            await until(ib, lambda: target.orderStatus.status == "Cancelled")
            await until(ib, lambda: [each.position for each in ib.positions()] == [1])

    asyncio.run(after(*asyncio.run(before())))


def test_what_was_due_while_the_gateway_was_down_happens_at_its_start(tmp_path: Path) -> None:
    async def before() -> None:
        store = Store.open(tmp_path / "gateway.state")
        async with visit(SETTINGS, store=store) as (_gateway, ib):
            day = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 95.0, tif="DAY", orderRef="day"))
            kept = ib.placeOrder(AAPL, LimitOrder("BUY", 1, 95.0, tif="GTC", orderRef="kept"))
            filled = ib.placeOrder(AAPL, MarketOrder("BUY", 1, tif="DAY"))
            await until(
                ib, lambda: statuses([day, kept, filled]) == ["Submitted", "Submitted", "Filled"]
            )

    async def after() -> None:
        store = Store.open(tmp_path / "gateway.state")
        async with visit(SETTINGS, start=TUESDAY_MORNING, store=store) as (_gateway, ib):
            assert [trade.order.orderRef for trade in ib.openTrades()] == ["kept"]
            assert await ib.reqExecutionsAsync(ExecutionFilter()) == []
            assert [each.position for each in ib.positions()] == [1]
            completed = await ib.reqCompletedOrdersAsync(False)
            assert [trade.order.orderRef for trade in completed] == ["day"]

    asyncio.run(before())
    asyncio.run(after())


def test_a_bracket_goes_on_after_the_gateway_has_begun_again(tmp_path: Path) -> None:
    async def before() -> None:
        store = Store.open(tmp_path / "gateway.state")
        async with visit(SETTINGS, store=store) as (_gateway, ib):
            parent = LimitOrder(
                "BUY", 100, 99.0, tif="GTC", transmit=False, orderId=ib.client.getReqId()
            )
            child = StopOrder("SELL", 100, 95.0, tif="GTC", parentId=parent.orderId)
            trades = [ib.placeOrder(AAPL, order) for order in (parent, child)]
            await until(ib, lambda: statuses(trades) == ["Submitted", "PreSubmitted"])

    async def after() -> None:
        store = Store.open(tmp_path / "gateway.state")
        async with visit(SETTINGS, start=NOON, store=store) as (gateway, ib):
            parent, child = ib.openTrades()
            assert child.orderStatus.whyHeld == "child"
            assert child.order.parentId == parent.order.orderId
            gateway.show("AAPL", bid="98.96", ask="99.00")
            await until(ib, lambda: parent.filled() == 100)
            await until(ib, lambda: child.orderStatus.whyHeld == "trigger")
            gateway.show("AAPL", bid="94.96", ask="95.00", last="94.98")
            await until(ib, lambda: child.filled() == 100)

    asyncio.run(before())
    asyncio.run(after())


def test_an_option_and_its_expiry_outlive_the_process(tmp_path: Path) -> None:
    async def before() -> Option:
        store = Store.open(tmp_path / "gateway.state")
        async with visit(SETTINGS, store=store) as (gateway, ib):
            chain = (await ib.reqSecDefOptParamsAsync("AAPL", "", "STK", AAPL.conId))[0]
            strike = max(each for each in chain.strikes if each < 95)
            call = Option("AAPL", chain.expirations[0], strike, "C", "SMART", currency="USD")
            await ib.qualifyContractsAsync(call)
            gateway.quote(call.conId, bid="9.90", ask="10.00", bid_size=50, ask_size=50)
            trade = ib.placeOrder(call, LimitOrder("BUY", 1, 10.0, tif="DAY"))
            await until(ib, lambda: trade.fills)
            return call

    async def after(call: Option) -> None:
        store = Store.open(tmp_path / "gateway.state")
        expiry = datetime.strptime(call.lastTradeDateOrContractMonth, "%Y%m%d").replace(tzinfo=UTC)
        start = expiry + timedelta(days=1, hours=15)
        async with visit(SETTINGS, start=start, store=store) as (_gateway, ib):
            assert [each.position for each in ib.positions() if each.position] == []
            cash = (await figures(ib))["TotalCashValue"]
            worth = cash - (1_000_000 - 1000 - 1)
            assert worth == 100 * (100 - Decimal(str(call.strike)))

    asyncio.run(after(asyncio.run(before())))


def test_a_store_serves_one_gateway_at_a_time(tmp_path: Path) -> None:
    async def scene() -> None:
        async with house(store=Store.open(tmp_path / "gateway.state")):
            with pytest.raises(ValueError, match="in use by another process"):
                Store.open(tmp_path / "gateway.state")

    asyncio.run(scene())
