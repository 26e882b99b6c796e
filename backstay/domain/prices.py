"""Prices on the exchange's grid.

Owns the price increments of an instrument (IB's "market rule": bands of price, each with its own
increment) and every rounding the project does. Rounding always names its direction; there is no
"nearest", because the nearest price can be on the wrong side of a promise.
"""

from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from backstay.domain.checks import check_above_zero, check_not_below_zero
from backstay.domain.sides import Side

PERCENT = Decimal("0.01")


def percent_of(value: Decimal, percent: Decimal) -> Decimal:
    """`percent` per cent of `value`, unrounded."""
    return value * percent * PERCENT


@dataclass(frozen=True, slots=True)
class PriceBand:
    """From `low_edge` upwards, prices are multiples of `increment`."""

    low_edge: Decimal
    increment: Decimal

    def __post_init__(self) -> None:
        check_not_below_zero("the low edge of a price band", self.low_edge)
        check_above_zero("the increment of a price band", self.increment)


@dataclass(frozen=True, slots=True)
class PriceGrid:
    """The prices at which an instrument can be quoted, as bands in rising order from zero."""

    bands: tuple[PriceBand, ...]

    def __post_init__(self) -> None:
        edges = [band.low_edge for band in self.bands]
        if not edges or edges[0] != 0:
            raise ValueError("a price grid needs a first band that starts at 0")
        if any(lower >= upper for lower, upper in pairwise(edges)):
            raise ValueError("the bands of a price grid must rise")
        if any(band.low_edge % band.increment for band in self.bands):
            raise ValueError("a price band must start on a multiple of its own increment")
        if any(upper.low_edge % lower.increment for lower, upper in pairwise(self.bands)):
            raise ValueError("a price band must end on a multiple of its own increment")

    @classmethod
    def uniform(cls, increment: Decimal) -> "PriceGrid":
        """One increment at every price."""
        return cls((PriceBand(Decimal(0), increment),))

    def increment_at(self, price: Decimal) -> Decimal:
        """The increment of the band that `price` lies in."""
        if price < 0:
            raise ValueError(f"the price {price} is below 0")
        at = bisect_right(self.bands, price, key=lambda band: band.low_edge)
        return self.bands[at - 1].increment

    def floor(self, price: Decimal) -> Decimal:
        """The highest price of the grid that is not above `price`."""
        increment = self.increment_at(price)
        # An integer division is exact; a quotient of 28 digits could round up to the next price.
        return price // increment * increment

    def ceiling(self, price: Decimal) -> Decimal:
        """The lowest price of the grid that is not below `price`."""
        floor = self.floor(price)
        return floor if floor == price else self.above(price)

    def above(self, price: Decimal) -> Decimal:
        """The lowest price of the grid that is above `price`."""
        return self.floor(price) + self.increment_at(price)

    def below(self, price: Decimal) -> Decimal:
        """The highest price of the grid that is below `price`; a zero has none."""
        if price <= 0:
            raise ValueError(f"no price of the grid is below {price}")
        ceiling = self.ceiling(price)
        lower = [band for band in self.bands if band.low_edge < ceiling]
        return ceiling - lower[-1].increment

    @property
    def lowest(self) -> Decimal:
        """The lowest price above zero."""
        return self.bands[0].increment

    def holds(self, price: Decimal) -> bool:
        """Whether an order at `price` would be accepted as on the grid."""
        return price > 0 and price == self.floor(price)

    def to_losing_side(self, side: Side, price: Decimal) -> Decimal:
        """`price` rounded to where an order of `side` gets the worse deal, never below one tick."""
        if side is Side.BUY:
            return max(self.ceiling(price), self.lowest)
        return max(self.floor(price), self.lowest)

    def to_saving_side(self, side: Side, price: Decimal) -> Decimal:
        """`price` rounded so that an order of `side` never pays more or gets less than it; below
        one tick there is no price to save at.
        """
        return self.to_losing_side(side.opposite, price)

    def beyond(self, side: Side, price: Decimal, slippage: Decimal) -> Decimal:
        """A limit for `side` that gives up `slippage` per unit, and at least one tick, on the
        losing side of `price`. The lowest price of the grid is as far down as a sell can go.
        """
        if side is Side.BUY:
            return max(self.ceiling(price + slippage), self.above(price))
        floor = self.floor(max(price - slippage, Decimal(0)))
        return max(min(floor, self.below(price)), self.lowest)
