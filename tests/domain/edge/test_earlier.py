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
    furthest,
    proven_by,
)
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.view import OrderView
from backstay.domain.profile import OPTIMISTIC
from backstay.domain.protection.naked import NakedTime
from backstay.domain.sides import Side
from backstay.domain.ticks.triggers import Waiting
from tests.accounts.cases import summary
from tests.domain.edge.samples import ARM, NOW
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


def test_of_what_several_tell_of_an_entry_the_furthest_counts() -> None:
    little, more, over = (
        summary(ARM.key, 40, is_settled=False),
        summary(ARM.key, 60, is_settled=False),
        summary(ARM.key, 60),
    )
    assert furthest(None, little) == furthest(little, None) == little
    assert furthest(more, little) == furthest(little, more) == more
    assert furthest(over, more) == furthest(more, over) == over
    assert furthest(None, summary(ARM.key, 0)) is None


@pytest.mark.parametrize(
    ("there", "filled"),
    [
        (stop(100, "PreSubmitted"), 100),
        (stop(100, "Submitted", filled=30), 100),
        (stop(100, "Filled", filled=100), 100),
        (stop(100, "Cancelled", filled=30), 100),
        (stop(60, "PreSubmitted"), 60),
        (stop(250, "PreSubmitted"), 100),
    ],
)
def test_a_stop_that_is_there_proves_that_its_entry_has_filled(
    there: OrderView, filled: int
) -> None:
    proven = proven_by(there, ARM)
    assert proven is not None
    assert (proven.key, proven.side, proven.quantity) == (ARM.key, Side.BUY, Decimal(100))
    assert (proven.filled, proven.end) == (Decimal(filled), OrderEnd.FILLED)
    assert (proven.average_price, proven.value, proven.executions) == (None, Decimal(0), 0)
    assert proven.is_settled
    assert proven.is_acknowledged
    assert not proven.is_counted
    assert earlier_report(ARM, 1, proven, 0, NOW).why == PROVEN_BY_ITS_STOP


@pytest.mark.parametrize("there", [None, stop(100), stop(100, "Cancelled")])
def test_without_a_stop_nothing_is_proven(there: OrderView | None) -> None:
    assert proven_by(there, ARM) is None


def test_a_stop_that_covers_parts_as_well_proves_no_quantity() -> None:
    covers = replace(ARM, profile=OPTIMISTIC)
    assert proven_by(stop(100, "PreSubmitted"), covers) is None
