"""The catalogue over answers that are made up: what is asked, how often, and what is said."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from backstay.broker.contracts.catalogue import ContractCatalogue
from backstay.broker.doors.wire import EdgeError, NotAnsweredError, RequestRefusedError
from backstay.broker.notices import Notice
from backstay.broker.translation.contracts import Listing, OptionChain
from backstay.domain.edge.contracts import (
    InstrumentQuery,
    NotAnswered,
    Resolved,
    Unresolvable,
    Volatility,
)
from backstay.domain.instruments import OptionTerms
from backstay.domain.sessions.calendar import MarketPhase
from backstay.lab.virtual_time import run
from tests.broker.contracts.listings import CALL, OPTION, OPTION_QUERY, QUERY, STOCK, Shelf
from tests.broker.contracts.test_ranges import CALM
from tests.broker.feeds.bench import START, START_NS

HOUR = 3600.0
WEEK_LATER = date(2026, 12, 24)
CHAIN = OptionChain(
    exchange="SMART",
    under_con_id=1,
    trading_class="ABC",
    multiplier=Decimal(100),
    expiries=(CALL.expiry, WEEK_LATER),
    strikes=tuple(map(Decimal, (170, 175, 180, 185, 190, 195, 200, 205, 210, 215))),
)
WEEKLIES = replace(CHAIN, trading_class="ABCW", expiries=(date(2026, 12, 11),))
ELSEWHERE = replace(CHAIN, exchange="CBOE", expiries=(date(2026, 12, 20),))

Story = Callable[[Shelf, ContractCatalogue], Awaitable[None]]


def listed(*strikes: int) -> list[Listing]:
    """Options of December with these strikes, and their stock."""
    options = [
        replace(OPTION, con_id=strike, option=replace(CALL, strike=Decimal(strike)))
        for strike in strikes
    ]
    return [STOCK, *options]


def play(story: Story, shelf: Shelf | None = None) -> list[Notice]:
    notices: list[Notice] = []

    async def main() -> None:
        asks = shelf or Shelf()
        catalogue = ContractCatalogue(asks, now, notices.append)
        tending = asyncio.create_task(catalogue.tend(lambda: None))
        try:
            await story(asks, catalogue)
        finally:
            tending.cancel()

    run(main(), start_ns=START_NS)
    return notices


def now() -> datetime:
    return START + timedelta(seconds=asyncio.get_running_loop().time())


def at(expiry: date, strike: str) -> InstrumentQuery:
    return replace(QUERY, option=OptionTerms(expiry, Decimal(strike), CALL.right))


@pytest.mark.req("S2.2")
def test_a_contract_and_its_rule_are_asked_for_once_a_day() -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        for _ in range(3):
            assert isinstance(await catalogue.resolve(QUERY), Resolved)
        assert shelf.asked == [QUERY, 26]
        await asyncio.sleep(13 * HOUR)
        assert catalogue.phase(1) is MarketPhase.CLOSED
        assert shelf.asked == [QUERY, 26]
        await asyncio.sleep(1.2 * HOUR)
        assert shelf.asked == [QUERY, 26, QUERY], "the day has changed in New York"

    assert play(story) == []


@pytest.mark.req("S2.2")
def test_what_nobody_uses_is_asked_for_no_more_and_stays_known() -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        await catalogue.resolve(QUERY)
        await asyncio.sleep(72 * HOUR)
        assert shelf.asked.count(QUERY) == 2, "it was in use on the first day only"
        assert catalogue.calendar(1) is not None
        assert catalogue.phase(1) is MarketPhase.UNKNOWN, "its calendar ends"

    play(story)


@pytest.mark.req("S2.2")
def test_the_hours_stay_known_while_the_broker_is_away_at_midnight() -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        await catalogue.resolve(QUERY)
        shelf.errors = [NotAnsweredError("away")] * 3
        await asyncio.sleep(14.3 * HOUR)
        assert shelf.errors == []
        assert shelf.asked.count(QUERY) == 5
        assert isinstance(await catalogue.resolve(QUERY), Resolved)

    assert play(story) == []


@pytest.mark.req("S2.2")
def test_whose_hours_are_looked_up_is_in_use() -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        await catalogue.resolve(QUERY)
        for _ in range(72):
            await asyncio.sleep(HOUR)
            assert catalogue.zone_name(1) == "US/Eastern"
        assert shelf.asked.count(QUERY) == 4

    play(story)


@pytest.mark.parametrize(
    ("error", "question"),
    [
        (NotAnsweredError("contract details: no answer in 15 s"), "contract details: no answer"),
        (RequestRefusedError(321, "Error validating"), "321: Error validating"),
        (RequestRefusedError(504, "Not connected"), "504: Not connected"),
    ],
)
def test_what_is_not_answered_is_never_taken_for_none(error: EdgeError, question: str) -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        shelf.errors = [error]
        answer = await catalogue.resolve(QUERY)
        assert isinstance(answer, NotAnswered)
        assert answer.question.startswith(f"ABC: {question}")
        assert answer.since == START
        shelf.errors = [error]
        answer = await catalogue.resolve(at(CALL.expiry, "182"))
        assert isinstance(answer, NotAnswered)
        assert answer.question.startswith(f"ABC 2026-12-18 182 C: {question}")
        assert isinstance(await catalogue.resolve(QUERY), Resolved)

    play(story)


def test_what_cannot_be_understood_is_not_known() -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        answer = await catalogue.resolve(QUERY)
        assert isinstance(answer, NotAnswered)
        assert answer.question == (
            "ABC: what the broker says of it can't be used: 'Mars' is no time zone that is known"
            " here"
        )
        assert catalogue.calendar(1) is None

    play(story, Shelf([replace(STOCK, time_zone_id="Mars")]))


def test_a_rule_that_is_not_of_this_exchange_is_not_used() -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        answer = await catalogue.resolve(replace(QUERY, exchange="NYSE"))
        assert isinstance(answer, Resolved)
        assert shelf.asked[-1] == 27
        answer = await catalogue.resolve(replace(QUERY, exchange="BATS"))
        assert isinstance(answer, Resolved)
        assert answer.instrument.grid.lowest == Decimal("0.0001")

    play(story)


@pytest.mark.req("S1.6")
@pytest.mark.parametrize(
    ("query", "field", "near", "text"),
    [
        (
            at(CALL.expiry, "182"),
            "option.strike",
            ("175", "185"),
            "182 is not listed for ABC 2026-12-18; nearest are 175 and 185",
        ),
        (
            at(CALL.expiry, "180"),
            "option.strike",
            ("175", "185"),
            "180 is not listed for ABC 2026-12-18; nearest are 175 and 185",
        ),
        (
            at(CALL.expiry, "217.5"),
            "option.strike",
            ("210",),
            "217.5 is not listed for ABC 2026-12-18; nearest is 210",
        ),
        (
            at(date(2026, 12, 19), "185"),
            "option.expiry",
            ("2026-12-18", "2026-12-24"),
            "2026-12-19 is not listed for ABC; nearest are 2026-12-18 and 2026-12-24",
        ),
        (
            replace(at(date(2026, 12, 18), "185"), trading_class="ABCX"),
            "trading_class",
            ("ABC",),
            "ABCX is not the trading_class of ABC; there is ABC",
        ),
        (
            replace(at(date(2026, 12, 18), "182"), trading_class="ABCX"),
            "trading_class",
            ("ABC", "ABCW"),
            "ABCX is no class of options of ABC; there is ABC or ABCW",
        ),
        (
            replace(at(date(2026, 12, 18), "185"), symbol="XYZ"),
            "symbol",
            (),
            "the broker knows no option XYZ 2026-12-18 185 C in USD on SMART",
        ),
        (
            at(WEEK_LATER, "185"),
            "option.strike",
            (),
            "ABC 2026-12-24 185 C is not listed, and nothing near it was found",
        ),
    ],
)
def test_near_is_only_what_the_broker_has_shown(
    query: InstrumentQuery, field: str, near: tuple[str, ...], text: str
) -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        answer = await catalogue.resolve(query)
        assert isinstance(answer, Unresolvable)
        assert (answer.field, answer.near, answer.text) == (field, near, text)

    listings = listed(170, 175, 185, 210)
    play(story, Shelf(listings, [CHAIN, WEEKLIES, ELSEWHERE]))


def test_a_stock_without_options_is_said_to_have_none() -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        answer = await catalogue.resolve(at(CALL.expiry, "1"))
        assert isinstance(answer, Unresolvable)
        assert (answer.field, answer.text) == ("symbol", "there are no options of ABC")

    play(story)


@pytest.mark.req("S2.2")
def test_a_chain_is_asked_for_once_an_hour() -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        wrong = at(date(2026, 12, 19), "185")
        await catalogue.resolve(wrong)
        await catalogue.resolve(wrong)
        assert shelf.asked.count((1, "ABC")) == 1
        await asyncio.sleep(0.9 * HOUR)
        assert shelf.asked.count((1, "ABC")) == 2, "before it is too old"
        await asyncio.sleep(1.1 * HOUR)
        await catalogue.resolve(wrong)
        assert shelf.asked.count((1, "ABC")) == 3

    play(story, Shelf(chains=[CHAIN]))


@pytest.mark.req("S2.2", "S2.5")
def test_volatility_is_asked_for_every_few_minutes() -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        answer = await catalogue.resolve(QUERY)
        assert isinstance(answer, Resolved)
        found = [await catalogue.volatility(answer.instrument, 2) for _ in range(3)]
        assert found[0] == Volatility(Decimal(5), Decimal(3), 2, date(2026, 11, 19))
        assert found[1:] == found[:-1]
        assert shelf.asked.count((1, 4)) == 1
        await asyncio.sleep(400)
        await catalogue.volatility(answer.instrument, 2)
        await asyncio.sleep(1)
        assert shelf.asked.count((1, 4)) == 2

    play(story, Shelf(days=CALM))


@pytest.mark.parametrize(
    ("errors", "question"),
    [
        ([], "ABC: 0 daily bars are too few"),
        ([RequestRefusedError(162, "no data")], "ABC: 162: no data"),
    ],
)
def test_volatility_that_cannot_be_measured_is_not_known(
    errors: list[RequestRefusedError], question: str
) -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        answer = await catalogue.resolve(QUERY)
        assert isinstance(answer, Resolved)
        shelf.errors = list(errors)
        assert await catalogue.volatility(answer.instrument, 14) == NotAnswered(question, START)

    play(story)


def test_an_option_that_is_listed_is_asked_for_without_its_chain() -> None:
    async def story(shelf: Shelf, catalogue: ContractCatalogue) -> None:
        answer = await catalogue.resolve(OPTION_QUERY)
        assert isinstance(answer, Resolved)
        assert answer.underlying_con_id == 1
        assert shelf.asked == [OPTION_QUERY, 32]

    play(story)
