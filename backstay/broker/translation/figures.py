"""Numbers on their way to the broker and back, exactly or not at all.

What ib_async has parsed is a float; its shortest text is what stood on the wire, as long as it had
no more than fifteen digits, which no price and no quantity has. What is written has a text without
exponent that the other side, whatever it parses into, reads as the very same number.
"""

from decimal import Decimal
from math import isfinite
from sys import float_info
from typing import Any

from backstay.domain.figures import plain

_UNSET = frozenset({float_info.max, float(2**63 - 1), float(2**127 - 1)})
"""What IB writes where there is no number: the largest double, long or decimal."""

_UNSET_WHOLE = 2**31 - 1


def number(heard: float | Decimal | str | None) -> Decimal | None:
    """What was heard, or None where the broker says that there is none. NaN is a ValueError."""
    if heard is None or heard == "":
        return None
    figure = float(heard)
    if not isfinite(figure):
        raise ValueError(f"{heard!r} is no number")
    return None if abs(figure) in _UNSET else Decimal(repr(figure).removesuffix(".0"))


def stated(what: str, heard: float | Decimal | str | None) -> Decimal:
    """What was heard, where something must have been said."""
    figure = number(heard)
    if figure is None:
        raise ValueError(f"{what} is missing")
    return figure


def whole(heard: int) -> int:
    """An id, or 0 where the broker says that there is none."""
    return 0 if heard == _UNSET_WHOLE else heard


def on_the_wire(figure: Decimal) -> Any:
    """`figure` as ib_async is to write it: it declares floats, and writes what it is given as text.

    A number that a double would change, or that has no text without exponent, is a ValueError.
    """
    if not figure.is_finite() or Decimal(repr(float(figure))) != figure:
        raise ValueError(f"{figure} can't be written exactly")
    text = plain(figure)
    if str(Decimal(text)) != text:
        raise ValueError(f"{figure} can't be written without an exponent")
    return Decimal(text)


def text_on_the_wire(what: str, text: str) -> str:
    """`text`, if nothing in it could end its field or be read as something else."""
    if not (text.isascii() and text.isprintable()):
        raise ValueError(f"{what} is {text!r}; only printable ASCII can be written")
    return text
