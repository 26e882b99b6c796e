"""Naked time: filled quantity x seconds without an acknowledged stop.

It is measured for every trade, so that a claim of protection is a figure and not a hope.
"""

from collections.abc import Iterable
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


@dataclass(frozen=True, slots=True)
class Cover:
    """What an order at the broker covers; the members of a `group` fill only once together."""

    quantity: Decimal
    group: str | None = None


def naked_quantity(open_quantity: Decimal, covers: Iterable[Cover]) -> Decimal:
    """What of the open quantity nothing covers."""
    alone, groups = Decimal(0), dict[str, Decimal]()
    for cover in covers:
        if cover.group is None:
            alone += cover.quantity
        else:
            groups[cover.group] = max(groups.get(cover.group, Decimal(0)), cover.quantity)
    return max(open_quantity - alone - sum(groups.values()), Decimal(0))


def newest(*measures: NakedTime | None) -> NakedTime | None:
    """The measure that reaches furthest, of those that are there."""
    known = [measure for measure in measures if measure is not None]
    return max(known, key=lambda each: (each.since, each.unit_seconds), default=None)
