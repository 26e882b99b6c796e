"""What values ask of the numbers and times they are made of.

Owns the few checks that stand in one value after the other. NaN and infinity are no numbers here:
the first compares with nothing, and neither can be read again where the value arrives as JSON.
"""

from datetime import datetime, timedelta
from decimal import Decimal


def check_number(what: str, number: Decimal) -> None:
    """Refuse what is no number."""
    if not number.is_finite():
        raise ValueError(f"{what} is {number}; it must be a number")


def check_not_below_zero(what: str, number: Decimal) -> None:
    """Refuse a negative number."""
    if not number.is_finite() or number < 0:
        raise ValueError(f"{what} is {number}; it must be a number not below 0")


def check_above_zero(what: str, number: Decimal) -> None:
    """Refuse zero and a negative number."""
    if not number.is_finite() or number <= 0:
        raise ValueError(f"{what} is {number}; it must be a number above 0")


def check_utc(what: str, at: datetime) -> None:
    """Refuse a time on a local clock, and one that does not say on which clock it is."""
    if at.utcoffset() != timedelta(0):
        raise ValueError(f"{what}: the time {at} is not in UTC")
