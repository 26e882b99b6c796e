"""Trades of which more was closed than had been entered: something is open the other way round."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.guards import GuardEnd
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.lifecycle import Happened, Lifecycle, TradeState
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.sides import Side
from backstay.domain.trade.progress import after_event, after_report, ending
from backstay.domain.trade.settlement import settlement_of
from backstay.domain.trade.standing import Doing, TradeStanding
from tests.domain.trade.samples import NOW, an_order, report, summary

ORDER = an_order()
EXIT = IntentKey(ORDER.trade, 0, Purpose.EXIT_STOP, 1)
OVERFILLED = summary(EXIT, 120, 120, "101.05", OrderEnd.FILLED, Side.SELL)


def closed_by(side: Side = Side.BUY) -> TradeStanding:
    """100 were entered at 100.05, and 120 closed at 101.05."""
    new = TradeStanding(
        account=ORDER.account,
        plan_id=ORDER.plan.id,
        trade=ORDER.trade,
        symbol="AAPL",
        side=side,
        lifecycle=Lifecycle(hedge_first=False),
        doing=Doing.WAITING,
        at=NOW,
        quantity=Decimal(100),
    )
    begun = after_event(new, Happened.VALIDATED)
    entered = after_report(begun, report(ORDER, ArmPhase.OVER, filled=100), Decimal(100))
    return replace(entered, exits=(OVERFILLED,))


@pytest.mark.parametrize("end", [None, *GuardEnd])
def test_it_is_for_a_person_whatever_else_has_happened(end: GuardEnd | None) -> None:
    ended = ending(closed_by(), end)
    assert ended.lifecycle.state is TradeState.ESCALATED
    assert ended.why == "more was closed than was entered, by 20"


@pytest.mark.parametrize(("side", "profit"), [(Side.BUY, 100), (Side.SELL, -100)])
def test_its_profit_is_that_of_what_was_entered(side: Side, profit: int) -> None:
    settlement = settlement_of(closed_by(side), 1, Decimal(1), NOW)
    assert settlement.profit == profit
    assert settlement.left_over == -20


def test_a_contract_for_many_is_worth_as_many() -> None:
    assert settlement_of(closed_by(), 1, Decimal(100), NOW).profit == 10_000
