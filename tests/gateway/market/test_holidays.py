"""When New York's exchanges are closed, against what they have published."""

from datetime import date, timedelta

import pytest

from backstay.gateway.market.holidays import (
    DayKind,
    day_kind,
    last_trading_day,
    next_trading_day,
)

CLOSED = {
    2024: "0101 0115 0219 0329 0527 0619 0704 0902 1128 1225",
    2025: "0101 0109 0120 0217 0418 0526 0619 0704 0901 1127 1225",
    2026: "0101 0119 0216 0403 0525 0619 0703 0907 1126 1225",
    2027: "0101 0118 0215 0326 0531 0618 0705 0906 1125 1224",
    2028: "0117 0221 0414 0529 0619 0704 0904 1123 1225",
}
HALF = {
    2024: "0703 1129 1224",
    2025: "0703 1128 1224",
    2026: "1127 1224",
    2027: "1126",
    2028: "0703 1124",
}


def weekdays(year: int) -> list[date]:
    days = (date(year, 1, 1) + timedelta(days=count) for count in range(366))
    return [day for day in days if day.year == year and day.weekday() < 5]


def of_kind(year: int, kind: DayKind) -> str:
    return " ".join(f"{day:%m%d}" for day in weekdays(year) if day_kind(day) is kind)


@pytest.mark.parametrize("year", CLOSED)
def test_the_holidays_of_a_year_are_those_that_were_published(year: int) -> None:
    assert of_kind(year, DayKind.CLOSED) == CLOSED[year]


@pytest.mark.parametrize("year", HALF)
def test_the_half_days_of_a_year_are_those_that_were_published(year: int) -> None:
    assert of_kind(year, DayKind.HALF) == HALF[year]


def test_no_weekend_is_a_trading_day() -> None:
    assert day_kind(date(2026, 11, 21)) is day_kind(date(2026, 11, 22)) is DayKind.CLOSED


def test_the_neighbours_of_a_long_weekend_are_trading_days() -> None:
    assert next_trading_day(date(2026, 4, 2)) == date(2026, 4, 6)
    assert last_trading_day(date(2026, 4, 6)) == date(2026, 4, 2)
