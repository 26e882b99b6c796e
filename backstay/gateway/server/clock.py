"""Broker time from the machine's clock, as fast as was asked for: the seam to real time.

It starts where it is told to and never runs backwards, whatever the machine's date does.
"""

import time
from collections.abc import Callable
from fractions import Fraction

from backstay.gateway.times import SECOND_NS


def today_ns() -> int:
    """What the machine's clock says, in nanoseconds since 1970 UTC."""
    return time.time_ns()


class BrokerClock:
    """`start_ns`, and from then on `speed` times what really passes."""

    def __init__(
        self,
        start_ns: int,
        speed: Fraction = Fraction(1),
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        if speed <= 0:
            raise ValueError(f"speed: {speed}; expected a number above 0")
        self._start_ns = start_ns
        self._speed = speed
        self._monotonic_ns = monotonic_ns
        self._began_ns = monotonic_ns()

    def now_ns(self) -> int:
        """Broker time."""
        passed_ns = self._monotonic_ns() - self._began_ns
        return self._start_ns + passed_ns * self._speed.numerator // self._speed.denominator

    def seconds_until(self, due_ns: int) -> float:
        """How long it really takes until then; 0 if it is past, never less than is left."""
        left_ns = max(due_ns - self.now_ns(), 0)
        return -(-left_ns * self._speed.denominator // self._speed.numerator) / SECOND_NS
