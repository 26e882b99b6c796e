"""The gateway loses IB, or restarts, and what a client knows afterwards."""

import pytest
from ib_async import Trade

from tests.gateway.effects.scene import Scene, effect, rest, statuses, stream


async def filled_in_the_dark(scene: Scene) -> Trade:
    """An order of a client that fills while IB is out of reach."""
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(11)
    assert scene.codes == [1100]
    assert ib.isConnected()
    scene.show(bid="94.90", ask="94.95")
    await scene.sleep(15)
    assert (trade.orderStatus.status, trade.filled()) == ("Submitted", 0)
    return trade


@effect("upstream-lost", at="+10s", lasting="20s", then="kept")
async def test_a_fill_in_an_outage_is_told_after_it(scene: Scene) -> None:
    trade = await filled_in_the_dark(scene)
    await scene.sleep(10)
    assert 1102 in scene.codes
    assert (trade.orderStatus.status, trade.filled()) == ("Filled", 100)


@effect("upstream-lost", at="+10s", lasting="20s", then="lost")
async def test_a_fill_in_an_outage_is_only_told_to_who_asks(scene: Scene) -> None:
    trade = await filled_in_the_dark(scene)
    await scene.sleep(3600)
    assert 1101 in scene.codes
    assert (trade.orderStatus.status, trade.filled()) == ("Submitted", 0)
    again = await scene.join(2)
    assert [fill.execution.shares for fill in await again.reqExecutionsAsync()] == [100]


@effect("upstream-lost", at="+10s", lasting="20s", then="lost")
async def test_streams_are_lost_with_the_data(scene: Scene) -> None:
    ib = await scene.join()
    ticker = await stream(scene, ib)
    await scene.sleep(60)
    scene.show(bid="99.97")
    await scene.sleep(1)
    assert ticker.bid == 99.98


@effect("upstream-lost", at="+10s", lasting="20s")
async def test_an_order_in_an_outage_waits_for_its_end(scene: Scene) -> None:
    ib = await scene.join()
    await scene.sleep(11)
    trade = rest(ib)
    await scene.sleep(10)
    assert trade.orderStatus.status == "PendingSubmit"
    await scene.sleep(10)
    assert trade.orderStatus.status == "Submitted"


@effect("upstream-lost", at="+10s", lasting="20s", then="lost")
async def test_an_order_in_an_outage_that_lost_data_is_nowhere(scene: Scene) -> None:
    ib = await scene.join()
    await scene.sleep(11)
    trade = rest(ib)
    await scene.sleep(3600)
    assert statuses(trade) == ["PendingSubmit"]
    assert await ib.reqAllOpenOrdersAsync() == []


@effect("nightly-restart", at="+30s", down="60s")
async def test_a_restart_ends_sessions_refuses_new_ones_and_keeps_orders(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib, orderRef="ref-1")
    left: list[float] = []
    ib.disconnectedEvent += lambda: left.append(scene.seconds)
    await scene.sleep(31)
    assert [round(seconds) for seconds in left] == [30]
    with pytest.raises(ConnectionRefusedError):
        await scene.join()
    await scene.sleep(60)
    again = await scene.join()
    (found,) = again.openTrades()
    assert (found.order.orderRef, found.order.permId) == ("ref-1", trade.order.permId)
