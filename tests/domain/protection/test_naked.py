"""The measure of naked time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backstay.domain.protection.naked import NakedTime

START = datetime(2026, 3, 23, 14, 30, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """So many seconds after the start."""
    return START + timedelta(seconds=seconds)


@pytest.mark.req("X.1")
def test_naked_time_is_quantity_times_seconds_over_every_change() -> None:
    naked = NakedTime(Decimal(0), Decimal(30), START)
    naked = naked.changed(Decimal(100), after(2))
    naked = naked.changed(Decimal(0), after(2.5))
    assert naked.until(after(60)) == Decimal(30 * 2 + 50)


def test_nothing_naked_adds_nothing() -> None:
    assert NakedTime(Decimal(7), Decimal(0), START).until(after(3600)) == 7


def test_a_clock_that_steps_back_takes_nothing_away() -> None:
    naked = NakedTime(Decimal(0), Decimal(10), after(5))
    assert naked.until(START) == 0
    again = naked.changed(Decimal(20), START)
    assert again == NakedTime(Decimal(0), Decimal(20), after(5))


def test_less_than_nothing_can_not_be_naked() -> None:
    with pytest.raises(
        ValueError, match=r"^the naked quantity is -1; it must be a number not below 0$"
    ):
        NakedTime(Decimal(0), Decimal(0), START).changed(Decimal(-1), START)


def test_what_was_naked_is_a_number_since_a_time_in_utc() -> None:
    with pytest.raises(ValueError, match=r"^naked time is -1; it must be a number not below 0$"):
        NakedTime(Decimal(-1), Decimal(0), START)
    with pytest.raises(
        ValueError, match=r"^naked time: the time 2026-03-23 14:30.* is not in UTC$"
    ):
        NakedTime(Decimal(0), Decimal(0), START.replace(tzinfo=None))
