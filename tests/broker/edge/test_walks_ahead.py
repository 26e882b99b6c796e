"""Ways out whose foreseeable steps the engine has written down before they are due."""

import asyncio
from json import loads

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.guards import ExitBegun
from backstay.domain.exits.events import Send
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from backstay.gateway.profile import Profile
from tests.broker.edge.stage import Stage
from tests.broker.edge.test_guards import ENTRY, EXIT, LAST, STOP
from tests.broker.edge.test_walks import AGAIN, PAIR, PROMPT, to_the_end, walked
from tests.broker.edge.walking import Engine, not_written

SLOW_SECONDS = 0.9
"""A way to the engine and back, just before the edge would go on alone."""


def read_at(stage: Stage, ref: str) -> float:
    """When the placement of an order was read off the wire, in seconds."""
    lines = map(loads, stage.wire)
    return next(
        float(line["t"]) / 1e9
        for line in lines
        if line["dir"] == "in" and line["msg"] == "placeOrder" and line["ref"] == ref
    )


def cancelled_at(stage: Stage) -> float:
    """When the last cancel was read off the wire, in seconds."""
    lines = map(loads, stage.wire)
    return max(float(line["t"]) / 1e9 for line in lines if line["msg"] == "cancelOrder")


@pytest.mark.req("S4.5")
def test_a_limit_whose_time_is_over_does_not_wait_for_the_engine() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        engine.hop_seconds = SLOW_SECONDS
        await to_the_end(stage, edge, engine, begun)

    stage, engine = walked(walking, foresees=True)
    assert stage.placed() == [ENTRY, STOP, EXIT, LAST]
    assert cancelled_at(stage) - read_at(stage, EXIT) < 2 + SLOW_SECONDS / 2
    assert engine.changes == [Send]
    assert not engine.has_gone_alone
    assert not stage.told("task silent")
    assert not_written(stage, engine) == []


@pytest.mark.req("S4.5")
@pytest.mark.parametrize(
    ("assumed", "gateway", "changes"),
    [(OPTIMISTIC, EASY, []), (PAIR, PROMPT, [Send]), (PESSIMISTIC, PROMPT, [Send])],
    ids=["reshape", "pair", "swap"],
)
def test_each_way_of_meeting_the_stop_is_foreseen_up_to_its_next_order(
    assumed: BrokerProfile, gateway: Profile, changes: list[type]
) -> None:
    stage, engine = walked(to_the_end, gateway=gateway, assumed=assumed, foresees=True)
    assert engine.changes == changes
    assert not engine.has_gone_alone
    assert not_written(stage, engine) == []


@pytest.mark.req("S4.5", "S4.3")
def test_what_a_limit_fills_meanwhile_is_not_sold_again_and_decided_anew() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        way = asyncio.ensure_future(engine.walk(edge, begun.ladder))
        await stage.sleep(0.5)
        stage.show(bid="97.51", ask="97.64", bid_size=30)
        await stage.until(lambda: stage.position() == 70)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        last = await asyncio.wait_for(way, 60)
        assert last.position == stage.position() == 0

    stage, engine = walked(walking, foresees=True)
    assert engine.changes == [Send]
    (last,) = [each for _, each in engine.written if str(each.key) == LAST and each.quantity == 70]
    assert last.terms.kind == "MKT"
    assert stage.placed() == [ENTRY, STOP, EXIT, LAST]
    assert not engine.has_gone_alone
    assert not_written(stage, engine) == []


@pytest.mark.req("S4.5")
def test_in_a_halt_nothing_that_was_foreseen_leaves() -> None:
    async def walking(stage: Stage, edge: Edge, engine: Engine, begun: ExitBegun) -> None:
        way = asyncio.ensure_future(engine.walk(edge, begun.ladder))
        stage.show(halted=1)
        await stage.sleep(10)
        assert LAST not in stage.placed()
        stage.show(halted=0)
        await stage.sleep(1)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        await asyncio.wait_for(way, 120)
        assert stage.position() == 0

    stage, engine = walked(walking, foresees=True)
    assert not_written(stage, engine) == []
    assert AGAIN not in stage.placed()


@pytest.mark.req("S4.5")
def test_a_cancel_that_the_broker_does_not_confirm_holds_the_next_order_back() -> None:
    stage, engine = walked(to_the_end, rule("cancel-unanswered", nth=2, delay="4s"), foresees=True)
    assert stage.told("exit unresolved")
    assert read_at(stage, LAST) - read_at(stage, EXIT) > 3.5
    assert not_written(stage, engine) == []


@pytest.mark.req("S4.5")
def test_a_fill_after_the_cancel_is_not_sold_again() -> None:
    stage, engine = walked(to_the_end, rule("fill-after-cancel", nth=2, delay="1ms"), foresees=True)
    assert stage.position() == 0
    assert not_written(stage, engine) == []
