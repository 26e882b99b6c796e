"""Whose order it is, by its reference: read here once more, and not as the house reads it."""

import re
from functools import lru_cache
from typing import NamedTuple

_REFERENCE = re.compile(r"bs1:([0-9A-HJKMNP-TV-Z]{8}):(\d{1,2}):(EN|PR|XS|XT|XM|HG|UN):(\d{1,4})")
_OPENING = frozenset({"EN", "HG"})
_EXITS = frozenset({"XS", "XT", "XM", "UN"})


class Reference(NamedTuple):
    """Trade, leg, purpose and generation."""

    trade: str
    leg: int
    purpose: str
    generation: int

    @property
    def opens(self) -> bool:
        """Whether an order of it can make a position larger."""
        return self.purpose in _OPENING

    @property
    def is_exit(self) -> bool:
        """Whether it leaves a position; a stop only rests."""
        return self.purpose in _EXITS

    @property
    def family(self) -> tuple[str, int, str]:
        """What it has in common with its other generations."""
        return self[:3]

    def __str__(self) -> str:
        return ":".join(("bs1", self.trade, str(self.leg), self.purpose, str(self.generation)))


@lru_cache(maxsize=4096)
def reference_of(text: str | None) -> Reference | None:
    """What a reference says, or None for an order of somebody else."""
    match = _REFERENCE.fullmatch(text or "")
    if match is None:
        return None
    trade, leg, purpose, generation = match.groups()
    return Reference(trade, int(leg), purpose, int(generation))
