"""The contracts of the bench, and the prices at which each contender has a trigger.

A price between the floor and the base level means nothing. Each firing is of the lowest level that
is left, and puts a new one on top, so there are as many as before.
"""

from dataclasses import dataclass
from decimal import Decimal

CONTRACTS = 100
LEVELS_EACH = 10
BASE = Decimal(101)
STEP = Decimal("0.10")
NOISE_FLOOR, NOISE_CEILING = 9_000, 9_999
"""In cents: where prices go to and fro."""

ASK = b"150"
"""So far away that no price of the bench crosses it."""


def level(number: int) -> Decimal:
    """The price of the level of this number, from 0."""
    return BASE + number * STEP


def price_past(number: int) -> bytes:
    """A price past this level and short of the next."""
    return str(level(number) + STEP / 2).encode()


@dataclass(frozen=True, slots=True)
class Seat:
    """One contract: how it is asked for, and how many of its levels have fired."""

    con_id: int
    symbol: str
    sec_type: str
    exchange: str
    currency: str
    expiry: str
    strike: str
    right: str
