"""Accounts are told in full once, and then only what has changed, when it is due."""

from decimal import Decimal

import pytest

from backstay.gateway.messages.replies import (
    AccountDownloadEnd,
    AccountSummary,
    AccountSummaryEnd,
    AccountTime,
    AccountValue,
    AccountValueMulti,
    AccountValuesMultiEnd,
    PortfolioValue,
    PositionReport,
    PositionsEnd,
)
from backstay.gateway.messages.requests import (
    CancelAccountSummary,
    CancelAccountUpdatesMulti,
    CancelPositions,
    Request,
    RequestAccountSummary,
    RequestAccountUpdates,
    RequestAccountUpdatesMulti,
    RequestPnl,
    RequestPnlSingle,
    RequestPositions,
)
from backstay.gateway.values.execution import Execution, Side
from tests.gateway.front.doubles import AAPL, ONE, TWO, Room, execution

D = Decimal


def fill(number: int, **facts: object) -> Execution:
    """A fill of somebody else's order: the client hears of the account, not of the order."""
    return execution(number, client_id=8, **facts)


BOUGHT = fill(1)
SUMMARY = RequestAccountSummary(6, "All", "NetLiquidation,$LEDGER")


def test_positions_are_told_without_an_exchange_and_then_end() -> None:
    room = Room()
    room.book(BOUGHT)
    told = room.caller().ask(RequestPositions())
    assert [type(each) for each in told] == [PositionReport, PositionsEnd]
    (report,) = (each for each in told if isinstance(each, PositionReport))
    assert (report.account, report.contract.con_id, report.contract.exchange, report.quantity) == (
        ONE,
        AAPL.con_id,
        "",
        D(10),
    )
    assert report.average_cost == room.accounts.positions()[0].average_cost


def test_a_position_is_told_again_when_it_changes_also_when_it_is_gone() -> None:
    room = Room()
    caller, other = room.caller(7), room.caller(5)
    caller.ask(RequestPositions())
    caller.heard.clear()
    room.book(BOUGHT)
    room.book(fill(2, side=Side.SOLD))
    assert [each.quantity for each in caller.all(PositionReport)] == [D(10), D(0)]
    assert {each.contract.exchange for each in caller.all(PositionReport)} == {""}
    assert other.heard == []


def test_cancelled_positions_are_told_no_more() -> None:
    room = Room()
    caller = room.caller(7)
    caller.ask(RequestPositions(), CancelPositions())
    caller.heard.clear()
    room.book(BOUGHT)
    assert caller.all(PositionReport) == []


def test_account_updates_begin_with_figures_portfolio_time_and_their_end() -> None:
    room = Room()
    room.book(BOUGHT)
    caller = room.caller()
    told = caller.ask(RequestAccountUpdates(subscribe=True, account=ONE))
    figures = room.accounts.values(ONE)
    assert told[: len(figures)] == [
        AccountValue(each.key, each.value, each.currency, ONE) for each in figures
    ]
    (line,) = room.accounts.portfolio(ONE)
    assert told[len(figures) :] == [
        PortfolioValue(
            AAPL.contract,
            D(10),
            line.market_price,
            line.market_value,
            line.average_cost,
            line.unrealized_pnl,
            line.realized_pnl,
            ONE,
        ),
        AccountTime("10:00"),
        AccountDownloadEnd(ONE),
    ]


def test_after_a_trade_only_what_has_changed_is_told_within_three_seconds() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(RequestAccountUpdates(subscribe=True))
    caller.heard.clear()
    room.after(1)
    room.book(BOUGHT)
    room.after(1.9)
    assert caller.heard == []
    room.after(0.1)
    keys = [each.key for each in caller.all(AccountValue)]
    assert "NetLiquidation" in keys
    assert "AccountCode" not in keys
    assert [each.quantity for each in caller.all(PortfolioValue)] == [D(10)]
    assert len(caller.all(AccountTime)) == 1
    assert caller.all(AccountDownloadEnd) == []


def test_a_trade_long_after_the_last_update_is_told_at_once_and_the_next_three_seconds_later() -> (
    None
):
    room = Room()
    caller = room.caller()
    caller.ask(RequestAccountUpdates(subscribe=True))
    room.after(30)
    caller.heard.clear()
    room.book(BOUGHT)
    room.after(0)
    assert [each.quantity for each in caller.all(PortfolioValue)] == [D(10)]
    room.book(fill(2))
    room.after(2.9)
    assert len(caller.all(PortfolioValue)) == 1
    room.after(0.1)
    assert [each.quantity for each in caller.all(PortfolioValue)] == [D(10), D(20)]


def test_a_mere_price_is_told_after_three_minutes_and_nothing_if_it_came_back() -> None:
    room = Room()
    room.book(BOUGHT)
    caller = room.caller()
    caller.ask(RequestAccountUpdates(subscribe=True))
    caller.heard.clear()
    room.move(bid=D(199), ask=D(201), last=D(200))
    room.after(179.9)
    assert caller.heard == []
    room.after(0.1)
    assert [each.market_price for each in caller.all(PortfolioValue)] == [D(200)]
    caller.heard.clear()
    room.after(180)
    assert caller.heard == []


def test_a_trade_of_another_account_changes_nothing() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(
        RequestAccountUpdates(subscribe=True, account=TWO), RequestAccountUpdatesMulti(4, TWO)
    )
    caller.heard.clear()
    room.book(BOUGHT)
    room.after(10)
    assert caller.heard == []


