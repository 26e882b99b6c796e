"""A part that leaves at its target while the guard watches the rest, and what may meet the two."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from backstay.broker.edge import Edge
from backstay.broker.hearing import Hearing
from backstay.broker.news import ExecutionNews, News
from backstay.domain.edge.guards import (
    ExitBegun,
    Guard,
    GuardEnd,
    GuardEnded,
    GuardResult,
    Split,
    TargetReached,
)
from backstay.domain.edge.walking import Walked
from backstay.domain.ids import Purpose
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.profile import PESSIMISTIC
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from tests.broker.edge.stage import Seat, Stage, key, play
from tests.broker.edge.test_guards import EXIT, STOP, fall, held
from tests.broker.edge.test_naked_time import WORKING, agrees, naked, really_naked
from tests.broker.edge.test_walks import PROMPT, trading
from tests.broker.edge.walking import Engine, violations, way_of
from tests.broker.guards.parts import next_news, shown, split, target
from tests.broker.guards.test_leaving import alive
from tests.broker.guards.test_walks import OUT, OUT_LAST, way_of_part

REST_LAST = str(key(Purpose.EXIT_STOP, 2))


@dataclass(slots=True)
class Parted:
    """40 of 100 are leaving at their target, and 60 are watched."""

    stage: Stage
    edge: Edge
    seat: Seat
    guard: Guard
    part: Engine
    walking: "asyncio.Future[Walked]"
    news: "asyncio.Future[GuardResult]"

    async def ended(self) -> Walked:
        """How the way out of the part came to its end."""
        return await asyncio.wait_for(self.walking, 60)

    async def left(self, edge: Edge | None = None) -> Walked:
        """How the way out of the rest came to its end, once its stop has fired."""
        begun = await asyncio.wait_for(self.news, 30)
        assert isinstance(begun, ExitBegun), begun
        assert begun.ladder.quantity == 60
        engine = Engine(self.stage, way_of(self.guard, begun))
        walking = engine.walk(edge or self.edge, begun.ladder, begun.entered)
        return await asyncio.wait_for(walking, 60)


async def parted(stage: Stage) -> Parted:
    """The target was reached and the part split off; nobody bids for it."""
    edge, seat = await held(stage)
    out = target(seat, "103.00", 40, 1)
    guard = seat.guard(target=out)
    guarding = asyncio.ensure_future(next_news(edge, guard))
    await stage.sleep(1)
    stage.show(bid_size=0)
    await fall(stage, "103.05", "103.06")
    assert isinstance(await guarding, TargetReached)
    assert isinstance(await edge.split_off(split(guard, 2, 40)), Split)
    part = Engine(stage, way_of_part(seat, 40, "103.00"))
    walking = asyncio.ensure_future(part.walk(edge, None))
    await stage.until(lambda: OUT in alive(stage))
    assert shown(stage) == 60
    news = asyncio.ensure_future(edge.guard(guard, 1, 1))
    return Parted(stage, edge, seat, guard, part, walking, news)


def overcommitted(stage: Stage) -> list[str]:
    """The moments in which the orders that live could have sold more than there was."""
    found: list[str] = []
    orders: dict[int, dict[str, Any]] = {}
    for line in stage.orders():
        orders[line["perm_id"]] = line
        held, living, is_entering = Decimal(0), Decimal(0), False
        for order in orders.values():
            filled = Decimal(order["filled"])
            if order["side"] == "BUY":
                held, is_entering = held + filled, not order["over"]
            else:
                held -= filled
                living += Decimal(order["qty"]) - filled if order["status"] in WORKING else 0
        if living > held and not is_entering:
            found.append(f"{line['t']}: {living} of {held}")
    return found


def lived(
    story: Callable[[Parted], Awaitable[Edge]],
    *plan: Rule,
    sold_by_hand: bool = False,
    is_told_in_time: bool = True,
) -> Stage:
    """A story of parts; in the end all laws hold."""

    async def told(stage: Stage) -> None:
        scene = await parted(stage)
        edge = await story(scene)
        assert stage.position() == 0
        assert alive(stage) == set()
        measured, really = naked(edge, scene.seat), really_naked(stage, PESSIMISTIC)
        if is_told_in_time:
            assert agrees(measured, really, 100), (measured, really)
        else:
            # What was executed counts once it is told, and until then as open.
            assert measured.unit_seconds >= really
            assert measured.quantity == 0

    stage = play(told, *plan, profile=PROMPT)
    assert violations(stage) == []
    if not sold_by_hand:
        assert overcommitted(stage) == []
        assert not stage.told("manual action")
    return stage


@pytest.mark.req("S4.5", "X.1")
def test_both_leave_at_once_and_neither_takes_from_the_other() -> None:
    async def story(scene: Parted) -> Edge:
        stage = scene.stage
        await fall(stage, "97.80", "97.79")
        stage.show(bid="97.60", bid_size=0)
        await stage.until(lambda: EXIT in alive(stage))
        await stage.sleep(0.5)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        rest, part = await asyncio.gather(scene.left(), scene.ended())
        assert [rest.ladder.quantity, part.ladder.quantity] == [60, 40]
        assert not rest.went_alone
        assert not scene.part.has_gone_alone
        return scene.edge

    lived(story)


@pytest.mark.req("S4.5")
def test_the_stop_at_the_broker_takes_the_rest_while_the_part_waits() -> None:
    async def story(scene: Parted) -> Edge:
        scene.stage.show(bid="94.00", ask="94.04", bid_size=500, last="94.00", last_size=100)
        ended = await asyncio.wait_for(scene.news, 30)
        assert isinstance(ended, GuardEnded), ended
        assert ended.why is GuardEnd.SHIELD_FILLED
        assert (await scene.ended()).ladder.quantity == 40
        return scene.edge

    stage = lived(story)
    assert EXIT not in stage.placed()


@pytest.mark.req("S4.5", "S2.6")
def test_after_a_crash_both_ways_out_go_on_where_they_were() -> None:
    async def story(scene: Parted) -> Edge:
        stage = scene.stage
        await fall(stage, "97.80", "97.79")
        stage.show(bid="97.60", bid_size=0)
        begun = await asyncio.wait_for(scene.news, 10)
        assert isinstance(begun, ExitBegun)
        await stage.until(lambda: EXIT in alive(stage))
        ladder, seed = scene.part.walked[-1:] or None, naked(scene.edge, scene.seat)
        scene.walking.cancel()
        await scene.edge.close()
        successor = await stage.edge()
        rest = Engine(stage, way_of(scene.guard, begun))
        walks = (
            rest.walk(successor, begun.ladder, begun.entered, seed),
            scene.part.walk(successor, ladder[0].ladder if ladder else None, None, seed),
        )
        both = asyncio.gather(*walks)
        await stage.until(lambda: alive(stage) == {OUT_LAST, REST_LAST}, 10)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        await asyncio.wait_for(both, 60)
        return successor

    lived(story)


@pytest.mark.req("S4.5", "S2.6")
def test_a_guard_that_is_handed_in_as_it_was_at_first_takes_the_stop_as_it_is_shown() -> None:
    async def story(scene: Parted) -> Edge:
        stage = scene.stage
        stage.show(bid="103.00", ask="103.04", bid_size=500)
        await scene.ended()
        await stage.sleep(5)
        await scene.edge.close()
        successor = await stage.edge()
        scene.news = asyncio.ensure_future(successor.guard(scene.guard, 1, 1))
        await stage.sleep(3)
        assert stage.position() == shown(stage) == 60
        assert isinstance(await successor.split_off(split(scene.guard, 2, 40)), Split)
        await fall(stage, "97.80", "97.79")
        await scene.left(successor)
        assert not stage.told("protection mismatch")
        return successor

    lived(story)


@pytest.mark.req("S4.5")
def test_a_part_that_meets_a_halt_waits_and_its_rest_stays_behind_its_stop() -> None:
    async def story(scene: Parted) -> Edge:
        stage = scene.stage
        trading(stage, "halt")
        await stage.sleep(30)
        assert alive(stage) == {STOP, OUT}
        trading(stage, "resume")
        stage.show(bid="103.00", ask="103.04", bid_size=500)
        await scene.ended()
        assert stage.position() == shown(stage) == 60
        await fall(stage, "97.80", "97.79")
        await scene.left()
        return scene.edge

    lived(story)


@pytest.mark.req("X.2")
def test_what_a_hand_sells_while_a_part_leaves_is_taken_off_the_rest() -> None:
    async def story(scene: Parted) -> Edge:
        stage = scene.stage
        stage.show(bid="102.00", bid_size=30)
        await stage.until(lambda: stage.position() == 70)
        stage.show(bid_size=0)
        await stage.until(lambda: shown(stage) == 30, 20)
        stage.show(bid="103.00", ask="103.04", bid_size=500)
        await scene.ended()
        assert stage.position() == shown(stage) == 30
        stage.show(bid="94.00", ask="94.04", bid_size=500, last="94.00", last_size=100)
        assert isinstance(await asyncio.wait_for(scene.news, 30), GuardEnded)
        return scene.edge

    never = tuple(rule("cancel-unanswered", nth=nth, delay="20s") for nth in (1, 2, 3))
    sold = rule("manual-order", at="+1500ms", side="SELL", quantity=30, symbol="AAPL")
    lived(story, *never, sold, sold_by_hand=True)


def test_a_kill_leaves_ways_out_as_they_are() -> None:
    async def story(scene: Parted) -> Edge:
        stage = scene.stage
        scene.edge.set_epoch(KillState(1, KillMode.FREEZE))
        await fall(stage, "97.80", "97.79")
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        await asyncio.gather(scene.left(), scene.ended())
        return scene.edge

    lived(story)


@pytest.mark.req("X.2")
def test_what_a_part_has_filled_is_no_hands_sale_although_its_execution_is_told_late() -> None:
    async def story(scene: Parted) -> Edge:
        stage, hearing = scene.stage, scene.edge._hearing
        scene.edge._hearing = LateExecutions(hearing)  # type: ignore[assignment]
        stage.show(bid="103.00", ask="103.04", bid_size=500)
        await stage.until(lambda: stage.position() == 60)
        await stage.sleep(LateExecutions.SECONDS - 0.5)
        assert not scene.walking.done()
        await scene.ended()
        assert shown(stage) == 60
        scene.edge._hearing = hearing
        await fall(stage, "97.80", "97.79")
        await scene.left()
        return scene.edge

    stage = lived(story, is_told_in_time=False)
    assert stage.placed()[-1] == EXIT


class LateExecutions:
    """Executions are heard so much later than positions."""

    SECONDS = 3.0

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing

    def hear(self, news: News) -> None:
        """What is heard now, and what is heard later."""
        if not isinstance(news, ExecutionNews):
            self._hearing.hear(news)
            return
        loop = asyncio.get_running_loop()
        loop.call_later(self.SECONDS, self._hearing.hear, news)
        loop.call_later(self.SECONDS, self._hearing.settle)

    def settle(self) -> None:
        """Nothing is different here."""
        self._hearing.settle()
