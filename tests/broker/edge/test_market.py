"""What the edge knows of a contract and of the account when somebody decides on a trade."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from backstay.broker.contracts.catalogue import ContractCatalogue
from backstay.broker.edge import Edge
from backstay.domain.edge.market import MarketFacts
from backstay.domain.limits.facts import AccountKind
from backstay.domain.money import ExchangeRates
from backstay.domain.sessions.calendar import Calendar, MarketPhase, Session
from backstay.domain.ticks.quotes import Flaw
from backstay.gateway.faults.plan import rule
from backstay.gateway.values.contract import Contract
from tests.broker.edge.stage import EDGE, LIMITS, Seat, Stage, play
from tests.broker.edge.test_guards import held

HOUR_SECONDS = 3600
MONDAY = date(2026, 11, 23)


def halt(stage: Stage) -> None:
    """Trading in AAPL is halted."""
    contract = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
    (instrument,) = stage.gateway.market.find(contract)
    stage.act(lambda: stage.gateway.market.halt(instrument.con_id))


async def look(stage: Stage, edge: Edge, seat: Seat) -> tuple[MarketFacts, timedelta]:
    """The facts, and how long they took."""
    begun = stage.now
    facts = await edge.market(seat.instrument)
    return facts, stage.now - begun


def test_an_open_market_is_told_with_a_quote_of_now_and_the_line_is_given_up() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        facts, took = await look(stage, edge, seat)
        assert facts.touch is not None
        assert (facts.touch.bid, facts.touch.ask) == (Decimal("99.98"), Decimal("100.02"))
        assert facts.touch.flaw is None
        assert facts.at - facts.touch.heard_at < timedelta(seconds=1)
        assert took < timedelta(seconds=1)
        assert facts.phase is MarketPhase.REGULAR
        assert facts.trading_day == MONDAY
        assert facts.account_kind is AccountKind.PAPER
        assert facts.rates == ExchangeRates("USD")
        assert facts.position == 0
        await stage.sleep(10)
        assert edge.health().lines_used == 0

    play(story)


@pytest.mark.parametrize(("hours", "phase"), [(7, MarketPhase.EXTENDED), (11, MarketPhase.CLOSED)])
def test_a_market_that_is_closed_is_told_at_once_and_no_line_is_taken(
    hours: int, phase: MarketPhase
) -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.stand_still(hours * HOUR_SECONDS)
        await stage.sleep(30)
        await edge.synced()
        asking = asyncio.ensure_future(look(stage, edge, seat))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert edge.health().lines_used == (0 if phase is MarketPhase.CLOSED else 1)
        facts, took = await asking
        assert facts.phase is phase
        assert facts.trading_day == MONDAY
        assert (facts.touch is None) is (phase is MarketPhase.CLOSED)
        assert took < timedelta(seconds=1)

    play(story)


@pytest.mark.req("S0.5")
@pytest.mark.parametrize("knows_more", [True, False])
def test_on_a_weekend_with_a_calendar_that_begins_there_the_next_trading_day_is_told(
    knows_more: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a plan for Monday can be handed in on Saturday, also by whoever begins on that day."""
    opens = datetime(2026, 11, 30, 14, 30, tzinfo=UTC)
    regular = (Session(opens, opens + timedelta(hours=6.5)),) if knows_more else ()
    saturday = datetime(2026, 11, 21, 5, tzinfo=UTC)
    weekend = Calendar(regular, (), saturday, saturday + timedelta(days=14))

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        monkeypatch.setattr(ContractCatalogue, "calendar", lambda *_: weekend)
        monkeypatch.setattr(ContractCatalogue, "phase", lambda *_: MarketPhase.CLOSED)
        facts, _ = await look(stage, edge, seat)
        assert facts.phase is MarketPhase.CLOSED
        assert facts.trading_day == (date(2026, 11, 30) if knows_more else None)

    play(story)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_halt_is_told_as_what_is_wrong_with_the_quote(when: str) -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        guards = [seat.guard()] if when == "after" else []
        watching = [asyncio.ensure_future(edge.guard(guard, 1)) for guard in guards]
        await stage.sleep(1)
        halt(stage)
        await stage.sleep(0.5)
        facts, took = await look(stage, edge, seat)
        assert facts.touch is not None
        assert facts.touch.flaw is Flaw.HALTED
        assert took < timedelta(seconds=6)
        assert facts.phase is MarketPhase.REGULAR
        for task in watching:
            task.cancel()

    play(story)


def test_without_data_the_facts_come_after_five_seconds_without_a_touch() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        facts, took = await look(stage, edge, seat)
        assert facts.touch is None
        assert timedelta(seconds=5) <= took < timedelta(seconds=6)

    play(story, rule("tick-none"))


def test_a_market_with_one_side_is_told_as_it_is_when_the_time_is_over() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(bid="0", bid_size=0)
        await stage.sleep(0.5)
        facts, took = await look(stage, edge, seat)
        assert timedelta(seconds=5) <= took < timedelta(seconds=6)
        assert facts.touch is not None
        assert (facts.touch.bid, facts.touch.ask) == (None, Decimal("100.02"))

    play(story)


def test_no_line_is_taken_from_whoever_has_one() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge(replace(EDGE, data_lines_max=1))
        seat = await stage.seat(edge)
        other = await stage.seat(edge, "MSFT")
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        facts, took = await look(stage, edge, other)
        assert facts.touch is None
        assert took < timedelta(seconds=1)
        assert edge._watch.is_live(seat.instrument.con_id)
        again, _ = await look(stage, edge, seat)
        assert again.touch is not None
        assert not stage.told("data lost")
        guarding.cancel()

    play(story)


def test_the_position_and_the_limits_currency_are_told() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        facts, _ = await look(stage, edge, seat)
        assert facts.position == 100
        assert facts.rates == ExchangeRates("USD")
        euro = await stage.edge(
            replace(EDGE, client_id=2, limits=replace(LIMITS, base_currency="EUR"))
        )
        assert (await euro.market(seat.instrument)).rates == ExchangeRates("EUR")
        free = await stage.edge(replace(EDGE, client_id=3, limits=None))
        assert (await free.market(seat.instrument)).rates == ExchangeRates("USD")

    play(story)
