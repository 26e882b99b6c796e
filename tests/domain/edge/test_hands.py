"""Where a hand may put the stop of an open position."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.edge.guards import BreakEven, MoveStop, StopChange, TightenTrail
from backstay.domain.edge.hands import objection_to
from backstay.domain.prices import PriceGrid
from backstay.domain.ticks.guarding import Guarded, GuardRules
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.stops import Confirmation, Fired, StopRule
from backstay.domain.ticks.trails import Resting, StopLevel, Trail, Trailing
from tests.domain.ticks.samples import NOON, good

CENTS = PriceGrid.uniform(Decimal("0.01"))
LONG = GuardRules(StopRule(Crossing.BELOW), CENTS)
SHORT = GuardRules(StopRule(Crossing.ABOVE), CENTS)
TRAILED = replace(LONG, trail=Trail(Crossing.BELOW, Decimal(90), Decimal(1), Decimal(5)))
TRAILED_SHORT = replace(SHORT, trail=Trail(Crossing.ABOVE, Decimal(110), Decimal(1), Decimal(5)))
AT_98 = Resting(Decimal(98))
AT_102 = Resting(Decimal(102))
UNDER_104 = Trailing(Decimal(99), Decimal(104))
OVER_96 = Trailing(Decimal(101), Decimal(96))


def move(stop: str) -> MoveStop:
    return MoveStop(Decimal(stop))


def even(entry: str) -> BreakEven:
    return BreakEven(Decimal(entry))


def tighten(distance: str) -> TightenTrail:
    return TightenTrail(Decimal(distance))


@pytest.mark.parametrize(
    ("rules", "level", "change", "stop"),
    [
        (LONG, AT_98, move("499"), "499 is not below"),
        (LONG, AT_98, move("100.01"), "100.01 is not below"),
        (LONG, AT_98, move("100"), "100 is not below"),
        (LONG, AT_98, even("100"), "100 is not below"),
        (LONG, AT_98, even("101.50"), "101.5 is not below"),
        (TRAILED, UNDER_104, tighten("4"), "100 is not below"),
        (TRAILED, UNDER_104, tighten("1.00"), "103 is not below"),
        (SHORT, AT_102, move("9"), "9 is not above"),
        (SHORT, AT_102, move("99.99"), "99.99 is not above"),
        (SHORT, AT_102, move("100"), "100 is not above"),
        (SHORT, AT_102, even("100"), "100 is not above"),
        (TRAILED_SHORT, OVER_96, tighten("4"), "100 is not above"),
        (TRAILED_SHORT, OVER_96, tighten("0.5"), "96.5 is not above"),
    ],
)
def test_no_hand_puts_the_stop_where_the_price_is_or_beyond(
    rules: GuardRules, level: StopLevel, change: StopChange, stop: str
) -> None:
    text = f"a stop at {stop} the price, 100: the position could leave at once"
    assert objection_to(rules, Guarded(level), change, good("100.00")) == text
    assert objection_to(rules, Guarded(level), change, None) == ""


@pytest.mark.parametrize(
    ("rules", "level", "change"),
    [
        (LONG, AT_98, move("99.99")),
        (LONG, AT_98, move("1")),
        (LONG, AT_98, even("99.99")),
        (TRAILED, AT_98, tighten("0.01")),
        (TRAILED, UNDER_104, tighten("4.01")),
        (SHORT, AT_102, move("100.01")),
        (SHORT, AT_102, move("999")),
        (SHORT, AT_102, even("100.01")),
        (TRAILED_SHORT, AT_102, tighten("0.01")),
        (TRAILED_SHORT, OVER_96, tighten("4.01")),
    ],
)
def test_on_its_own_side_of_the_price_a_stop_goes_anywhere(
    rules: GuardRules, level: StopLevel, change: StopChange
) -> None:
    assert objection_to(rules, Guarded(level), change, good("100")) == ""


@pytest.mark.parametrize(
    ("rules", "level", "change", "price"),
    [
        (LONG, AT_98, move("98.00"), "97.95"),
        (LONG, AT_98, even("97.99"), "97.90"),
        (SHORT, AT_102, move("102"), "102.05"),
        (SHORT, AT_102, even("102.01"), "102.05"),
        (TRAILED, AT_98, tighten("1"), "97.95"),
    ],
)
def test_a_change_that_leaves_the_stop_where_it_is_is_no_mistake(
    rules: GuardRules, level: StopLevel, change: StopChange, price: str
) -> None:
    assert objection_to(rules, Guarded(level), change, good(price)) == ""


def test_a_trail_that_is_not_there_or_not_tightened_can_not_be_changed() -> None:
    for rules, level, text in (
        (LONG, AT_98, "there is no trail to tighten"),
        (TRAILED, UNDER_104, "a trail at 5 is not tightened by 5"),
    ):
        for price in (good("100"), None):
            with pytest.raises(ValueError, match=text):
                objection_to(rules, Guarded(level), tighten("5"), price)


def test_a_stop_that_has_fired_is_spoken_of_like_any_other() -> None:
    fired = Fired(Decimal(97), NOON, Confirmation.TICKS)
    assert objection_to(LONG, Guarded(AT_98, fired), move("101"), good("100"))
