"""What answers say of the broker's clock.

Owns the arithmetic of intervals; all of it in whole nanoseconds, because a date in seconds is too
large for the fine end of a float. An answer says: between the moment at which it was asked for and
the moment at which it was heard, the broker's clock showed at least its stamp, and less than its
stamp and its precision. So the offset, broker time less ours, lies between two bounds. They drift
apart with age, and a new answer cuts them.

One answer that contradicts all before it is a suspicion: a question without an id can be answered
by the answer to an older one. A second one that agrees with the suspicion proves that a clock has
stepped.
"""

from dataclasses import dataclass
from enum import StrEnum

SECOND_NS = 1_000_000_000
DRIFT_PPM = 100
"""How much faster or slower the broker's clock may run than ours."""

_PER_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """The offset is between these, both included, as of `at_ns` on our clock."""

    low_ns: int
    high_ns: int
    at_ns: int

    @property
    def middle_ns(self) -> int:
        """The best guess."""
        return (self.low_ns + self.high_ns) // 2

    def at(self, now_ns: int) -> "Bounds":
        """The same bounds later, as far apart as drift may have taken the clocks."""
        drift_ns = _drift_ns(now_ns - self.at_ns)
        return Bounds(self.low_ns - drift_ns, self.high_ns + drift_ns, now_ns)

    def meet(self, other: "Bounds") -> "Bounds | None":
        """What both allow, as of the later one; None if they contradict each other."""
        now_ns = max(self.at_ns, other.at_ns)
        one, two = self.at(now_ns), other.at(now_ns)
        low_ns, high_ns = max(one.low_ns, two.low_ns), min(one.high_ns, two.high_ns)
        return Bounds(low_ns, high_ns, now_ns) if low_ns <= high_ns else None


def bounds_of(stamp_ns: int, precision_ns: int, asked_ns: int, heard_ns: int) -> Bounds:
    """What an answer with this stamp says, asked and heard at these times of our clock."""
    drift_ns = _drift_ns(heard_ns - asked_ns)
    return Bounds(
        stamp_ns - heard_ns - drift_ns, stamp_ns + precision_ns - asked_ns + drift_ns, heard_ns
    )


class Verdict(StrEnum):
    """What an answer has come to."""

    FIRST = "the first answer"
    AGREED = "it agrees with what is known"
    SUSPECT = "it contradicts what is known"
    STEPPED = "it confirms the contradiction: a clock has stepped"


@dataclass(frozen=True, slots=True)
class Known:
    """What all answers together say, and the last one that contradicts them, if there is one."""

    bounds: Bounds
    suspect: Bounds | None = None


def learn(known: Known | None, answer: Bounds) -> tuple[Known, Verdict]:
    """What is known after one more answer."""
    if known is None:
        return Known(answer), Verdict.FIRST
    suspect = known.suspect.meet(answer) if known.suspect is not None else None
    agreed = known.bounds.meet(answer)
    if agreed is not None:
        # An answer so wide that it agrees with both leaves the suspicion as it is.
        return Known(agreed, suspect), Verdict.AGREED
    if suspect is not None:
        return Known(suspect), Verdict.STEPPED
    return Known(known.bounds, answer), Verdict.SUSPECT


def halving_wait_ns(bounds: Bounds, round_trip_ns: int, from_ns: int) -> int:
    """How long after `from_ns` to ask, so that the answer halves what lies between the bounds.

    The question is to reach the broker as its clock, read at the middle, begins a second: then the
    answer says on which side of the middle the offset lies.
    """
    reached_ns = from_ns + round_trip_ns // 2 + bounds.middle_ns
    return -reached_ns % SECOND_NS


def _drift_ns(elapsed_ns: int) -> int:
    return -(-elapsed_ns * DRIFT_PPM // _PER_MILLION)
