"""The single values that a plan can hold.

Owns exactness: a number becomes the Decimal that was written, to the digit, and never passes
through a binary float; a truth value is no number; an instant has a time zone and becomes UTC.
A number may also stand as text ("190.05"), so that programs whose only numbers are floats can
write an exact plan, and so that a plan travels as JSON without loss.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from backstay.domain.plan.tables import Expected

# Beyond these, a number in a plan is a slip of the hand; within them, the value of any order that
# could be sent stays far from the 28 digits at which a Decimal is rounded.
DIGITS_MAX = 12
DECIMALS_MAX = 8

SAYS_ITSELF = "says itself"
"""The type of an error whose message is the whole complaint."""

_NUMBER_TEXT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


def _exact(value: object) -> Decimal:
    match value:
        case bool():
            raise ValueError("a truth value is no number")
        case int() | Decimal():
            number = Decimal(value)
        case str() if _NUMBER_TEXT.fullmatch(value):
            number = Decimal(value)
        case _:
            raise ValueError("no exact number")
    if not number.is_finite() or number.adjusted() >= DIGITS_MAX:
        raise ValueError("no number that a plan could mean")
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -DECIMALS_MAX:
        raise ValueError("more decimals than any price has")
    return number.quantize(Decimal(1)) if exponent > 0 else number


def _whole(number: Decimal) -> Decimal:
    if number != number.to_integral_value():
        raise ValueError("a fraction of a unit")
    return number


def _day(value: object) -> date:
    match value:
        case datetime():
            raise ValueError("an instant is no day")
        case date():
            return value
        case str():
            return date.fromisoformat(value)
        case _:
            raise ValueError("no day")


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(instant, datetime):
        raise ValueError("no instant")
    if instant.utcoffset() is None:
        written = instant.isoformat()
        raise PydanticCustomError(
            SAYS_ITSELF,
            "{written} has no time zone; write {written}Z if that is UTC, else add the offset",
            {"written": written},
        )
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("an instant at the end of time") from error


_Exact = Annotated[Decimal, BeforeValidator(_exact)]

Price = Annotated[_Exact, Field(gt=0), Expected("a price above 0")]
Distance = Annotated[_Exact, Field(gt=0), Expected("a distance in price, above 0")]
LimitOffset = Annotated[_Exact, Field(ge=0), Expected("a distance in price, 0 or more")]
Money = Annotated[_Exact, Field(gt=0), Expected("an amount of money above 0")]
Multiple = Annotated[_Exact, Field(gt=0, le=100), Expected("a multiple above 0 and up to 100")]
Quantity = Annotated[
    _Exact,
    Field(gt=0),
    AfterValidator(_whole),
    Expected("a whole number of shares or contracts above 0"),
]
Fraction = Annotated[_Exact, Field(gt=0, le=1), Expected("a fraction above 0 and up to 1")]
Depth = Annotated[_Exact, Field(ge=0, lt=100), Expected("a percentage from 0 to below 100")]
Width = Annotated[_Exact, Field(gt=0, lt=100), Expected("a percentage above 0 and below 100")]
Gain = Annotated[_Exact, Field(gt=0), Expected("a percentage above 0")]
Patience = Annotated[_Exact, Field(ge=0, le=60), Expected("seconds from 0 to 60")]
Seconds = Annotated[_Exact, Field(gt=0, le=60), Expected("seconds above 0 and up to 60")]
Ticks = Annotated[
    int, Field(strict=True, ge=1, le=10), Expected("a whole number of ticks from 1 to 10")
]
Ratio = Annotated[
    int, Field(strict=True, ge=1, le=10_000), Expected("a whole number from 1 to 10000")
]
LegNumber = Annotated[int, Field(strict=True, ge=0), Expected("the number of a leg, from 0")]
Minutes = Annotated[
    int, Field(strict=True, ge=1, le=390), Expected("a whole number of minutes from 1 to 390")
]
Day = Annotated[date, BeforeValidator(_day), Expected("a day such as 2026-12-18")]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    Expected("an instant with its time zone, such as 2026-11-23T20:55:00Z"),
]
PlanId = Annotated[
    str,
    Field(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"),
    Expected("1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first"),
]
Account = Annotated[
    str,
    Field(strict=True, pattern=r"^[A-Z0-9]{1,20}$"),
    Expected('an account id in capitals and digits, such as "DU1234567"'),
]
Symbol = Annotated[
    str,
    Field(strict=True, pattern=r"^[A-Z0-9][A-Z0-9 ./-]{0,19}$"),
    Expected('a symbol in capitals, such as "AAPL" or "BRK B"'),
]
Exchange = Annotated[
    str,
    Field(strict=True, pattern=r"^[A-Z0-9][A-Z0-9.]{0,19}$"),
    Expected('an exchange in capitals, such as "SMART"'),
]
Currency = Annotated[
    str,
    Field(strict=True, pattern=r"^[A-Z]{3}$"),
    Expected('a currency of three capitals, such as "USD"'),
]
