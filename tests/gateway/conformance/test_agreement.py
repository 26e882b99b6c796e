"""What the gateway says of one afternoon in different answers is one and the same story."""

import asyncio
from decimal import Decimal

from ib_async import ExecutionFilter, LimitOrder, MarketOrder, Stock, StopOrder

from backstay.gateway.settings import AccountSettings, Settings
from tests.gateway.conformance.house import house, until

AAPL = Stock("AAPL", "SMART", "USD")
MSFT = Stock("MSFT", "SMART", "USD")
START_CASH = Decimal(1_000_000)


def test_orders_executions_positions_and_cash_agree_to_the_cent() -> None:
    async def scene() -> None:
        settings = Settings(seed=7, accounts=(AccountSettings("DU1", START_CASH),))
        async with house(settings) as gateway:
            ib = await gateway.client()
            orders = [
                (AAPL, MarketOrder("BUY", 700, tif="DAY")),
                (AAPL, LimitOrder("SELL", 200, 99.5, tif="DAY")),
                (MSFT, MarketOrder("SELL", 150, tif="DAY")),
                (MSFT, LimitOrder("BUY", 50, 100.5, tif="DAY")),
            ]
            trades = []
            for contract, order in orders:
                trades.append(ib.placeOrder(contract, order))
                await until(ib, lambda: trades[-1].orderStatus.status == "Filled")
                gateway.show(contract.symbol, bid="99.97", ask="100.03")
            await until(ib, lambda: all(f.commissionReport.execId for f in ib.fills()))

            fills = await ib.reqExecutionsAsync(ExecutionFilter())
            signed = {
                contract.symbol: sum(
                    Decimal(str(fill.execution.shares))
                    * (1 if fill.execution.side == "BOT" else -1)
                    for fill in fills
                    if fill.contract.symbol == contract.symbol
                )
                for contract in (AAPL, MSFT)
            }
            positions = {p.contract.symbol: p.position for p in await ib.reqPositionsAsync()}
            assert positions == signed == {"AAPL": 500, "MSFT": -100}

            completed = await ib.reqCompletedOrdersAsync(False)
            assert sorted(trade.order.filledQuantity for trade in completed) == [50, 150, 200, 700]
            assert {trade.order.permId for trade in completed} == {
                fill.execution.permId for fill in fills
            }

            cash = START_CASH
            for fill in ib.fills():
                flow = Decimal(str(fill.execution.shares)) * Decimal(str(fill.execution.price))
                cash += flow * (-1 if fill.execution.side == "BOT" else 1)
                cash -= Decimal(str(fill.commissionReport.commission))
            gateway.forward(10)
            summary = await ib.accountSummaryAsync("DU1")
            (told,) = [row.value for row in summary if row.tag == "TotalCashValue"]
            assert abs(Decimal(told) - cash) < Decimal("0.005")
            ib.disconnect()

    asyncio.run(scene())


def test_yesterday_is_forgotten_at_midnight() -> None:
    async def scene() -> None:
        async with house(Settings(seed=7, restart_at=None)) as gateway:
            ib = await gateway.client()
            trade = ib.placeOrder(AAPL, MarketOrder("BUY", 100, tif="DAY"))
            await until(ib, lambda: trade.orderStatus.status == "Filled")
            stop = ib.placeOrder(AAPL, StopOrder("SELL", 100, 90.0, tif="GTC"))
            await until(ib, lambda: stop.orderStatus.permId)
            gateway.forward(15 * 3600)
            assert await ib.reqCompletedOrdersAsync(False) == []
            assert await ib.reqExecutionsAsync(ExecutionFilter()) == []
            assert [p.position for p in await ib.reqPositionsAsync()] == [100]
            assert len(await ib.reqAllOpenOrdersAsync()) == 1
            ib.disconnect()

    asyncio.run(scene())


def test_a_market_order_at_night_waits_for_the_open_and_is_warned_of() -> None:
    async def scene() -> None:
        async with house(Settings(seed=7, restart_at=None)) as gateway:
            ib = await gateway.client()
            gateway.forward(10 * 3600)
            codes: list[int] = []
            ib.errorEvent += lambda _req, number, _text, _contract: codes.append(number)
            ib.placeOrder(AAPL, MarketOrder("BUY", 100, tif="GTC"))
            await until(ib, lambda: 399 in codes)
            assert not ib.fills()
            gateway.forward(13.6 * 3600)
            gateway.show("AAPL", bid="99.98", ask="100.02")
            await until(ib, lambda: ib.fills() or ib.positions())
            ib.disconnect()

    asyncio.run(scene())
