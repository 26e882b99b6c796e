"""Everything an account is worth and requires, at one instant.

There is no market for currencies here: one unit of any currency counts as one of the account's own.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.account.margin import Exposure, Requirement, requirement
from backstay.gateway.account.money import ZERO
from backstay.gateway.account.words import PortfolioLine

_BUYING_POWER = 2
"""What a requirement of one half lets the available funds buy."""


@dataclass(frozen=True, slots=True)
class Money:
    """What an account has in one currency."""

    currency: str
    cash: Decimal
    stock: Decimal
    option: Decimal
    unrealized: Decimal
    realized: Decimal

    @property
    def net_liquidation(self) -> Decimal:
        """Cash and all positions."""
        return self.cash + self.stock + self.option


@dataclass(frozen=True, slots=True)
class Standing:
    """The sums over all currencies, and what is required of them."""

    money: tuple[Money, ...]
    gross_position_value: Decimal
    required: Requirement

    @property
    def cash(self) -> Decimal:
        """All cash."""
        return sum((each.cash for each in self.money), ZERO)

    @property
    def stock(self) -> Decimal:
        """What the stock is worth, less what is sold short."""
        return sum((each.stock for each in self.money), ZERO)

    @property
    def option(self) -> Decimal:
        """What the options are worth, less what is sold short."""
        return sum((each.option for each in self.money), ZERO)

    @property
    def unrealized(self) -> Decimal:
        """Profit and loss of what is open."""
        return sum((each.unrealized for each in self.money), ZERO)

    @property
    def realized(self) -> Decimal:
        """Profit and loss of what was closed since midnight."""
        return sum((each.realized for each in self.money), ZERO)

    @property
    def net_liquidation(self) -> Decimal:
        """Cash and all positions."""
        return self.cash + self.stock + self.option

    @property
    def loan_equity(self) -> Decimal:
        """Equity with loan value: options have none."""
        return self.cash + self.stock

    @property
    def available_funds(self) -> Decimal:
        """What is left to open positions with."""
        return self.loan_equity - self.required.initial

    @property
    def excess_liquidity(self) -> Decimal:
        """What is left before positions are liquidated."""
        return self.loan_equity - self.required.maintenance

    @property
    def buying_power(self) -> Decimal:
        """How much stock could be bought."""
        return max(ZERO, self.available_funds) * _BUYING_POWER


def standing_of(
    cash: dict[str, Decimal], portfolio: tuple[PortfolioLine, ...], exposures: tuple[Exposure, ...]
) -> Standing:
    """The standing of an account with this cash and these positions."""
    currencies = dict.fromkeys((*cash, *(line.contract.currency for line in portfolio)))
    return Standing(
        money=tuple(
            _in_one_currency(currency, cash.get(currency, ZERO), portfolio)
            for currency in currencies
        ),
        gross_position_value=sum((abs(line.market_value) for line in portfolio), ZERO),
        required=requirement(exposures),
    )


def _in_one_currency(currency: str, cash: Decimal, portfolio: tuple[PortfolioLine, ...]) -> Money:
    lines = [line for line in portfolio if line.contract.currency == currency]
    options = [line for line in lines if line.contract.sec_type == "OPT"]
    stocks = [line for line in lines if line.contract.sec_type != "OPT"]
    return Money(
        currency=currency,
        cash=cash,
        stock=sum((line.market_value for line in stocks), ZERO),
        option=sum((line.market_value for line in options), ZERO),
        unrealized=sum((line.unrealized_pnl for line in lines), ZERO),
        realized=sum((line.realized_pnl for line in lines), ZERO),
    )
