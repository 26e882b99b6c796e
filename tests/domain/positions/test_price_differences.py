"""System against broker: the same quantity at another price."""

from decimal import Decimal

import pytest

from backstay.domain.positions.entries import Entry, Execution, Revaluation
from backstay.domain.positions.findings import Book, DifferenceClass
from backstay.domain.positions.net import net_position
from tests.domain.positions.booked import STOCK, executed
from tests.domain.positions.compared import (
    ASKED,
    LONG,
    SHORT,
    STAMP,
    TOLERANCE,
    compared,
    difference,
    known,
)


@pytest.mark.req("S3.5")
@pytest.mark.parametrize(
    ("theirs", "agrees"),
    [("10.10", True), ("10.11", False), ("9.91", True), ("9.90", False)],
)
def test_a_price_is_the_same_within_the_tolerance(theirs: str, agrees: bool) -> None:
    assert compared(known(LONG), broker={STOCK: "100"}, price=theirs).agrees is agrees


@pytest.mark.req("S3.5")
@pytest.mark.parametrize(
    ("ours", "theirs", "covered"),
    [
        ("10.10", "10", True),
        ("10.1001", "10", False),
        ("9.90", "10", True),
        ("9.8999", "10", False),
        ("0.07", "0.05", True),
        ("0.0701", "0.05", False),
        ("0.03", "0.05", True),
        ("2.02", "2.00", True),
        ("2.0201", "2.00", False),
        ("2.0225", "2.0025", True),
    ],
)
def test_the_tolerance_is_a_percentage_of_the_brokers_price_but_at_least_two_cents(
    ours: str, theirs: str, covered: bool
) -> None:
    assert TOLERANCE.covers(Decimal(ours), Decimal(theirs)) is covered


@pytest.mark.req("S3.5")
@pytest.mark.parametrize(("entry", "worth"), [(LONG, "50"), (SHORT, "-50")])
def test_of_two_prices_the_brokers_is_taken(entry: Execution, worth: str) -> None:
    books = known(entry)
    (found,) = compared(books, broker={STOCK: str(entry.change)}, price="10.5").differences
    revaluation = Revaluation(f"price:{STOCK}:{STAMP}", STOCK, Decimal(worth), ASKED)
    assert found == difference(DifferenceClass.PRICE, "10", "10.5", Book((revaluation,)))
    mended = net_position(books.journal.with_entries(revaluation))
    assert mended.total.average_price == Decimal("10.5")


@pytest.mark.req("S3.5")
@pytest.mark.parametrize(
    ("entries", "broker", "price"),
    [
        ((LONG, executed("-40", "12", 2)), "60", "15"),
        ((LONG,), "100", "0"),
        ((LONG,), "100", "-1"),
        ((LONG, executed("-100", "12", 2)), "0", "15"),
    ],
)
def test_a_price_that_cannot_be_compared_is_no_difference(
    entries: tuple[Entry, ...], broker: str, price: str
) -> None:
    assert compared(known(*entries), broker={STOCK: broker}, price=price).agrees


@pytest.mark.req("S3.5")
def test_a_price_is_not_compared_while_the_quantity_is_different() -> None:
    found = compared(known(LONG), broker={STOCK: "60"}, price="15").differences
    assert [one.what for one in found] == [DifferenceClass.CLOSED_BY_HAND]
