"""Trades on a real engine, over the real edge and the gateway."""

import pytest

from backstay.domain.lifecycle import TradeState
from backstay.domain.trade.standing import Doing
from tests.durable.pier import PROFILES, Pier, play

on_each_profile = pytest.mark.parametrize("profile", PROFILES)


@on_each_profile
def test_a_trade_is_stopped_out(profile: str) -> None:
    async def story(pier: Pier) -> None:
        trade = await pier.submit()
        await trade.until(lambda standing: standing.doing is Doing.WAITING)
        await pier.quoted(pier.edges[0])
        pier.trade("101.10")
        await trade.until(lambda standing: standing.doing is Doing.GUARDING)
        await pier.until(lambda: pier.edges[0].health().guarded)
        pier.trade("97.80")
        pier.trade("97.79")
        settlement = await trade.settlement()
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0

    play(story, profile=profile)
