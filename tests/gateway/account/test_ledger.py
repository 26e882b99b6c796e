"""Quantity, cost and realised profit of one position."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.account.ledger import FLAT, Holding, PositionLedger, Trade, booked

ONE = Decimal(1)


def trade(quantity: str, price: str, commission: str = "0", exec_id: str = "e") -> Trade:
    return Trade(exec_id, Decimal(quantity), Decimal(price), Decimal(commission))


def after(*trades: Trade, multiplier: int = 1) -> Holding:
    held = FLAT
    for each in trades:
        held = booked(held, each, Decimal(multiplier))
    return held


def holding(quantity: str, cost: str, realized: str = "0") -> Holding:
    return Holding(Decimal(quantity), Decimal(cost), Decimal(realized))


@pytest.mark.parametrize(
    ("trades", "held"),
    [
        ([trade("100", "10", "1")], holding("100", "1001")),
        ([trade("-100", "10", "1")], holding("-100", "-999")),
        ([trade("100", "10", "1"), trade("100", "12", "1")], holding("200", "2202")),
        ([trade("100", "10", "1"), trade("-40", "12", "1")], holding("60", "600.6", "78.6")),
        ([trade("100", "10", "1"), trade("-100", "12", "1")], holding("0", "0", "198")),
        ([trade("-100", "10", "1"), trade("100", "12", "1")], holding("0", "0", "-202")),
        ([trade("-100", "10", "1"), trade("25", "8", "1")], holding("-75", "-749.25", "48.75")),
    ],
    ids=["long", "short", "added", "part closed", "closed", "short closed", "short part closed"],
)
def test_trades_make_a_position(trades: list[Trade], held: Holding) -> None:
    assert after(*trades) == held


def test_a_trade_through_zero_closes_and_opens_and_its_commission_is_split() -> None:
    held = after(trade("100", "10"), trade("-150", "12", "3"))
    assert held == holding("-50", "-599", "198")
    assert held.average_cost == Decimal("11.98")


def test_an_option_counts_with_its_multiplier() -> None:
    held = after(trade("2", "1.50", "1.30"), multiplier=100)
    assert held == holding("2", "301.30")
    assert held.average_cost == Decimal("150.65")


def test_the_average_cost_holds_the_commission_and_is_nothing_when_flat() -> None:
    assert after(trade("3", "10", "1")).average_cost == Decimal("10.33333333")
    assert after(trade("-3", "10", "1")).average_cost == Decimal("9.66666667")
    assert FLAT.average_cost == 0


def ledger(*trades: Trade) -> PositionLedger:
    made = PositionLedger(ONE, FLAT, Decimal(0))
    for number, each in enumerate(trades, start=1):
        made.book(number, each)
    return made


def test_a_trade_says_what_it_realised_only_if_it_closed_something() -> None:
    made = ledger(trade("100", "10"))
    assert made.book(2, trade("100", "11")) is None
    assert made.book(3, trade("-100", "10.5")) == 0
    assert made.book(4, trade("-50", "12")) == Decimal(75)


def test_a_correction_makes_the_day_what_it_would_have_been() -> None:
    made = ledger(
        trade("100", "10", "1", "a"), trade("100", "12", "1", "b"), trade("-50", "13", "1", "c")
    )
    number = made.number_of("b")
    assert number == 2
    made.correct(number, trade("100", "11", "1", "b2"))
    assert (
        made.holding
        == ledger(trade("100", "10", "1"), trade("100", "11", "1"), trade("-50", "13", "1")).holding
    )
    assert made.number_of("b") is None
    assert made.number_of("b2") == 2


def test_a_corrected_exit_says_what_it_realises_now() -> None:
    made = ledger(trade("100", "10", "0", "a"), trade("-100", "12", "0", "b"))
    assert made.correct(2, trade("-100", "11", "0", "b2")) == 100
    assert made.correct(1, trade("100", "9", "0", "a2")) is None
    assert made.holding.realized == 200


def test_a_bust_leaves_no_trace() -> None:
    made = ledger(trade("100", "10", "1", "a"), trade("-30", "12", "1", "b"))
    made.correct(2, None)
    assert made.holding == ledger(trade("100", "10", "1")).holding
    made.correct(1, None)
    assert made.holding == FLAT


def test_at_midnight_the_realised_profit_and_the_day_begin_anew() -> None:
    made = ledger(trade("100", "10", "1"), trade("-40", "12", "1"))
    made.begin_day(Decimal(660))
    assert made.holding == holding("60", "600.6")
    assert list(made.trades()) == []
    assert made.daily(Decimal(660)) == 0
    made.book(9, trade("-60", "11.50", "1"))
    assert made.daily(Decimal(0)) == Decimal(29)
    assert made.holding.realized == Decimal("88.4")


TRADES = st.lists(
    st.builds(
        Trade,
        st.just("e"),
        st.integers(-300, 300).filter(bool).map(Decimal),
        st.decimals("0.01", "500", places=2),
        st.decimals("0", "9", places=4),
    ),
    max_size=12,
)


@given(TRADES, st.sampled_from([Decimal(1), Decimal(100)]))
def test_realised_profit_less_cost_is_all_cash_that_came_in(
    trades: list[Trade], multiplier: Decimal
) -> None:
    held, cash = FLAT, Decimal(0)
    for each in trades:
        held = booked(held, each, multiplier)
        cash += -(each.quantity * each.price * multiplier) - each.commission
        assert held.realized - held.cost == cash
    if not held.quantity:
        assert held.cost == 0


@given(TRADES.filter(bool), st.data())
def test_correcting_any_trade_is_as_if_it_had_been_so_from_the_start(
    trades: list[Trade], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(trades) - 1))
    new = data.draw(st.sampled_from([None, trade("7", "3.21", "0.5"), trade("-7", "3.21")]))
    corrected = ledger(*trades)
    corrected.correct(at + 1, new)
    expected = ledger(*trades[:at], *([new] if new else []), *trades[at + 1 :])
    assert corrected.holding == expected.holding
