"""Parts that are split off while something else happens to the stop at the broker."""

import asyncio
from decimal import Decimal

import pytest

from backstay.domain.edge.guards import (
    MoveStop,
    NotSplit,
    Split,
    TargetReached,
)
from backstay.domain.orders.intent import prices_of
from backstay.domain.profile import OPTIMISTIC
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from tests.broker.edge.stage import Stage, play
from tests.broker.edge.test_guards import fall, held
from tests.broker.edge.walking import violations
from tests.broker.guards.parts import TRAIL, next_news, shown, split, target


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
