"""IB's times, which come in several forms.

    1774274400                          seconds since 1970
    20260323-14:00:00                   UTC
    20260323 10:00:00 US/Eastern        the time zone that the gateway is set to, or the exchange's

Without a time zone a time can't be read: which zone the gateway's host is set to isn't told.
"""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from backstay.domain.sessions.trading_hours import zone_name

_SECONDS = re.compile(r"[0-9]{9,11}")
_UTC = re.compile(r"([0-9]{8})-([0-9]{2}:[0-9]{2}:[0-9]{2})")
_ZONED = re.compile(r"([0-9]{8}) {1,2}([0-9]{2}:[0-9]{2}:[0-9]{2}) (\S.*)")
_DAY = re.compile(r"[0-9]{8}")


def broker_time(text: str) -> datetime:
    """The instant that `text` means, in UTC; a ValueError if that can't be told.

    A local time that comes twice is the earlier one.
    """
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    if found := _UTC.fullmatch(text):
        return _local(found[1], found[2]).replace(tzinfo=UTC)
    if found := _ZONED.fullmatch(text):
        return _local(found[1], found[2]).replace(tzinfo=_zone(found[3])).astimezone(UTC)
    raise ValueError(f"the time {text!r} can't be read, or lacks its time zone")


def broker_day(text: str) -> date:
    """The day that `text` names."""
    if not _DAY.fullmatch(text):
        raise ValueError(f"{text!r} is no day")
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def utc_text(at: datetime) -> str:
    """`at` as IB reads it whatever zone it is set to, in whole seconds, never later."""
    return at.astimezone(UTC).strftime("%Y%m%d-%H:%M:%S")


def _local(day: str, clock: str) -> datetime:
    return datetime.strptime(f"{day} {clock}", "%Y%m%d %H:%M:%S")  # noqa: DTZ007 - the caller knows the zone


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone_name(name))
    except (LookupError, OSError, ValueError):
        raise ValueError(f"the time zone {name!r} is not known") from None
