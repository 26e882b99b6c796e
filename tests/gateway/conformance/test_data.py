"""Prices as the real ib_async hears them: live, once, late, tick by tick, and of the past."""

import asyncio
import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from ib_async import IB, Option, Stock, Ticker

from backstay.gateway.settings import Settings
from tests.gateway.conformance.house import Codes, settled, until, visit

APPLE_ID = 265598
AAPL = Stock("AAPL", "SMART", "USD", conId=APPLE_ID)
MSFT = Stock("MSFT", "SMART", "USD", conId=272093)
NVDA = Stock("NVDA", "SMART", "USD", conId=4815747)
LIVE, FROZEN, DELAYED, DELAYED_FROZEN = 1, 2, 3, 4
SATURDAY = datetime(2026, 11, 28, 17, 0, tzinfo=UTC)
WIDE = Settings(seed=7, messages_per_second_max=1000)


def test_a_line_follows_every_change() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            ticker = ib.reqMktData(AAPL, "233")
            await until(ib, lambda: ticker.last == 100)
            assert (ticker.bid, ticker.ask, ticker.bidSize) == (99.98, 100.02, 500)
            assert (ticker.marketDataType, ticker.minTick, ticker.halted) == (LIVE, 0.01, 0)
            gateway.show("AAPL", bid="99.90", ask="99.94", ask_size=70, last="99.92", last_size=33)
            await until(ib, lambda: ticker.bid == 99.9)
            assert (ticker.ask, ticker.askSize, ticker.last) == (99.94, 70, 99.92)
            await until(ib, lambda: ticker.lastSize == 33)

    asyncio.run(scene())


def test_rt_volume_tells_the_millisecond_of_a_trade() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            ticker = ib.reqMktData(AAPL, "233")
            await until(ib, lambda: ticker.last == 100)
            gateway.show("AAPL", last="100.01", last_size=33)
            await until(ib, lambda: ticker.rtTime is not None)
            assert ticker.rtTime is not None
            now = datetime.fromtimestamp(gateway.gateway.now_ns / 1e9, UTC)
            assert timedelta(0) <= now - ticker.rtTime < timedelta(seconds=5)
            assert 100 <= ticker.vwap <= 100.01
            assert ticker.rtVolume >= 33

    asyncio.run(scene())


def test_a_halt_and_its_end_are_told() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            ticker = ib.reqMktData(AAPL)
            await until(ib, lambda: ticker.halted == 0)
            gateway.do(lambda: gateway.gateway.market.halt(APPLE_ID))
            await until(ib, lambda: ticker.halted == 1)
            gateway.do(lambda: gateway.gateway.market.resume(APPLE_ID))
            await until(ib, lambda: ticker.halted == 0)

    asyncio.run(scene())


def test_a_side_without_anybody_is_told_as_minus_one() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            chain = (await ib.reqSecDefOptParamsAsync("AAPL", "", "STK", APPLE_ID))[0]
            call = Option("AAPL", chain.expirations[0], chain.strikes[-1], "C", "SMART")
            await ib.qualifyContractsAsync(call)
            ticker = ib.reqMktData(call)
            await until(ib, lambda: ticker.ask > 0)
            assert math.isnan(ticker.bid)
            gateway.quote(call.conId, bid="0.05", bid_size=10)
            await until(ib, lambda: ticker.bid == 0.05)
            gateway.do(lambda: gateway.gateway.market.inject(call.conId, bid=None))
            await until(ib, lambda: ticker.bid == -1)
            assert ticker.bidSize == 0

    asyncio.run(scene())


def test_an_option_comes_with_what_its_price_implies() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            chain = (await ib.reqSecDefOptParamsAsync("AAPL", "", "STK", APPLE_ID))[0]
            strike = min(chain.strikes, key=lambda strike: abs(strike - 100))
            call = Option("AAPL", chain.expirations[4], strike, "C", "SMART")
            await ib.qualifyContractsAsync(call)
            ticker = ib.reqMktData(call)
            await until(ib, lambda: ticker.modelGreeks)
            greeks = ticker.modelGreeks
            assert greeks is not None
            assert greeks.delta is not None
            assert greeks.gamma is not None
            assert greeks.vega is not None
            assert greeks.theta is not None
            assert 0.3 < greeks.delta < 0.8
            assert greeks.gamma > 0
            assert greeks.vega > 0 > greeks.theta
            assert greeks.undPrice == 100
            assert 0 < ticker.bid < ticker.ask

    asyncio.run(scene())


