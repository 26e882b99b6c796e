"""The gateway loses IB, its data or itself; or it loses count."""

import asyncio
from decimal import Decimal

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.session import SessionState
from backstay.domain.profile import OPTIMISTIC
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from tests.broker.faults.scene import (
    BOTH,
    ENTRY,
    LOST,
    PROMPT,
    STALE,
    STOP,
    Scene,
    because_of,
    in_spite_of,
)

ABOVE_101 = Trigger(Decimal(101), Crossing.ABOVE)


@in_spite_of("ids-roll-back", by=10, kinds=["reconnect"], profiles=BOTH)
async def test_ids_that_are_given_out_again_confuse_nothing(scene: Scene) -> None:
    edge, _, _ = await scene.guarded()
    scene.cut()
    await scene.sleep(5)
    await edge.synced()
    other = await scene.seat(edge, "MSFT", "Z0000001")
    await scene.follow(edge, other.arm(profile=scene.assumed), ArmPhase.OVER)
    assert scene.position("MSFT") == 100
    assert scene.position() == 100


async def fills_in_the_dark(scene: Scene) -> None:
    """The entry fills while the gateway has lost IB; nothing of it stays unknown or unprotected."""
    edge = await scene.edge()
    seat = await scene.seat(edge)
    arm = seat.arm(limit="99.00", profile=scene.assumed)
    await scene.follow(edge, arm, ArmPhase.WORKING)
    await scene.sleep(11)
    assert edge.health().session.state is SessionState.DEGRADED
    scene.show(bid="98.90", ask="98.94")
    progress = await scene.follow(edge, arm, ArmPhase.OVER)
    assert progress.entry is not None
    assert progress.entry.filled == 100
    assert 30 < scene.seconds < 40


@because_of("upstream-lost", at="+10s", lasting="20s", then="kept", profiles=BOTH, tells=(LOST,))
async def test_a_fill_in_an_outage_is_read_after_it(scene: Scene) -> None:
    await fills_in_the_dark(scene)


@because_of("upstream-lost", at="+10s", lasting="20s", then="lost", profiles=BOTH, tells=(LOST,))
async def test_a_fill_that_is_only_told_to_who_asks_is_asked_for(scene: Scene) -> None:
    await fills_in_the_dark(scene)


async def fires_after(scene: Scene, quiet_seconds: float) -> None:
    """A trigger that waits through it all fires, at once, on what it sees cross afterwards."""
    edge = await scene.edge()
    seat = await scene.seat(edge)
    arm = seat.arm(limit="101.50", trigger=ABOVE_101, profile=scene.assumed)
    waiting = asyncio.ensure_future(scene.follow(edge, arm, ArmPhase.OVER))
    await scene.sleep(quiet_seconds)
    scene.trade("100.50")
    await scene.sleep(5)
    assert scene.placed() == []
    scene.trade("101.20")
    await waiting
    assert scene.placed() == [ENTRY, STOP]


@because_of("upstream-lost", at="+10s", lasting="20s", then="lost", tells=(LOST,))
async def test_streams_that_are_lost_with_the_data_are_asked_for_again(scene: Scene) -> None:
    await fires_after(scene, 40)
    assert scene.requests("reqMktData") == 2


@because_of("nightly-restart", at="+10s", down="60s", profiles=(PROMPT, OPTIMISTIC), tells=(LOST,))
async def test_after_a_restart_everything_goes_on(scene: Scene) -> None:
    edge, _, guarding = await scene.guarded()
    await scene.sleep(20)
    assert edge.health().session.state in (SessionState.DOWN, SessionState.CONNECTING)
    await edge.synced()
    assert 70 < scene.seconds < 90
    await scene.sleep(2)
    assert scene.stops() == {STOP: 100}
    await scene.breach(guarding)
    await scene.flat()


@because_of("stream-dead", at="+10s")
async def test_a_stream_that_stays_silent_is_asked_for_again(scene: Scene) -> None:
    await fires_after(scene, 40)
    assert scene.requests("reqMktData") == 2


async def misses_what_it_has_not_seen(scene: Scene, quiet_seconds: float) -> None:
    """The price crosses while nothing is heard of it, so nothing is sent on what stands then."""
    edge = await scene.edge()
    seat = await scene.seat(edge)
    arm = seat.arm(limit="101.50", trigger=ABOVE_101)
    waiting = asyncio.ensure_future(scene.follow(edge, arm, ArmPhase.MISSED))
    await scene.sleep(15)
    scene.trade("101.20")
    await scene.sleep(quiet_seconds)
    assert not waiting.done()
    scene.trade("101.30")
    await waiting
    assert scene.placed() == []


@in_spite_of("farm-broken", at="+10s", lasting="30s", profiles=BOTH)
async def test_a_trigger_waits_through_a_broken_farm(scene: Scene) -> None:
    await fires_after(scene, 50)


@because_of("farm-broken", at="+10s", lasting="30s")
async def test_what_crosses_while_a_farm_is_broken_is_missed(scene: Scene) -> None:
    await misses_what_it_has_not_seen(scene, 30)


@because_of("farm-broken", at="+10s", lasting="30s", tells=(STALE, STALE), profiles=(PROMPT,))
async def test_a_guard_whose_prices_are_away_says_so_and_leaves_when_they_are_back(
    scene: Scene,
) -> None:
    _, _, guarding = await scene.guarded()
    await scene.sleep(13)
    await scene.fall("97.80", "97.79")
    await scene.sleep(20)
    assert not guarding.done()
    await scene.sleep(10)
    await scene.breach(guarding)
    await scene.flat()


@because_of("competing-login", at="+10s", lasting="60s", tells=("competing session",))
async def test_another_login_is_told_of_once_and_prices_are_asked_for_until_they_come(
    scene: Scene,
) -> None:
    await fires_after(scene, 100)
    assert 3 <= scene.requests("reqMktData") <= 6


@because_of("competing-login", at="+10s", lasting="60s", tells=("competing session",))
async def test_what_crosses_while_another_login_has_the_prices_is_missed(scene: Scene) -> None:
    await misses_what_it_has_not_seen(scene, 90)
