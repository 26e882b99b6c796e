"""When a run begins, and when somebody watches.

Mostly in the middle of a day; else where a session begins or ends, over a night, over a holiday, or
over a weekend in which the clocks change. While nobody watches nothing costs anything.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from backstay.lab.simulation.drawing.throws import pick, seconds
from backstay.lab.simulation.scenario import Away
from backstay.lab.simulation.seeds import Die, die

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 23)
_WEDNESDAY, _HALF_DAY = date(2026, 11, 25), date(2026, 11, 27)
_LAST_BEFORE_WINTER, _FIRST_OF_WINTER = date(2026, 10, 30), date(2026, 11, 2)
_LAST_BEFORE_SUMMER, _FIRST_OF_SUMMER = date(2027, 3, 12), date(2027, 3, 15)
_BEFORE_OPEN, _PREMARKET = time(9, 29, 50), time(8)
_TO_OPEN = 10.0
_RESTART, _MIDNIGHT = time(23, 44, 52), time(23, 59, 50)
_RESTART_TAKES, _MIDNIGHT_TAKES = 78.0, 22.0


class Hour(StrEnum):
    """What is special about a moment."""

    DAY = "day"
    OPEN = "open"
    CLOSE = "close"
    PREMARKET = "premarket"
    NIGHTLY_RESTART = "nightly restart"
    MIDNIGHT = "midnight"
    OVERNIGHT = "overnight"
    WHOLE_NIGHT = "whole night"
    HALF_DAY = "half day"
    HOLIDAY = "holiday"
    WINTER = "winter time"
    SUMMER = "summer time"


_HOURS = (
    (Hour.DAY, 66.0),
    (Hour.OPEN, 6.0),
    (Hour.CLOSE, 7.0),
    (Hour.PREMARKET, 6.0),
    (Hour.NIGHTLY_RESTART, 1.4),
    (Hour.MIDNIGHT, 2.0),
    (Hour.OVERNIGHT, 5.0),
    (Hour.WHOLE_NIGHT, 1.2),
    (Hour.HALF_DAY, 1.4),
    (Hour.HOLIDAY, 1.2),
    (Hour.WINTER, 1.1),
    (Hour.SUMMER, 1.1),
)
_LENGTHS = (((12.0, 18.0), 52.0), ((18.0, 26.0), 34.0), ((26.0, 38.0), 12.0), ((38.0, 65.0), 2.0))


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a run lies in time; `spans` are the seconds in which the workers are up."""

    hour: Hour
    begins: datetime
    spans: tuple[tuple[float, float], ...]
    nightly_restart: bool = False
    bell: float | None = None
    """When a session opens or closes that the run begins just before."""

    @property
    def quiet_at(self) -> float:
        """When nothing goes wrong any more."""
        return self.spans[-1][1]

    @property
    def away(self) -> tuple[Away, ...]:
        """When nobody watches."""
        pairs = zip(self.spans, self.spans[1:], strict=False)
        return tuple(Away(one[1], other[0]) for one, other in pairs)

    @property
    def is_held_over(self) -> bool:
        """Whether a night lies within it."""
        return len(self.spans) > 1

    @property
    def ends_on_another_day(self) -> bool:
        """Whether a new session is reached."""
        first, last = (self.at(second).astimezone(NEW_YORK) for second in (0.0, self.quiet_at))
        return first.date() != last.date() and last.time() > time(4)

    def at(self, second: float) -> datetime:
        """That moment, in UTC, to the second."""
        return (self.begins + timedelta(seconds=second)).replace(microsecond=0)

    def second(self, when: datetime) -> float:
        """How long after the beginning."""
        return (when - self.begins).total_seconds()


def new_york(day: date, at: time) -> datetime:
    """A time of New York's day, in UTC."""
    return datetime.combine(day, at, NEW_YORK).astimezone(UTC)


def moment(seed: int) -> Moment:
    """The moment of a seed."""
    thrown = die(seed, "moment")
    hour = pick(thrown, _HOURS)
    length = seconds(thrown, *pick(thrown, _LENGTHS))
    match hour:
        case Hour.DAY:
            return in_the_day(length)
        case Hour.PREMARKET:
            return Moment(hour, new_york(MONDAY, _PREMARKET), ((0.0, length),))
        case Hour.OPEN:
            begins = new_york(MONDAY, _BEFORE_OPEN)
            return Moment(hour, begins, ((0.0, length + _TO_OPEN),), bell=_TO_OPEN)
        case Hour.CLOSE | Hour.HALF_DAY:
            lead = float(thrown.randint(8, 15))
            day, close = (MONDAY, time(16)) if hour is Hour.CLOSE else (_HALF_DAY, time(13))
            begins = new_york(day, close) - timedelta(seconds=lead)
            return Moment(hour, begins, ((0.0, max(length, lead + 12)),), bell=lead)
        case _:
            return held_over(hour, thrown)


def in_the_day(length: float) -> Moment:
    """So many seconds about which nothing is special."""
    return Moment(Hour.DAY, new_york(MONDAY, time(10)), ((0.0, length),))


def held_over(hour: Hour, thrown: Die) -> Moment:
    """The end of a day, and a watch after the night that the hour is about, or within it."""
    day, back_on = {
        Hour.HOLIDAY: (_WEDNESDAY, _HALF_DAY),
        Hour.WINTER: (_LAST_BEFORE_WINTER, _FIRST_OF_WINTER),
        Hour.SUMMER: (_LAST_BEFORE_SUMMER, _FIRST_OF_SUMMER),
    }.get(hour, (MONDAY, MONDAY + timedelta(days=1)))
    lead = float(thrown.randint(12, 20))
    begins = new_york(day, time(16)) - timedelta(seconds=lead)
    spans = [(0.0, lead + seconds(thrown, 2, 8))]

    def watch(on: date, at: time, lasting: float) -> None:
        start = (new_york(on, at) - begins).total_seconds()
        spans.append((start, start + lasting))

    if hour in {Hour.NIGHTLY_RESTART, Hour.WHOLE_NIGHT}:
        watch(day, _RESTART, _RESTART_TAKES)
    if hour in {Hour.MIDNIGHT, Hour.WHOLE_NIGHT}:
        watch(day, _MIDNIGHT, _MIDNIGHT_TAKES)
    if hour not in {Hour.NIGHTLY_RESTART, Hour.MIDNIGHT}:
        at = thrown.choice((_BEFORE_OPEN, _BEFORE_OPEN, _PREMARKET))
        watch(back_on, at, seconds(thrown, 20, 30))
    restarts = hour in {Hour.NIGHTLY_RESTART, Hour.WHOLE_NIGHT}
    return Moment(hour, begins, tuple(spans), nightly_restart=restarts, bell=lead)
