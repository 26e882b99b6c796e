"""What L1 and L2 ask of less than a share, as a split leaves it: that just this was told."""

from decimal import Decimal

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.lab.oracle import happenings as world
from tests.lab.oracle.test_laws_of_ways_out import EXIT, STANDS_STILL
from tests.lab.oracle.told_by_hand import CON_ID, held, ref


@pytest.mark.parametrize(
    ("shares", "kind", "is_found"),
    [
        (1, IncidentKind.FRACTIONAL_REMAINDER, False),
        (1, IncidentKind.TICKS_STALE, True),
        (2, IncidentKind.FRACTIONAL_REMAINDER, True),
        (3, IncidentKind.FRACTIONAL_REMAINDER, True),
    ],
)
def test_no_order_can_be_for_less_than_a_share_and_a_person_has_to_know(
    shares: int, kind: IncidentKind, is_found: bool
) -> None:
    teller = held(shares).after(20)
    teller.tells(kind, ref("XS"))
    teller.happens(world.SplitMade(CON_ID, Decimal("0.5")))
    teller.ends(ref("PR"))
    teller.after(60)
    assert ("L1" in teller.laws()) is is_found


@pytest.mark.parametrize(
    ("quantity", "kind", "is_found"),
    [
        (1, IncidentKind.FRACTIONAL_REMAINDER, False),
        (1, IncidentKind.EXITS_EXHAUSTED, True),
        (1, IncidentKind.EXIT_UNRESOLVED, True),
        (1, IncidentKind.TICKS_STALE, True),
        (2, IncidentKind.FRACTIONAL_REMAINDER, True),
        (3, IncidentKind.FRACTIONAL_REMAINDER, True),
    ],
)
def test_a_way_out_waits_for_a_person_with_less_than_a_share(
    quantity: int, kind: IncidentKind, is_found: bool
) -> None:
    teller = held(quantity).after(20)
    teller.happens(world.SplitMade(CON_ID, Decimal("0.5")))
    teller.begins("Exit", EXIT)
    teller.happens(world.Quiet())
    teller.tells(kind, ref("XS"))
    teller.after(60)
    assert any(text.startswith(STANDS_STILL) for text in teller.texts("L2")) is is_found


@pytest.mark.parametrize(
    ("shares", "kind", "is_found"),
    [
        (1, IncidentKind.FRACTIONAL_REMAINDER, False),
        (1, IncidentKind.TICKS_STALE, True),
        (2, IncidentKind.FRACTIONAL_REMAINDER, True),
        (3, IncidentKind.FRACTIONAL_REMAINDER, True),
    ],
)
def test_a_way_out_that_has_not_ended_at_rest_has_less_than_a_share_left(
    shares: int, kind: IncidentKind, is_found: bool
) -> None:
    teller = held(shares).after(20)
    teller.begins("Exit", EXIT)
    teller.happens(world.SplitMade(CON_ID, Decimal("0.5")))
    teller.tells(kind, ref("XS"))
    teller.comes_to_rest()
    text = f"{EXIT.workflow_id} has not come to its end, and nobody was told why"
    assert (text in teller.texts("L2")) is is_found
