"""What the edge knows of a contract and of the account at one moment."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from backstay.domain.limits.facts import AccountKind, Touch
from backstay.domain.money import ExchangeRates
from backstay.domain.sessions.calendar import MarketPhase


@dataclass(frozen=True, slots=True)
class MarketFacts:
    """The market in one contract, and what an order in it is measured by.

    The touch is None where nobody quotes, or where no good quote has come in time; the trading day
    where the calendar does not cover this moment, and knows of none to come.
    """

    at: datetime
    account_kind: AccountKind
    phase: MarketPhase
    trading_day: date | None
    rates: ExchangeRates
    touch: Touch | None
    position: Decimal
