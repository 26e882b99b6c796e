"""On which days New York's exchanges are closed or close early, by the exchanges' own rules.

Only what no rule can say, a day of mourning, is a table.
"""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

MOURNING = frozenset({date(2025, 1, 9)})
"""Closed for the funeral of a president."""

_DAY = timedelta(days=1)
_MONDAY, _THURSDAY, _SATURDAY = 0, 3, 5


class DayKind(StrEnum):
    """How long the exchanges are open on a day."""

    CLOSED = "closed"
    HALF = "half"
    FULL = "full"


@lru_cache(maxsize=4096)
def day_kind(day: date) -> DayKind:
    """Whether the exchanges open on `day`, and whether they close early."""
    if day.weekday() >= _SATURDAY or day in MOURNING or day in _holidays(day.year):
        return DayKind.CLOSED
    return DayKind.HALF if day in _early_closes(day.year) else DayKind.FULL


def next_trading_day(day: date) -> date:
    """The first trading day after `day`."""
    day += _DAY
    while day_kind(day) is DayKind.CLOSED:
        day += _DAY
    return day


def last_trading_day(day: date) -> date:
    """The last trading day before `day`."""
    day -= _DAY
    while day_kind(day) is DayKind.CLOSED:
        day -= _DAY
    return day


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    new_year = date(year, 1, 1)
    return frozenset(
        {
            # A New Year's Day on a Saturday is not made up for: the old year's books are closed.
            new_year if new_year.weekday() == _SATURDAY else _observed(new_year),
            _nth(year, 1, _MONDAY, 3),
            _nth(year, 2, _MONDAY, 3),
            _easter(year) - 2 * _DAY,
            _nth(year, 6, _MONDAY, 1) - 7 * _DAY,
            _observed(date(year, 6, 19)),
            _observed(date(year, 7, 4)),
            _nth(year, 9, _MONDAY, 1),
            _thanksgiving(year),
            _observed(date(year, 12, 25)),
        }
    )


def _early_closes(year: int) -> frozenset[date]:
    """The days before Independence Day and Christmas, and the one after Thanksgiving.

    An eve may be closed altogether: before a Saturday's feast it makes up for it, and before a
    Monday's it is a Sunday.
    """
    return frozenset({date(year, 7, 3), _thanksgiving(year) + _DAY, date(year, 12, 24)})


def _thanksgiving(year: int) -> date:
    return _nth(year, 11, _THURSDAY, 4)


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _observed(feast: date) -> date:
    match feast.weekday():
        case 5:
            return feast - _DAY
        case 6:
            return feast + _DAY
        case _:
            return feast


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, after Butcher."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, leap_rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap - correction + 15) % 30
    weekday = (32 + 2 * leap_rest + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
