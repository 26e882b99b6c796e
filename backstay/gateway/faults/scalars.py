"""The values of a faults file, read strictly; what is wrong is said as what would be right."""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from backstay.gateway.times import MILLISECOND_NS, SECOND_NS, to_ns

PERIOD_RIGHT = 'a duration such as "500ms", "2s", "5m" or "24h"'
MOMENT_RIGHT = 'a time from the start such as "+30s", or one such as 2026-11-23T15:30:00Z'
WHOLE_RIGHT = "a whole number from 1"
NUMBER_RIGHT = 'a number such as 0.5 or "0.5"'
PROBABILITY_RIGHT = "a number from 0 to 1"
WORD_RIGHT = "a text"

_WHOLE_MAX = 2**32 - 1
_DAYS_MAX = 366
_PERIOD = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)")
_UNITS_NS = {
    "ms": MILLISECOND_NS,
    "s": SECOND_NS,
    "m": 60 * SECOND_NS,
    "h": 3600 * SECOND_NS,
    "d": 86_400 * SECOND_NS,
}


class Moment(NamedTuple):
    """An instant: of the calendar, or so long after the start of the gateway."""

    ns: int
    from_start: bool

    def on_clock_ns(self, start_ns: int) -> int:
        """Broker time at which it is."""
        return start_ns + self.ns if self.from_start else self.ns


def period_ns(value: object) -> int:
    """A length of time; "0s" is none."""
    found = _PERIOD.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(PERIOD_RIGHT)
    length_ns = int(Decimal(found[1]) * _UNITS_NS[found[2]])
    if length_ns > _DAYS_MAX * _UNITS_NS["d"]:
        raise ValueError(f"at most {_DAYS_MAX} days")
    return length_ns


def lasting_ns(value: object) -> int:
    """A length of time that is not nothing."""
    if length_ns := period_ns(value):
        return length_ns
    raise ValueError("more than nothing")


def moment(value: object) -> Moment:
    """An instant, as text or as TOML's own datetime with its offset."""
    if isinstance(value, str) and value.startswith("+"):
        try:
            return Moment(period_ns(value[1:]), from_start=True)
        except ValueError:
            raise ValueError(MOMENT_RIGHT) from None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(MOMENT_RIGHT) from None
    if not isinstance(value, datetime):
        raise ValueError(MOMENT_RIGHT)
    if value.tzinfo is None:
        raise ValueError("a time with its offset, such as 2026-11-23T15:30:00Z")
    return Moment(to_ns(value), from_start=False)


def whole(value: object) -> int:
    """A count."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _WHOLE_MAX:
        raise ValueError(WHOLE_RIGHT)
    return value


def number(value: object) -> Decimal:
    """A finite number, with the digits that were written."""
    if isinstance(value, bool) or not isinstance(value, int | str | float | Decimal):
        raise ValueError(NUMBER_RIGHT)
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(NUMBER_RIGHT) from None
    if not read.is_finite():
        raise ValueError(NUMBER_RIGHT)
    return read


def probability(value: object) -> float:
    """How often out of one; 0 is never, 1 is always."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(PROBABILITY_RIGHT)
    if not 0 <= value <= 1:
        raise ValueError(PROBABILITY_RIGHT)
    return float(value)


def word(value: object, choices: tuple[str, ...] = ()) -> str:
    """A text, or one of `choices`."""
    if not isinstance(value, str):
        raise ValueError(either(choices) or WORD_RIGHT)
    if choices and value not in choices:
        raise ValueError(either(choices))
    return value


def either(words: tuple[str, ...]) -> str:
    """The words as a choice."""
    quoted = [f'"{one}"' for one in words]
    return " or ".join(part for part in (", ".join(quoted[:-1]), *quoted[-1:]) if part)
