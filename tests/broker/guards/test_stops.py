"""The stop at the broker while a position is guarded: lost, hunted, unheard, and taken over."""

import asyncio
from decimal import Decimal

import pytest

from backstay.domain.edge.arms import Amended, ArmPhase, Gone, Unfit
from backstay.domain.edge.guards import GuardEnd, GuardEnded, Resize, TightenTrail
from backstay.domain.ids import Purpose
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import Trail
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import Stage, key, play
from tests.broker.edge.test_arms import ABOVE_101, until_phase
from tests.broker.edge.test_guards import ENTRY, STOP, held, hold
from tests.broker.guards.test_leaving import BEFORE_MIDNIGHT, alive

SECOND, THIRD = (str(key(Purpose.PROTECT, generation)) for generation in (2, 3))


@pytest.mark.req("X.1")
def test_a_stop_that_never_arrived_is_put_back_under_the_next_key() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        stage.cancel_by_hand(STOP)
        await stage.sleep(15)
        assert alive(stage) == {THIRD}
        guarding.cancel()

    stage = play(story, rule("placement-swallowed", nth=3))
    assert stage.placed() == [ENTRY, STOP, SECOND, THIRD]


def test_a_stop_that_is_rejected_is_tried_ever_more_slowly_and_at_last_left_to_a_person() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        stage.cancel_by_hand(STOP)
        await stage.sleep(20)
        few = len(stage.placed())
        assert few <= 8
        await stage.sleep(900)
        assert len(stage.placed()) <= 12
        left = [notice for notice in stage.notices if "left to you" in notice.text]
        assert len(left) == 1
        guarding.cancel()

    play(story, *(rule("order-rejected", nth=nth) for nth in range(3, 40)))


def test_a_stop_that_somebody_takes_away_twice_is_left_to_them() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        stage.cancel_by_hand(STOP)
        await stage.sleep(5)
        stage.cancel_by_hand(SECOND)
        await stage.sleep(30)
        guarding.cancel()

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP, SECOND]
    texts = [notice.text for notice in stage.told("naked position")]
    assert texts[:2] == [
        "the stop for 100 AAPL is gone; put back",
        "the stop for 100 AAPL is gone; left to you",
    ]


def test_a_guard_that_names_an_old_stop_takes_up_the_one_that_stands() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        stage.cancel_by_hand(STOP)
        await stage.sleep(3)
        await edge.close()
        guarding.cancel()
        successor = await stage.edge()
        again = asyncio.ensure_future(successor.guard(guard, 1))
        await stage.sleep(3)
        state = successor.guard_state(guard.key)
        assert state is not None
        assert state.shield is not None
        assert str(state.shield.key) == SECOND
        stage.trade("97.80")
        await stage.sleep(0.01)
        stage.trade("97.79")
        await asyncio.wait_for(again, 5)
        await stage.until(lambda: stage.position() == 0, 3)

    stage = play(story)
    assert stage.placed()[:3] == [ENTRY, STOP, SECOND]
    assert stage.standing()[SECOND] == "Cancelled"


def test_a_change_that_makes_no_sense_is_answered_and_uses_up_no_version() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        answer = edge.amend_guard(guard.key, 2, TightenTrail(Decimal(1)))
        assert answer == Unfit(guard.key, "there is no trail to tighten")
        stop = seat.stop(100, "95.00")
        assert edge.amend_guard(guard.key, 2, Resize(Decimal(100), stop)) == Amended(guard.key, 2)
        guarding.cancel()

    assert play(story).placed() == [ENTRY, STOP]


def test_guarding_again_with_a_higher_version_uses_up_no_change() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        trail = Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal("1.50"))
        guard = seat.guard(trail=trail)
        guards = [asyncio.ensure_future(edge.guard(guard, version)) for version in (1, 2)]
        await stage.sleep(1)
        assert edge.amend_guard(guard.key, 2, TightenTrail(Decimal(1))) == Amended(guard.key, 2)
        state = edge.guard_state(guard.key)
        assert state is not None
        assert state.version == 2
        for each in guards:
            each.cancel()

    play(story)


def test_a_guard_that_has_ended_by_itself_can_not_be_released() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        stage.trade("94.00")
        result = await asyncio.wait_for(guarding, 5)
        assert isinstance(result, GuardEnded)
        assert result.why is GuardEnd.SHIELD_FILLED
        assert edge.release(guard.key, 2) == Gone(guard.key, "the position is gone")

    play(story)


def test_a_guard_that_is_held_over_midnight_puts_its_stop_back_on_the_next_day() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge(BEFORE_MIDNIGHT)
        seat = await stage.seat(edge)
        await hold(edge, seat.arm())
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(90)
        stage.cancel_by_hand(STOP)
        await stage.sleep(5)
        assert alive(stage) == {SECOND}
        guarding.cancel()

    play(story)


@pytest.mark.req("X.1")
def test_what_was_filled_before_midnight_gets_another_stop_after_it_without_a_guard() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge(BEFORE_MIDNIGHT)
        seat = await stage.seat(edge)
        await hold(edge, seat.arm())
        await stage.sleep(90)
        stage.cancel_by_hand(STOP)
        await stage.sleep(5)

    assert alive(play(story)) == {SECOND}


def test_a_trigger_that_fires_after_midnight_sends_what_was_asked_for_before() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge(BEFORE_MIDNIGHT)
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        over = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.sleep(90)
        stage.trade("100.50")
        await stage.sleep(1)
        stage.trade("101.20")
        await asyncio.wait_for(over, 20)

    assert play(story).placed() == [ENTRY, STOP]
