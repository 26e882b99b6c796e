"""Which executions count, and what they cost."""

from decimal import Decimal

import pytest

from backstay.domain.orders.executions import (
    ExecutionHistory,
    execution_histories,
    execution_id_parts,
)
from backstay.domain.orders.reports import BrokerReport, CommissionReported, ExecutionReported
from backstay.domain.sides import Side
from tests.domain.orders.told import cost, facts, fill


def history(*reports: BrokerReport) -> ExecutionHistory:
    (only,) = execution_histories(facts(*reports))
    return only


@pytest.mark.parametrize(
    ("exec_id", "parts"),
    [
        ("0000e0d5.65f1a2b3.01.01", ("0000e0d5.65f1a2b3.01", 1)),
        ("0000e0d5.65f1a2b3.01.02", ("0000e0d5.65f1a2b3.01", 2)),
        ("0000e0d5.65f1a2b3.01.10", ("0000e0d5.65f1a2b3.01", 10)),
        ("a.0", ("a", 0)),
        ("a", ("a", 0)),
        ("12", ("12", 0)),
        ("a.", ("a.", 0)),
        (".", (".", 0)),
        (".01", (".01", 0)),
        ("a.b", ("a.b", 0)),
        ("a.1b", ("a.1b", 0)),
        ("a.-1", ("a.-1", 0)),
        ("a. 1", ("a. 1", 0)),
        ("a.²", ("a.²", 0)),
        ("a.٣", ("a.٣", 0)),
        ("a..01", ("a.", 1)),
    ],
)
def test_the_digits_after_the_last_point_are_the_version(
    exec_id: str, parts: tuple[str, int]
) -> None:
    assert execution_id_parts(exec_id) == parts


@pytest.mark.req("S4.2", "I4")
@pytest.mark.parametrize(
    ("reports", "standing"),
    [
        ((fill("e.1.01", 1), fill("e.1.02", 2)), fill("e.1.02", 2)),
        ((fill("e.1.02", 2), fill("e.1.01", 1)), fill("e.1.02", 2)),
        ((fill("e.1.09", 9), fill("e.1.10", 1)), fill("e.1.10", 1)),
        ((fill("e.1.01", 5), fill("e.1.02", 0)), fill("e.1.02", 0)),
        ((fill("e.1.01", 5), fill("e.1.02", 0), fill("e.1.03", 4)), fill("e.1.03", 4)),
        ((fill("e", 1), fill("e.01", 2)), fill("e.01", 2)),
    ],
)
def test_the_highest_version_replaces_all_others(
    reports: tuple[ExecutionReported, ...], standing: ExecutionReported
) -> None:
    known = history(*reports)
    assert known.standing == standing
    assert known.quantity == standing.quantity


def test_fills_of_different_prefixes_are_different_fills() -> None:
    found = execution_histories(facts(fill("b.1.01", 1), fill("a.1.01", 2), cost("c.1.01")))
    assert [known.prefix for known in found] == ["a.1", "b.1", "c.1"]
    assert [known.quantity for known in found] == [2, 1, 0]


@pytest.mark.parametrize(
    ("one", "standing"),
    [
        (fill(quantity=1), fill(quantity=2)),
        (fill(quantity=1, price="9"), fill(quantity=2, price="1")),
        (fill(price="1"), fill(price="2")),
        (fill(side=Side.BUY), fill(side=Side.SELL)),
        (fill(seconds=1), fill(seconds=2)),
        (fill(perm_id=0), fill(perm_id=7)),
        (fill(perm_id=0, order_id=9), fill(perm_id=7, order_id=5)),
        (fill(order_id=0), fill(order_id=5)),
        (fill("e.01"), fill("e.1")),
    ],
)
def test_where_one_id_is_told_in_two_ways_the_same_one_counts_in_either_sequence(
    one: ExecutionReported, standing: ExecutionReported
) -> None:
    assert history(one, standing).standing == history(standing, one).standing == standing


@pytest.mark.parametrize(
    ("reports", "largest"),
    [
        ((fill("e.1.01", 5),), 5),
        ((fill("e.1.01", 5), fill("e.1.02", 3)), 5),
        ((fill("e.1.01", 5), fill("e.1.02", 8)), 8),
        ((fill("e.1.01", 5), fill("e.1.02", 0)), 5),
        ((cost(),), 0),
    ],
)
def test_the_largest_version_is_remembered(reports: tuple[BrokerReport, ...], largest: int) -> None:
    assert history(*reports).largest_quantity == largest


