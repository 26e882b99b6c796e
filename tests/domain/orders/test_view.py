"""What the facts about an order amount to."""

from decimal import Decimal

import pytest

from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.reports import BrokerReport
from backstay.domain.orders.view import CommissionTotal, view_of
from backstay.domain.sides import Side
from tests.domain.orders.told import (
    VIEWS,
    at,
    cancel_refused,
    cancelled,
    completed,
    cost,
    described,
    fill,
    rejected,
    status,
    through_json,
    view,
)


@pytest.mark.req("S4.3")
def test_an_order_of_which_nothing_was_heard_is_neither_over_nor_working_and_may_fill() -> None:
    silent = view()
    assert silent.instances == ()
    assert not silent.is_acknowledged
    assert not silent.is_working
    assert not silent.is_cancelling
    assert not silent.is_terminal
    assert not silent.is_doubtful
    assert not silent.is_settled
    assert silent.end is None
    assert silent.average_price is None
    assert [silent.filled, silent.unfilled, silent.remaining] == [0, 100, 100]
    assert [silent.unbooked, silent.overfilled] == [0, 0]
    assert (silent.perm_ids, silent.surviving_perm_ids, silent.order_ids) == ((), (), ())


def test_a_working_order() -> None:
    working = view(described(), status(filled=40), fill(quantity=40))
    assert working.is_acknowledged
    assert working.is_working
    assert not working.is_cancelling
    assert not working.is_terminal
    assert not working.is_settled
    assert [working.filled, working.unfilled, working.remaining] == [40, 60, 60]
    assert (working.perm_ids, working.surviving_perm_ids, working.order_ids) == ((7,), (7,), (5,))


def test_a_filled_order() -> None:
    done = view(status("Filled", filled=100), fill("a", 40, "10.00"), fill("b", 60, "10.05"))
    assert done.is_terminal
    assert done.is_settled
    assert done.end is OrderEnd.FILLED
    assert done.average_price == Decimal("10.03")
    assert [done.filled, done.unfilled, done.remaining] == [100, 0, 0]
    assert (done.perm_ids, done.surviving_perm_ids) == ((7,), ())


@pytest.mark.req("S0.2", "I4")
def test_a_fill_after_the_cancel_is_booked() -> None:
    gone = view(status("Cancelled"), cancelled(), fill(quantity=30, seconds=9))
    assert gone.end is OrderEnd.CANCELLED
    assert [gone.filled, gone.unfilled, gone.remaining] == [30, 70, 0]


@pytest.mark.req("S3.4")
def test_a_rejected_order_says_why() -> None:
    refused = view(status("Inactive"), rejected(text="margin"))
    assert refused.end is OrderEnd.REJECTED
    assert refused.is_settled
    assert refused.rejection == rejected(text="margin")


@pytest.mark.parametrize("quantity", [0, -1])
def test_an_order_for_nothing_has_no_view(quantity: int) -> None:
    with pytest.raises(ValueError, match=f"the quantity of an order is {quantity}; it must be"):
        view(quantity=quantity)


def test_an_order_may_be_for_less_than_one_unit() -> None:
    assert view_of(OrderFacts(), Side.BUY, Decimal("0.5")).remaining == Decimal("0.5")


# Several lives.

TWO = (status(perm_id=7), status(perm_id=8))


@pytest.mark.req("X.4")
@pytest.mark.parametrize(
    ("reports", "end", "surviving"),
    [
        (TWO, None, (7, 8)),
        ((*TWO, status("Cancelled", perm_id=7)), None, (8,)),
        (
            (*TWO, status("Cancelled", perm_id=7), completed("Cancelled", perm_id=8)),
            OrderEnd.CANCELLED,
            (),
        ),
        ((*TWO, status("Cancelled", perm_id=7), fill(perm_id=8)), OrderEnd.MIXED, ()),
        ((*TWO, fill("a", perm_id=7), fill("b", perm_id=8)), OrderEnd.FILLED, ()),
        ((*TWO, fill("a", 50, perm_id=7), fill("b", 50, perm_id=8)), None, (7, 8)),
        ((*TWO, rejected()), None, (7, 8)),
        ((*TWO, cancelled()), None, (7, 8)),
    ],
)
def test_an_order_is_over_when_each_of_its_lives_is(
    reports: tuple[BrokerReport, ...], end: OrderEnd | None, surviving: tuple[int, ...]
) -> None:
    known = view(*reports)
    assert known.end is end
    assert known.is_terminal is (end is not None)
    assert known.perm_ids == (7, 8)
    assert known.surviving_perm_ids == surviving


@pytest.mark.req("X.4")
def test_a_life_that_the_broker_has_not_named_keeps_an_order_open() -> None:
    known = view(status("PendingSubmit", order_id=4, perm_id=0), status("Cancelled", order_id=5))
    assert not known.is_terminal
    assert (known.perm_ids, known.surviving_perm_ids, known.order_ids) == ((7,), (), (4, 5))


