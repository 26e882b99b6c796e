"""What ib_async makes of questions, and what the edge makes of the same: hazards 8 to 10."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from ib_async import MarketOrder

from backstay.domain.edge.asked import Asked
from backstay.domain.edge.contracts import PreviewRefused
from backstay.domain.edge.looking import Unanswered
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Market
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import key
from tests.broker.hazards.twice import AAPL, Ours, Script, told_twice

LATER = ["+5s", "+2h"]
"""After the start, at which everything is asked for the first time."""


@told_twice(script=1, ours=2)
async def test_two_who_ask_the_same_are_both_answered(trader: Script | Ours) -> int:
    """8: of two requests of one kind at once, ib_async leaves the first waiting for ever."""
    await trader.stage.sleep(2)
    if isinstance(trader, Script):
        ask: Callable[[], Awaitable[object]] = trader.ib.reqAllOpenOrdersAsync
    else:
        ask = trader.edge._connecting.asks.open_orders
    asked = [trader.beside(ask()) for _ in range(2)]
    await trader.stage.sleep(600)
    return sum(is_done() for is_done in asked)


@told_twice(
    rule("answers-slow", kinds=["reqAllOpenOrders"], between=LATER, delay="4s"),
    script=False,
    ours=True,
)
async def test_an_order_is_shown_while_open_orders_are_asked_for(
    trader: Script | Ours,
) -> bool:
    """8: while a request for open orders is under way, ib_async tells of no open order."""
    first = await trader.buy()
    await trader.stage.sleep(6)
    told: list[object] = []
    if isinstance(trader, Script):
        trader.ib.openOrderEvent += told.append
        trader.beside(trader.ib.reqAllOpenOrdersAsync())
    else:
        trader.beside(trader.find(first))
    await trader.stage.sleep(1.1)
    second = await trader.buy("94.00")
    await trader.stage.sleep(2)
    assert trader.stage.standing()[second.ref] == "Submitted"
    if isinstance(trader, Script):
        return bool(told)
    view = trader.view(second)
    return view is not None and view.instances[0].described is not None


@pytest.mark.req("S2.3")
@told_twice(script="[]", ours="201")
async def test_a_preview_that_is_refused_says_so(trader: Script | Ours) -> str:
    """9: of a what-if that is rejected ib_async makes an empty list."""
    if isinstance(trader, Script):
        order = MarketOrder("BUY", 10_000_000, tif="DAY")
        return str(await trader.ib.whatIfOrderAsync(AAPL, order))
    entry = (await trader.seat()).order(Purpose.ENTRY, 100, Market())
    answer = await trader.edge.preview(replace(entry, quantity=Decimal(10_000_000)))
    assert isinstance(answer, PreviewRefused), answer
    return str(answer.code)


@pytest.mark.req("S3.1")
@told_twice(script="TimeoutError", ours="standby: client id 1 is in use (326)")
async def test_a_client_id_that_is_in_use_is_called_so(trader: Script | Ours) -> str:
    """10: ib_async waits for a session that never begins, and says that it took too long."""
    if isinstance(trader, Script):
        second = Script(trader.stage)
        with pytest.raises(TimeoutError) as late:
            await second.begin()
        assert 326 in second.codes
        return late.type.__name__
    edge = await trader.stage.edge(synced=False)
    await trader.stage.sleep(3)
    report = edge.health().session
    return f"{report.state.value}: {report.why}"


@told_twice(
    rule("request-unanswered", kinds=["reqExecutions"], between=LATER),
    script="waits",
    ours="unanswered",
)
async def test_a_question_that_is_never_answered_ends(trader: Script | Ours) -> str:
    """12: a request for executions can hang, and ib_async waits with it."""
    await trader.stage.sleep(6)
    if isinstance(trader, Script):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(trader.ib.reqExecutionsAsync(), 600)
        return "waits"
    con_id, asked = (await trader.seat()).instrument.con_id, Asked(trader.stage.now, Decimal(0))
    finding = trader.edge.find(key(Purpose.ENTRY), con_id, asked)
    answer = await asyncio.wait_for(finding, 600)
    assert isinstance(answer, Unanswered), answer
    return answer.kind
