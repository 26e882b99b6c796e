"""New orders that are lost, refused or held, and what the edge makes of it."""

import asyncio
from decimal import Decimal

import pytest

from backstay.domain.edge.arms import Arm, ArmPhase
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit
from backstay.domain.sides import Side
from tests.broker.faults.scene import (
    BOTH,
    ENTRY,
    EXIT,
    EXIT_2,
    PROMPT,
    STOP,
    STOP_2,
    Scene,
    because_of,
)

NAKED = "naked position"


@because_of("placement-swallowed", nth=1, profiles=BOTH, tells=("order unknown",))
async def test_an_entry_that_is_swallowed_is_asked_for_and_never_sent_again(scene: Scene) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    progress = await scene.follow(edge, seat.arm(profile=scene.assumed), ArmPhase.EXPIRED)
    assert "never had it" in progress.why
    assert scene.placed() == [ENTRY, STOP]
    assert scene.living() == []
    assert scene.position() == 0


@because_of("placement-swallowed", nth=2, profiles=BOTH, tells=("order rejected",))
async def test_an_entry_whose_stop_is_swallowed_goes(scene: Scene) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    progress = await scene.follow(edge, seat.arm(profile=scene.assumed), ArmPhase.OVER)
    assert progress.entry is not None
    assert progress.entry.filled == 0
    assert scene.standing() == {ENTRY: "Cancelled"}
    assert scene.seconds < 6


@because_of("placement-swallowed", nth=3, profiles=(PROMPT,), tells=(NAKED, NAKED))
async def test_a_stop_of_its_own_that_is_swallowed_is_placed_again(scene: Scene) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    scene.show(ask_size=40)
    progress = await scene.follow(edge, seat.arm(limit="100.02"), ArmPhase.OVER)
    assert progress.naked is not None
    assert progress.naked.quantity == 0
    assert scene.placed() == [ENTRY, STOP, STOP_2, STOP_2]
    assert scene.seconds < 6


@because_of(
    "placement-swallowed", nth=3, profiles=(PROMPT,), tells=("order unknown", NAKED, "task silent")
)
async def test_an_exit_that_is_swallowed_is_made_good(scene: Scene) -> None:
    """In time, although the entry was filled in the second in which the guard was written."""
    _, _, guarding = await scene.guarded()
    await scene.breach(guarding)
    await scene.flat(seconds=6)
    assert scene.placed() == [ENTRY, STOP, EXIT, EXIT_2]


@because_of("order-rejected", nth=1, profiles=BOTH)
async def test_a_rejected_entry_is_refused_with_the_brokers_word(scene: Scene) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    progress = await scene.follow(edge, seat.arm(profile=scene.assumed), ArmPhase.REFUSED)
    assert progress.rejection is not None
    assert progress.rejection.code == 201
    assert scene.living() == []


@because_of("order-rejected", nth=2, profiles=BOTH, tells=("order rejected",))
async def test_an_entry_whose_stop_is_rejected_goes_at_once(scene: Scene) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    progress = await scene.follow(edge, seat.arm(profile=scene.assumed), ArmPhase.OVER)
    assert progress.entry is not None
    assert progress.entry.filled == 0
    assert scene.standing() == {ENTRY: "Cancelled"}
    assert scene.requests("cancelOrder") == 1
    assert "rejected by the exchange" in scene.notices[-1].text


@pytest.mark.req("X.1")
@because_of(
    "order-rejected",
    probability=1,
    between=["+1s", "+6m"],
    profiles=(PROMPT,),
    tells=(NAKED, NAKED, NAKED),
)
async def test_stops_that_are_rejected_are_tried_ever_more_slowly_and_left_to_a_person(
    scene: Scene,
) -> None:
    """Told by the arm at once, by the audit of positions, and when it has been tried enough."""
    edge = await scene.edge()
    seat = await scene.seat(edge)
    scene.show(ask_size=40)
    arming = asyncio.ensure_future(edge.arm(seat.arm(limit="100.02"), 1, 100))
    await scene.sleep(10)
    assert len(scene.placed()) == 2 + 4
    await scene.sleep(390)
    assert len(scene.placed()) == 2 + 10
    assert "left to you" in scene.notices[-1].text
    arming.cancel()


