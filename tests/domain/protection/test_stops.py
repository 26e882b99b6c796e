"""The disaster stop, by instrument, side and hours."""

from datetime import date
from decimal import Decimal

import pytest

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.orders.intent import (
    OcaGroup,
    OrderTerms,
    Stop,
    StopLimit,
    TimeInForce,
    TriggerMethod,
)
from backstay.domain.prices import PriceGrid
from backstay.domain.protection.stops import disaster_stop, pair_of
from backstay.domain.sides import Side

KEY = IntentKey("T7K2M9QX", 0, Purpose.PROTECT, 1)
STOCK = Instrument(
    1, "AAPL", "SMART", "USD", Decimal(1), PriceGrid.uniform(Decimal("0.01")), "US/Eastern"
)
OPTION = Instrument(
    2,
    "AAPL",
    "SMART",
    "USD",
    Decimal(100),
    PriceGrid.uniform(Decimal("0.05")),
    "US/Eastern",
    OptionTerms(date(2026, 12, 18), Decimal(190), Right.CALL),
)


@pytest.mark.req("X.1", "S1.3")
@pytest.mark.parametrize(
    ("instrument", "held_outside", "position", "trigger", "terms", "all_hours", "method"),
    [
        (STOCK, False, 100, "183.26", Stop(Decimal("183.26")), False, TriggerMethod.LAST),
        (STOCK, False, -100, "183.26", Stop(Decimal("183.26")), False, TriggerMethod.LAST),
        (
            STOCK,
            True,
            100,
            "183.26",
            StopLimit(Decimal("183.26"), Decimal("174.09")),
            True,
            TriggerMethod.DOUBLE_LAST,
        ),
        (
            STOCK,
            True,
            -100,
            "183.26",
            StopLimit(Decimal("183.26"), Decimal("192.43")),
            True,
            TriggerMethod.DOUBLE_LAST,
        ),
        (
            OPTION,
            False,
            5,
            "4.00",
            StopLimit(Decimal("4.00"), Decimal("2.00")),
            False,
            TriggerMethod.DOUBLE_BID_ASK,
        ),
        (
            OPTION,
            True,
            -5,
            "4.00",
            StopLimit(Decimal("4.00"), Decimal("6.00")),
            False,
            TriggerMethod.DOUBLE_BID_ASK,
        ),
        (
            OPTION,
            False,
            5,
            "0.05",
            StopLimit(Decimal("0.05"), Decimal("0.05")),
            False,
            TriggerMethod.DOUBLE_BID_ASK,
        ),
    ],
)
def test_a_stop_rests_on_the_terms_that_its_instrument_and_hours_need(
    instrument: Instrument,
    held_outside: bool,
    position: int,
    trigger: str,
    terms: OrderTerms,
    all_hours: bool,
    method: TriggerMethod,
) -> None:
    stop = disaster_stop(
        KEY,
        "DU1",
        instrument,
        Decimal(position),
        Decimal(trigger),
        held_outside_regular_hours=held_outside,
    )
    assert stop.terms == terms
    assert stop.outside_regular_hours is all_hours
    assert stop.trigger_method is method
    assert stop.time_in_force is TimeInForce.GOOD_TILL_CANCELLED
    assert stop.side is (Side.SELL if position > 0 else Side.BUY)
    assert stop.quantity == abs(position)
    assert stop.instrument == instrument
    assert (stop.key, stop.account, stop.oca, stop.parent) == (KEY, "DU1", None, None)


@pytest.mark.parametrize(
    ("position", "trigger", "at"), [(1, "183.267", "183.26"), (-1, "183.261", "183.27")]
)
def test_a_trigger_off_the_grid_is_rounded_away_from_the_market(
    position: int, trigger: str, at: str
) -> None:
    stop = disaster_stop(
        KEY, "DU1", STOCK, Decimal(position), Decimal(trigger), held_outside_regular_hours=False
    )
    assert stop.terms == Stop(Decimal(at))


def test_only_a_protective_key_makes_a_disaster_stop() -> None:
    key = IntentKey("T7K2M9QX", 0, Purpose.ENTRY, 1)
    with pytest.raises(ValueError, match="bs1:T7K2M9QX:0:EN:1 is not the key of a protective stop"):
        disaster_stop(key, "DU1", STOCK, Decimal(1), Decimal(180), held_outside_regular_hours=False)


def test_a_pair_has_a_name_of_its_own_for_each_generation_and_tranche() -> None:
    assert pair_of(KEY, 0) == OcaGroup("bs1:T7K2M9QX:0:PR:1:0", 2)
    names = {pair_of(key, part).name for key in (KEY, KEY.next_generation()) for part in (0, 1)}
    assert len(names) == 4


def test_what_is_flat_has_no_stop() -> None:
    with pytest.raises(ValueError, match="a flat position has no closing side"):
        disaster_stop(KEY, "DU1", STOCK, Decimal(0), Decimal(180), held_outside_regular_hours=False)
