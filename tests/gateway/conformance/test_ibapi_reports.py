"""What is over, what it cost and what is held: IB's own client hears one and the same story."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from ibapi.const import UNSET_DOUBLE
from ibapi.execution import ExecutionFilter

from backstay.gateway.settings import AccountSettings, Settings
from tests.gateway.conformance.official import (
    App,
    Call,
    Premises,
    an_option,
    details,
    money,
    order,
    premises,
    stock,
)

AAPL, MSFT = stock("AAPL"), stock("MSFT")
START_CASH = Decimal(1_000_000)
HALF_A_CENT = Decimal("0.005")
ONE_ACCOUNT = Settings(seed=7, accounts=(AccountSettings("DU1", START_CASH),))
TWO_ACCOUNTS = Settings(
    seed=7, accounts=(AccountSettings("DU1", START_CASH), AccountSettings("DU2", START_CASH))
)
AFTERNOON = (
    ("AAPL", order("BUY", 700)),
    ("AAPL", order("SELL", 200, "LMT", lmtPrice=99.5)),
    ("MSFT", order("SELL", 150)),
    ("MSFT", order("BUY", 50, "LMT", lmtPrice=100.5)),
)


def trade_an_afternoon(place: Premises, app: App) -> list[tuple[Call, Call]]:
    """Four orders that fill, one that is cancelled, one that is rejected, one that rests."""
    for symbol, each in AFTERNOON:
        order_id = app.place(stock(symbol), each)
        app.wait_status(order_id, "Filled")
        place.show(symbol, bid="99.97", ask="100.03")
        place.forward(5)
    cancelled = app.place(AAPL, order("SELL", 10, "LMT", lmtPrice=120.0))
    app.wait_status(cancelled, "Submitted")
    app.cancel(cancelled)
    app.wait_status(cancelled, "Cancelled")
    app.wait_status(app.place(AAPL, order("BUY", 400_000)), "Inactive")
    app.wait_status(app.place(AAPL, order("SELL", 20, "LMT", lmtPrice=130.0)), "Submitted")
    return app.fills()


def executions(app: App, **terms: Any) -> list[Call]:
    """What the executions' report says under a filter."""
    wanted = ExecutionFilter()
    for name, value in terms.items():
        assert hasattr(wanted, name), name
        setattr(wanted, name, value)
    req_id = app.new_id()
    told = app.answers(
        lambda: app.client.reqExecutions(req_id, wanted), "execDetails", "execDetailsEnd"
    )
    assert {call.reqId for call in told} <= {req_id}
    return told


def summary(app: App, tags: str) -> dict[tuple[str, str], Decimal]:
    """Figures by account and tag."""
    req_id = app.new_id()
    told = app.answers(
        lambda: app.client.reqAccountSummary(req_id, "All", tags),
        "accountSummary",
        "accountSummaryEnd",
    )
    app.client.cancelAccountSummary(req_id)
    return {(call.account, call.tag): Decimal(call.value) for call in told}


@dataclass(frozen=True)
class Story:
    """What follows from the executions and what they cost, and from nothing else."""

    positions: dict[str, Decimal]
    cash: Decimal
    realized: Decimal


def told_by(fills: list[tuple[Call, Call]]) -> Story:
    """Add the fills up."""
    positions: dict[str, Decimal] = {}
    cash, realized = START_CASH, Decimal(0)
    for executed, cost in fills:
        execution, symbol = executed.execution, executed.contract.symbol
        signed = execution.shares * (1 if execution.side == "BOT" else -1)
        positions[symbol] = positions.get(symbol, Decimal(0)) + signed
        cash -= signed * money(execution.price) + money(cost.commissionAndFees)
        realized += money(cost.realizedPNL) if cost.realizedPNL < UNSET_DOUBLE else 0
    return Story(positions, cash, realized)


def account_updates(app: App) -> tuple[dict[tuple[str, str], str], dict[str, Call]]:
    """The figures of the account, and its portfolio by symbol."""
    figures = app.answers(
        lambda: app.client.reqAccountUpdates(True, "DU1"),
        "updateAccountValue",
        "accountDownloadEnd",
    )
    portfolio = app.told.since(0, "updatePortfolio")
    return (
        {(call.key, call.currency): call.val for call in figures},
        {call.contract.symbol: call for call in portfolio},
    )


def test_executions_positions_and_cash_agree_to_the_cent() -> None:
    with premises(ONE_ACCOUNT) as place:
        app = place.app()
        fills = trade_an_afternoon(place, app)
        assert [vars(call.execution) for call in executions(app)] == [
            vars(executed.execution) for executed, _cost in fills
        ]
        story = told_by(fills)
        assert story.positions == {"AAPL": 500, "MSFT": -100}
        positions = app.answers(app.client.reqPositions, "position", "positionEnd")
        assert {call.contract.symbol: call.position for call in positions} == story.positions
        figures = summary(app, "TotalCashValue,SettledCash")
        assert abs(figures["DU1", "TotalCashValue"] - story.cash) < HALF_A_CENT
        assert figures["DU1", "SettledCash"] == figures["DU1", "TotalCashValue"]


