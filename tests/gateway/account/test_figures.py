"""An account under IB's names."""

from decimal import Decimal

import pytest

from backstay.gateway.account.marks import mark
from backstay.gateway.account.words import AccountFigure
from backstay.gateway.market.words import Quote
from tests.gateway.account.stage import AAPL, ACCOUNT, MSFT, OTHER, Stage, option

CALL = option(10, "C", 210)


def busy() -> Stage:
    stage = Stage(AAPL, MSFT, CALL)
    stage.board.show(AAPL, "200")
    stage.board.show(CALL, "3")
    stage.trade(AAPL, "100", "190")
    stage.trade(CALL, "-2", "4")
    stage.trade(MSFT, "10", "400")
    stage.trade(MSFT, "-10", "410")
    return stage


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("AccountCode", ACCOUNT),
        ("AccountType", "INDIVIDUAL"),
        ("AccountReady", "true"),
        ("TotalCashValue", "81895.70"),
        ("SettledCash", "81895.70"),
        ("CashBalance", "81895.70"),
        ("TotalCashBalance", "81895.70"),
        ("StockMarketValue", "20000.00"),
        ("OptionMarketValue", "-600.00"),
        ("NetLiquidation", "101295.70"),
        ("EquityWithLoanValue", "101895.70"),
        ("GrossPositionValue", "20600.00"),
        # 100 shares cover one call; the other one is 10 out of the money.
        ("InitMarginReq", "13300.00"),
        ("MaintMarginReq", "8300.00"),
        ("FullInitMarginReq", "13300.00"),
        ("FullMaintMarginReq", "8300.00"),
        ("AvailableFunds", "88595.70"),
        ("ExcessLiquidity", "93595.70"),
        ("BuyingPower", "177191.40"),
        ("Cushion", "0.9240"),
        ("UnrealizedPnL", "1197.70"),
        ("RealizedPnL", "98.00"),
        ("NetLiquidationByCurrency", "101295.70"),
    ],
)
def test_a_figure_is_what_the_positions_make_it(key: str, value: str) -> None:
    assert busy().figure(key) == value


def test_the_ledger_is_told_once_for_all_currencies_and_once_for_each() -> None:
    stage = busy()
    cash = [figure for figure in stage.accounts.values(ACCOUNT) if figure.key == "CashBalance"]
    assert cash == [
        AccountFigure("CashBalance", "81895.70", "BASE"),
        AccountFigure("CashBalance", "81895.70", "USD"),
    ]


def test_a_summary_shows_what_its_tags_name_in_their_order() -> None:
    assert busy().accounts.summary(ACCOUNT, "NetLiquidation, Cushion,Nonsense,AccountType") == (
        AccountFigure("NetLiquidation", "101295.70", "USD"),
        AccountFigure("Cushion", "0.9240"),
        AccountFigure("AccountType", "INDIVIDUAL"),
    )


@pytest.mark.parametrize(
    ("tag", "currencies"),
    [
        ("$LEDGER", ["BASE"]),
        ("$LEDGER:USD", ["USD"]),
        ("$LEDGER:ALL", ["USD", "BASE"]),
        ("$LEDGER:EUR", []),
    ],
)
def test_the_ledger_can_be_asked_for_by_currency(tag: str, currencies: list[str]) -> None:
    figures = Stage().accounts.summary(OTHER, tag)
    assert [each.currency for each in figures if each.key == "CashBalance"] == currencies
    assert {each.value for each in figures if each.key == "CashBalance"} <= {"500.00"}


def test_an_account_that_is_worth_nothing_has_no_cushion() -> None:
    assert Stage(cash="0").figure("Cushion") == "0"


def quote(bid: str = "", ask: str = "", last: str = "", close: str = "") -> Quote:
    prices = [Decimal(text) if text else None for text in (bid, ask, last, close)]
    return Quote(0, bid=prices[0], ask=prices[1], last=prices[2], close=prices[3])


@pytest.mark.parametrize(
    ("shown", "price"),
    [
        (quote("10", "11", "10.5"), "10.5"),
        (quote("10", "11", "9"), "10"),
        (quote("10", "11", "12"), "11"),
        (quote("10", "11"), "10.5"),
        (quote("10", "", "9", "8"), "9"),
        (quote("10", "", "", "8"), "10"),
        (quote("", "11", "", "8"), "11"),
        (quote(close="8"), "8"),
        (quote(), None),
    ],
)
def test_a_thing_is_worth_its_last_price_within_the_quote(shown: Quote, price: str | None) -> None:
    assert mark(shown) == (Decimal(price) if price else None)
