"""What a person does to a trade: through Backstay, or past it."""

from decimal import Decimal

import pytest
from ib_async import MarketOrder, Stock

from activities.ports import CallRefusedError, UnknownWorkflowError
from backstay.domain.ids import Purpose
from backstay.domain.lifecycle import TradeState
from backstay.domain.trade.standing import Doing
from tests.durable.pier import Pier
from tests.durable.stories import on_a_pier

pytestmark = pytest.mark.long

TRAIL = "[stop.trail]\nactivate_pct = 1.0\ndistance = 1.50"


@on_a_pier(profiles=["pessimistic"])
async def test_a_trade_that_waits_can_be_called_off(pier: Pier) -> None:
    trade = await pier.waiting()
    await trade.update("cancel")
    await trade.ends(TradeState.CANCELLED)
    assert pier.sent() == []


@on_a_pier(profiles=["pessimistic"])
async def test_a_trade_that_waits_can_be_entered_now(pier: Pier) -> None:
    trade = await pier.waiting()
    await trade.update("enter")
    await trade.is_guarded()
    pier.breach()
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_what_has_filled_is_left_when_an_entry_is_closed(pier: Pier) -> None:
    pier.show(ask_size=30)
    trade = await pier.submit(offset="0")
    await trade.until(lambda standing: standing.entered == 30)
    await trade.update("close")
    await trade.ends()
    assert pier.position() == 0
    assert "XM" in pier.sent() or pier.profile.living_group_can_be_joined


@on_a_pier()
async def test_a_position_is_closed_by_a_person(pier: Pier) -> None:
    trade = await pier.guarding()
    await trade.update("close")
    settlement = await trade.ends()
    assert pier.position() == 0
    assert settlement.why == "closed by hand"
    with pytest.raises(UnknownWorkflowError, match="already completed"):
        await trade.update("close")


@on_a_pier()
async def test_a_person_moves_the_stop(pier: Pier) -> None:
    trade = await pier.guarding()
    await trade.update("move_stop", Decimal("99.00"))
    assert trade.guarded().level.stop == 99
    pier.fall("98.80", "98.79")
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_a_person_moves_the_stop_to_the_price_of_the_entry(pier: Pier) -> None:
    trade = await pier.guarding()
    pier.trade("101.00")
    await trade.update("break_even")
    assert trade.guarded().level.stop == Decimal("100.02")
    pier.fall("99.80", "99.79")
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_a_person_tightens_the_trail(pier: Pier) -> None:
    trade = await pier.guarding(stop=TRAIL)
    pier.fall("103.50", "103.51")
    await pier.until(lambda: trade.guarded().level.stop == 102)
    await trade.update("tighten_trail", Decimal("0.50"))
    pier.fall("103.60", "103.61")
    await pier.until(lambda: trade.guarded().level.stop == Decimal("103.10"))
    pier.fall("102.90", "102.89")
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_a_position_that_is_closed_in_tws_ends_the_trade(pier: Pier) -> None:
    trade = await pier.guarding()
    hand = await pier.house.client(0)
    hand.placeOrder(Stock("AAPL", "SMART", "USD"), MarketOrder("SELL", 100, account="DU1234567"))
    settlement = await trade.ends(left_over=100)
    hand.disconnect()
    assert pier.position() == 0
    assert settlement.why == "the position was closed by somebody else"
    assert trade.ref(Purpose.PROTECT) not in pier.living()


@on_a_pier(profiles=["pessimistic"])
async def test_what_makes_no_sense_is_refused_in_a_line(pier: Pier) -> None:
    trade = await pier.waiting()
    with pytest.raises(CallRefusedError, match="nothing is guarded"):
        await trade.update("break_even")
    pier.trade("101.10")
    await trade.is_guarded()
    with pytest.raises(CallRefusedError, match="the plan has no trail"):
        await trade.update("tighten_trail", Decimal(1))
    with pytest.raises(CallRefusedError, match="nothing waits to enter"):
        await trade.update("enter")
    assert (await trade.standing()).doing is Doing.GUARDING
    pier.breach()
    await trade.ends()
    assert pier.position() == 0
