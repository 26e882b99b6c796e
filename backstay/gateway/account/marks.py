"""What a thing is worth now: the one price at which the accounts value it."""

from decimal import Decimal
from typing import Protocol

from backstay.gateway.market.words import Instrument, Quote


class Prices(Protocol):
    """What the accounts ask the market."""

    def instrument(self, con_id: int) -> Instrument | None:
        """What `con_id` names."""

    def quote(self, con_id: int) -> Quote:
        """What is displayed for it."""


def mark(quote: Quote) -> Decimal | None:
    """The last price, kept between bid and ask; else their middle, either of them, the close."""
    if quote.bid is not None and quote.ask is not None:
        if quote.last is None:
            return (quote.bid + quote.ask) / 2
        return min(max(quote.last, quote.bid), quote.ask)
    for price in (quote.last, quote.bid, quote.ask, quote.close):
        if price is not None:
            return price
    return None
