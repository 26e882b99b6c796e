"""An option's con_id and local symbol say what it is, and nothing else does."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.market.catalogue import CATALOGUE
from backstay.gateway.market.option_numbers import (
    OptionNumber,
    from_local_symbol,
    local_symbol,
    option_number,
)

numbers = st.builds(
    OptionNumber,
    under=st.integers(0, 15),
    expiry=st.dates(date(2020, 1, 1), date(2031, 3, 18)),
    units=st.integers(0, 8191),
    is_put=st.booleans(),
)


@given(numbers)
def test_a_con_id_says_its_option_back(number: OptionNumber) -> None:
    assert option_number(number.con_id) == number


@given(numbers)
def test_a_con_id_fits_and_is_no_stocks(number: OptionNumber) -> None:
    assert 1 << 30 <= number.con_id < 1 << 31
    assert number.con_id > max(listing.con_id for listing in CATALOGUE)


def test_a_con_id_is_the_same_for_ever() -> None:
    assert OptionNumber(4, date(2026, 12, 18), 38, is_put=False).con_id == 1383841868


@pytest.mark.parametrize("con_id", [0, 265598, (1 << 30) - 1, 1 << 31, -1])
def test_what_is_no_options_number_says_nothing(con_id: int) -> None:
    assert option_number(con_id) is None


@pytest.mark.parametrize(
    ("under", "expiry", "units"),
    [(16, date(2026, 1, 2), 1), (0, date(2019, 12, 31), 1), (0, date(2026, 1, 2), 8192)],
)
def test_what_does_not_fit_has_no_con_id(under: int, expiry: date, units: int) -> None:
    with pytest.raises(ValueError, match="has no con_id"):
        OptionNumber(under, expiry, units, is_put=False)


@pytest.mark.parametrize(
    ("strike", "written"),
    [
        ("190", "AAPL  261218C00190000"),
        ("187.5", "AAPL  261218C00187500"),
        ("0.5", "AAPL  261218C00000500"),
    ],
)
def test_a_local_symbol_is_written_as_the_clearing_house_does(strike: str, written: str) -> None:
    expiry = date(2026, 12, 18)
    assert local_symbol("AAPL", "20261218", "C", Decimal(strike)) == written
    assert from_local_symbol(written) == ("AAPL", expiry, "C", Decimal(strike))
    assert from_local_symbol(written.replace(" ", "")) == ("AAPL", expiry, "C", Decimal(strike))


@pytest.mark.parametrize("text", ["", "AAPL", "AAPL  261318C00190000", "AAPL  261218X00190000"])
def test_what_is_no_local_symbol_says_nothing(text: str) -> None:
    assert from_local_symbol(text) is None
