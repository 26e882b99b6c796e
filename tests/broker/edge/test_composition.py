"""What no room sees alone: who hears of a line's end, who asks for the time, who gives signs."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from json import loads
from typing import Any

import pytest

from backstay.broker.arms.run import ArmRun
from backstay.broker.connecting import Connecting, Hearers, Wiring
from backstay.broker.edge import Edge
from backstay.broker.health import SILENT_AFTER_SECONDS, Sign
from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.line.encoding import Encoder
from backstay.broker.line.numbers import IdNumbers
from backstay.broker.translation.writing import FrameWriting
from backstay.broker.watch.watch import TickWatch
from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.changing import Ended
from backstay.domain.edge.submission import Submission
from backstay.domain.ids import Purpose
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.orders.intent import Limit, TimeInForce
from backstay.domain.orders.outcome import Accepted
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import Profile
from tests.broker.edge.stage import EDGE, TRADE, Stage, key, play
from tests.broker.edge.test_guards import held

DAY_SECONDS = 24 * 3600


def questions(stage: Stage) -> list[dict[str, Any]]:
    """Every request that was read off the wire, in order."""
    return [line for line in map(loads, stage.wire) if line["dir"] == "in"]


def test_a_socket_that_lingers_takes_nothing_from_the_line_that_stands() -> None:
    async def story(stage: Stage) -> None:
        lost, ended = list[str](), list[str]()

        def now() -> Any:
            return stage.now

        encoder, lanes = Encoder(), OutgoingLanes(stage.notices.append, now)
        connecting = Connecting(
            EDGE,
            now,
            Wiring(lanes, IdNumbers(), encoder, FrameWriting(encoder)),
            Hearers(lambda _news: None, lambda: None, lambda: lost.append("lost")),
        )
        first = await connecting.open(ended.append)
        assert connecting.line is first.line
        first.no_more_answers("hung up")
        assert lost == ["lost"]
        assert not connecting.accounts
        stage.restart_gateway(0)
        second = await connecting.open(ended.append)
        first.line.close()
        await stage.sleep(5)
        assert ended[0] != "lost"
        assert lost == ["lost"]
        assert connecting.line is second.line
        second.line.close()

    play(story)


def test_prices_are_asked_for_again_on_every_line() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        for _ in range(3):
            stage.cut()
            await stage.sleep(0.1)
            await edge.synced()
            await stage.sleep(1)
            before = stage.now
            await stage.sleep(1)
            stage.trade("100.01")
            await stage.sleep(1)
            last_tick_at = edge.health().last_tick_at
            assert last_tick_at is not None
            assert last_tick_at > before
            assert edge.health().lines_used == 1
            await stage.sleep(30)
        guarding.cancel()

    play(story)


def test_what_is_guarded_a_moment_after_its_entry_has_prices_at_once() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        await stage.sleep(1)
        began = stage.now
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(0.5)
        last_tick_at = edge.health().last_tick_at
        assert last_tick_at is not None
        assert last_tick_at >= began - timedelta(milliseconds=50)
        guarding.cancel()

    play(story)


def test_the_brokers_time_is_asked_for_before_anything_that_is_filed_by_it() -> None:
    async def story(stage: Stage) -> None:
        edge = Edge(EDGE, stage.notices.append, stage.now - timedelta(days=3))
        stage.edges.append(edge)
        edge.set_epoch(KillState())
        edge.start()
        await asyncio.wait_for(edge.synced(), 60)
        completeness = edge.snapshot().completeness
        assert completeness.positions_at is not None
        assert abs(completeness.positions_at - stage.now) < timedelta(seconds=2)

    stage = play(story)
    asked = [line["msg"] for line in questions(stage)]
    assert asked.index("reqCurrentTime") < asked.index("reqPositions")
    assert [notice.kind for notice in stage.notices] == ["clock stepped"]


def test_one_task_asks_for_the_time_first_often_and_then_as_a_sign_of_life() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        await stage.sleep(20)
        known = edge.health().time
        assert known is not None
        assert known.error_seconds < 0.02
        assert abs(known.at - stage.now) < timedelta(seconds=0.02)
        before = len(questions(stage))
        await stage.sleep(30)
        more = [line["msg"] for line in questions(stage)[before:]]
        assert more.count("reqCurrentTime") <= 7

    play(story)


def test_every_task_gives_signs_of_life() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        await stage.sleep(2 * SILENT_AFTER_SECONDS)
        for task in edge.health().tasks:
            assert stage.now - task.last_sign_at < timedelta(seconds=6), task
            assert task.restarts == 0

    assert play(story).notices == []


def test_a_task_that_hangs_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(watch: TickWatch, sign: Sign) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(TickWatch, "run", hang)

    async def story(stage: Stage) -> None:
        await stage.edge()
        await stage.sleep(SILENT_AFTER_SECONDS + 1)

    silent = play(story).told("task silent")
    assert [notice.subject for notice in silent] == ["watch"]


@pytest.mark.req("X.2")
def test_a_position_that_nobody_explains_is_told_although_nothing_more_is_read() -> None:
    async def story(stage: Stage) -> None:
        await stage.edge()
        await stage.until(stage.position)
        await stage.sleep(3.5)
        assert stage.told("unexpected position")

    play(story, rule("manual-order", at="+10500ms", symbol="AAPL", quantity=10))


def test_after_two_midnights_what_is_over_is_forgotten_and_what_is_guarded_is_not() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        other = await stage.seat(edge, "AAPL", "Z0000001")
        await stage.until(lambda: edge.health().guarded)
        await stage.sleep(2)
        order = other.order(
            Purpose.ENTRY, 10, Limit(Decimal("99.00")), time_in_force=TimeInForce.DAY
        )
        submission = Submission(stage.approve(order), order, stage.asked(other.instrument))
        assert isinstance(await edge.submit(submission), Accepted)
        while not isinstance(await edge.cancel(order.key), Ended):
            await stage.sleep(0.2)
        entry = key(Purpose.ENTRY)
        for nights, known in ((1, {entry, order.key}), (2, {entry})):
            stage.stand_still(DAY_SECONDS)
            await stage.sleep(30)
            await edge.synced()
            assert known <= {order.key for order in edge.snapshot().orders}, nights
        assert order.key not in {order.key for order in edge.snapshot().orders}
        assert edge._desk._around.sendings.of(order.key) is None
        guarding.cancel()

    play(story)


@pytest.mark.req("I8")
def test_what_the_day_that_ended_can_still_tell_counts_once() -> None:
    async def story(stage: Stage) -> None:
        old, seat = await held(stage)
        await old.close()
        await stage.sleep(5)
        edge = await stage.edge()
        await stage.sleep(2)
        for seconds in (14 * 3600, DAY_SECONDS):
            stage.stand_still(seconds)
            await stage.sleep(30)
            stage.cut()
            await stage.sleep(2)
            await edge.synced()
            assert edge._inbox.position(seat.instrument.con_id) == 100
            await stage.sleep(10)
        assert stage.told("unexpected position") == []

    play(story, profile=Profile(yesterday_stays_visible=True))


@pytest.mark.req("S3.2")
def test_an_arm_that_fails_keeps_neither_a_kill_nor_a_session_from_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = key(Purpose.ENTRY)

    def failing(told: Callable[..., None]) -> Callable[..., None]:
        def fail(run: ArmRun, *more: Any) -> None:
            if run.key == broken:
                raise LookupError("broken")
            told(run, *more)

        return fail

    monkeypatch.setattr(ArmRun, "killed", failing(ArmRun.killed))
    monkeypatch.setattr(ArmRun, "session_is_ready", failing(ArmRun.session_is_ready))

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        above = Trigger(Decimal(101), Crossing.ABOVE)
        waiting = []
        for symbol, trade in (("AAPL", TRADE), ("MSFT", "Z0000001"), ("SPY", "Z0000002")):
            seat = await stage.seat(edge, symbol, trade)
            arm = seat.arm(trigger=above, limit="101.50")
            waiting.append(asyncio.ensure_future(edge.arm(arm, 1)))
            await stage.sleep(1)
        stage.cut()
        await stage.sleep(1)
        await edge.synced()
        assert stage.told("task failed")
        await stage.sleep(1)
        for price in ("100.50", "101.20"):
            stage.trade(price, "MSFT")
            await stage.sleep(1)
        assert waiting[1].done()
        assert stage.position("MSFT") == 100
        edge.set_epoch(KillState(1, KillMode.FREEZE))
        await stage.sleep(1)
        assert waiting[2].result().phase is ArmPhase.REFUSED
        assert not waiting[0].done()
        waiting[0].cancel()

    play(story)


def test_who_waits_for_the_session_to_be_taken_hears_of_it_at_once_and_of_nothing_else() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        waiting = asyncio.ensure_future(edge.until_taken())
        rival = await stage.edge(synced=False)
        await asyncio.wait_for(rival.until_taken(), 10)
        stage.cut()
        await stage.sleep(0.1)
        assert not waiting.done()
        await edge.close()
        await asyncio.wait_for(rival.synced(), 60)
        later = asyncio.ensure_future(rival.until_taken())
        await stage.sleep(60)
        assert not later.done()
        later.cancel()
        waiting.cancel()

    play(story)
