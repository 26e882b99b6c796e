"""The account's figures as rates into one currency."""

from decimal import Decimal

import pytest

from backstay.broker.translation.rates import rates_of
from backstay.domain.edge.snapshot import AccountFigure
from backstay.domain.money import ExchangeRate, ExchangeRates

FRANCS = (
    AccountFigure("ExchangeRate", "BASE", "1.00"),
    AccountFigure("ExchangeRate", "CHF", "1.00"),
    AccountFigure("ExchangeRate", "EUR", "0.95"),
    AccountFigure("ExchangeRate", "USD", "0.80"),
    AccountFigure("NetLiquidation", "CHF", "100000"),
    AccountFigure("NetLiquidation", "BASE", "100000"),
    AccountFigure("CashBalance", "USD", "5"),
)


@pytest.mark.parametrize("base", [None, "CHF"])
def test_the_accounts_own_currency_needs_no_rate_and_has_all_that_were_told(
    base: str | None,
) -> None:
    rates = rates_of(FRANCS, base)
    assert rates == ExchangeRates(
        "CHF", (ExchangeRate("EUR", Decimal("0.95")), ExchangeRate("USD", Decimal("0.80")))
    )
    assert rates.to_base(Decimal(100), "USD") == 80


def test_into_another_currency_they_lead_by_way_of_its_rate() -> None:
    rates = rates_of(FRANCS, "USD")
    assert rates.base == "USD"
    assert rates.to_base(Decimal(80), "CHF") == 100
    assert rates.to_base(Decimal(16), "EUR") == 19


@pytest.mark.parametrize("value", ["", "0", "-1", "NaN", "Infinity", "about one"])
def test_what_is_no_rate_is_not_told(value: str) -> None:
    figures = (*FRANCS[:3], AccountFigure("ExchangeRate", "USD", value), *FRANCS[4:])
    assert rates_of(figures, None).to_base(Decimal(1), "USD") is None
    assert rates_of(figures, "USD") == ExchangeRates("USD")


def test_without_the_accounts_currency_or_the_wanted_one_nothing_is_converted() -> None:
    assert rates_of(FRANCS, "JPY") == ExchangeRates("JPY")
    assert rates_of(FRANCS[:4], "USD") == ExchangeRates("USD")
    assert rates_of((), None).to_base(Decimal(1), "USD") is None


def test_a_currency_without_a_name_is_none() -> None:
    nameless = (*FRANCS, AccountFigure("ExchangeRate", "", "3"))
    assert rates_of(nameless, None) == rates_of(FRANCS, None)
