"""What the broker says of a contract, as the domain's values.

Owns the reading of grid, hours and zone. What can't be read is a ValueError: nothing is known of a
contract of which a part is not understood.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backstay.broker.translation.contracts import Listing
from backstay.domain.edge.contracts import InstrumentQuery, Resolved
from backstay.domain.instruments import Instrument
from backstay.domain.prices import PriceBand, PriceGrid
from backstay.domain.sessions.trading_hours import read_calendar, zone_name

_DAY = timedelta(days=1)


def resolved(query: InstrumentQuery, listing: Listing, bands: Sequence[PriceBand]) -> Resolved:
    """The contract with its grid, from its bands or, where it has none, from its least increment;
    and its sessions.
    """
    name = zone_name(listing.time_zone_id)
    instrument = Instrument(
        con_id=listing.con_id,
        symbol=listing.symbol,
        exchange=query.exchange,
        currency=listing.currency,
        multiplier=listing.multiplier,
        grid=PriceGrid(tuple(bands)) if bands else PriceGrid.uniform(listing.min_tick),
        time_zone=name,
        option=listing.option,
    )
    calendar = read_calendar(listing.trading_hours, listing.liquid_hours, zone(name))
    under = listing.under_con_id if instrument.is_option else None
    return Resolved(instrument, calendar, under)


def zone(name: str) -> ZoneInfo:
    """The time zone of that name."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        raise ValueError(f"{name!r} is no time zone that is known here") from None


def next_midnight(name: str, now: datetime) -> datetime:
    """When the day changes at an exchange in this zone."""
    there = now.astimezone(zone(name))
    midnight = datetime.combine(_next_day(there.date()), time.min, there.tzinfo)
    return midnight.astimezone(now.tzinfo)


def _next_day(day: date) -> date:
    return day + _DAY
