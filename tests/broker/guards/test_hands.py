"""What a hand does while a position is guarded: in TWS, and through the engine."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Amended, ArmPhase
from backstay.domain.edge.guards import (
    Exit,
    ExitBegun,
    Guard,
    GuardEnd,
    GuardEnded,
    LeaveNow,
    MoveStop,
    NotSplit,
    SplitOff,
    resumed,
)
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit, prices_of
from backstay.domain.profile import OPTIMISTIC
from backstay.domain.sides import Side
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from tests.broker.edge.stage import Seat, Stage, key, play
from tests.broker.edge.test_arms import until_phase
from tests.broker.edge.test_guards import ENTRY, STOP, fall, held, hold
from tests.broker.edge.test_walks import trading
from tests.broker.edge.walking import violations
from tests.broker.guards.parts import next_news, shown
from tests.broker.guards.test_leaving import alive

SOLD_BY_HAND = rule("manual-order", at="+20s", side="SELL", quantity=40)


def leave_now(seat: Seat, quantity: int = 100) -> LeaveNow:
    """A hand's way out, approved."""
    out = seat.order(Purpose.EXIT_MANUAL, quantity, Limit(Decimal(98)), Side.SELL)
    return LeaveNow(seat.stage.approve(out))


async def left_by_hand(stage: Stage, edge: Edge, guard: Guard) -> ExitBegun:
    """The exit that has begun, and the position flat behind it."""
    left = await next_news(edge, guard)
    assert isinstance(left, ExitBegun)
    assert left.why is Exit.HAND
    await stage.until(lambda: stage.position() == 0, 30)
    return left


@pytest.mark.req("S4.1")
def test_an_end_that_is_heard_of_late_has_what_the_stop_has_filled_after_its_cancel() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        at_once = await asyncio.wait_for(edge.guard(guard, 1), 60)
        await stage.sleep(3)
        late = await edge.guard(guard, 1)
        assert isinstance(at_once, GuardEnded)
        assert isinstance(late, GuardEnded)
        assert late.why is at_once.why is GuardEnd.CLOSED_BY_HAND
        assert late.at == at_once.at
        assert [order.filled for order in at_once.orders] == [0]
        assert [order.filled for order in late.orders] == [100]

    sold = rule("manual-order", at="+20s", side="SELL", quantity=100)
    play(story, sold, rule("fill-after-cancel", nth=1))


@pytest.mark.req("X.2")
def test_what_a_hand_sells_in_tws_is_taken_off_the_stop_and_off_the_way_out() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.until(lambda: stage.position() == 60)
        await stage.sleep(3)
        assert shown(stage) == 60
        texts = [notice.text for notice in stage.told("manual action")]
        assert "40 is held no more: closed by somebody else, or split" in texts
        await fall(stage, "97.80", "97.79")
        left = await asyncio.wait_for(guarding, 5)
        assert isinstance(left, ExitBegun)
        assert left.ladder.quantity == 60
        await stage.until(lambda: stage.position() == 0, 20)
        await stage.sleep(10)
        assert stage.position() == 0

    stage = play(story, SOLD_BY_HAND)
    assert alive(stage) == set()


def test_of_two_trades_in_a_contract_the_older_one_loses_what_a_hand_has_sold() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        other = Seat(seat.instrument, stage, "T7K2M9QY")
        older, newer = seat.guard(), other.guard
        guards = [asyncio.ensure_future(edge.guard(older, 1))]
        await hold(edge, other.arm())
        guards.append(asyncio.ensure_future(edge.guard(newer(), 1)))
        assert stage.position() == 200
        await stage.until(lambda: stage.position() == 160)
        await stage.sleep(3)
        assert shown(stage) == 60
        assert shown(stage, str(key(Purpose.PROTECT, trade=other.trade))) == 100
        for guarding in guards:
            guarding.cancel()

    play(story, SOLD_BY_HAND)


def test_a_trade_of_which_a_hand_has_sold_all_is_over_although_another_one_is_held() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        other = Seat(seat.instrument, stage, "T7K2M9QY")
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await hold(edge, other.arm())
        newer = asyncio.ensure_future(edge.guard(other.guard(), 1))
        ended = await asyncio.wait_for(guarding, 60)
        assert isinstance(ended, GuardEnded)
        assert ended.why is GuardEnd.LESS_IS_HELD
        assert [order.key for order in ended.orders] == [key(Purpose.PROTECT)]
        await stage.sleep(5)
        assert alive(stage) == {str(key(Purpose.PROTECT, trade=other.trade))}
        newer.cancel()

    play(story, rule("manual-order", at="+20s", side="SELL", quantity=100))


def test_a_way_out_that_begins_just_after_a_hand_has_sold_all_comes_to_its_end() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.until(lambda: stage.position() == 0)
        assert edge.amend_guard(guard.key, 2, leave_now(seat)) == Amended(guard.key, 2)
        await asyncio.wait_for(guarding, 60)
        await stage.sleep(10)
        refused = len(stage.told("exit unresolved"))
        await stage.sleep(60)
        assert len(stage.told("exit unresolved")) == refused
        texts = [notice.text for notice in stage.told("manual action")]
        assert GuardEnd.CLOSED_BY_HAND.value in texts
        assert stage.position() == 0

    stage = play(story, rule("manual-order", at="+20s", side="SELL", quantity=100))
    assert alive(stage) == set()


