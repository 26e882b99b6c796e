"""On which days options expire: a rule of the calendar, asked with the broker's day.

Listed are the next eight Fridays, the third Fridays of a year, and those of the next Januaries. A
Friday without trading gives way to the trading day before it. The index has two classes: SPXW
settles at the close of such a day; SPX settles at its opening, so that it trades for the last time
on the trading day before.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from backstay.gateway.market.holidays import DayKind, day_kind, last_trading_day, next_trading_day

_WEEKS = 8
_MONTHS = 12
_LEAP_YEARS = 3
_FRIDAY = 4
_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def closing_expiries(today: date) -> tuple[date, ...]:
    """Those that settle at the close, and are listed on `today`."""
    found = {*_weeklies(today), *_monthlies(today)}
    return tuple(sorted(day for day in found if day >= today))


@lru_cache(maxsize=64)
def opening_expiries(today: date) -> tuple[date, ...]:
    """The last trading days of those that settle at the opening."""
    found = {last_trading_day(day) for day in _monthlies(today)}
    return tuple(sorted(day for day in found if day >= today))


def is_closing_expiry(day: date) -> bool:
    """Whether options that settle at the close may ever expire on `day`."""
    return day == _or_before(day + (_FRIDAY - day.weekday()) * _DAY)


def is_opening_expiry(day: date) -> bool:
    """Whether options that settle at the opening may ever have their last trading day then."""
    if day_kind(day) is DayKind.CLOSED:
        return False
    settled = next_trading_day(day)
    return settled == _third_friday(settled.year, settled.month)


def _weeklies(today: date) -> Iterator[date]:
    friday = today + (_FRIDAY - today.weekday()) % 7 * _DAY
    for week in range(_WEEKS):
        yield _or_before(friday + 7 * week * _DAY)


def _monthlies(today: date) -> Iterator[date]:
    for count in range(_MONTHS + 1):
        years, month = divmod(today.month - 1 + count, 12)
        yield _third_friday(today.year + years, month + 1)
    for years in range(1, _LEAP_YEARS + 1):
        yield _third_friday(today.year + years, 1)


def _third_friday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return _or_before(first + ((_FRIDAY - first.weekday()) % 7 + 14) * _DAY)


def _or_before(day: date) -> date:
    return last_trading_day(day) if day_kind(day) is DayKind.CLOSED else day