@pytest.mark.req("X.4")
def test_two_lives_can_fill_twice_the_quantity() -> None:
    known = view(*TWO, fill("a", 10, perm_id=7), fill("b", 100, perm_id=8))
    assert [known.filled, known.overfilled, known.unfilled, known.remaining] == [110, 10, 0, 90]
    assert known.is_working
    assert not known.is_terminal


@pytest.mark.parametrize(
    ("reports", "working", "cancelling", "doubtful"),
    [
        ((status("Inactive", perm_id=7), status(perm_id=8)), True, False, False),
        ((status("PendingCancel", perm_id=7), status(perm_id=8)), True, True, False),
        ((status("Inactive", perm_id=7), status("Inactive", perm_id=8)), False, False, False),
        (
            (
                status("Cancelled", 1, perm_id=7),
                status("Submitted", 2, perm_id=7),
                status("Cancelled", perm_id=8),
            ),
            False,
            False,
            True,
        ),
    ],
)
def test_one_life_is_enough_to_work_to_be_cancelling_or_to_be_doubtful(
    reports: tuple[BrokerReport, ...], *, working: bool, cancelling: bool, doubtful: bool
) -> None:
    known = view(*reports)
    assert known.is_working is working
    assert known.is_cancelling is cancelling
    assert known.is_doubtful is doubtful


@pytest.mark.parametrize(
    ("reports", "working"),
    [
        ((), 0),
        ((status(),), 100),
        ((status("PendingCancel"), fill(quantity=30)), 70),
        ((status("Inactive"),), 0),
        ((status("Cancelled"),), 0),
        (TWO, 200),
        ((status("Inactive", perm_id=7), status(perm_id=8), fill(quantity=60, perm_id=8)), 40),
    ],
)
def test_what_works_is_what_the_lives_that_work_could_fill(
    reports: tuple[BrokerReport, ...], working: int
) -> None:
    assert view(*reports).working == working


def test_one_life_is_enough_to_be_acknowledged() -> None:
    assert view(status("PendingSubmit", order_id=4, perm_id=0), status()).is_acknowledged


def test_an_execution_that_fits_several_lives_counts_once_for_the_order() -> None:
    known = view(*TWO, fill(quantity=30, perm_id=0))
    assert known.filled == 30
    assert [instance.executed for instance in known.instances] == [0, 0]


# Settled: over, and nothing known to be missing.


@pytest.mark.req("S4.2", "S4.5")
@pytest.mark.parametrize(
    ("reports", "settled"),
    [
        ((status("Cancelled"),), True),
        ((status("Cancelled", filled=30), fill(quantity=30)), True),
        ((status("Cancelled", filled=30),), False),
        ((status("Cancelled", filled=30), fill(quantity=29)), False),
        ((status("Cancelled"), cost()), False),
        ((status("Cancelled"), cost(), fill(quantity=30)), True),
        ((status("Cancelled", 1), status("Submitted", 2)), False),
        ((status("Submitted"),), False),
        ((fill(),), True),
        ((described("Filled"),), False),
        ((completed("Filled"),), False),
        ((described("Filled"), fill()), True),
        ((status("Filled", filled=100), fill("e.1.01"), fill("e.1.02", 90)), True),
    ],
)
def test_an_order_is_settled_when_it_is_over_undoubted_and_complete(
    reports: tuple[BrokerReport, ...], *, settled: bool
) -> None:
    assert view(*reports).is_settled is settled


def test_what_each_life_claims_too_much_adds_up() -> None:
    known = view(status(filled=10, perm_id=7), status(filled=5, perm_id=8), fill(quantity=4))
    assert known.unbooked == 11


def test_a_commission_without_its_execution_names_what_is_missing() -> None:
    known = view(status(), cost("a.1.01"), cost("a.1.02"), cost("b.1.01"), fill("b.1.01"))
    assert known.missing_executions == ("a.1.02",)


# Executions and money.


def test_executions_stand_in_the_sequence_in_which_they_happened() -> None:
    late, early, same = fill("a", 1, seconds=2), fill("c", 2, seconds=1), fill("b", 3, seconds=1)
    assert view(late, early, same).executions == (same, early, late)


@pytest.mark.req("S4.2", "I4")
def test_a_correction_changes_quantity_and_price_and_a_bust_takes_both_away() -> None:
    assert view(fill("e.1.01", 50, "10"), fill("e.1.02", 40, "12")).average_price == 12
    busted = view(fill("e.1.01", 50), fill("e.1.02", 0, "0"))
    assert busted.filled == 0
    assert busted.average_price is None
    assert busted.executions == (fill("e.1.02", 0, "0"),)


