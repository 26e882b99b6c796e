"""Sessions that are refused, lose count, or only seem to live; and questions without an answer."""

import asyncio
from datetime import time

import pytest
from ib_async import StartupFetch, StartupFetchNONE

from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS
from tests.gateway.effects.scene import SETTINGS, START_NS, Scene, buy, effect, rest

RESTARTS_EARLY = Settings(seed=SETTINGS.seed, restart_at=time(10, 1))


@effect("client-id-lingers", lasting="30s")
async def test_a_client_id_is_in_use_for_a_while_after_its_connection(scene: Scene) -> None:
    first = await scene.join(5)
    first.disconnect()
    await scene.sleep(1)
    # ib_async has no word for 326: it waits for a session that never begins.
    with pytest.raises(TimeoutError):
        await scene.join(5)
    assert scene.codes[-1] == 326
    assert (await scene.join(6)).isConnected()
    await scene.sleep(30)
    assert (await scene.join(5)).isConnected()


@effect("client-id-lingers", lasting="90s", settings=RESTARTS_EARLY)
async def test_a_client_id_is_still_in_use_after_a_restart(scene: Scene) -> None:
    ib = await scene.join()
    await scene.until(lambda: not ib.isConnected())
    await scene.sleep(61)
    with pytest.raises(TimeoutError):
        await scene.join()
    assert scene.codes[-1] == 326
    await scene.sleep(30)
    assert (await scene.join()).isConnected()


@effect("ids-roll-back", by=5)
async def test_after_a_reconnect_an_order_id_is_given_out_a_second_time(scene: Scene) -> None:
    first = await scene.join(fetchFields=StartupFetchNONE)
    old = [buy(first) for _ in range(5)]
    await scene.until(lambda: all(trade.isDone() for trade in old))
    used = [trade.order.orderId for trade in old]
    first.disconnect()
    await scene.sleep(1)
    again = await scene.join(fetchFields=StartupFetchNONE)
    new = buy(again)
    assert new.order.orderId == used[0]
    await scene.until(new.isDone)
    fills = await again.reqExecutionsAsync()
    shared = {fill.execution.permId for fill in fills if fill.execution.orderId == used[0]}
    assert shared == {old[0].order.permId, new.order.permId}


@effect("ids-roll-back", by=3, kinds=["restart"], settings=RESTARTS_EARLY)
async def test_after_a_restart_an_order_id_is_given_out_a_second_time(scene: Scene) -> None:
    first = await scene.join(fetchFields=StartupFetchNONE)
    old = [buy(first) for _ in range(5)]
    await scene.until(lambda: all(trade.isDone() for trade in old))
    used = [trade.order.orderId for trade in old]
    await scene.until(lambda: not first.isConnected())
    await scene.sleep(61)
    again = await scene.join(fetchFields=StartupFetchNONE)
    assert again.client.getReqId() == used[-3]


@effect("half-open", at="+10s", lasting="60s")
async def test_a_half_open_connection_says_that_it_is_connected(scene: Scene) -> None:
    ib = await scene.join()
    await scene.sleep(11)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ib.reqCurrentTimeAsync(), 30)
    trade = rest(ib)
    await scene.sleep(20)
    assert ib.isConnected()
    assert trade.orderStatus.status == "PendingSubmit"
    await scene.until(lambda: not ib.isConnected())
    assert 70 <= scene.seconds < 71
    again = await scene.join()
    assert again.openTrades() == []


@effect("half-open", kinds=["placeOrder"])
async def test_a_connection_falls_silent_just_as_an_order_is_sent(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(59)
    assert ib.isConnected()
    assert trade.orderStatus.status == "PendingSubmit"
    assert await (await scene.join(2)).reqAllOpenOrdersAsync() == []


@effect("request-unanswered", kinds=["reqExecutions"])
async def test_an_unanswered_question_is_no_answer(scene: Scene) -> None:
    ib = await scene.join()
    assert "executions request timed out" in scene.complaints
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ib.reqExecutionsAsync(), 3600)
    assert (await ib.reqCurrentTimeAsync()).timestamp() > START_NS / SECOND_NS


@effect("request-unanswered", kinds=["reqOpenOrders"])
async def test_a_start_without_the_open_orders_looks_like_a_start_with_none(scene: Scene) -> None:
    first = await scene.join(fetchFields=StartupFetch.POSITIONS)
    rest(first)
    await scene.sleep(1)
    first.disconnect()
    await scene.sleep(1)
    again = await scene.join()
    assert again.isConnected()
    assert again.openTrades() == []
    assert len(await again.reqAllOpenOrdersAsync()) == 1


@effect("answers-slow", kinds=["reqPositions"], delay="5s")
async def test_an_answer_comes_after_the_patience_of_the_client(scene: Scene) -> None:
    first = await scene.join(2)
    buy(first)
    ib = await scene.join()
    assert "positions request timed out" in scene.complaints
    assert ib.positions() == []
    await scene.sleep(2)
    assert [held.position for held in ib.positions()] == [100]
    before = scene.seconds
    await ib.reqPositionsAsync()
    assert 5 <= scene.seconds - before < 5.1
