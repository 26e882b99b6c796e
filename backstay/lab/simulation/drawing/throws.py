"""What is asked of a die, and how an answer is written down."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from backstay.lab.simulation.seeds import Die

_Thing = TypeVar("_Thing")

Weighted = tuple[tuple[_Thing, float], ...]
"""Each thing with its weight among the others."""


def pick(die: Die, weighted: Sequence[tuple[_Thing, float]]) -> _Thing:
    """One of them; one throw, whatever their number."""
    thrown = die.random() * sum(weight for _, weight in weighted)
    for thing, weight in weighted:
        thrown -= weight
        if thrown < 0:
            return thing
    return weighted[-1][0]


def falls(die: Die, probability: float) -> bool:
    """Whether it happens; one throw."""
    return die.random() < probability


def seconds(die: Die, low: float, high: float) -> float:
    """A time between the two, to the millisecond."""
    return round(die.uniform(low, high), 3)


def mostly_short(die: Die, low: float, high: float) -> float:
    """A time between the two, to the millisecond; long ones are rare."""
    return round(low + (high - low) * die.random() ** 3, 3)


def to_cents(price: float) -> Decimal:
    """A price as it can be traded, never nothing."""
    return Decimal(max(1, round(price * 100))).scaleb(-2)


def period(length: float) -> str:
    """A length of time, as a rule writes it."""
    return f"{max(length, 0.001):.3f}s"


def moment(at: float) -> str:
    """A time from the beginning, as a rule writes it."""
    return f"+{max(at, 0.001):.3f}s"
