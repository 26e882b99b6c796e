"""The catalogue before the embedded gateway, over the real line."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from backstay.broker.contracts.catalogue import ContractCatalogue
from backstay.domain.edge.contracts import (
    InstrumentQuery,
    NotAnswered,
    Resolved,
    Unresolvable,
    Volatility,
)
from backstay.domain.instruments import OptionTerms, Right
from backstay.domain.sessions.calendar import MarketPhase
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from tests.broker.line.stage import START, Asking, Stage, play

AAPL = InstrumentQuery("AAPL")
CALL = OptionTerms(date(2026, 12, 18), Decimal(185), Right.CALL)
OPTION = replace(AAPL, option=CALL)

Story = Callable[[ContractCatalogue], Awaitable[None]]


def tell(story: Story, *plan: Rule) -> None:
    """A story of a catalogue that is connected and tended."""

    async def main(stage: Stage) -> None:
        begun = asyncio.get_running_loop().time()

        def now() -> datetime:
            return START + timedelta(seconds=asyncio.get_running_loop().time() - begun)

        asking = Asking(stage)
        line = await asking.connect()
        catalogue = ContractCatalogue(asking.asks, now, asking.notices.append)
        tending = asyncio.create_task(catalogue.tend(lambda: None))
        try:
            await story(catalogue)
        finally:
            tending.cancel()
            line.close()
        assert asking.notices == []

    play(main, *plan)


async def resolved(catalogue: ContractCatalogue, query: InstrumentQuery) -> Resolved:
    answer = await catalogue.resolve(query)
    assert isinstance(answer, Resolved), answer
    return answer


async def wrong(catalogue: ContractCatalogue, query: InstrumentQuery) -> tuple[str, ...]:
    answer = await catalogue.resolve(query)
    assert isinstance(answer, Unresolvable), answer
    return answer.field, answer.value, *answer.near, answer.text


def test_a_stock_is_resolved_with_its_grid_zone_and_sessions() -> None:
    async def story(catalogue: ContractCatalogue) -> None:
        assert catalogue.phase(265598) is MarketPhase.UNKNOWN
        assert catalogue.calendar(265598) is None
        assert catalogue.zone_name(265598) is None
        stock = (await resolved(catalogue, AAPL)).instrument
        assert (stock.con_id, stock.symbol, stock.exchange, stock.currency, stock.multiplier) == (
            265598,
            "AAPL",
            "SMART",
            "USD",
            Decimal(1),
        )
        assert stock.grid.increment_at(Decimal(190)) == Decimal("0.01")
        assert stock.time_zone == catalogue.zone_name(265598) == "US/Eastern"
        assert catalogue.phase(265598) is MarketPhase.REGULAR

    tell(story)


def test_an_option_has_its_underlying_its_multiplier_and_the_grid_of_its_rule() -> None:
    async def story(catalogue: ContractCatalogue) -> None:
        answer = await resolved(catalogue, OPTION)
        option = answer.instrument
        assert answer.underlying_con_id == 265598
        assert (option.option, option.multiplier) == (CALL, Decimal(100))
        assert option.grid.above(Decimal("2.98")) == Decimal("2.99")
        assert option.grid.above(Decimal("3.00")) == Decimal("3.05")

    tell(story)


@pytest.mark.req("S1.6")
@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (
            replace(CALL, strike=Decimal("187.25")),
            (
                "option.strike",
                "187.25",
                "185",
                "190",
                "187.25 is not listed for AAPL 2026-12-18; nearest are 185 and 190",
            ),
        ),
        (
            replace(CALL, expiry=date(2026, 12, 17)),
            (
                "option.expiry",
                "2026-12-17",
                "2026-12-11",
                "2026-12-18",
                "2026-12-17 is not listed for AAPL; nearest are 2026-12-11 and 2026-12-18",
            ),
        ),
    ],
)
def test_an_option_that_is_not_listed_is_refused_with_the_nearest(
    terms: OptionTerms, expected: tuple[str, ...]
) -> None:
    async def story(catalogue: ContractCatalogue) -> None:
        assert await wrong(catalogue, replace(AAPL, option=terms)) == expected

    tell(story)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (InstrumentQuery("APPL"), "the broker knows no stock APPL in USD on SMART"),
        (replace(AAPL, currency="EUR"), "the broker knows no stock AAPL in EUR on SMART"),
        (
            InstrumentQuery("APPL", option=CALL),
            "the broker knows no option APPL 2026-12-18 185 C in USD on SMART",
        ),
    ],
)
def test_an_unknown_symbol_is_refused(query: InstrumentQuery, text: str) -> None:
    async def story(catalogue: ContractCatalogue) -> None:
        assert await wrong(catalogue, query) == ("symbol", query.symbol, text)

    tell(story)


def test_a_primary_exchange_that_is_not_the_stocks_is_refused() -> None:
    async def story(catalogue: ContractCatalogue) -> None:
        assert await wrong(catalogue, replace(AAPL, primary_exchange="NYSE")) == (
            "primary_exchange",
            "NYSE",
            "NASDAQ",
            "NYSE is not the primary_exchange of AAPL; there is NASDAQ",
        )
        await resolved(catalogue, replace(AAPL, primary_exchange="NASDAQ"))

    tell(story)


def test_a_holiday_and_the_half_day_after_it_are_known_days_before() -> None:
    async def story(catalogue: ContractCatalogue) -> None:
        calendar = (await resolved(catalogue, AAPL)).calendar
        regular = {each.opens_at.date(): each.closes_at for each in calendar.regular}
        assert date(2026, 11, 26) not in regular, "Thanksgiving"
        assert regular[date(2026, 11, 25)] == datetime(2026, 11, 25, 21, tzinfo=UTC)
        assert regular[date(2026, 11, 27)] == datetime(2026, 11, 27, 18, tzinfo=UTC)
        assert calendar.covers(datetime(2026, 11, 28, 4, tzinfo=UTC))

    tell(story)


@pytest.mark.req("S2.2")
def test_the_hours_are_asked_for_anew_when_the_day_has_changed_at_the_exchange() -> None:
    async def story(catalogue: ContractCatalogue) -> None:
        before = (await resolved(catalogue, AAPL)).calendar
        await asyncio.sleep(13.9 * 3600)  # to just before midnight in New York
        assert catalogue.calendar(265598) == before
        await asyncio.sleep(0.3 * 3600)
        after = catalogue.calendar(265598)
        assert after is not None
        assert after.covers_until == before.covers_until + timedelta(days=1)

    tell(story)


@pytest.mark.parametrize(
    ("request_name", "kind"),
    [("reqContractDetails", "contract details"), ("reqMarketRule", "market rule")],
)
def test_what_is_not_answered_is_not_known_and_is_asked_for_again(
    request_name: str, kind: str
) -> None:
    async def story(catalogue: ContractCatalogue) -> None:
        answer = await catalogue.resolve(AAPL)
        assert isinstance(answer, NotAnswered)
        assert answer.since - START < timedelta(seconds=1)
        assert answer.question.startswith(f"AAPL: {kind}: no answer in ")
        assert catalogue.phase(265598) is MarketPhase.UNKNOWN
        await resolved(catalogue, AAPL)

    tell(story, rule("request-unanswered", kinds=[request_name], nth=1))


def test_a_slow_answer_is_waited_for_once_by_all_who_ask() -> None:
    async def story(catalogue: ContractCatalogue) -> None:
        first, second = await asyncio.gather(catalogue.resolve(AAPL), catalogue.resolve(AAPL))
        assert isinstance(first, Resolved)
        assert second is first

    tell(story, rule("answers-slow", kinds=["reqContractDetails"], nth=1, delay="5s"))


@pytest.mark.req("S2.5")
def test_volatility_is_measured_on_the_days_that_are_complete() -> None:
    async def story(catalogue: ContractCatalogue) -> None:
        stock = (await resolved(catalogue, AAPL)).instrument
        found = await catalogue.volatility(stock, 14)
        assert isinstance(found, Volatility)
        assert found.days == 14
        assert found.last_day in {date(2026, 11, 20), date(2026, 11, 23)}
        assert 0 < found.average_daily_range <= found.average_true_range < 20

    tell(story)


def test_volatility_that_is_not_answered_is_not_known() -> None:
    async def story(catalogue: ContractCatalogue) -> None:
        stock = (await resolved(catalogue, AAPL)).instrument
        found = await catalogue.volatility(stock, 14)
        assert isinstance(found, NotAnswered)
        assert found.question == "AAPL: bars: no answer in 30 s"

    tell(story, rule("request-unanswered", kinds=["reqHistoricalData"], nth=1))
