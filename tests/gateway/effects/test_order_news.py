"""News of an order that come twice, late, out of order or never, as a client sees them."""

from ib_async import StopOrder

from tests.gateway.effects.scene import (
    AAPL,
    COMMISSION,
    EXECUTION,
    STATUS,
    Scene,
    buy,
    effect,
    rest,
    statuses,
)


@effect("status-duplicated", copies=2)
async def test_a_status_comes_again_and_says_nothing_new(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(1)
    assert statuses(trade) == ["PendingSubmit", "Submitted"]
    assert [fields[1] for fields in scene.tap(ib).of(STATUS)] == ["Submitted"] * 3


@effect("status-delayed", kinds=["PreSubmitted"], delay="5s")
async def test_a_stale_status_reopens_a_filled_trade(scene: Scene) -> None:
    ib = await scene.join()
    trade = ib.placeOrder(AAPL, StopOrder("SELL", 100, 99.0, tif="DAY"))
    await scene.sleep(1)
    scene.show(bid="98.90", ask="98.94", last="99.00", last_size=100)
    await scene.sleep(1)
    assert trade.orderStatus.status == "Filled"
    await scene.sleep(5)
    assert trade.orderStatus.status == "PreSubmitted"
    assert (trade.isDone(), trade.filled()) == (False, 100)


@effect("status-reordered", kinds=["Submitted"], within="5s")
async def test_an_order_is_submitted_after_its_cancel_was_confirmed_to_wait(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(1)
    assert statuses(trade) == ["PendingSubmit"]
    ib.cancelOrder(trade.order)
    await scene.sleep(4)
    assert statuses(trade) == ["PendingSubmit", "PendingCancel", "Submitted", "Cancelled"]


@effect("status-reordered", kinds=["Submitted"], within="5s")
async def test_a_status_that_nothing_overtakes_comes_all_the_same(scene: Scene) -> None:
    ib = await scene.join()
    trade = rest(ib)
    await scene.sleep(4.9)
    assert trade.orderStatus.status == "PendingSubmit"
    await scene.sleep(0.2)
    assert trade.orderStatus.status == "Submitted"


@effect("status-missing", kinds=["Filled"])
async def test_a_filled_order_never_looks_done(scene: Scene) -> None:
    ib = await scene.join()
    told: list[str] = []
    ib.orderStatusEvent += lambda trade: told.append(trade.orderStatus.status)
    trade = buy(ib)
    await scene.sleep(3600)
    assert trade.filled() == scene.position() == 100
    assert not trade.isDone()
    assert "Filled" not in told


@effect("commission-before-execution")
async def test_a_commission_that_comes_first_is_dropped(scene: Scene) -> None:
    ib = await scene.join()
    trade = buy(ib)
    await scene.sleep(60)
    ids = [frame[0] for frame in scene.tap(ib).frames]
    assert ids.index(str(COMMISSION)) < ids.index(str(EXECUTION))
    (fill,) = trade.fills
    assert fill.commissionReport.execId == ""
    await ib.reqExecutionsAsync()
    assert fill.commissionReport.commission == 1.0


@effect("commission-missing")
async def test_a_commission_that_never_comes_can_be_asked_for(scene: Scene) -> None:
    ib = await scene.join()
    trade = buy(ib)
    await scene.sleep(60)
    assert scene.tap(ib).of(COMMISSION) == []
    (fill,) = trade.fills
    assert fill.commissionReport.execId == ""
    await ib.reqExecutionsAsync()
    assert fill.commissionReport.commission == 1.0


@effect("placement-acknowledged-late", delay="3s")
async def test_an_order_lives_before_its_client_hears_of_it(scene: Scene) -> None:
    ib, other = await scene.join(1), await scene.join(2)
    trade = rest(ib)
    await scene.sleep(2.5)
    assert (trade.orderStatus.status, trade.orderStatus.permId) == ("PendingSubmit", 0)
    (seen,) = await other.reqAllOpenOrdersAsync()
    await scene.sleep(1)
    assert trade.orderStatus.status == "Submitted"
    assert trade.orderStatus.permId == seen.order.permId
