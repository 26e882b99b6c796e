"""When a market is open: its sessions day by day, and the phase at an instant.

Times of day are New York's; a session is kept in nanoseconds, so that a change of the clocks
between two sessions is nobody's affair but this module's.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from backstay.gateway.market.holidays import DayKind, day_kind, last_trading_day, next_trading_day
from backstay.gateway.market.words import Phase
from backstay.gateway.times import SECOND_NS, ZONE, broker_day, to_ns

MINUTE_NS = 60 * SECOND_NS
STOCKS = "us-stocks"
OPTIONS = "us-options"
INDEX = "us-index"


@dataclass(frozen=True, slots=True)
class Hours:
    """Times of day: from when to when there is trading at all, and regular trading."""

    opens: time
    regular_opens: time
    regular_closes: time
    closes: time


@dataclass(frozen=True, slots=True)
class Session:
    """The hours of one calendar on one trading day, in broker time."""

    day: date
    opens_ns: int
    regular_opens_ns: int
    regular_closes_ns: int
    closes_ns: int

    def phase(self, time_ns: int) -> Phase:
        """What the market does then, if it is a time of this day."""
        if self.regular_opens_ns <= time_ns < self.regular_closes_ns:
            return Phase.REGULAR
        return Phase.EXTENDED if self.opens_ns <= time_ns < self.closes_ns else Phase.CLOSED


_HALF_PAST_NINE = time(9, 30)
HOURS: dict[str, dict[DayKind, Hours]] = {
    STOCKS: {
        DayKind.FULL: Hours(time(4), _HALF_PAST_NINE, time(16), time(20)),
        DayKind.HALF: Hours(time(4), _HALF_PAST_NINE, time(13), time(17)),
    },
    OPTIONS: {
        DayKind.FULL: Hours(_HALF_PAST_NINE, _HALF_PAST_NINE, time(16), time(16)),
        DayKind.HALF: Hours(_HALF_PAST_NINE, _HALF_PAST_NINE, time(13), time(13)),
    },
    INDEX: {
        DayKind.FULL: Hours(_HALF_PAST_NINE, _HALF_PAST_NINE, time(16, 15), time(16, 15)),
        DayKind.HALF: Hours(_HALF_PAST_NINE, _HALF_PAST_NINE, time(13, 15), time(13, 15)),
    },
}


@lru_cache(maxsize=4096)
def session(calendar: str, day: date) -> Session | None:
    """The session of `day`; None where the market stays closed."""
    kind = day_kind(day)
    if kind is DayKind.CLOSED:
        return None
    hours = HOURS[calendar][kind]
    return Session(
        day,
        *(
            _instant(day, at)
            for at in (hours.opens, hours.regular_opens, hours.regular_closes, hours.closes)
        ),
    )


def session_on(calendar: str, trading_day: date) -> Session:
    """The session of a day that is known to be a trading day."""
    found = session(calendar, trading_day)
    if found is None:
        raise ValueError(f"{trading_day} is no trading day")
    return found


def phase_at(calendar: str, time_ns: int) -> Phase:
    """What the market does at an instant."""
    today = session(calendar, broker_day(time_ns))
    return today.phase(time_ns) if today else Phase.CLOSED


def next_change_ns(calendar: str, time_ns: int) -> int:
    """When the phase changes next: always after `time_ns`."""
    day = broker_day(time_ns)
    today = session(calendar, day)
    if today:
        edges = (
            today.opens_ns,
            today.regular_opens_ns,
            today.regular_closes_ns,
            today.closes_ns,
        )
        for edge in edges:
            if edge > time_ns:
                return edge
    return session_on(calendar, next_trading_day(day)).opens_ns


def next_opening_ns(calendar: str, time_ns: int) -> int:
    """When the market opens next: always after `time_ns`."""
    day = broker_day(time_ns)
    today = session(calendar, day)
    if today and today.opens_ns > time_ns:
        return today.opens_ns
    return session_on(calendar, next_trading_day(day)).opens_ns


def session_begun(calendar: str, time_ns: int) -> Session:
    """The session that runs at an instant, or else the last one that did."""
    day = broker_day(time_ns)
    today = session(calendar, day)
    if today and today.opens_ns <= time_ns:
        return today
    return session_on(calendar, last_trading_day(day))


@lru_cache(maxsize=64)
def trading_hours(calendar: str, first: date, days: int) -> str:
    """The whole hours of some calendar days as IB writes them, `20261126:CLOSED` among them."""
    return ";".join(
        _written(day, (found.opens_ns, found.closes_ns) if found else None)
        for day, found in _sessions(calendar, first, days)
    )


@lru_cache(maxsize=64)
def liquid_hours(calendar: str, first: date, days: int) -> str:
    """The regular hours of some calendar days as IB writes them."""
    return ";".join(
        _written(day, (found.regular_opens_ns, found.regular_closes_ns) if found else None)
        for day, found in _sessions(calendar, first, days)
    )


def _sessions(calendar: str, first: date, days: int) -> list[tuple[date, Session | None]]:
    run = [first + timedelta(days=count) for count in range(days)]
    return [(day, session(calendar, day)) for day in run]


def _written(day: date, span_ns: tuple[int, int] | None) -> str:
    if span_ns is None:
        return f"{day:%Y%m%d}:CLOSED"
    opens, closes = (
        datetime.fromtimestamp(edge // SECOND_NS, ZONE).strftime("%Y%m%d:%H%M") for edge in span_ns
    )
    return f"{opens}-{closes}"


def _instant(day: date, at: time) -> int:
    return to_ns(datetime.combine(day, at, ZONE))
