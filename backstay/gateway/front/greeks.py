"""What an option's prices imply: volatility and the greeks, after Black and Scholes.

An estimate for clients that want to see the ticks; nothing in the gateway trades on it.
"""

from datetime import datetime, time
from decimal import Decimal
from math import erf, exp, log, pi, sqrt
from typing import NamedTuple

from backstay.gateway.front.ticks import Draft
from backstay.gateway.market.words import Quote
from backstay.gateway.messages.data_replies import TickOption
from backstay.gateway.times import SECOND_NS, ZONE, to_ns
from backstay.gateway.values.contract import Contract

RATE = 0.04
_YEAR_NS = 365 * 24 * 3600 * SECOND_NS
_VOLATILITY_MAX = 8.0
_HALVINGS = 40
_DAYS = 365
BID, ASK, LAST, MODEL = 10, 11, 12, 13


class Greeks(NamedTuple):
    """What one price implies."""

    volatility: float
    delta: float
    gamma: float
    vega: float
    theta: float


class Terms(NamedTuple):
    """The option as the formula knows it."""

    is_call: bool
    spot: float
    strike: float
    years: float


def option_ticks(
    contract: Contract, under: Quote, before: Quote, after: Quote
) -> tuple[Draft, ...]:
    """The computations for each price that has changed, and for the middle as the model."""
    spot = _spot(under)
    if spot is None:
        return ()
    terms = Terms(
        contract.right.startswith("C"),
        float(spot),
        float(contract.strike),
        _years_left(contract.expiry, after.time_ns),
    )
    prices = (
        (BID, before.bid, after.bid),
        (ASK, before.ask, after.ask),
        (LAST, before.last, after.last),
        (MODEL, _middle(before), _middle(after)),
    )
    return tuple(
        (TickOption, _parts(field, terms, now, spot))
        for field, then, now in prices
        if now is not None and now != then
    )


def implied(terms: Terms, price: float) -> Greeks | None:
    """What `price` implies, or None if no volatility explains it."""
    if terms.years <= 0 or terms.spot <= 0 or terms.strike <= 0:
        return None
    low, high = 1e-4, _VOLATILITY_MAX
    if not value(terms, low) <= price <= value(terms, high):
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if value(terms, middle) < price else (low, middle)
    return _greeks(terms, (low + high) / 2)


def value(terms: Terms, volatility: float) -> float:
    """The option's price at this volatility."""
    d1, d2 = _distances(terms, volatility)
    paid = terms.strike * exp(-RATE * terms.years)
    if terms.is_call:
        return terms.spot * _normal(d1) - paid * _normal(d2)
    return paid * _normal(-d2) - terms.spot * _normal(-d1)


def _greeks(terms: Terms, volatility: float) -> Greeks:
    d1, d2 = _distances(terms, volatility)
    density = exp(-d1 * d1 / 2) / sqrt(2 * pi)
    paid = RATE * terms.strike * exp(-RATE * terms.years)
    decay = -terms.spot * density * volatility / (2 * sqrt(terms.years))
    carry = -paid * _normal(d2) if terms.is_call else paid * _normal(-d2)
    return Greeks(
        volatility,
        _normal(d1) - (0 if terms.is_call else 1),
        density / (terms.spot * volatility * sqrt(terms.years)),
        terms.spot * density * sqrt(terms.years) / 100,
        (decay + carry) / _DAYS,
    )


def _distances(terms: Terms, volatility: float) -> tuple[float, float]:
    spread = volatility * sqrt(terms.years)
    d1 = log(terms.spot / terms.strike) + (RATE + volatility * volatility / 2) * terms.years
    return d1 / spread, d1 / spread - spread


def _normal(distance: float) -> float:
    return (1 + erf(distance / sqrt(2))) / 2


def _parts(field: int, terms: Terms, price: Decimal, spot: Decimal) -> tuple[int | Decimal, ...]:
    found = implied(terms, float(price))
    if found is None:  # IB's words for what can't be computed
        none, far = Decimal(-1), Decimal(-2)
        return (field, none, far, price, Decimal(0), far, far, far, spot)
    volatility, delta, gamma, vega, theta = (Decimal(f"{part:.8f}") for part in found)
    return (field, volatility, delta, price, Decimal(0), gamma, vega, theta, spot)


def _spot(under: Quote) -> Decimal | None:
    return under.last if under.last is not None else _middle(under) or under.close


def _middle(quote: Quote) -> Decimal | None:
    if quote.bid is None or quote.ask is None:
        return None
    return (quote.bid + quote.ask) / 2


def _years_left(expiry: str, now_ns: int) -> float:
    day = datetime.strptime(expiry, "%Y%m%d").replace(tzinfo=ZONE)
    end = datetime.combine(day.date(), time(16), ZONE)
    return (to_ns(end) - now_ns) / _YEAR_NS
