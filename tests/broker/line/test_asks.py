"""Questions and their complete answers, from the real gateway through lanes and hearing."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.broker import doors
from backstay.broker.doors import RequestRefusedError
from backstay.broker.news import AccountNews
from backstay.domain.edge.contracts import InstrumentQuery
from backstay.domain.instruments import OptionTerms, Right
from backstay.gateway.faults.rules import Rule
from tests.broker.line.stage import START, Asking, Stage, play


def ask(story: Callable[[Asking], Awaitable[None]], *plan: Rule) -> None:
    """A story of questions on one line."""

    async def told(stage: Stage) -> None:
        asking = Asking(stage)
        await asking.connect()
        await story(asking)
        assert asking.notices == []

    play(told, *plan)


def test_the_clock_is_told() -> None:
    async def story(asking: Asking) -> None:
        asks: doors.Asks = asking.asks
        assert await asks.current_time() - START < timedelta(seconds=2)

    ask(story)


def test_each_question_of_a_sync_is_answered() -> None:
    async def story(asking: Asking) -> None:
        await asking.asks.open_orders()
        await asking.asks.completed_orders()
        await asking.asks.executions()
        assert await asking.asks.positions() == ()
        await asking.asks.account("DU1234567")
        assert any(isinstance(news, AccountNews) for news in asking.news)

    ask(story)


def test_the_catalogue_is_told_as_values() -> None:
    async def story(asking: Asking) -> None:
        (listing,) = await asking.asks.contract_details(InstrumentQuery("AAPL"))
        assert listing.symbol == "AAPL"
        rule_id = listing.market_rule("SMART")
        assert rule_id is not None
        assert (await asking.asks.market_rule(rule_id))[0].increment == Decimal("0.01")
        chains = await asking.asks.option_parameters(listing.con_id, "AAPL")
        terms = OptionTerms(chains[0].expiries[0], chains[0].strikes[0], Right.CALL)
        (option,) = await asking.asks.contract_details(InstrumentQuery("AAPL", option=terms))
        assert option.option == terms

    ask(story)


def test_no_such_contract_is_a_refusal() -> None:
    async def story(asking: Asking) -> None:
        with pytest.raises(RequestRefusedError, match="200"):
            await asking.asks.contract_details(InstrumentQuery("NOSUCH"))

    ask(story)
