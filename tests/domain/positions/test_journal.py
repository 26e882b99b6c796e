"""What was told of one contract, in any order and any number of times."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.orders.reports import CommissionReported
from backstay.domain.positions.entries import Entry, Withdrawal
from backstay.domain.positions.journal import Journal
from backstay.domain.sides import Side
from tests.domain.positions.booked import (
    OLD,
    STOCK,
    YOUNG,
    adjusted,
    charged,
    executed,
    journal,
    minute,
    revalued,
)

FILL = executed("100", "10.00", 1, exec_id="f.01.01")
CORRECTED = replace(FILL, exec_id="f.01.02", quantity=Decimal(60))
BUST = replace(FILL, exec_id="f.01.03", quantity=Decimal(0))
CLEAR = executed("5", "10", 1, exec_id="c.01")
TAKEN_BACK = Withdrawal("f.01", STOCK, stands=True, at=minute(5))
PUT_BACK = replace(TAKEN_BACK, stands=False, version=2)


@pytest.mark.req("S4.2", "I4")
@pytest.mark.parametrize(
    ("told", "counts"),
    [
        ((FILL,), FILL),
        ((FILL, FILL), FILL),
        ((FILL, CORRECTED), CORRECTED),
        ((CORRECTED, FILL), CORRECTED),
        ((BUST, FILL, CORRECTED), BUST),
    ],
)
def test_of_the_versions_of_an_execution_the_highest_counts_alone(
    told: tuple[Entry, ...], counts: Entry
) -> None:
    assert journal(*told).counting() == (counts,)


def test_the_tenth_correction_replaces_the_ninth() -> None:
    ninth = replace(FILL, exec_id="f.01.9", quantity=Decimal(9))
    tenth = replace(FILL, exec_id="f.01.10", quantity=Decimal(10))
    assert journal(tenth, ninth).counting() == (tenth,)


def test_what_counts_is_told_oldest_first() -> None:
    late = executed("1", "10", 9, exec_id="a.01")
    early = executed("1", "10", 2, exec_id="z.01")
    same_minute = executed("1", "10", 2, exec_id="b.01")
    assert journal(late, early, same_minute).counting() == (same_minute, early, late)


def test_a_later_version_of_an_adjustment_or_revaluation_replaces_the_earlier() -> None:
    estimate, told = adjusted("-5", "10"), adjusted("-5", "10.5", version=2)
    first, second = revalued("3", 1), replace(revalued("4", 1), version=2)
    assert journal(told, estimate, second, first).counting() == (told, second)


def test_a_withdrawn_entry_does_not_count() -> None:
    books = journal(FILL, CORRECTED, TAKEN_BACK, adjusted("1", "1", 7))
    assert books.counting() == (adjusted("1", "1", 7),)
    assert books.withdrawn() == (CORRECTED,)


def test_a_repealed_withdrawal_lets_the_entry_count_again() -> None:
    books = journal(PUT_BACK, FILL, TAKEN_BACK)
    assert books.counting() == (FILL,)
    assert books.withdrawn() == ()
    assert books.withdrawal_of("f.01") == PUT_BACK


def test_nothing_is_known_of_a_withdrawal_that_never_was() -> None:
    assert journal(FILL).withdrawal_of("f.01") is None


def test_of_a_withdrawal_told_both_ways_the_one_that_stands_counts() -> None:
    both_ways = journal(replace(TAKEN_BACK, stands=False), FILL, TAKEN_BACK)
    assert both_ways.counting() == ()
    assert both_ways.conflicts() == ("withdrawal of f.01",)


@pytest.mark.parametrize(
    "other",
    [
        replace(FILL, quantity=Decimal(99)),
        replace(FILL, price=Decimal("9.99")),
        replace(FILL, side=Side.SELL),
        replace(FILL, trade=YOUNG),
    ],
)
def test_an_execution_told_in_two_ways_is_a_conflict(other: Entry) -> None:
    assert journal(FILL, other).conflicts() == ("f.01",)
    assert journal(other, FILL).counting() == journal(FILL, other).counting()


def test_a_revaluation_told_in_two_ways_is_a_conflict() -> None:
    books = journal(revalued("3", 1), revalued("4", 1))
    assert books.conflicts() == ("r001",)
    assert books.counting() == (revalued("4", 1),)


def test_the_same_execution_stamped_twice_is_no_conflict() -> None:
    again = replace(FILL, at=minute(2))
    assert journal(again, FILL).conflicts() == ()
    assert journal(again, FILL).counting() == (again,)


def test_a_conflict_between_replaced_versions_is_over() -> None:
    assert journal(FILL, replace(FILL, quantity=Decimal(99)), CORRECTED).conflicts() == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (replace(FILL, trade=OLD, quantity=Decimal(1)), replace(FILL, trade=None)),
        (replace(FILL, quantity=Decimal(101)), replace(FILL, price=Decimal(99))),
        (replace(FILL, price=Decimal("10.01")), replace(FILL, side=Side.SELL)),
    ],
)
def test_in_a_conflict_the_owner_then_the_larger_quantity_then_the_price_decides(
    one: Entry, other: Entry
) -> None:
    assert journal(one, other).counting() == (one,)


def test_of_an_adjustment_told_twice_the_one_that_is_no_estimate_counts() -> None:
    estimate = adjusted("-5", "10")
    told_price = replace(estimate, estimated=False)
    assert journal(told_price, estimate).counting() == (told_price,)
    assert journal(told_price, estimate).conflicts() == ()


def test_the_conflicts_of_several_names_are_all_told() -> None:
    other = replace(FILL, exec_id="a.01")
    assert journal(
        FILL, replace(FILL, price=Decimal(9)), other, replace(other, price=Decimal(9)), CLEAR
    ).conflicts() == ("a", "f.01")


def test_a_commission_counts_once_and_for_its_execution() -> None:
    books = journal(FILL, executed("5", "10", 8)).with_commissions(
        charged("f.01.01", "1.05"), charged("f.01.01", "1.05"), charged("unknown.01", "9")
    )
    assert books.charges() == {"f.01": charged("f.01.01", "1.05")}


def test_the_commission_of_a_correction_replaces_the_first_one() -> None:
    books = journal(FILL, CORRECTED).with_commissions(
        charged("f.01.02", "0.70"), charged("f.01.01", "1.05")
    )
    assert books.charges() == {"f.01": charged("f.01.02", "0.70")}


def test_a_correction_without_a_commission_of_its_own_keeps_the_first_one() -> None:
    books = journal(FILL, CORRECTED).with_commissions(charged("f.01.01", "1.05"))
    assert books.charges() == {"f.01": charged("f.01.01", "1.05")}


def test_a_bust_costs_nothing_but_what_is_charged_for_itself() -> None:
    busted = journal(FILL, BUST).with_commissions(charged("f.01.02", "1.05"))
    assert busted.charges() == {}
    assert busted.with_commissions(charged("f.01.03", "0.10")).charges() == {
        "f.01": charged("f.01.03", "0.10")
    }


def test_a_withdrawn_execution_and_an_adjustment_cost_nothing() -> None:
    books = journal(FILL, TAKEN_BACK, adjusted("5", "10", 1)).with_commissions(
        charged("f.01.01", "1.05"), charged("a001", "1")
    )
    assert books.charges() == {}


def test_two_commissions_of_one_version_come_out_the_same_in_any_order() -> None:
    low, high, euro = (
        charged("f.01.01", "1.05", "USD"),
        charged("f.01.01", "1.06", "CHF"),
        charged("f.01.01", "1.06", "EUR"),
    )
    for told in ((low, high, euro), (euro, high, low)):
        assert journal(FILL).with_commissions(*told).charges() == {"f.01": euro}


FACTS: tuple[Entry | CommissionReported, ...] = (
    FILL,
    CORRECTED,
    BUST,
    TAKEN_BACK,
    PUT_BACK,
    replace(FILL, trade=None),
    executed("-40", "11", 2, exec_id="g.01"),
    executed("-40", "11", 2, exec_id="g.1"),
    adjusted("-20", "10", 4),
    adjusted("-20", "10", 4, version=2),
    replace(adjusted("-20", "10", 4), estimated=False),
    revalued("7.5", 6),
    charged("f.01.01", "1.05"),
    charged("f.01.03", "0.10"),
    charged("g.01", "1"),
)


def told(facts: list[Entry | CommissionReported]) -> Journal:
    books = journal()
    for fact in facts:
        if isinstance(fact, CommissionReported):
            books = books.with_commissions(fact)
        else:
            books = books.with_entries(fact)
    return books


@pytest.mark.req("S4.2", "I4")
@given(st.permutations(FACTS * 2), st.integers(0, len(FACTS) * 2))
def test_order_repetition_and_batches_make_no_difference(
    facts: list[Entry | CommissionReported], cut: int
) -> None:
    assert told(facts[:cut]).join(told(facts[cut:])) == told(list(FACTS))


def test_what_is_told_is_what_is_kept() -> None:
    books = told(list(FACTS))
    assert set(books.entries) | set(books.commissions) == set(FACTS)


def test_a_journal_survives_the_way_to_another_process() -> None:
    adapter = TypeAdapter(Journal)
    books = told(list(FACTS))
    assert adapter.validate_json(adapter.dump_json(books)) == books


def test_an_entry_about_another_contract_is_refused() -> None:
    stranger = replace(FILL, con_id=1)
    with pytest.raises(ValueError, match=r"^f\.01 is not about contract 265598$"):
        journal(stranger)


@pytest.mark.parametrize(
    "other",
    [
        Journal(1, "USD", Decimal(1)),
        Journal(STOCK, "EUR", Decimal(1)),
        Journal(STOCK, "USD", Decimal(100)),
    ],
)
def test_the_journals_of_two_contracts_are_not_joined(other: Journal) -> None:
    with pytest.raises(ValueError, match=r"are not the same$"):
        journal().join(other)


def test_a_journal_out_of_sequence_is_refused() -> None:
    books = told(list(FACTS))
    with pytest.raises(ValueError, match=r"^the entries of contract 265598 are out of sequence$"):
        replace(books, entries=books.entries[::-1])
    with pytest.raises(ValueError, match=r"^the commissions of contract 265598 are out of"):
        replace(books, commissions=books.commissions[::-1])


@pytest.mark.parametrize("multiplier", ["0", "-1"])
def test_a_multiplier_that_is_not_above_zero_is_refused(multiplier: str) -> None:
    complaint = f"^the multiplier of contract 265598 is {multiplier}; it must be a number above 0$"
    with pytest.raises(ValueError, match=complaint):
        journal(multiplier=multiplier)
