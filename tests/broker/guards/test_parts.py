"""Targets in parts: told of by number, and split off from what is guarded."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from backstay.domain.edge.guards import (
    Exit,
    ExitBegun,
    LeaveNow,
    NotSplit,
    Split,
    TargetReached,
)
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit
from backstay.domain.profile import BrokerProfile
from backstay.domain.sides import Side
from backstay.gateway.profile import Profile
from tests.broker.edge.stage import Stage, play
from tests.broker.edge.test_guards import ENTRY, EXIT, fall, held, hold
from tests.broker.guards.parts import PROFILES, TRAIL, next_news, shown, split, target, walk_out
from tests.broker.guards.test_leaving import alive


@PROFILES
def test_two_thirds_leave_at_their_targets_and_the_rest_trails(
    assumed: BrokerProfile, real: Profile
) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        one, two = target(seat, "103.00", 33, 1), target(seat, "105.00", 33, 2)
        guard = seat.guard(target=one, trail=TRAIL, disaster_pct=Decimal(2), profile=assumed)
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        await fall(stage, "103.05", "103.06")
        first = await guarding
        assert isinstance(first, TargetReached)
        assert first.revision == 1
        assert first.target == one
        assert stage.position() == 100
        answer = await edge.split_off(split(guard, 2, 33, target=two, break_even=Decimal(101)))
        assert isinstance(answer, Split)
        assert [answer.part, answer.rest] == [33, 67]
        assert shown(stage) == 67
        await walk_out(stage, edge, guard, seat, one)
        assert stage.position() == 67
        guarding = asyncio.ensure_future(next_news(edge, guard, 1))
        await fall(stage, "105.05", "105.06")
        second = await guarding
        assert isinstance(second, TargetReached)
        assert second.revision == 2
        assert second.target == two
        assert isinstance(await edge.split_off(split(guard, 3, 33)), Split)
        await walk_out(stage, edge, guard, seat, two)
        assert [stage.position(), shown(stage)] == [34, 34]
        guarding = asyncio.ensure_future(next_news(edge, guard, 2))
        await fall(stage, "106.00", "106.01", "102.00", "101.99")
        left = await guarding
        assert isinstance(left, ExitBegun)
        assert left.ladder.quantity == 34
        await stage.until(lambda: stage.position() == 0, 20)

    stage = play(story, profile=real)
    assert alive(stage) == set()
    assert not stage.told("naked position")
    assert not stage.told("manual action")


def test_a_target_is_told_again_to_whoever_has_not_heard_of_it_and_only_to_them() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(target=target(seat, "103.00", 33, 1))
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        await fall(stage, "103.05", "103.06")
        first = await guarding
        await fall(stage, "100.00", "103.05", "103.06")
        assert await next_news(edge, guard) == first
        later = asyncio.ensure_future(next_news(edge, guard, 1))
        await stage.sleep(5)
        assert not later.done()
        await fall(stage, "97.80", "97.79")
        result = await later
        assert isinstance(result, ExitBegun)
        for after in (0, 1, 7):
            assert await next_news(edge, guard, after) == result

    play(story)


@PROFILES
def test_a_stop_that_fires_while_a_part_is_split_off_leaves_with_everything(
    assumed: BrokerProfile, real: Profile
) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(target=target(seat, "103.00", 33, 1), profile=assumed)
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        stage.trade("97.80")
        await stage.sleep(0.01)
        splitting = asyncio.ensure_future(edge.split_off(split(guard, 2, 33)))
        stage.trade("97.79")
        answer = await splitting
        assert isinstance(answer, NotSplit)
        assert answer.is_over
        left = await guarding
        assert isinstance(left, ExitBegun)
        assert left.ladder.quantity == 100
        await stage.until(lambda: stage.position() == 0, 20)
        await stage.sleep(5)

    stage = play(story, profile=real)
    assert stage.position() == 0
    assert alive(stage) == set()


def test_a_stop_that_fires_right_after_a_part_was_split_off_leaves_with_the_rest() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        one = target(seat, "103.00", 33, 1)
        guard = seat.guard(target=one)
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        assert isinstance(await edge.split_off(split(guard, 2, 33)), Split)
        walking = asyncio.ensure_future(walk_out(stage, edge, guard, seat, one))
        await fall(stage, "97.80", "97.79")
        left = await guarding
        assert isinstance(left, ExitBegun)
        assert left.ladder.quantity == 67
        assert left.split_off == 33
        await walking
        await stage.until(lambda: stage.position() == 0, 20)
        await stage.sleep(5)

    stage = play(story)
    assert stage.position() == 0
    assert alive(stage) == set()


def test_a_part_is_split_off_once_by_its_version() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(target=target(seat, "103.00", 33, 1))
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        asked = split(guard, 2, 33)
        both = await asyncio.gather(edge.split_off(asked), edge.split_off(asked))
        assert both[0] == both[1]
        assert isinstance(both[0], Split)
        assert await edge.split_off(asked) == both[0]
        assert shown(stage) == 67
        too_much = await edge.split_off(split(guard, 3, 67))
        assert isinstance(too_much, NotSplit)
        assert too_much.is_over
        guarding.cancel()

    play(story)


def test_without_a_stop_at_the_broker_a_part_is_split_off_at_once() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        await hold(edge, seat.arm(stop=None))
        guard = replace(seat.guard(target=target(seat, "103.00", 33, 1)), shield=None)
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        assert isinstance(await edge.split_off(split(guard, 2, 33)), Split)
        await fall(stage, "97.80", "97.79")
        left = await guarding
        assert isinstance(left, ExitBegun)
        assert left.ladder.quantity == 67

    play(story)


def test_the_same_target_goes_on_when_another_part_is_split_off() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        one = target(seat, "103.00", 33, 1)
        guard = seat.guard(target=one)
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        assert isinstance(await edge.split_off(split(guard, 2, 20, target=one)), Split)
        await fall(stage, "103.05", "103.06")
        first = await guarding
        assert isinstance(first, TargetReached)
        assert first.revision == 1
        assert isinstance(await edge.split_off(split(guard, 3, 20, target=one)), Split)
        later = asyncio.ensure_future(next_news(edge, guard, 1))
        await fall(stage, "103.05", "103.06")
        await stage.sleep(3)
        assert not later.done()
        assert shown(stage) == 60
        later.cancel()

    play(story)


@PROFILES
def test_a_hand_leaves_in_that_turn_under_its_own_key(
    assumed: BrokerProfile, real: Profile
) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(profile=assumed)
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        out = seat.order(Purpose.EXIT_MANUAL, 100, Limit(Decimal(98)), Side.SELL)
        leave = LeaveNow(stage.approve(out))
        edge.amend_guard(guard.key, 2, leave)
        left = await guarding
        assert isinstance(left, ExitBegun)
        assert left.why is Exit.HAND
        assert left.ladder.rules.first_key == out.key
        assert edge.amend_guard(guard.key, 2, leave).kind == "amended"
        assert edge.amend_guard(guard.key, 3, leave).kind == "gone"
        await stage.until(lambda: stage.position() == 0, 20)

    stage = play(story, profile=real)
    assert alive(stage) == set()
    assert EXIT not in stage.placed()
    assert stage.placed()[0] == ENTRY
