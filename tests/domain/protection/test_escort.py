"""An entry goes where its stop does not stand."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.domain.orders.view import OrderView
from backstay.domain.protection.cover import (
    NAKED_AT_MOST,
    AskAboutStops,
    CancelEntry,
    Covered,
    CoverStep,
    StopAtBroker,
    WaitForStop,
)
from backstay.domain.protection.escort import escort
from tests.domain.protection.test_cover import LATER_STOP, LONG_AGO, NOW, STOP, order, stop

NOTHING = Decimal(0)
WORKING = order(100, "Submitted")
ASKED = AskAboutStops(NOTHING, (STOP,))


@pytest.mark.req("X.1", "I11")
@pytest.mark.parametrize(
    ("entry", "stops", "expected"),
    [
        (WORKING, (stop(100, "PreSubmitted"),), Covered()),
        (order(100, "PendingSubmit"), (stop(100, "PreSubmitted"),), Covered()),
        # Its stop was rejected, cancelled by hand, or never came to the broker.
        (WORKING, (stop(100, "Cancelled"),), CancelEntry(NOTHING)),
        (order(100, "PendingSubmit"), (stop(100, "Cancelled"),), CancelEntry(NOTHING)),
        (WORKING, (), CancelEntry(NOTHING)),
        # Nothing was heard of it: that is no proof of anything.
        (WORKING, (stop(100),), ASKED),
        # Another one has taken its place.
        (WORKING, (stop(100, "Cancelled"), stop(100, "Submitted", key=LATER_STOP)), Covered()),
        (WORKING, (stop(100), stop(100, "Submitted", key=LATER_STOP)), Covered()),
        # An entry that nothing was heard of, that is over, or that has filled, is for others.
        (order(100), (), Covered()),
        (order(100, "Cancelled"), (), Covered()),
        (order(100, "Submitted", filled=1), (), Covered()),
    ],
)
def test_an_entry_stands_only_beside_its_stop(
    entry: OrderView, stops: tuple[StopAtBroker, ...], expected: CoverStep
) -> None:
    assert escort(entry, stops, LONG_AGO, NOW) == expected


def test_a_stop_has_two_seconds_to_be_heard_of() -> None:
    since = NOW - NAKED_AT_MOST
    assert escort(WORKING, (stop(100),), since, NOW) == ASKED
    a_moment_later = since + timedelta(microseconds=1)
    waits = WaitForStop(NOTHING, a_moment_later + NAKED_AT_MOST)
    assert escort(WORKING, (stop(100),), a_moment_later, NOW) == waits


def test_a_stop_that_is_known_to_be_gone_is_not_waited_for() -> None:
    assert escort(WORKING, (stop(100, "Cancelled"),), NOW, NOW) == CancelEntry(NOTHING)
