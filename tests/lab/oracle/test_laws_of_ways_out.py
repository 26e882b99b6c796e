"""The law about the end of a way out (L2): that it comes to one, and what may stand in its way."""

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.lab.engine.tasks import RunName
from backstay.lab.oracle import happenings as world
from tests.lab.oracle.told_by_hand import (
    SYMBOL,
    TRADE,
    Teller,
    held,
    leaves,
    ref,
)

EXIT = RunName(f"exit:{TRADE}:0:1", "run")


def leaving(fault: str = "") -> Teller:
    """A way out has begun, an exit rests, and from here on nothing goes wrong."""
    teller = held().after(20)
    teller.begins("Exit", EXIT)
    leaves(teller)
    if fault:
        teller.strikes(fault, ref("XS"))
    teller.happens(world.Quiet())
    return teller


STANDS_STILL = f"{EXIT.workflow_id} has come no further for"


def test_a_way_out_that_stands_still_is_found_whoever_was_told() -> None:
    teller = leaving()
    teller.tells(IncidentKind.EXIT_UNRESOLVED)
    teller.after(31)
    assert any(text.startswith(STANDS_STILL) for text in teller.texts("L2"))


def test_a_way_out_that_ends_breaks_no_law() -> None:
    teller = leaving().after(10)
    teller.closes({}, EXIT)
    teller.after(60)
    assert "L2" not in teller.laws()


def test_a_way_out_in_a_thin_market_has_more_time_with_each_fill() -> None:
    teller = leaving().after(25)
    teller.fills(ref("XS"), 10)
    teller.after(25)
    assert "L2" not in teller.laws()


@pytest.mark.parametrize("fault", ["half-open", "reset-before-frame", "reset-mid-frame"])
@pytest.mark.parametrize("kind", [IncidentKind.ORDER_UNKNOWN, IncidentKind.EXIT_UNRESOLVED])
def test_a_way_out_waits_for_a_person_where_its_order_left_on_a_dead_line(
    kind: IncidentKind, fault: str
) -> None:
    teller = leaving()
    teller.strikes(fault)
    teller.connects()
    teller.tells(kind, f"{TRADE} {SYMBOL}")
    teller.after(60)
    is_found = any(text.startswith(STANDS_STILL) for text in teller.texts("L2"))
    assert is_found is (kind is IncidentKind.EXIT_UNRESOLVED)


@pytest.mark.parametrize("fault", ["reset-after-frame", "order-rejected", "read-only"])
def test_a_way_out_waits_for_a_person_where_its_order_was_refused_and_not_where_it_was_read(
    fault: str,
) -> None:
    teller = leaving(fault)
    teller.connects()
    teller.tells(IncidentKind.ORDER_UNKNOWN, f"{TRADE} {SYMBOL}")
    teller.after(60)
    is_found = any(text.startswith(STANDS_STILL) for text in teller.texts("L2"))
    assert is_found is (fault == "reset-after-frame")


def test_an_order_that_is_unknown_on_a_living_line_does_not_bar_the_way() -> None:
    teller = leaving()
    teller.tells(IncidentKind.ORDER_UNKNOWN, f"{TRADE} {SYMBOL}")
    teller.after(60)
    assert any(text.startswith(STANDS_STILL) for text in teller.texts("L2"))


def test_a_way_out_whose_order_the_gateway_never_ends_may_stand_still() -> None:
    teller = leaving("cancel-unanswered").after(60)
    assert "L2" not in teller.laws()


LATER = 500
"""The permanent id of an order that has got the order id of the exit after it."""


def lives_twice(*, later: str, first: str) -> Teller:
    """A modification has left two orders under one order id."""
    teller = leaving()
    teller.works(ref("XS"), later, perm_id=LATER)
    teller.works(ref("XS"), first)
    return teller


def test_a_way_out_whose_order_no_client_can_end_waits_for_whoever_was_told() -> None:
    teller = lives_twice(later="Cancelled", first="Submitted")
    teller.tells(IncidentKind.ORDER_SURVIVES, ref("XS"))
    teller.after(60)
    assert "L2" not in teller.laws()
    teller.ends(ref("XS"))
    teller.after(29)
    assert "L2" not in teller.laws()
    teller.after(2)
    assert any(text.startswith(STANDS_STILL) for text in teller.texts("L2"))


def test_a_way_out_whose_order_no_client_can_end_is_found_where_nobody_was_told() -> None:
    teller = lives_twice(later="Cancelled", first="Submitted").after(31)
    assert any(text.startswith(STANDS_STILL) for text in teller.texts("L2"))


def test_an_order_that_lives_on_is_no_excuse_while_its_client_can_end_it() -> None:
    teller = lives_twice(later="Submitted", first="Cancelled")
    teller.tells(IncidentKind.ORDER_SURVIVES, ref("XS"))
    teller.after(31)
    assert any(text.startswith(STANDS_STILL) for text in teller.texts("L2"))
