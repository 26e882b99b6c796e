"""Money across currencies.

Owns conversion into the account's base currency. It never assumes a rate: a currency without one
can't be valued, and what can't be valued is refused by whoever asked.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.checks import check_above_zero


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """One unit of `currency` is worth `rate` units of the base currency."""

    currency: str
    rate: Decimal

    def __post_init__(self) -> None:
        check_above_zero(f"the rate of {self.currency}", self.rate)


@dataclass(frozen=True, slots=True)
class ExchangeRates:
    """The rates into one base currency, which needs none for itself."""

    base: str
    rates: tuple[ExchangeRate, ...] = ()

    def __post_init__(self) -> None:
        named = [rate.currency for rate in self.rates]
        if len(set(named)) != len(named):
            raise ValueError(f"a currency has more than one rate into {self.base}: {named}")
        if self.base in named:
            raise ValueError(f"the base currency {self.base} needs no rate into itself")

    def to_base(self, amount: Decimal, currency: str) -> Decimal | None:
        """`amount` of `currency` in the base currency, or None where no rate is known."""
        if currency == self.base:
            return amount
        for rate in self.rates:
            if rate.currency == currency:
                return amount * rate.rate
        return None
