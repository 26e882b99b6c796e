"""The port of the edge, method by method, before the gateway."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from json import loads
from typing import Any

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Gone
from backstay.domain.edge.changing import CancelAnswer, Ended, Modified, NothingToCancel
from backstay.domain.edge.contracts import (
    InstrumentQuery,
    Previewed,
    PreviewRefused,
    Resolved,
    Unresolvable,
    Volatility,
)
from backstay.domain.edge.guards import MoveStop
from backstay.domain.edge.looking import Absent, Found, Unanswered
from backstay.domain.edge.session import SessionState
from backstay.domain.edge.submission import Submission, SubmitAnswer
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.orders.intent import Limit, OrderIntent
from backstay.domain.orders.outcome import Accepted, Rejected
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import ACCOUNT, EDGE, Seat, Stage, key, play
from tests.broker.edge.test_guards import hold

FAR = Limit(Decimal("99.00"))
WATCHER = "W0000001"


async def watched(stage: Stage, edge: Edge, symbol: str = "AAPL") -> Seat:
    """A seat in a contract whose prices are heard, because a trigger far away waits there."""
    watcher = await stage.seat(edge, symbol, WATCHER)
    far_away = Trigger(Decimal(200), Crossing.ABOVE)
    keep = asyncio.ensure_future(edge.arm(watcher.arm(trigger=far_away), 1))
    keep.add_done_callback(lambda done: done.cancelled() or done.exception())
    await stage.sleep(0.5)
    return await stage.seat(edge, symbol)


def given(stage: Stage, intent: OrderIntent, epoch: int = 0) -> Submission:
    """An order as it was approved in an epoch, and written down now."""
    approved = replace(stage.approve(intent), epoch=epoch)
    return Submission(approved, intent, stage.asked(intent.instrument))


async def cancelled(stage: Stage, edge: Edge, name: IntentKey) -> CancelAnswer:
    """Cancel, as often as it takes until something else than patience is asked for."""
    while True:
        answer = await edge.cancel(name)
        if answer.kind != "cancel pending":
            return answer
        await stage.sleep(0.2)


def read(stage: Stage, message: str) -> list[dict[str, Any]]:
    """What was read off the wire of one kind of message."""
    return [
        line for line in map(loads, stage.wire) if line["dir"] == "in" and line["msg"] == message
    ]


# --- orders ---------------------------------------------------------------------------------


def test_an_order_is_sent_once_however_often_it_is_submitted() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await watched(stage, edge)
        submission = given(stage, seat.order(Purpose.ENTRY, 10, FAR))
        both = await asyncio.gather(edge.submit(submission), edge.submit(submission))
        again = await edge.submit(submission)
        assert [type(answer) for answer in (*both, again)] == [Accepted] * 3
        await edge.close()
        new = await stage.edge()
        assert isinstance(await new.submit(submission), Accepted)

    assert play(story).placed() == [str(key(Purpose.ENTRY))]


def test_an_order_that_the_broker_rejects_says_why() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await watched(stage, edge)
        answer = await edge.submit(given(stage, seat.order(Purpose.ENTRY, 10, FAR)))
        assert isinstance(answer, Rejected)
        assert answer.code == 201

    play(story, rule("order-rejected", nth=1))


def test_an_order_is_modified_and_cancelled_by_its_key() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await watched(stage, edge)
        order = seat.order(Purpose.ENTRY, 10, FAR)
        assert isinstance(await edge.submit(given(stage, order)), Accepted)
        await stage.sleep(1)
        lower = replace(order, terms=Limit(Decimal("98.50")))
        approved = stage.approve(lower)
        asked = stage.asked(seat.instrument)
        assert isinstance(await edge.modify(Submission(approved, lower, asked)), Modified)
        ended = await cancelled(stage, edge, order.key)
        assert isinstance(ended, Ended)
        assert ended.order.filled == 0
        unknown = key(Purpose.ENTRY, 9)
        assert isinstance(await edge.cancel(unknown), NothingToCancel)

    stage = play(story)
    placed = read(stage, "placeOrder")
    assert [line["fields"]["order"]["limit_price"] for line in placed] == ["99", "98.5"]
    assert len({line["order_id"] for line in placed}) == 1


def test_an_order_is_found_or_proven_absent_or_the_question_is_not_answered() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await watched(stage, edge)
        order = seat.order(Purpose.ENTRY, 10, FAR)
        await edge.submit(given(stage, order))
        con_id, asked = seat.instrument.con_id, stage.asked(seat.instrument)
        found = await edge.find(order.key, con_id, asked)
        assert isinstance(found, Found)
        assert found.order.is_working
        never = await edge.find(key(Purpose.EXIT_STOP), con_id, asked)
        assert isinstance(never, Absent)
        assert len(never.looks) == 2
        await stage.sleep(max(20 - (stage.now - asked.at).total_seconds(), 0))
        silent = await edge.find(key(Purpose.EXIT_STOP), con_id, asked)
        assert isinstance(silent, Unanswered)
        assert silent.question == "completed orders"

    fault = rule("request-unanswered", at="+19s", kinds=["reqCompletedOrders"])
    play(story, fault)


def test_a_preview_places_nothing() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        affordable = await edge.preview(seat.order(Purpose.ENTRY, 10, FAR))
        assert isinstance(affordable, Previewed)
        assert affordable.margin.required > 0
        dear = await edge.preview(seat.order(Purpose.ENTRY, 9_000_000, FAR))
        assert isinstance(dear, PreviewRefused)
        assert stage.orders() == []

    assert play(story).position() == 0


# --- the catalogue --------------------------------------------------------------------------


def test_a_contract_is_asked_for_once_and_what_there_is_not_is_named() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        for _ in range(2):
            answer = await edge.resolve(InstrumentQuery("AAPL"))
            assert isinstance(answer, Resolved)
            assert answer.instrument.symbol == "AAPL"
        unknown = await edge.resolve(InstrumentQuery("APPL"))
        assert isinstance(unknown, Unresolvable)
        assert unknown.field == "symbol"
        assert unknown.value == "APPL"

    stage = play(story)
    asked = [line["fields"]["contract"]["symbol"] for line in read(stage, "reqContractDetails")]
    assert asked.count("AAPL") == 1


def test_how_much_a_contract_moves_comes_from_its_days() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        answer = await edge.volatility(seat.instrument, 14)
        assert isinstance(answer, Volatility)
        assert answer.days == 14
        assert answer.average_true_range >= answer.average_daily_range > 0

    play(story)


# --- the picture ----------------------------------------------------------------------------


def test_a_snapshot_holds_what_the_broker_holds_and_says_how_complete_it_is() -> None:
    async def story(stage: Stage) -> None:
        early = await stage.edge(synced=False)
        assert not early.snapshot().completeness.is_whole
        await early.synced()
        seat = await stage.seat(early)
        await hold(early, seat.arm())
        await stage.sleep(4)
        seen = early.snapshot()
        assert seen.account == ACCOUNT
        assert seen.completeness.is_whole
        (position,) = seen.positions
        assert (position.con_id, position.quantity) == (seat.instrument.con_id, Decimal(100))
        assert {order.key for order in seen.orders} == {key(Purpose.ENTRY), key(Purpose.PROTECT)}
        assert [booked.key for booked in seen.executions] == [key(Purpose.ENTRY)]
        assert seen.executions[0].commission is not None
        assert {"NetLiquidation", "AvailableFunds"} <= {figure.tag for figure in seen.figures}

    play(story)


def test_health_says_how_all_of_it_stands() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        await watched(stage, edge)
        health = edge.health()
        assert (health.account, health.client_id) == (ACCOUNT, 1)
        assert health.session.state is SessionState.READY
        assert (health.armed, health.guarded, health.waiting_in_lanes) == (1, 0, 0)
        assert (health.lines_used, health.lines_max) == (1, 100)
        assert health.last_tick_at is not None
        assert health.time is not None

    play(story)


def test_what_nobody_has_here_is_gone() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        assert isinstance(edge.release(key(Purpose.ENTRY), 2), Gone)
        assert isinstance(edge.release(key(Purpose.EXIT_STOP), 2), Gone)
        move = MoveStop(Decimal(90))
        assert isinstance(edge.amend_guard(key(Purpose.EXIT_STOP), 2, move), Gone)
        assert edge.guard_state(key(Purpose.EXIT_STOP)) is None

    play(story)


# --- the kill -------------------------------------------------------------------------------


def refusal_code(answer: SubmitAnswer) -> str:
    """Why an order was refused, or nothing if it was not."""
    return answer.code if isinstance(answer, Refused) else ""


@pytest.mark.req("S3.2")
def test_as_long_as_no_epoch_is_told_nothing_opens_and_nothing_covers_but_exits_leave() -> None:
    async def story(stage: Stage) -> None:
        told = await stage.edge()
        await hold(told, (await stage.seat(told)).arm())
        await told.close()
        edge = Edge(EDGE, stage.notices.append, stage.now)
        stage.edges.append(edge)
        edge.start()
        await asyncio.wait_for(edge.synced(), 60)
        seat = await watched(stage, edge)
        more = seat.order(Purpose.ENTRY, 10, FAR, generation=2)
        assert refusal_code(await edge.submit(given(stage, more))) == RefusalCode.KILLED
        hedge = seat.order(Purpose.HEDGE, 10, FAR)
        assert refusal_code(await edge.submit(given(stage, hedge))) == RefusalCode.KILLED
        # The stop that rests closes all of it already.
        assert isinstance(await cancelled(stage, edge, key(Purpose.PROTECT)), Ended)
        out = seat.order(Purpose.EXIT_MANUAL, 100, Limit(Decimal("99.98")), Side.SELL)
        assert isinstance(await edge.submit(given(stage, out)), Accepted)
        await stage.sleep(1)
        assert stage.position() == 0

    play(story)


@pytest.mark.req("S3.2")
@pytest.mark.parametrize(
    ("state", "opens", "covers"),
    [
        (KillState(2), "", ""),
        (KillState(2, KillMode.FREEZE), "killed", ""),
        (KillState(2, KillMode.FLATTEN), "killed", "killed"),
    ],
    ids=["clear", "frozen", "flattening"],
)
def test_what_a_kill_leaves_open(state: KillState, opens: str, covers: str) -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await watched(stage, edge)
        assert edge.set_epoch(state) == state
        entry = given(stage, seat.order(Purpose.ENTRY, 10, FAR), epoch=2)
        assert refusal_code(await edge.submit(entry)) == opens
        await stage.sleep(2)
        stage.show(bid="99.97")
        hedge = given(stage, seat.order(Purpose.HEDGE, 10, FAR), epoch=2)
        assert refusal_code(await edge.submit(hedge)) == covers

    play(story)


@pytest.mark.req("S3.2")
def test_what_was_approved_before_a_kill_stays_dead_after_the_resumption() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await watched(stage, edge)
        resumed = KillState(1, KillMode.FREEZE).resumed()
        assert edge.set_epoch(resumed) == resumed
        assert edge.set_epoch(KillState(1, KillMode.FREEZE)) == resumed
        stale = given(stage, seat.order(Purpose.ENTRY, 10, FAR), epoch=1)
        assert refusal_code(await edge.submit(stale)) == RefusalCode.KILLED
        fresh = given(stage, seat.order(Purpose.ENTRY, 10, FAR), epoch=2)
        assert isinstance(await edge.submit(fresh), Accepted)

    play(story)
