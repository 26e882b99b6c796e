"""An option's con_id, made of what it is, and its local symbol.

The number has a field for each of underlying, expiry, strike and right, so that two options never
share one and every process reads the same option out of it. Bit 30 is set: no stock of the
catalogue has a number as high.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

_ERA = date(2020, 1, 1)
_MARK = 1 << 30
_RIGHT_BITS, _STRIKE_BITS, _DAY_BITS, _UNDER_BITS = 1, 13, 12, 4
_DAY_SHIFT = _RIGHT_BITS + _STRIKE_BITS
_UNDER_SHIFT = _DAY_SHIFT + _DAY_BITS
_LOCAL = re.compile(r"([A-Z]{1,6}) *([0-9]{6})([CP])([0-9]{8})")
_MILLE = Decimal(1000)


@dataclass(frozen=True, slots=True)
class OptionNumber:
    """An option in whole numbers: `under` is its underlying's place in the catalogue, `units` its
    strike in steps of that underlying's strikes.
    """

    under: int
    expiry: date
    units: int
    is_put: bool

    def __post_init__(self) -> None:
        days = (self.expiry - _ERA).days
        for value, bits in (
            (self.under, _UNDER_BITS),
            (days, _DAY_BITS),
            (self.units, _STRIKE_BITS),
        ):
            if not 0 <= value < 1 << bits:
                raise ValueError(f"{self} has no con_id: {value} needs more than {bits} bits")

    @property
    def con_id(self) -> int:
        """Its number: positive, and of 31 bits."""
        days = (self.expiry - _ERA).days
        under, day = self.under << _UNDER_SHIFT, days << _DAY_SHIFT
        return _MARK | under | day | self.units << _RIGHT_BITS | self.is_put


def option_number(con_id: int) -> OptionNumber | None:
    """What a con_id says; None if it isn't an option's."""
    if not _MARK <= con_id < 2 * _MARK:
        return None
    days = con_id >> _DAY_SHIFT & (1 << _DAY_BITS) - 1
    return OptionNumber(
        under=con_id >> _UNDER_SHIFT & (1 << _UNDER_BITS) - 1,
        expiry=_ERA + timedelta(days=days),
        units=con_id >> _RIGHT_BITS & (1 << _STRIKE_BITS) - 1,
        is_put=bool(con_id & 1),
    )


def local_symbol(trading_class: str, expiry: str, right: str, strike: Decimal) -> str:
    """`AAPL  261218C00190000`, as the clearing house writes it."""
    return f"{trading_class:<6}{expiry[2:]}{right}{int(strike * _MILLE):08d}"


def from_local_symbol(text: str) -> tuple[str, date, str, Decimal] | None:
    """Trading class, expiry, right and strike; the blanks may be left out."""
    found = _LOCAL.fullmatch(text)
    if not found:
        return None
    trading_class, day, right, strike = found.groups()
    try:
        expiry = datetime.strptime(day, "%y%m%d").date()  # noqa: DTZ007 - a day, no instant
    except ValueError:
        return None
    return trading_class, expiry, right, Decimal(strike) / _MILLE
