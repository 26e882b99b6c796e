"""What ib_async makes of fills, and what the edge makes of the same: hazards 4 to 7."""

from decimal import Decimal

import pytest
from ib_async import StartupFetch

from backstay.gateway.faults.plan import rule
from tests.broker.hazards.twice import Ours, Script, Trader, say_status, tell, told_twice


async def filled_while_away(trader: Script | Ours) -> tuple[str, Decimal]:
    """What is believed, and was told, of an order that filled while the line was broken."""
    ticket = await trader.buy()
    await trader.stage.sleep(2)
    trader.stage.cut()
    trader.stage.trade("94.90")
    await trader.stage.sleep(1)
    assert trader.stage.position() == 100
    if isinstance(trader, Script):
        await trader.begin()
        await trader.ib.reqExecutionsAsync()
        assert len(trader.ib.fills()) == 1
    await trader.stage.sleep(20)
    return trader.word(ticket), ticket.heard


@pytest.mark.req("S0.1", "S1.4")
@told_twice(script=("Submitted", Decimal(0)), ours=("over", Decimal(100)))
async def test_a_fill_that_is_learned_after_a_reconnect_is_told(
    trader: Script | Ours,
) -> tuple[str, Decimal]:
    """4: fills that reqExecutions brings fire no event, and the trade from before is frozen."""
    return await filled_while_away(trader)


@pytest.mark.req("S1.14")
@told_twice(script=(0, 1), ours=(100, 1))
async def test_the_fill_of_an_order_from_before_a_restart_is_told(
    trader: Script | Ours,
) -> tuple[int, int]:
    """5: an execution of an order that ib_async does not know fires no event."""
    await trader.buy()
    await trader.stage.sleep(2)
    await trader.leave()
    told: list[int] = []
    if isinstance(trader, Script):
        trader.ib.execDetailsEvent += lambda _trade, fill: told.append(fill.execution.shares)
        await trader.begin(StartupFetch.POSITIONS)
    else:
        await trader.begin()
    await trader.stage.sleep(2)
    trader.stage.trade("94.90")
    await trader.stage.sleep(2)
    if isinstance(trader, Script):
        return sum(told), len(trader.ib.fills())
    (progress,) = trader.known
    assert progress.entry is not None
    return int(progress.entry.filled), len(trader.edge.snapshot().executions)


@told_twice(rule("commission-before-execution"), script=Decimal(0), ours=Decimal(1))
async def test_a_commission_that_comes_before_its_execution_is_booked(
    trader: Script | Ours,
) -> Decimal:
    """6: ib_async drops it."""
    ticket = await trader.buy(None)
    await trader.stage.sleep(5)
    if isinstance(trader, Script):
        (fill,) = trader.trade(ticket).fills
        return Decimal(str(fill.commissionReport.commission))
    (booked,) = trader.edge.snapshot().executions
    assert booked.commission is not None
    return booked.commission.amount


@pytest.mark.req("S4.1")
@told_twice(script=("PreSubmitted", False, 100), ours=("over", True, 100))
async def test_a_stale_status_after_the_end_reopens_nothing(
    trader: Trader,
) -> tuple[str, bool, int]:
    """7: a PreSubmitted that comes after Filled makes ib_async believe that the order works."""
    ticket = await trader.buy(None)
    await trader.stage.sleep(2)
    assert trader.is_over(ticket)
    say_status(trader.stage, ticket.ref, "PreSubmitted", 0)
    await trader.stage.sleep(5)
    return trader.word(ticket), trader.is_over(ticket), int(trader.filled(ticket))


def filled_signs(signs: list[str]) -> int:
    """How often somebody was told that the order is done with."""
    return sum(sign in ("Filled", "over") for sign in signs)


@pytest.mark.req("S4.5")
@told_twice(script=(1, 0, 100), ours=(0, 0, 100))
async def test_a_filled_status_is_no_fill(trader: Trader) -> tuple[int, int, int]:
    """7: Filled before its execution is told by ib_async as filled, with nothing filled."""
    ticket = await trader.buy()
    await trader.stage.sleep(2)
    say_status(trader.stage, ticket.ref, "Filled", 100)
    await trader.stage.sleep(0.05)
    too_soon = filled_signs(ticket.signs), int(trader.filled(ticket))
    trader.stage.trade("94.90")
    await trader.stage.sleep(5)
    return (*too_soon, int(trader.filled(ticket)))


@pytest.mark.req("S4.2")
@told_twice(rule("execution-corrected", nth=1), script=(200, 100), ours=(100, 100))
async def test_a_correction_takes_the_place_of_its_execution(trader: Trader) -> tuple[int, int]:
    """ib_async adds the corrected execution to the first."""
    ticket = await trader.buy(None)
    await trader.stage.sleep(10)
    return int(trader.filled(ticket)), int(trader.stage.position())


def test_a_correction_changes_the_price_that_counts() -> None:
    """The highest number at the end of an execId counts, and no other."""

    async def story(trader: Ours) -> tuple[Decimal | None, int]:
        ticket = await trader.buy(None)
        await trader.stage.sleep(10)
        view = trader.view(ticket)
        assert view is not None
        return view.average_price, len(view.executions)

    assert tell(Ours, story, rule("execution-corrected", nth=1)) == (Decimal("100.03"), 1)
