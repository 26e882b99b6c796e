"""Sides: one sign convention for the whole project."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.sides import Side, side_that_closes


@pytest.mark.parametrize(
    ("side", "opposite", "sign"), [(Side.BUY, Side.SELL, 1), (Side.SELL, Side.BUY, -1)]
)
def test_a_buy_adds_to_the_position_and_a_sell_takes_from_it(
    side: Side, opposite: Side, sign: int
) -> None:
    assert side.opposite is opposite
    assert side.sign == sign
    assert side.signed(Decimal("2.5")) == sign * Decimal("2.5")


@given(st.decimals("-1000", "1000", places=2).filter(bool))
def test_closing_a_position_brings_it_to_zero(position: Decimal) -> None:
    side = side_that_closes(position)
    assert position + side.signed(abs(position)) == 0


@pytest.mark.parametrize(("position", "side"), [("0.01", Side.SELL), ("-0.01", Side.BUY)])
def test_the_smallest_position_has_its_closing_side(position: str, side: Side) -> None:
    assert side_that_closes(Decimal(position)) is side


@pytest.mark.parametrize("flat", ["0", "-0.00"])
def test_a_flat_position_has_no_closing_side(flat: str) -> None:
    with pytest.raises(ValueError, match=r"^a flat position has no closing side$"):
        side_that_closes(Decimal(flat))
