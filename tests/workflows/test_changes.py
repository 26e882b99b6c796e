"""Changes of a running trade: in which order they are made, and what is answered to those that make
no sense.
"""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from activities import calls
from backstay.domain.edge.arms import AmendAnswer, Amended, ArmPhase, Gone, Unfit
from backstay.domain.edge.guards import BreakEven, LeaveNow, MoveStop, TightenTrail
from backstay.domain.lifecycle import TradeState
from backstay.domain.trade.standing import Doing
from tests.workflows import cast
from tests.workflows.house import tell
from tests.workflows.stage import playing, waits
from workflows.trade import Trade

TRAIL = cast.PLAN + "\n[stop.trail]\ndistance = 1.50\nactivate_pct = 1\n"


def test_the_same_update_twice_is_one_change() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded()
            one = await play.wants("move_stop", "98.50", id="same")
            two = await play.wants("move_stop", "98.50", id="same")
            assert one == two == "completed: guarding the position"
            assert len(play.script.calls_of("amend_guard")) == 1
            await play.edge.stop_is_hit()
            await play.settled()

    tell(story)


def test_changes_of_the_guard_reach_the_edge_and_are_kept_for_the_next_process() -> None:
    async def story() -> None:
        async with playing(plan=TRAIL) as play:
            await play.is_guarded()
            for name, *args in (
                ("move_stop", "98.40"),
                ("break_even",),
                ("tighten_trail", "0.75"),
            ):
                assert await play.wants(name, *args) == "completed: guarding the position"
            asked = play.script.calls_of("amend_guard")
            changes = await play.life.query(Trade.changes)
            await play.edge.stop_is_hit()
            await play.settled()
        price = Decimal("100.05")
        assert [each.change for each in asked] == [
            MoveStop(Decimal("98.40")),
            BreakEven(price),
            TightenTrail(Decimal("0.75")),
        ]
        assert [(each.version, each.change) for each in changes] == [
            (each.version, each.change) for each in asked
        ]

    tell(story)


def test_two_changes_at_once_are_made_one_after_the_other() -> None:
    async def story() -> None:
        cue = asyncio.Event()
        made: list[int] = []

        async def slow(asked: calls.AmendGuard) -> AmendAnswer:
            await cue.wait()
            return await record(asked)

        async def record(asked: calls.AmendGuard) -> AmendAnswer:
            made.append(asked.version)
            return Amended(asked.key, asked.version)

        async with playing() as play:
            await play.is_guarded()
            play.script.always["amend_guard"] = record
            play.script.answers["amend_guard"] = [slow]
            one = asyncio.create_task(play.wants("move_stop", "98.40"))
            await play.script.was_asked("amend_guard")
            two = asyncio.create_task(play.wants("move_stop", "98.60"))
            for _ in range(20):
                await play.standing()
            assert len(play.script.calls_of("amend_guard")) == 1
            cue.set()
            await asyncio.gather(one, two)
            assert made == [2, 3]
            await play.edge.stop_is_hit()
            await play.settled()

    tell(story)


def test_a_flatten_waits_for_no_other_change_and_none_comes_after_it() -> None:
    async def story() -> None:
        cue = asyncio.Event()
        async with playing() as play:
            await play.is_guarded()
            play.script.answers["amend_guard"] = [
                waits(cue, lambda asked: cast.always(Amended(asked.key, asked.version))(asked)),
                waits(cue, play.script.always["amend_guard"]),
            ]
            moving = asyncio.create_task(play.wants("move_stop", "98.40"))
            await play.script.was_asked("amend_guard")
            await play.life.signal(Trade.kill, args=[7, "flatten"])
            leave = await play.script.was_asked("amend_guard", 2)
            assert isinstance(leave.change, LeaveNow)
            late = asyncio.create_task(play.wants("move_stop", "98.60"))
            await play.comes_to(Doing.GUARDING)
            cue.set()
            await moving
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await late
            assert str(refused.value.cause) == "NotNow: nothing is guarded"
            settlement = await play.settled()
        assert len(play.script.calls_of("amend_guard")) == 2
        assert settlement.left_over == 0

    tell(story)


