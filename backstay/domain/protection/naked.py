"""Naked time: filled quantity x seconds without an acknowledged stop.

It is measured for every trade, so that a claim of protection is a figure and not a hope.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.checks import check_not_below_zero, check_utc
from backstay.domain.figures import seconds


@dataclass(frozen=True, slots=True)
class NakedTime:
    """What has stood naked so far, how much does now, and since when that is so."""

    unit_seconds: Decimal
    quantity: Decimal
    since: datetime

    def __post_init__(self) -> None:
        check_utc("naked time", self.since)
        check_not_below_zero("naked time", self.unit_seconds)
        check_not_below_zero("the naked quantity", self.quantity)

    def until(self, now: datetime) -> Decimal:
        """All naked time up to `now`; a clock that steps back takes nothing away."""
        elapsed = max(seconds(now - self.since), Decimal(0))
        return self.unit_seconds + self.quantity * elapsed

    def changed(self, quantity: Decimal, now: datetime) -> "NakedTime":
        """The measure from `now` on, with another quantity naked."""
        return NakedTime(self.until(now), quantity, max(now, self.since))
