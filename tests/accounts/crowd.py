"""What many trades at once may have: twelve of ten shares at 100 each."""

from dataclasses import replace
from decimal import Decimal

from backstay.domain.instruments import Instrument
from tests.domain.limits.samples import SETTINGS, SHARE

QUANTITY = 10
TRADES_MAX = 12
CROWD = replace(
    SETTINGS,
    exposure_max=Decimal(100 * QUANTITY * TRADES_MAX),
    entries_per_day_max=10_000,
    entry_interval_seconds_min=Decimal("0.001"),
)


def share(name: str) -> Instrument:
    """The share that the process `name` trades, so that they don't wait for each other."""
    return replace(SHARE, con_id=ord(name), symbol=name)
