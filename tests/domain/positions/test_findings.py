"""What a comparison comes to."""

from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import Severity, facts_of
from backstay.domain.positions.findings import (
    AskPerson,
    Book,
    CannotTell,
    Compared,
    Comparison,
    Correction,
    Difference,
    DifferenceClass,
    ForeignPosition,
    ReadFills,
    ReportOnly,
    confirmed,
)
from backstay.domain.positions.gaps import Undecided
from tests.domain.positions.booked import OLD, STOCK, adjusted, executed, revalued

FOUND = Difference(
    STOCK, DifferenceClass.ABOVE, Decimal("100.00"), Decimal("60.50"), Book((adjusted("-1", "2"),))
)


@pytest.mark.req("S3.5")
def test_a_difference_reads_as_one_line_for_the_log() -> None:
    assert FOUND.text == "contract 265598, above: the system has 100, the broker 60.5"
    by_hand = replace(FOUND, what=DifferenceClass.CLOSED_BY_HAND, broker=Decimal("-1E+2"))
    assert by_hand.text == "contract 265598, closed by hand: the system has 100, the broker -100"


@pytest.mark.req("S3.3")
@pytest.mark.parametrize("what", list(DifferenceClass))
def test_entries_halt_at_every_difference_of_quantity(what: DifferenceClass) -> None:
    harmless = {DifferenceClass.PRICE, DifferenceClass.FRACTION}
    assert what.halts_entries is (what not in harmless)


@pytest.mark.req("L3", "S3.3")
@pytest.mark.parametrize("what", list(DifferenceClass))
def test_every_difference_is_an_incident_and_the_one_of_a_stranger_is_the_worst(
    what: DifferenceClass,
) -> None:
    stranger = what is DifferenceClass.UNEXPECTED
    assert (facts_of(what.incident).severity is Severity.P1) is stranger


@pytest.mark.req("L3", "X.7")
def test_a_person_is_told_what_a_difference_is() -> None:
    assert [what.incident.value for what in DifferenceClass] == [
        "position mismatch",
        "position mismatch",
        "price mismatch",
        "manual action",
        "unexpected position",
        "fractional remainder",
        *["position changed"] * 4,
    ]


def seen(*differences: Difference) -> Compared:
    return Compared(differences, (), ())


@pytest.mark.req("S3.3")
def test_a_difference_is_confirmed_by_being_seen_again() -> None:
    again = replace(FOUND, correction=ReportOnly())
    other = replace(FOUND, con_id=1)
    assert confirmed(seen(FOUND, other), seen(again)) == (again,)
    assert confirmed(seen(FOUND), seen(other, again)) == (again,)


@pytest.mark.req("S3.3")
@pytest.mark.parametrize(
    "changed",
    [
        replace(FOUND, con_id=1),
        replace(FOUND, what=DifferenceClass.BELOW),
        replace(FOUND, system=Decimal(99)),
        replace(FOUND, broker=Decimal(61)),
    ],
)
def test_a_difference_that_changed_meanwhile_is_not_confirmed(changed: Difference) -> None:
    assert confirmed(seen(FOUND), seen(changed)) == ()


@pytest.mark.req("L3")
def test_nothing_is_confirmed_by_an_answer_that_tells_nothing() -> None:
    assert confirmed(CannotTell("?"), seen(FOUND)) == ()
    assert confirmed(seen(FOUND), CannotTell("?")) == ()


@pytest.mark.parametrize(
    "correction",
    [
        Book((executed("1", "2"), adjusted("-1", "2"), revalued("3"))),
        ReadFills((IntentKey(OLD, 0, Purpose.ENTRY, 1),)),
        AskPerson(adjusted("5", "6")),
        ReportOnly(),
    ],
)
def test_a_comparison_survives_the_way_to_another_process(correction: Correction) -> None:
    adapter: TypeAdapter[Comparison] = TypeAdapter(Comparison)
    result = Compared(
        (replace(FOUND, correction=correction),),
        (Undecided(1, "it traded"),),
        (ForeignPosition(2, Decimal(-3)),),
    )
    assert adapter.validate_json(adapter.dump_json(result)) == result


def test_an_answer_that_tells_nothing_survives_the_way_as_well() -> None:
    adapter: TypeAdapter[Comparison] = TypeAdapter(Comparison)
    assert adapter.validate_json(adapter.dump_json(CannotTell("?"))) == CannotTell("?")
