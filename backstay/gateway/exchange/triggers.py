"""When a stop elects, by its trigger method.

As at IB a buy looks at the bid and a sell at the ask: the side that moves last. The double methods
want two quotes (or prints) in a row, so one bad tick elects nothing. Who calls says what is fresh:
a count only ever moves on something new.
"""

from decimal import Decimal

from backstay.gateway.market.words import Instrument, Quote
from backstay.gateway.values.order import Order

DEFAULT, DOUBLE_BID_ASK, LAST, DOUBLE_LAST, BID_ASK, LAST_OR_BID_ASK, MIDPOINT = 0, 1, 2, 3, 4, 7, 8
METHODS = (DEFAULT, DOUBLE_BID_ASK, LAST, DOUBLE_LAST, BID_ASK, LAST_OR_BID_ASK, MIDPOINT)
STOPS = ("STP", "STP LMT")

_WANTED = {DOUBLE_BID_ASK: 2, DOUBLE_LAST: 2}


def is_stop(order: Order) -> bool:
    """Whether it has to elect before it works."""
    return order.order_type in STOPS


def method_of(order: Order, instrument: Instrument) -> int:
    """The method that holds: by default double bid/ask for an option, else the last price."""
    if order.trigger_method != DEFAULT:
        return order.trigger_method
    return DOUBLE_BID_ASK if instrument.is_option else LAST


def counted(
    order: Order, instrument: Instrument, quote: Quote, before: Quote | None, *, printed: bool
) -> int | None:
    """What the quote says of the stop: 1 it is reached, 0 it is not, None nothing new.

    `before` is the quote that it follows; None when the stop is only just looking.
    """
    answers = [
        _reached(order, price)
        for price, is_fresh in _prices(order, instrument, quote, before, printed=printed)
        if price is not None and is_fresh
    ]
    return max(answers) if answers else None


def elects(order: Order, instrument: Instrument, count: int) -> bool:
    """Whether so many in a row are enough."""
    return count >= _WANTED.get(method_of(order, instrument), 1)


def _prices(
    order: Order, instrument: Instrument, quote: Quote, before: Quote | None, *, printed: bool
) -> tuple[tuple[Decimal | None, bool], ...]:
    last = (quote.last, printed or before is None)
    side = _side(order, quote)
    touch = (side[0], before is None or _side(order, before) != side)
    match method_of(order, instrument):
        case 2 | 3:
            return (last,)
        case 7:
            return (last, touch)
        case 8:
            middle = _middle(quote)
            return ((middle, before is None or _middle(before) != middle),)
        case _:
            return (touch,)


def _side(order: Order, quote: Quote) -> tuple[Decimal | None, Decimal]:
    if order.action == "BUY":
        return quote.bid, quote.bid_size
    return quote.ask, quote.ask_size


def _middle(quote: Quote) -> Decimal | None:
    if quote.bid is None or quote.ask is None:
        return None
    return (quote.bid + quote.ask) / 2


def _reached(order: Order, price: Decimal) -> int:
    stop = order.aux_price
    if stop is None:
        return 0
    return int(price >= stop if order.action == "BUY" else price <= stop)
