"""Targets in parts: told of by number, and split off from what is guarded."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.guards import (
    Exit,
    ExitBegun,
    Guard,
    GuardResult,
    LeaveNow,
    MoveStop,
    NotSplit,
    Split,
    SplitOff,
    Target,
    TargetReached,
    resumed,
)
from backstay.domain.edge.walking import Walk, WayOut
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit, prices_of
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import Trail
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from backstay.gateway.profile import PESSIMISTIC as HARD
from backstay.gateway.profile import Profile
from tests.broker.edge.stage import ACCOUNT, Seat, Stage, key, play
from tests.broker.edge.test_guards import ENTRY, EXIT, STOP, fall, held, hold
from tests.broker.edge.walking import violations
from tests.broker.guards.test_leaving import alive

PROFILES = pytest.mark.parametrize(
    ("assumed", "real"), [(PESSIMISTIC, HARD), (OPTIMISTIC, EASY)], ids=["swap", "reshape"]
)
TRAIL = Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal("3.00"))


def target(seat: Seat, price: str, part: int | None, leg: int = 0) -> Target:
    """A target; that of a part leaves as a leg of its own."""
    out = seat.order(Purpose.EXIT_TARGET, 100, Limit(Decimal(price)), Side.SELL)
    out = replace(out, key=key(Purpose.EXIT_TARGET, leg=leg))
    return Target(Decimal(price), seat.stage.approve(out), None if part is None else Decimal(part))


def split(guard: Guard, version: int, part: int, **more: object) -> SplitOff:
    """What is asked for to have a part split off."""
    return SplitOff(guard.key, version, Decimal(part), **more)  # type: ignore[arg-type]


def shown(stage: Stage, ref: str = STOP) -> Decimal:
    """For how much the order is at the broker."""
    (order,) = [
        each for each in stage.gateway.exchange.open_orders() if each.order.order_ref == ref
    ]
    return order.order.quantity


async def next_news(edge: Edge, guard: Guard, after: int = 0) -> GuardResult:
    """The next news of a guard."""
    return await asyncio.wait_for(edge.guard(guard, 1, after), 30)


async def walk_out(stage: Stage, edge: Edge, guard: Guard, seat: Seat, out: Target) -> None:
    """A part leaves as a leg of its own, led by an engine that only walks."""
    part, first = out.part or Decimal(0), out.exit.intent.key
    stop = disaster_stop(
        key(Purpose.PROTECT, leg=first.leg),
        ACCOUNT,
        seat.instrument,
        part,
        Decimal(95),
        held_outside_regular_hours=False,
    )
    rules = replace(guard.ladder, first_key=first, shield=stop, trigger=out.price)
    asked = stage.asked(seat.instrument)
    way_out = WayOut(rules, part, out.exit, stage.approve(stop), asked)
    walked = await asyncio.wait_for(edge.walk(Walk(way_out)), 30)
    assert walked.ladder.is_done, walked


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
        await walking
        await stage.until(lambda: stage.position() == 0, 20)
        await stage.sleep(5)

    stage = play(story)
    assert stage.position() == 0
    assert alive(stage) == set()


def test_a_modification_that_is_refused_leaves_everything_as_it_was() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        one = target(seat, "103.00", 33, 1)
        guard = seat.guard(target=one)
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        answer = await edge.split_off(split(guard, 2, 33))
        assert isinstance(answer, NotSplit)
        assert not answer.is_over
        assert shown(stage) == 100
        state = edge.guard_state(guard.key)
        assert state is not None
        assert [state.quantity, state.version] == [100, 1]
        assert state.target == one
        assert isinstance(await edge.split_off(split(guard, 2, 33)), Split)
        guarding.cancel()

    play(story, rule("freeze-quantity", nth=3, above=60))


@pytest.mark.parametrize("fault", ["reset-before-frame", "reset-after-frame"])
def test_a_modification_that_is_lost_from_view_is_taken_back(fault: str) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(target=target(seat, "103.00", 33, 1))
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        answer = await edge.split_off(split(guard, 2, 33))
        assert isinstance(answer, NotSplit), answer
        assert not answer.is_over
        await stage.sleep(20)
        assert shown(stage) == 100
        assert isinstance(await edge.split_off(split(guard, 2, 33)), Split)
        assert shown(stage) == 67
        guarding.cancel()

    assert violations(play(story, rule(fault, nth=3, kinds=["placeOrder"]))) == []


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


def test_a_trail_that_moves_while_a_part_is_split_off_asks_for_the_stop_as_it_is_then() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(trail=TRAIL, disaster_pct=Decimal(2))
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        await fall(stage, "103.50")
        splitting = asyncio.ensure_future(edge.split_off(split(guard, 2, 33)))
        stage.trade("103.51")
        assert isinstance(await splitting, Split)
        quantities = []
        for _ in range(40):
            quantities.append(shown(stage))
            await stage.sleep(0.1)
        assert set(quantities) == {67}
        state = edge.guard_state(guard.key)
        assert state is not None
        assert state.shield is not None
        assert prices_of(state.shield.terms) > (Decimal(98),)
        guarding.cancel()

    play(story)


def test_a_trail_and_a_split_never_put_each_other_back() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(
            target=target(seat, "103.00", 33, 1), trail=TRAIL, disaster_pct=Decimal(2)
        )
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        stage.trade("102.00")
        splitting = asyncio.ensure_future(edge.split_off(split(guard, 2, 33)))
        stage.trade("102.80")
        assert isinstance(await splitting, Split)
        for price in ("103.50", "105.00", "107.00"):
            stage.trade(price)
            await stage.sleep(6)
        assert shown(stage) == 67
        state = edge.guard_state(guard.key)
        assert state is not None
        assert state.shield is not None
        assert state.shield.quantity == 67
        guarding.cancel()

    play(story)


def test_while_the_entry_can_still_fill_nothing_is_split_off() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02", profile=OPTIMISTIC)
        arming = asyncio.ensure_future(edge.arm(arm, 1))
        await stage.until(lambda: stage.position() == 40)
        await arming
        one = target(seat, "103.00", 30, 1)
        guard = seat.guard(40, shield=seat.stop(100, "95.00"), target=one)
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        stage.show(bid="103.04", ask="103.08", last="103.05", last_size=10)
        await stage.sleep(0.01)
        stage.show(last="103.06", last_size=10)
        assert isinstance(await guarding, TargetReached)
        answer = await edge.split_off(split(guard, 2, 30))
        assert isinstance(answer, NotSplit)
        assert not answer.is_over
        assert shown(stage) == 100

    play(story, profile=EASY)


def test_a_change_that_comes_while_a_part_is_split_off_leaves_everything_as_it_was() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(target=target(seat, "103.00", 33, 1))
        guarding = asyncio.ensure_future(next_news(edge, guard))
        await stage.sleep(1)
        splitting = asyncio.ensure_future(edge.split_off(split(guard, 2, 33)))
        await stage.sleep(0)
        other = await edge.split_off(split(guard, 3, 20))
        assert isinstance(other, NotSplit)
        assert not other.is_over
        edge.amend_guard(guard.key, 3, MoveStop(Decimal(97)))
        answer = await splitting
        assert isinstance(answer, NotSplit)
        assert not answer.is_over
        await stage.sleep(3)
        assert shown(stage) == 100
        assert isinstance(await edge.split_off(split(guard, 4, 33)), Split)
        assert shown(stage) == 67
        guarding.cancel()

    assert violations(play(story)) == []


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
