"""Profits are told once a second where they change, and what is held is watched meanwhile."""

from decimal import Decimal

import pytest

from backstay.gateway.messages.replies import (
    Pnl,
    PnlSingle,
)
from backstay.gateway.messages.requests import (
    CancelPnl,
    CancelPnlSingle,
    Request,
    RequestPnl,
    RequestPnlSingle,
)
from backstay.gateway.values.execution import Execution, Side
from tests.gateway.front.doubles import AAPL, MSFT, ONE, Room, execution

D = Decimal


def fill(number: int, **facts: object) -> Execution:
    """A fill of somebody else's order: the client hears of the account, not of the order."""
    return execution(number, client_id=8, **facts)


BOUGHT = fill(1)


def test_an_accounts_profit_is_told_at_once_and_then_each_second_that_changes_it() -> None:
    room = Room()
    room.book(BOUGHT)
    caller = room.caller()
    profit = room.accounts.pnl(ONE)
    assert caller.ask(RequestPnl(6, ONE)) == [
        Pnl(6, profit.daily, profit.unrealized, profit.realized)
    ]
    caller.heard.clear()
    room.after(5)
    assert caller.heard == []
    room.move(bid=D(199), ask=D(201), last=D(200))
    room.after(1)
    assert [each.unrealized for each in caller.all(Pnl)] == [profit.unrealized + 100]


def test_what_an_account_holds_is_watched_while_its_profit_is_told() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(RequestPnl(6, ONE))
    room.book(BOUGHT)
    room.after(5)
    assert room.market.watched == {AAPL.con_id: 1}
    room.book(fill(2, side=Side.SOLD))
    room.book(fill(3), MSFT)
    room.after(1)
    assert room.market.watched == {MSFT.con_id: 1}
    assert caller.ask(CancelPnl(6)) == []
    assert room.market.watched == {}
    room.book(fill(4))
    room.after(10)
    assert caller.heard == []


def test_the_profit_of_one_position_is_told_and_cancelled_in_the_same_way() -> None:
    room = Room()
    room.book(BOUGHT)
    caller = room.caller()
    profit = room.accounts.pnl_single(ONE, AAPL.con_id)
    assert caller.ask(RequestPnlSingle(6, ONE, "", AAPL.con_id)) == [
        PnlSingle(6, D(10), profit.daily, profit.unrealized, profit.realized, profit.value)
    ]
    caller.heard.clear()
    room.move(bid=D(199), ask=D(201), last=D(200))
    room.after(10)
    assert [each.value for each in caller.all(PnlSingle)] == [D(2000)]
    assert room.market.watched == {AAPL.con_id: 1}
    caller.ask(CancelPnlSingle(6))
    room.move(last=D(199), bid=D(198))
    room.after(10)
    assert (caller.heard, room.market.watched) == ([], {})


@pytest.mark.parametrize("request_", [CancelPnl(6), CancelPnlSingle(6)])
def test_a_cancel_of_no_profit_is_error_300(request_: Request) -> None:
    caller = Room().caller()
    caller.ask(request_)
    assert caller.codes == [(6, 300)]
