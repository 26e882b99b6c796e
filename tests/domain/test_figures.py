"""Figures: how they read, spans of time as figures, and sums."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.figures import plain, seconds, total, whole

figures = st.decimals(-(10**9), 10**9, places=4)


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        ("100", "100"),
        ("1E+2", "100"),
        ("0.50", "0.5"),
        ("-12.340", "-12.34"),
        ("1E-7", "0.0000001"),
        ("0", "0"),
        ("0.000", "0"),
        ("-0", "0"),
        ("50000.01", "50000.01"),
        ("0E+3", "0"),
    ],
)
def test_a_figure_reads_without_exponent_and_idle_zeros(figure: str, text: str) -> None:
    assert plain(Decimal(figure)) == text


@given(figures, st.integers(0, 6))
def test_equal_figures_read_alike_and_as_what_they_are(figure: Decimal, zeros: int) -> None:
    longer = figure.quantize(Decimal(1).scaleb(-4 - zeros))
    assert plain(longer) == plain(figure)
    assert Decimal(plain(figure)) == figure


@pytest.mark.parametrize(
    ("elapsed", "text"),
    [
        (timedelta(microseconds=1), "0.000001"),
        (timedelta(microseconds=-1), "-0.000001"),
        (timedelta(days=200_000, microseconds=1), "17280000000.000001"),
    ],
)
def test_seconds_are_exact(elapsed: timedelta, text: str) -> None:
    assert seconds(elapsed) == Decimal(text)


def test_the_sum_of_nothing_is_a_decimal() -> None:
    assert str(total(())) == "0"
    assert isinstance(total(()), Decimal)
    assert total(Decimal(part) for part in ("1.5", "2", "-0.25")) == Decimal("3.25")


@pytest.mark.req("X.10")
@pytest.mark.parametrize(
    ("quantity", "units"),
    [("2.9", "2"), ("2", "2"), ("0.9", "0"), ("-0.9", "0"), ("-2.9", "-2"), ("-3", "-3")],
)
def test_only_whole_units_are_traded(quantity: str, units: str) -> None:
    assert whole(Decimal(quantity)) == Decimal(units)