def test_the_account_its_portfolio_and_its_profit_agree_to_the_cent() -> None:
    with premises(ONE_ACCOUNT) as place:
        app = place.app()
        story = told_by(trade_an_afternoon(place, app))
        figures, portfolio = account_updates(app)
        summed = summary(app, "TotalCashValue,NetLiquidation")
        assert abs(Decimal(figures["TotalCashValue", "USD"]) - story.cash) < HALF_A_CENT
        assert Decimal(figures["TotalCashValue", "USD"]) == summed["DU1", "TotalCashValue"]
        assert Decimal(figures["NetLiquidation", "USD"]) == summed["DU1", "NetLiquidation"]
        assert abs(Decimal(figures["RealizedPnL", "USD"]) - story.realized) < HALF_A_CENT

        held = {symbol: call.position for symbol, call in portfolio.items()}
        assert held == story.positions
        worth = story.cash + sum(money(call.marketValue) for call in portfolio.values())
        assert abs(summed["DU1", "NetLiquidation"] - worth) < 2 * HALF_A_CENT
        for call in portfolio.values():
            gain = call.marketValue - float(call.position) * call.averageCost
            assert call.unrealizedPNL == pytest.approx(gain, abs=0.01)

        app.client.reqPnL(app.new_id(), "DU1", "")
        pnl = app.wait("pnl")
        assert pnl.realizedPnL == pytest.approx(float(story.realized), abs=0.01)
        gains = sum(call.unrealizedPNL for call in portfolio.values())
        assert pnl.unrealizedPnL == pytest.approx(gains, abs=0.01)


def test_the_profit_of_one_position_agrees_with_the_portfolio_and_the_position() -> None:
    with premises(ONE_ACCOUNT) as place:
        app = place.app()
        trade_an_afternoon(place, app)
        _figures, portfolio = account_updates(app)
        apple = portfolio["AAPL"]
        app.client.reqPnLSingle(app.new_id(), "DU1", "", 265598)
        one = app.wait("pnlSingle")
        assert (one.pos, one.value) == (apple.position, apple.marketValue)
        assert one.unrealizedPnL == pytest.approx(apple.unrealizedPNL, abs=0.01)
        assert one.realizedPnL == pytest.approx(apple.realizedPNL, abs=0.01)
        positions = app.answers(app.client.reqPositions, "position", "positionEnd")
        average = {call.contract.symbol: call.avgCost for call in positions}
        assert average["AAPL"] == pytest.approx(apple.averageCost)


def test_completed_and_open_orders_are_all_orders_and_agree_with_the_executions() -> None:
    with premises(ONE_ACCOUNT) as place:
        app = place.app()
        fills = trade_an_afternoon(place, app)
        filled: dict[int, Decimal] = {}
        for executed, _cost in fills:
            perm_id = executed.execution.permId
            filled[perm_id] = filled.get(perm_id, Decimal(0)) + executed.execution.shares

        completed = app.answers(
            lambda: app.client.reqCompletedOrders(False), "completedOrder", "completedOrdersEnd"
        )
        assert {
            call.order.permId: call.order.filledQuantity
            for call in completed
            if call.order.filledQuantity
        } == filled
        assert [call.orderState.status for call in completed] == [
            *["Filled"] * 4,
            "Cancelled",
            "Inactive",
        ]
        assert all(call.orderState.completedTime for call in completed)
        assert {call.order.orderId for call in completed} == {0}
        (rests,) = app.answers(app.client.reqOpenOrders, "openOrder", "openOrderEnd")
        shown = {call.order.permId for call in app.told.since(0, "openOrder")}
        assert shown == {call.order.permId for call in completed} | {rests.order.permId}


def test_executions_can_be_asked_for_by_every_field() -> None:
    with premises(TWO_ACCOUNTS) as place:
        one, two = place.app(1), place.app(2)
        first = one.place(AAPL, order("BUY", 10, account="DU1"))
        one.wait_status(first, "Filled")
        place.forward(60)
        second = two.place(MSFT, order("SELL", 20, account="DU2"))
        two.wait_status(second, "Filled")

        def shares(**terms: Any) -> list[int]:
            return [int(call.execution.shares) for call in executions(two, **terms)]

        assert shares() == [10, 20]
        assert shares(clientId=1) == [10]
        assert shares(acctCode="DU2") == [20]
        assert shares(symbol="AAPL") == [10]
        assert shares(secType="OPT") == []
        assert shares(side="BUY") == [10]
        assert shares(side="SELL") == [20]
        assert shares(time="20261123 10:00:30 US/Eastern") == [20]
        assert shares(time="20261123-15:00:00") == [10, 20]
        assert shares(clientId=1, side="SELL") == []


