"""Modifications and cancels that are refused, doubled or left without an answer."""

import asyncio
from decimal import Decimal
from typing import Any

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.guards import Guard
from backstay.domain.orders.intent import Stop
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import Trail
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

TRAIL: dict[str, Any] = {
    "trail": Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal("1.50")),
    "disaster_pct": Decimal(2),
}


async def climbed(scene: Scene) -> tuple[Edge, Guard]:
    """A guard whose stop has trailed from 98 to 102.50, and the one at the broker after it."""
    edge, guard, _ = await scene.guarded(**TRAIL)
    for price in ("101.50", "104.00", "104.10"):
        scene.trade(price)
        await scene.sleep(1)
    return edge, guard


def triggers(scene: Scene) -> list[Decimal]:
    """Where the stops at the broker stand."""
    return sorted(held.order.aux_price or Decimal(0) for held in scene.living())


def believed(edge: Edge, guard: Guard) -> Decimal:
    """Where the guard believes that its stop stands."""
    state = edge.guard_state(guard.key)
    assert state is not None
    assert state.shield is not None
    assert isinstance(state.shield.terms, Stop)
    return state.shield.terms.trigger


@because_of("fast-modify-refused", within="1h", nth=1, profiles=BOTH)
async def test_a_stop_whose_move_is_refused_is_moved_a_moment_later(scene: Scene) -> None:
    edge, guard = await climbed(scene)
    await scene.sleep(10)
    assert triggers(scene) == [believed(edge, guard)] == [Decimal("100.45")]
    assert scene.placed().count(STOP) == 1 + 3


@because_of("fast-modify-refused", within="1h")
async def test_a_stop_that_can_not_be_moved_is_believed_where_it_stands(scene: Scene) -> None:
    edge, guard = await climbed(scene)
    await scene.sleep(60)
    assert triggers(scene) == [believed(edge, guard)] == [Decimal(95)]
    assert 10 < scene.placed().count(STOP) < 30


@because_of("second-perm-id", nth=1, tells=("order survives",))
async def test_a_stop_that_lives_twice_is_told_of_and_one_of_the_two_goes(scene: Scene) -> None:
    await climbed(scene)
    await scene.sleep(30)
    assert len(triggers(scene)) == 1
    assert scene.requests("cancelOrder") == 1


@because_of("second-perm-id", nth=1, tells=("order survives",))
async def test_a_stop_that_has_lived_twice_does_not_turn_the_position_around(
    scene: Scene,
) -> None:
    await climbed(scene)
    await scene.sleep(10)
    assert "order survives" in scene.kinds()
    scene.trade("90.00")
    await scene.flat()
    await scene.sleep(30)
    assert scene.position() == 0
    assert scene.requests("cancelOrder") == 1


@because_of("cancel-refused", nth=1, profiles=(PROMPT,), tells=("exit unresolved",))
async def test_a_refused_cancel_is_repeated_before_the_exit_leaves(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await scene.breach(guarding)
    await scene.flat()
    assert scene.requests("cancelOrder") == 2
    assert scene.placed() == [ENTRY, STOP, EXIT]
    assert scene.seconds < 4


@because_of("cancel-unanswered", nth=1, profiles=(PROMPT,), tells=("exit unresolved",))
async def test_a_cancel_without_an_answer_is_repeated(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await scene.breach(guarding)
    await scene.flat()
    assert scene.requests("cancelOrder") == 2
    assert scene.placed() == [ENTRY, STOP, EXIT]
    assert scene.seconds < 4


@because_of("cancel-unanswered", profiles=(PROMPT,), tells=("exit unresolved",))
async def test_the_exit_leaves_as_soon_as_the_stop_is_proven_over(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    leaving = asyncio.ensure_future(scene.breach(guarding))
    await scene.sleep(25)
    assert scene.placed() == [ENTRY, STOP]
    await leaving
    await scene.flat()
    assert scene.placed() == [ENTRY, STOP, EXIT]
    assert 30 < scene.seconds < 33


@because_of("cancel-unanswered", then="never", profiles=(PROMPT,), tells=("exit unresolved",))
async def test_a_stop_that_no_cancel_ends_stays_the_only_order(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await scene.fall("97.80", "97.79")
    await scene.sleep(100)
    assert scene.placed() == [ENTRY, STOP]
    assert scene.position() == 100
    assert not guarding.done()
    scene.trade("94.00")
    await scene.flat()
    await scene.sleep(10)
    assert scene.placed() == [ENTRY, STOP]


@because_of("cancel-unanswered", nth=1, then="never", profiles=(PROMPT,))
async def test_the_cancel_of_a_partly_filled_entry_is_repeated_until_it_works(
    scene: Scene,
) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    scene.show(ask_size=40)
    await scene.follow(edge, seat.arm(limit="100.02"), ArmPhase.OVER)
    assert scene.requests("cancelOrder") == 2
    assert scene.placed() == [ENTRY, STOP, STOP_2]
    assert scene.seconds < 4
