"""Hedges of three contracts, brought to where a test begins."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from backstay.domain.hedging.emergency import (
    EmergencyHedge,
    decide,
    open_hedge,
)
from backstay.domain.hedging.events import (
    FillsRead,
    HedgeEvent,
    OrderSeen,
    TimePassed,
)
from backstay.domain.ids import IntentKey, Purpose

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = (IntentKey("T7K2M9QX", 2, Purpose.HEDGE, level) for level in (4, 5, 6))


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def opened(needed: str = "3") -> EmergencyHedge:
    return open_hedge(Decimal(needed), FIRST, START)[0]


def seen(filled: int, revision: int, *, over: bool = False, key: IntentKey = FIRST) -> OrderSeen:
    return OrderSeen(key, over, Decimal(filled), revision)


def read(filled: int, revision: int, key: IntentKey = FIRST) -> FillsRead:
    return FillsRead(key, Decimal(filled), revision)


def after(hedge: EmergencyHedge, *events: HedgeEvent, now: datetime = START) -> EmergencyHedge:
    for event in events:
        hedge, _ = decide(hedge, event, now)
    return hedge


def gone_deep(*filled: int) -> EmergencyHedge:
    """A hedge of 3 whose first levels ended, proven, with these fills."""
    hedge = opened()
    for key, quantity in zip((FIRST, SECOND, THIRD), filled, strict=False):
        ended = seen(quantity, 2, over=True, key=key)
        hedge = after(hedge, ended, read(quantity, 2, key))
    return hedge


def working() -> EmergencyHedge:
    return after(opened(), seen(1, 3))


def cancelling() -> EmergencyHedge:
    return after(working(), TimePassed(), now=START + seconds(5))


def over() -> EmergencyHedge:
    return after(cancelling(), seen(1, 4, over=True), now=START + seconds(5))


def proven() -> EmergencyHedge:
    return after(over(), read(1, 4), now=START + seconds(5))


LATE = START + seconds(20)
