"""Trades that outlive those who carry them out: the edge's process, the workflows', the gateway."""

from decimal import Decimal

import pytest

from backstay.domain.edge.session import SessionState
from backstay.domain.ids import Purpose
from backstay.domain.trade.standing import Doing
from tests.durable.pier import Pier
from tests.durable.stories import on_a_pier

pytestmark = pytest.mark.long

DOWN_SECONDS = 0.3
SLOW = "[stop.ladder]\nlimit_seconds = 3"


async def gateway_restarts(pier: Pier) -> None:
    """The gateway is gone, and the edge has found it again."""
    pier.restart_gateway(DOWN_SECONDS)
    await pier.is_in(pier.edge_now, SessionState.DOWN)
    await pier.is_in(pier.edge_now, SessionState.READY)


def thin(pier: Pier) -> None:
    """The stop is reached, and only 30 are bid for at the limit of its exit."""
    pier.show(bid="97.51", bid_size=30, ask="97.90", last="97.80", last_size=100)
    pier.show(last="97.79", last_size=50)


@on_a_pier()
async def test_a_trade_that_waits_goes_on_waiting_at_another_edge(pier: Pier) -> None:
    trade = await pier.waiting()
    await pier.crew.broker_goes()
    await pier.crew.broker_comes()
    await trade.is_armed()
    pier.trade("101.10")
    await trade.is_guarded()
    pier.breach()
    await trade.ends()
    assert pier.position() == 0
    assert pier.sent().count("EN") == 1


@on_a_pier()
async def test_a_position_goes_on_being_guarded_at_another_edge(pier: Pier) -> None:
    trade = await pier.guarding()
    await pier.crew.broker_goes()
    await pier.crew.broker_comes()
    await trade.is_guarded()
    pier.breach()
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_what_was_changed_is_remembered_at_another_edge(pier: Pier) -> None:
    trade = await pier.guarding()
    await trade.update("move_stop", Decimal(99))
    await pier.crew.broker_goes()
    await pier.crew.broker_comes()
    await trade.is_guarded()
    await pier.until(lambda: trade.guarded().level.stop == 99)
    pier.fall("98.80", "98.79")
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_a_way_out_is_walked_on_at_another_edge(pier: Pier) -> None:
    trade = await pier.guarding(stop=SLOW)
    thin(pier)
    await trade.does(Doing.LEAVING)
    await pier.holds(70)
    await pier.crew.broker_goes()
    pier.show(bid="96.90", bid_size=500, ask="97.10")
    await pier.crew.broker_comes()
    settlement = await trade.ends()
    assert pier.position() == 0
    assert sum(order.filled for order in settlement.orders[1:]) == 100


@on_a_pier()
async def test_a_stop_that_fills_while_nobody_is_there_is_found(pier: Pier) -> None:
    trade = await pier.guarding()
    await pier.crew.broker_goes()
    pier.fall("96.00", "95.99")
    await pier.holds(0)
    await pier.crew.broker_comes()
    settlement = await trade.ends()
    assert settlement.why == "the stop at the broker has filled"
    assert pier.sent() == ["EN", "PR"]


@on_a_pier()
async def test_an_entry_that_fills_while_nobody_is_there_is_guarded_afterwards(pier: Pier) -> None:
    pier.show(ask_size=30)
    trade = await pier.submit(offset="0")
    await trade.until(lambda standing: standing.entered == 30)
    await pier.crew.broker_goes()
    pier.show(ask_size=70)
    held = pier.position()
    await pier.crew.broker_comes()
    await trade.until(lambda standing: standing.entered == held)
    await trade.is_guarded()
    pier.breach()
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_workflows_that_are_forgotten_come_back_from_their_histories(pier: Pier) -> None:
    trade = await pier.guarding()
    await pier.crew.trades_goes()
    pier.breach()
    await pier.holds(0)
    pier.crew.trades_comes()
    settlement = await trade.ends()
    assert settlement.profit is not None
    assert settlement.profit < 0


@on_a_pier()
async def test_a_gateway_that_restarts_finds_the_position_guarded(pier: Pier) -> None:
    trade = await pier.guarding()
    await gateway_restarts(pier)
    await pier.ticks()
    pier.breach()
    await trade.ends()
    assert pier.position() == 0
    assert trade.ref(Purpose.PROTECT) not in pier.living()


@on_a_pier()
async def test_a_gateway_that_restarts_during_the_exit_holds_nothing_up(pier: Pier) -> None:
    trade = await pier.guarding(stop=SLOW)
    thin(pier)
    await trade.does(Doing.LEAVING)
    await pier.holds(70)
    await gateway_restarts(pier)
    pier.show(bid="96.90", bid_size=500, ask="97.10")
    settlement = await trade.ends()
    assert pier.position() == 0
    assert sum(order.filled for order in settlement.orders[1:]) == 100


@on_a_pier()
async def test_two_trades_in_two_symbols_mind_their_own_business(pier: Pier) -> None:
    apples = await pier.guarding()
    softs = await pier.guarding(name="msft-pier", symbol="MSFT")
    pier.breach("MSFT")
    await softs.ends()
    assert pier.position("AAPL") == 100
    assert pier.position("MSFT") == 0
    await apples.is_guarded()
    pier.breach()
    await apples.ends()
    assert pier.position() == 0
