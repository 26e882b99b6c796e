"""Prices that can't be believed, lines and messages that are counted, and what others do."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from json import loads

import pytest

from backstay.domain.edge.arms import ArmPhase, Progress
from backstay.domain.edge.contracts import InstrumentQuery
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from backstay.gateway.faults.plan import rule
from backstay.gateway.times import SECOND_NS
from tests.broker.edge.stage import EDGE, SETTINGS, Seat, Stage, key, play

ABOVE_101 = Trigger(Decimal(101), Crossing.ABOVE)


_following: list[asyncio.Task[None]] = []
"""A task is kept as long as somebody holds it."""


async def armed(
    stage: Stage, seat: Seat, trigger: Trigger | None = ABOVE_101, limit: str = "101.50"
) -> list[Progress]:
    """Have an entry armed, and its progress kept."""
    told: list[Progress] = []
    arm = seat.arm(limit=limit, stop=None, trigger=trigger)
    edge = stage.edges[-1]

    async def follow() -> None:
        revision = 0
        while not told or not told[-1].phase.is_final:
            told.append(await edge.arm(arm, 1, revision))
            revision = told[-1].revision

    _following[:] = [*_following[-9:], asyncio.ensure_future(follow())]
    await stage.sleep(1)
    return told


@pytest.mark.req("S0.3", "S3.7")
def test_while_somebody_else_has_the_data_nothing_fires() -> None:
    """10197: another login takes the prices away; the last ones that were heard prove nothing."""

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        told = await armed(stage, seat)
        await stage.sleep(12)
        assert stage.told("competing session")
        assert not edge._watch.is_live(seat.instrument.con_id)
        stage.trade("101.20")
        await stage.sleep(20)
        assert stage.placed() == []
        await stage.sleep(60)
        stage.trade("100.10")
        await stage.sleep(5)
        stage.trade("101.20")
        await stage.sleep(5)
        assert [progress.phase for progress in told][-1] in (ArmPhase.OVER, ArmPhase.MISSED)

    play(story, rule("competing-login", at="+10s", lasting="60s"))


@pytest.mark.req("X.9")
def test_an_entry_without_a_data_line_is_not_admitted() -> None:
    """101: about a hundred lines, and who has none is told so instead of waiting blindly."""

    async def story(stage: Stage) -> None:
        edge = await stage.edge(replace(EDGE, data_lines_max=2))
        phases = []
        for number, symbol in enumerate(("AAPL", "MSFT", "SPY")):
            seat = await stage.seat(edge, symbol, f"DATA000{number}")
            told = await armed(stage, seat)
            phases.append([progress.phase for progress in told])
        assert phases == [[], [], [ArmPhase.REFUSED]]

    stage = play(story)
    assert not [line for line in stage.wire if '"code":101,' in line]


@pytest.mark.req("X.9")
def test_fewer_lines_than_we_think_are_noticed() -> None:
    """101: other programs of the same login take lines, too."""

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        first, second = [
            await stage.seat(edge, symbol, f"{symbol}0000".replace("L", "1"))
            for symbol in ("AAPL", "MSFT")
        ]
        await armed(stage, first)
        await armed(stage, second)
        await stage.sleep(5)
        assert edge.health().lines_max == 1
        assert stage.told("data lost")
        assert not edge._watch.is_live(second.instrument.con_id)
        stage.trade("101.20", "MSFT")
        await stage.sleep(5)

    stage = play(story, settings=replace(SETTINGS, data_lines_max=1))
    assert [line for line in stage.wire if '"code":101,' in line]
    assert stage.placed() == []


def read_at(stage: Stage) -> Iterator[int]:
    """When each message of ours was read, in nanoseconds."""
    for line in map(loads, stage.wire):
        if line["dir"] == "in" and line["msg"] != "hello":
            yield line["t"]


@pytest.mark.req("S2.6")
def test_no_more_than_45_messages_leave_in_any_second() -> None:
    """IB cuts off who sends more than 50."""

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        await armed(stage, seat, None, limit="95.00")
        asking = [
            asyncio.ensure_future(edge.resolve(InstrumentQuery(f"NONE{number}")))
            for number in range(60)
        ]
        cancelling = [asyncio.ensure_future(edge.cancel(key(Purpose.ENTRY))) for _ in range(100)]
        await asyncio.gather(*asking, *cancelling)

    stage = play(story, rule("cancel-unanswered", then="never"))
    times = list(read_at(stage))
    assert max(sum(at <= other < at + SECOND_NS for other in times) for at in times) == 45
    assert not [line for line in stage.wire if '"code":100,' in line]


@pytest.mark.req("X.2")
@pytest.mark.parametrize("client_id", [1, 0])
def test_an_order_by_hand_is_found_by_asking_for_everybodys(client_id: int) -> None:
    """Only client 0 hears of it at once; whoever else wants to know has to ask."""

    async def story(stage: Stage) -> None:
        edge = await stage.edge(replace(EDGE, client_id=client_id))
        await stage.sleep(11)
        if client_id == 0:
            assert edge.snapshot().foreign_orders
        await stage.sleep(120)
        (order,) = edge.snapshot().foreign_orders
        assert order.quantity == 10
        assert order.terms == Limit(Decimal(90))
        assert stage.told("manual action")

    stage = play(story, rule("manual-order", at="+10s", quantity=10, limit="90"))
    assert stage.placed() == []


@pytest.mark.req("S3.3")
def test_a_position_that_somebody_else_has_opened_is_told() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        await stage.sleep(60)
        (position,) = edge.snapshot().positions
        assert position.quantity == -10
        assert stage.told("unexpected position")

    play(story, rule("manual-order", at="+10s", quantity=10, side="SELL"))


@pytest.mark.req("S0.3")
def test_an_entry_that_is_meant_for_now_does_not_wait_for_a_price_that_stands_to_change() -> None:
    """A line that somebody has had before us begins with no picture, unless it is asked for."""

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        for number in range(2):
            seat = await stage.seat(edge, "AAPL", f"DATA000{number}")
            told = await armed(stage, seat, None)
            await stage.sleep(1)
            assert told[-1].phase is ArmPhase.OVER

    play(story)


@pytest.mark.req("S0.3")
def test_an_entry_that_is_meant_for_now_waits_for_a_price_that_is_fresh() -> None:
    """Prices are told when they change: one that nobody has confirmed for long is refused (I6), and
    whether somebody else looks at the contract must not decide about the entry.
    """

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        await armed(stage, await stage.seat(edge, "AAPL", "DATA0001"))
        await stage.sleep(15)
        told = await armed(stage, await stage.seat(edge, "AAPL", "DATA0002"), None)
        assert told == []
        stage.show(ask="100.03")
        await stage.sleep(1)
        assert told[-1].phase is ArmPhase.OVER

    play(story)
