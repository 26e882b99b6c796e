"""Times, prices and ticks as the tests about ticks write them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from backstay.domain.ticks.quotes import (
    BadTick,
    Feed,
    GoodTick,
    Quote,
    RawTick,
    TickField,
    TickRules,
    judge,
)
from backstay.domain.ticks.sources import GoodPrice

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
TWEAK = timedelta(microseconds=1)

BID, ASK, LAST = TickField.BID, TickField.ASK, TickField.LAST
STOCK = TickRules(is_option=False)
OPTION = TickRules(is_option=True)


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


KNOWN = quote("189.99", "190.01", "190.00")


def tick(field: TickField, price: str | None, at: datetime = NOON) -> RawTick:
    return RawTick(field, None if price is None else Decimal(price), at)


def fold(start: Quote, ticks: Iterable[RawTick], rules: TickRules = STOCK) -> GoodTick | BadTick:
    judged: GoodTick | BadTick = GoodTick(start, ())
    for each in ticks:
        judged = judge(judged.quote, each, rules, NOON)
    return judged
