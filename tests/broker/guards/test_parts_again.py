"""Targets and parts of a guard that a process has left, and another one takes up."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.edge.guards import (
    Exit,
    ExitBegun,
    Headway,
    Split,
    TargetReached,
    resumed,
)
from backstay.domain.ticks.stops import Confirmation, Fired
from tests.broker.edge.stage import Stage, play
from tests.broker.edge.test_guards import fall, held
from tests.broker.edge.walking import violations
from tests.broker.guards.parts import next_news, shown, split, target, walk_out


@pytest.mark.parametrize("is_beating", [True, False], ids=["heartbeat", "no heartbeat"])
def test_after_a_restart_a_target_that_was_heard_is_not_told_again(is_beating: bool) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        one, two = target(seat, "103.00", 33, 1), target(seat, "105.00", 33, 2)
        guard = seat.guard(target=one)
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        await fall(stage, "103.05", "103.06")
        assert isinstance(await guarding, TargetReached)
        state = edge.guard_state(guard.key)
        assert state is not None
        await edge.close()
        successor = await stage.edge()
        again = resumed(guard, state) if is_beating else guard
        guarding = asyncio.ensure_future(next_news(successor, again, 1))
        await fall(stage, "103.05", "103.06")
        await stage.sleep(3)
        assert not guarding.done()
        assert isinstance(await successor.split_off(split(guard, 2, 33, target=two)), Split)
        await fall(stage, "105.05", "105.06")
        second = await guarding
        assert isinstance(second, TargetReached)
        assert second.revision == 2
        assert second.target == two

    play(story)


def test_after_a_restart_a_target_that_was_not_heard_is_told_again_wherever_the_price_is() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(target=target(seat, "103.00", 33, 1))
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        await fall(stage, "103.05", "103.06")
        first = await guarding
        state = edge.guard_state(guard.key)
        assert state is not None
        await edge.close()
        stage.trade("101.00")
        successor = await stage.edge()
        assert await next_news(successor, resumed(guard, state)) == first

    play(story)


@pytest.mark.parametrize("is_beating", [True, False], ids=["heartbeat", "no heartbeat"])
def test_after_a_restart_a_part_that_was_split_off_is_so_again(is_beating: bool) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        one, two = target(seat, "103.00", 33, 1), target(seat, "105.00", None)
        guard = seat.guard(target=one)
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        await fall(stage, "103.05", "103.06")
        await guarding
        asked = split(guard, 2, 33, target=two)
        before = await edge.split_off(asked)
        assert isinstance(before, Split)
        state = edge.guard_state(guard.key)
        assert state is not None
        await edge.close()
        successor = await stage.edge()
        again = resumed(guard, state) if is_beating else guard
        version = state.version if is_beating else 1
        guarding = asyncio.ensure_future(successor.guard(again, version, 1))
        await stage.sleep(1)
        after = await successor.split_off(asked)
        assert isinstance(after, Split)
        assert [after.version, after.part, after.rest] == [2, 33, 67]
        assert shown(stage) == 67
        await walk_out(stage, successor, guard, seat, one)
        await stage.sleep(10)
        assert [stage.position(), shown(stage)] == [67, 67]
        await fall(stage, "105.05", "105.06")
        left = await asyncio.wait_for(guarding, 5)
        assert isinstance(left, ExitBegun)
        assert left.why is Exit.TARGET
        await stage.until(lambda: stage.position() == 0, 20)

    play(story)


@pytest.mark.parametrize("thirds", [1, 2])
def test_after_a_restart_parts_that_have_left_are_split_off_again_without_touching_the_stop(
    thirds: int,
) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        targets = [target(seat, f"10{3 + each}.00", 33, each + 1) for each in range(3)]
        guard = seat.guard(target=targets[0])
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        asked = [split(guard, 2 + n, 33, target=targets[n + 1]) for n in range(thirds)]
        for number, each in enumerate(asked):
            assert isinstance(await edge.split_off(each), Split)
            await walk_out(stage, edge, guard, seat, targets[number])
        left = 100 - 33 * thirds
        assert [stage.position(), shown(stage)] == [left, left]
        placed = stage.placed()
        guarding.cancel()
        await edge.close()
        successor = await stage.edge()
        guarding = asyncio.ensure_future(successor.guard(guard, 1, thirds))
        await stage.sleep(3)
        rests = []
        for each in asked:
            again = await successor.split_off(each)
            assert isinstance(again, Split)
            rests.append(again.rest)
        assert rests[-1] == left
        await stage.sleep(8)
        assert stage.placed() == placed
        assert not stage.told("manual action")
        price = targets[thirds].price
        await fall(stage, str(price), str(price))
        news = await asyncio.wait_for(guarding, 5)
        assert isinstance(news, TargetReached)
        assert news.revision == thirds + 1
        assert news.target == targets[thirds]

    assert violations(play(story)) == []


def test_a_guard_that_is_told_what_was_split_off_takes_none_of_it_for_a_late_fill() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        headway = Headway(told=1, split_off=Decimal(33))
        guard = replace(seat.guard(67, shield=seat.stop(100, "95.00")), headway=headway)
        guarding = asyncio.ensure_future(next_news(edge, guard, 1))
        await stage.sleep(3)
        state = edge.guard_state(guard.key)
        assert state is not None
        assert state.quantity == 67
        assert shown(stage) == 67
        guarding.cancel()

    play(story)


def test_a_guard_that_was_told_too_early_of_its_entry_takes_in_what_has_filled_since() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(next_news(edge, seat.guard(40)))
        await stage.sleep(1)
        await fall(stage, "97.80", "97.79")
        left = await guarding
        assert isinstance(left, ExitBegun)
        assert left.ladder.quantity == 100

    play(story)


def test_a_stop_that_had_fired_before_a_restart_and_sent_nothing_leaves_at_once() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        fired = Fired(Decimal("97.80"), stage.now, Confirmation.TICKS)
        guard = replace(guard, guarded=replace(guard.guarded, breach=fired))
        left = await next_news(edge, guard)
        assert isinstance(left, ExitBegun)
        assert left.why is Exit.STOP
        assert left.naked is not None
        await stage.until(lambda: stage.position() == 0, 20)

    play(story)
