"""What a position loses where it is stopped.

Owns the two figures that every plan is shown with: the loss at the engine's stop, and the larger
one at the disaster stop, which is what happens when nobody is there to act. Both are reckoned at
the stop's price, in the instrument's currency; a gap or a thin market can make either worse.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.plan.levels import StopLevels
from backstay.domain.sides import Side


@dataclass(frozen=True, slots=True)
class Losses:
    """The loss at each stop; `at_disaster` is None where nothing at the broker bounds it."""

    at_stop: Decimal
    at_disaster: Decimal | None

    def __post_init__(self) -> None:
        if self.at_stop <= 0:
            raise ValueError(f"the loss at the stop is {self.at_stop}; it must be above 0")
        if self.at_disaster is not None and self.at_disaster < self.at_stop:
            raise ValueError(
                f"the loss at the disaster stop is {self.at_disaster}, "
                f"less than {self.at_stop} at the stop"
            )

    def times(self, quantity: Decimal) -> "Losses":
        """The losses of `quantity` times as much."""
        at_disaster = None if self.at_disaster is None else self.at_disaster * quantity
        return Losses(self.at_stop * quantity, at_disaster)


def losses_of_one(side: Side, entry: Decimal, stops: StopLevels, multiplier: Decimal) -> Losses:
    """What one share or contract loses that was entered at `entry`."""
    at_stop = side.signed(entry - stops.stop) * multiplier
    if stops.disaster is None:
        return Losses(at_stop, None)
    return Losses(at_stop, side.signed(entry - stops.disaster) * multiplier)
