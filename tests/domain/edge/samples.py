"""An entry with its stop, and the guard of what it buys, each approved."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from backstay.domain.edge.arms import Arm
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.guards import Guard, GuardState, Headway, Split, Target, TargetReached
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.valuation import Collar
from backstay.domain.orders.intent import Limit, OrderIntent, Stop, TimeInForce
from backstay.domain.prices import PriceGrid
from backstay.domain.profile import PESSIMISTIC
from backstay.domain.protection.naked import NakedTime
from backstay.domain.sides import Side
from backstay.domain.ticks.guarding import Guarded, GuardRules
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.stops import StopRule
from backstay.domain.ticks.trails import Resting, Trail
from backstay.domain.ticks.triggers import Trigger

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
TRADE = "T7K2M9QX"
SHARE = Instrument(
    265598,
    "AAPL",
    "SMART",
    "USD",
    Decimal(1),
    PriceGrid.uniform(Decimal("0.01")),
    "America/New_York",
)
ASKED = Asked(NOW, Decimal(0))


def key(purpose: Purpose, generation: int = 1, leg: int = 0) -> IntentKey:
    """A key of the one trade."""
    return IntentKey(TRADE, leg, purpose, generation)


ENTRY = OrderIntent(
    key(Purpose.ENTRY),
    "DU1234567",
    SHARE,
    Side.BUY,
    Decimal(100),
    Limit(Decimal("100.10")),
    TimeInForce.DAY,
)
STOP = OrderIntent(
    key(Purpose.PROTECT),
    "DU1234567",
    SHARE,
    Side.SELL,
    Decimal(100),
    Stop(Decimal("96.00")),
    TimeInForce.GOOD_TILL_CANCELLED,
    parent=key(Purpose.ENTRY),
)
EXIT = OrderIntent(
    key(Purpose.EXIT_STOP),
    "DU1234567",
    SHARE,
    Side.SELL,
    Decimal(100),
    Limit(Decimal("97.50")),
    TimeInForce.GOOD_TILL_CANCELLED,
)


def approved(intent: OrderIntent) -> Approved:
    """What admission says of an order that every rule lets pass."""
    opens = intent.key.purpose is Purpose.ENTRY
    return Approved(
        intent,
        epoch=0,
        at=NOW,
        valid_until=NOW + timedelta(minutes=1) if opens else None,
        collar=Collar(Decimal(95), Decimal(105)) if opens else None,
        unit_value=Decimal(100),
        margin=Decimal(0),
    )


TRIGGER = Trigger(Decimal("100.00"), Crossing.ABOVE)
ARM = Arm(
    approved(ENTRY),
    approved(STOP),
    PESSIMISTIC,
    ASKED,
    trigger=TRIGGER,
    limit_offset=Decimal("0.10"),
    expires_at=NOW + timedelta(hours=1),
)
LADDER = LadderRules(
    first_key=key(Purpose.EXIT_STOP),
    shield=replace(STOP, key=key(Purpose.PROTECT, 2)),
    trigger=Decimal("98.00"),
    profile=PESSIMISTIC,
)
GUARD = Guard(
    ladder=LADDER,
    exit=approved(EXIT),
    protection=approved(STOP),
    quantity=Decimal(100),
    rules=GuardRules(StopRule(Crossing.BELOW), SHARE.grid),
    guarded=Guarded(Resting(Decimal("98.00"))),
    source=PriceSource.LAST,
    asked=ASKED,
    shield=STOP,
    disaster_pct=Decimal(2),
    target=Target(Decimal(110), approved(replace(EXIT, key=key(Purpose.EXIT_TARGET)))),
    leave_at=NOW + timedelta(hours=5),
)
THIRD = Target(
    Decimal(104), approved(replace(EXIT, key=key(Purpose.EXIT_TARGET, leg=1))), Decimal(30)
)
REACHED = TargetReached(GUARD.key, 2, 2, THIRD, GUARD.guarded, NOW)
STATE = GuardState(
    GUARD.key,
    4,
    Guarded(Resting(Decimal("99.00"))),
    replace(STOP, quantity=Decimal(70)),
    NOW,
    NOW,
    quantity=Decimal(70),
    trail=Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal("1.50")),
    target=THIRD,
    headway=Headway(
        told=1,
        reached=REACHED,
        split_off=Decimal(30),
        split=Split(GUARD.key, 3, Decimal(30), Decimal(70), NOW),
        entered=Decimal(100),
        leaving=approved(replace(EXIT, key=key(Purpose.EXIT_MANUAL))),
    ),
    naked=NakedTime(Decimal(7), Decimal(0), NOW),
)