def test_a_snapshot_ends_by_itself_and_frees_its_line() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            asked = asyncio.create_task(ib.reqTickersAsync(AAPL, MSFT))
            await settled(ib)
            gateway.forward(12)
            tickers: list[Ticker] = await asked
            assert [ticker.bid for ticker in tickers] == [99.98, 99.98]
            assert gateway.gateway.front._hall.lines_taken == 0

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("data_type", "told"),
    [(LIVE, LIVE), (FROZEN, FROZEN), (DELAYED, LIVE), (DELAYED_FROZEN, FROZEN)],
)
def test_frozen_data_is_given_when_the_market_is_closed(data_type: int, told: int) -> None:
    async def scene() -> None:
        async with visit(start=SATURDAY) as (_gateway, ib):
            ib.reqMarketDataType(data_type)
            ticker = ib.reqMktData(AAPL)
            await until(ib, lambda: not math.isnan(ticker.close) or ticker.last > 0)
            assert ticker.marketDataType == told

    asyncio.run(scene())


def test_what_is_not_subscribed_is_refused_or_comes_late() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            gateway.gateway.front.refuse_data(APPLE_ID)
            codes = Codes(ib)
            ib.reqMktData(AAPL)
            await until(ib, lambda: 354 in codes.numbers())
            ib.reqMarketDataType(DELAYED)
            ib.cancelMktData(AAPL)
            late = ib.reqMktData(AAPL)
            await until(ib, lambda: late.bid == 99.98)
            assert late.marketDataType == DELAYED
            assert 10167 in codes.numbers()
            gateway.show("AAPL", bid="99.90")
            gateway.forward(14 * 60)
            await settled(ib)
            assert late.bid == 99.98
            gateway.forward(2 * 60)
            await until(ib, lambda: late.bid == 99.9)

    asyncio.run(scene())


def test_the_line_after_the_hundredth_is_refused_until_one_is_given_back() -> None:
    async def scene() -> None:
        async with visit(WIDE) as (_gateway, ib):
            codes = Codes(ib)
            req_ids = [ask_line(ib) for _ in range(101)]
            await until(ib, lambda: codes)
            assert codes == [(req_ids[100], 101)]
            cancel_line(ib, req_ids[0])
            again = ask_line(ib)
            await settled(ib)
            assert codes == [(req_ids[100], 101)]
            ask_line(ib)
            await until(ib, lambda: len(codes) == 2)
            assert codes[1] == (again + 1, 101)

    asyncio.run(scene())


def test_lines_are_counted_for_all_clients_together_and_end_with_their_client() -> None:
    async def scene() -> None:
        async with visit(Settings(seed=7, data_lines_max=2)) as (gateway, ib):
            other = await gateway.client(2)
            ask_line(ib), ask_line(ib)
            await settled(ib)
            codes = Codes(other)
            refused = ask_line(other)
            await until(other, lambda: codes == [(refused, 101)])
            ib.disconnect()
            await settled(other)
            ask_line(other)
            await settled(other)
            assert codes == [(refused, 101)]
            other.disconnect()

    asyncio.run(scene())


def test_a_cancel_of_no_line_is_an_error() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            codes = Codes(ib)
            cancel_line(ib, 4711)
            await until(ib, lambda: codes == [(4711, 300)])

    asyncio.run(scene())


def ask_line(ib: IB) -> int:
    """Open a line under a request id of its own."""
    req_id: int = ib.client.getReqId()
    ib.client.MaxRequests = 0
    ib.client.reqMktData(req_id, AAPL, "", False, False, [])  # type: ignore[no-untyped-call]
    return req_id


def cancel_line(ib: IB, req_id: int) -> None:
    """Give a line back."""
    ib.client.cancelMktData(req_id)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("Last", lambda tick: (tick.price, tick.size)),
        ("AllLast", lambda tick: (tick.price, tick.size)),
        ("BidAsk", lambda tick: (tick.bidPrice, tick.askPrice, tick.bidSize, tick.askSize)),
        ("MidPoint", lambda tick: (tick.midPoint,)),
    ],
)
def test_each_kind_of_tick_by_tick(kind: str, read: Any) -> None:
    everything: dict[str, list[tuple[float, ...]]] = {
        "Last": [(100.01, 40), (100.02, 10)],
        "AllLast": [(100.01, 40), (100.02, 10)],
        "BidAsk": [
            (99.98, 100.02, 500, 500),
            (99.99, 100.02, 500, 500),
            (99.99, 100.02, 200, 500),
        ],
        "MidPoint": [(100.0,), (100.005,)],
    }
    told = everything[kind]

    async def scene() -> None:
        async with visit() as (gateway, ib):
            ticker = ib.reqTickByTickData(AAPL, kind)
            heard: list[Any] = []
            ticker.updateEvent += lambda ticker: heard.extend(map(read, ticker.tickByTicks))
            await settled(ib)
            gateway.show("AAPL", last="100.01", last_size=40)
            gateway.show("AAPL", bid="99.99")
            gateway.show("AAPL", bid_size=200)
            gateway.show("AAPL", last="100.02", last_size=10)
            await until(ib, lambda: len(heard) >= len(told))
            await settled(ib)
            assert heard == told

    asyncio.run(scene())


