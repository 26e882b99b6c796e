"""The arithmetic of one owner's position."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.money import ExchangeRate, ExchangeRates
from backstay.domain.positions.ledger import (
    CommissionTotal,
    Ledger,
    Posting,
    closing_part,
    portion,
)
from tests.domain.positions.booked import OLD, STOCK, minute


def posting(change: str, price: str = "0", **more: object) -> Posting:
    return replace(
        Posting(OLD, "e", minute(0), Decimal(change), Decimal(price)),
        **more,  # type: ignore[arg-type]
    )


def ledger(*postings: Posting, multiplier: str = "1") -> Ledger:
    return Ledger(STOCK, "USD", Decimal(multiplier), OLD).after(postings)


def standing(booked: Ledger) -> tuple[str, ...]:
    """Quantity, cost and realised profit as plain texts."""
    figures = (booked.quantity, booked.cost, booked.realised)
    return tuple(f"{figure.normalize():f}" for figure in figures)


@pytest.mark.parametrize(
    ("trades", "expected"),
    [
        ([], ("0", "0", "0")),
        ([("100", "10")], ("100", "1000", "0")),
        ([("100", "10"), ("100", "12")], ("200", "2200", "0")),
        ([("100", "10"), ("100", "12"), ("-50", "13")], ("150", "1650", "100")),
        ([("100", "10"), ("-100", "9")], ("0", "0", "-100")),
        ([("100", "10"), ("-160", "12")], ("-60", "-720", "200")),
        ([("-100", "10")], ("-100", "-1000", "0")),
        ([("-100", "10"), ("-100", "8")], ("-200", "-1800", "0")),
        ([("-100", "10"), ("40", "9")], ("-60", "-600", "40")),
        ([("-100", "10"), ("100", "11")], ("0", "0", "-100")),
        ([("-100", "10"), ("130", "9")], ("30", "270", "100")),
        ([("100", "10"), ("-100", "11"), ("50", "20")], ("50", "1000", "100")),
        ([("0", "10")], ("0", "0", "0")),
        ([("5", "0")], ("5", "0", "0")),
    ],
)
def test_a_position_is_carried_at_cost_and_closed_at_the_average(
    trades: list[tuple[str, str]], expected: tuple[str, ...]
) -> None:
    assert standing(ledger(*(posting(change, price) for change, price in trades))) == expected


def test_money_counts_the_multiplier() -> None:
    options = ledger(posting("2", "3.5"), posting("-1", "4.25"), multiplier="100")
    assert standing(options) == ("1", "350", "75")
    assert options.average_price == Decimal("3.5")


def test_the_average_price_is_that_of_a_unit_and_none_when_flat() -> None:
    assert ledger(posting("100", "10"), posting("300", "12")).average_price == Decimal("11.5")
    assert ledger(posting("-100", "10"), posting("-300", "12")).average_price == Decimal("11.5")
    assert ledger().average_price is None


def test_a_partial_close_leaves_the_average_price_alone() -> None:
    grown = (posting("100", "10"), posting("300", "12"))
    assert ledger(*grown, posting("-150", "20")).average_price == Decimal("11.5")


def test_a_cost_without_a_last_decimal_is_rounded_once_and_never_lost() -> None:
    thirds = ledger(posting("3", "1"), posting("4", "1.75"), posting("-1", "2"))
    assert standing(thirds) == ("6", "8.5714285714", "0.5714285714")
    assert thirds.cash == Decimal(-8)
    closed = thirds.after([posting("-6", "2")])
    assert standing(closed) == ("0", "0", "4")


def test_cash_is_what_was_received_less_what_was_paid() -> None:
    assert ledger(posting("100", "10")).cash == Decimal(-1000)
    assert ledger(posting("-100", "10"), posting("40", "9")).cash == Decimal(640)


@pytest.mark.parametrize(
    ("change", "price", "profit"),
    [("100", "12", "200"), ("100", "9", "-100"), ("-100", "12", "-200"), ("-100", "9", "100")],
)
def test_the_open_profit_is_what_closing_would_realise(
    change: str, price: str, profit: str
) -> None:
    opened = ledger(posting(change, "10"))
    assert opened.open_profit(Decimal(price)) == Decimal(profit)
    assert opened.after([posting(str(-Decimal(change)), price)]).realised == Decimal(profit)


def test_an_open_profit_counts_the_multiplier() -> None:
    options = ledger(posting("2", "3.5"), multiplier="100")
    assert options.open_profit(Decimal(4)) == Decimal(100)


def test_what_is_flat_has_no_open_profit() -> None:
    assert ledger().open_profit(Decimal(10)) == 0


def test_a_revaluation_moves_the_cost_of_what_is_open() -> None:
    raised = ledger(posting("100", "10"), posting("0", worth=Decimal(5)))
    assert standing(raised) == ("100", "1005", "0")
    assert standing(ledger(posting("-100", "10"), posting("0", worth=Decimal(5)))) == (
        "-100",
        "-995",
        "0",
    )


def test_a_revaluation_of_nothing_is_realised_at_once() -> None:
    flat = ledger(posting("100", "10"), posting("-100", "10"), posting("0", worth=Decimal(5)))
    assert standing(flat) == ("0", "0", "-5")


def test_commissions_add_up_by_currency_and_leave_the_profit_alone() -> None:
    booked = ledger(
        posting("1", "10", commission=CommissionTotal("USD", Decimal("1.05"))),
        posting("1", "10", commission=CommissionTotal("EUR", Decimal("0.50"))),
        posting("1", "10"),
        posting("-1", "10", commission=CommissionTotal("USD", Decimal("-0.20"))),
    )
    assert booked.commissions == (
        CommissionTotal("EUR", Decimal("0.50")),
        CommissionTotal("USD", Decimal("0.85")),
    )
    assert booked.realised == 0


@pytest.mark.req("X.10")
def test_the_result_in_base_is_the_profit_less_commissions_each_at_its_rate() -> None:
    booked = ledger(
        posting("100", "10", commission=CommissionTotal("USD", Decimal(2))),
        posting("-100", "11", commission=CommissionTotal("CHF", Decimal(3))),
    )
    rates = ExchangeRates(
        "EUR", (ExchangeRate("USD", Decimal("0.9")), ExchangeRate("CHF", Decimal("1.1")))
    )
    assert booked.realised_in_base(rates) == Decimal("84.9")


@pytest.mark.req("X.10")
@pytest.mark.parametrize("known", ["USD", "CHF"])
def test_there_is_no_result_in_base_while_a_rate_is_missing(known: str) -> None:
    booked = ledger(posting("1", "10", commission=CommissionTotal("CHF", Decimal(3))))
    rates = ExchangeRates("EUR", (ExchangeRate(known, Decimal(1)),))
    assert booked.realised_in_base(rates) is None


@pytest.mark.parametrize(
    ("changes", "only_grown"),
    [
        ([], True),
        (["5"], True),
        (["5", "3"], True),
        (["5", "-1"], False),
        (["5", "-1", "3"], False),
        (["5", "-5"], True),
        (["5", "-1", "-4", "2"], True),
        (["5", "-1", "-6"], True),
        (["5", "-6"], True),
        (["-5", "1"], False),
        (["-5", "1", "-3"], False),
        (["-5", "1", "5"], True),
        (["5", "0"], True),
        (["5", "-1", "0"], False),
    ],
)
def test_a_position_has_only_grown_until_a_part_of_it_is_closed(
    changes: list[str], only_grown: bool
) -> None:
    assert ledger(*(posting(change, "10") for change in changes)).only_grown is only_grown


@pytest.mark.parametrize(
    ("quantity", "change", "closing"),
    [
        ("5", "-3", "-3"),
        ("5", "-5", "-5"),
        ("5", "-8", "-5"),
        ("5", "3", "0"),
        ("-5", "3", "3"),
        ("-5", "5", "5"),
        ("-5", "8", "5"),
        ("-5", "-3", "0"),
        ("0", "3", "0"),
        ("0", "-3", "0"),
        ("5", "0", "0"),
        ("-5", "0", "0"),
        ("0.5", "-1", "-0.5"),
        ("1", "-0.5", "-0.5"),
        ("1", "3", "0"),
    ],
)
def test_the_closing_part_of_a_change_goes_as_far_as_zero(
    quantity: str, change: str, closing: str
) -> None:
    assert closing_part(Decimal(quantity), Decimal(change)) == Decimal(closing)


@pytest.mark.parametrize(
    ("amount", "part", "whole", "share"),
    [
        ("10", "1", "4", "2.5"),
        ("10", "1", "3", "3.3333333333"),
        ("10", "2", "3", "6.6666666667"),
        ("1", "1", "20000000000", "1E-10"),
        ("-1", "1", "20000000000", "-1E-10"),
        ("0.9", "1", "20000000000", "0"),
        ("-10", "1", "3", "-3.3333333333"),
        ("0.123456789012345", "7", "7", "0.123456789012345"),
        ("10", "0", "0", "10"),
    ],
)
def test_a_portion_is_rounded_at_the_tenth_decimal_and_the_whole_is_exact(
    amount: str, part: str, whole: str, share: str
) -> None:
    assert portion(Decimal(amount), Decimal(part), Decimal(whole)) == Decimal(share)


quantities = st.integers(-500, 500).map(Decimal)
prices = st.decimals("0", "5000", places=4)


def paid(postings: Iterable[Posting], multiplier: Decimal) -> Decimal:
    """The cash that went out, counted as naively as can be."""
    trades = sum((one.change * one.price * multiplier for one in postings), Decimal(0))
    return trades + sum((one.worth for one in postings), Decimal(0))


@pytest.mark.req("I10")
@given(
    st.lists(st.tuples(quantities, prices), max_size=25),
    st.sampled_from([Decimal(1), Decimal(100), Decimal("0.1")]),
)
def test_money_is_conserved_to_the_last_digit(
    trades: list[tuple[Decimal, Decimal]], multiplier: Decimal
) -> None:
    booked = [Posting(OLD, "e", minute(0), change, price) for change, price in trades]
    after = Ledger(STOCK, "USD", multiplier, OLD).after(booked)
    assert after.quantity == sum((one.change for one in booked), Decimal(0))
    assert after.cash == -paid(booked, multiplier)
    closed = after.after([Posting(OLD, "x", minute(1), -after.quantity, Decimal(7))])
    assert closed.quantity == closed.cost == 0
    assert closed.realised == -paid(booked, multiplier) + after.quantity * 7 * multiplier


@pytest.mark.req("I10")
@given(st.lists(st.tuples(quantities, prices, prices), max_size=15))
def test_revaluations_conserve_money_as_well(
    trades: list[tuple[Decimal, Decimal, Decimal]],
) -> None:
    booked = [
        one
        for change, price, worth in trades
        for one in (
            Posting(OLD, "e", minute(0), change, price),
            Posting(OLD, "r", minute(0), Decimal(0), Decimal(0), worth - 2500),
        )
    ]
    assert Ledger(STOCK, "USD", Decimal(1), OLD).after(booked).cash == -paid(booked, Decimal(1))


@given(st.lists(st.tuples(quantities, prices), max_size=12))
def test_buying_and_selling_are_mirror_images(trades: list[tuple[Decimal, Decimal]]) -> None:
    there = [Posting(OLD, "e", minute(0), change, price) for change, price in trades]
    back = [replace(one, change=-one.change) for one in there]
    one, other = ledger(*there), ledger(*back)
    assert (other.quantity, other.cost, other.realised) == (-one.quantity, -one.cost, -one.realised)
    assert (other.average_price, other.only_grown) == (one.average_price, one.only_grown)


def test_a_flat_ledger_with_a_cost_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^contract 265598 is flat and has a cost of 5$"):
        Ledger(STOCK, "USD", Decimal(1), cost=Decimal(5))


@pytest.mark.parametrize("multiplier", ["0", "-1"])
def test_a_multiplier_that_is_not_above_zero_is_refused(multiplier: str) -> None:
    complaint = f"^the multiplier of contract 265598 is {multiplier}; it must be a number above 0$"
    with pytest.raises(ValueError, match=complaint):
        ledger(multiplier=multiplier)


def test_ledgers_and_postings_survive_the_way_to_another_process() -> None:
    charge = CommissionTotal("USD", Decimal("1.05"))
    booked = posting("3", "1.5", commission=charge)
    postings, ledgers = TypeAdapter(Posting), TypeAdapter(Ledger)
    assert postings.validate_json(postings.dump_json(booked)) == booked
    assert ledgers.validate_json(ledgers.dump_json(ledger(booked))) == ledger(booked)