def test_each_execution_of_a_report_is_followed_by_what_it_cost() -> None:
    with premises() as place:
        app = place.app()
        app.wait_status(app.place(AAPL, order("BUY", 700)), "Filled")
        later = place.app(2)
        told = executions(later)
        names = [
            name
            for name in later.told.names()
            if name in {"execDetails", "commissionAndFeesReport", "execDetailsEnd"}
        ]
        assert names == ["execDetails", "commissionAndFeesReport"] * len(told) + ["execDetailsEnd"]


def test_figures_follow_a_trade_without_being_asked_for_again() -> None:
    with premises(ONE_ACCOUNT) as place:
        app = place.app()
        app.answers(
            lambda: app.client.reqAccountUpdates(True, "DU1"),
            "updateAccountValue",
            "accountDownloadEnd",
        )
        app.answers(app.client.reqPositions, "position", "positionEnd")
        profit = app.new_id()
        app.client.reqPnL(profit, "DU1", "")
        app.wait("pnl")
        mark = len(app.told)
        app.wait_status(app.place(AAPL, order("BUY", 100)), "Filled")
        assert app.wait("position", mark=mark).position == 100
        place.forward(4)
        told = app.wait("updateAccountValue", lambda call: call.key == "TotalCashValue", mark).val
        assert Decimal(told) == START_CASH - 100 * Decimal("100.02") - 1
        assert app.wait("updatePortfolio", mark=mark).position == 100
        place.show("AAPL", bid="100.98", ask="101.02", last="101")
        place.forward(2)
        assert app.wait("pnl", lambda call: call.unrealizedPnL > 50, mark).reqId == profit


def test_an_option_is_paid_for_a_hundred_times_and_charged_by_the_contract() -> None:
    with premises(ONE_ACCOUNT) as place:
        app = place.app()
        call = an_option(app, "AAPL", 265598)
        (told,) = details(app, call)
        con_id = told.contract.conId
        place.do(lambda served: served.quote(con_id, bid="2.00", ask="2.10", ask_size=50))
        app.wait_status(app.place(call, order("BUY", 3, "LMT", lmtPrice=2.1)), "Filled")
        ((executed, cost),) = app.fills()
        assert (executed.execution.shares, executed.execution.price) == (3, 2.1)
        assert (executed.contract.conId, executed.contract.multiplier) == (con_id, "100")
        assert money(cost.commissionAndFees) == Decimal("1.95")
        place.forward(5)
        figures = summary(app, "TotalCashValue,NetLiquidation")
        cash = START_CASH - 300 * Decimal("2.10") - Decimal("1.95")
        assert figures["DU1", "TotalCashValue"] == cash
        positions = app.answers(app.client.reqPositions, "position", "positionEnd")
        (held,) = positions
        assert (held.contract.conId, held.position) == (con_id, 3)
        assert held.avgCost == pytest.approx((630 + 1.95) / 3)
        _values, portfolio = account_updates(app)
        worth = money(portfolio["AAPL"].marketValue)
        assert worth > 0
        assert abs(figures["DU1", "NetLiquidation"] - cash - worth) < 2 * HALF_A_CENT
        place.do(lambda served: served.quote(con_id, bid="2.50", ask="2.60", bid_size=50))
        app.wait_status(app.place(call, order("SELL", 3)), "Filled")
        _bought, (_executed, sold) = app.fills()
        gain = 300 * (Decimal("2.50") - Decimal("2.10")) - 2 * Decimal("1.95")
        assert money(sold.realizedPNL) == gain


def test_times_are_the_brokers() -> None:
    with premises() as place:
        app = place.app()
        app.wait_status(app.place(AAPL, order("BUY", 100)), "Filled")
        ((executed, _cost),) = app.fills()
        assert re.fullmatch(r"20261123 10:00:0\d US/Eastern", executed.execution.time)
        (completed,) = app.answers(
            lambda: app.client.reqCompletedOrders(True), "completedOrder", "completedOrdersEnd"
        )
        when = completed.orderState.completedTime
        assert re.fullmatch(r"20261123 10:00:0\d US/Eastern", when)
        assert completed.orderState.completedStatus == "Filled Size: 100"


def test_each_account_has_its_own_story() -> None:
    with premises(TWO_ACCOUNTS) as place:
        app = place.app()
        app.wait_status(app.place(AAPL, order("BUY", 100, account="DU2")), "Filled")
        figures = summary(app, "TotalCashValue")
        assert figures["DU1", "TotalCashValue"] == START_CASH
        assert figures["DU2", "TotalCashValue"] == START_CASH - 100 * Decimal("100.02") - 1
        positions = app.answers(app.client.reqPositions, "position", "positionEnd")
        assert [(call.account, call.position) for call in positions] == [("DU2", 100)]
