"""How trades get in, or don't."""

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.ports import CallRefusedError, Differs, Same
from backstay.domain.ids import Purpose
from backstay.domain.lifecycle import TradeState
from backstay.domain.trade.standing import Doing
from backstay.gateway.faults.plan import rule
from tests.durable.pier import Pier
from tests.durable.stories import on_a_pier

pytestmark = pytest.mark.long

PARTS = 200


@on_a_pier()
async def test_an_entry_at_once_is_guarded_and_stopped_out(pier: Pier) -> None:
    trade = await pier.guarding()
    assert pier.sent() == ["EN", "PR"]
    assert pier.position() == 100
    pier.breach()
    settlement = await trade.ends()
    assert pier.position() == 0
    assert settlement.profit == -225


@on_a_pier()
async def test_an_entry_leaves_when_its_trigger_is_reached(pier: Pier) -> None:
    trade = await pier.waiting()
    assert pier.sent() == []
    pier.trade("101.10")
    await trade.is_guarded()
    assert pier.sent() == ["EN", "PR"]
    pier.breach()
    await trade.ends()
    assert pier.position() == 0


@on_a_pier(profiles=["pessimistic"])
async def test_a_trigger_that_is_not_reached_ends_with_its_time(pier: Pier) -> None:
    trade = await pier.waiting(expires=pier.in_seconds(3))
    settlement = await trade.ends(TradeState.CANCELLED)
    assert pier.sent() == []
    assert settlement.orders == ()


@on_a_pier(profiles=["pessimistic"])
async def test_what_the_limits_do_not_allow_is_refused(pier: Pier) -> None:
    trade = await pier.submit(quantity=9_999)
    settlement = await trade.settlement()
    assert settlement.state is TradeState.REJECTED
    assert settlement.why == "order_value: 9999 x 100.22 x 1 is 1002099.78 USD; at most 50000 USD"
    assert pier.sent() == []


@on_a_pier(profiles=["pessimistic"])
async def test_a_plan_that_the_broker_can_not_carry_out_fails_with_a_line(pier: Pier) -> None:
    option = 'type = "OPT"\nexpiry = 2026-12-18\nstrike = 101.37\nright = "C"'
    trade = await pier.submit(instrument=option)
    with pytest.raises(WorkflowFailureError) as failure:
        await trade.settlement()
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "PlanUnfit"
    assert cause.message.startswith("instrument.strike: 101.37")
    assert "\n" not in cause.message
    assert pier.sent() == []


@on_a_pier()
async def test_an_entry_that_fills_in_parts_is_protected_and_left_whole(pier: Pier) -> None:
    pier.show(ask_size=30)
    trade = await pier.submit(offset="0")
    await trade.until(lambda standing: standing.entered == 30)
    assert (await trade.standing()).doing is Doing.GUARDING
    pier.show(ask_size=70)
    await trade.until(lambda standing: standing.entered == 100)
    pier.breach()
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_what_has_filled_stays_guarded_when_the_rest_is_called_off(pier: Pier) -> None:
    pier.show(ask_size=30)
    trade = await pier.submit(offset="0")
    await trade.until(lambda standing: standing.entered == 30)
    await trade.update("cancel")
    await trade.is_guarded()
    await pier.until(lambda: trade.ref(Purpose.ENTRY) not in pier.living())
    assert pier.position() == 30
    pier.show(ask_size=100)
    pier.breach()
    await trade.ends()
    assert pier.position() == 0


@on_a_pier(profiles=["optimistic"])
async def test_an_entry_in_two_hundred_parts_is_a_short_history(pier: Pier) -> None:
    """Where a stop covers no part of an entry the rest would be cancelled after two seconds."""
    pier.show(ask_size=1)
    trade = await pier.submit(quantity=PARTS, offset="0")
    for filled in range(1, PARTS + 1):
        await pier.holds(filled)
        pier.show(ask="100.03")
        pier.show(ask="100.02")
    await trade.until(lambda standing: standing.entered == PARTS)
    await trade.is_guarded()
    pier.breach()
    settlement = await trade.ends()
    assert settlement.orders[0].executions == PARTS
    assert pier.position() == 0
    life = (await pier.lives())[0]
    print(f"{len(life.events)} events")  # noqa: T201 - a figure to look at
    assert len(life.events) <= 100


@on_a_pier(profiles=["pessimistic"])
async def test_the_same_plan_twice_is_one_trade_and_a_changed_one_is_told(pier: Pier) -> None:
    trade = await pier.guarding()
    assert isinstance(await pier.hand_in(pier.order()), Same)
    changed = await pier.hand_in(pier.order(quantity=200))
    assert isinstance(changed, Differs)
    assert changed.tables == ("size",)
    assert pier.sent() == ["EN", "PR"]
    pier.breach()
    await trade.ends()
    assert isinstance(await pier.hand_in(pier.order()), Same)


@on_a_pier(rule("reset-after-frame", nth=3, kinds=["placeOrder"]))
async def test_an_entry_that_nobody_answered_is_found_again(pier: Pier) -> None:
    trade = await pier.guarding()
    assert pier.position() == 100
    pier.breach()
    await trade.ends()
    assert pier.sent().count("EN") == 1


@on_a_pier(rule("placement-swallowed", nth=1))
async def test_an_entry_that_was_never_placed_is_over_once_that_is_proven(pier: Pier) -> None:
    trade = await pier.submit()
    await trade.ends(TradeState.CANCELLED)
    assert pier.told("order unknown")
    assert pier.position() == 0
    assert pier.sent() == ["EN", "PR"]


@on_a_pier(rule("placement-swallowed", nth=2), profiles=["pessimistic"])
async def test_an_entry_is_cancelled_when_the_stop_that_left_with_it_is_not_there(
    pier: Pier,
) -> None:
    pier.show(ask="100.10")
    trade = await pier.submit(offset="0")
    pier.show(ask="100.20")
    await trade.ends(TradeState.CANCELLED)
    assert pier.position() == 0
    assert pier.sent() == ["EN", "PR"]


@on_a_pier(rule("placement-swallowed", nth=1), profiles=["pessimistic"])
async def test_a_person_s_word_is_not_taken_while_the_broker_may_still_show_it(pier: Pier) -> None:
    trade = await pier.submit()
    await trade.does(Doing.UNKNOWN)
    with pytest.raises(CallRefusedError, match="NotNow"):
        await trade.update("declare_absent", "Ada", "TWS shows none")
    await trade.ends(TradeState.CANCELLED)
    assert pier.position() == 0
