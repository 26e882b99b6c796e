"""The price that a rule looks at.

Owns the four sources of a price, and what each says when a tick arrives and when none does. Prices
come from good ticks alone: whatever is unknown or contradictory is no price.

An entry names its source. A stop is judged on `last` for a stock, because quotes flicker wide where
hardly anybody trades and a print is what somebody paid; and for an option on the touch that closes
it, because an option prints so rarely that its last says what it was worth, not what it is.
"""

from decimal import Decimal
from enum import StrEnum
from typing import NewType

from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import GoodTick, Quote, TickField

GoodPrice = NewType("GoodPrice", Decimal)
"""A price that came from a good tick; the rules take no other, so none can be fed a raw one."""


class PriceSource(StrEnum):
    """Which of an instrument's prices is looked at."""

    LAST = "last"
    BID = "bid"
    ASK = "ask"
    MID = "mid"


_TOLD_BY = {
    PriceSource.LAST: (TickField.LAST,),
    PriceSource.BID: (TickField.BID,),
    PriceSource.ASK: (TickField.ASK,),
    PriceSource.MID: (TickField.BID, TickField.ASK),
}


def touch_source(closing: Side) -> PriceSource:
    """Where an order of the side `closing` would trade at once."""
    return PriceSource.BID if closing is Side.SELL else PriceSource.ASK


def stop_source(closing: Side, *, is_option: bool) -> PriceSource:
    """The source of a stop for which the plan names none."""
    return touch_source(closing) if is_option else PriceSource.LAST


def price_of(quote: Quote, source: PriceSource) -> GoodPrice | None:
    """The price of `source` that `quote` knows, if the quote has no flaw."""
    if source is PriceSource.LAST:
        price = quote.last
    elif source is PriceSource.BID:
        price = quote.bid
    elif source is PriceSource.ASK:
        price = quote.ask
    elif quote.bid is None or quote.ask is None:
        price = None
    else:
        price = (quote.bid + quote.ask) / 2
    if price is None or quote.flaw is not None:
        return None
    return GoodPrice(price)


def told_price(tick: GoodTick, source: PriceSource) -> GoodPrice | None:
    """The price of `source` if `tick` brings news of it: only that can confirm anything."""
    told_by = _TOLD_BY[source]
    for field in tick.news:
        if field in told_by:
            return price_of(tick.quote, source)
    return None


def standing_price(quote: Quote, source: PriceSource) -> GoodPrice | None:
    """The price of `source` that stands while no tick comes.

    A print says where the market was and the touch says where it is, so a last price stands only as
    far as bid and ask agree: one bad print and then silence does not stand for half a second.
    """
    price = price_of(quote, source)
    if price is None or source is not PriceSource.LAST:
        return price
    if quote.bid is not None:
        price = GoodPrice(max(price, quote.bid))
    if quote.ask is not None:
        price = GoodPrice(min(price, quote.ask))
    return price
