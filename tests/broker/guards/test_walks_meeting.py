"""Ways out that meet something else while they are walked: late fills, refusals, shut markets."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Amended, ArmPhase
from backstay.domain.edge.guards import Exit, ExitBegun, Guard
from backstay.domain.edge.walking import WayOut
from backstay.domain.exits.events import Cancel, Send
from backstay.domain.ids import Purpose
from backstay.domain.limits.valuation import Collar
from backstay.domain.orders.intent import Limit
from backstay.domain.profile import OPTIMISTIC
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from tests.broker.edge.stage import Seat, Stage, key, play
from tests.broker.edge.test_guards import ENTRY, EXIT, LAST, STOP, fall, held, hold
from tests.broker.edge.test_walks import PROMPT, to_the_end, walked
from tests.broker.edge.walking import Engine, not_written, violations, way_of
from tests.broker.guards.test_hands import leave_now
from tests.broker.guards.test_leaving import alive
from tests.broker.hazards.test_protection import option_seat

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


@pytest.mark.req("S4.5", "X.2")
def test_it_ends_where_an_entry_that_is_over_had_waited_for_nothing_but_its_stop() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        arm, guard = seat.arm(), seat.guard()
        await edge.close()
        stage.cancel_by_hand(STOP)
        await stage.until(lambda: stage.position() == 0)
        successor = await stage.edge()
        entry = successor._arms._begun(arm, 1)
        before = entry.phase
        way_out = WayOut(guard.ladder, guard.quantity, guard.exit, guard.protection, guard.asked)
        walking = asyncio.ensure_future(Engine(stage, way_out).walk(successor, None))
        await stage.until(lambda: stage.told("manual action"))
        await stage.sleep(1)
        assert not walking.done()
        last = await asyncio.wait_for(walking, 10)
        assert (before, entry.phase) == (ArmPhase.WORKING, ArmPhase.OVER)
        assert last.ladder.is_done
        assert last.position == 0

    stage = play(story, rule("manual-order", at="+20s", side="SELL", quantity=100))
    assert alive(stage) == set()


# --- cancels that are refused


@pytest.mark.req("S4.5")
@pytest.mark.parametrize("often", [1, 3])
def test_a_cancel_that_is_refused_is_asked_about_and_tried_again(often: int) -> None:
    refused = tuple(rule("cancel-refused", nth=2 + n) for n in range(often))
    stage, engine = walked(to_the_end, *refused)
    assert engine.changes[0] is Cancel
    assert engine.changes[-1] is Send
    assert not engine.has_gone_alone
    assert stage.placed() == [ENTRY, STOP, EXIT, LAST]
    assert not_written(stage, engine) == []


# --- markets that do not trade


def quote(stage: Stage, seat: Seat, **changes: str | None) -> None:
    """What is quoted for one contract; None for nobody."""
    figures: Any = {side: price and Decimal(price) for side, price in changes.items()}
    stage.act(lambda: stage.gateway.market.inject(seat.instrument.con_id, **figures))


async def held_call(stage: Stage) -> tuple[Edge, Seat]:
    """Five calls, with their stop at 1.50."""
    edge = await stage.edge()
    seat = await option_seat(stage, edge)
    quote(stage, seat, bid="2.48", ask="2.50")
    arm = seat.arm(5, limit="2.60", stop="1.50")
    await hold(edge, replace(arm, entry=replace(arm.entry, collar=Collar(Decimal(1), Decimal(9)))))
    return edge, seat


@pytest.mark.req("S4.5")
def test_an_option_that_nobody_bids_for_rests_at_a_floor_and_follows_the_first_bid() -> None:
    engines: list[Engine] = []

    async def story(stage: Stage) -> None:
        edge, seat = await held_call(stage)
        guard = seat.guard(5, "2.00", shield=seat.stop(5, "1.50"))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        quote(stage, seat, bid=None)
        edge.amend_guard(guard.key, 2, leave_now(seat, 5))
        begun = await asyncio.wait_for(guarding, 10)
        assert isinstance(begun, ExitBegun)
        engine = Engine(stage, way_by_hand(guard, begun, seat))
        engines.append(engine)
        walking = asyncio.ensure_future(engine.walk(edge, begun.ladder, begun.entered))
        await stage.sleep(20)
        assert stage.position() == 5
        assert stage.told("exit waits")
        assert alive(stage) == {str(key(Purpose.EXIT_MANUAL, 2))}
        quote(stage, seat, bid="0.80", ask="0.90")
        last = await asyncio.wait_for(walking, 60)
        assert last.position == stage.position() == 0
        assert alive(stage) == set()

    stage = play(story, profile=PROMPT)
    assert violations(stage) == []
    assert not_written(stage, engines[0]) == []
    prices = [each.terms.price for _, each in engines[0].written if isinstance(each.terms, Limit)]
    assert prices[0] == Decimal("1.25")
    assert len(prices) == len(engines[0].written)
    assert prices[-1] < Decimal("0.80")
    assert not engines[0].has_gone_alone


@pytest.mark.req("S4.5")
def test_a_hand_that_leaves_a_shut_market_waits_behind_the_stop_until_it_opens() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        stage.stand_still(11 * 3600)
        await stage.sleep(10)
        assert isinstance(edge.amend_guard(guard.key, 2, leave_now(seat)), Amended)
        await stage.sleep(30)
        assert alive(stage) == {STOP}
        assert not guarding.done()
        assert stage.told("exit waits")
        stage.stand_still(12 * 3600 + 1800)
        stage.show(bid="99.98", ask="100.02", bid_size=500)
        begun = await asyncio.wait_for(guarding, 60)
        assert isinstance(begun, ExitBegun)
        assert begun.why is Exit.HAND
        engine = Engine(stage, way_by_hand(guard, begun, seat))
        await asyncio.wait_for(engine.walk(edge, begun.ladder, begun.entered), 60)
        assert stage.position() == 0
        assert alive(stage) == set()

    assert violations(play(story, profile=PROMPT)) == []


# --- others in the same contract


@pytest.mark.req("S4.5")
def test_two_trades_in_one_contract_are_left_at_once_each_by_its_own_orders() -> None:
    async def story(stage: Stage) -> None:
        edge, one = await held(stage)
        two = replace(one, trade="T7K2M9QY")
        await hold(edge, two.arm(60))
        guards = (one.guard(), two.guard(60))
        guarding = [asyncio.ensure_future(edge.guard(guard, 1)) for guard in guards]
        await stage.sleep(1)
        stage.show(bid_size=0)
        await fall(stage, "97.80", "97.79")
        walks = []
        for guard, each in zip(guards, guarding, strict=True):
            begun = await asyncio.wait_for(each, 10)
            assert isinstance(begun, ExitBegun)
            engine = Engine(stage, way_of(guard, begun))
            walks.append(engine.walk(edge, begun.ladder, begun.entered))
        walking = asyncio.gather(*walks)
        stage.show(bid="97.00", ask="97.04", bid_size=110)
        await stage.sleep(5)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        ends = await asyncio.wait_for(walking, 60)
        assert [end.ladder.quantity for end in ends] == [100, 60]
        assert stage.position() == 0
        assert alive(stage) == set()
        assert not stage.told("manual action")

    assert violations(play(story, profile=PROMPT)) == []
