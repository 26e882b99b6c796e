"""Entries that live long: killed, amended, handed over, begun anew, and asked about by others."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import (
    Amended,
    ArmPhase,
    ExtendUntil,
    FireNow,
    Gone,
    MoveTrigger,
    Progress,
    Unfit,
)
from backstay.domain.edge.session import SessionState
from backstay.domain.ids import Purpose
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.orders.intent import Limit
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import Seat, Stage, key, play
from tests.broker.edge.test_arms import ABOVE_101, ENTRY, STOP, until_phase

FROZEN = KillState(1, KillMode.FREEZE)
ALIVE = ("PreSubmitted", "Submitted")


def alive(stage: Stage) -> set[str]:
    """The references of what lives at the broker."""
    return {ref for ref, status in stage.standing().items() if status in ALIVE}


def test_what_was_fired_by_hand_is_not_fired_by_its_trigger_too() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="99.00", trigger=ABOVE_101)
        working = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.WORKING))
        await stage.sleep(1)
        edge.amend_arm(arm.key, 2, FireNow())
        await working
        again = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.SENDING))
        await stage.sleep(1)
        stage.trade("100.50")
        await stage.sleep(1)
        stage.trade("101.20")
        await stage.sleep(3)
        assert not again.done()
        again.cancel()

    assert play(story).placed() == [ENTRY, STOP]


@pytest.mark.req("S3.2")
def test_a_kill_reaches_an_entry_although_its_cancel_was_lost_with_the_connection() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="99.00")
        await until_phase(stage, edge, arm, ArmPhase.WORKING)
        stage.cut()
        await stage.sleep(0.1)
        edge.set_epoch(FROZEN)
        await edge.synced()
        await stage.sleep(0.5)
        assert alive(stage) == set()

    play(story)


@pytest.mark.req("S3.2")
def test_a_kill_goes_on_until_an_entry_is_over_but_not_at_the_speed_of_its_refusals() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="99.00")
        await until_phase(stage, edge, arm, ArmPhase.WORKING)
        edge.set_epoch(FROZEN)
        await stage.sleep(4)
        assert alive(stage) == {ENTRY, STOP}
        await until_phase(stage, edge, arm, ArmPhase.OVER)

    stage = play(story, rule("cancel-refused", nth=1))
    cancels = [line for line in stage.wire if '"cancelOrder"' in line and '"in"' in line]
    assert len(cancels) == 2


@pytest.mark.req("S3.2")
def test_a_successor_that_knows_of_the_kill_cancels_what_it_finds() -> None:
    async def story(stage: Stage) -> None:
        old = await stage.edge()
        seat = await stage.seat(old)
        arm = seat.arm(limit="99.00")
        await until_phase(stage, old, arm, ArmPhase.WORKING)
        await old.close()
        new = await stage.edge()
        new.set_epoch(FROZEN)
        await until_phase(stage, new, arm, ArmPhase.OVER)
        waits = seat.arm(trigger=ABOVE_101)
        waits = replace(
            waits,
            entry=stage.approve(seat.order(Purpose.ENTRY, 5, Limit(Decimal(99)), generation=2)),
            protection=None,
        )
        refused = await until_phase(stage, new, waits, ArmPhase.REFUSED)
        assert refused.refusal is not None
        assert refused.refusal.code == "killed"

    assert alive(play(story)) == set()


async def left_behind(stage: Stage) -> None:
    """An entry at work, whose process is gone, and which nobody arms again."""
    old = await stage.edge()
    seat = await stage.seat(old)
    await until_phase(stage, old, seat.arm(limit="99.00"), ArmPhase.WORKING)
    await old.close()


def cancels_of(stage: Stage) -> list[str]:
    """Every cancel that was read."""
    return [line for line in stage.wire if '"cancelOrder"' in line and '"in"' in line]


@pytest.mark.req("S3.2")
def test_a_kill_ends_an_entry_that_nobody_has_armed_before_a_session_is_ready() -> None:
    async def story(stage: Stage) -> None:
        await left_behind(stage)
        new = await stage.edge(synced=False)
        await stage.sleep(5)
        assert alive(stage) == {ENTRY, STOP}
        new.set_epoch(FROZEN)
        await stage.sleep(0.5)
        assert alive(stage) == set()
        assert new.health().session.state is SessionState.SYNCING

    stage = play(story, rule("request-unanswered", kinds=["reqCompletedOrders"], nth=2))
    assert len(cancels_of(stage)) == 1


@pytest.mark.req("S3.2")
def test_a_session_that_begins_after_a_kill_ends_what_it_is_shown_at_once() -> None:
    async def story(stage: Stage) -> None:
        await left_behind(stage)
        new = await stage.edge(synced=False)
        new.set_epoch(FROZEN)
        await stage.sleep(0.5)
        assert alive(stage) == set()
        assert new.health().session.state is SessionState.SYNCING

    play(story, rule("request-unanswered", kinds=["reqCompletedOrders"], nth=2))


@pytest.mark.req("S3.2")
def test_what_nobody_has_armed_is_cancelled_again_until_it_is_over() -> None:
    async def story(stage: Stage) -> None:
        await left_behind(stage)
        new = await stage.edge()
        new.set_epoch(FROZEN)
        await stage.sleep(4.5)
        assert alive(stage) == {ENTRY, STOP}
        await stage.sleep(2)
        assert alive(stage) == set()
        await stage.sleep(20)

    stage = play(story, rule("cancel-refused", nth=1))
    assert len(cancels_of(stage)) == 2


@pytest.mark.req("S3.2")
def test_without_a_kill_nobody_touches_an_entry_that_nobody_has_armed() -> None:
    async def story(stage: Stage) -> None:
        await left_behind(stage)
        new = await stage.edge()
        new.set_epoch(KillState(1))
        await stage.sleep(10)
        assert alive(stage) == {ENTRY, STOP}

    assert cancels_of(play(story)) == []


async def filled_in_part(stage: Stage) -> tuple[Edge, Seat, asyncio.Task[Progress]]:
    """An entry of 100 of which 40 have filled, and who waits for its end."""
    edge = await stage.edge()
    seat = await stage.seat(edge)
    stage.show(ask_size=40)
    arm = seat.arm(limit="100.02")
    over = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
    await stage.until(lambda: stage.position() == 40)
    return edge, seat, over


def test_an_entry_is_over_although_a_hand_has_closed_what_no_stop_protects() -> None:
    async def story(stage: Stage) -> None:
        _, _, over = await filled_in_part(stage)
        await stage.until(lambda: stage.position() == 0)
        await stage.sleep(5.5)
        assert not over.done()
        progress = await asyncio.wait_for(over, 10)
        assert progress.entry is not None
        assert progress.entry.filled == 40
        assert alive(stage) == set()

    rejected = [rule("order-rejected", nth=nth) for nth in range(3, 9)]
    play(story, *rejected, rule("manual-order", at="+10s", side="SELL", quantity=40))


def test_after_trading_is_resumed_an_arm_waits_again() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        edge.set_epoch(FROZEN)
        edge.set_epoch(KillState(2))
        arm = seat.arm(trigger=ABOVE_101)
        waiting = asyncio.ensure_future(edge.arm(arm, 1))
        await stage.sleep(3)
        assert not waiting.done()
        waiting.cancel()

    play(story)


def test_a_guard_that_takes_over_early_leaves_the_entry_to_its_arm() -> None:
    async def story(stage: Stage) -> None:
        edge, seat, over = await filled_in_part(stage)
        guard = seat.guard(40, shield=seat.stop(100, "95.00"))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await asyncio.wait_for(over, 10)
        guarding.cancel()

    stage = play(story)
    second = str(key(Purpose.PROTECT, 2))
    assert stage.placed() == [ENTRY, STOP, second]
    assert alive(stage) == {second}


def test_a_second_entry_of_a_leg_leaves_the_stop_of_the_first_alone() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02")
        await until_phase(stage, edge, arm, ArmPhase.OVER)
        entry = seat.order(Purpose.ENTRY, 60, Limit(Decimal("100.10")), generation=2)
        stop = replace(seat.stop(60, "95.00", 3), parent=entry.key)
        second = replace(
            arm,
            entry=stage.approve(entry),
            protection=stage.approve(stop),
            asked=stage.asked(seat.instrument),
        )
        over = asyncio.ensure_future(until_phase(stage, edge, second, ArmPhase.OVER))
        await stage.sleep(1)
        stage.trade("100.01")
        await over
        await stage.sleep(5)
        assert stage.position() == 100

    stage = play(story)
    assert alive(stage) == {str(key(Purpose.PROTECT, 2)), str(key(Purpose.PROTECT, 3))}


def test_a_second_entry_of_a_leg_is_refused_while_the_first_is_not_over() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="99.00")
        await until_phase(stage, edge, arm, ArmPhase.WORKING)
        entry = seat.order(Purpose.ENTRY, 60, Limit(Decimal("100.10")), generation=2)
        second = replace(arm, entry=stage.approve(entry), protection=None)
        refused = await until_phase(stage, edge, second, ArmPhase.REFUSED)
        assert "is not over" in refused.why

    assert play(story).placed() == [ENTRY, STOP]


def test_arming_again_with_a_higher_version_uses_up_no_change() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waits = [asyncio.ensure_future(edge.arm(arm, version)) for version in (1, 2)]
        await stage.sleep(1)
        edge.amend_arm(arm.key, 2, FireNow())
        await stage.sleep(1)
        for waiting in waits:
            assert (await waiting).entry is not None

    assert play(story).placed() == [ENTRY, STOP]


def test_a_change_that_makes_no_sense_is_answered_and_changes_nothing() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waiting = asyncio.ensure_future(edge.arm(arm, 1))
        await stage.sleep(1)
        other = stage.approve(replace(arm.entry.intent, key=key(Purpose.ENTRY, 2)))
        later = stage.now + timedelta(hours=1)
        assert isinstance(edge.amend_arm(arm.key, 2, ExtendUntil(later, other)), Unfit)
        child = stage.approve(replace(arm.entry.intent, parent=key(Purpose.ENTRY, 2)))
        assert isinstance(edge.amend_arm(arm.key, 2, ExtendUntil(later, child)), Unfit)
        stage.cut()
        await stage.sleep(0.1)
        edge.amend_arm(arm.key, 2, FireNow())
        assert isinstance(edge.amend_arm(arm.key, 3, MoveTrigger(ABOVE_101)), Unfit)
        await waiting

    play(story)


def test_an_entry_that_cannot_be_written_is_refused_each_time_it_is_asked_about() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(stop=None)
        child = replace(arm.entry.intent, parent=key(Purpose.ENTRY, 9))
        bad = replace(arm, entry=replace(arm.entry, intent=child))
        for _ in range(2):
            progress = await asyncio.wait_for(edge.arm(bad, 1), 10)
            assert progress.phase is ArmPhase.REFUSED
            assert "can't be written" in progress.why

    assert play(story).placed() == []


def test_an_arm_of_another_day_is_not_sent_but_told_of_at_once() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(trigger=ABOVE_101)
        old = replace(arm, asked=replace(arm.asked, at=stage.now - timedelta(days=1)))
        await until_phase(stage, edge, old, ArmPhase.UNKNOWN)
        assert stage.told("order unknown")

    assert play(story).placed() == []


def test_when_the_edge_closes_nobody_goes_on_waiting_and_nothing_is_known_here() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waiting = asyncio.ensure_future(edge.arm(arm, 1))
        await stage.sleep(1)
        await edge.close()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert isinstance(edge.release(arm.key, 2), Gone)

    assert play(story).placed() == []


def test_a_limit_that_goes_with_its_trigger_goes_with_the_one_that_is_given_instead() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.10", trigger=ABOVE_101, limit_offset=Decimal("0.10"))
        over = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.sleep(1)
        other = MoveTrigger(replace(ABOVE_101, price=Decimal(103)))
        assert edge.amend_arm(arm.key, 2, other) == Amended(arm.key, 2)
        stage.trade("102.50")
        await stage.sleep(1)
        stage.trade("103.02")
        await over
        assert stage.position() == 100

    assert play(story).placed() == [ENTRY, STOP]
