"""What is kept of the reports about one order."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.intent import Limit, Market, OcaGroup, Stop
from backstay.domain.orders.reports import BrokerReport
from backstay.domain.sides import Side
from tests.domain.orders.told import (
    FACTS,
    absence_told,
    at,
    cancel_refused,
    cancelled,
    completed,
    cost,
    described,
    facts,
    fill,
    rejected,
    status,
    through_json,
)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (described(seconds=1), described(seconds=2)),
        (described(seconds=1, quantity=100), described(seconds=2, quantity=60)),
        (status(seconds=1), status(seconds=2)),
        (status(seconds=1, filled=10), status(seconds=2, filled=10)),
        (status(seconds=1, filled=10), status(seconds=2, filled=11)),
        (status(seconds=1, why_held="locate"), status(seconds=2)),
        (completed(seconds=1, filled=10), completed(seconds=2, filled=10)),
        (rejected(1), rejected(2)),
        (cancel_refused(1), cancel_refused(2)),
        (cancelled(1), cancelled(2)),
        (absence_told(1), absence_told(2)),
    ],
)
def test_a_later_report_on_one_subject_makes_the_earlier_one_redundant(
    earlier: BrokerReport, later: BrokerReport
) -> None:
    assert facts(earlier, later) == facts(later, earlier) == OrderFacts((later,))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(described("PreSubmitted"), described("Submitted", 1), id="another word"),
        pytest.param(described(), described(seconds=1, order_id=6), id="another order id"),
        pytest.param(described(), described(seconds=1, perm_id=8), id="another perm id"),
        pytest.param(status("PreSubmitted"), status("Submitted", 1), id="another status"),
        pytest.param(status(), status(seconds=1, order_id=6), id="a status of another order id"),
        pytest.param(status(), status(seconds=1, perm_id=8), id="a status of another perm id"),
        pytest.param(status(filled=2), status(seconds=1, filled=1), id="a larger stale claim"),
        pytest.param(completed("Filled"), completed("Cancelled", 1), id="another completion"),
        pytest.param(completed(), completed(seconds=1, perm_id=8), id="a completed perm id"),
        pytest.param(
            completed(filled=2), completed(seconds=1, filled=1), id="a larger completed claim"
        ),
        pytest.param(rejected(), rejected(1, code=110), id="another code"),
        pytest.param(rejected(), rejected(1, text="margin"), id="another text"),
        pytest.param(rejected(), rejected(1, order_id=6), id="another rejected order id"),
        pytest.param(cancel_refused(), cancel_refused(1, code=161), id="another refusal"),
        pytest.param(cancel_refused(), cancel_refused(1, text="x"), id="another refusal's text"),
        pytest.param(cancel_refused(), cancel_refused(1, order_id=6), id="another refused id"),
        pytest.param(cancelled(), cancelled(1, order_id=6), id="another cancelled order id"),
        pytest.param(absence_told(), absence_told(1, order_id=6), id="another absent order id"),
        pytest.param(absence_told(), absence_told(1, perm_id=8), id="another absent perm id"),
        pytest.param(fill("e.1.01"), fill("e.1.02"), id="a correction"),
        pytest.param(fill(quantity=1), fill(quantity=2), id="a contradicted quantity"),
        pytest.param(fill(price="1"), fill(price="2"), id="a contradicted price"),
        pytest.param(fill(), fill(side=Side.SELL), id="a contradicted side"),
        pytest.param(fill(), fill(seconds=1), id="a contradicted time"),
        pytest.param(fill(), fill(order_id=0), id="a fill without its order id"),
        pytest.param(fill(), fill(perm_id=0), id="a fill without its perm id"),
        pytest.param(cost("e.1.01"), cost("e.1.02"), id="a corrected cost"),
        pytest.param(cost(amount="1"), cost(amount="2"), id="a contradicted cost"),
        pytest.param(cost(currency="USD"), cost(currency="EUR"), id="a contradicted currency"),
        pytest.param(status(), described(seconds=1), id="another kind of message"),
    ],
)
def test_reports_on_two_subjects_are_both_kept(one: BrokerReport, other: BrokerReport) -> None:
    together = facts(one, other)
    assert together == facts(other, one)
    assert set(together.reports) == {one, other}


@pytest.mark.parametrize(
    ("one", "kept"),
    [
        (described(quantity=60), described(quantity=100)),
        (described(side=Side.BUY), described(side=Side.SELL)),
        (described(terms=None), described(terms=Market())),
        (described(terms=Limit(Decimal(9))), described(terms=Limit(Decimal(10)))),
        (described(terms=Limit(Decimal(10))), described(terms=Stop(Decimal(9)))),
        (described(terms=Market()), described(terms=Stop(Decimal(9)))),
        (described(), described(oca=OcaGroup("a", 1))),
        (described(oca=OcaGroup("a", 1)), described(oca=OcaGroup("a", 2))),
        (described(oca=OcaGroup("a", 2)), described(oca=OcaGroup("b", 1))),
        (described(), replace(described(), time_in_force="GTC")),
        (described(), replace(described(), outside_regular_hours=True)),
        (described(), replace(described(), parent_order_id=4)),
        (status(why_held=""), status(why_held="locate")),
        (status(filled=1, why_held="locate"), status(filled=2)),
    ],
)
def test_of_two_different_reports_with_one_stamp_the_same_one_is_kept_in_either_sequence(
    one: BrokerReport, kept: BrokerReport
) -> None:
    assert facts(one, kept) == facts(kept, one) == OrderFacts((kept,))


def test_reports_are_kept_by_kind_then_subject_then_stamp() -> None:
    heard = (
        status("Submitted", 3, filled=1),
        status("Submitted", 1, filled=5),
        status("Filled", 2, filled=9),
        fill("b.1.01"),
        fill("a.1.01"),
        cancelled(),
    )
    assert facts(*heard).reports == (
        cancelled(),
        fill("a.1.01"),
        fill("b.1.01"),
        status("Filled", 2, filled=9),
        status("Submitted", 1, filled=5),
        status("Submitted", 3, filled=1),
    )


def test_of_many_reports_on_one_subject_only_those_on_the_frontier_are_kept() -> None:
    heard = [status(seconds=second, filled=claim) for second, claim in enumerate([1, 7, 3, 5, 2])]
    assert facts(*heard).reports == (heard[1], heard[3], heard[4])


def test_asking_again_and_again_keeps_the_facts_small() -> None:
    heard = [described(seconds=second) for second in range(50)]
    assert facts(*heard, *(status(seconds=second) for second in range(50))).reports == (
        described(seconds=49),
        status(seconds=49),
    )


def test_joining_adds_what_each_side_lacks() -> None:
    left = facts(status(seconds=1), fill("a.1.01"))
    right = facts(status(seconds=2), fill("b.1.01"))
    expected = facts(status(seconds=2), fill("a.1.01"), fill("b.1.01"))
    assert left.join(right) == right.join(left) == expected


def test_reports_told_at_once_are_the_same_facts_as_one_by_one() -> None:
    reports = (fill("b.1.01"), status(seconds=2), status(seconds=1), fill("a.1.01"), status())
    known = facts(cost())
    assert known.with_reports(*reports) == facts(cost(), *reports)
    assert known.with_reports() == known


def test_nothing_heard_is_the_neutral_element() -> None:
    known = facts(status(), fill())
    assert known.join(OrderFacts()) == OrderFacts().join(known) == known
    assert OrderFacts().reports == ()


@pytest.mark.parametrize(
    "reports",
    [
        pytest.param((status(), fill()), id="out of sequence"),
        pytest.param((fill(), fill()), id="repeated"),
        pytest.param((status(seconds=1), status(seconds=2)), id="redundant"),
    ],
)
def test_facts_that_are_not_canonical_are_no_facts(reports: tuple[BrokerReport, ...]) -> None:
    with pytest.raises(ValueError, match="not in their canonical form"):
        OrderFacts(reports)


def test_facts_survive_json() -> None:
    known = facts(
        described(oca=OcaGroup("a", 1), terms=Stop(Decimal("9.50"))),
        status(),
        fill(),
        cost(),
        completed(),
        rejected(),
        cancel_refused(),
        cancelled(),
    )
    assert len(known.reports) == 8
    assert through_json(FACTS, known) == known
    assert known.reports[0] == cancelled()
    assert known.reports[0].received_at == at(0)
