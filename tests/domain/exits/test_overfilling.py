"""Every interleaving in worlds where exits can fill too much for a moment.

A broker tells of a fill after it has answered what was filled, or shows an order that was over as
alive again; or the tranche shrinks under a live exit. Nobody can promise that nothing is overfilled
then. What is promised: it is told, whatever could still fill is cancelled, and it ends.
"""

from dataclasses import replace

import pytest

from backstay.domain.exits.events import Alarm
from backstay.domain.profile import PESSIMISTIC
from tests.domain.exits.graph import HALTED, MEETINGS, explore, first_world
from tests.domain.exits.world import OPEN, World

pytestmark = pytest.mark.exploration


def broken_in(world: World) -> str:
    """Which promise a situation breaks, by the broker's own account; empty if it keeps them."""
    ladder = world.ladder
    told = {told.alarm for told in ladder.told}
    if ladder.left < 0 and Alarm.OVERFILLED not in told:
        return "the ladder knows that too much was filled, and nobody told"
    if ladder.committed > ladder.left > 0 and Alarm.OVERCOMMITTED not in told:
        return "the ladder knows that too much could be filled, and nobody told"
    if any(order.told < order.revision for order in world.orders):
        return ""
    if world.open != ladder.left:
        return "all is told and the ladder counts wrong"
    if world.could_fill > max(world.open, 0) and not any(m.cancel_asked for m in ladder.live):
        return f"exits could fill {world.could_fill} of {world.open}, and none is cancelled"
    if ladder.is_done and (world.open > 0 or any(order.can_fill for order in world.orders)):
        return "the ladder believes that it is done"
    return ""


@pytest.mark.req("S4.5", "I3", "I8", "L2")
@pytest.mark.parametrize(("meeting", "quantity"), [("swap", 2), ("reshape", 2), ("pair", 1)])
def test_a_fill_told_too_late_or_an_order_back_from_the_dead_is_told_of_and_ends(
    meeting: str, quantity: int
) -> None:
    first = first_world(MEETINGS[meeting], OPEN, faults=1, quantity=quantity)
    graph = explore(replace(first, turns=(HALTED,), late_fill=True), broken_in)
    assert not graph.stuck()
    ends = {world.open for world in graph.worlds if world.ladder.is_done}
    assert min(ends) == (0 if meeting == "reshape" else -quantity)


@pytest.mark.req("X.2", "S4.5", "I8", "L2")
@pytest.mark.parametrize("meeting", ["swap", "reshape", "pair"])
def test_a_tranche_that_is_resized_on_the_way_gets_out_with_what_it_is_then(meeting: str) -> None:
    first = first_world(MEETINGS[meeting], OPEN, faults=1, quantity=2)
    assert not explore(replace(first, turns=(), sizes=(1, 3)), broken_in).stuck()


@pytest.mark.req("X.2", "S4.5", "I8", "L2")
def test_a_tranche_that_is_resized_twice_gets_out() -> None:
    first = first_world(PESSIMISTIC, OPEN, faults=2, quantity=1)
    assert not explore(replace(first, turns=(), sizes=(1, 2)), broken_in).stuck()
