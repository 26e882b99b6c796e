"""Targets at which a part of the position leaves, by a way of its own."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.guards import GuardEnd, NotSplit, SplitAnswer, SplitOff
from backstay.domain.lifecycle import TradeState
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import Limit
from backstay.domain.sides import Side
from backstay.domain.ticks.trails import Resting
from backstay.domain.trade.standing import Doing
from tests.workflows import cast
from tests.workflows.house import tell
from tests.workflows.stage import Play, playing, waits
from workflows.trade import Trade

TARGETS = (
    cast.PLAN
    + """
[[target]]
price = 102.00
fraction = 0.30
then = "break_even"
[[target]]
price = 104.00
fraction = 0.20
[[target]]
price = 106.00
fraction = 0.50
"""
)


def test_parts_leave_at_their_targets_and_the_rest_goes_on_with_its_stop_at_the_entry() -> None:
    async def story() -> None:
        async with playing(plan=TARGETS) as play:
            await play.is_guarded()
            guard = play.edge.guard
            assert guard is not None
            assert guard.target is not None
            assert guard.target.price == Decimal("102.00")
            assert guard.target.part == 30
            await play.edge.target_is_reached()
            first = await play.script.was_asked("split_off")
            assert (first.part, first.break_even) == (30, Decimal("100.05"))
            assert (first.target.price, first.target.part) == (Decimal("104.00"), 20)
            await play.comes_to(Doing.GUARDING, lambda now: now.closed == 30)
            await play.edge.target_is_reached()
            second = await play.script.was_asked("split_off", 2)
            assert (second.part, second.break_even) == (20, None)
            assert (second.target.price, second.target.part) == (Decimal("106.00"), None)
            await play.comes_to(Doing.GUARDING, lambda now: now.left == 50)
            changes = await play.life.query(Trade.changes)
            assert [each.change for each in changes] == [first, second]
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0
        assert [asked.after for asked in play.script.calls_of("guard")] == [0, 1, 2]
        exits = {
            str(order.key).partition(":")[2].partition(":")[2]: order.filled
            for order in settlement.orders
            if order.filled
        }
        assert exits == {"0:EN:1": 100, "0:XS:1": 50, "1:XT:1": 30, "2:XT:1": 20}

    tell(story)


def test_a_target_that_is_reached_while_the_entry_still_fills_ends_the_entry_first() -> None:
    async def story() -> None:
        async with playing(plan=TARGETS) as play:
            await play.is_guarded(60)
            await play.edge.target_is_reached()
            asked = await play.script.was_asked("split_off")
            names = [name for name, _ in play.script.asked]
            assert names.index("cancel") < names.index("split_off")
            assert asked.part == 18
            await play.comes_to(Doing.GUARDING, lambda now: now.left == 42)
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0

    tell(story)


def test_a_target_that_would_take_all_that_is_left_leaves_by_hand() -> None:
    async def story() -> None:
        async with playing(plan=TARGETS) as play:
            await play.is_guarded(1)
            await play.edge.target_is_reached()
            settlement = await play.settled()
        assert not play.script.calls_of("split_off")
        assert settlement.left_over == 0
        assert settlement.state is TradeState.CLOSED

    tell(story)


def test_a_part_that_can_not_be_split_off_yet_is_asked_for_again_under_a_new_version() -> None:
    async def story() -> None:
        async def not_yet(asked: SplitOff) -> SplitAnswer:
            return NotSplit(asked.key, "the stop is not shown smaller yet", is_over=False)

        async with playing(plan=TARGETS) as play:
            play.script.answers["split_off"] = [not_yet, not_yet]
            guards = play.script.always["guard"]

            async def passing(asked: Any) -> Any:
                """Time passes although the guard waits."""
                if play.edge._result_after(asked.after) is None:
                    await play.edge.begins(asked)
                    raise cast.later(timedelta(seconds=1))
                return await guards(asked)

            play.script.always["guard"] = passing
            await play.is_guarded()
            await play.edge.target_is_reached()
            await play.skips(timedelta(seconds=20))
            asked = play.script.calls_of("split_off")
            assert [each.version for each in asked] == [2, 3, 4]
            assert {each.part for each in asked} == {Decimal(30)}
            await play.comes_to(Doing.GUARDING, lambda now: now.left == 70)
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert settlement.left_over == 0

    tell(story)


def test_a_part_whose_guard_has_begun_to_leave_leaves_with_everything() -> None:
    async def story() -> None:
        cue = asyncio.Event()
        async with playing(plan=TARGETS) as play:
            play.script.answers["split_off"] = [waits(cue, play.script.always["split_off"])]
            await play.is_guarded()
            await play.edge.target_is_reached()
            await play.script.was_asked("split_off")
            await play.edge.stop_is_hit()
            await play.comes_to(Doing.LEAVING)
            cue.set()
            settlement = await play.settled()
        assert [leg for _, leg in play.edge.ways] == [0]
        assert settlement.left_over == 0
        assert settlement.state is TradeState.CLOSED
        assert len(play.script.calls_of("split_off")) == 1

    tell(story)


def answer_is_lost(play: Play, cue: asyncio.Event) -> None:
    """The edge splits a part off, and nobody hears of it before the cue; then it knows no more."""
    splits = play.script.always["split_off"]

    async def lost(asked: SplitOff) -> SplitAnswer:
        await splits(asked)
        await cue.wait()
        return NotSplit(asked.key, "nothing of this key is guarded yet", is_over=False)

    play.script.answers["split_off"] = [lost]


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_part_of_which_only_the_end_of_its_guard_tells_that_it_was_split_off_leaves(
    is_answered: bool,
) -> None:
    """Whatever the answer would be: what the guard has let go of is protected by nobody."""

    async def story() -> None:
        cue = asyncio.Event()
        async with playing(plan=TARGETS) as play:
            answer_is_lost(play, cue)
            await play.is_guarded()
            await play.edge.target_is_reached()
            await play.script.was_asked("split_off")
            if is_answered:
                cue.set()
            await play.edge.stop_is_hit()
            await play.script.was_asked("walk", 2)
            cue.set()
            settlement = await play.settled()
        assert sorted(leg for _, leg in play.edge.ways) == [0, 1]
        exits = [order.filled for order in settlement.orders if order.key.purpose.is_exit]
        assert sorted(exits) == [30, 70]
        assert settlement.left_over == 0
        assert settlement.state is TradeState.CLOSED

    tell(story)


def test_a_part_that_was_split_off_unheard_leaves_where_the_stop_has_taken_the_rest() -> None:
    async def story() -> None:
        cue = asyncio.Event()
        async with playing(plan=TARGETS) as play:
            answer_is_lost(play, cue)
            await play.is_guarded()
            await play.edge.target_is_reached()
            await play.script.was_asked("split_off")
            guard = play.edge.guard
            assert guard is not None
            assert guard.shield is not None
            stop = cast.summary(guard.shield.key, 70, 70, "96.00", OrderEnd.FILLED, Side.SELL)
            await play.edge.guard_ends(GuardEnd.SHIELD_FILLED, stop)
            settlement = await play.settled()
            cue.set()
        assert [leg for _, leg in play.edge.ways] == [1]
        assert settlement.left_over == 0

    tell(story)


def test_after_a_target_all_that_has_filled_by_then_is_watched_by_its_stop_of_then() -> None:
    """A day later nobody can read what the entry has filled after the guard was written down."""

    async def story() -> None:
        async with playing(plan=TARGETS) as play:
            await play.is_guarded(60)
            await play.edge.fills(40)
            await play.comes_to(Doing.GUARDING, lambda now: now.entered == 100)
            guard = play.edge.guard
            assert guard is not None
            raised = replace(guard.guarded, level=Resting(Decimal("99.10")))
            play.edge.guard = replace(guard, guarded=raised)
            await play.edge.target_is_reached()
            again = await play.script.was_asked("guard", 2)
            assert again.guard.quantity == 100
            assert again.guard.guarded == raised
            await play.comes_to(Doing.GUARDING, lambda now: now.closed == 30)
            await play.edge.stop_is_hit()
            assert (await play.settled()).left_over == 0

    tell(story)


def test_a_flatten_while_a_part_leaves_takes_the_rest_and_waits_for_both() -> None:
    async def story() -> None:
        cue = asyncio.Event()
        async with playing(plan=TARGETS) as play:
            play.script.answers["walk"] = [waits(cue, play.script.always["walk"])]
            await play.is_guarded()
            await play.edge.target_is_reached()
            part = await play.script.was_asked("walk")
            assert (part.way_out.quantity, part.ladder) == (30, None)
            await play.life.signal(Trade.kill, args=[7, "flatten"])
            await play.script.was_asked("walk", 2)
            cue.set()
            settlement = await play.settled()
        assert settlement.left_over == 0
        assert settlement.state is TradeState.CLOSED
        assert settlement.why == "trading is stopped: flatten, epoch 7"
        assert all(isinstance(w.sent[0].terms, Limit) for w in play.edge.ways.values())

    tell(story)


def test_a_freeze_while_a_part_leaves_keeps_the_rest_guarded() -> None:
    async def story() -> None:
        async with playing(plan=TARGETS) as play:
            await play.is_guarded()
            await play.edge.target_is_reached()
            await play.script.was_asked("split_off")
            await play.life.signal(Trade.kill, args=[7, "freeze"])
            await play.comes_to(Doing.GUARDING, lambda now: now.left == 70)
            assert not play.script.calls_of("amend_guard")
            await play.edge.stop_is_hit()
            assert (await play.settled()).left_over == 0

    tell(story)


def test_a_target_that_is_told_of_twice_is_taken_once() -> None:
    async def story() -> None:
        async with playing(plan=TARGETS) as play:
            await play.is_guarded()
            guard = play.edge.guard
            assert guard is not None
            await play.edge.target_is_reached()
            await play.edge.target_is_reached(guard.target)
            await play.script.was_asked("guard", 3)
            await play.comes_to(Doing.GUARDING, lambda now: now.left == 70)
            assert len(play.script.calls_of("split_off")) == 1
            await play.edge.stop_is_hit()
            assert (await play.settled()).left_over == 0

    tell(story)


def test_a_part_that_fills_too_little_is_known_to_be_closed_elsewhere() -> None:
    async def story() -> None:
        async with playing(plan=TARGETS) as play:
            await play.is_guarded()
            await play.edge.target_is_reached()
            await play.comes_to(Doing.GUARDING, lambda now: now.left == 70)
            play.edge.guard_quantity = Decimal(50)
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        assert settlement.left_over == 20
        assert settlement.why == GuardEnd.LESS_IS_HELD.value
        assert settlement.state is TradeState.CLOSED

    tell(story)


def test_what_the_entry_fills_after_everything_has_left_leaves_as_well() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded(60)
            play.edge.entry_rests_on_cancel = True
            await play.edge.stop_is_hit()
            await play.comes_to(Doing.LEAVING, lambda now: now.closed == 60)
            await play.edge.fills(5, ArmPhase.OVER)
            settlement = await play.settled()
        way = play.edge.ways[play.order.trade, 0]
        assert [walk.ladder.quantity for walk in way.walks if walk.ladder][-1] == 65
        assert settlement.left_over == 0
        assert settlement.state is TradeState.CLOSED
        assert settlement.why == "stop"

    tell(story)
