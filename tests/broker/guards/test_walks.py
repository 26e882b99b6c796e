"""Ways out that no guard of this process has begun: parts, and what a process has left behind."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.broker.edge import Edge
from backstay.broker.session.tenure import SessionTakenError
from backstay.domain.edge.walking import Walk, Walked, WayOut
from backstay.domain.exits.events import Alarm, Cancel, Send
from backstay.domain.exits.ladder import Ladder
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit
from backstay.domain.profile import PESSIMISTIC
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sides import Side
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import ACCOUNT, START, Seat, Stage, key, play
from tests.broker.edge.test_guards import ENTRY, EXIT, LAST, STOP, hold
from tests.broker.edge.test_walks import PROMPT, left
from tests.broker.edge.walking import Engine, not_written, violations, way_of
from tests.broker.guards.test_leaving import alive

OUT, OUT_LAST = str(key(Purpose.EXIT_TARGET, leg=1)), str(key(Purpose.EXIT_TARGET, 2, leg=1))


def way_of_part(seat: Seat, part: int, trigger: str, leg: int = 1) -> WayOut:
    """The way out of a part, under a leg of its own."""
    stop = disaster_stop(
        key(Purpose.PROTECT, leg=leg),
        ACCOUNT,
        seat.instrument,
        Decimal(part),
        Decimal(trigger) * Decimal("0.9"),
        held_outside_regular_hours=False,
    )
    out = seat.order(Purpose.EXIT_TARGET, part, Limit(Decimal(trigger)), Side.SELL)
    out = replace(out, key=key(Purpose.EXIT_TARGET, leg=leg))
    rules = LadderRules(out.key, stop, Decimal(trigger), PESSIMISTIC)
    approve = seat.stage.approve
    asked = seat.stage.asked(seat.instrument)
    return WayOut(rules, Decimal(part), approve(out), approve(stop), asked)


async def held_alone(stage: Stage) -> tuple[Edge, Seat]:
    """A position of 100 that no stop protects at the broker."""
    edge = await stage.edge()
    seat = await stage.seat(edge)
    await hold(edge, seat.arm(stop=None))
    return edge, seat


@pytest.mark.req("S4.5")
def test_a_part_leaves_by_a_ladder_of_its_own_and_takes_no_more_than_the_part() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held_alone(stage)
        stage.show(bid_size=0)
        engine = Engine(stage, way_of_part(seat, 40, "100.00"))
        walking = asyncio.ensure_future(engine.walk(edge, None))
        await stage.until(lambda: alive(stage) == {OUT})
        stage.show(bid="99.00", ask="99.04", bid_size=500)
        last = await asyncio.wait_for(walking, 30)
        assert last.ladder.is_done
        assert stage.position() == 60
        assert engine.changes == [Cancel, Send]
        assert not_written(stage, engine) == []
        assert not any(walked.went_alone for walked in engine.walked)

    stage = play(story, profile=PROMPT)
    assert stage.placed() == [ENTRY, OUT, OUT_LAST]
    assert violations(stage) == []


@pytest.mark.req("S4.5", "S2.6")
def test_a_part_that_was_begun_by_an_edge_that_died_is_not_begun_twice() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held_alone(stage)
        stage.show(bid_size=0)
        way_out = way_of_part(seat, 40, "100.00")
        walking = asyncio.ensure_future(edge.walk(Walk(way_out)))
        await stage.until(lambda: alive(stage) == {OUT})
        await edge.close()
        with pytest.raises(asyncio.CancelledError):
            await walking
        engine = Engine(stage, way_out)
        successor = await stage.edge()
        again = asyncio.ensure_future(engine.walk(successor, None))
        stage.show(bid="99.00", ask="99.04", bid_size=500)
        assert (await asyncio.wait_for(again, 30)).ladder.is_done
        assert stage.position() == 60

    stage = play(story, profile=PROMPT)
    assert stage.placed() == [ENTRY, OUT, OUT_LAST]
    assert violations(stage) == []


@pytest.mark.req("S4.5", "S2.6")
def test_a_walk_goes_on_at_another_edge_with_what_the_engine_has_written_down() -> None:
    async def story(stage: Stage) -> None:
        edge, _, guard, begun = await left(stage, bid_size=0)
        await edge.close()
        engine = Engine(stage, way_of(guard, begun))
        successor = await stage.edge()
        walking = asyncio.ensure_future(engine.walk(successor, begun.ladder))
        await stage.sleep(0.5)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        last = await asyncio.wait_for(walking, 30)
        assert last.ladder.is_done
        assert [str(order.key) for order in last.orders] == [STOP, EXIT, LAST]
        assert engine.changes == [Cancel, Send]
        assert not_written(stage, engine) == []

    stage = play(story, profile=PROMPT)
    assert stage.placed() == [ENTRY, STOP, EXIT, LAST]
    assert stage.position() == 0
    assert violations(stage) == []


@pytest.mark.req("S4.5", "S2.6")
def test_what_an_edge_did_alone_before_it_died_is_known_to_its_successor() -> None:
    async def story(stage: Stage) -> None:
        edge, _, guard, begun = await left(stage, bid_size=0)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        await stage.until(lambda: stage.position() == 0, 10)
        await edge.close()
        successor = await stage.edge()
        walked = await successor.walk(Walk(way_of(guard, begun), begun.ladder))
        assert walked.went_alone
        assert [str(member.key) for member in walked.ladder.members] == [STOP, EXIT, LAST]
        engine = Engine(stage, way_of(guard, begun))
        last = await asyncio.wait_for(engine.walk(successor, walked.ladder), 10)
        assert last.ladder.is_done
        assert last.position == 0

    stage = play(story, profile=PROMPT)
    assert stage.placed() == [ENTRY, STOP, EXIT, LAST]
    assert violations(stage) == []


@pytest.mark.req("S4.5", "S4.3", "S2.6")
def test_an_exit_that_never_came_is_proven_absent_and_the_stop_goes_back_first() -> None:
    """The engine has written the last rung down, and the edge dies before it can send it."""

    async def story(stage: Stage) -> None:
        edge, _, guard, begun = await left(stage, bid_size=0)
        engine = Engine(stage, way_of(guard, begun))
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        await stage.sleep(0.1)
        walk: Walk | None = Walk(engine.way_out, begun.ladder)
        while walk is not None and not any(isinstance(each, Send) for each in walk.commands):
            walk = await engine.decide(await edge.walk(walk))
        assert walk is not None
        assert walk.ladder is not None
        await edge.close()
        successor = await stage.edge()
        last = await asyncio.wait_for(walk_on(successor, engine, walk), 60)
        assert last.is_done
        assert any(told.alarm is Alarm.REPROTECTED for told in last.told)
        assert stage.position() == 0

    stage = play(story, profile=PROMPT)
    again, last = str(key(Purpose.PROTECT, 2)), str(key(Purpose.EXIT_STOP, 3))
    assert stage.placed() == [ENTRY, STOP, EXIT, again, last]
    assert violations(stage) == []


async def walk_on(edge: Edge, engine: Engine, walk: Walk | None) -> Ladder:
    """Walk from there to the end."""
    while walk is not None:
        walk = await engine.decide(await edge.walk(walk))
    return engine.walked[-1].ladder


def test_the_walk_of_a_ladder_that_is_done_returns_at_once_wherever_it_is_asked_for() -> None:
    async def story(stage: Stage) -> None:
        edge, _, guard, begun = await left(stage)
        engine = Engine(stage, way_of(guard, begun))
        done = await asyncio.wait_for(engine.walk(edge, begun.ladder), 10)
        await edge.close()
        successor = await stage.edge()
        again = await asyncio.wait_for(successor.walk(Walk(engine.way_out, done.ladder)), 0.1)
        assert again.ladder.is_done
        assert again.position == 0

    assert play(story).placed() == [ENTRY, STOP, EXIT]


async def resting_exit(stage: Stage) -> asyncio.Task[Walked]:
    """A part whose exit rests at the broker with nobody to take it, and who walks it down."""
    edge, seat = await held_alone(stage)
    stage.show(bid_size=0)
    engine = Engine(stage, way_of_part(seat, 100, "100.00"))
    walking = asyncio.ensure_future(engine.walk(edge, None))
    await stage.until(lambda: alive(stage) == {OUT})
    return walking


@pytest.mark.req("X.2")
def test_a_part_that_somebody_else_has_closed_is_done() -> None:
    async def story(stage: Stage) -> None:
        walking = await resting_exit(stage)
        stage.show(bid="99.00", ask="99.04", bid_size=500)
        last = await asyncio.wait_for(walking, 60)
        assert last.ladder.is_done
        assert stage.told("manual action")
        assert alive(stage) == set()

    slow = (rule("cancel-unanswered", nth=nth, delay="20s") for nth in range(1, 9))
    assert violations(play(story, *slow, rule("manual-close", at="+5s", symbol="AAPL"))) == []


@pytest.mark.req("X.2")
def test_a_part_that_somebody_else_has_closed_while_the_line_was_cut_is_done() -> None:
    async def story(stage: Stage) -> None:
        walking = await resting_exit(stage)
        await stage.until(lambda: stage.now >= START + timedelta(seconds=19.9))
        stage.cut()
        stage.show(bid="99.00", ask="99.04", bid_size=500)
        await stage.until(lambda: stage.position() == 0, 1)
        last = await asyncio.wait_for(walking, 60)
        assert last.ladder.is_done
        assert stage.told("manual action")
        assert alive(stage) == set()

    slow = (rule("cancel-unanswered", nth=nth, delay="30s") for nth in range(1, 9))
    assert violations(play(story, *slow, rule("manual-close", at="+20s", symbol="AAPL"))) == []


@pytest.mark.req("S2.6")
def test_an_edge_that_has_lost_its_session_walks_no_further() -> None:
    async def story(stage: Stage) -> None:
        edge, _, guard, begun = await left(stage, bid_size=0)
        walking = asyncio.ensure_future(edge.walk(Walk(way_of(guard, begun), begun.ladder)))
        await stage.sleep(0.1)
        edge._walks.session_is_taken()
        with pytest.raises(SessionTakenError):
            await asyncio.wait_for(walking, 1)

    play(story)
