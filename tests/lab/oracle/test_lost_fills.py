"""I3 where a fill is lost to everybody: with the process that has heard of it, and with its day."""

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.lab.oracle import happenings as world
from backstay.lab.simulation.scenario import Role
from tests.lab.oracle.standings import settled
from tests.lab.oracle.told_by_hand import OTHER, RUN, SYMBOL, Teller, held, ref

DAY = 24 * 3600


def lost(nights: int = 1, **profile: bool) -> Teller:
    """A stop has filled as its process died, and another one begins on another day."""
    teller = held(**profile).after(20)
    teller.happens(world.WorkerStarted(Role.BROKER))
    teller.fills(ref("PR"), 100)
    teller.happens(world.WorkerDied(Role.BROKER))
    teller.after(nights * DAY)
    teller.happens(world.WorkerStarted(Role.BROKER))
    teller.connects()
    return teller.after(60)


BOOKED_LESS = f"{RUN.workflow_id} ended with 0 filled of {ref('PR')}; 100 had filled"


def test_a_quantity_that_nobody_can_read_any_more_counts_for_nothing_where_it_was_told() -> None:
    teller = lost()
    teller.tells(IncidentKind.ORDER_UNKNOWN, ref("EN"))
    teller.after(60).closes(settled(EN=100))
    assert teller.laws() == []


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (IncidentKind.ORDER_UNKNOWN, SYMBOL),
        (IncidentKind.ORDER_UNKNOWN, ref(trade=OTHER)),
        (IncidentKind.CONNECTION_LOST, ref()),
    ],
)
def test_a_quantity_that_nobody_can_read_any_more_is_missed_where_its_trade_was_not_named(
    kind: IncidentKind, subject: str
) -> None:
    teller = lost()
    teller.tells(kind, subject)
    teller.after(60).closes(settled(EN=100))
    assert teller.one("I3") == BOOKED_LESS


@pytest.mark.parametrize(("nights", "laws"), [(1, ["I3"]), (2, [])])
def test_what_can_be_read_on_the_next_day_has_to_be_booked_on_it(
    nights: int, laws: list[str]
) -> None:
    teller = lost(nights, yesterday_stays_visible=True)
    teller.tells(IncidentKind.ORDER_UNKNOWN, ref())
    teller.after(60).closes(settled(EN=100))
    assert teller.laws() == laws


def test_who_was_there_when_it_filled_has_to_book_it_whatever_day_it_is() -> None:
    teller = held().after(20)
    teller.happens(world.WorkerStarted(Role.BROKER))
    teller.fills(ref("PR"), 100)
    teller.after(DAY).connects()
    teller.after(60).tells(IncidentKind.ORDER_UNKNOWN, ref())
    teller.after(60).closes(settled(EN=100))
    assert teller.one("I3") == BOOKED_LESS
