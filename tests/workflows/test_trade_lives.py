"""The lives of a trade, from its start to its settlement."""

from decimal import Decimal

import pytest

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.lifecycle import TradeState
from backstay.domain.orders.intent import Limit, Market
from backstay.domain.trade.standing import Doing
from tests.workflows.house import tell
from tests.workflows.stage import playing


def test_a_trigger_that_never_fires_ends_with_its_time() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.EXPIRED, why="its time is over")
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert settlement.orders == ()
        assert settlement.why == "its time is over"
        assert play.script.settled == [settlement]
        assert play.script.alerts == []

    tell(story)


@pytest.mark.req("S4.5")
def test_a_stop_leaves_by_its_limit() -> None:
    async def story() -> None:
        async with playing() as play:
            standing = await play.is_guarded()
            assert standing.stop == Decimal("98.00")
            assert standing.lifecycle.state is TradeState.COMPLETED
            await play.edge.stop_is_hit()
            settlement = await play.settled()
            assert (await play.standing()).doing is Doing.OVER
        way = play.edge.ways[play.order.trade, 0]
        assert [type(intent.terms) for intent in way.sent] == [Limit]
        assert settlement.state is TradeState.CLOSED
        assert settlement.why == "stop"
        assert settlement.left_over == 0
        assert settlement.profit == Decimal("97.50") * 100 - Decimal("100.05") * 100
        assert play.script.settled == [settlement]

    tell(story)


@pytest.mark.req("S4.5")
def test_a_limit_that_does_not_fill_makes_room_for_the_market_for_exactly_the_rest() -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(40)
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        way = play.edge.ways[play.order.trade, 0]
        assert [type(intent.terms) for intent in way.sent] == [Limit, Market]
        assert [intent.quantity for intent in way.sent] == [100, 60]
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0

    tell(story)
