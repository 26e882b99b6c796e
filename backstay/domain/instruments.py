"""What is traded, once the broker has named it.

Owns the resolved contract: its broker id, its currency and multiplier, its price grid and the time
zone of its exchange. How a plan's wish becomes one of these is the edge's business.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from backstay.domain.checks import check_above_zero
from backstay.domain.prices import PriceGrid


class InstrumentType(StrEnum):
    """IB's security types that the project trades."""

    STOCK = "STK"
    OPTION = "OPT"


class Right(StrEnum):
    """An option's right, as IB writes it."""

    CALL = "C"
    PUT = "P"


@dataclass(frozen=True, slots=True)
class OptionTerms:
    """What makes an option contract: when, at what price, which way."""

    expiry: date
    strike: Decimal
    right: Right

    def __post_init__(self) -> None:
        check_above_zero("the strike", self.strike)


@dataclass(frozen=True, slots=True)
class Instrument:
    """A contract that the broker knows. It is an option exactly if it has option terms."""

    con_id: int
    symbol: str
    exchange: str
    currency: str
    multiplier: Decimal
    grid: PriceGrid
    time_zone: str
    option: OptionTerms | None = None

    def __post_init__(self) -> None:
        if self.con_id <= 0:
            raise ValueError(f"the contract id of {self.symbol} is {self.con_id}; it is above 0")
        check_above_zero(f"the multiplier of {self.symbol}", self.multiplier)

    @property
    def type(self) -> InstrumentType:
        """Stock or option."""
        return InstrumentType.STOCK if self.option is None else InstrumentType.OPTION

    @property
    def is_option(self) -> bool:
        """Whether the rules for options apply."""
        return self.option is not None

    def value(self, quantity: Decimal, price: Decimal) -> Decimal:
        """The notional value in the instrument's own currency: quantity x price x multiplier."""
        return quantity * price * self.multiplier
