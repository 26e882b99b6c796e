"""Fills that come after the end, are corrected or taken back."""

import asyncio
from decimal import Decimal

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.guards import GuardEnd, GuardEnded
from backstay.domain.profile import OPTIMISTIC
from tests.broker.faults.scene import (
    BOTH,
    ENTRY,
    EXIT,
    PROMPT,
    STOP,
    STOP_2,
    Scene,
    because_of,
)


@because_of("fill-after-cancel", nth=1, profiles=BOTH, tells=("fill after end",))
async def test_an_entry_that_fills_after_its_cancel_is_protected(scene: Scene) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    arm = seat.arm(limit="99.00", profile=scene.assumed)
    await scene.follow(edge, arm, ArmPhase.WORKING)
    scene.cancel_by_hand(ENTRY)
    await scene.follow(edge, arm, ArmPhase.OVER)
    await scene.sleep(8)
    assert scene.position() == 100
    assert scene.stops() == {STOP_2: 100}


@because_of("fill-after-cancel", nth=1, share="0.4", profiles=BOTH, tells=("fill after end",))
async def test_what_an_entry_fills_in_part_after_its_cancel_is_protected(scene: Scene) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    arm = seat.arm(limit="99.00", profile=scene.assumed)
    await scene.follow(edge, arm, ArmPhase.WORKING)
    await edge.cancel(arm.key)
    await scene.follow(edge, arm, ArmPhase.OVER)
    await scene.sleep(8)
    assert scene.position() == 40
    assert sum(scene.stops().values()) == 40


@because_of("fill-after-cancel", nth=1, profiles=(PROMPT,), tells=("fill after end", "task silent"))
async def test_a_stop_that_fills_after_its_cancel_takes_the_exit_away(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    scene.show(bid_size=0)
    await scene.breach(guarding)
    await scene.sleep(20)
    assert scene.position() == 0
    assert scene.standing() == {ENTRY: "Filled", STOP: "Cancelled", EXIT: "Cancelled"}


@because_of("execution-corrected", nth=1, price_by="0.01", profiles=BOTH, tells=("price mismatch",))
async def test_a_corrected_price_replaces_the_one_before(scene: Scene) -> None:
    edge, _ = await scene.held()
    await scene.sleep(5)
    (booked,) = edge.snapshot().executions
    assert booked.execution.price == Decimal("100.03")
    assert booked.execution.quantity == 100
    assert scene.stops() == {STOP: 100}


@because_of(
    "execution-corrected",
    nth=1,
    price_by="0",
    quantity_by=-40,
    profiles=BOTH,
    tells=("fill corrected",),
)
async def test_a_correction_that_takes_shares_back_cuts_the_stop(scene: Scene) -> None:
    await scene.held()
    await scene.sleep(5)
    assert scene.position() == 60
    assert scene.stops() == {STOP: 60}


@because_of(
    "execution-corrected",
    nth=1,
    price_by="0",
    quantity_by=-40,
    profiles=(PROMPT, OPTIMISTIC),
    tells=("fill corrected",),
)
async def test_a_correction_under_a_guard_cuts_its_stop_and_its_exit(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await scene.sleep(5)
    assert scene.position() == 60
    assert scene.stops() == {STOP: 60}
    await scene.breach(guarding)
    await scene.flat()
    await scene.sleep(5)
    assert scene.position() == 0


@because_of("execution-busted", nth=1, profiles=BOTH, tells=("fill corrected",))
async def test_an_entry_that_is_taken_back_leaves_no_stop_behind(scene: Scene) -> None:
    await scene.held()
    await scene.sleep(5)
    assert scene.position() == 0
    assert scene.living() == []


@because_of("execution-busted", nth=1, profiles=BOTH, tells=("fill corrected", "manual action"))
async def test_a_guard_whose_entry_is_taken_back_ends_with_its_stop(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    result = await asyncio.wait_for(guarding, 10)
    assert isinstance(result, GuardEnded)
    assert result.why is GuardEnd.CLOSED_BY_HAND
    await scene.sleep(5)
    assert scene.position() == 0
    assert scene.living() == []
