"""What stands behind the touch: made up from the quote, and the same whenever it is the same."""

from collections.abc import Sequence
from decimal import Decimal

from backstay.gateway.market.grid import above, below
from backstay.gateway.market.words import Instrument, Level, Quote
from backstay.gateway.messages.replies import PriceStep

LEVELS_MAX = 10
_SPREADING = 2_654_435_761
"""A prime near 2^32 over the golden ratio: neighbours come out far apart."""
_MORE_MAX = 5


def depth(instrument: Instrument, quote: Quote, taking: str) -> tuple[Level, ...]:
    """What somebody who buys (or sells) at once would meet, best first; the touch as displayed."""
    price, size = (quote.ask, quote.ask_size) if taking == "BUY" else (quote.bid, quote.bid_size)
    levels: list[Level] = []
    while price is not None and price > 0 and len(levels) < LEVELS_MAX:
        levels.append(Level(price, size if not levels else _size_at(instrument, price, size)))
        price = _behind(instrument.steps, price, taking)
    return tuple(levels)


def _behind(steps: Sequence[PriceStep], price: Decimal, taking: str) -> Decimal:
    return above(steps, price) if taking == "BUY" else below(steps, price)


def _size_at(instrument: Instrument, price: Decimal, touch_size: Decimal) -> Decimal:
    mixed = (int(price / instrument.min_tick) + instrument.con_id) * _SPREADING
    return touch_size * (1 + (mixed >> 16) % _MORE_MAX)
