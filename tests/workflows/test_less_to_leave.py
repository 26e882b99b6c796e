"""Ways out with less to leave than was entered: taken back by the broker, or closed by a hand."""

from decimal import Decimal

from backstay.domain.edge.guards import Exit, GuardEnd
from backstay.domain.lifecycle import TradeState
from tests.workflows.house import tell
from tests.workflows.stage import playing
from tests.workflows.test_trade_lives import kinds, way_of


def test_what_was_taken_back_of_the_entry_is_neither_held_nor_closed_by_somebody_else() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded()
            play.edge.guard_quantity = Decimal(92)
            await play.edge.stop_is_hit(entry=92)
            settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED
        assert [order.filled for order in settlement.orders if order.filled] == [92, 92]
        assert settlement.why == Exit.STOP.value
        assert settlement.left_over == 0

    tell(story)


def test_a_way_out_that_was_closed_elsewhere_before_it_left_comes_to_its_end() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded()
            play.edge.guard_quantity = Decimal(0)
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert way_of(play).sent == []
        assert settlement.state is TradeState.CLOSED
        assert settlement.why == GuardEnd.LESS_IS_HELD.value
        assert settlement.left_over == 100
        assert kinds(play) == []

    tell(story)
