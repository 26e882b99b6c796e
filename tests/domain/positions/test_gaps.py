"""Our books beside the broker's, and whether the two can be compared."""

from dataclasses import replace
from datetime import date, timedelta, timezone
from decimal import Decimal

import pytest

from backstay.domain.instruments import OptionTerms, Right
from backstay.domain.positions.answers import BrokerPosition, ExecutionsAnswer, PositionsAnswer
from backstay.domain.positions.gaps import (
    Gap,
    OptionDelivery,
    SystemPosition,
    Undecided,
    gaps_between,
    undecided,
)
from backstay.domain.positions.journal import Journal
from tests.domain.positions.booked import OPTION, STOCK, adjusted, executed, journal, minute

TERMS = OptionTerms(date(2026, 12, 18), Decimal(185), Right.PUT)


def held(quantity: str, price: str = "10", con_id: int = STOCK) -> BrokerPosition:
    return BrokerPosition(con_id, Decimal(quantity), Decimal(price))


def gap(ours: str, theirs: str) -> Gap:
    """One contract with so much in the books and so much at the broker."""
    return gaps_between([SystemPosition(journal(executed(ours, "10")))], [held(theirs)])[0]


@pytest.mark.parametrize(
    ("ours", "theirs", "change", "fraction"),
    [
        ("100", "100", "0", "0"),
        ("100", "60", "-40", "0"),
        ("100", "60.5", "-40", "0.5"),
        ("100", "100.5", "0", "0.5"),
        ("100", "99.5", "-1", "0.5"),
        ("100", "0.5", "-100", "0.5"),
        ("-100", "-99.5", "1", "-0.5"),
        ("0", "0.5", "0", "0.5"),
        ("1.25", "1.25", "0", "0"),
        ("1.25", "1.5", "0", "0.25"),
    ],
)
def test_a_gap_has_a_whole_part_and_a_fraction(
    ours: str, theirs: str, change: str, fraction: str
) -> None:
    assert gap(ours, theirs).change == Decimal(change)
    assert gap(ours, theirs).fraction == Decimal(fraction)


@pytest.mark.parametrize(
    ("ours", "theirs", "closing"),
    [
        ("100", "99", True),
        ("100", "0", True),
        ("100", "-1", False),
        ("100", "100", False),
        ("100", "101", False),
        ("-100", "-99", True),
        ("-100", "0", True),
        ("-100", "1", False),
        ("-100", "-101", False),
        ("0", "1", False),
    ],
)
def test_a_gap_is_closing_if_the_broker_has_less_and_nothing_the_other_way(
    ours: str, theirs: str, closing: bool
) -> None:
    assert gap(ours, theirs).is_closing is closing


def test_every_contract_that_either_side_knows_is_paired() -> None:
    known = SystemPosition(journal(executed("5", "10")))
    both = gaps_between([known], [held("7", con_id=9), held("6")])
    assert [(one.con_id, one.ours, one.theirs) for one in both] == [
        (9, Decimal(0), Decimal(7)),
        (STOCK, Decimal(5), Decimal(6)),
    ]
    assert both[0].known is None
    assert both[1].known == known


def test_a_contract_that_the_broker_does_not_name_is_not_held() -> None:
    (only,) = gaps_between([SystemPosition(journal(executed("5", "10")))], [])
    assert (only.ours, only.theirs, only.broker_price) == (Decimal(5), Decimal(0), Decimal(0))


def test_average_prices_are_cut_to_a_length_that_a_price_needs() -> None:
    books = journal(executed("2", "1", 1), executed("1", "2", 2))
    (only,) = gaps_between([SystemPosition(books)], [held("3", "1.23456789012345")])
    assert only.average_price == Decimal("1.3333333333")
    assert only.broker_price == Decimal("1.2345678901")


def test_a_price_is_nothing_where_nothing_is_held() -> None:
    (unknown,) = gaps_between([], [held("1", "12.5")])
    assert (unknown.average_price, unknown.broker_price) == (Decimal(0), Decimal("12.5"))
    assert gap("0", "0").average_price == 0


