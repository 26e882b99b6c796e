"""What an option is worth, after Black and Scholes, with one volatility for all strikes."""

from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from math import erf, exp, log, pi, sqrt

from backstay.gateway.market.words import Greeks
from backstay.gateway.times import SECOND_NS, ZONE, to_ns

RATE = 0.04
_DAYS_OF_YEAR = 365
_YEAR_NS = _DAYS_OF_YEAR * 24 * 3600 * SECOND_NS
_ROOT_OF_TWO = sqrt(2)
_EXPIRES_AT = time(16)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an option's worth depends on, beside the underlying and the time."""

    is_put: bool
    strike: float
    expiry: str
    volatility: float


def worth(terms: Terms, spot: float, time_ns: int) -> float:
    """What it is worth then; from its expiry on, what it is in the money."""
    years = _years(terms.expiry, time_ns)
    strike, sign = terms.strike, -1 if terms.is_put else 1
    if years <= 0:
        return max(0.0, sign * (spot - strike))
    spread = terms.volatility * sqrt(years)
    d1 = (log(spot / strike) + RATE * years) / spread + spread / 2
    later = strike * exp(-RATE * years)
    return max(0.0, sign * (spot * _normal(sign * d1) - later * _normal(sign * (d1 - spread))))


def greeks(terms: Terms, spot: float, time_ns: int) -> Greeks | None:
    """How its worth answers to spot, volatility and time; None from its expiry on."""
    years = _years(terms.expiry, time_ns)
    if years <= 0:
        return None
    sign = -1 if terms.is_put else 1
    spread = terms.volatility * sqrt(years)
    d1 = (log(spot / terms.strike) + RATE * years) / spread + spread / 2
    density = exp(-d1 * d1 / 2) / sqrt(2 * pi)
    decay = spot * density * terms.volatility / (2 * sqrt(years))
    carry = RATE * terms.strike * exp(-RATE * years) * _normal(sign * (d1 - spread))
    return Greeks(
        implied_volatility=terms.volatility,
        price=worth(terms, spot, time_ns),
        delta=sign * _normal(sign * d1),
        gamma=density / (spot * spread),
        vega=spot * density * sqrt(years) / 100,
        theta=-(decay + sign * carry) / _DAYS_OF_YEAR,
        under_price=spot,
    )


@lru_cache(maxsize=1024)
def _expires_ns(expiry: str) -> int:
    day = datetime.strptime(expiry, "%Y%m%d").replace(tzinfo=ZONE).date()
    return to_ns(datetime.combine(day, _EXPIRES_AT, ZONE))


def _years(expiry: str, time_ns: int) -> float:
    return (_expires_ns(expiry) - time_ns) / _YEAR_NS


def _normal(distance: float) -> float:
    return (1 + erf(distance / _ROOT_OF_TWO)) / 2
