"""Where a position that goes right ends, and when any position does.

Owns the keys of `[[target]]` and `[time_exit]`.
"""

from collections.abc import Iterable
from enum import StrEnum

from backstay.domain.plan.complaints import Complaint, one_of
from backstay.domain.plan.scalars import Distance, Fraction, Instant, Minutes, Price
from backstay.domain.plan.tables import Table


class AfterTarget(StrEnum):
    """What happens to the rest of the position when a target is reached."""

    BREAK_EVEN = "break_even"


class Target(Table):
    """`[[target]]`: at this price, sell this part of what was entered."""

    price: Price | None = None
    offset: Distance | None = None
    """Distance from the entry price."""
    fraction: Fraction
    then: AfterTarget | None = None

    def contradictions(self) -> Iterable[Complaint]:
        """Exactly one of price and offset."""
        given = {"price": self.price is not None, "offset": self.offset is not None}
        return one_of((), given)


class TimeExit(Table):
    """`[time_exit]`: when the position is closed whatever it is worth."""

    at: Instant | None = None
    before_close_minutes: Minutes | None = None
    """Before the end of the regular session in which the position was entered."""

    def contradictions(self) -> Iterable[Complaint]:
        """Exactly one of the two."""
        given = {
            "at": self.at is not None,
            "before_close_minutes": self.before_close_minutes is not None,
        }
        return one_of((), given)
