"""What is told of an arm, and when: at once where somebody acts on it, else in few words."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Amended, Arm, ArmPhase, FireNow, MoveTrigger, Progress
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.domain.ticks.triggers import IfMissed, Missed
from backstay.gateway.profile import OPTIMISTIC as EASY
from backstay.gateway.profile import PESSIMISTIC as HARD
from backstay.gateway.profile import Profile
from tests.broker.edge.stage import Stage, play
from tests.broker.edge.test_arms import ABOVE_101, ENTRY, STOP, until_phase

DAY_SECONDS = 86_400
SECOND = timedelta(seconds=1)
ASKS = replace(ABOVE_101, if_missed=IfMissed.ASK)
CROSSED = "the price had crossed while nobody watched"


async def all_of(edge: Edge, arm: Arm, *, doubling: bool = False) -> list[Progress]:
    """Everything that is told of an arm, by default no sooner than a second after the last."""
    told: list[Progress] = []
    pause = SECOND
    while not told or not told[-1].phase.is_final:
        after = told[-1].revision if told else 0
        told.append(await asyncio.wait_for(edge.arm(arm, 1, after, pause), 600))
        pause = pause * 2 if doubling else pause
    return told


def test_that_it_has_left_and_that_it_works_is_told_in_one_within_a_second() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm, begun = seat.arm(limit="99.00"), stage.now
        first = await edge.arm(arm, 1, 0, timedelta(seconds=30))
        assert first.phase is ArmPhase.WORKING
        assert stage.now - begun < 2 * SECOND
        assert first.asked == arm.asked
        second = asyncio.ensure_future(edge.arm(arm, 1, first.revision))
        await stage.sleep(10)
        assert not second.done()
        second.cancel()

    play(story)


def test_a_first_fill_is_told_at_once_however_long_the_pause() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="99.00")
        working = await until_phase(stage, edge, arm, ArmPhase.WORKING)
        filling = asyncio.ensure_future(edge.arm(arm, 1, working.revision, 60 * SECOND))
        await stage.sleep(5)
        stage.trade("98.90")
        await stage.sleep(0.5)
        progress = await asyncio.wait_for(filling, 0.1)
        assert progress.entry is not None
        assert progress.entry.filled

    play(story)


PROFILES = [
    pytest.param(PESSIMISTIC, HARD, 0.005, id="pessimistic"),
    pytest.param(OPTIMISTIC, EASY, 1.0, id="optimistic"),
]


@pytest.mark.parametrize(("profile", "gateway", "apart"), PROFILES)
def test_an_entry_in_two_hundred_parts_is_told_in_few_words(
    profile: BrokerProfile, gateway: Profile, apart: float
) -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=1)
        arm = seat.arm(400, limit="100.02", profile=profile)
        telling = asyncio.ensure_future(all_of(edge, arm, doubling=True))
        for part in range(205):
            await stage.sleep(apart)
            stage.show(ask_size=1, ask="100.01" if part % 2 else "100.02")
        told = await telling
        assert told[-1].entry is not None
        assert len(told[-1].entry.executions) >= 200
        fills = [progress.entry.filled for progress in told if progress.entry]
        assert fills == sorted(fills)
        assert len(told) <= 10

    assert play(story, profile=gateway).position() == 400


def test_a_missed_crossing_waits_for_a_person_who_fires_it() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.trade("102.00")
        arm = seat.arm(limit="102.50", trigger=ASKS)
        asking = asyncio.ensure_future(edge.arm(arm, 1))
        await stage.sleep(2)
        stage.trade("102.10")
        await stage.sleep(0.1)
        progress = await asyncio.wait_for(asking, 0.1)
        assert progress.phase is ArmPhase.WAITING
        assert progress.why == f"{CROSSED}; a person decides"
        assert isinstance(progress.watch, Missed)
        stage.trade("102.20")
        await stage.sleep(20)
        stage.trade("102.30")
        assert stage.placed() == []
        assert edge.amend_arm(arm.key, 2, FireNow()) == Amended(arm.key, 2)
        over = await until_phase(stage, edge, arm, ArmPhase.OVER)
        assert over.entry is not None
        assert over.entry.filled == 100

    assert play(story).placed() == [ENTRY, STOP]


def test_a_missed_crossing_ends_when_a_person_says_no() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.trade("102.00")
        arm = seat.arm(limit="102.50", trigger=ASKS)
        asked = await edge.arm(arm, 1)
        assert edge.release(arm.key, 2) == Amended(arm.key, 2)
        ended = await edge.arm(arm, 1, asked.revision)
        assert ended.phase is ArmPhase.WITHDRAWN

    assert play(story).placed() == []


def test_a_missed_crossing_can_be_waited_for_anew_at_another_price() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.trade("102.00")
        arm = seat.arm(limit="103.50", trigger=ASKS)
        await edge.arm(arm, 1)
        higher = MoveTrigger(replace(ASKS, price=Decimal(103)))
        assert edge.amend_arm(arm.key, 2, higher) == Amended(arm.key, 2)
        following = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.sleep(1)
        stage.trade("102.50")
        await stage.sleep(1)
        assert stage.placed() == []
        stage.trade("103.20")
        await following

    assert play(story).placed() == [ENTRY, STOP]


@pytest.mark.parametrize(
    ("if_missed", "phase"), [(IfMissed.ASK, ArmPhase.WAITING), (IfMissed.SKIP, ArmPhase.MISSED)]
)
def test_another_process_asks_again_or_ends_as_the_first_has(
    if_missed: IfMissed, phase: ArmPhase
) -> None:
    async def story(stage: Stage) -> None:
        old = await stage.edge()
        seat = await stage.seat(old)
        missed = Missed(Decimal(102), stage.now)
        trigger = replace(ABOVE_101, if_missed=if_missed)
        arm = seat.arm(limit="102.50", trigger=trigger, watch=missed)
        progress = await asyncio.wait_for(old.arm(arm, 1), 1)
        assert progress.phase is phase
        assert progress.why.startswith(CROSSED)
        assert progress.watch == missed

    assert play(story).placed() == []


@pytest.mark.req("S4.3")
def test_a_wait_is_taken_up_by_a_new_process_on_the_next_day_as_it_was_told() -> None:
    """What was written down yesterday may have been sent; what was told today has not been."""

    async def story(stage: Stage) -> None:
        old = await stage.edge()
        seat = await stage.seat(old)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        arm = replace(arm, entry=replace(arm.entry, valid_until=stage.now + timedelta(days=2)))
        turning = asyncio.ensure_future(old.arm(arm, 1, 0, 3600 * SECOND))
        await stage.sleep(1)
        stage.stand_still(DAY_SECONDS)
        await stage.sleep(5)
        turned = await asyncio.wait_for(turning, 1)
        assert turned.phase is ArmPhase.WAITING
        assert turned.asked is not None
        assert turned.asked.at - arm.asked.at > timedelta(hours=23)
        await old.close()
        new = await stage.edge()
        again = replace(arm, asked=turned.asked)
        entering = asyncio.ensure_future(until_phase(stage, new, again, ArmPhase.OVER))
        await stage.sleep(2)
        stage.trade("100.50")
        await stage.sleep(1)
        stage.trade("101.20")
        await entering

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP]
    assert stage.position() == 100
