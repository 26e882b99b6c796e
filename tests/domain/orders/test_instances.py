"""The lives of one order, and what is proven of each."""

import pytest
from pydantic import TypeAdapter

from backstay.domain.orders.instances import OrderEnd, OrderInstance, heard_at
from backstay.domain.orders.intent import OcaGroup
from backstay.domain.orders.reports import BrokerReport, OrderStatus
from tests.domain.orders.told import (
    absence_told,
    at,
    cancel_refused,
    cancelled,
    completed,
    cost,
    described,
    fill,
    life,
    lives,
    rejected,
    status,
    through_json,
)

FILLED, REJECTED, CANCELLED = OrderEnd.FILLED, OrderEnd.REJECTED, OrderEnd.CANCELLED
ABSENT = OrderEnd.ABSENT


# What each word proves by itself, in each message that carries one.

PROOFS = {
    "ApiPending": (None, None),
    "PendingSubmit": (None, None),
    "Inactive": (None, REJECTED),
    "PreSubmitted": (None, None),
    "Submitted": (None, None),
    "PendingCancel": (None, None),
    "ApiCancelled": (CANCELLED, CANCELLED),
    "Cancelled": (CANCELLED, CANCELLED),
    "Filled": (FILLED, FILLED),
    "ValidationError": (None, None),
    "filled": (None, None),
    "": (None, None),
}


def test_the_table_of_proofs_names_every_status() -> None:
    assert set(OrderStatus) <= set(PROOFS)


@pytest.mark.req("S0.2")
@pytest.mark.parametrize(("word", "ends"), PROOFS.items())
def test_a_word_proves_an_end_or_nothing(
    word: str, ends: tuple[OrderEnd | None, OrderEnd | None]
) -> None:
    assert life(status(word)).end is ends[0]
    assert life(described(word)).end is ends[0]
    assert life(completed(word)).end is ends[1]


@pytest.mark.req("S0.2")
@pytest.mark.parametrize(
    ("report", "end"),
    [
        (rejected(), REJECTED),
        (cancelled(), CANCELLED),
        (absence_told(), ABSENT),
        (absence_told(order_id=0, perm_id=7), ABSENT),
        (fill(quantity=100), FILLED),
        (fill(quantity=101), FILLED),
        (fill(quantity=99), None),
    ],
)
def test_other_reports_prove_an_end_or_nothing(report: BrokerReport, end: OrderEnd | None) -> None:
    assert life(status(), report).end is end
    assert life(report, status()).end is end


@pytest.mark.parametrize(
    ("reports", "end"),
    [
        ((cancelled(), rejected()), REJECTED),
        ((status("Cancelled"), rejected()), REJECTED),
        ((status("Cancelled"), fill()), FILLED),
        ((rejected(), fill()), FILLED),
        ((rejected(), status("Filled")), FILLED),
        ((status("Cancelled"), completed("Filled")), FILLED),
        ((status("Cancelled"), fill(quantity=99)), CANCELLED),
        ((rejected(), fill(quantity=99)), REJECTED),
        ((absence_told(), cancelled()), CANCELLED),
        ((absence_told(), fill()), FILLED),
        ((absence_told(), fill(quantity=99)), ABSENT),
    ],
)
def test_of_several_ends_the_one_that_explains_the_others_is_named(
    reports: tuple[BrokerReport, ...], end: OrderEnd
) -> None:
    assert life(*reports).end is end


@pytest.mark.parametrize("stale", ["ApiPending", "PreSubmitted", "Submitted", "PendingCancel"])
@pytest.mark.parametrize("proof", [status("Cancelled", 5), completed("Filled", 5), rejected(5)])
def test_no_later_word_takes_a_proof_back(stale: str, proof: BrokerReport) -> None:
    known = life(status(), proof, status(stale, 9))
    assert known.end is not None
    assert not known.is_working
    assert not known.is_cancelling
    assert known.remaining == 0


@pytest.mark.parametrize(
    ("size", "end", "remaining"), [(60, FILLED, 0), (100, FILLED, 0), (101, None, 1)]
)
def test_executions_prove_the_end_only_if_nobody_wants_more(
    size: int, end: OrderEnd | None, remaining: int
) -> None:
    known = life(described(quantity=size), fill(quantity=100))
    assert known.end is end
    assert known.remaining == remaining


def test_an_order_that_its_group_reduced_needs_a_word_for_its_end() -> None:
    reduced = described(quantity=60, oca=OcaGroup("pair", 3))
    assert life(reduced, fill(quantity=60)).end is None
    assert life(reduced, fill(quantity=60)).remaining == 0
    assert life(reduced, fill(quantity=60), status("Filled", filled=60)).end is FILLED


