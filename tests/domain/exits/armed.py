"""Armed ladders to test with: rules, resting stops, markets."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from backstay.domain.exits.members import Member, Role, Standing
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OcaGroup,
    OrderIntent,
    Stop,
    StopLimit,
    TimeInForce,
    TriggerMethod,
)
from backstay.domain.prices import PriceGrid
from backstay.domain.profile import PESSIMISTIC, BrokerProfile
from backstay.domain.sides import Side

TRADE = "T7K2M9QX"
STOCK = Instrument(
    265598,
    "AAPL",
    "SMART",
    "USD",
    Decimal(1),
    PriceGrid.uniform(Decimal("0.01")),
    "America/New_York",
)
OPTION = Instrument(
    700001,
    "AAPL",
    "SMART",
    "USD",
    Decimal(100),
    PriceGrid.uniform(Decimal("0.05")),
    "America/New_York",
    OptionTerms(date(2026, 12, 18), Decimal(190), Right.CALL),
)
PAIR = OcaGroup("bs1:T7K2M9QX:0:1", 2)


def exit_key(generation: int = 1) -> IntentKey:
    """The key of an exit by stop."""
    return IntentKey(TRADE, 0, Purpose.EXIT_STOP, generation)


def stop_key(generation: int = 1) -> IntentKey:
    """The key of a protective stop."""
    return IntentKey(TRADE, 0, Purpose.PROTECT, generation)


def stop_intent(
    quantity: int = 2,
    *,
    instrument: Instrument = STOCK,
    side: Side = Side.SELL,
    generation: int = 1,
    oca: OcaGroup | None = None,
) -> OrderIntent:
    """The disaster stop of a tranche."""
    terms = (
        StopLimit(Decimal("4.00"), Decimal("2.00"))
        if instrument.is_option
        else Stop(Decimal("185.00"))
    )
    return OrderIntent(
        stop_key(generation),
        "DU1234567",
        instrument,
        side,
        Decimal(quantity),
        terms,
        TimeInForce.GOOD_TILL_CANCELLED,
        trigger_method=TriggerMethod.LAST,
        oca=oca,
        parent=IntentKey(TRADE, 0, Purpose.ENTRY, 1),
    )


def stop_again(quantity: int = 2, generation: int = 2) -> OrderIntent:
    """The stop that goes back for what is open: alone, in no group, under no parent."""
    return replace(stop_intent(quantity, generation=generation), parent=None)


def limit_order(
    price: str = "189.05",
    quantity: int = 2,
    generation: int = 1,
    *,
    instrument: Instrument = STOCK,
    side: Side = Side.SELL,
    outside: bool = True,
    oca: OcaGroup | None = None,
) -> OrderIntent:
    """An exit that rests at a price, until it is cancelled."""
    return OrderIntent(
        exit_key(generation),
        "DU1234567",
        instrument,
        side,
        Decimal(quantity),
        Limit(Decimal(price)),
        TimeInForce.GOOD_TILL_CANCELLED,
        outside_regular_hours=outside,
        oca=oca,
    )


def market_order(
    quantity: int = 2,
    generation: int = 2,
    *,
    instrument: Instrument = STOCK,
    side: Side = Side.SELL,
) -> OrderIntent:
    """An exit that trades at once, or dies with the day."""
    return OrderIntent(
        exit_key(generation),
        "DU1234567",
        instrument,
        side,
        Decimal(quantity),
        Market(),
        TimeInForce.DAY,
    )


def as_modified(wanted: OrderIntent, live: OrderIntent) -> OrderIntent:
    """What a modification makes of a live order: its key, its group and its parent stay."""
    return replace(wanted, key=live.key, oca=live.oca, parent=live.parent)


def rules(
    *,
    profile: BrokerProfile = PESSIMISTIC,
    instrument: Instrument = STOCK,
    side: Side = Side.SELL,
    trigger: str = "190.00",
    limit_seconds: str = "2",
    first_generation: int = 1,
) -> LadderRules:
    """The rules of a ladder whose resting stop has generation 1."""
    return LadderRules(
        first_key=exit_key(first_generation),
        shield=stop_intent(instrument=instrument, side=side, generation=2),
        trigger=Decimal(trigger),
        profile=profile,
        limit_seconds=Decimal(limit_seconds),
    )


def resting_stop(
    now: datetime,
    quantity: int = 2,
    *,
    instrument: Instrument = STOCK,
    side: Side = Side.SELL,
    oca: OcaGroup | None = None,
) -> Member:
    """An acknowledged disaster stop that rests since a while."""
    return Member(
        stop_intent(quantity, instrument=instrument, side=side, oca=oca),
        Role.SHIELD,
        since=now - timedelta(minutes=5),
        look_at=None,
        standing=Standing.WORKING,
        revision=1,
    )
