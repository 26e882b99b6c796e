"""Blanks take the way of an order, and reach nobody."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from backstay.broker.drill.drill import PAUSE_SECONDS, SHOTS, Drill
from backstay.domain.edge.session import SessionState
from backstay.domain.edge.walking import Walk
from tests.broker.edge.stage import EDGE, Stage, play
from tests.broker.edge.test_arms import ABOVE_101
from tests.broker.edge.test_walks import left
from tests.broker.guards.test_walks import held_alone, way_of_part

EVERY = timedelta(milliseconds=5)
DRILLED = replace(EDGE, drill_every=EVERY)


def test_every_shot_ends_as_an_order_on_the_way_to_nowhere() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        drill = Drill(edge._clock, EDGE.zone)
        shooting = asyncio.ensure_future(drill.run(EVERY, lambda: 1, lambda: None))
        await stage.sleep(EVERY.total_seconds() * (3 * SHOTS + 0.5))
        assert drill.shots == 3 * SHOTS
        shooting.cancel()

    play(story)


def test_nothing_is_shot_while_nothing_is_armed() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        drill, armed = Drill(edge._clock, EDGE.zone), 0
        shooting = asyncio.ensure_future(drill.run(EVERY, lambda: armed, lambda: None))
        await stage.sleep(5)
        assert drill.shots == 0
        armed = 1
        await stage.sleep(PAUSE_SECONDS + 0.1)
        assert drill.shots > 0
        shooting.cancel()

    play(story)


def test_an_edge_that_drills_trades_like_any_other() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge(DRILLED)
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        waiting = asyncio.ensure_future(edge.arm(arm, 1))
        await stage.sleep(3)
        stage.trade("100.50")
        await stage.sleep(1)
        stage.trade("101.20")
        await waiting
        await stage.until(lambda: stage.position() == 100)
        health = edge.health()
        assert health.session.state is SessionState.READY
        assert [task.restarts for task in health.tasks if task.name == "drill"] == [0]

    stage = play(story)
    assert len(stage.placed()) == 2
    assert stage.notices == []


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much is at work, each second."""
    counted: list[int] = []

    async def count(_: Drill, _every: timedelta, armed: Callable[[], int], _sign: object) -> None:
        while True:
            counted.append(armed())
            await asyncio.sleep(1)

    monkeypatch.setattr(Drill, "run", count)
    return counted


def test_a_position_that_is_left_is_drilled_for_until_it_is_gone(at_work: list[int]) -> None:
    async def story(stage: Stage) -> None:
        stage.settings = DRILLED
        await left(stage, bid_size=0)
        await stage.sleep(1.1)
        assert at_work[-1] == 1
        stage.show(bid="97.60", bid_size=500)
        await stage.until(lambda: stage.position() == 0)
        await stage.sleep(1.1)
        assert at_work[-1] == 0

    play(story)


def test_a_part_that_is_walked_is_drilled_for_until_it_is_gone(at_work: list[int]) -> None:
    async def story(stage: Stage) -> None:
        stage.settings = DRILLED
        edge, seat = await held_alone(stage)
        await stage.sleep(1.1)
        assert at_work[-1] == 0
        stage.show(bid_size=0)
        walk = Walk(way_of_part(seat, 40, "99.00"))
        walking = asyncio.ensure_future(edge.walk(walk))
        await stage.sleep(1.1)
        assert at_work[-1] == 1
        stage.show(bid_size=500)
        await asyncio.wait_for(walking, 10)
        await stage.sleep(1.1)
        assert at_work[-1] == 0

    play(story)
