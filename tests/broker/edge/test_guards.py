"""Positions that are guarded at the edge, and how they are left."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from json import loads

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Amended, Arm, ArmPhase, Gone
from backstay.domain.edge.changing import Ended
from backstay.domain.edge.guards import (
    BreakEven,
    Exit,
    ExitBegun,
    GuardEnd,
    GuardEnded,
    MoveStop,
    Target,
)
from backstay.domain.edge.looking import Found
from backstay.domain.edge.submission import Submission
from backstay.domain.exits.members import Role
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit, Market, prices_of
from backstay.domain.orders.outcome import Accepted
from backstay.domain.profile import OPTIMISTIC
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import Trail
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from tests.broker.edge.stage import Seat, Stage, key, play

ENTRY, STOP = str(key(Purpose.ENTRY)), str(key(Purpose.PROTECT))
EXIT, LAST = str(key(Purpose.EXIT_STOP)), str(key(Purpose.EXIT_STOP, 2))


async def hold(edge: Edge, arm: Arm) -> None:
    """Enter, and wait until the position is protected."""
    revision = 0
    while True:
        progress = await asyncio.wait_for(edge.arm(arm, 1, revision), 60)
        assert progress.phase not in (ArmPhase.REFUSED, ArmPhase.MISSED), progress
        if progress.phase is ArmPhase.OVER:
            return
        revision = progress.revision


async def held(stage: Stage) -> tuple[Edge, Seat]:
    """An edge with 100 AAPL, bought at 100.02, whose stop rests at 95."""
    edge = await stage.edge()
    seat = await stage.seat(edge)
    await hold(edge, seat.arm())
    return edge, seat


async def fall(stage: Stage, *prices: str) -> None:
    """Trades at these prices, a moment apart."""
    for price in prices:
        stage.trade(price)
        await stage.sleep(0.01)


def sent_at(stage: Stage, ref: str, message: str = "placeOrder") -> int:
    """When the first such message about an order was read, in broker time."""
    lines = [loads(line) for line in stage.wire]
    came = (
        line["t"]
        for line in lines
        if line["dir"] == "in" and line["msg"] == message and line["ref"] == ref
    )
    return int(next(came))


@pytest.mark.req("S4.5")
def test_a_confirmed_stop_cancels_the_resting_one_and_then_sends_the_limit() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        await fall(stage, "97.80")
        assert stage.standing()[STOP] != "Cancelled"
        await fall(stage, "97.79")
        result = await asyncio.wait_for(guarding, 5)
        assert isinstance(result, ExitBegun)
        assert result.why is Exit.STOP
        assert [member.role for member in result.ladder.members] == [Role.SHIELD, Role.LIMIT]
        await stage.sleep(0.1)
        assert stage.position() == 0

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP, EXIT]
    assert stage.standing()[STOP] == "Cancelled"


@pytest.mark.req("S4.5")
def test_the_edge_goes_on_alone_to_the_last_rung_when_the_engine_is_silent() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        stage.show(bid_size=0)
        await fall(stage, "97.80", "97.79")
        result = await asyncio.wait_for(guarding, 5)
        assert isinstance(result, ExitBegun)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        await stage.until(lambda: stage.position() == 0, 20)
        assert stage.told("task silent")

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP, EXIT, LAST]


@pytest.mark.req("S4.5")
def test_an_engine_that_acts_is_not_doubled_by_the_edge() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        stage.show(bid_size=0)
        await fall(stage, "97.80", "97.79")
        result = await asyncio.wait_for(guarding, 5)
        assert isinstance(result, ExitBegun)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        await stage.sleep(2)
        while not isinstance(await edge.cancel(key(Purpose.EXIT_STOP)), Ended):
            await stage.sleep(0.2)
        con_id, asked = seat.instrument.con_id, stage.asked(seat.instrument)
        assert isinstance(await edge.find(key(Purpose.EXIT_STOP), con_id, asked), Found)
        last = seat.order(Purpose.EXIT_STOP, 100, Market(), Side.SELL, generation=2)
        answer = await edge.submit(Submission(guard.exit, last, stage.asked(seat.instrument)))
        assert isinstance(answer, Accepted)
        await stage.sleep(20)
        assert stage.position() == 0
        assert not stage.told("task silent")

    assert play(story).placed() == [ENTRY, STOP, EXIT, LAST]


def test_where_a_stop_can_be_reshaped_there_is_never_a_second_order() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(profile=OPTIMISTIC)
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        await fall(stage, "97.80", "97.79")
        await asyncio.wait_for(guarding, 5)
        await stage.until(lambda: stage.position() == 0, 20)

    stage = play(story, profile=EASY)
    assert set(stage.placed()) == {ENTRY, STOP}


def test_the_stop_at_the_broker_does_its_work_when_prices_jump_past_both() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        await fall(stage, "94.00")
        result = await asyncio.wait_for(guarding, 5)
        assert isinstance(result, GuardEnded)
        assert result.why is GuardEnd.SHIELD_FILLED
        assert stage.position() == 0

    assert play(story).placed() == [ENTRY, STOP]


def test_a_stop_that_filled_while_we_stood_still_is_known_before_the_quotes_behind_it() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        stage.trade("94.00")
        stage.trade("93.90")
        stage.trade("93.80")
        stage.stand_still(1.5)
        result = await asyncio.wait_for(guarding, 5)
        assert isinstance(result, GuardEnded)
        assert result.why is GuardEnd.SHIELD_FILLED

    assert play(story).placed() == [ENTRY, STOP]


@pytest.mark.req("X.2")
def test_a_position_closed_by_hand_ends_the_guard_and_its_stop() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        result = await asyncio.wait_for(guarding, 60)
        assert isinstance(result, GuardEnded)
        assert result.why is GuardEnd.CLOSED_BY_HAND
        await stage.sleep(2)

    stage = play(story, rule("manual-close", at="+20s", symbol="AAPL"))
    assert stage.position() == 0
    assert stage.standing()[STOP] == "Cancelled"
    assert stage.told("manual action")


def test_a_stop_that_is_cancelled_by_hand_is_put_back() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        stage.cancel_by_hand(STOP)
        await stage.sleep(3)
        assert stage.told("naked position")
        guarding.cancel()

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP, str(key(Purpose.PROTECT, 2))]
    assert stage.standing()[str(key(Purpose.PROTECT, 2))] in ("PreSubmitted", "Submitted")


def test_the_stop_at_the_broker_follows_a_trail_but_not_at_every_step() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        trail = Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal("1.50"))
        guard = seat.guard(trail=trail, disaster_pct=Decimal(2))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        for price in ("101.50", "102.00", "102.50", "103.00", "103.50", "104.00", "104.10"):
            stage.trade(price)
            await stage.sleep(1)
        await stage.sleep(8)
        state = edge.guard_state(guard.key)
        assert state is not None
        assert state.guarded.level.stop == Decimal("102.50")
        guarding.cancel()

    stage = play(story)
    moves = [line for line in stage.orders() if line["ref"] == STOP]
    assert 2 <= stage.placed().count(STOP) <= 4
    assert moves[-1]["status"] in ("PreSubmitted", "Submitted")


def test_a_target_that_is_reached_leaves_under_its_own_key() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        out = seat.order(Purpose.EXIT_TARGET, 100, Limit(Decimal(103)), Side.SELL)
        guard = seat.guard(target=Target(Decimal(103), stage.approve(out)))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        await fall(stage, "103.05", "103.06")
        result = await asyncio.wait_for(guarding, 5)
        assert isinstance(result, ExitBegun)
        assert result.why is Exit.TARGET
        await stage.until(lambda: stage.position() == 0, 20)

    assert play(story).placed() == [ENTRY, STOP, str(key(Purpose.EXIT_TARGET))]


def test_a_position_is_left_at_its_time() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(leave_at=stage.now + timedelta(seconds=30))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(29)
        assert not guarding.done()
        result = await asyncio.wait_for(guarding, 5)
        assert isinstance(result, ExitBegun)
        assert result.why is Exit.TIME
        await stage.until(lambda: stage.position() == 0, 20)

    play(story)


def test_the_operators_changes_are_made_once_by_version() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        assert edge.amend_guard(guard.key, 2, MoveStop(Decimal(96))) == Amended(guard.key, 2)
        assert edge.amend_guard(guard.key, 2, MoveStop(Decimal(99))) == Amended(guard.key, 2)
        await fall(stage, "97.80", "97.79", "97.78")
        await stage.sleep(2)
        assert not guarding.done()
        stage.trade("101.00")
        await stage.sleep(1)
        moved = BreakEven(Decimal("100.02"))
        assert edge.amend_guard(guard.key, 3, moved) == Amended(guard.key, 3)
        await fall(stage, "99.50", "99.49")
        assert isinstance(await asyncio.wait_for(guarding, 5), ExitBegun)
        assert isinstance(edge.amend_guard(guard.key, 4, moved), Gone)
        assert isinstance(edge.release(guard.key, 4), Gone)

    play(story)


def test_the_stop_at_the_broker_follows_the_operators_hand() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(disaster_pct=Decimal(2))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        stage.trade("101.00")
        await stage.sleep(1)
        moved = BreakEven(Decimal("100.02"))
        assert edge.amend_guard(guard.key, 2, moved) == Amended(guard.key, 2)
        await stage.sleep(1)
        state = edge.guard_state(guard.key)
        assert state is not None
        assert state.shield is not None
        assert prices_of(state.shield.terms) == (Decimal("98.01"),)
        guarding.cancel()

    assert play(story).placed() == [ENTRY, STOP, STOP]


def test_a_guard_that_is_released_leaves_the_stop_where_it_is() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        assert edge.release(guard.key, 2) == Amended(guard.key, 2)
        result = await guarding
        assert isinstance(result, GuardEnded)
        assert result.why is GuardEnd.RELEASED

    stage = play(story)
    assert stage.position() == 100
    assert stage.standing()[STOP] in ("PreSubmitted", "Submitted")


def test_after_a_crash_in_the_gap_of_a_swap_the_position_is_protected_or_left() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        await fall(stage, "97.80")
        stage.trade("97.79")
        # The cancel of the stop has left, and the process dies before it is proven.
        await asyncio.sleep(0.0005)
        await edge.close()
        with pytest.raises(asyncio.CancelledError):
            await guarding
        stage.trade("97.90")
        new = await stage.edge()
        again = replace(guard, guarded=guard.guarded)
        task = asyncio.ensure_future(new.guard(again, 1))
        await stage.sleep(5)
        alive = [
            ref
            for ref, status in stage.standing().items()
            if status in ("PreSubmitted", "Submitted")
        ]
        assert stage.position() == 0 or alive
        task.cancel()

    play(story)
