"""Prices that are missing, wrong, crossed, late or far too many, as a ticker shows them."""

from math import isnan

from ib_async import Stock, TickByTickAllLast, TickByTickBidAsk, Ticker

from tests.gateway.effects.scene import Scene, effect, stream

BID = 1


async def by_tick(scene: Scene, kind: str) -> Ticker:
    """A stream of AAPL's quotes or trades, each of them."""
    ib = await scene.join()
    contract = Stock("AAPL", "SMART", "USD")
    await ib.qualifyContractsAsync(contract)
    ticker = ib.reqTickByTickData(contract, kind)
    await scene.sleep(5)
    return ticker


async def prints(scene: Scene, ticker: Ticker, **changes: str | int) -> list[object]:
    """What a change of the market is told as: prices, or pairs of a bid and an ask."""
    heard: list[object] = []

    def hear(updated: Ticker) -> None:
        for tick in updated.tickByTicks:
            if isinstance(tick, TickByTickBidAsk):
                heard.append((tick.bidPrice, tick.askPrice))
            elif isinstance(tick, TickByTickAllLast):
                heard.append(tick.price)

    ticker.updateEvent += hear
    scene.show("AAPL", **changes)
    await scene.sleep(1)
    ticker.updateEvent -= hear
    return heard


@effect("tick-none", kinds=["bid"])
async def test_a_price_that_is_left_out_is_unknown(scene: Scene) -> None:
    ticker = await stream(scene, await scene.join())
    assert isnan(ticker.bid)
    assert (ticker.ask, ticker.last) == (100.02, 100.0)


@effect("tick-zero", kinds=["bid"])
async def test_a_bid_of_zero_is_taken_for_a_bid(scene: Scene) -> None:
    ticker = await stream(scene, await scene.join())
    assert (ticker.bid, ticker.ask) == (0.0, 100.02)


@effect("tick-zero", kinds=["last"])
async def test_a_trade_at_zero_is_taken_for_a_trade(scene: Scene) -> None:
    ticker = await stream(scene, await scene.join())
    assert ticker.last == 0.0


@effect("tick-minus-one", kinds=["bid"])
async def test_a_bid_of_minus_one_is_taken_for_a_bid(scene: Scene) -> None:
    ticker = await stream(scene, await scene.join())
    assert (ticker.bid, ticker.bidSize) == (-1.0, 500.0)


@effect("tick-nan", kinds=["ask"])
async def test_a_price_that_is_no_number_arrives_as_it_is(scene: Scene) -> None:
    ticker = await stream(scene, await scene.join())
    assert isnan(ticker.ask)
    assert ticker.askSize == 500.0
    assert ticker.bid == 99.98


@effect("tick-minus-one", kinds=["last"], at="+5s")
async def test_a_trade_at_minus_one_comes_tick_by_tick(scene: Scene) -> None:
    ticker = await by_tick(scene, "AllLast")
    assert await prints(scene, ticker, last="100.01", last_size=100) == [-1.0]
    assert await prints(scene, ticker, last="100.02", last_size=100) == [100.02]


@effect("tick-crossed", at="+5s")
async def test_a_quote_comes_crossed_tick_by_tick(scene: Scene) -> None:
    ticker = await by_tick(scene, "BidAsk")
    assert await prints(scene, ticker, bid="99.99") == [(100.02, 99.99)]
    assert await prints(scene, ticker, bid="99.97") == [(99.97, 100.02)]


@effect("tick-crossed", at="+5s")
async def test_a_bid_stands_above_the_ask(scene: Scene) -> None:
    ticker = await stream(scene, await scene.join())
    assert ticker.bid < ticker.ask
    await scene.sleep(5)
    scene.show(bid="99.99")
    await scene.sleep(1)
    assert (ticker.bid, ticker.ask) == (100.05, 100.02)


@effect("tick-stale", kinds=["bid"], at="+5s", delay="10s")
async def test_an_old_price_comes_after_a_newer_one(scene: Scene) -> None:
    ticker = await stream(scene, await scene.join())
    await scene.sleep(5)
    scene.show(bid="99.97")
    await scene.sleep(1)
    scene.show(bid="99.96")
    await scene.sleep(1)
    assert ticker.bid == 99.96
    await scene.sleep(10)
    assert (ticker.bid, ticker.prevBid) == (99.97, 99.96)


@effect("tick-storm", kinds=["bid"], at="+5s", ticks=1000)
async def test_a_price_comes_a_thousand_times_in_one_read(scene: Scene) -> None:
    ticker = await stream(scene, await scene.join())
    bursts: list[int] = []

    def count(updated: Ticker) -> None:
        bursts.append(sum(tick.tickType == BID for tick in updated.ticks))

    ticker.updateEvent += count
    await scene.sleep(5)
    scene.show(bid="99.97")
    await scene.sleep(1)
    assert max(bursts) == 1000
