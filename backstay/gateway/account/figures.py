"""An account's standing under IB's names, and the parts of it that a summary asks for.

What is money has two decimals and a currency. IB names a figure of one currency only in the
ledger: the lines that `$LEDGER` stands for, once for `BASE` and once for each currency.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal

from backstay.gateway.account.money import ZERO, shown
from backstay.gateway.account.standing import Money, Standing
from backstay.gateway.account.words import AccountFigure

BASE = "BASE"
_LEDGER = "$LEDGER"
_CUSHION_UNIT = Decimal("0.0001")


def account_figures(account: str, currency: str, standing: Standing) -> tuple[AccountFigure, ...]:
    """All figures of an account, the ledger last."""
    totals = tuple(
        AccountFigure(key, f"{shown(amount)}", currency) for key, amount in _totals(standing)
    )
    return (
        AccountFigure("AccountCode", account),
        AccountFigure("AccountReady", "true"),
        AccountFigure("AccountType", "INDIVIDUAL"),
        AccountFigure("Cushion", f"{_cushion(standing)}"),
        AccountFigure("DayTradesRemaining", "-1"),
        *totals,
        *ledger_figures(standing, BASE),
        *(line for money in standing.money for line in ledger_figures(standing, money.currency)),
    )


def ledger_figures(standing: Standing, currency: str) -> tuple[AccountFigure, ...]:
    """The ledger of one currency, or of `BASE`; nothing for a currency the account has none of."""
    if currency == BASE:
        return tuple(_ledger(_all_money(standing)))
    return tuple(
        line for money in standing.money if money.currency == currency for line in _ledger(money)
    )


def chosen_figures(
    tags: str, figures: tuple[AccountFigure, ...], standing: Standing
) -> tuple[AccountFigure, ...]:
    """What a summary with these `tags` (separated by commas) shows; unknown tags show nothing."""
    plain = {figure.key: figure for figure in reversed(figures) if figure.currency != BASE}
    chosen: list[AccountFigure] = []
    for tag in (part.strip() for part in tags.split(",")):
        name, _, currency = tag.partition(":")
        if name != _LEDGER:
            chosen.extend([plain[tag]] if tag in plain else [])
        elif currency == "ALL":
            for each in (*(money.currency for money in standing.money), BASE):
                chosen.extend(ledger_figures(standing, each))
        else:
            chosen.extend(ledger_figures(standing, currency or BASE))
    return tuple(chosen)


def _totals(standing: Standing) -> Iterator[tuple[str, Decimal]]:
    required = standing.required
    yield "AccruedCash", ZERO
    yield "AvailableFunds", standing.available_funds
    yield "BuyingPower", standing.buying_power
    yield "EquityWithLoanValue", standing.loan_equity
    yield "ExcessLiquidity", standing.excess_liquidity
    yield "FullAvailableFunds", standing.available_funds
    yield "FullExcessLiquidity", standing.excess_liquidity
    yield "FullInitMarginReq", required.initial
    yield "FullMaintMarginReq", required.maintenance
    yield "GrossPositionValue", standing.gross_position_value
    yield "InitMarginReq", required.initial
    yield "LookAheadAvailableFunds", standing.available_funds
    yield "LookAheadExcessLiquidity", standing.excess_liquidity
    yield "LookAheadInitMarginReq", required.initial
    yield "LookAheadMaintMarginReq", required.maintenance
    yield "MaintMarginReq", required.maintenance
    yield "NetLiquidation", standing.net_liquidation
    yield "SettledCash", standing.cash
    yield "TotalCashValue", standing.cash


def _ledger(money: Money) -> Iterator[AccountFigure]:
    yield AccountFigure("Currency", money.currency, money.currency)
    for key, amount in (
        ("CashBalance", money.cash),
        ("TotalCashBalance", money.cash),
        ("StockMarketValue", money.stock),
        ("OptionMarketValue", money.option),
        ("NetLiquidationByCurrency", money.net_liquidation),
        ("UnrealizedPnL", money.unrealized),
        ("RealizedPnL", money.realized),
    ):
        yield AccountFigure(key, f"{shown(amount)}", money.currency)
    yield AccountFigure("ExchangeRate", "1.00", money.currency)


def _all_money(standing: Standing) -> Money:
    return Money(
        currency=BASE,
        cash=standing.cash,
        stock=standing.stock,
        option=standing.option,
        unrealized=standing.unrealized,
        realized=standing.realized,
    )


def _cushion(standing: Standing) -> Decimal:
    """Which part of what the account is worth stands between it and a liquidation."""
    if standing.net_liquidation <= 0:
        return ZERO
    cushion = standing.excess_liquidity / standing.net_liquidation
    return cushion.quantize(_CUSHION_UNIT, ROUND_HALF_EVEN)
