"""What the real ib_async is told of contracts, and that both sides read the same hours from it."""

import asyncio
import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from ib_async import IB, Contract, Index, LimitOrder, Option, OptionChain, Stock

from backstay.domain.sessions import calendar as domain
from backstay.domain.sessions.trading_hours import read_calendar, zone_name
from backstay.gateway.market import hours
from backstay.gateway.times import to_ns
from tests.gateway.conformance.house import Codes, until, visit

AAPL = Stock("AAPL", "SMART", "USD", conId=265598)
SPX = Index("SPX", "CBOE", "USD", conId=416904)
THANKSGIVING_EVE = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
WEEKEND = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)


async def chain_of(ib: IB, under: Contract) -> OptionChain:
    """What is listed on an underlying, at SMART."""
    chains = await ib.reqSecDefOptParamsAsync(under.symbol, "", under.secType, under.conId)
    return next(chain for chain in chains if chain.exchange == "SMART")


def middle(strikes: list[float]) -> float:
    """A strike that is neither high nor low."""
    return strikes[len(strikes) // 2]


@pytest.mark.parametrize("under", [AAPL, SPX], ids=["stock", "index"])
def test_an_option_of_the_chain_can_be_qualified(under: Contract) -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            chain = await chain_of(ib, under)
            strike, expiry = middle(chain.strikes), chain.expirations[3]
            call = Option(under.symbol, expiry, strike, "C", "SMART", currency="USD")
            call.tradingClass = chain.tradingClass
            (qualified,) = await ib.qualifyContractsAsync(call)
            assert isinstance(qualified, Contract)
            assert qualified.conId > 0
            assert qualified.localSymbol.replace(" ", "").endswith(
                f"{expiry[2:]}C{round(strike * 1000):08d}"
            )
            (known,) = await ib.qualifyContractsAsync(Contract(conId=qualified.conId))
            assert known == qualified

    asyncio.run(scene())


def test_a_strike_that_is_not_listed_is_not_found() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            chain = await chain_of(ib, AAPL)
            codes = Codes(ib)
            strike = middle(chain.strikes) + 0.25
            call = Option("AAPL", chain.expirations[0], strike, "C", "SMART", currency="USD")
            assert await ib.qualifyContractsAsync(call) == [None]
            assert codes.numbers() == [200]

    asyncio.run(scene())


def test_a_description_that_fits_many_is_answered_with_all_of_them() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            chain = await chain_of(ib, AAPL)
            calls = Option("AAPL", chain.expirations[0], 0, "C", "SMART", currency="USD")
            found = await ib.reqContractDetailsAsync(calls)
            assert [each.contract.strike for each in found if each.contract] == chain.strikes
            assert await ib.qualifyContractsAsync(calls) == [None]

    asyncio.run(scene())


def test_every_expiry_of_a_chain_lies_ahead_and_is_a_weekday() -> None:
    async def scene() -> None:
        async with visit(start=THANKSGIVING_EVE) as (_gateway, ib):
            chain = await chain_of(ib, AAPL)
            assert chain.expirations == sorted(chain.expirations)
            assert chain.expirations[0] >= "20261125"
            days = [
                datetime.strptime(each, "%Y%m%d").replace(tzinfo=UTC) for each in chain.expirations
            ]
            assert all(day.weekday() < 5 for day in days)
            assert days[-1] - days[0] > timedelta(days=60)

    asyncio.run(scene())


@pytest.mark.parametrize("start", [THANKSGIVING_EVE, WEEKEND], ids=["holiday", "weekend"])
@pytest.mark.parametrize("kind", ["stock", "option", "index"])
def test_all_sides_read_the_same_hours(kind: str, start: datetime) -> None:
    async def scene() -> None:
        async with visit(start=start) as (gateway, ib):
            contract: Contract = {"stock": AAPL, "option": AAPL, "index": SPX}[kind]
            if kind == "option":
                chain = await chain_of(ib, AAPL)
                strike = middle(chain.strikes)
                contract = Option("AAPL", chain.expirations[2], strike, "P", "SMART")
            (details,) = await ib.reqContractDetailsAsync(contract)
            zone = ZoneInfo(zone_name(details.timeZoneId))
            read = read_calendar(details.tradingHours, details.liquidHours, zone)
            regular = {(each.opens_at, each.closes_at) for each in read.regular}
            extended = {(each.opens_at, each.closes_at) for each in read.extended}
            assert {in_utc(each.start, each.end) for each in details.liquidSessions()} == regular
            assert {in_utc(each.start, each.end) for each in details.tradingSessions()} == extended
            assert read.covers(start)
            assert read.covers_until - start > timedelta(days=3)

            assert details.contract is not None
            instrument = gateway.gateway.market.instrument(details.contract.conId)
            assert instrument is not None
            moment = read.covers_from
            while moment < read.covers_until:
                ours = hours.phase_at(instrument.calendar, to_ns(moment))
                assert ours.value == domain.phase(read, moment).value, moment
                moment += timedelta(minutes=5)

    asyncio.run(scene())


def test_the_day_after_thanksgiving_is_a_short_one() -> None:
    async def scene() -> None:
        async with visit(start=THANKSGIVING_EVE) as (_gateway, ib):
            (details,) = await ib.reqContractDetailsAsync(AAPL)
            assert details.liquidHours.split(";")[:4] == [
                "20261125:0930-20261125:1600",
                "20261126:CLOSED",
                "20261127:0930-20261127:1300",
                "20261128:CLOSED",
            ]
            assert details.tradingHours.split(";")[1:3] == [
                "20261126:CLOSED",
                "20261127:0400-20261127:1700",
            ]

    asyncio.run(scene())


def in_utc(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Both ends of a session."""
    return start.astimezone(UTC), end.astimezone(UTC)


@pytest.mark.parametrize("kind", ["stock", "option", "index option"])
def test_details_name_a_market_rule_that_prices_keep(kind: str) -> None:
    async def scene() -> None:
        async with visit() as (gateway, ib):
            contract: Contract = AAPL
            if kind != "stock":
                under: Contract = SPX if kind == "index option" else AAPL
                chain = await chain_of(ib, under)
                contract = Option(
                    under.symbol,
                    chain.expirations[2],
                    middle(chain.strikes),
                    "C",
                    "SMART",
                    tradingClass=chain.tradingClass,
                )
            (details,) = await ib.reqContractDetailsAsync(contract)
            rule_ids = details.marketRuleIds.split(",")
            exchanges = details.validExchanges.split(",")
            assert len(rule_ids) == len(exchanges)
            rule = await ib.reqMarketRuleAsync(int(rule_ids[exchanges.index("SMART")]))
            assert rule is not None
            assert rule[0].lowEdge == 0
            assert min(step.increment for step in rule) == details.minTick
            assert details.contract is not None
            quote = gateway.gateway.market.quote(details.contract.conId)
            for price in (quote.bid, quote.ask, quote.last):
                if price is not None:
                    step = [step for step in rule if step.lowEdge <= price][-1]
                    assert price % Decimal(str(step.increment)) == 0

    asyncio.run(scene())


def test_an_unknown_rule_is_refused() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            codes = Codes(ib)
            ib.client.reqMarketRule(4711)  # type: ignore[no-untyped-call]
            await until(ib, lambda: codes)
            assert codes == [(-1, 321)]

    asyncio.run(scene())


def test_the_index_can_be_watched_and_not_traded() -> None:
    async def scene() -> None:
        async with visit() as (_gateway, ib):
            ticker = ib.reqMktData(SPX)
            await until(ib, lambda: ticker.last > 0)
            assert math.isnan(ticker.bid)
            codes = Codes(ib)
            ib.placeOrder(SPX, LimitOrder("BUY", 1, 1.0, tif="DAY"))
            await until(ib, lambda: 203 in codes.numbers())

    asyncio.run(scene())