@because_of("order-rejected", nth=3, profiles=(PROMPT,), tells=("task silent",))
async def test_a_rejected_exit_is_followed_by_the_last_rung(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await scene.breach(guarding)
    await scene.flat(seconds=3)
    assert scene.placed() == [ENTRY, STOP, EXIT, EXIT_2]


@because_of(
    "order-rejected", probability=1, between=["+900ms", "+6m"], profiles=(PROMPT,), tells=None
)
async def test_exits_that_are_rejected_end_after_ten_and_a_person_is_told_every_minute(
    scene: Scene,
) -> None:
    _, _, guarding = await scene.guarded()
    await scene.breach(guarding)
    await scene.sleep(290)
    exits = [ref for ref in scene.placed() if ":XS:" in ref]
    assert len(exits) == len(set(exits)) == 10
    assert scene.kinds().count("exits exhausted") == 1
    # The audit of positions has its say, too.
    assert 4 <= scene.kinds().count(NAKED) <= 7


@because_of("held-for-locate", then="never", tells=("short sale held",))
async def test_a_short_sale_that_is_held_is_cancelled_and_told_of(scene: Scene) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    entry = seat.order(Purpose.ENTRY, 100, Limit(Decimal("99.90")), Side.SELL)
    arm = Arm(scene.approve(entry), None, scene.assumed, scene.asked(seat.instrument))
    progress = await scene.follow(edge, arm, ArmPhase.OVER)
    assert progress.entry is not None
    assert progress.entry.filled == 0
    assert scene.standing() == {ENTRY: "Cancelled"}
    assert scene.seconds < 5


@because_of("freeze-quantity", above=100, profiles=BOTH)
async def test_an_order_beyond_the_freeze_quantity_is_refused(scene: Scene) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    progress = await scene.follow(edge, seat.arm(200, profile=scene.assumed), ArmPhase.REFUSED)
    assert progress.rejection is not None
    assert "freeze quantity" in progress.rejection.text
    assert scene.living() == []


@because_of("read-only", nth=1)
async def test_a_gateway_that_only_reads_refuses_an_entry(scene: Scene) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    progress = await scene.follow(edge, seat.arm(), ArmPhase.REFUSED)
    assert progress.rejection is not None
    assert progress.rejection.code == 321
    assert scene.living() == []


@because_of("read-only", nth=3, profiles=(PROMPT,), tells=("exit unresolved",))
async def test_no_exit_leaves_while_the_cancel_of_the_stop_is_refused(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await scene.breach(guarding)
    await scene.flat()
    assert scene.requests("cancelOrder") == 2
    assert scene.placed() == [ENTRY, STOP, EXIT]


@because_of(
    "placement-acknowledged-late", delay="3s", nth=1, profiles=BOTH, tells=("order unknown",)
)
async def test_an_entry_that_is_acknowledged_late_is_unknown_and_then_followed(
    scene: Scene,
) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    arm = seat.arm(profile=scene.assumed)
    await scene.follow(edge, arm, ArmPhase.UNKNOWN)
    progress = await scene.follow(edge, arm, ArmPhase.OVER)
    assert progress.entry is not None
    assert progress.entry.filled == 100
    assert scene.placed() == [ENTRY, STOP]


@because_of("placement-acknowledged-late", delay="3s", nth=2, profiles=BOTH)
async def test_a_stop_that_is_acknowledged_late_is_asked_for_and_not_doubled(
    scene: Scene,
) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    progress = await scene.follow(edge, seat.arm(profile=scene.assumed), ArmPhase.OVER)
    assert progress.naked is not None
    assert Decimal(200) <= progress.naked.until(scene.now) < Decimal(250)
    assert scene.placed() == [ENTRY, STOP]
