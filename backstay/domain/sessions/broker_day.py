"""The broker's own day, its nightly restart and its weekly login.

Owns what follows from the broker's clock and from no exchange: yesterday's orders can't be read any
more, every night the gateway restarts, and once a week somebody has to log in again. These are
scheduled states: a silence within one is no surprise, and a silence after one is.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import IntEnum, StrEnum

from backstay.domain.checks import check_utc

_DAY = timedelta(days=1)


class Weekday(IntEnum):
    """The days of the week as Python numbers them."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class Absence(StrEnum):
    """Why the broker is away as planned."""

    NIGHTLY_RESTART = "nightly restart"
    WEEKLY_LOGIN = "weekly login"


@dataclass(frozen=True, slots=True)
class RestartWindow:
    """Every day, or on one day of the week, from a local time on for so many minutes."""

    absence: Absence
    starts: time
    length_minutes: int
    weekday: Weekday | None = None

    def __post_init__(self) -> None:
        if self.starts.tzinfo is not None:
            raise ValueError(f"the {self.absence} starts at a local time, without a zone")
        if not 1 <= self.length_minutes <= 24 * 60:
            raise ValueError(
                f"the {self.absence} lasts {self.length_minutes} minutes; it is 1 to 1440"
            )


@dataclass(frozen=True, slots=True)
class PlannedAbsence:
    """The broker is away until this instant, and that is as it should be."""

    absence: Absence
    until: datetime


def broker_day(moment: datetime, zone: tzinfo) -> date:
    """The day at the broker, whose midnight is in `zone`."""
    # Python would take a time without a zone to be on the clock of this machine.
    check_utc("the broker's day", moment)
    return moment.astimezone(zone).date()


def is_same_broker_day(one: datetime, other: datetime, zone: tzinfo) -> bool:
    """Whether what was sent at one instant can still be read at the other."""
    return broker_day(one, zone) == broker_day(other, zone)


@dataclass(frozen=True, slots=True)
class DaySpan:
    """A broker day, from its midnight to the next, as instants."""

    begins: datetime
    ends: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies within the day."""
        return self.begins <= moment < self.ends


def day_span(moment: datetime, zone: tzinfo) -> DaySpan:
    """The broker day that the moment lies in."""
    day = broker_day(moment, zone)
    begins, ends = (
        datetime.combine(each, time(0), zone).astimezone(UTC) for each in (day, day + _DAY)
    )
    return DaySpan(begins, ends)


def planned_absence(
    windows: tuple[RestartWindow, ...], now: datetime, zone: tzinfo
) -> PlannedAbsence | None:
    """The window that `now` lies in, the longest standing one if there are several, or None."""
    standing = [
        PlannedAbsence(window.absence, until)
        for window in windows
        if (until := _stands_until(window, now, zone)) is not None
    ]
    return max(standing, key=lambda absence: absence.until, default=None)


def _stands_until(window: RestartWindow, now: datetime, zone: tzinfo) -> datetime | None:
    today = broker_day(now, zone)
    for day in (today, today - _DAY):
        if window.weekday is not None and day.weekday() != window.weekday:
            continue
        begins = datetime.combine(day, window.starts, zone).astimezone(UTC)
        ends = begins + timedelta(minutes=window.length_minutes)
        if begins <= now < ends:
            return ends
    return None
