"""Trading is stopped: whatever waits never enters, and what is held is kept or left as was said."""

import pytest

from backstay.domain.lifecycle import TradeState
from backstay.domain.limits.kill import KillMode
from tests.broker.edge.stage import ACCOUNT
from tests.durable.pier import Pier
from tests.durable.stories import on_a_pier

pytestmark = pytest.mark.long

TAKEN_BACK = (TradeState.CANCELLED, TradeState.REJECTED)
"""The trade takes its entry back, or the edge has refused it already: whoever is first."""


async def kill(pier: Pier, mode: KillMode) -> None:
    """Somebody stops all trading, and everybody who trades has been told."""
    told = await pier.engine.kill(ACCOUNT, mode, "a test of it", "somebody")
    assert told.told == tuple(trade.order.workflow_id for trade in pier.submitted)
    assert told.untold == ()


@on_a_pier(profiles=["pessimistic"])
async def test_a_freeze_takes_what_waits_back(pier: Pier) -> None:
    trade = await pier.waiting()
    await kill(pier, KillMode.FREEZE)
    settlement = await trade.settlement()
    assert settlement.state in TAKEN_BACK
    assert pier.sent() == []


@on_a_pier(profiles=["pessimistic"])
async def test_a_flatten_takes_what_waits_back(pier: Pier) -> None:
    trade = await pier.waiting()
    await kill(pier, KillMode.FLATTEN)
    settlement = await trade.settlement()
    assert settlement.state in TAKEN_BACK
    assert pier.sent() == []


@on_a_pier()
async def test_a_freeze_cancels_the_rest_of_an_entry_and_keeps_the_stop(pier: Pier) -> None:
    pier.show(ask_size=30)
    trade = await pier.submit(offset="0")
    await trade.until(lambda standing: standing.entered == 30)
    await kill(pier, KillMode.FREEZE)
    await trade.is_guarded()
    await pier.until(lambda: not any(":EN:" in ref for ref in pier.living()))
    await pier.until(lambda: any(":PR:" in ref for ref in pier.living()))
    assert pier.position() == 30
    pier.breach()
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_a_flatten_leaves_what_an_entry_has_filled(pier: Pier) -> None:
    pier.show(ask_size=30)
    trade = await pier.submit(offset="0")
    await trade.until(lambda standing: standing.entered == 30)
    await kill(pier, KillMode.FLATTEN)
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_a_freeze_leaves_what_is_guarded_to_its_stop(pier: Pier) -> None:
    trade = await pier.guarding()
    await kill(pier, KillMode.FREEZE)
    await trade.until(lambda standing: "freeze" in standing.why)
    assert pier.position() == 100
    pier.breach()
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_a_flatten_leaves_what_is_guarded(pier: Pier) -> None:
    trade = await pier.guarding()
    await kill(pier, KillMode.FLATTEN)
    settlement = await trade.ends()
    assert pier.position() == 0
    assert "flatten" in settlement.why


@on_a_pier(profiles=["pessimistic"])
async def test_after_a_kill_another_edge_sends_nothing_that_opens(pier: Pier) -> None:
    await kill(pier, KillMode.FREEZE)
    await pier.crew.broker_goes()
    await pier.crew.broker_comes()
    trade = await pier.submit()
    settlement = await trade.ends(TradeState.REJECTED)
    assert "kill" in settlement.why
    assert pier.sent() == []
