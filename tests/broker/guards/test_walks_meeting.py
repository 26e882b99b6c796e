"""Ways out that meet something else while they are walked: late fills, hands, halts, kills."""

import asyncio

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.guards import ExitBegun, Guard
from backstay.domain.edge.walking import WayOut
from backstay.domain.profile import OPTIMISTIC
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from tests.broker.edge.stage import Seat, Stage, play
from tests.broker.edge.walking import Engine, not_written, violations
from tests.broker.guards.test_hands import leave_now
from tests.broker.guards.test_leaving import alive

SLOW_ENTRY = rule("cancel-unanswered", nth=1, delay="4s")
"""The entry's cancel is the first that leaves; it takes this long to work."""


async def left_while_entering(stage: Stage) -> tuple[Edge, WayOut, ExitBegun]:
    """Of 100 the entry has filled 40 when a hand leaves; and it can fill more yet."""
    edge = await stage.edge()
    seat = await stage.seat(edge)
    stage.show(ask_size=40)
    arm = seat.arm(limit="100.02", profile=OPTIMISTIC)
    edge._arms._begun(arm, 1)
    await stage.until(lambda: stage.position() == 40)
    guard = seat.guard(40, shield=seat.stop(100, "95.00"))
    guarding = asyncio.ensure_future(edge.guard(guard, 1))
    await stage.sleep(1)
    stage.show(bid_size=0, ask_size=0)
    edge.amend_guard(guard.key, 2, leave_now(seat))
    begun = await asyncio.wait_for(guarding, 10)
    assert isinstance(begun, ExitBegun)
    return edge, way_by_hand(guard, begun, seat), begun


def way_by_hand(guard: Guard, begun: ExitBegun, seat: Seat) -> WayOut:
    """The way out that a hand has begun."""
    out = leave_now(seat).exit
    return WayOut(begun.ladder.rules, guard.quantity, out, guard.protection, guard.asked)


@pytest.mark.req("S4.5")
def test_nothing_is_done_before_its_entry_can_fill_no_more() -> None:
    async def story(stage: Stage) -> None:
        edge, way_out, begun = await left_while_entering(stage)
        engine = Engine(stage, way_out)
        walking = asyncio.ensure_future(engine.walk(edge, begun.ladder, begun.entered))
        stage.show(bid_size=500, ask_size=0)
        await stage.until(lambda: stage.position() == 0)
        await stage.sleep(0.5)
        assert not walking.done()
        stage.show(ask_size=20)
        await stage.until(lambda: stage.position() == 20)
        last = await asyncio.wait_for(walking, 30)
        assert last.ladder.quantity == last.entered == 60
        assert last.position == 0
        assert not engine.has_gone_alone
        assert alive(stage) == set()

    stage = play(story, SLOW_ENTRY, profile=EASY)
    assert violations(stage) == []
    assert not stage.told("task silent")


@pytest.mark.req("S4.5", "S2.6")
def test_what_an_entry_has_filled_when_the_edge_died_is_left_by_the_next_one() -> None:
    async def story(stage: Stage) -> None:
        edge, way_out, begun = await left_while_entering(stage)
        assert begun.entered == begun.ladder.quantity == 40
        stage.show(ask_size=20)
        await stage.until(lambda: stage.position() == 60)
        await edge.close()
        successor = await stage.edge()
        engine = Engine(stage, way_out)
        walking = asyncio.ensure_future(engine.walk(successor, begun.ladder, begun.entered))
        stage.show(bid_size=500, ask_size=0)
        last = await asyncio.wait_for(walking, 60)
        assert stage.position() == 0
        assert last.ladder.quantity == last.entered == 60
        assert not_written(stage, engine) == []

    assert violations(play(story, SLOW_ENTRY, profile=EASY)) == []
