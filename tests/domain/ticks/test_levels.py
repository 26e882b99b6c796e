"""What it means to be beyond a price."""

from decimal import Decimal

import pytest

from backstay.domain.sides import Side
from backstay.domain.ticks.levels import (
    Crossing,
    check_breach,
    closing_side,
    farther,
    is_beyond,
    moved,
    nearer,
    stop_crossing,
    threshold,
)

ABOVE, BELOW = Crossing.ABOVE, Crossing.BELOW
TEN = Decimal(10)


@pytest.mark.parametrize(
    ("crossing", "price", "beyond"),
    [
        (ABOVE, "10.01", True),
        (ABOVE, "10.00", False),
        (ABOVE, "9.99", False),
        (BELOW, "9.99", True),
        (BELOW, "10.00", False),
        (BELOW, "10.01", False),
    ],
)
def test_to_touch_a_level_is_not_to_be_beyond_it(
    crossing: Crossing, price: str, beyond: bool
) -> None:
    assert is_beyond(crossing, Decimal(price), TEN) is beyond


def test_the_sides_of_a_level_are_opposite() -> None:
    assert ABOVE.opposite is BELOW
    assert BELOW.opposite is ABOVE


def test_a_long_position_is_stopped_below_by_a_sell_and_a_short_one_above_by_a_buy() -> None:
    assert stop_crossing(Side.SELL) is BELOW
    assert stop_crossing(Side.BUY) is ABOVE
    assert closing_side(BELOW) is Side.SELL
    assert closing_side(ABOVE) is Side.BUY


def test_a_level_is_moved_to_the_side_of_its_crossing() -> None:
    assert moved(ABOVE, TEN, Decimal("0.5")) == Decimal("10.5")
    assert moved(BELOW, TEN, Decimal("0.5")) == Decimal("9.5")


@pytest.mark.req("S0.6")
@pytest.mark.parametrize(
    ("crossing", "breach_pct", "price"),
    [
        (ABOVE, "0", "10"),
        (BELOW, "0", "10"),
        (ABOVE, "0.1", "10.01"),
        (BELOW, "0.1", "9.99"),
        (BELOW, "2.5", "9.75"),
    ],
)
def test_the_threshold_of_a_breach_is_that_much_farther_out(
    crossing: Crossing, breach_pct: str, price: str
) -> None:
    assert threshold(crossing, TEN, Decimal(breach_pct)) == Decimal(price)


def test_of_two_levels_one_is_reached_first() -> None:
    nine, ten = Decimal(9), TEN
    assert nearer(ABOVE, nine, ten) == nearer(ABOVE, ten, nine) == 9
    assert farther(ABOVE, nine, ten) == farther(ABOVE, ten, nine) == 10
    assert nearer(BELOW, nine, ten) == nearer(BELOW, ten, nine) == 10
    assert farther(BELOW, nine, ten) == farther(BELOW, ten, nine) == 9


@pytest.mark.parametrize("breach_pct", ["0", "0.1", "99.99"])
def test_a_breach_that_a_price_can_pass_is_allowed(breach_pct: str) -> None:
    check_breach(Decimal(breach_pct))


@pytest.mark.parametrize("breach_pct", ["-0.01", "100", "100.01"])
def test_a_breach_that_no_price_can_pass_is_refused(breach_pct: str) -> None:
    with pytest.raises(
        ValueError, match=f"the breach is {breach_pct} %; it is from 0 to below 100"
    ):
        check_breach(Decimal(breach_pct))
