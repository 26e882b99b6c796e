"""Hands that trade beside the edge."""

import asyncio

from backstay.domain.edge.guards import GuardEnd, GuardEnded
from tests.broker.faults.scene import BOTH, ENTRY, PROMPT, STOP, Scene, because_of

UNEXPECTED = "unexpected position"
MANUAL = "manual action"


@because_of("manual-order", at="+10s", quantity=10, limit="90", tells=(MANUAL,))
async def test_an_order_by_hand_is_shown_and_told_of_once(scene: Scene) -> None:
    edge, _ = await scene.held()
    await scene.sleep(130)
    foreign = edge.snapshot().foreign_orders
    assert [order.quantity for order in foreign] == [10]
    assert scene.placed() == [ENTRY, STOP]


@because_of(
    "manual-order", at="+10s", quantity=10, tells=(UNEXPECTED, "naked position", UNEXPECTED)
)
async def test_a_purchase_by_hand_is_an_unexpected_position_without_a_stop(scene: Scene) -> None:
    """Told when it is seen, and again when its execution, which IB keeps to itself, is read."""
    await scene.held()
    await scene.sleep(130)
    assert scene.position() == 110
    assert scene.placed() == [ENTRY, STOP]


@because_of(
    "manual-order",
    at="+10s",
    quantity=40,
    side="SELL",
    profiles=(PROMPT,),
    tells=(MANUAL, UNEXPECTED, MANUAL),
)
async def test_after_a_sale_by_hand_an_exit_closes_what_is_left(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await scene.sleep(70)
    assert scene.position() == 60
    await scene.breach(guarding)
    await scene.flat()
    await scene.sleep(10)
    assert scene.position() == 0
    assert scene.living() == []


@because_of("manual-close", at="+20s", symbol="AAPL", profiles=BOTH, tells=(MANUAL, UNEXPECTED))
async def test_a_position_closed_by_hand_ends_its_guard_and_its_stop(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    result = await asyncio.wait_for(guarding, 30)
    assert isinstance(result, GuardEnded)
    assert result.why is GuardEnd.CLOSED_BY_HAND
    await scene.sleep(5)
    assert scene.position() == 0
    assert scene.living() == []


@because_of("manual-close", nth=1, delay="4s", profiles=(PROMPT,), tells=(MANUAL, UNEXPECTED))
async def test_a_position_closed_by_hand_right_after_its_entry_is_noticed_in_time(
    scene: Scene,
) -> None:
    """A report of nothing, so soon after a fill, is taken for one from before it."""
    _, _, guarding = await scene.guarded()
    result = await asyncio.wait_for(guarding, 20)
    assert isinstance(result, GuardEnded)
    assert result.why is GuardEnd.CLOSED_BY_HAND
    await scene.sleep(15)
    assert scene.position() == 0
    assert scene.living() == []
