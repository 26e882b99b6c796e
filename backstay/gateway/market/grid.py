"""IB's market rules, and prices on their grids."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from backstay.gateway.messages.replies import PriceStep

PENNY = Decimal("0.01")
_THREE = Decimal(3)
_ZERO = Decimal(0)

STOCK_RULE = 26
PENNY_OPTION_RULE = 32
INDEX_OPTION_RULE = 110

RULES: dict[int, tuple[PriceStep, ...]] = {
    STOCK_RULE: (PriceStep(_ZERO, PENNY),),
    PENNY_OPTION_RULE: (PriceStep(_ZERO, PENNY), PriceStep(_THREE, Decimal("0.05"))),
    INDEX_OPTION_RULE: (PriceStep(_ZERO, Decimal("0.05")), PriceStep(_THREE, Decimal("0.10"))),
}


def increment_at(steps: Sequence[PriceStep], price: Decimal) -> Decimal:
    """What prices are multiples of at `price` and a little above."""
    increment = steps[0].increment
    for step in steps[1:]:
        if price < step.low_edge:
            break
        increment = step.increment
    return increment


def is_on_grid(steps: Sequence[PriceStep], price: Decimal) -> bool:
    """Whether somebody may trade at `price`."""
    return price % increment_at(steps, price) == 0


def nearest(steps: Sequence[PriceStep], price: Decimal) -> Decimal:
    """The price of the grid that is nearest, and of two the higher."""
    return _rounded(steps, price, ROUND_HALF_UP)


def at_or_below(steps: Sequence[PriceStep], price: Decimal) -> Decimal:
    """The highest price of the grid that is not above `price`."""
    return _rounded(steps, price, ROUND_FLOOR)


def at_or_above(steps: Sequence[PriceStep], price: Decimal) -> Decimal:
    """The lowest price of the grid that is not below `price`."""
    return _rounded(steps, price, ROUND_CEILING)


def above(steps: Sequence[PriceStep], price: Decimal) -> Decimal:
    """The next price of the grid after one that is on it."""
    return price + increment_at(steps, price)


def below(steps: Sequence[PriceStep], price: Decimal) -> Decimal:
    """The price of the grid before one that is on it; zero and less where there is none."""
    finer = min(step.increment for step in steps)
    return at_or_below(steps, price - finer)


def _rounded(steps: Sequence[PriceStep], price: Decimal, rounding: str) -> Decimal:
    increment = increment_at(steps, price)
    return (price / increment).to_integral_value(rounding) * increment