def test_what_the_edge_objects_to_is_told_in_its_words() -> None:
    async def story() -> None:
        text = "a stop at 499 is not below the price, 100"

        async def unfit(asked: calls.AmendGuard) -> AmendAnswer:
            return Unfit(asked.key, text)

        async with playing(plan=TRAIL) as play:
            await play.is_guarded()
            before = await play.standing()
            for name, *args in (("move_stop", "499"), ("break_even",), ("tighten_trail", "0.5")):
                play.script.answers["amend_guard"] = [unfit]
                with pytest.raises(WorkflowUpdateFailedError) as refused:
                    await play.wants(name, *args)
                assert str(refused.value.cause) == f"NotNow: {text}"
            assert await play.life.query(Trade.changes) == ()
            assert (await play.standing()).stop == before.stop
            await play.wants("move_stop", "98.50")
            (made,) = await play.life.query(Trade.changes)
            assert made.change == MoveStop(Decimal("98.50"))
            await play.edge.stop_is_hit()
            await play.settled()

    tell(story)


REFUSED_WHILE_GUARDED: tuple[tuple[str, tuple[Any, ...], str], ...] = (
    ("cancel", (), "cancel: all 100 have filled; close leaves the position"),
    ("enter", (), "enter: nothing waits to enter, the trade is guarding the position"),
    ("move_stop", ("0",), "move_stop: 0; expected a price above 0"),
    (
        "move_stop",
        ("98.405",),
        "move_stop: 98.405 is between two ticks; nearest are 98.40 and 98.41",
    ),
    ("tighten_trail", ("0.5",), "tighten_trail: the plan has no trail"),
)


def test_a_wish_that_makes_no_sense_is_answered_in_one_line_and_changes_nothing() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded()
            for name, args, text in REFUSED_WHILE_GUARDED:
                with pytest.raises(WorkflowUpdateFailedError) as refused:
                    await play.wants(name, *args)
                assert str(refused.value.cause) == f"NotNow: {text}"
            for name, args in (("move_stop", ("much",)), ("kill", ())):
                with pytest.raises(WorkflowUpdateFailedError):
                    await play.wants(name, *args)
            assert not play.script.calls_of("amend_guard")
            await play.edge.stop_is_hit()
            assert (await play.settled()).state is TradeState.CLOSED

    tell(story)


REFUSED_WHILE_WAITING: tuple[tuple[str, tuple[Any, ...], str], ...] = (
    ("move_stop", ("98",), "nothing is guarded, the trade is waiting for the trigger"),
    ("break_even", (), "nothing is guarded, the trade is waiting for the trigger"),
    ("tighten_trail", ("1",), "nothing is guarded, the trade is waiting for the trigger"),
)


def test_before_anything_has_filled_there_is_no_guard_to_change() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.comes_to(Doing.WAITING)
            for name, args, text in REFUSED_WHILE_WAITING:
                with pytest.raises(WorkflowUpdateFailedError) as refused:
                    await play.wants(name, *args)
                assert str(refused.value.cause) == f"NotNow: {text}"
            await play.edge.reports(ArmPhase.EXPIRED)
            await play.settled()

    tell(story)


def test_nothing_is_entered_by_hand_once_trading_is_stopped() -> None:
    async def story() -> None:
        cue = asyncio.Event()
        async with playing() as play:
            play.script.answers["release"] = [waits(cue, play.script.always["release"])]
            await play.script.was_asked("arm")
            await play.comes_to(Doing.WAITING)
            await play.life.signal(Trade.kill, args=[7, "freeze"])
            await play.script.was_asked("release")
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await play.wants("enter")
            assert str(refused.value.cause) == "NotNow: the entry is called off"
            cue.set()
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert not play.script.calls_of("amend_arm")

    tell(story)


def test_who_asks_during_the_last_step_is_answered_before_it_is_over() -> None:
    async def story() -> None:
        cue = asyncio.Event()
        async with playing() as play:
            await play.is_guarded()
            play.script.answers["amend_guard"] = [
                waits(cue, lambda asked: cast.always(Gone(asked.key, "the exit has begun"))(asked))
            ]
            moving = asyncio.create_task(play.wants("move_stop", "98.40"))
            await play.script.was_asked("amend_guard")
            await play.edge.stop_is_hit()
            await play.comes_to(Doing.OVER)
            cue.set()
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await moving
            assert str(refused.value.cause) == "NotNow: the exit has begun"
            assert (await play.settled()).state is TradeState.CLOSED

    tell(story)
