"""Bars to volatility: complete days, and the running one once it is rough."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from backstay.broker.contracts.ranges import volatility
from backstay.broker.translation.contracts import DayBar
from backstay.domain.edge.contracts import Volatility

FIRST = date(2026, 11, 16)


def bars(*days: str) -> list[DayBar]:
    """Days from Monday on, each with its low, high and close."""
    made = []
    for number, text in enumerate(days):
        low, high, close = (Decimal(part) for part in text.split())
        made.append(DayBar(FIRST + timedelta(days=number), low, high, low, close))
    return made


CALM = bars("98 101 100", "99 102 101", "100 104 100", "94 96 95")
"""True ranges of 3, 4 and 6 (the gap counts); ranges of 3, 4 and 2."""

THURSDAY, FRIDAY = FIRST + timedelta(days=3), FIRST + timedelta(days=4)


@pytest.mark.req("S2.5")
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (3, Volatility(Decimal("4.333333"), Decimal("3.000000"), 3, THURSDAY)),
        (2, Volatility(Decimal(5), Decimal(3), 2, THURSDAY)),
        (14, Volatility(Decimal("4.333333"), Decimal("3.000000"), 3, THURSDAY)),
    ],
)
def test_a_gap_counts_for_the_true_range_and_not_for_the_daily_range(
    days: int, expected: Volatility
) -> None:
    assert volatility(CALM, days, FRIDAY) == expected


@pytest.mark.req("S2.5")
@pytest.mark.parametrize(
    ("today", "last_day", "average"),
    [
        ("95 99 97", THURSDAY, "5"),
        ("95 100 97", THURSDAY, "5"),
        ("95 100.01 97", FRIDAY, "5.505"),
        ("90 103 97", FRIDAY, "9.5"),
    ],
)
def test_the_running_day_counts_once_it_is_rougher_than_the_days_before(
    today: str, last_day: date, average: str
) -> None:
    found = volatility([*CALM, *bars("0 0 0", "0 0 0", "0 0 0", "0 0 0", today)[4:]], 2, FRIDAY)
    assert found is not None
    assert (found.last_day, found.average_true_range) == (last_day, Decimal(average))
    assert found.days == 2


@pytest.mark.parametrize("known", [[], CALM[:1], CALM[2:]])
def test_without_a_complete_day_and_one_before_it_nothing_is_measured(known: list[DayBar]) -> None:
    assert volatility(known, 14, THURSDAY) is None
