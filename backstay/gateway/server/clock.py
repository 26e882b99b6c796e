"""Broker time from the machine's clock, as fast as was asked for: the seam to real time.

It starts where it is told to and never runs backwards, whatever the machine's date does. What it
says can be handed on: a clock that is made from that goes on as if it had never stood still.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from backstay.gateway.times import SECOND_NS


def today_ns() -> int:
    """What the machine's clock says, in nanoseconds since 1970 UTC."""
    return time.time_ns()


@dataclass(frozen=True, slots=True)
class Reading:
    """Broker time at an instant of the machine's count, which all its processes share."""

    broker_ns: int
    machine_ns: int

    def __str__(self) -> str:
        return f"{self.broker_ns}@{self.machine_ns}"


def read_reading(text: str) -> Reading:
    """As it is written; ValueError for anything else."""
    broker_ns, _, machine_ns = text.partition("@")
    return Reading(int(broker_ns), int(machine_ns))


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

    @classmethod
    def going_on(
        cls,
        reading: Reading,
        speed: Fraction = Fraction(1),
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> "BrokerClock":
        """The clock that was read there."""
        clock = cls(reading.broker_ns, speed, monotonic_ns)
        clock._began_ns = reading.machine_ns
        return clock

    def reading(self) -> Reading:
        """What it says, for a clock that is to go on from there."""
        machine_ns = self._monotonic_ns()
        return Reading(self._at(machine_ns), machine_ns)

    def now_ns(self) -> int:
        """Broker time."""
        return self._at(self._monotonic_ns())

    def seconds_until(self, due_ns: int) -> float:
        """How long it really takes until then; 0 if it is past, never less than is left."""
        left_ns = max(due_ns - self.now_ns(), 0)
        return -(-left_ns * self._speed.denominator // self._speed.numerator) / SECOND_NS

    def _at(self, machine_ns: int) -> int:
        passed_ns = machine_ns - self._began_ns
        return self._start_ns + passed_ns * self._speed.numerator // self._speed.denominator
