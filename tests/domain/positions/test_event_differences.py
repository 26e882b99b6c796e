"""System against broker: what options leave behind."""

from decimal import Decimal

import pytest

from backstay.domain.instruments import Right
from backstay.domain.positions.entries import Adjustment, Cause
from backstay.domain.positions.findings import AskPerson, Book, Difference, DifferenceClass
from backstay.domain.sides import Side
from tests.domain.positions.booked import OPTION, STOCK
from tests.domain.positions.compared import (
    ASKED,
    EXPIRY,
    STAMP,
    an_option,
    change,
    compared,
    difference,
)


@pytest.mark.req("X.7")
def test_an_assignment_is_booked_on_both_contracts() -> None:
    put = an_option(Right.PUT, "-1")
    result = compared(put, broker={STOCK: "100"}, price="182")
    by_contract = {one.con_id: one for one in result.differences}
    assert by_contract[OPTION] == Difference(
        OPTION,
        DifferenceClass.ASSIGNED,
        Decimal(-1),
        Decimal(0),
        Book(
            (
                Adjustment(
                    name=f"assigned:{OPTION}:{STAMP}",
                    con_id=OPTION,
                    trade=None,
                    side=Side.BUY,
                    quantity=Decimal(1),
                    price=Decimal(3),
                    at=ASKED,
                    cause=Cause.ASSIGNED,
                    estimated=False,
                ),
            )
        ),
    )
    assert by_contract[STOCK] == difference(
        DifferenceClass.DELIVERED,
        "0",
        "100",
        Book(
            (
                Adjustment(
                    name=f"delivered:{OPTION}:{STAMP}",
                    con_id=STOCK,
                    trade=None,
                    side=Side.BUY,
                    quantity=Decimal(100),
                    price=Decimal(182),
                    at=ASKED,
                    cause=Cause.DELIVERED,
                    estimated=False,
                ),
            )
        ),
    )


@pytest.mark.req("X.7")
def test_what_a_delivery_leaves_over_has_its_own_difference() -> None:
    result = compared(an_option(Right.PUT, "-1"), broker={STOCK: "130"})
    assert [(one.con_id, one.what) for one in result.differences] == [
        (STOCK, DifferenceClass.DELIVERED),
        (STOCK, DifferenceClass.UNEXPECTED),
        (OPTION, DifferenceClass.ASSIGNED),
    ]
    assert result.differences[1].correction == AskPerson(
        change(Cause.ADOPTED, Side.BUY, "30", "10")
    )


@pytest.mark.req("X.7")
def test_an_expiry_is_an_event_and_no_close_by_hand() -> None:
    result = compared(an_option(Right.CALL, "2"), broker={}, day=EXPIRY)
    (found,) = result.differences
    assert found.what is DifferenceClass.EXPIRED
    assert isinstance(found.correction, Book)
    (entry,) = found.correction.entries
    assert isinstance(entry, Adjustment)
    assert (entry.price, entry.quantity, entry.estimated) == (Decimal(0), Decimal(2), True)


@pytest.mark.req("X.7")
def test_an_option_that_is_gone_before_its_last_day_was_closed_by_hand() -> None:
    (found,) = compared(an_option(Right.CALL, "2"), broker={}).differences
    assert found.what is DifferenceClass.CLOSED_BY_HAND
