"""What tests of targets in parts speak of: a target, a part, the stop as it is shown."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.guards import (
    Guard,
    GuardResult,
    SplitOff,
    Target,
)
from backstay.domain.edge.walking import Walk, WayOut
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import Trail
from backstay.gateway.profile import OPTIMISTIC as EASY
from backstay.gateway.profile import PESSIMISTIC as HARD
from tests.broker.edge.stage import ACCOUNT, Seat, Stage, key
from tests.broker.edge.test_guards import STOP

PROFILES = pytest.mark.parametrize(
    ("assumed", "real"), [(PESSIMISTIC, HARD), (OPTIMISTIC, EASY)], ids=["swap", "reshape"]
)
TRAIL = Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal("3.00"))


def target(seat: Seat, price: str, part: int | None, leg: int = 0) -> Target:
    """A target; that of a part leaves as a leg of its own."""
    out = seat.order(Purpose.EXIT_TARGET, 100, Limit(Decimal(price)), Side.SELL)
    out = replace(out, key=key(Purpose.EXIT_TARGET, leg=leg))
    return Target(Decimal(price), seat.stage.approve(out), None if part is None else Decimal(part))


def split(guard: Guard, version: int, part: int, **more: object) -> SplitOff:
    """What is asked for to have a part split off."""
    return SplitOff(guard.key, version, Decimal(part), **more)  # type: ignore[arg-type]


def shown(stage: Stage, ref: str = STOP) -> Decimal:
    """For how much the order is at the broker."""
    (order,) = [
        each for each in stage.gateway.exchange.open_orders() if each.order.order_ref == ref
    ]
    return order.order.quantity


async def next_news(edge: Edge, guard: Guard, after: int = 0) -> GuardResult:
    """The next news of a guard."""
    return await asyncio.wait_for(edge.guard(guard, 1, after), 30)


async def walk_out(stage: Stage, edge: Edge, guard: Guard, seat: Seat, out: Target) -> None:
    """A part leaves as a leg of its own, led by an engine that only walks."""
    part, first = out.part or Decimal(0), out.exit.intent.key
    stop = disaster_stop(
        key(Purpose.PROTECT, leg=first.leg),
        ACCOUNT,
        seat.instrument,
        part,
        Decimal(95),
        held_outside_regular_hours=False,
    )
    rules = replace(guard.ladder, first_key=first, shield=stop, trigger=out.price)
    asked = stage.asked(seat.instrument)
    way_out = WayOut(rules, part, out.exit, stage.approve(stop), asked)
    walked = await asyncio.wait_for(edge.walk(Walk(way_out)), 30)
    assert walked.ladder.is_done, walked
