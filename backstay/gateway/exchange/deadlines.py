"""The instants that an order names, in IB's ways of writing them.

`20261123 15:59:00 US/Eastern` (any zone's name; none is New York's), `20261123-20:59:00` which is
UTC, and a day alone, which lasts until its end in New York.
"""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backstay.gateway.times import ZONE, to_ns

_WORDED = re.compile(r"(\d{8}) +(\d{1,2}:\d{2}(?::\d{2})?)(?: +(\S+))?")
_IN_UTC = re.compile(r"(\d{8})-(\d{2}:\d{2}:\d{2})")
_DAY = re.compile(r"\d{8}")
_OLD_NAMES = {"EST": "US/Eastern", "EDT": "US/Eastern", "GMT": "UTC"}


def instant_ns(text: str) -> int | None:
    """The instant that `text` names, or None if it names none."""
    try:
        return to_ns(_instant(text.strip()))
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
        # A zone's name that is a folder's is an OSError; the day after the last one overflows.
        return None


def _instant(text: str) -> datetime:
    if _DAY.fullmatch(text):
        day = datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
        return datetime.combine(day, time(), ZONE) + timedelta(days=1)
    if found := _IN_UTC.fullmatch(text):
        return _combined(found[1], found[2], ZoneInfo("UTC"))
    if found := _WORDED.fullmatch(text):
        name = found[3] or ""
        zone = ZoneInfo(_OLD_NAMES.get(name, name)) if name else ZONE
        return _combined(found[1], found[2], zone)
    raise ValueError(f'"{text}" names no instant')


def _combined(day: str, clock: str, zone: ZoneInfo) -> datetime:
    shape = "%Y%m%d %H:%M:%S" if clock.count(":") > 1 else "%Y%m%d %H:%M"
    return datetime.strptime(f"{day} {clock}", shape).replace(tzinfo=zone)
