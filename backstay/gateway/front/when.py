"""Times as clients write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backstay.gateway.times import ZONE, to_ns

_YEARS = range(1970, 2200)
"""What lies beyond is no time that trading knows, and a day before or after may be none at all."""


def parse_time(text: str) -> int:
    """`yyyymmdd hh:mm:ss`, with a zone after it or in New York; with a dash it is UTC.

    Raises ValueError for anything else.
    """
    day, dash, utc_time = text.strip().partition("-")
    if dash:
        return to_ns(_parsed(f"{day} {utc_time}").replace(tzinfo=UTC))
    day, _, rest = text.strip().partition(" ")
    clock, _, zone_name = rest.strip().partition(" ")
    return to_ns(_parsed(f"{day} {clock}").replace(tzinfo=_zone(zone_name.strip())))


def _parsed(text: str) -> datetime:
    time = datetime.strptime(text, "%Y%m%d %H:%M:%S")  # noqa: DTZ007 - the caller adds the zone
    if time.year not in _YEARS:
        raise ValueError(f"{time.year} is no year to trade in")
    return time


def _zone(name: str) -> ZoneInfo:
    if not name:
        return ZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f'"{name}" is no time zone') from error