def test_a_bust_takes_back_an_end_that_rested_on_executions_alone() -> None:
    whole = (status(), fill("e.1.01", 100))
    assert life(*whole).end is FILLED
    assert life(*whole, fill("e.1.02", 0)).end is None
    assert life(*whole, fill("e.1.02", 0), status("Filled", 1)).end is FILLED


# Which report is about which life.


def test_a_perm_id_is_a_life() -> None:
    found = lives(status("Cancelled", perm_id=8), status(perm_id=7))
    assert [(known.perm_id, known.end) for known in found] == [(7, None), (8, CANCELLED)]


def test_a_life_collects_all_its_order_ids() -> None:
    known = life(described(order_id=9), status(order_id=5), fill(order_id=6), status(order_id=0))
    assert (known.perm_id, known.order_ids) == (7, (5, 6, 9))


def test_a_completed_order_belongs_to_the_life_of_its_perm_id() -> None:
    known = life(status(order_id=5), completed("Cancelled"))
    assert (known.perm_id, known.order_ids, known.end) == (7, (5,), CANCELLED)


@pytest.mark.parametrize(
    "unnamed",
    [
        status("Cancelled", perm_id=0),
        described("Cancelled", perm_id=0),
        cancelled(),
        rejected(),
        fill(perm_id=0),
    ],
)
def test_a_report_without_perm_id_belongs_to_the_one_life_that_shares_its_order_id(
    unnamed: BrokerReport,
) -> None:
    known = life(status(), unnamed)
    assert known.perm_id == 7
    assert known.end is not None


@pytest.mark.parametrize(
    "unnamed",
    [
        status("Cancelled", perm_id=0),
        described("Cancelled", perm_id=0),
        cancelled(),
        rejected(),
        fill(perm_id=0),
    ],
)
@pytest.mark.req("X.4")
def test_where_several_lives_share_an_order_id_a_report_without_perm_id_proves_nothing(
    unnamed: BrokerReport,
) -> None:
    found = lives(status(perm_id=7), unnamed, status(perm_id=8))
    assert [(known.perm_id, known.end) for known in found] == [(7, None), (8, None)]
    assert [known.executed for known in found] == [0, 0]


def test_a_report_without_perm_id_is_a_life_of_its_own_while_no_other_shares_its_order_id() -> None:
    found = lives(status("ApiCancelled", order_id=5, perm_id=0), status(order_id=6, perm_id=7))
    assert [(known.perm_id, known.order_ids) for known in found] == [(0, (5,)), (7, (6,))]
    assert [known.end for known in found] == [CANCELLED, None]


def test_lives_without_a_perm_id_are_told_apart_by_their_order_ids() -> None:
    found = lives(rejected(order_id=6), status("PendingSubmit", order_id=5, perm_id=0))
    assert [(known.order_ids, known.end) for known in found] == [((5,), None), ((6,), REJECTED)]


@pytest.mark.parametrize("report", [cost(), cancel_refused()])
def test_a_commission_or_a_refused_cancel_is_no_sign_of_life(report: BrokerReport) -> None:
    assert lives(report) == ()


def test_nothing_heard_is_no_life() -> None:
    assert lives() == ()


# What is advice: the last word, the last description.


@pytest.mark.parametrize(
    ("reports", "word"),
    [
        ((status("PreSubmitted", 1), status("Submitted", 2)), "Submitted"),
        ((status("PreSubmitted", 2), status("Submitted", 1)), "PreSubmitted"),
        ((status("PreSubmitted", 1), described("Submitted", 2)), "Submitted"),
        ((status("Submitted", 1), completed("Cancelled", 2)), "Cancelled"),
        ((status("PreSubmitted"), status("Submitted")), "Submitted"),
        ((status("PendingCancel"), status("Submitted")), "PendingCancel"),
        ((status("Inactive"), status("PreSubmitted")), "PreSubmitted"),
        ((status("new word"), status("ApiPending")), "ApiPending"),
        ((status("new word", 1), status("ApiPending")), "new word"),
        ((rejected(),), ""),
    ],
)
def test_the_last_word_is_the_latest_and_of_one_stamp_the_one_further_along(
    reports: tuple[BrokerReport, ...], word: str
) -> None:
    assert life(*reports).status == word
    assert life(*reversed(reports)).status == word


