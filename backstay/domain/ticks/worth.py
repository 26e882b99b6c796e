"""What an option is judged on while the side that would close it is not quoted.

An option without a bid is a state, not a bad tick. There is then no touch and no mid, so its stop
is judged on the last print, if that is recent, held between what the option is surely worth at
least (its bid, its intrinsic value) and at most (its ask). Without a recent print it is judged on
the one of these two bounds that speaks *for* the position: a breach must be proven. For there is
nobody to sell to anyway, while an exit that rests far below what the option is worth, because its
quotes were merely away for a moment, is a gift to the first bidder who comes back.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from backstay.domain.instruments import OptionTerms, Right
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import Quote, TickField
from backstay.domain.ticks.sources import GoodPrice

LAST_AGE_MAX = timedelta(seconds=10)
"""An older print says nothing of what an option is worth now."""


class Basis(StrEnum):
    """What a substitute price rests on."""

    LAST = "last"
    BID = "bid"
    ASK = "ask"
    UNDERLYING = "underlying"


@dataclass(frozen=True, slots=True)
class Substitute:
    """A price to judge an option on in place of the one that is not quoted."""

    price: GoodPrice
    basis: Basis

    def is_news(self, news: tuple[TickField, ...]) -> bool:
        """Whether a tick with `news` of the option's own quote says anything new of this price."""
        return any(field.value == self.basis.value for field in news)


def lacks_touch(quote: Quote, closing: Side) -> bool:
    """Whether nobody quotes the side where an order of `closing` would trade."""
    return (quote.bid if closing is Side.SELL else quote.ask) is None


def intrinsic_value(terms: OptionTerms, underlying: Decimal) -> Decimal:
    """What exercising one unit would bring now."""
    gain = underlying - terms.strike if terms.right is Right.CALL else terms.strike - underlying
    return max(gain, Decimal(0))


def substitute_price(
    quote: Quote,
    closing: Side,
    terms: OptionTerms,
    underlying: Decimal | None,
    now: datetime,
) -> Substitute | None:
    """The price to judge the option on, or None where nothing is known that proves a breach.

    `underlying` is the price of the underlying's own good quote, if there is one.
    """
    if quote.flaw is not None:
        return None
    at_most = None if quote.ask is None else Substitute(GoodPrice(quote.ask), Basis.ASK)
    at_least = _at_least(quote, terms, underlying)
    if quote.last is None or quote.last_at is None or now - quote.last_at > LAST_AGE_MAX:
        return at_most if closing is Side.SELL else at_least
    if at_most is not None and quote.last > at_most.price:
        return at_most
    if at_least is not None and quote.last < at_least.price:
        return at_least
    return Substitute(GoodPrice(quote.last), Basis.LAST)


def _at_least(quote: Quote, terms: OptionTerms, underlying: Decimal | None) -> Substitute | None:
    """The most that the option is surely worth at least. Where the ask says less than the
    underlying does, one of the two prices is behind, and the option's own is believed.
    """
    value = Decimal(0) if underlying is None else intrinsic_value(terms, underlying)
    if quote.ask is not None:
        value = min(value, quote.ask)
    if quote.bid is not None and quote.bid >= value:
        return Substitute(GoodPrice(quote.bid), Basis.BID)
    return Substitute(GoodPrice(value), Basis.UNDERLYING) if value else None
