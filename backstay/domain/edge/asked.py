"""The circumstances in which an intent was written down.

An order that the broker does not show is absent only if it could be shown: yesterday's orders and
executions can't be read any more. So every request to send carries when its intent became durable,
which is before any byte of it can have left, and what the position was by then.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal

from backstay.domain.checks import check_number, check_utc
from backstay.domain.sessions.broker_day import is_same_broker_day


@dataclass(frozen=True, slots=True)
class Asked:
    """The broker time at which an intent became durable, and the contract's position then."""

    at: datetime
    position: Decimal

    def __post_init__(self) -> None:
        check_utc("the time of an intent", self.at)
        check_number("the position at the time of an intent", self.position)

    def on_the_day_of(self, now: datetime, position: Decimal, zone: tzinfo) -> "Asked":
        """The same while the broker's day lasts; on another one, the circumstances of now. Only for
        what is known not to have been sent by then.
        """
        return self if is_same_broker_day(self.at, now, zone) else Asked(now, position)