@pytest.mark.parametrize(
    ("quantity", "overfilled", "unfilled"), [(99, 0, 1), (100, 0, 0), (101, 1, 0)]
)
def test_more_than_was_wanted_is_told_apart(quantity: int, overfilled: int, unfilled: int) -> None:
    known = view(fill(quantity=quantity))
    assert [known.overfilled, known.unfilled] == [overfilled, unfilled]


def test_commissions_are_added_up_by_currency() -> None:
    known = view(
        fill("a"),
        cost("a", "1.00"),
        cost("b", "0.25"),
        cost("c", "2.00", "EUR"),
        fill("d.01", 5),
        fill("d.02", 0),
        cost("d.01", "9.00", "CHF"),
    )
    assert known.commissions == (
        CommissionTotal("EUR", Decimal("2.00")),
        CommissionTotal("USD", Decimal("1.25")),
    )


# What a person is told.


def test_the_first_rejection_and_the_last_refused_cancel_are_kept() -> None:
    known = view(
        rejected(2, code=110),
        rejected(1, code=201),
        cancel_refused(1, code=161),
        cancel_refused(2, code=10148),
    )
    assert known.rejection == rejected(1, code=201)
    assert known.cancel_refused == cancel_refused(2, code=10148)


def test_of_one_stamp_the_codes_decide() -> None:
    known = view(
        rejected(code=202, text="a"),
        rejected(code=201, text="b"),
        cancel_refused(code=161, text="b"),
        cancel_refused(code=162, text="a"),
    )
    assert known.rejection == rejected(code=201, text="b")
    assert known.cancel_refused == cancel_refused(code=162, text="a")


def test_a_refused_cancel_proves_nothing() -> None:
    known = view(status(), cancel_refused(1))
    assert known.cancel_refused == cancel_refused(1)
    assert known.is_working
    assert not known.is_terminal


def test_unknown_words_are_kept_and_flagged() -> None:
    known = view(described("x"), status("z", 1), completed("y"), status("Submitted", 2), rejected())
    assert known.unknown_statuses == ("x", "y", "z")
    assert view(status()).unknown_statuses == ()


@pytest.mark.req("S1.7")
@pytest.mark.parametrize(
    ("reports", "conflicts"),
    [
        ((status(), fill()), ()),
        (
            (fill(quantity=1), fill(quantity=2)),
            ("execution e.1.01: buy 1 at 10 or buy 2 at 10",),
        ),
        (
            (fill(side=Side.SELL),),
            ("execution e.1.01 is a sell in an order to buy",),
        ),
        (
            (status("PreSubmitted", perm_id=0),),
            ("order 5 is PreSubmitted without a permanent id",),
        ),
        ((status("PendingSubmit", perm_id=0),), ()),
        ((status("PreSubmitted", perm_id=0), status("Cancelled", perm_id=0)), ()),
        (
            (
                status(order_id=4, perm_id=0),
                fill("b", 1, side=Side.SELL),
                cost("a", "1"),
                cost("a", "2"),
            ),
            (
                "commission of a: 1 USD or 2 USD",
                "execution b is a sell in an order to buy",
                "order 4 is Submitted without a permanent id",
            ),
        ),
    ],
)
def test_contradictions_are_told_in_words(
    reports: tuple[BrokerReport, ...], conflicts: tuple[str, ...]
) -> None:
    assert view(*reports).conflicts == conflicts


def test_a_sell_is_told_from_a_buy() -> None:
    assert view(fill(side=Side.SELL), side=Side.SELL).conflicts == ()
    assert view(fill(side=Side.BUY), side=Side.SELL).conflicts == (
        "execution e.1.01 is a buy in an order to sell",
    )


def test_a_view_survives_json() -> None:
    known = view(
        described(),
        status("new word", why_held="locate"),
        status(order_id=4, perm_id=0),
        fill(quantity=30, side=Side.SELL),
        cost(),
        cost("b"),
        rejected(),
        cancel_refused(),
    )
    assert len(known.instances) == 2
    assert through_json(VIEWS, known) == known
    assert known.side is Side.BUY
    assert known.quantity == 100


def test_a_view_is_made_from_the_facts_alone() -> None:
    assert view_of(OrderFacts((status(),)), Side.BUY, Decimal(100)) == view(status())


def test_an_end_was_proven_when_the_last_of_its_lives_was() -> None:
    both = view(
        described(),
        described(seconds=1, perm_id=8),
        status("Cancelled", 2),
        status("Cancelled", 5, perm_id=8),
    )
    assert [life.proven_at for life in both.instances] == [at(2), at(5)]
    assert both.proven_at == at(5)


def test_an_end_that_is_not_proven_has_no_moment() -> None:
    assert view(described()).proven_at is None
    by_fills = view(described(), fill(quantity=100))
    assert (by_fills.is_terminal, by_fills.proven_at) == (True, None)
