"""What the edge knows of a contract and of the account when somebody decides on a trade."""

from datetime import date, timedelta
from decimal import Decimal

from backstay.domain.limits.facts import AccountKind
from backstay.domain.money import ExchangeRates
from backstay.domain.sessions.calendar import MarketPhase
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import EDGE, Stage, play


def test_an_open_market_is_told_with_a_quote_of_now_and_the_line_is_given_up() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        facts = await edge.market(seat.instrument)
        assert facts.touch is not None
        assert (facts.touch.bid, facts.touch.ask) == (Decimal("99.98"), Decimal("100.02"))
        assert facts.touch.flaw is None
        assert facts.phase is MarketPhase.REGULAR
        assert facts.trading_day == date(2026, 11, 23)
        assert facts.account_kind is AccountKind.PAPER
        assert facts.rates == ExchangeRates("USD")
        assert facts.position == 0
        await stage.sleep(10)
        assert edge.health().lines_used == 0

    play(story)
