"""Entries that are armed at the edge, and what becomes of them at the gateway."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import (
    Amended,
    Arm,
    ArmPhase,
    ExtendUntil,
    FireNow,
    Gone,
    MoveTrigger,
    Progress,
)
from backstay.domain.ids import Purpose
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.profile import OPTIMISTIC
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger, Waiting
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from tests.broker.edge.stage import Stage, key, play

ENTRY, STOP = str(key(Purpose.ENTRY)), str(key(Purpose.PROTECT))
ABOVE_101 = Trigger(Decimal(101), Crossing.ABOVE)


async def until_phase(stage: Stage, edge: Edge, arm: Arm, phase: ArmPhase) -> Progress:
    """The progress in which an arm has come to a phase."""
    revision = 0
    while True:
        progress = await asyncio.wait_for(edge.arm(arm, 1, revision), 60)
        if progress.phase is phase:
            return progress
        revision = progress.revision


@pytest.mark.req("X.1")
def test_an_entry_leaves_with_its_stop_in_one_write_and_ends_protected() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        progress = await until_phase(stage, edge, seat.arm(), ArmPhase.OVER)
        assert progress.entry is not None
        assert progress.entry.filled == 100
        assert progress.naked is not None
        assert progress.naked.quantity == 0
        assert stage.position() == 100

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP]
    assert stage.standing()[STOP] in ("PreSubmitted", "Submitted")
    assert stage.notices == []


def test_a_trigger_is_watched_and_fires_once() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waiting = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.sleep(1)
        stage.trade("100.50")
        await stage.sleep(1)
        assert stage.placed() == []
        stage.trade("101.20")
        progress = await waiting
        assert progress.entry is not None
        assert progress.entry.filled == 100

    assert play(story).placed() == [ENTRY, STOP]


def test_what_nobody_saw_cross_is_missed() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.trade("102.00")
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waiting = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.MISSED))
        await stage.sleep(2)
        stage.trade("102.10")
        await waiting

    assert play(story).placed() == []


def test_a_wait_ends_at_its_time() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        ends = stage.now + timedelta(seconds=30)
        arm = seat.arm(trigger=ABOVE_101, expires_at=ends)
        await until_phase(stage, edge, arm, ArmPhase.EXPIRED)
        assert abs(stage.now - ends) < timedelta(seconds=1)
        stage.trade("101.20")
        await stage.sleep(5)

    assert play(story).placed() == []


def test_the_brokers_rejection_ends_it_with_its_reason() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        progress = await until_phase(stage, edge, seat.arm(), ArmPhase.REFUSED)
        assert progress.rejection is not None
        assert progress.rejection.code == 201

    assert play(story, rule("order-rejected", nth=1)).position() == 0


def test_changes_reach_a_waiting_arm_once_by_version() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waiting = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.sleep(1)
        higher = MoveTrigger(replace(ABOVE_101, price=Decimal(103)))
        assert edge.amend_arm(arm.key, 2, higher) == Amended(arm.key, 2)
        assert edge.amend_arm(arm.key, 2, FireNow()) == Amended(arm.key, 2)
        stage.trade("100.50")
        await stage.sleep(1)
        stage.trade("101.20")
        await stage.sleep(1)
        assert stage.placed() == []
        later = ExtendUntil(stage.now + timedelta(hours=2), arm.entry)
        assert edge.amend_arm(arm.key, 3, later) == Amended(arm.key, 3)
        assert edge.amend_arm(arm.key, 4, FireNow()) == Amended(arm.key, 4)
        await waiting
        assert isinstance(edge.amend_arm(arm.key, 5, FireNow()), Gone)
        assert isinstance(edge.release(arm.key, 5), Gone)

    assert play(story).placed() == [ENTRY, STOP]


def test_an_arm_that_is_released_never_fires() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waiting = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.WITHDRAWN))
        await stage.sleep(1)
        stage.trade("100.50")
        assert edge.release(arm.key, 2) == Amended(arm.key, 2)
        await waiting
        stage.trade("101.20")
        await stage.sleep(2)
        assert (await edge.arm(arm, 3)).phase is ArmPhase.WITHDRAWN

    assert play(story).placed() == []


def test_a_new_process_follows_what_the_old_one_has_sent_and_sends_nothing() -> None:
    async def story(stage: Stage) -> None:
        old = await stage.edge()
        seat = await stage.seat(old)
        arm = seat.arm(limit="99.00")
        await until_phase(stage, old, arm, ArmPhase.WORKING)
        await old.close()
        new = await stage.edge()
        await until_phase(stage, new, arm, ArmPhase.WORKING)
        stage.trade("98.90")
        progress = await until_phase(stage, new, arm, ArmPhase.OVER)
        assert progress.entry is not None
        assert progress.entry.filled == 100

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP]
    assert stage.position() == 100


def test_a_waiting_trigger_survives_the_loss_of_the_connection() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waiting = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.sleep(1)
        stage.cut()
        await stage.sleep(5)
        await edge.synced()
        await stage.sleep(2)
        stage.trade("100.50")
        await stage.sleep(1)
        stage.trade("101.20")
        await waiting

    assert play(story).placed() == [ENTRY, STOP]


@pytest.mark.req("X.1")
def test_a_partial_fill_that_its_stop_does_not_cover_gets_a_stop_of_its_own() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02")
        progress = await until_phase(stage, edge, arm, ArmPhase.OVER)
        assert progress.entry is not None
        assert progress.entry.filled == 40
        assert [stop.key.generation for stop in progress.stops] == [1, 2]
        assert stage.position() == 40

    stage = play(story)
    second = str(key(Purpose.PROTECT, 2))
    assert stage.placed() == [ENTRY, STOP, second]
    assert stage.standing()[ENTRY] == "Cancelled"
    assert stage.standing()[STOP] == "Cancelled"
    assert stage.standing()[second] in ("PreSubmitted", "Submitted")


def test_where_a_child_covers_a_partial_parent_nothing_is_cancelled() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02", profile=OPTIMISTIC)
        waiting = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.sleep(10)
        assert stage.position() == 40
        assert not waiting.done()
        stage.show(ask_size=500)
        await waiting

    stage = play(story, profile=EASY)
    assert stage.placed() == [ENTRY, STOP]
    assert stage.position() == 100


@pytest.mark.req("S3.2")
def test_a_kill_refuses_what_waits_and_cancels_what_works() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        other = await stage.seat(edge, "MSFT", "Z0000001")
        waits = asyncio.ensure_future(
            until_phase(stage, edge, other.arm(trigger=ABOVE_101), ArmPhase.REFUSED)
        )
        works = seat.arm(limit="99.00")
        await until_phase(stage, edge, works, ArmPhase.WORKING)
        edge.set_epoch(KillState(1, KillMode.FREEZE))
        await waits
        await until_phase(stage, edge, works, ArmPhase.OVER)
        third = await stage.seat(edge, "SPY", "Z0000002")
        refused = await until_phase(stage, edge, third.arm(), ArmPhase.REFUSED)
        assert refused.refusal is not None
        assert refused.refusal.code == "killed"

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP]
    assert stage.standing()[ENTRY] == "Cancelled"


def test_what_could_not_leave_without_a_session_leaves_when_it_is_back() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waiting = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.sleep(1)
        stage.cut()
        await stage.sleep(0.1)
        assert edge.amend_arm(arm.key, 2, FireNow()) == Amended(arm.key, 2)
        stage.trade("101.20")
        progress = await edge.arm(arm, 2)
        assert progress.phase is ArmPhase.WAITING
        assert progress.why.startswith("by hand; it leaves as soon as")
        await waiting

    assert play(story).placed() == [ENTRY, STOP]


def test_how_far_a_watch_has_come_is_taken_up_by_the_next() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        await stage.sleep(10)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101, watch=Waiting(Decimal(101)))
        waiting = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.MISSED))
        await stage.sleep(1)
        stage.trade("101.20")
        # Nobody has watched between the two processes, so the crossing can't be believed.
        await waiting

    assert play(story).placed() == []
