"""Ways out, walked attempt after attempt."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import cast

import pytest
from temporalio.exceptions import ApplicationError

from activities.walks import WalkActivities
from backstay.broker.edge import Edge
from backstay.broker.session.tenure import SessionTakenError
from backstay.domain.edge.guards import ExitBegun
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.ids import Purpose
from backstay.domain.protection.naked import NakedTime
from backstay.lab.virtual_time import run
from tests.activities.attempts import Attempt
from tests.broker.edge.stage import START, START_NS, Stage, key, play
from tests.broker.edge.test_guards import fall, held
from tests.broker.edge.walking import Engine, way_of
from tests.domain.edge.test_resuming import WAY_OUT, ladder, walked

EXIT = str(key(Purpose.EXIT_STOP))


@dataclass
class ScriptedEdge:
    """An edge that walks for a few seconds."""

    error: Exception | None = None
    walks: list[Walk] = field(default_factory=list)
    standing: Walked | None = None

    async def walk(self, walk: Walk) -> Walked:
        self.walks.append(walk)
        if self.error is not None:
            raise self.error
        self.standing = walked(3)
        await asyncio.sleep(5)
        return walked(9)

    def walk_state(self, walk: Walk) -> Walked | None:
        return self.standing if walk.way_out == WAY_OUT else None


def attempted(edge: ScriptedEdge, attempt: Attempt) -> Walked:
    """What one attempt at a walk from a ladder of the first second comes to."""
    doors = WalkActivities(edge, lambda: None)
    return run(attempt.run(doors.walk, Walk(WAY_OUT, ladder(1))), start_ns=START_NS)


def test_a_walk_is_walked_and_its_heartbeat_is_how_it_stands() -> None:
    edge, attempt = ScriptedEdge(), Attempt(timeout=timedelta(seconds=5))
    assert attempted(edge, attempt) == walked(9)
    assert edge.walks == [Walk(WAY_OUT, ladder(1))]
    assert attempt.beats == [(walked(3),)] * 3


@pytest.mark.parametrize(("seconds", "begins"), [(0, 1), (1, 1), (2, 2)])
def test_a_later_attempt_walks_on_from_the_newest_ladder(seconds: int, begins: int) -> None:
    edge = ScriptedEdge()
    attempted(edge, Attempt(2, walked(seconds)))
    assert [walk.ladder for walk in edge.walks] == [ladder(begins)]


@pytest.mark.parametrize("alone", [True, False])
def test_that_the_edge_went_alone_is_told_by_the_next_attempt(alone: bool) -> None:
    before = replace(walked(2), went_alone=alone)
    assert attempted(ScriptedEdge(), Attempt(2, before)).went_alone is alone


def test_a_session_that_somebody_else_has_is_tried_again() -> None:
    edge = ScriptedEdge(error=SessionTakenError("another edge has the session; walk again"))
    with pytest.raises(ApplicationError) as told:
        attempted(edge, Attempt())
    assert (told.value.type, told.value.non_retryable) == ("SessionTaken", False)


# --- before the whole edge and the whole gateway ---


@dataclass
class Door:
    """Where an engine finds the edge: behind the activity, whose every attempt but the last is
    called off in mid-flight.
    """

    doors: WalkActivities
    called_off: int = 0

    async def walk(self, walk: Walk) -> Walked:
        for number in range(1, self.called_off + 1):
            attempt = Attempt(number)
            task = asyncio.ensure_future(attempt.run(self.doors.walk, walk))
            await asyncio.sleep(0.01)
            attempt.env.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                return task.result()
        return await Attempt(self.called_off + 1).run(self.doors.walk, walk)


@pytest.mark.parametrize("called_off", [0, 1, 3])
def test_a_position_is_left_through_the_door_however_often_an_attempt_is_called_off(
    called_off: int,
) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        stage.show(bid_size=0)
        await fall(stage, "97.80", "97.79")
        begun = await asyncio.wait_for(guarding, 5)
        assert isinstance(begun, ExitBegun)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        engine = Engine(stage, way_of(guard, begun))
        door = cast("Edge", Door(WalkActivities(edge, lambda: None), called_off))
        last = await asyncio.wait_for(engine.walk(door, begun.ladder), 60)
        assert last.ladder.is_done
        assert last.position == 0
        assert not engine.has_gone_alone
        assert stage.position() == 0

    assert play(story).placed().count(EXIT) == 1


def test_naked_time_goes_on_from_the_newest_measure() -> None:
    naked = NakedTime(Decimal(5), Decimal(100), START)
    edge = ScriptedEdge()
    attempted(edge, Attempt(2, replace(walked(2), naked=naked)))
    assert [walk.naked for walk in edge.walks] == [naked]
