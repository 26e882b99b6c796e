"""The measure of naked time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backstay.domain.protection.naked import Cover, NakedTime, naked_quantity

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


COVERS = [
    pytest.param(100, (), 100, id="nothing"),
    pytest.param(100, (Cover(Decimal(40)),), 60, id="a part"),
    pytest.param(100, (Cover(Decimal(40)), Cover(Decimal(60))), 0, id="two together"),
    pytest.param(100, (Cover(Decimal(150)),), 0, id="more than is open"),
    pytest.param(
        100, (Cover(Decimal(60), "pair"), Cover(Decimal(40), "pair")), 40, id="a pair fills once"
    ),
    pytest.param(100, (Cover(Decimal(60), "one"), Cover(Decimal(30), "other")), 10, id="two pairs"),
    pytest.param(
        100, (Cover(Decimal(60), "pair"), Cover(Decimal(30))), 10, id="a pair and another"
    ),
]


@pytest.mark.req("X.1")
@pytest.mark.parametrize(("open_quantity", "covers", "naked"), COVERS)
def test_what_no_order_covers_is_naked(
    open_quantity: int, covers: tuple[Cover, ...], naked: int
) -> None:
    assert naked_quantity(Decimal(open_quantity), covers) == naked
