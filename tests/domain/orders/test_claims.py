"""What each life of an order has filled, and what is claimed beyond its executions."""

import pytest

from backstay.domain.orders.reports import BrokerReport
from tests.domain.orders.told import completed, described, fill, life, lives, status


@pytest.mark.parametrize(
    ("reports", "executed", "unbooked", "remaining"),
    [
        ((status(),), 0, 0, 100),
        ((status(filled=30),), 0, 30, 100),
        ((status(filled=30), fill(quantity=30)), 30, 0, 70),
        ((status(filled=30), fill(quantity=20)), 20, 10, 80),
        ((status(filled=30), fill(quantity=40)), 40, 0, 60),
        ((status(filled=30), status(seconds=1, filled=10)), 0, 30, 100),
        ((status("Cancelled", filled=30), completed(filled=40)), 0, 40, 0),
        ((completed(filled=40), fill("a", 10), fill("b", 20)), 30, 10, 0),
        ((status(filled=30), fill("e.1.01", 30), fill("e.1.02", 20)), 20, 0, 80),
        ((status(filled=30), fill("e.1.01", 30), fill("e.1.02", 0)), 0, 0, 100),
        ((status(filled=30), fill("e.1.01", 20), fill("e.1.02", 25)), 25, 5, 75),
        ((fill(quantity=120), described(quantity=110)), 120, 0, 0),
        ((described(quantity=110), fill(quantity=105)), 105, 0, 5),
        ((described(quantity=60), fill(quantity=70)), 70, 0, 0),
        ((described("Filled"),), 0, 100, 0),
        ((status("Filled"),), 0, 100, 0),
        ((completed("Filled"),), 0, 100, 0),
        ((described("Filled"), fill(quantity=40)), 40, 60, 0),
        ((described("Filled"), fill(quantity=100)), 100, 0, 0),
        ((described("Filled", quantity=60), fill(quantity=60)), 60, 0, 0),
        ((status(filled=40), described("Filled", 1), fill(quantity=40)), 40, 60, 0),
        ((described("Filled"), status("Filled", filled=60), fill(quantity=60)), 60, 0, 0),
        ((described("Filled"), status("Filled", filled=60), fill(quantity=40)), 40, 20, 0),
        ((status("Filled"), completed("Filled", filled=60), fill(quantity=60)), 60, 0, 0),
        ((status("Filled"), fill("e.1.01", 100), fill("e.1.02", 0)), 0, 0, 0),
    ],
)
@pytest.mark.req("S4.2", "I4")
def test_executions_count_and_claims_beyond_them_are_unbooked(
    reports: tuple[BrokerReport, ...], executed: int, unbooked: int, remaining: int
) -> None:
    known = life(*reports)
    assert known.executed == executed
    assert known.unbooked == unbooked
    assert known.remaining == remaining


@pytest.mark.req("X.4")
def test_each_life_counts_its_own_fills() -> None:
    found = lives(
        status(filled=60, perm_id=7),
        fill("a", 60, perm_id=7),
        status(filled=30, perm_id=8),
        fill("b", 20, perm_id=8),
    )
    assert [known.executed for known in found] == [60, 20]
    assert [known.unbooked for known in found] == [0, 10]
    assert [known.remaining for known in found] == [40, 80]