def test_a_broker_price_below_zero_is_none() -> None:
    (short,) = gaps_between([], [held("-1", "-0.004")])
    assert short.broker_price == 0


def test_two_journals_of_one_contract_are_refused() -> None:
    twice = SystemPosition(journal())
    with pytest.raises(ValueError, match=r"^a contract has more than one journal$"):
        gaps_between([twice, twice], [])


def contracts(stock_at: int, option_at: int, underlying: int | None = STOCK) -> tuple[Gap, ...]:
    """A stock and an option on it that last traded at these minutes."""
    option = replace(executed("-1", "3", option_at), con_id=OPTION)
    return gaps_between(
        [
            SystemPosition(journal(executed("5", "10", stock_at))),
            SystemPosition(
                Journal(OPTION, "USD", Decimal(100)).with_entries(option),
                option=OptionDelivery(TERMS, underlying),
            ),
        ],
        [held("1", con_id=1)],
    )


@pytest.mark.req("L3")
def test_nothing_is_undecided_if_all_trading_was_before_the_question() -> None:
    assert undecided(contracts(1, 2), minute(3)) == ()


@pytest.mark.req("L3")
@pytest.mark.parametrize(
    ("asked_after", "decided"),
    [(timedelta(0), False), (timedelta(microseconds=999_999), False), (timedelta(seconds=1), True)],
)
def test_a_contract_that_traded_in_the_second_of_the_question_is_undecided(
    asked_after: timedelta, decided: bool
) -> None:
    gaps = gaps_between([SystemPosition(journal(executed("5", "10", 3)))], [held("5")])
    expected = () if decided else (Undecided(STOCK, "it traded"),)
    assert undecided(gaps, minute(3) + asked_after) == expected


@pytest.mark.req("X.7")
def test_a_trade_in_the_underlying_leaves_its_options_undecided() -> None:
    assert undecided(contracts(5, 1), minute(3)) == (
        Undecided(STOCK, "it traded"),
        Undecided(OPTION, "what it delivers traded"),
    )


@pytest.mark.req("X.7")
def test_a_trade_in_an_option_leaves_its_underlying_undecided() -> None:
    assert undecided(contracts(1, 5), minute(3)) == (
        Undecided(STOCK, "what it delivers traded"),
        Undecided(OPTION, "it traded"),
    )


def test_an_option_that_delivers_cash_stands_alone() -> None:
    assert undecided(contracts(1, 5, underlying=None), minute(3)) == (
        Undecided(OPTION, "it traded"),
    )


def test_a_replaced_entry_is_no_trade() -> None:
    books = journal(adjusted("-5", "10", 5), adjusted("-5", "10", 1, version=2))
    moved = replace(adjusted("-5", "10", 1, version=2), name="a005")
    gaps = gaps_between([SystemPosition(books.with_entries(moved))], [])
    assert undecided(gaps, minute(3)) == ()


def test_an_answer_that_names_a_contract_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^the broker's answer names contract 265598 more"):
        PositionsAnswer(minute(0), complete=True, positions=(held("1"), held("1")))


@pytest.mark.req("S0.5")
def test_an_answer_says_in_utc_when_it_was_asked_for() -> None:
    local = minute(0).astimezone(timezone(timedelta(hours=-5)))
    with pytest.raises(ValueError, match=r"^the broker's positions: the time .* is not in UTC$"):
        PositionsAnswer(local, complete=True, positions=())
    with pytest.raises(ValueError, match=r"^the broker's executions: the time .* is not in UTC$"):
        ExecutionsAnswer(local, complete=True, exec_ids=())


def test_a_position_is_a_number_at_a_price_that_is_one() -> None:
    with pytest.raises(ValueError, match=r"^the position in contract 265598 is NaN; it must be a"):
        held("NaN")
    with pytest.raises(ValueError, match=r"^the average price of contract 265598 is Infinity; it"):
        held("1", "Infinity")


def test_an_answer_may_be_empty() -> None:
    assert PositionsAnswer(minute(0), complete=True, positions=()).positions == ()
    assert ExecutionsAnswer(minute(0), complete=True, exec_ids=()).exec_ids == ()
