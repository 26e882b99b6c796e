"""Which trading day it is, and what ticks are to a trigger now.

Owns the reading of a calendar at one instant, and until when it holds: at the latest a quarter of a
minute, because a calendar can be replaced.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from backstay.domain.sessions import calendar as sessions
from backstay.domain.sessions.calendar import Calendar, MarketPhase
from backstay.domain.ticks.triggers import PremarketPolicy, TickRole, tick_role

HOLDS_MAX = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class Hours:
    """What holds until `until`; `day` is None where the calendar does not say."""

    phase: MarketPhase
    before_open: bool
    day: date | None
    until: datetime

    @property
    def ticks_are_due(self) -> bool:
        """Whether silence means anything. Of unknown hours it is told rather than not."""
        return self.phase in (MarketPhase.REGULAR, MarketPhase.UNKNOWN)

    def role(self, policy: PremarketPolicy) -> TickRole:
        """What ticks are to a trigger with this policy."""
        return tick_role(policy, self.phase, before_open=self.before_open)

    def on(self, day: date | None) -> "Hours":
        """The same on the day that was known last: an unknown day is no new one."""
        return replace(self, day=day)

    def is_like(self, other: "Hours") -> bool:
        """Whether the same holds, whatever until."""
        mine = (self.phase, self.before_open, self.day)
        return mine == (other.phase, other.before_open, other.day)


def hours_at(calendar: Calendar | None, zone_name: str | None, now: datetime) -> Hours:
    """What the calendar says of `now`."""
    if calendar is None:
        return Hours(MarketPhase.UNKNOWN, False, None, now + HOLDS_MAX)
    day = None
    if zone_name is not None:
        day = sessions.trading_day(calendar, now, ZoneInfo(zone_name))
    phase = sessions.phase(calendar, now)
    return Hours(phase, _is_before_open(calendar, now), day, _until(calendar, now))


def day_ahead(calendar: Calendar | None, zone_name: str | None, now: datetime) -> date | None:
    """The next trading day, if the calendar knows one.

    The broker's calendar begins with the day on which it is asked for: on a weekend it knows of no
    day that has begun, and what is handed in there can enter on the next one at the earliest.
    """
    opens_at = None if calendar is None else sessions.next_open(calendar, now)
    return None if opens_at is None else hours_at(calendar, zone_name, opens_at).day


def _is_before_open(calendar: Calendar, now: datetime) -> bool:
    """Whether regular hours are still to begin within the session that runs now."""
    running = next((each for each in calendar.extended if each.holds(now)), None)
    opens_at = sessions.next_open(calendar, now)
    return running is not None and opens_at is not None and opens_at <= running.closes_at


def _until(calendar: Calendar, now: datetime) -> datetime:
    changes_at = sessions.changes_at(calendar, now)
    return now + HOLDS_MAX if changes_at is None else min(changes_at, now + HOLDS_MAX)
