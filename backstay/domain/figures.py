"""Figures: how a person reads them, what a span of time is as one, and their sums.

Owns how a number is written wherever it becomes part of a text: a log, a refusal, a call at night;
and how much of a quantity is whole. Prices on a grid are written by whoever knows the grid.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

_ZERO = Decimal(0)
_MICROSECONDS = Decimal(1_000_000)


def plain(figure: Decimal) -> str:
    """`figure` to the last digit that matters: no exponent, no zeros at the end of a fraction, no
    sign before a zero. Equal figures read alike, however they were come by.
    """
    return f"{figure.normalize() + _ZERO:f}"


def seconds(elapsed: timedelta) -> Decimal:
    """`elapsed` in seconds, exactly."""
    return Decimal(elapsed // timedelta(microseconds=1)) / _MICROSECONDS


def whole(quantity: Decimal) -> Decimal:
    """The whole units of `quantity`, never more than there are: fractions are not traded here."""
    return quantity.to_integral_value(ROUND_DOWN)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of `amounts`, as a Decimal also if there are none."""
    return sum(amounts, _ZERO)
