"""Times and prices as the tests about ticks write them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from backstay.domain.ticks.quotes import Feed, Quote
from backstay.domain.ticks.sources import GoodPrice

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
TWEAK = timedelta(microseconds=1)


def after(seconds: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(seconds=seconds)


def good(price: str | Decimal) -> GoodPrice:
    """A price as if it came from a good tick."""
    return GoodPrice(Decimal(price))


def decimal_or_none(price: str | None) -> Decimal | None:
    return None if price is None else Decimal(price)


def quote(bid: str | None = None, ask: str | None = None, last: str | None = None) -> Quote:
    """A real-time quote of which every known price ticked at noon."""
    return Quote(
        Feed.REAL_TIME,
        bid=decimal_or_none(bid),
        ask=decimal_or_none(ask),
        last=decimal_or_none(last),
        bid_at=None if bid is None else NOON,
        ask_at=None if ask is None else NOON,
        last_at=None if last is None else NOON,
    )
