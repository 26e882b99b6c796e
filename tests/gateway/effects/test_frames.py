"""Frames that mean nothing or never end, and what the client makes of what comes behind them."""

import asyncio

import pytest

from tests.gateway.effects.scene import Scene, effect, rest


@effect("garbage-frame", at="+10s", shape="noise")
async def test_noise_is_skipped_and_the_answer_behind_it_read(scene: Scene) -> None:
    ib = await scene.join()
    await scene.sleep(11)
    assert (await ib.reqCurrentTimeAsync()).minute == 0
    assert len(scene.complaints) == 1
    assert scene.complaints[0].startswith("Error handling fields: [")


@effect("garbage-frame", at="+10s", shape="unknown-id")
async def test_an_unknown_message_is_skipped(scene: Scene) -> None:
    ib = await scene.join()
    await scene.sleep(11)
    assert (await ib.reqCurrentTimeAsync()).minute == 0
    assert scene.complaints == ["Error handling fields: ['9999', '1']"]


@effect("garbage-frame", at="+10s", shape="cut-short")
async def test_a_status_that_breaks_off_is_skipped(scene: Scene) -> None:
    ib = await scene.join()
    await scene.sleep(11)
    trade = rest(ib)
    await scene.sleep(1)
    assert trade.orderStatus.status == "Submitted"
    assert scene.complaints == ["Error for orderStatus([7]):"]


@effect("garbage-frame", nth=1, shape="noise")
async def test_noise_before_the_greeting_keeps_a_client_out(scene: Scene) -> None:
    with pytest.raises(TimeoutError):
        await scene.join()
    # Until it is ready ib_async reads ids without caution, and forgets what came in that read.
    assert scene.complaints == ["API connection failed: TimeoutError()"]
    assert scene.tap(scene.clients[0]).of(9) != []


@effect("oversized-frame", at="+10s")
async def test_a_frame_without_an_end_swallows_everything_after_it(scene: Scene) -> None:
    ib = await scene.join()
    await scene.sleep(11)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ib.reqCurrentTimeAsync(), 60)
    trade = rest(ib)
    await scene.sleep(60)
    assert ib.isConnected()
    assert trade.orderStatus.status == "PendingSubmit"
    assert len(await (await scene.join(2)).reqAllOpenOrdersAsync()) == 1
    assert scene.tap(ib).rest.startswith((16_777_216).to_bytes(4, "big"))
