"""What is asked of the broker for prices, and by which doors it leaves.

When something is asked for is not its business.
"""

from dataclasses import dataclass

from backstay.broker.doors.wire import Lanes, Numbers, Writing

GENERIC_TICKS = "233"
"""Real-time volume: every trade with its price and its millisecond. Halts come unasked (49)."""

REAL_TIME = 1
"""The type of market data that is asked for."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What requests leave by."""

    lanes: Lanes
    numbers: Numbers
    writing: Writing
