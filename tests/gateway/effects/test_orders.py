"""Orders, modifies and cancels that are lost, refused or doubled, as a client sees them."""

import pytest
from ib_async import IB, LimitOrder, MarketOrder, StopOrder, Trade

from tests.gateway.effects.scene import AAPL, DAY, Scene, buy, effect, rest, statuses


async def limits(scene: Scene) -> list[object]:
    """At which prices orders really rest, as another client is told."""
    other = await scene.join(99)
    found: list[object] = [trade.order.lmtPrice for trade in await other.reqAllOpenOrdersAsync()]
    other.disconnect()
    return found


@effect("placement-swallowed", nth=1)
async def test_a_swallowed_order_is_pending_for_ever_and_nowhere(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(3600)
    assert statuses(trade) == ["PendingSubmit"]
    assert scene.codes == []
    assert await limits(scene) == []
    assert await ib.reqCompletedOrdersAsync(False) == []
    assert await ib.reqExecutionsAsync() == []


@effect("order-rejected", nth=1)
async def test_a_rejected_order_looks_cancelled_and_says_why(scene: Scene) -> None:
    ib = await scene.join()
    refused, accepted = rest(ib), rest(ib, 94.0)
    await scene.sleep(1)
    assert statuses(refused) == ["PendingSubmit", "Cancelled"]
    assert refused.log[-1].errorCode == 201
    assert "The order was rejected by the exchange." in refused.log[-1].message
    assert accepted.orderStatus.status == "Submitted"
    assert await limits(scene) == [94.0]


@effect("order-rejected", nth=1, code=10_349, text="TIF was set to DAY")
async def test_an_order_is_rejected_with_any_code(scene: Scene) -> None:
    ib = await scene.join()
    refused = rest(ib)
    await scene.sleep(1)
    assert (refused.log[-1].errorCode, refused.isDone()) == (10_349, True)


@effect("freeze-quantity", above=100)
async def test_an_order_is_frozen_from_one_share_more(scene: Scene) -> None:
    ib = await scene.join()
    refused, accepted = rest(ib, quantity=101), rest(ib, quantity=100)
    await scene.sleep(1)
    assert refused.log[-1].errorCode == 201
    assert "exceeds the freeze quantity of 100" in refused.log[-1].message
    assert accepted.orderStatus.status == "Submitted"
    accepted.order.totalQuantity = 101
    ib.placeOrder(AAPL, accepted.order)
    await scene.sleep(1)
    # The order lives on as it was, and ib_async believes that it is over.
    assert accepted.isDone()
    assert await limits(scene) == [95.0]


def sell(ib: IB, quantity: int) -> Trade:
    """A market order, which fills at once at 99.98 unless it is held."""
    return ib.placeOrder(AAPL, MarketOrder("SELL", quantity, **DAY))


@effect("held-for-locate", delay="30s")
async def test_a_short_sale_is_held_for_a_locate_and_goes_on(scene: Scene) -> None:
    ib = await scene.join()
    buy(ib, 100)
    await scene.sleep(1)
    covered = sell(ib, 100)
    await scene.sleep(1)
    assert (covered.filled(), scene.codes) == (100, [])
    short = sell(ib, 1)
    await scene.sleep(10)
    # Another one of the same stock waits along with it.
    later = sell(ib, 2)
    await scene.sleep(19.9)
    assert scene.codes == [404, 404]
    assert "while we attempt to locate the shares" in next(
        entry.message for entry in short.log if entry.errorCode == 404
    )
    held = await ib.reqAllOpenOrdersAsync()
    assert {trade.orderStatus.whyHeld for trade in held} == {"locate"}
    assert {trade.orderStatus.status for trade in held} == {"PreSubmitted"}
    assert scene.position() == 0
    await scene.sleep(0.3)
    assert [short.filled(), later.filled()] == [1, 2]
    assert scene.position() == -3


@effect("held-for-locate", then="never")
async def test_a_short_sale_is_held_until_it_is_cancelled(scene: Scene) -> None:
    ib = await scene.join()
    short = sell(ib, 1)
    await scene.sleep(3600)
    assert scene.codes == [404]
    assert scene.position() == 0
    assert len(await ib.reqAllOpenOrdersAsync()) == 1
    ib.cancelOrder(short.order)
    await scene.sleep(1)
    assert short.orderStatus.status == "Cancelled"
    assert await limits(scene) == []


@effect("held-for-locate", then="never")
async def test_the_exit_of_a_bracket_sells_what_its_entry_buys_and_is_not_held(
    scene: Scene,
) -> None:
    ib = await scene.join()
    entry = ib.placeOrder(AAPL, LimitOrder("BUY", 100, 95.0, **DAY, transmit=False))
    parent = entry.order.orderId
    stop = ib.placeOrder(AAPL, StopOrder("SELL", 100, 90.0, **DAY, parentId=parent))
    await scene.sleep(1)
    assert (scene.codes, scene.strikes("held-for-locate")) == ([], [])
    sell(ib, 1)
    await scene.sleep(1)
    assert scene.codes == [404]
    scene.show(bid="94.90", ask="94.95")
    await scene.sleep(1)
    assert (entry.filled(), stop.orderStatus.whyHeld) == (100, "trigger")


@effect("fast-modify-refused", within="500ms")
async def test_a_modify_that_comes_too_soon_makes_a_living_order_look_over(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(0.3)
    trade.order.lmtPrice = 96.0
    ib.placeOrder(AAPL, trade.order)
    await scene.sleep(1)
    assert trade.log[-1].errorCode == 103
    assert trade.isDone()
    assert await limits(scene) == [95.0]


@effect("second-perm-id")
async def test_a_modified_order_lives_twice_and_a_cancel_hits_one(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(1)
    trade.order.lmtPrice = 96.0
    ib.placeOrder(AAPL, trade.order)
    await scene.sleep(1)
    # Both have one orderId: ib_async answers with the same trade twice.
    assert await ib.reqAllOpenOrdersAsync() == [trade, trade]
    assert len(ib.wrapper.permId2Trade) == 2
    ib.cancelOrder(trade.order)
    await scene.sleep(1)
    assert trade.orderStatus.status == "Cancelled"
    # The cancel has hit the order as it was; the one that was modified fills.
    assert await limits(scene) == [96.0]
    scene.show(bid="95.90", ask="95.95")
    await scene.sleep(1)
    assert trade.filled() == scene.position() == 100


@effect("cancel-refused")
async def test_a_refused_cancel_makes_a_living_order_look_cancelled(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(1)
    ib.cancelOrder(trade.order)
    await scene.sleep(1)
    assert (trade.orderStatus.status, trade.log[-1].errorCode) == ("Cancelled", 161)
    assert await limits(scene) == [95.0]
    scene.show(bid="94.90", ask="94.95")
    await scene.sleep(1)
    assert trade.filled() == 100


@effect("cancel-unanswered", delay="30s")
async def test_a_cancel_is_pending_and_the_order_works_on(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(1)
    ib.cancelOrder(trade.order)
    await scene.sleep(29)
    assert trade.orderStatus.status == "PendingCancel"
    assert await limits(scene) == [95.0]
    await scene.sleep(1.1)
    assert trade.orderStatus.status == "Cancelled"
    assert await limits(scene) == []


@effect("cancel-unanswered", then="never")
async def test_a_cancel_that_is_never_answered_can_still_be_overtaken_by_a_fill(
    scene: Scene,
) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(1)
    ib.cancelOrder(trade.order)
    await scene.sleep(3600)
    assert trade.orderStatus.status == "PendingCancel"
    scene.show(bid="94.90", ask="94.95")
    await scene.sleep(1)
    assert (trade.orderStatus.status, trade.filled()) == ("Filled", 100)


@effect("read-only", between=["+10s", "+1h"])
async def test_a_read_only_gateway_refuses_orders_modifies_and_cancels(scene: Scene) -> None:
    ib = await scene.join()
    living = rest(ib)
    await scene.sleep(11)
    new = rest(ib, 94.0)
    living.order.lmtPrice = 96.0
    ib.placeOrder(AAPL, living.order)
    await scene.sleep(1)
    ib.cancelOrder(living.order)
    await scene.sleep(1)
    assert scene.codes == [321, 321, 321]
    assert {living.orderStatus.status, new.orderStatus.status} == {"ValidationError"}
    assert await limits(scene) == [95.0]


async def reconnected(scene: Scene, lost: IB) -> IB:
    """The same client again, after it has noticed that its connection is gone."""
    await scene.until(lambda: not lost.isConnected())
    return await scene.join()


@effect("reset-before-frame", kinds=["placeOrder"], nth=1)
async def test_an_order_before_a_reset_never_existed(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib, orderRef="ref-1")
    again = await reconnected(scene, ib)
    assert trade.orderStatus.status == "PendingSubmit"
    assert again.openTrades() == []
    assert await again.reqCompletedOrdersAsync(False) == []


@effect("reset-after-frame", kinds=["placeOrder"], nth=1)
async def test_an_order_before_a_reset_lives_unheard_of(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib, orderRef="ref-1")
    again = await reconnected(scene, ib)
    assert trade.orderStatus.status == "PendingSubmit"
    (found,) = again.openTrades()
    assert (found.order.orderRef, found.order.lmtPrice) == ("ref-1", 95.0)


@effect("reset-mid-frame", kinds=["in"], at="+10s")
async def test_half_an_order_is_none(scene: Scene) -> None:
    ib = await scene.join()
    await scene.sleep(11)
    ib.placeOrder(AAPL, LimitOrder("BUY", 100, 95.0, **DAY))
    again = await reconnected(scene, ib)
    assert again.openTrades() == []


@effect("reset-mid-frame", kinds=["out"], at="+10s")
async def test_half_an_answer_is_none(scene: Scene) -> None:
    ib = await scene.join()
    await scene.sleep(11)
    with pytest.raises(ConnectionError, match="Socket disconnect"):
        await ib.reqCurrentTimeAsync()
    assert not ib.isConnected()
    assert 0 < len(scene.tap(ib).rest) < 4 + len("49|1|1795446011|")
