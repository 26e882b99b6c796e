"""Blanks take the way of an order, and reach nobody."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from backstay.broker.drill.drill import PAUSE_SECONDS, SHOTS, Drill
from backstay.domain.edge.session import SessionState
from tests.broker.edge.stage import EDGE, Stage, play
from tests.broker.edge.test_arms import ABOVE_101

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
