"""A day of frames from the embedded gateway, and what the real ib_async made of the same frames."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ib_async import (
    IB,
    CommissionReport,
    ContractDetails,
    Fill,
    LimitOrder,
    MarketOrder,
    Option,
    Order,
    OrderState,
    Position,
    Stock,
    Trade,
)

from tests.gateway.effects.scene import AAPL, Scene, buy, play, rest


@dataclass
class Recorded:
    """The frames in their order, and the facade's own views at the end."""

    frames: list[list[str]] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    commissions: list[CommissionReport] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    completed: list[Trade] = field(default_factory=list)
    stocks: list[ContractDetails] = field(default_factory=list)
    options: list[ContractDetails] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    chain: list[Any] = field(default_factory=list)
    rule: list[Any] = field(default_factory=list)
    bars: list[Any] = field(default_factory=list)
    time: Any = None
    state: OrderState | None = None
    errors: list[tuple[int, int, str]] = field(default_factory=list)


@cache
def recorded() -> Recorded:
    """Orders of every type, fills, cancels, a rejection, the account and the catalogue."""
    seen = Recorded()

    async def story(scene: Scene) -> None:
        ib = await scene.join()
        ib.errorEvent += lambda subject, code, text, _contract: seen.errors.append(
            (subject, code, text)
        )
        await ib.qualifyContractsAsync(AAPL)
        await _orders(scene, ib)
        await _catalogue(ib, seen)
        await _account(ib, seen)
        seen.frames = scene.tap(ib).frames[1:]  # without the greeting
        seen.trades = ib.trades()
        seen.fills = ib.fills()
        seen.commissions = [fill.commissionReport for fill in seen.fills]
        seen.positions = ib.positions()
        seen.values = ib.accountValues()

    play(story)
    return seen


async def _orders(scene: Scene, ib: IB) -> None:
    buy(ib, 100, orderRef="first")
    resting = rest(ib, 95.05, 7, orderRef="resting", ocaGroup="pair", ocaType=1, outsideRth=True)
    stop = Order(action="SELL", orderType="STP", totalQuantity=50, auxPrice=90.25, tif="DAY")
    ib.placeOrder(AAPL, stop)
    fall = Order(
        action="SELL",
        orderType="STP LMT",
        totalQuantity=50,
        auxPrice=90.5,
        lmtPrice=90.01,
        tif="GTC",
    )
    ib.placeOrder(AAPL, fall)
    parent = LimitOrder("BUY", 10, 94.0, transmit=False, orderId=ib.client.getReqId(), tif="DAY")
    child = Order(
        action="SELL", orderType="STP", totalQuantity=10, auxPrice=80.0, parentId=parent.orderId,
        transmit=True, tif="GTC",
    )  # fmt: skip
    ib.placeOrder(AAPL, parent)
    ib.placeOrder(AAPL, child)
    ib.placeOrder(AAPL, LimitOrder("BUY", 1, 95.003, tif="DAY"))  # off the grid: 110
    await scene.sleep(2)
    resting.order.lmtPrice = 95.1
    ib.placeOrder(AAPL, resting.order)
    await scene.sleep(1)
    ib.cancelOrder(resting.order)
    await scene.sleep(2)
    ib.placeOrder(AAPL, MarketOrder("SELL", 40, orderRef="second", tif="DAY"))
    await scene.sleep(2)


async def _catalogue(ib: IB, seen: Recorded) -> None:
    seen.stocks = await ib.reqContractDetailsAsync(Stock("AAPL", "SMART", "USD"))
    seen.chain = await ib.reqSecDefOptParamsAsync("AAPL", "", "STK", AAPL.conId)
    expiry = min(seen.chain[0].expirations)
    wanted = Option("AAPL", expiry, 100.0, "C", "SMART", currency="USD")
    seen.options = await ib.reqContractDetailsAsync(wanted)
    assert seen.stocks[0].marketRuleIds
    seen.rule = await ib.reqMarketRuleAsync(int(seen.stocks[0].marketRuleIds.split(",")[0])) or []
    seen.bars = await ib.reqHistoricalDataAsync(AAPL, "", "5 D", "1 day", "TRADES", useRTH=True)


async def _account(ib: IB, seen: Recorded) -> None:
    seen.time = await ib.reqCurrentTimeAsync()
    seen.state = await ib.whatIfOrderAsync(AAPL, LimitOrder("BUY", 10, 99.0, tif="DAY"))
    seen.completed = await ib.reqCompletedOrdersAsync(False)
    await ib.reqAllOpenOrdersAsync()
    await ib.reqExecutionsAsync()
