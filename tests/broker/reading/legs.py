"""What tests of the live page speak of: the one leg, distances, and a short trade."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Arm
from backstay.domain.edge.guards import Guard, Target
from backstay.domain.edge.live import Distance, LiveLeg
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit
from backstay.domain.profile import PESSIMISTIC
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sides import Side
from backstay.domain.ticks.guarding import Guarded, GuardRules
from backstay.domain.ticks.levels import Crossing, stop_crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.stops import StopRule
from backstay.domain.ticks.trails import Resting
from backstay.domain.ticks.triggers import Trigger
from tests.broker.edge.stage import ACCOUNT, Seat, Stage, key

ABOVE_101 = Trigger(Decimal(101), Crossing.ABOVE)
OTHER = "0000000Z"
LASTING: list[asyncio.Future[Any]] = []
"""What is waited for by nobody, and must not be forgotten for that."""


def only(edge: Edge) -> LiveLeg:
    """The one leg at work."""
    page = edge.live()
    (leg,) = page.legs
    assert page.total == 1
    return leg


def away(price: str, percent: str) -> Distance:
    return Distance(Decimal(price), Decimal(percent))


def figures(*numbers: int) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, numbers))


async def begun(stage: Stage, waits: Awaitable[Any], seconds: float = 1) -> asyncio.Future[Any]:
    """Something that lasts, and has begun."""
    future = asyncio.ensure_future(waits)
    await stage.sleep(seconds)
    return future


async def quietly(stage: Stage, waits: Awaitable[Any], seconds: float = 1) -> None:
    """The same, and nobody cares for what comes of it."""
    LASTING.append(await begun(stage, waits, seconds))


def short_entry(seat: Seat) -> Arm:
    """A short entry of 50 with its stop above."""
    entry = seat.order(Purpose.ENTRY, 50, Limit(Decimal("99.90")), Side.SELL)
    protect = disaster_stop(
        key(Purpose.PROTECT),
        ACCOUNT,
        seat.instrument,
        Decimal(-50),
        Decimal("105.00"),
        held_outside_regular_hours=False,
    )
    protect = replace(protect, parent=entry.key)
    stage = seat.stage
    approved, protection = stage.approve(entry), stage.approve(protect)
    return Arm(approved, protection, PESSIMISTIC, stage.asked(seat.instrument))


def short_guard(seat: Seat, arm: Arm, stop: str) -> Guard:
    """The guard of what it has sold."""
    assert arm.protection is not None
    shield = arm.protection.intent
    first = seat.order(Purpose.EXIT_STOP, 50, Limit(Decimal(stop)), Side.BUY)
    return Guard(
        ladder=LadderRules(
            first_key=first.key,
            shield=replace(shield, key=shield.key.next_generation()),
            trigger=Decimal(stop),
            profile=PESSIMISTIC,
        ),
        exit=seat.stage.approve(first),
        protection=seat.stage.approve(shield),
        quantity=Decimal(50),
        rules=GuardRules(StopRule(stop_crossing(Side.BUY)), seat.instrument.grid),
        guarded=Guarded(Resting(Decimal(stop))),
        source=PriceSource.LAST,
        asked=seat.stage.asked(seat.instrument),
        shield=shield,
        target=Target(Decimal("96.00"), seat.stage.approve(first)),
    )
