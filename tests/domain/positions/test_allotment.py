"""Who owns what was traded."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.positions.allotment import Holding, allot_by_hand, ledgers, postings
from backstay.domain.positions.entries import Adjustment, Cause, Entry, Execution
from backstay.domain.positions.journal import Journal
from backstay.domain.positions.ledger import CommissionTotal
from tests.domain.positions.booked import (
    MIDDLE,
    OLD,
    YOUNG,
    adjusted,
    by_hand,
    charged,
    executed,
    journal,
    minute,
    revalued,
)


def holding(trade: str | None, quantity: str) -> Holding:
    return Holding(trade, Decimal(quantity))


def owners(books: Journal) -> dict[str | None, Decimal]:
    return {ledger.trade: ledger.quantity for ledger in ledgers(books)}


THREE = (
    executed("100", "10", 1, trade=OLD),
    executed("50", "11", 2, trade=MIDDLE),
    executed("30", "12", 3, trade=YOUNG),
)
THREE_HOLD = (holding(OLD, "100"), holding(MIDDLE, "50"), holding(YOUNG, "30"))


@pytest.mark.req("X.2")
@pytest.mark.parametrize(
    ("change", "foreign", "shares"),
    [
        ("-1", "0", [(OLD, "-1")]),
        ("-100", "0", [(OLD, "-100")]),
        ("-101", "0", [(OLD, "-100"), (MIDDLE, "-1")]),
        ("-160", "0", [(OLD, "-100"), (MIDDLE, "-50"), (YOUNG, "-10")]),
        ("-180", "0", [(OLD, "-100"), (MIDDLE, "-50"), (YOUNG, "-30")]),
        ("-190", "0", [(OLD, "-100"), (MIDDLE, "-50"), (YOUNG, "-30"), (None, "-10")]),
        ("40", "0", [(None, "40")]),
        ("-40", "60", [(None, "-40")]),
        ("-60", "60", [(None, "-60")]),
        ("-70", "60", [(OLD, "-10"), (None, "-60")]),
        ("-250", "60", [(OLD, "-100"), (MIDDLE, "-50"), (YOUNG, "-30"), (None, "-70")]),
        ("-300", "60", [(OLD, "-100"), (MIDDLE, "-50"), (YOUNG, "-30"), (None, "-120")]),
        ("40", "-60", [(None, "40")]),
        ("-40", "-60", [(OLD, "-40")]),
        ("0", "60", [(None, "0")]),
    ],
)
def test_what_was_traded_by_hand_undoes_hand_trades_then_closes_the_oldest_trade_first(
    change: str, foreign: str, shares: list[tuple[str | None, str]]
) -> None:
    allotted = allot_by_hand(Decimal(change), Decimal(foreign), THREE_HOLD)
    assert allotted == tuple(holding(trade, quantity) for trade, quantity in shares)


@pytest.mark.parametrize(
    ("change", "shares"),
    [
        ("120", [(OLD, "100"), (MIDDLE, "20")]),
        ("-5", [(None, "-5")]),
        ("200", [(OLD, "100"), (MIDDLE, "50"), (YOUNG, "30"), (None, "20")]),
    ],
)
def test_short_trades_are_closed_by_hand_in_the_same_way(
    change: str, shares: list[tuple[str | None, str]]
) -> None:
    short = tuple(replace(one, quantity=-one.quantity) for one in THREE_HOLD)
    allotted = allot_by_hand(Decimal(change), Decimal(0), short)
    assert allotted == tuple(holding(trade, quantity) for trade, quantity in shares)


@pytest.mark.req("X.2")
def test_a_close_by_hand_lands_in_the_ledgers_of_the_oldest_trades() -> None:
    closed = journal(*THREE, by_hand("-120", "13", 4))
    assert owners(closed) == {OLD: 0, MIDDLE: 30, YOUNG: 30}
    assert [ledger.realised for ledger in ledgers(closed)] == [300, 40, 0]


@pytest.mark.req("X.2")
def test_a_trade_opened_by_hand_is_nobodys_here() -> None:
    assert owners(journal(by_hand("70", "9", 0), *THREE)) == {
        OLD: 100,
        MIDDLE: 50,
        YOUNG: 30,
        None: 70,
    }


def test_oldest_is_the_trade_whose_first_entry_is_the_earliest() -> None:
    books = journal(
        executed("10", "10", 2, trade=OLD),
        executed("10", "10", 1, trade=YOUNG),
        executed("10", "10", 3, trade=YOUNG),
        by_hand("-15", "10", 4),
    )
    assert owners(books) == {YOUNG: 5, OLD: 10}
    assert [ledger.trade for ledger in ledgers(books)] == [YOUNG, OLD]


def test_foreign_stands_last_although_it_was_first() -> None:
    books = journal(by_hand("5", "10", 0), *THREE)
    assert [ledger.trade for ledger in ledgers(books)] == [OLD, MIDDLE, YOUNG, None]


def test_nothing_told_is_nobodys_ledger() -> None:
    assert ledgers(journal()) == ()
    assert postings(journal()) == ()


def test_an_order_of_ours_belongs_to_its_trade_even_through_zero() -> None:
    books = journal(*THREE, by_hand("-100", "13", 4), executed("-100", "13", 5, trade=OLD))
    assert owners(books) == {OLD: -100, MIDDLE: 50, YOUNG: 30}


@pytest.mark.req("X.2", "I4")
def test_an_exit_found_late_moves_the_close_by_hand_to_the_next_trade() -> None:
    before = journal(*THREE, by_hand("-50", "13", 9))
    assert owners(before) == {OLD: 50, MIDDLE: 50, YOUNG: 30}
    after = before.with_entries(executed("-100", "9", 5, trade=OLD))
    assert owners(after) == {OLD: 0, MIDDLE: 0, YOUNG: 30}


@pytest.mark.req("X.2", "I4")
def test_the_bust_of_a_close_by_hand_gives_the_trades_back_what_it_took() -> None:
    hand = by_hand("-120", "13", 4, exec_id="h.01")
    bust = replace(hand, exec_id="h.02", quantity=Decimal(0))
    assert owners(journal(*THREE, hand, bust)) == {OLD: 100, MIDDLE: 50, YOUNG: 30, None: 0}


@pytest.mark.req("X.7")
def test_an_expiry_closes_every_owner() -> None:
    expiry = adjusted("-185", "0", 5, cause=Cause.EXPIRED)
    assert owners(journal(by_hand("5", "1", 0), *THREE, expiry)) == {
        OLD: 0,
        MIDDLE: 0,
        YOUNG: 0,
        None: 0,
    }


def test_an_adjustment_that_names_its_trade_is_not_allotted() -> None:
    correction = replace(adjusted("-10", "10", 5), trade=YOUNG)
    assert owners(journal(*THREE, correction)) == {OLD: 100, MIDDLE: 50, YOUNG: 20}


@pytest.mark.req("S3.5")
def test_a_revaluation_changes_no_trade() -> None:
    books = journal(*THREE, revalued("25", 5))
    assert [ledger.cost for ledger in ledgers(books)] == [1000, 550, 360, 0]
    assert ledgers(books)[-1].realised == Decimal(-25)


def test_the_commission_of_a_close_by_hand_follows_the_quantity_to_its_last_digit() -> None:
    books = journal(*THREE, by_hand("-190", "13", 4, exec_id="h.01"))
    booked = postings(books.with_commissions(charged("h.01", "1")))[3:]
    assert [(one.trade, one.commission) for one in booked] == [
        (OLD, CommissionTotal("USD", Decimal("0.5263157895"))),
        (MIDDLE, CommissionTotal("USD", Decimal("0.2631578947"))),
        (YOUNG, CommissionTotal("USD", Decimal("0.1578947369"))),
        (None, CommissionTotal("USD", Decimal("0.0526315789"))),
    ]


def test_a_bust_that_is_charged_for_costs_its_trade() -> None:
    bust = executed("0", "10", 1, exec_id="b.02")
    books = journal(bust).with_commissions(charged("b.02", "0.30"))
    (ledger,) = ledgers(books)
    assert ledger.commissions == (CommissionTotal("USD", Decimal("0.30")),)


def test_a_posting_tells_its_entry_time_and_price() -> None:
    (booked,) = postings(journal(executed("-7", "10.25", 3)))
    assert (booked.name, booked.at, booked.price) == ("e003", minute(3), Decimal("10.25"))
    assert (booked.change, booked.worth, booked.commission) == (Decimal(-7), Decimal(0), None)


def test_a_revaluation_posts_its_worth_and_no_price() -> None:
    (booked,) = postings(journal(revalued("-2.5", 3)))
    assert (booked.trade, booked.change, booked.price) == (None, Decimal(0), Decimal(0))
    assert booked.worth == Decimal("-2.5")


def test_a_holding_survives_the_way_to_another_process() -> None:
    adapter = TypeAdapter(tuple[Holding, ...])
    held = (holding(OLD, "5"), holding(None, "-3"))
    assert adapter.validate_json(adapter.dump_json(held)) == held


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Entry], list[Entry]]:
    """What was told of one contract, corrections and busts included, and what counts of it."""
    told: list[Entry] = []
    counts: list[Entry] = []
    for number in range(draw(st.integers(0, 10))):
        versions = [
            executed(
                str(draw(st.integers(-60, 60))),
                str(draw(st.decimals("1", "200", places=2))),
                draw(st.integers(0, 6)),
                trade=draw(st.sampled_from([OLD, MIDDLE, YOUNG, None])),
                exec_id=f"x{number}.{version:02}",
            )
            for version in range(1, draw(st.integers(1, 3)) + 1)
        ]
        told += versions
        counts.append(versions[-1])
    return told, counts


@pytest.mark.req("I10", "I4", "S4.2")
@given(histories(), st.randoms(use_true_random=False))
def test_the_ledgers_hold_exactly_what_counts_in_whatever_order_it_is_told(
    history: tuple[list[Entry], list[Entry]], random: object
) -> None:
    told, counts = history
    shuffled = [*told, *told]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    books = journal()
    for entry in shuffled:
        books = books.with_entries(entry)
    assert ledgers(books) == ledgers(journal(*told))
    executions = [entry for entry in counts if isinstance(entry, Execution | Adjustment)]
    quantity = sum((entry.change for entry in executions), Decimal(0))
    paid = sum((entry.change * entry.price for entry in executions), Decimal(0))
    assert sum((ledger.quantity for ledger in ledgers(books)), Decimal(0)) == quantity
    assert sum((ledger.cash for ledger in ledgers(books)), Decimal(0)) == -paid


@given(histories())
def test_commissions_are_conserved_over_all_owners(
    history: tuple[list[Entry], list[Entry]],
) -> None:
    _, counts = history
    executions = [entry for entry in counts if isinstance(entry, Execution)]
    books = journal(*executions).with_commissions(
        *(charged(entry.exec_id, "1.07") for entry in executions)
    )
    total = sum(
        (charge.amount for ledger in ledgers(books) for charge in ledger.commissions), Decimal(0)
    )
    assert total == Decimal("1.07") * len(executions)


@pytest.mark.req("X.2")
@given(histories())
def test_a_close_by_hand_never_takes_a_trade_through_zero(
    history: tuple[list[Entry], list[Entry]],
) -> None:
    _, counts = history
    held: dict[str | None, Decimal] = {}
    ours = {entry.name: entry.trade for entry in counts if isinstance(entry, Execution)}
    for booked in postings(journal(*counts)):
        before = held.get(booked.trade, Decimal(0))
        held[booked.trade] = before + booked.change
        if booked.trade is not None and ours[booked.name] is None:
            assert before * held[booked.trade] >= 0
            assert abs(held[booked.trade]) < abs(before)