@pytest.mark.parametrize(
    ("reports", "commission"),
    [
        ((fill(),), None),
        ((fill(), cost("e.1.01")), cost("e.1.01")),
        ((cost("e.1.01"),), cost("e.1.01")),
        ((fill("e.1.01"), fill("e.1.02"), cost("e.1.01")), cost("e.1.01")),
        (
            (fill("e.1.01"), fill("e.1.02"), cost("e.1.01", "9"), cost("e.1.02", "2")),
            cost("e.1.02", "2"),
        ),
        ((fill("e.1.01"), cost("e.1.02", "2")), cost("e.1.02", "2")),
        ((fill("e.1.01", 5), fill("e.1.02", 0), cost("e.1.01")), None),
        ((fill("e.1.01", 5), fill("e.1.02", 0), cost("e.1.02", "0.10")), cost("e.1.02", "0.10")),
        ((fill("e.1.01", 5), fill("e.1.02", 0), cost("e.1.03", "0.10")), cost("e.1.03", "0.10")),
        ((cost("e.1.01", "1"), cost("e.1.01", "2")), cost("e.1.01", "2")),
        ((cost(currency="EUR"), cost(currency="USD")), cost(currency="USD")),
        ((cost("e.01"), cost("e.1")), cost("e.1")),
    ],
)
def test_the_last_cost_heard_of_counts_and_a_bust_owes_only_its_own(
    reports: tuple[BrokerReport, ...], commission: CommissionReported | None
) -> None:
    assert history(*reports).commission == commission
    assert history(*reversed(reports)).commission == commission


@pytest.mark.parametrize(
    ("reports", "conflicts"),
    [
        ((fill(),), ()),
        ((fill(), fill(perm_id=0), fill(order_id=0), fill(seconds=1)), ()),
        (
            (fill(quantity=100), fill(quantity=90)),
            ("execution e.1.01: buy 90 at 10 or buy 100 at 10",),
        ),
        (
            (fill(price="10.50"), fill(price="10.25")),
            ("execution e.1.01: buy 100 at 10.25 or buy 100 at 10.5",),
        ),
        (
            (fill(side=Side.BUY), fill(side=Side.SELL)),
            ("execution e.1.01: buy 100 at 10 or sell 100 at 10",),
        ),
        ((fill(quantity=1), fill(quantity=2), fill("e.1.02", 3)), ()),
        (
            (fill("e.1.01", 3), fill("e.1.02", 1), fill("e.1.02", 2)),
            ("execution e.1.02: buy 1 at 10 or buy 2 at 10",),
        ),
        (
            (cost(amount="1.00"), cost(amount="0.50")),
            ("commission of e.1.01: 0.5 USD or 1 USD",),
        ),
        (
            (cost(currency="USD"), cost(currency="EUR")),
            ("commission of e.1.01: 1 EUR or 1 USD",),
        ),
        ((cost(amount="1"), cost(amount="2"), cost("e.1.02")), ()),
        (
            (fill(quantity=1), fill(quantity=2), cost(amount="1"), cost(amount="2")),
            (
                "execution e.1.01: buy 1 at 10 or buy 2 at 10",
                "commission of e.1.01: 1 USD or 2 USD",
            ),
        ),
    ],
)
def test_what_stands_in_two_ways_is_told_until_a_correction_clears_it(
    reports: tuple[BrokerReport, ...], conflicts: tuple[str, ...]
) -> None:
    assert history(*reports).conflicts == conflicts
    assert history(*reversed(reports)).conflicts == conflicts


def test_equal_numbers_are_no_conflict_and_read_alike() -> None:
    assert history(fill(price="10.0"), fill(price="10.00")).conflicts == ()
    told = (fill(quantity=100), fill(quantity=100, price="1E+1"), fill(quantity=50))
    assert history(*told).conflicts == ("execution e.1.01: buy 50 at 10 or buy 100 at 10",)
    assert history(fill(price="10.0")).quantity == Decimal(100)
