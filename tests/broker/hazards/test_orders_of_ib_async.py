"""What ib_async makes of orders, and what the edge makes of the same: hazards 1 to 3."""

from decimal import Decimal
from json import loads
from typing import cast

import pytest
from ib_async import Stock

from backstay.domain.edge.contracts import InstrumentQuery
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import Stage
from tests.broker.hazards.twice import (
    Ours,
    Script,
    Ticket,
    Trader,
    limit_at_the_broker,
    order_id_of,
    say,
    told_twice,
)


def read_at(stage: Stage, message: str) -> float:
    """In which second of the story the first such message was read off the wire."""
    lines = [loads(line) for line in stage.wire]
    times = [line["t"] for line in lines if line["dir"] == "in" and line["msg"] == message]
    return cast("float", (times[0] - lines[0]["t"]) / 1e9)


async def ask_for_a_lot(trader: Script | Ours, count: int) -> None:
    """Ask for contracts that nobody lists, for all at once; nobody waits for the answers."""
    for symbol in (f"NONE{number}" for number in range(count)):
        if isinstance(trader, Script):
            contract = Stock(symbol, "SMART", "USD")
            trader.beside(trader.ib.reqContractDetailsAsync(contract))
        else:
            trader.beside(trader.edge.resolve(InstrumentQuery(symbol)))
    await trader.stage.sleep(0)


async def buy_through_a_full_pipe(trader: Script | Ours) -> Ticket:
    """An order which has to wait for its turn, because so much has just been sent."""
    if isinstance(trader, Script):
        await ask_for_a_lot(trader, 60)
        return await trader.buy()
    far = Trigger(Decimal(140), Crossing.ABOVE)
    tickets = [
        await trader.arm((await trader.seat(symbol)).arm(limit="95.00", stop="90.00", trigger=far))
        for symbol in ("MSFT", "SPY", "AAPL")
    ]
    await trader.stage.sleep(2)
    await ask_for_a_lot(trader, 60)
    await trader.stage.sleep(0.1)
    for ticket in tickets:
        trader.fire(ticket)
    return tickets[-1]


@pytest.mark.req("S1.4", "S4.3")
@told_twice(script=("PendingSubmit", 0), ours=("working", 1))
async def test_an_order_that_waits_its_turn_when_the_line_breaks_is_not_forgotten(
    trader: Script | Ours,
) -> tuple[str, int]:
    """1: the queue of ib_async is emptied in silence when the connection ends."""
    await trader.stage.sleep(2)
    ticket = await buy_through_a_full_pipe(trader)
    await trader.stage.sleep(0.2)
    assert ticket.ref not in trader.stage.placed()
    trader.stage.cut()
    await trader.stage.sleep(1)
    if isinstance(trader, Script):
        await trader.begin()
    await trader.stage.sleep(10)
    return trader.word(ticket), trader.stage.placed().count(ticket.ref)


@pytest.mark.req("S2.6")
@told_twice(script=("PendingCancel", "after 4 s"), ours=("ended", "at once"))
async def test_a_cancel_does_not_wait_behind_requests_for_data(
    trader: Script | Ours,
) -> tuple[str, str]:
    """1: two hundred requests before a cancel keep it for four seconds."""
    ticket = await trader.buy()
    await trader.stage.sleep(2)
    await ask_for_a_lot(trader, 200)
    await trader.stage.sleep(0.1)
    since = trader.stage.now
    said = await trader.cancel(ticket)
    await trader.stage.until(lambda: trader.stage.standing()[ticket.ref] == "Cancelled")
    seconds = (trader.stage.now - since).total_seconds()
    return said, "at once" if seconds < 0.1 else f"after {seconds:.0f} s"


@told_twice(script=("AssertionError", 2), ours=("ended", 1))
async def test_nothing_leaves_to_change_an_order_that_is_over(trader: Trader) -> tuple[str, int]:
    """2: ib_async writes the change of a filled order, and then raises."""
    ticket = await trader.buy(None)
    await trader.stage.until(lambda: trader.filled(ticket) == 100)
    said = await trader.change(ticket, "101.00")
    await trader.stage.sleep(1)
    return said, trader.stage.placed().count(ticket.ref)


async def remarked(trader: Trader, code: int, text: str) -> tuple[str, str]:
    """What a resting order is believed to be after a remark that changes nothing."""
    ticket = await trader.buy()
    await trader.stage.sleep(1)
    order_id = order_id_of(trader.stage, ticket.ref)
    say(trader.stage, 4, 2, order_id, code, text, "")
    await trader.stage.sleep(1)
    return trader.word(ticket), trader.stage.standing()[ticket.ref]


@told_twice(script=("Cancelled", "Submitted"), ours=("working", "Submitted"))
async def test_a_time_in_force_that_was_put_right_ends_no_order(trader: Trader) -> tuple[str, str]:
    """3: 10349 is a warning, and ib_async takes it for the end."""
    text = "Order TIF was set to DAY based on order preset."
    return await remarked(trader, 10_349, text)


@told_twice(script=("ValidationError", "Submitted"), ours=("working", "Submitted"))
async def test_an_attribute_that_is_ignored_is_no_state(trader: Trader) -> tuple[str, str]:
    """3: 2109 is a warning, and ib_async makes a status of it that the broker doesn't have."""
    return await remarked(trader, 2109, "Outside Regular Trading Hours is ignored")


@told_twice(script=("ValidationError", "Submitted"), ours=("working", "Submitted"))
async def test_an_order_that_waits_for_its_hour_lives(trader: Trader) -> tuple[str, str]:
    """3: 399 and 404 are warnings; the order waits."""
    return await remarked(trader, 399, "Your order will not be placed at the exchange until then")


@told_twice(rule("cancel-refused"), script=("Cancelled", 100), ours=("working", 100))
async def test_an_order_whose_cancel_is_refused_lives(trader: Trader) -> tuple[str, int]:
    """3: 161 says that the cancel has failed, and ib_async takes it for done."""
    ticket = await trader.buy()
    await trader.stage.sleep(1)
    await trader.cancel(ticket)
    await trader.stage.sleep(1)
    word = trader.word(ticket)
    trader.stage.trade("94.90")
    await trader.stage.sleep(1)
    return word, int(trader.stage.position())


@told_twice(
    rule("fast-modify-refused", within="500ms"),
    script=("Cancelled", "95"),
    ours=("working", "96"),
)
async def test_a_change_that_comes_too_soon_ends_no_order(trader: Trader) -> tuple[str, str]:
    """3: 103 refuses the change of a living order, and ib_async takes it for the end."""
    ticket = await trader.buy()
    await trader.stage.sleep(0.1)
    await trader.change(ticket, "96.00")
    await trader.stage.sleep(3)
    return trader.word(ticket), limit_at_the_broker(trader.stage, ticket.ref)