def test_what_a_way_out_has_closed_is_no_hand_s_while_a_session_still_owes_its_execution() -> None:
    """The position is told at once, the execution only by the next session."""
    name = str(key(Purpose.EXIT_MANUAL)).rpartition(":")[0]
    late = rule("placement-acknowledged-late", reference=name, delay="2s")

    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        assert edge.amend_guard(guard.key, 2, leave_now(seat)) == Amended(guard.key, 2)
        await stage.until(lambda: stage.position() == 0)
        await stage.sleep(0.01)
        stage.restart_gateway(20)
        left = await asyncio.wait_for(guarding, 60)
        assert isinstance(left, ExitBegun)
        assert left.ladder.left == 100
        await stage.sleep(60)
        assert stage.told("manual action") == []
        assert not stage.told("order overfilled")

    play(story, late)


@pytest.mark.req("X.2")
@pytest.mark.parametrize("is_cut", [False, True])
def test_the_stop_of_what_a_hand_has_sold_is_cancelled_until_it_is_over(is_cut: bool) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.until(lambda: stage.position() == 0)
        await stage.sleep(0.1)
        if is_cut:
            stage.restart_gateway(down_seconds=4)
        ended = await asyncio.wait_for(guarding, 60)
        assert isinstance(ended, GuardEnded)
        assert ended.why is GuardEnd.CLOSED_BY_HAND
        await stage.sleep(20)
        assert alive(stage) == set()

    sold = rule("manual-order", at="+20s", side="SELL", quantity=100)
    is_lost = rule("cancel-unanswered", nth=1, then="never")
    play(story, sold, *(() if is_cut else (is_lost,)))


def test_a_stop_that_a_hand_loosens_takes_the_one_at_the_broker_along() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        shield = seat.stop(100, "96.04")
        guard = replace(seat.guard(shield=shield), disaster_pct=Decimal(2))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        assert edge.amend_guard(guard.key, 2, MoveStop(Decimal(94))) == Amended(guard.key, 2)
        await stage.sleep(8)
        state = edge.guard_state(guard.key)
        assert state is not None
        assert state.shield is not None
        assert prices_of(state.shield.terms) == (Decimal("92.12"),)
        await fall(stage, "94.50", "94.49")
        await stage.sleep(2)
        assert stage.position() == 100
        guarding.cancel()

    play(story)


def test_a_hand_leaves_while_the_entry_still_fills() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02", profile=OPTIMISTIC)
        over = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.until(lambda: stage.position() == 40)
        guard = seat.guard(40, shield=seat.stop(100, "95.00"))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        assert edge.amend_guard(guard.key, 2, leave_now(seat)) == Amended(guard.key, 2)
        await left_by_hand(stage, edge, guard)
        await guarding
        await over
        await stage.sleep(10)
        assert stage.position() == 0

    stage = play(story, profile=EASY)
    assert stage.standing()[ENTRY] in ("Cancelled", "Filled")
    assert alive(stage) == set()


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_hand_that_meets_a_halt_waits_behind_the_stop_and_leaves_at_resumption(
    is_restarted: bool,
) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        trading(stage, "halt")
        await stage.sleep(1)
        edge.amend_guard(guard.key, 2, leave_now(seat))
        await stage.sleep(5)
        assert not guarding.done()
        assert alive(stage) == {STOP}
        assert stage.told("exit waits")
        if is_restarted:
            state = edge.guard_state(guard.key)
            assert state is not None
            await edge.close()
            edge = await stage.edge()
            guard = resumed(guard, state)
            guarding = asyncio.ensure_future(edge.guard(guard, state.version))
            await stage.sleep(2)
        trading(stage, "resume")
        stage.show(bid="99.98", ask="100.02", bid_size=500)
        await left_by_hand(stage, edge, guard)
        await guarding

    assert alive(play(story)) == set()


def test_a_hand_that_leaves_while_a_part_is_split_off_leaves_with_everything() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        asked = SplitOff(guard.key, 2, Decimal(33))
        splitting = asyncio.ensure_future(edge.split_off(asked))
        await stage.sleep(0)
        edge.amend_guard(guard.key, 3, leave_now(seat))
        answer = await splitting
        assert isinstance(answer, NotSplit)
        assert answer.is_over
        left = await left_by_hand(stage, edge, guard)
        assert left.ladder.quantity == 100
        await guarding
        await stage.sleep(5)

    stage = play(story)
    assert alive(stage) == set()
    assert violations(stage) == []


def test_after_a_crash_an_exit_by_hand_is_gone_on_with_under_its_own_key() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        stage.show(bid_size=0)
        edge.amend_guard(guard.key, 2, leave_now(seat))
        await guarding
        await edge.close()
        successor = await stage.edge()
        left = await next_news(successor, guard)
        assert isinstance(left, ExitBegun)
        assert left.why is Exit.HAND
        stage.show(bid="99.00", ask="99.04", bid_size=500)
        await stage.until(lambda: stage.position() == 0, 30)
        await stage.sleep(10)

    stage = play(story)
    assert stage.position() == 0
    assert alive(stage) == set()