def test_a_trade_of_another_account_hastens_no_price() -> None:
    room = Room()
    room.book(fill(1, account=TWO))
    caller = room.caller()
    caller.ask(
        RequestAccountUpdates(subscribe=True, account=TWO), RequestAccountUpdatesMulti(4, TWO)
    )
    caller.heard.clear()
    room.move(bid=D(199), ask=D(201), last=D(200))
    room.book(fill(2))
    room.after(179.9)
    assert caller.heard == []
    room.after(0.1)
    assert caller.all(AccountValue)
    assert caller.all(AccountValueMulti)


def test_a_second_subscription_takes_the_place_of_the_first_and_can_be_ended() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(
        RequestAccountUpdates(subscribe=True, account=ONE),
        RequestAccountUpdates(subscribe=True, account=TWO),
    )
    caller.heard.clear()
    room.book(BOUGHT)
    room.after(10)
    assert caller.heard == []
    room.book(fill(2, account=TWO))
    room.after(0)
    assert {each.account for each in caller.all(AccountValue)} == {TWO}
    caller.ask(RequestAccountUpdates(subscribe=False))
    room.book(fill(3, account=TWO))
    room.after(1000)
    assert caller.heard == []


def test_multi_updates_are_told_under_their_request_and_end() -> None:
    room = Room()
    caller = room.caller()
    told = caller.ask(RequestAccountUpdatesMulti(4, TWO, "a model"))
    assert told == [
        *(
            AccountValueMulti(4, TWO, "a model", each.key, each.value, each.currency)
            for each in room.accounts.values(TWO)
        ),
        AccountValuesMultiEnd(4),
    ]


def test_multi_updates_can_be_of_the_ledger_only() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(RequestAccountUpdatesMulti(4, ONE, ledger_only=True))
    keys = [each.key for each in caller.all(AccountValueMulti)]
    assert "CashBalance" in keys
    assert "AccountCode" not in keys


def test_multi_updates_follow_a_trade_until_they_are_cancelled() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(RequestAccountUpdatesMulti(4, ONE))
    caller.heard.clear()
    room.book(BOUGHT)
    room.after(3)
    assert caller.all(AccountValueMulti)
    caller.ask(CancelAccountUpdatesMulti(4), CancelAccountUpdatesMulti(4))
    room.book(fill(2))
    room.after(1000)
    assert caller.heard == []


def test_a_summary_tells_the_chosen_figures_of_all_accounts_and_ends() -> None:
    room = Room()
    caller = room.caller()
    told = caller.ask(SUMMARY)
    assert told == [
        *(
            AccountSummary(6, account, each.key, each.value, each.currency)
            for account in (ONE, TWO)
            for each in room.accounts.summary(account, "NetLiquidation,$LEDGER")
        ),
        AccountSummaryEnd(6),
    ]


def test_a_summary_of_one_account_tells_no_other() -> None:
    caller = Room().caller()
    caller.ask(RequestAccountSummary(6, TWO, "NetLiquidation"))
    assert [each.account for each in caller.all(AccountSummary)] == [TWO]


def test_a_summary_is_refreshed_after_three_minutes_where_it_has_changed() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(SUMMARY)
    caller.heard.clear()
    room.book(BOUGHT)
    room.after(179.9)
    assert caller.heard == []
    room.after(0.1)
    assert {each.account for each in caller.all(AccountSummary)} == {ONE}
    caller.ask(CancelAccountSummary(6), CancelAccountSummary(6))
    room.book(fill(2))
    room.after(1000)
    assert caller.heard == []


def test_a_client_has_two_summaries_at_most() -> None:
    caller = Room().caller()
    caller.ask(SUMMARY, RequestAccountSummary(7, ONE, "NetLiquidation"))
    caller.ask(RequestAccountSummary(8, ONE, "NetLiquidation"))
    assert caller.codes == [(8, 322)]


@pytest.mark.parametrize(
    ("request_", "req_id"),
    [
        (RequestAccountUpdates(subscribe=True, account="DU9"), -1),
        (RequestAccountUpdatesMulti(6, "DU9"), 6),
        (RequestAccountSummary(6, "DU9", "NetLiquidation"), 6),
        (RequestPnl(6, "DU9"), 6),
        (RequestPnlSingle(6, "DU9", "", AAPL.con_id), 6),
    ],
)
def test_an_account_that_nobody_knows_is_error_321(request_: Request, req_id: int) -> None:
    caller = Room().caller()
    caller.ask(request_)
    assert (caller.codes, len(caller.heard)) == ([(req_id, 321)], 1)


def test_the_profit_of_a_contract_that_nobody_knows_is_error_200() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(RequestPnlSingle(6, ONE, "", 999))
    assert (caller.codes, room.market.watched) == ([(6, 200)], {})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (RequestAccountUpdatesMulti(6, ONE), RequestAccountUpdatesMulti(6, TWO)),
        (SUMMARY, SUMMARY),
        (RequestPnl(6, ONE), RequestPnlSingle(6, ONE, "", AAPL.con_id)),
        (RequestPnlSingle(6, ONE, "", AAPL.con_id), RequestPnl(6, ONE)),
    ],
)
def test_a_request_id_that_is_taken_is_refused(first: Request, second: Request) -> None:
    caller = Room().caller()
    caller.ask(first)
    caller.ask(second)
    assert caller.codes == [(6, 322)]


def test_nothing_of_a_client_that_has_gone_is_due_or_watched() -> None:
    room = Room()
    room.book(BOUGHT)
    due_ns = room.agenda.next_due_ns()
    caller = room.caller()
    caller.ask(
        RequestPositions(),
        RequestAccountUpdates(subscribe=True),
        RequestAccountUpdatesMulti(4, ONE),
        SUMMARY,
        RequestPnl(7, ONE),
        RequestPnlSingle(8, ONE, "", AAPL.con_id),
    )
    assert room.agenda.next_due_ns() != due_ns
    caller.client.gone()
    assert (room.agenda.next_due_ns(), room.market.watched) == (due_ns, {})
