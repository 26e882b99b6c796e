"""Positions, figures and profits as others ask for them."""

from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.values.contract import Contract


@dataclass(frozen=True, slots=True)
class Position:
    """What an account has of one contract.

    As at IB `average_cost` is per share or per option contract, so with the multiplier, and holds
    the commissions that opening it cost; `realized_pnl` is what was realised since midnight.
    """

    contract: Contract
    quantity: Decimal
    average_cost: Decimal
    realized_pnl: Decimal
    account: str


@dataclass(frozen=True, slots=True)
class PortfolioLine:
    """A position and what it is worth now."""

    account: str
    contract: Contract
    quantity: Decimal
    market_price: Decimal
    market_value: Decimal
    average_cost: Decimal
    unrealized_pnl: Decimal
    realized_pnl: Decimal
    daily_pnl: Decimal


@dataclass(frozen=True, slots=True)
class Profit:
    """Profit and loss of an account; `daily` and `realized` since midnight."""

    daily: Decimal
    unrealized: Decimal
    realized: Decimal


@dataclass(frozen=True, slots=True)
class PositionProfit:
    """Profit and loss of one position, and what it is worth."""

    quantity: Decimal
    daily: Decimal
    unrealized: Decimal
    realized: Decimal
    value: Decimal


@dataclass(frozen=True, slots=True)
class AccountFigure:
    """One of IB's account values; without a currency where it is no money."""

    key: str
    value: str
    currency: str = ""
