"""The account's figures as rates into one currency.

The broker tells what a unit of each currency that is held is worth in the account's own. Into any
other currency they lead only by way of its rate; what is not told is not assumed.
"""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from backstay.domain.edge.snapshot import AccountFigure
from backstay.domain.money import ExchangeRate, ExchangeRates

ALL_TOGETHER = "BASE"
"""What the broker writes for all currencies together, in the account's own."""

UNKNOWN = ""
"""No currency: nothing can be valued in it."""


def rates_of(figures: Iterable[AccountFigure], base: str | None) -> ExchangeRates:
    """The rates into `base`, or into the account's own currency where none is wanted."""
    own, told = UNKNOWN, dict[str, Decimal]()
    for figure in figures:
        if figure.tag == "NetLiquidation" and figure.currency != ALL_TOGETHER:
            own = figure.currency
        elif figure.tag == "ExchangeRate" and figure.currency not in {ALL_TOGETHER, ""}:
            rate = _rate(figure.value)
            if rate is not None:
                told[figure.currency] = rate
    into = base or own
    if own:
        told[own] = Decimal(1)
    if not own or into not in told:
        return ExchangeRates(into)
    unit = told.pop(into)
    return ExchangeRates(
        into, tuple(ExchangeRate(currency, told[currency] / unit) for currency in sorted(told))
    )


def _rate(text: str) -> Decimal | None:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and rate > 0 else None
