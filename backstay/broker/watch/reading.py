"""The broker's letters as prices, and levels as the first price that matters.

Owns the reading of a price as it stands on the wire. What can't be read is not a number, and what
isn't there is None; neither is judged here. The same few letters come over and over, so what they
mean is remembered.
"""

import re
from decimal import Decimal

from backstay.domain.ticks.levels import Crossing

_CHARACTERS_MAX = 24
"""Longer than any price, and shorter than what arithmetic would round."""

_REMEMBERED_MAX = 50_000
_NOT_A_NUMBER = Decimal("NaN")
_NUMBER = re.compile(rb"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?")


class Reader:
    """Reads prices, and remembers what it has read."""

    __slots__ = ("_remembered", "good")

    def __init__(self) -> None:
        self._remembered: dict[bytes, Decimal | None] = {}
        self.good: dict[bytes, Decimal] = {}
        """Of what is remembered the prices above zero."""

    def price(self, letters: bytes) -> Decimal | None:
        """The price that the letters say; None without any, NaN where they say no number."""
        try:
            return self._remembered[letters]
        except KeyError:
            price = _read(letters)
        if len(self._remembered) >= _REMEMBERED_MAX:
            self._remembered.clear()
            self.good.clear()
        self._remembered[letters] = price
        if price is not None and price.is_finite() and price > 0:
            self.good[letters] = price
        return price


def first_past(crossing: Crossing, level: Decimal) -> Decimal:
    """The first price that is beyond `level`: no number that can be read lies between the two."""
    return level.next_plus() if crossing is Crossing.ABOVE else level.next_minus()


def last_before(crossing: Crossing, level: Decimal) -> Decimal:
    """The last price on the near side of `level`: whatever is beyond it has reached the level."""
    return first_past(crossing.opposite, level)


def _read(letters: bytes) -> Decimal | None:
    if not letters:
        return None
    if len(letters) > _CHARACTERS_MAX or _NUMBER.fullmatch(letters) is None:
        return _NOT_A_NUMBER
    return Decimal(letters.decode("ascii"))
