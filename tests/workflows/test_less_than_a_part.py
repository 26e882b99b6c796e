"""Targets at which no more is left than the part that was to leave."""

from decimal import Decimal

from backstay.domain.edge.guards import NotSplit, SplitAnswer, SplitOff
from backstay.domain.lifecycle import TradeState
from tests.workflows import cast
from tests.workflows.house import Script, tell
from tests.workflows.stage import Edge, playing

TARGETS = (
    cast.PLAN
    + """
[[target]]
price = 102.00
fraction = 0.50
[[target]]
price = 104.00
fraction = 0.50
"""
)


def test_what_a_person_has_left_of_a_position_leaves_at_its_target() -> None:
    """60 of 100 were sold in another program; 50 were to leave here, and no more than 40 can."""

    async def too_little(asked: SplitOff) -> SplitAnswer:
        return NotSplit(asked.key, "no more than 40 is open", is_over=True)

    def prepare(_: Edge, script: Script) -> None:
        script.always["split_off"] = too_little

    async def story() -> None:
        async with playing(plan=TARGETS, prepare=prepare) as play:
            await play.is_guarded()
            play.edge.guard_quantity = Decimal(40)
            await play.edge.target_is_reached()
            settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 60
        assert [order.filled for order in settlement.orders if order.key.purpose.is_exit] == [40]

    tell(story)


def test_the_stop_is_shown_where_a_person_has_put_it() -> None:
    async def story() -> None:
        async with playing(plan=TARGETS) as play:
            await play.is_guarded()
            await play.wants("move_stop", "99.00")
            assert (await play.standing()).stop == Decimal("99.00")
            await play.wants("break_even")
            assert (await play.standing()).stop == Decimal("100.05")

    tell(story)


def test_where_a_part_is_all_there_is_the_target_is_why_it_left() -> None:
    async def story() -> None:
        async with playing(plan=TARGETS) as play:
            await play.is_guarded(1)
            await play.edge.target_is_reached()
            assert (await play.settled()).why == "target"

    tell(story)