def test_the_sixth_stream_of_ticks_is_refused() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            codes = Codes(ib)
            for contract, kind in (
                (AAPL, "Last"),
                (AAPL, "AllLast"),
                (AAPL, "BidAsk"),
                (AAPL, "MidPoint"),
                (MSFT, "Last"),
                (MSFT, "BidAsk"),
            ):
                ib.reqTickByTickData(contract, kind)
            await until(ib, lambda: codes.numbers() == [10190])

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("duration", "size", "seconds", "count"),
    [
        ("60 S", "1 secs", 1, (10, 61)),
        ("1800 S", "30 secs", 30, (55, 61)),
        ("1 D", "1 min", 60, (300, 390)),
        ("2 D", "5 mins", 300, (78, 156)),
        ("1 W", "1 hour", 3600, (28, 42)),
        ("1 M", "1 day", 86400, (19, 23)),
        ("6 M", "1 week", 7 * 86400, (26, 28)),
    ],
)
def test_bars_are_whole_in_order_and_end_now(
    duration: str, size: str, seconds: int, count: tuple[int, int]
) -> None:
    async def scene() -> None:
        async with visit(start=datetime(2026, 11, 20, 20, 55, tzinfo=UTC)) as (_gateway, ib):
            bars = await ib.reqHistoricalDataAsync(NVDA, "", duration, size, "TRADES", True)
            assert count[0] <= len(bars) <= count[1]
            dates = [bar.date for bar in bars]
            assert dates == sorted(set(dates))
            if seconds < 86400:
                times = [moment(each) for each in dates]
                assert all(each.timestamp() % min(seconds, 1800) == 0 for each in times)
                assert all(9 <= each.hour < 16 for each in times)
            for bar in bars:
                assert bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
                assert bar.low <= bar.average <= bar.high
                assert bar.volume > 0
                assert bar.barCount > 0

    asyncio.run(scene())


def moment(told: date | datetime) -> datetime:
    """A bar's date, which is a time as well."""
    assert isinstance(told, datetime)
    return told


def test_extended_hours_are_in_the_bars_of_who_asks_for_them() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            contract = NVDA
            inside, around = [
                await ib.reqHistoricalDataAsync(contract, "", "1 D", "5 mins", "TRADES", use_rth)
                for use_rth in (True, False)
            ]
            assert min(moment(bar.date).hour for bar in inside) == 9
            assert min(moment(bar.date).hour for bar in around) == 4
            common = {bar.date for bar in inside} & {bar.date for bar in around}
            assert [bar for bar in inside[:-1] if bar.date in common] == [
                bar for bar in around[:-1] if bar.date in {each.date for each in inside}
            ]

    asyncio.run(scene())


def test_small_bars_add_up_to_large_ones() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            contract, end = NVDA, "20261120 16:00:00 US/Eastern"
            minutes = await ib.reqHistoricalDataAsync(contract, end, "1 D", "1 min", "TRADES", True)
            (day,) = await ib.reqHistoricalDataAsync(contract, end, "1 D", "1 day", "TRADES", True)
            assert (day.open, day.close) == (minutes[0].open, minutes[-1].close)
            assert day.high == max(bar.high for bar in minutes)
            assert day.low == min(bar.low for bar in minutes)
            assert day.volume == sum(bar.volume for bar in minutes)
            assert day.barCount == sum(bar.barCount for bar in minutes)

    asyncio.run(scene())


@pytest.mark.parametrize("what", ["BID", "ASK", "MIDPOINT"])
def test_bars_of_quotes_have_no_volume(what: str) -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            bars = await ib.reqHistoricalDataAsync(NVDA, "", "600 S", "1 min", what, True)
            assert bars
            assert {bar.volume for bar in bars} == {-1}

    asyncio.run(scene())


def test_bars_that_are_kept_up_to_date_go_on() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            gateway.show("AAPL", last="100.03", last_size=10)
            bars = await ib.reqHistoricalDataAsync(
                AAPL, "", "600 S", "1 min", "TRADES", True, keepUpToDate=True
            )
            before = len(bars)
            news: list[bool] = []
            bars.updateEvent += lambda _bars, is_new: news.append(is_new)
            gateway.show("AAPL", last="100.09", last_size=10)
            gateway.forward(6)
            await until(ib, lambda: news)
            assert bars[-1].close == 100.09
            gateway.forward(60)
            gateway.show("AAPL", last="100.05", last_size=10)
            gateway.forward(6)
            await until(ib, lambda: True in news)
            assert len(bars) == before + 1
            assert (bars[-2].high, bars[-1].close) == (100.09, 100.05)
            codes = Codes(ib)
            ib.cancelHistoricalData(bars)
            await until(ib, lambda: 162 in codes.numbers())

    asyncio.run(scene())


def test_a_competing_session_takes_the_data_away() -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            codes = Codes(ib)
            gateway.do(lambda: gateway.gateway.front.compete(on=True))
            ask_line(ib)
            await until(ib, lambda: 10197 in codes.numbers())

    asyncio.run(scene())
