"""Executions that come after the end, change or vanish, and hands that trade beside the API."""

from decimal import Decimal

from ib_async import IB

from tests.gateway.effects.scene import Scene, buy, effect, rest


def suffixes(ib: IB) -> list[str]:
    """The numbers at the end of the execIds, which count corrections."""
    return [fill.execution.execId.rpartition(".")[2] for fill in ib.fills()]


async def held(ib: IB) -> list[float]:
    """The positions that are answered when they are asked for."""
    return [position.position for position in await ib.reqPositionsAsync()]


@effect("fill-after-cancel", delay="2s")
async def test_an_order_that_was_shown_as_cancelled_fills(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(1)
    ib.cancelOrder(trade.order)
    await scene.sleep(1)
    assert (trade.orderStatus.status, trade.filled()) == ("Cancelled", 0)
    await scene.sleep(2)
    assert trade.filled() == 100
    assert await held(ib) == [100]


@effect("fill-after-cancel", share="0.3")
async def test_an_order_that_was_shown_as_cancelled_fills_in_part(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(1)
    ib.cancelOrder(trade.order)
    await scene.sleep(4)
    assert trade.filled() == 30
    assert await held(ib) == [30]


@effect("execution-corrected", nth=1)
async def test_a_corrected_share_counts_twice_in_ib_async(scene: Scene) -> None:
    ib = await scene.join()
    trade = buy(ib, quantity=1)
    await scene.sleep(4)
    assert suffixes(ib) == ["01", "02"]
    assert [fill.execution.price for fill in trade.fills] == [100.02, 100.03]
    assert trade.filled() == 2
    assert await held(ib) == [1]


@effect("execution-corrected", nth=1, price_by="0", quantity_by=-40)
async def test_a_correction_takes_shares_back(scene: Scene) -> None:
    ib = await scene.join()
    trade = buy(ib)
    await scene.sleep(4)
    assert [fill.execution.shares for fill in trade.fills] == [100, 60]
    assert await held(ib) == [60]


@effect("execution-busted", nth=1)
async def test_a_busted_execution_stays_in_ib_async_and_not_in_the_account(scene: Scene) -> None:
    ib = await scene.join()
    trade = buy(ib)
    await scene.sleep(4)
    assert trade.filled() == 100
    assert suffixes(ib) == ["01", "02"]
    assert ib.fills()[1].execution.shares == 0
    assert sum(await held(ib)) == 0


@effect("manual-order", at="+10s", quantity=10, limit="90")
async def test_an_order_by_hand_is_seen_at_once_by_client_0_alone(scene: Scene) -> None:
    ib, zero = await scene.join(1), await scene.join(0)
    told = dict.fromkeys((ib, zero), 0)
    for client in told:

        def count(_trade: object, client: IB = client) -> None:
            told[client] += 1

        client.openOrderEvent += count
    await scene.sleep(11)
    assert (told[ib], ib.openTrades()) == (0, [])
    assert told[zero] == 1
    (found,) = await ib.reqAllOpenOrdersAsync()
    assert (found.order.clientId, found.order.orderId <= 0) == (0, True)
    assert (found.order.totalQuantity, found.order.lmtPrice) == (10, 90)


@effect("manual-order", at="+10s", quantity=10, side="SELL")
async def test_an_order_by_hand_that_fills_is_only_seen_in_the_position(scene: Scene) -> None:
    ib = await scene.join()
    told: list[float] = []
    ib.positionEvent += lambda position: told.append(position.position)
    await scene.sleep(11)
    assert told == [-10]
    assert ib.fills() == []


@effect("manual-close", delay="5s")
async def test_a_position_is_gone_without_an_execution_of_ours(scene: Scene) -> None:
    ib = await scene.join()
    trade = buy(ib)
    await scene.sleep(4)
    assert [position.position for position in ib.positions()] == [100]
    await scene.sleep(2)
    assert ib.positions() == []
    assert ib.fills() == trade.fills
    fills = await ib.reqExecutionsAsync()
    assert [fill.execution.side for fill in fills] == ["BOT", "SLD"]


@effect("manual-close", at="+10s", symbol="AAPL")
async def test_a_position_is_closed_by_hand_at_its_hour(scene: Scene) -> None:
    ib = await scene.join()
    buy(ib)
    await scene.sleep(9)
    assert scene.position() == 100
    await scene.sleep(2)
    assert scene.position() == Decimal(0)
    assert ib.positions() == []
