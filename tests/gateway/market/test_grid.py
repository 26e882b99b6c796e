"""Market rules, and roundings to their grids."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.market import grid
from backstay.gateway.messages.replies import PriceStep

prices = st.decimals("0.01", "9999", places=4)
rules = st.sampled_from(list(grid.RULES.values()))


@pytest.mark.parametrize(
    ("rule", "price", "increment"),
    [
        (26, "0.5", "0.01"),
        (26, "500", "0.01"),
        (32, "2.99", "0.01"),
        (32, "3", "0.05"),
        (110, "2.99", "0.05"),
        (110, "3", "0.10"),
    ],
)
def test_the_increment_at_a_price(rule: int, price: str, increment: str) -> None:
    assert grid.increment_at(grid.RULES[rule], Decimal(price)) == Decimal(increment)


@given(rules, prices)
def test_roundings_enclose_a_price_with_neighbours_of_the_grid(
    steps: tuple[PriceStep, ...], price: Decimal
) -> None:
    low, high = grid.at_or_below(steps, price), grid.at_or_above(steps, price)
    assert low <= price <= high
    assert grid.is_on_grid(steps, low)
    assert grid.is_on_grid(steps, high)
    assert high in {low, grid.above(steps, low)}
    assert grid.nearest(steps, price) in {low, high}
    assert abs(grid.nearest(steps, price) - price) <= (high - low) / 2


@given(rules, prices)
def test_above_and_below_undo_each_other(steps: tuple[PriceStep, ...], price: Decimal) -> None:
    on_grid = grid.at_or_above(steps, price)
    assert grid.below(steps, grid.above(steps, on_grid)) == on_grid
    assert grid.below(steps, on_grid) < on_grid < grid.above(steps, on_grid)


def test_the_steps_change_at_the_edge() -> None:
    steps = grid.RULES[32]
    assert grid.below(steps, Decimal("3.00")) == Decimal("2.99")
    assert grid.above(steps, Decimal("2.99")) == Decimal("3.00")
    assert grid.above(steps, Decimal("3.00")) == Decimal("3.05")
