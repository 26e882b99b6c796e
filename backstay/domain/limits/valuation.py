"""What an order is worth, and how far its price may stray.

Owns the price at which an order is valued: the worst that it can trade at as far as is known when
it is asked about. A market order is worth its reference; what has no reference, or is in a currency
without a rate, has no value, and whoever asked refuses it.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.limits.facts import Reference
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.intent import Limit, OrderIntent, StopLimit, prices_of
from backstay.domain.prices import percent_of
from backstay.domain.sides import Side


@dataclass(frozen=True, slots=True)
class Collar:
    """The prices between which an order may be sent, both included."""

    low: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high:
            raise ValueError(f"a collar reaches from {self.low} to {self.high}")

    def holds(self, price: Decimal) -> bool:
        """Whether `price` has not strayed."""
        return self.low <= price <= self.high

    def __str__(self) -> str:
        return f"{plain(self.low)} to {plain(self.high)}"


def collar_around(price: Decimal, percent: Decimal) -> Collar:
    """The collar that reaches `percent` per cent to both sides of `price`."""
    width = percent_of(price, percent)
    return Collar(price - width, price + width)


def reference_price(intent: OrderIntent, reference: Reference | None) -> Decimal | None:
    """Where `intent` would trade as a market order, or None where nobody can tell."""
    return reference.price_for(intent.side) if reference is not None else None


def valued_at(intent: OrderIntent, reference: Decimal) -> Decimal:
    """The price that `intent` is valued at.

    A bought limit is the most that is paid. Any other order may trade at the reference, even where
    it names a lower price: a sold limit below the market gets the market's.
    """
    match intent.terms:
        case Limit(price) | StopLimit(_, price) if intent.side is Side.BUY:
            return price
        case terms:
            return max((reference, *prices_of(terms)))


def unit_value(intent: OrderIntent, price: Decimal, rates: ExchangeRates) -> Decimal | None:
    """What one unit at `price` is worth in the base currency, or None without a rate."""
    instrument = intent.instrument
    return rates.to_base(instrument.value(Decimal(1), price), instrument.currency)