@pytest.mark.parametrize(
    ("reports", "why_held"),
    [
        ((status(),), ""),
        ((described(),), ""),
        ((status(why_held="locate"),), "locate"),
        ((status(why_held="locate"), described(seconds=1)), "locate"),
        ((status("PreSubmitted", why_held="locate"), status("Submitted", 1)), ""),
        ((status("PreSubmitted", 1, why_held="locate"), status("Submitted")), "locate"),
        ((status("PreSubmitted", why_held="locate"), status("Submitted")), ""),
        ((status(filled=5, why_held="a", order_id=6), status(filled=4, why_held="b")), "a"),
        ((status(why_held="a", order_id=6), status(why_held="b")), "b"),
    ],
)
@pytest.mark.req("X.10")
def test_why_an_order_is_held_is_what_its_last_status_says(
    reports: tuple[BrokerReport, ...], why_held: str
) -> None:
    assert life(*reports).why_held == why_held
    assert life(*reversed(reports)).why_held == why_held


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (described(seconds=1, quantity=100), described("PreSubmitted", 2, quantity=60)),
        (described("PreSubmitted", quantity=60), described("Submitted")),
        (described(quantity=60), described(order_id=6)),
    ],
)
def test_the_last_description_is_the_latest_and_decides_what_remains(
    earlier: BrokerReport, later: BrokerReport
) -> None:
    known = life(earlier, later)
    assert known == life(later, earlier)
    assert known.described == later
    assert known.described is not None
    assert known.remaining == known.described.quantity


@pytest.mark.parametrize(
    ("word", "acknowledged", "working", "cancelling"),
    [
        ("ApiPending", False, False, False),
        ("PendingSubmit", False, False, False),
        ("Inactive", False, False, False),
        ("PreSubmitted", True, True, False),
        ("Submitted", True, True, False),
        ("PendingCancel", False, True, True),
        ("ApiCancelled", False, False, False),
        ("Cancelled", False, False, False),
        ("Filled", True, False, False),
        ("new word", False, False, False),
    ],
)
def test_what_each_word_says_of_an_order_without_a_perm_id(
    word: str, *, acknowledged: bool, working: bool, cancelling: bool
) -> None:
    known = life(status(word, perm_id=0))
    assert known.is_acknowledged is acknowledged
    assert known.is_working is working
    assert known.is_cancelling is cancelling


@pytest.mark.parametrize("word", [*OrderStatus, "new word"])
def test_a_perm_id_acknowledges_an_order_whatever_its_word(word: str) -> None:
    assert life(status(word)).is_acknowledged


def test_an_acknowledgement_is_not_taken_back() -> None:
    known = life(status("PreSubmitted", perm_id=0), status("Inactive", 1, perm_id=0))
    assert known.is_acknowledged
    assert not known.is_working


@pytest.mark.parametrize(
    ("reports", "doubtful"),
    [
        ((status("Cancelled", 1), status("Submitted", 2)), True),
        ((status("Cancelled", 1), status("PreSubmitted", 2)), True),
        ((status("Cancelled", 1), status("PendingCancel", 2)), True),
        ((status("Cancelled", 1), described("Submitted", 2)), True),
        ((rejected(1), status("Submitted", 2)), True),
        ((cancelled(1), status("Submitted", 2)), True),
        ((absence_told(1), status("Submitted", 2)), True),
        ((absence_told(2), status("Submitted", 1)), False),
        ((completed("Filled", 1), status("Submitted", 2)), True),
        ((status("Cancelled", 1), status("Submitted", 1)), False),
        ((rejected(1), status("Submitted", 1)), False),
        ((status("Cancelled", 2), status("Submitted", 1)), False),
        ((status("Cancelled", 1), status("Inactive", 2)), False),
        ((status("Cancelled", 1), status("new word", 2)), False),
        ((status("Cancelled", 1), status("Submitted", 2), completed("Cancelled", 3)), False),
        ((status("Cancelled", 1), status("Submitted", 2), fill(quantity=99)), True),
        ((status("Filled", 1), status("Submitted", 2), fill(quantity=100)), False),
        ((fill(), status("Submitted", 2)), False),
        ((status("Submitted", 2),), False),
        ((rejected(),), False),
    ],
)
def test_an_end_is_doubtful_if_the_last_word_is_later_and_says_that_the_order_works(
    reports: tuple[BrokerReport, ...], *, doubtful: bool
) -> None:
    assert life(*reports).is_doubtful is doubtful


def test_an_instance_survives_json() -> None:
    known = life(described(), status(why_held="locate"), fill(quantity=5))
    assert through_json(TypeAdapter(OrderInstance), known) == known


@pytest.mark.parametrize(
    ("report", "seconds"),
    [
        (described(seconds=3), 3),
        (described("PendingSubmit", 3, perm_id=0), None),
        (described("PreSubmitted", 3, perm_id=0), 3),
        (status("PendingSubmit", 4), 4),
        (status("PendingSubmit", 4, perm_id=0), None),
        (completed(seconds=5), 5),
        (fill(), None),
    ],
)
def test_a_report_that_shows_an_order_at_the_broker_says_when(
    report: BrokerReport, seconds: float | None
) -> None:
    assert heard_at(report) == (None if seconds is None else at(seconds))
