"""How many entries there have been, and how fast."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.limits.entries import Entry, EntryLog
from tests.domain.limits.samples import DAY, NOW, OTHER_TRADE, key

YESTERDAY = DAY - timedelta(days=1)
SECOND_KEY = key(trade=OTHER_TRADE)


def entry(number: int, at: datetime = NOW, symbol: str = "AAPL", day: date = DAY) -> Entry:
    return Entry(at, key(leg=number), symbol, day)


def log(*entries: Entry) -> EntryLog:
    book = EntryLog()
    for each in entries:
        book = book.with_entry(each)
    return book


@pytest.mark.req("S3.4")
def test_an_order_counts_once_however_often_it_is_admitted() -> None:
    again = entry(1, at=NOW + timedelta(hours=2))

    assert log(entry(1), again) == EntryLog((entry(1),))


@pytest.mark.req("S3.4")
def test_each_trading_day_is_counted_apart() -> None:
    book = log(entry(1, day=YESTERDAY), entry(2), entry(3))

    assert book.count_on(YESTERDAY) == 1
    assert book.count_on(DAY) == 2
    assert book.count_on(DAY + timedelta(days=1)) == 0


@pytest.mark.parametrize(("number", "count"), [(1, 2), (2, 2), (3, 2), (4, 3)])
@pytest.mark.req("S3.4")
def test_a_new_order_would_be_one_more_and_a_known_one_is_not(number: int, count: int) -> None:
    book = log(entry(1, day=YESTERDAY), entry(2), entry(3))

    assert book.count_with(key(leg=number), DAY) == count


@pytest.mark.parametrize(
    ("age", "kept"),
    [
        (timedelta(days=1) - timedelta(microseconds=1), True),
        (timedelta(days=1), False),
        (timedelta(days=4), False),
    ],
)
def test_an_entry_of_an_earlier_day_is_kept_for_a_day(age: timedelta, *, kept: bool) -> None:
    old = entry(1, at=NOW - age, day=YESTERDAY)

    assert (old in log(old, entry(2)).entries) is kept


@pytest.mark.req("S3.4")
def test_an_entry_of_the_same_day_is_kept_over_a_weekend() -> None:
    friday_evening = entry(1, at=NOW - timedelta(days=3))

    assert log(friday_evening, entry(2)).count_on(DAY) == 2


@pytest.mark.req("S3.4")
def test_the_last_entry_is_of_the_symbol_and_not_the_order_itself() -> None:
    early, late = NOW, NOW + timedelta(seconds=5)
    book = log(entry(1, late), entry(2, early), entry(3, late, "MSFT"))

    assert book.last_at("AAPL", SECOND_KEY) == late
    assert book.last_at("AAPL", key(leg=1)) == early
    assert book.last_at("MSFT", key(leg=3)) is None
    assert book.last_at("SPY", SECOND_KEY) is None


@given(st.permutations([entry(n, at=NOW + timedelta(seconds=n % 3)) for n in range(6)]))
def test_entries_of_a_day_make_the_same_log_in_any_order(entries: list[Entry]) -> None:
    assert log(*entries, *entries) == EntryLog(tuple(sorted(entries)))


@pytest.mark.parametrize(
    "entries",
    [
        (entry(2, NOW + timedelta(1)), entry(1)),
        (entry(1), entry(1)),
        (entry(1), entry(1, NOW + timedelta(1))),
    ],
)
def test_a_log_stands_in_the_order_of_times_each_key_once(entries: tuple[Entry, ...]) -> None:
    with pytest.raises(ValueError, match=r"^entries stand in the order of their times, each key"):
        EntryLog(entries)
