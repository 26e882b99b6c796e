"""What is known of an entry that the broker shows no more: written down, or proven by its stop."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.edge.arms import ArmPhase, ArmReport
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.earlier import (
    LAST_BOOKED,
    PROVEN_BY_ITS_STOP,
    earlier_report,
    enlarged,
    known_before,
    proven_by,
)
from backstay.domain.edge.guards import Headway
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.view import OrderView
from backstay.domain.protection.naked import NakedTime
from backstay.domain.sides import Side
from backstay.domain.ticks.triggers import Waiting
from tests.accounts.cases import summary
from tests.domain.edge.samples import ARM, GUARD, NOW, STOP
from tests.domain.protection.test_cover import order

NAKED = NakedTime(Decimal(12), Decimal(100), NOW)
LATER = Asked(NOW, Decimal(3))
SEEN = Waiting(Decimal("100.00"))


def stop(quantity: int, *statuses: str, filled: int = 0) -> OrderView:
    return order(quantity, *statuses, filled=filled, side=Side.SELL)


def test_what_is_known_of_an_entry_is_all_that_it_has_done() -> None:
    known = replace(ARM, watch=SEEN, naked=NAKED, asked=LATER)
    booked = summary(ARM.key, 40, is_settled=False)
    assert earlier_report(known, 3, booked, 9, NOW) == ArmReport(
        key=ARM.key,
        version=3,
        revision=10,
        phase=ArmPhase.OVER,
        at=NOW,
        watch=SEEN,
        entry=replace(booked, is_settled=True),
        naked=NAKED,
        why=LAST_BOOKED,
        asked=LATER,
    )
    assert earlier_report(known, 3, summary(ARM.key, 40), 9, NOW).why == ""


TOLD, SETTLED = summary(ARM.key, 40, is_settled=False), summary(ARM.key, 40)
STANDS = stop(100, "PreSubmitted")


@pytest.mark.parametrize(
    "there",
    [
        STANDS,
        stop(100, "Submitted", filled=30),
        stop(100, "Filled", filled=100),
        stop(100, "Cancelled", filled=30),
    ],
)
def test_a_stop_that_is_there_proves_that_all_of_its_entry_has_filled(there: OrderView) -> None:
    proven = proven_by(STOP, there)
    assert proven is not None
    assert (proven.key, proven.side, proven.quantity) == (ARM.key, Side.BUY, Decimal(100))
    assert (proven.filled, proven.end) == (Decimal(100), OrderEnd.FILLED)
    assert (proven.average_price, proven.value, proven.executions) == (None, Decimal(0), 0)
    assert proven.is_settled
    assert proven.is_acknowledged
    assert not proven.is_counted
    assert earlier_report(ARM, 1, proven, 0, NOW).why == PROVEN_BY_ITS_STOP


@pytest.mark.parametrize("there", [stop(100), stop(100, "Cancelled"), stop(60, "PreSubmitted")])
def test_a_stop_that_is_not_there_as_it_was_sent_proves_nothing(there: OrderView) -> None:
    assert proven_by(STOP, there) is None
    assert known_before(TOLD, STOP, there) == TOLD
    assert known_before(None, STOP, there) is None


def test_a_stop_that_hangs_on_no_entry_proves_nothing() -> None:
    assert proven_by(replace(STOP, parent=None), STANDS) is None


def test_what_was_told_of_an_entry_that_was_over_is_all_of_it() -> None:
    assert known_before(SETTLED, STOP, STANDS) == SETTLED
    assert known_before(summary(ARM.key, 0), STOP, STANDS) is None


def test_what_was_told_while_it_worked_may_be_less_than_all_of_it() -> None:
    proven = proven_by(STOP, STANDS)
    assert known_before(TOLD, STOP, STANDS) == known_before(None, STOP, STANDS) == proven
    assert known_before(TOLD, None, None) == known_before(TOLD, STOP, None) == TOLD
    assert known_before(summary(ARM.key, 0, is_settled=False), None, None) is None
    assert known_before(None, None, None) is None


def test_a_guard_takes_in_what_has_filled_before_it_could_hear_of_that() -> None:
    some = replace(GUARD, quantity=Decimal(40))
    assert enlarged(some, summary(ARM.key, 100)) == replace(
        some, quantity=Decimal(100), headway=replace(GUARD.headway, entry=summary(ARM.key, 100))
    )
    parted = replace(some, headway=Headway(split_off=Decimal(20), entered=Decimal(60)))
    more = enlarged(parted, summary(ARM.key, 70))
    assert (more.quantity, more.headway.entered) == (Decimal(50), Decimal(70))
    assert more.headway.split_off == Decimal(20)
    unknown = replace(some, headway=Headway(split_off=Decimal(20)))
    assert enlarged(unknown, summary(ARM.key, 70)).quantity == Decimal(50)


@pytest.mark.parametrize("filled", [None, 0, 39, 40])
def test_a_guard_that_knows_as_much_stays_as_it_is(filled: int | None) -> None:
    some = replace(GUARD, quantity=Decimal(40))
    assert enlarged(some, None if filled is None else summary(ARM.key, filled)) == some
