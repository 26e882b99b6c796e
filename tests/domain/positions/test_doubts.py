"""Which entries may not be so, and what taking them back would explain."""

from decimal import Decimal

import pytest

from backstay.domain.positions.answers import ExecutionsAnswer
from backstay.domain.positions.doubts import second_thoughts
from backstay.domain.positions.entries import Cause, Entry, Withdrawal
from backstay.domain.positions.net import net_position
from tests.domain.positions.booked import (
    STOCK,
    adjusted,
    by_hand,
    executed,
    journal,
    minute,
    revalued,
)

NOW = minute(60)
FILL = executed("100", "10", 5, exec_id="f.01.01")


def taken_back(of: str, *, stands: bool = True, version: int = 1) -> Withdrawal:
    return Withdrawal(of, STOCK, stands, NOW, version)


def thoughts(
    *entries: Entry, change: str, listed: tuple[str, ...] = (), since: int = 0
) -> tuple[Withdrawal, ...]:
    answer = ExecutionsAnswer(minute(since), complete=True, exec_ids=listed)
    return second_thoughts(journal(*entries), answer, Decimal(change), NOW)


@pytest.mark.req("S3.5")
def test_an_execution_that_the_broker_does_not_list_is_taken_back() -> None:
    assert thoughts(FILL, change="-100") == (taken_back("f.01"),)


@pytest.mark.req("S3.5")
@pytest.mark.parametrize("change", ["-99", "-101", "100"])
def test_nothing_is_taken_back_that_does_not_agree_to_the_unit(change: str) -> None:
    assert thoughts(FILL, change=change) == ()


@pytest.mark.req("S3.5")
@pytest.mark.parametrize("listed", ["f.01.01", "f.01.02"])
def test_an_execution_that_the_broker_lists_in_any_version_is_not_in_doubt(listed: str) -> None:
    assert thoughts(FILL, change="-100", listed=(listed,)) == ()


@pytest.mark.req("S3.5")
@pytest.mark.parametrize(("since", "in_doubt"), [(4, True), (5, True), (6, False)])
def test_an_execution_from_before_the_answer_begins_is_not_in_doubt(
    since: int, in_doubt: bool
) -> None:
    expected = (taken_back("f.01"),) if in_doubt else ()
    assert thoughts(FILL, change="-100", since=since) == expected


@pytest.mark.req("S3.5")
@pytest.mark.parametrize("cause", list(Cause))
def test_every_adjustment_is_in_doubt_but_what_a_person_said(cause: Cause) -> None:
    expected = () if cause is Cause.ADOPTED else (taken_back("a007"),)
    assert thoughts(adjusted("-40", "10", 7, cause=cause), change="40") == expected


@pytest.mark.req("S3.3", "S3.5")
@pytest.mark.parametrize(("since", "in_doubt"), [(6, True), (7, True), (8, False)])
def test_an_adjustment_from_before_the_answer_begins_is_not_in_doubt(
    since: int, in_doubt: bool
) -> None:
    expected = (taken_back("a007"),) if in_doubt else ()
    assert thoughts(adjusted("-40", "10", 7), change="40", since=since) == expected


def test_of_several_that_would_do_the_latest_is_taken_back() -> None:
    entries = (adjusted("-40", "10", 7), adjusted("-40", "10", 9), adjusted("-40", "10", 8))
    assert thoughts(*entries, change="40") == (taken_back("a009"),)


def test_one_entry_is_preferred_to_all() -> None:
    entries = (FILL, executed("-60", "11", 8), adjusted("-40", "10", 7))
    assert thoughts(*entries, change="60") == (taken_back("e008"),)


def test_all_that_is_in_doubt_is_taken_back_if_only_that_agrees() -> None:
    entries = (FILL, executed("-60", "11", 8), adjusted("-70", "10", 7))
    assert thoughts(*entries, change="30") == (
        taken_back("e008"),
        taken_back("a007"),
        taken_back("f.01"),
    )


def test_part_of_what_is_in_doubt_is_not_tried() -> None:
    entries = (FILL, executed("-60", "11", 8), adjusted("-70", "10", 7))
    assert thoughts(*entries, change="130") == ()


def test_a_revaluation_is_not_in_doubt() -> None:
    assert thoughts(revalued("5", 7), executed("5", "10", 8), change="-5") == (taken_back("e008"),)


@pytest.mark.req("S3.5", "I4")
def test_a_withdrawn_execution_that_the_broker_lists_after_all_is_put_back() -> None:
    assert thoughts(FILL, taken_back("f.01"), change="100", listed=("f.01.01",)) == (
        taken_back("f.01", stands=False, version=2),
    )


def test_a_withdrawn_execution_that_is_still_not_listed_stays_so() -> None:
    assert thoughts(FILL, taken_back("f.01"), change="100") == ()


def test_a_withdrawn_adjustment_is_not_put_back() -> None:
    entry = adjusted("-40", "10", 7)
    assert thoughts(entry, taken_back("a007"), change="-40", listed=("a007",)) == ()


def test_an_execution_can_be_taken_back_again() -> None:
    repealed = (FILL, taken_back("f.01"), taken_back("f.01", stands=False, version=2))
    assert thoughts(*repealed, change="-100") == (taken_back("f.01", version=3),)


@pytest.mark.req("X.2", "I4")
def test_a_close_by_hand_that_was_guessed_makes_way_for_its_execution() -> None:
    guessed = journal(FILL, adjusted("-40", "10", 7))
    told = guessed.with_entries(by_hand("-40", "12.5", 6, exec_id="h.01"))
    answer = ExecutionsAnswer(minute(0), complete=True, exec_ids=("f.01.01", "h.01"))
    assert net_position(told).quantity == Decimal(20)
    mended = told.with_entries(*second_thoughts(told, answer, Decimal(40), NOW))
    assert net_position(mended).quantity == Decimal(60)
    assert net_position(mended).total.realised == Decimal(100)


@pytest.mark.req("X.2")
def test_a_close_by_hand_that_is_taken_back_gives_its_trade_the_shares_again() -> None:
    books = journal(FILL, by_hand("-40", "12", 6, exec_id="h.01"))
    answer = ExecutionsAnswer(minute(0), complete=True, exec_ids=("f.01.01",))
    mended = books.with_entries(*second_thoughts(books, answer, Decimal(40), NOW))
    assert net_position(mended).held_by(FILL.trade) == Decimal(100)
    assert net_position(mended).held_by(None) == 0
