"""One field of a message: what its text means, and how the meaning is written.

Reading is strict and bounded, because anybody may write to a socket: whole numbers, ids among them,
fit 32 bits as at IB, and moments 64; numbers are finite and of a size that trading has, and nothing
is taken that only Python would take for a number (`1_000`, `nan`). `parse` raises a ValueError that
goes on after the value: "is no whole number".

IB has several ways to say "no number"; each is read as None, or as zero where zero means the same.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Generic, TypeVar

from backstay.gateway import times
from backstay.gateway.values.contract import TagValue
from backstay.gateway.values.execution import Side
from backstay.gateway.values.state import Status

T = TypeVar("T")

WHOLE_BITS = 32
LONG_BITS = 64
NUMBER_CHARACTERS_MAX = 48
NUMBER_DIGITS_MAX = 15
NUMBER_PLACES_MAX = 30

NO_WHOLE = "2147483647"
NO_LONG = "9223372036854775807"
NO_NUMBER = "1.7976931348623157E308"
INFINITY = Decimal("Infinity")

_ZERO = Decimal(0)
_ONE = Decimal(1)
# 2 ** 127 - 1 is the quantity that the official client never set.
_UNSET_NUMBERS = (Decimal(NO_NUMBER), Decimal(2**127 - 1))
_WHOLE = re.compile("[+-]?[0-9]{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
# Most whole numbers and all flags: no need to look closer.
_COMMON = {"": 0, "0": 0, "1": 1, "-1": -1}
_EXACT = Context(prec=2 * NUMBER_CHARACTERS_MAX)
_NO_DELTA_NEUTRAL = "None"


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """How a field is read and written."""

    parse: Callable[[str], T]
    show: Callable[[T], str]


def parse_whole(text: str, bits: int = WHOLE_BITS) -> int:
    """A whole number; nothing is zero."""
    if text in _COMMON:
        return _COMMON[text]
    if len(text) > NUMBER_CHARACTERS_MAX or not _WHOLE.fullmatch(text):
        raise ValueError("is no whole number")
    value = int(text)
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise ValueError(f"does not fit {bits} bits")
    return value


def parse_whole_or_none(text: str) -> int | None:
    """A whole number, or None for nothing and for IB's greatest."""
    return None if text in {"", NO_WHOLE, NO_LONG} else parse_whole(text)


def parse_number_or_none(text: str) -> Decimal | None:
    """A number without needless zeros, or None for nothing and for IB's greatest."""
    if not text:
        return None
    if len(text) > NUMBER_CHARACTERS_MAX or not _NUMBER.fullmatch(text):
        raise ValueError("is no number")
    value = Decimal(text)
    if not value:
        return _ZERO
    if value in _UNSET_NUMBERS:
        return None
    if not -NUMBER_PLACES_MAX <= value.adjusted() < NUMBER_DIGITS_MAX:
        raise ValueError("is too great or too small")
    value = value.normalize(_EXACT)
    # 1E+2 is written 100 from here on.
    return value.quantize(_ONE, context=_EXACT) if value == value.to_integral_value() else value


def parse_number(text: str) -> Decimal:
    """A number; nothing, and IB's greatest, are zero."""
    return parse_number_or_none(text) or _ZERO


def show_number(value: Decimal) -> str:
    """A number without an exponent."""
    return f"{value:f}"


def _parse_long(text: str) -> int:
    return parse_whole(text, LONG_BITS)


def _parse_flag(text: str) -> bool:
    return parse_whole(text) != 0


def _parse_flag_or_none(text: str) -> bool | None:
    value = parse_whole_or_none(text)
    return None if value is None else value != 0


def _show_flag(value: bool) -> str:
    return "1" if value else "0"


def _show_or_nothing(show: Callable[[T], str]) -> Callable[[T | None], str]:
    return lambda value: "" if value is None else show(value)


def _parse_offset(text: str) -> Decimal | None:
    # ib_async writes Infinite, IB's own client Infinity.
    return INFINITY if text in {"Infinity", "Infinite"} else parse_number_or_none(text)


def _show_offset(value: Decimal | None) -> str:
    return "" if value is None else "Infinity" if value == INFINITY else show_number(value)


def _show_text(value: str) -> str:
    if "\0" in value:
        raise ValueError(f"{value!r} holds the mark that ends a field")
    return value


def _parse_escaped(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("unicode-escape")


def _show_escaped(value: str) -> str:
    return value.encode("unicode-escape").decode("ascii")


def _parse_tags(text: str) -> tuple[TagValue, ...]:
    pairs = (pair.partition("=") for pair in text.split(";") if pair)
    return tuple(TagValue(tag, value) for tag, _, value in pairs)


def _show_tags(values: tuple[TagValue, ...]) -> str:
    return "".join(f"{_show_text(pair.tag)}={_show_text(pair.value)};" for pair in values)


def _parse_commas(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def _parse_stamp(text: str) -> int:
    moment, _, zone = text.rpartition(" ")
    if zone != times.ZONE_NAME:
        raise ValueError(f"is not a time in {times.ZONE_NAME}")
    read = datetime.strptime(moment, "%Y%m%d %H:%M:%S").replace(tzinfo=times.ZONE)
    return times.to_ns(read.astimezone(UTC))


def _parse_status(text: str) -> Status:
    return Status(text)


def _parse_side(text: str) -> Side:
    return Side(text)


def _parse_neutral(text: str) -> str:
    return "" if text == _NO_DELTA_NEUTRAL else text


TEXT: Kind[str] = Kind(str, _show_text)
# Since 153 some texts are ASCII with escapes, because they are made for people.
ESCAPED: Kind[str] = Kind(_parse_escaped, _show_escaped)
WHOLE: Kind[int] = Kind(parse_whole, str)
LONG: Kind[int] = Kind(_parse_long, str)
WHOLE_OR_NONE: Kind[int | None] = Kind(parse_whole_or_none, _show_or_nothing(str))
NUMBER: Kind[Decimal] = Kind(parse_number, show_number)
NUMBER_OR_NONE: Kind[Decimal | None] = Kind(parse_number_or_none, _show_or_nothing(show_number))
# Where the official client takes nothing for zero, "no number" is written out.
NUMBER_OR_GREATEST: Kind[Decimal | None] = Kind(
    parse_number_or_none, lambda value: NO_NUMBER if value is None else show_number(value)
)
OFFSET: Kind[Decimal | None] = Kind(_parse_offset, _show_offset)
FLAG: Kind[bool] = Kind(_parse_flag, _show_flag)
FLAG_OR_NONE: Kind[bool | None] = Kind(_parse_flag_or_none, _show_or_nothing(_show_flag))
TAGS: Kind[tuple[TagValue, ...]] = Kind(_parse_tags, _show_tags)
COMMAS: Kind[tuple[str, ...]] = Kind(_parse_commas, ",".join)
STAMP: Kind[int] = Kind(_parse_stamp, times.stamp)
STATUS: Kind[Status] = Kind(_parse_status, str)
SIDE: Kind[Side] = Kind(_parse_side, str)
# TWS says None for "no delta-neutral order", and thereby that its other fields follow.
NEUTRAL: Kind[str] = Kind(
    _parse_neutral, lambda value: _show_text(value) if value else _NO_DELTA_NEUTRAL
)
