"""Streams that fall silent, with or without a word, and what brings them back."""

from math import isnan

from ib_async import IB

from tests.gateway.effects.scene import Scene, effect, stream


async def moves(scene: Scene, bid: str) -> None:
    """The price moves, and there is time enough to hear of it."""
    scene.show(bid=bid)
    await scene.sleep(1)


def told(scene: Scene, ib: IB) -> int:
    """How many frames the client has received; none that it didn't ask for is left out."""
    return len(scene.tap(ib).frames)


@effect("stream-dead", at="+10s")
async def test_a_stream_stays_dead_although_its_farm_is_said_to_be_ok(scene: Scene) -> None:
    ib = await scene.join()
    ticker = await stream(scene, ib)
    await scene.sleep(10)
    assert scene.codes == [2103, 2104]
    for bid in ("99.97", "99.96", "99.95"):
        await moves(scene, bid)
    assert ticker.bid == 99.98
    assert ticker.contract is not None
    ib.cancelMktData(ticker.contract)
    again = ib.reqMktData(ticker.contract)
    await moves(scene, "99.94")
    assert again.bid == 99.94


@effect("farm-broken", at="+10s", lasting="30s")
async def test_ticks_come_back_with_the_farms(scene: Scene) -> None:
    ib = await scene.join()
    ticker = await stream(scene, ib)
    await scene.sleep(10)
    assert scene.codes == [2103, 2105]
    await moves(scene, "99.97")
    assert ticker.bid == 99.98
    await scene.sleep(30)
    assert scene.codes == [2103, 2105, 2104, 2106]
    assert ticker.bid == 99.97
    await moves(scene, "99.96")
    assert ticker.bid == 99.96


@effect("farm-broken", at="+1s", lasting="30s")
async def test_who_subscribes_at_a_broken_farm_gets_the_first_picture_when_it_is_back(
    scene: Scene,
) -> None:
    ib = await scene.join()
    await scene.sleep(2)
    ticker = await stream(scene, ib)
    assert isnan(ticker.bid)
    await scene.sleep(30)
    assert (ticker.bid, ticker.ask) == (99.98, 100.02)


@effect("competing-login", at="+10s", lasting="60s")
async def test_another_login_takes_the_prices_away_for_a_while(scene: Scene) -> None:
    ib = await scene.join()
    ticker = await stream(scene, ib)
    asked: list[int] = []
    ib.errorEvent += lambda request, _code, _text, _contract: asked.append(request)
    await scene.sleep(10)
    assert scene.codes == [10197]
    assert asked == [ib.wrapper.ticker2ReqId["mktData"][ticker]]
    before = told(scene, ib)
    await moves(scene, "99.97")
    assert (ticker.bid, told(scene, ib)) == (99.98, before)
    await scene.sleep(60)
    assert ticker.bid == 99.97
    await moves(scene, "99.96")
    assert ticker.bid == 99.96


@effect("competing-login", at="+1s", lasting="60s")
async def test_who_subscribes_beside_another_login_is_told_so_and_has_to_ask_again(
    scene: Scene,
) -> None:
    ib = await scene.join()
    await scene.sleep(2)
    ticker = await stream(scene, ib)
    assert scene.codes == [10197]
    assert isnan(ticker.bid)
    await scene.sleep(60)
    assert isnan(ticker.bid)
    assert (await stream(scene, ib)).bid == 99.98
