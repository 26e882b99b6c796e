"""Money: converted at a known rate, or not at all."""

from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from backstay.domain.money import ExchangeRate, ExchangeRates

RATES = ExchangeRates(
    base="EUR",
    rates=(ExchangeRate("USD", Decimal("0.9")), ExchangeRate("JPY", Decimal("0.0062"))),
)


@pytest.mark.req("X.10")
@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("100", "EUR", "100"), ("100", "USD", "90"), ("-50000", "JPY", "-310"), ("0", "USD", "0")],
)
def test_an_amount_is_worth_its_rate_in_the_base_currency(
    amount: str, currency: str, expected: str
) -> None:
    assert RATES.to_base(Decimal(amount), currency) == Decimal(expected)


@pytest.mark.req("X.10")
@pytest.mark.parametrize("currency", ["CHF", "usd", ""])
def test_a_currency_without_a_rate_has_no_value(currency: str) -> None:
    assert RATES.to_base(Decimal(1), currency) is None


def test_without_rates_only_the_base_currency_has_a_value() -> None:
    alone = ExchangeRates("USD")
    assert alone.to_base(Decimal(7), "USD") == 7
    assert alone.to_base(Decimal(7), "EUR") is None


@pytest.mark.parametrize("rate", ["0", "-0.9", "NaN", "Infinity"])
def test_a_rate_is_above_zero(rate: str) -> None:
    told = f"^the rate of USD is {rate}; it must be a number above 0$"
    with pytest.raises(ValueError, match=told):
        ExchangeRate("USD", Decimal(rate))


def test_a_currency_has_one_rate_at_most() -> None:
    twice = (ExchangeRate("USD", Decimal("0.9")), ExchangeRate("USD", Decimal("0.8")))
    complaint = r"^a currency has more than one rate into EUR: \['USD', 'USD'\]$"
    with pytest.raises(ValueError, match=complaint):
        ExchangeRates("EUR", twice)


def test_the_base_currency_has_no_rate_into_itself() -> None:
    with pytest.raises(ValueError, match=r"^the base currency EUR needs no rate into itself$"):
        ExchangeRates("EUR", (ExchangeRate("EUR", Decimal(1)),))


def test_rates_survive_json() -> None:
    adapter = TypeAdapter(ExchangeRates)
    assert adapter.validate_json(adapter.dump_json(RATES)) == RATES
