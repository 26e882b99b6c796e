"""Broker time in the shapes that the protocol has for it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND_NS = 1_000_000_000
MILLISECOND_NS = 1_000_000
ZONE_NAME = "US/Eastern"
ZONE = ZoneInfo(ZONE_NAME)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def from_ns(time_ns: int) -> datetime:
    """The instant, to the microsecond, in UTC."""
    return _EPOCH + timedelta(microseconds=time_ns // 1000)


def to_ns(instant: datetime) -> int:
    """Nanoseconds since 1970 of an aware datetime, exactly."""
    return (instant - _EPOCH) // _MICROSECOND * 1000


def local(time_ns: int) -> datetime:
    """The instant on the broker's clock, in New York."""
    return from_ns(time_ns).astimezone(ZONE)


def broker_day(time_ns: int) -> date:
    """The broker's day: it ends at midnight in New York."""
    return local(time_ns).date()


def stamp(time_ns: int) -> str:
    """`20261123 09:30:00 US/Eastern`, as executions and order times are written."""
    return f"{local(time_ns):%Y%m%d %H:%M:%S} {ZONE_NAME}"
