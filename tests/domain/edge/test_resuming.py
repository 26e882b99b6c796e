"""An arm, a guard or a walk that goes on where a process has left it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.domain.edge.arms import (
    ArmAmendment,
    ArmPhase,
    ArmReport,
    ExtendUntil,
    FireNow,
    MoveTrigger,
)
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.guards import BreakEven, GuardAmendment, MoveStop
from backstay.domain.edge.resuming import (
    Rearmed,
    newer,
    rearmed,
    reguarded,
    released_report,
    walked_on,
)
from backstay.domain.edge.walking import Walk, Walked, WayOut
from backstay.domain.exits.ladder import Ladder
from backstay.domain.exits.market import MarketNow
from backstay.domain.protection.naked import NakedTime
from backstay.domain.sessions.calendar import MarketPhase
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.stops import Confirmation
from backstay.domain.ticks.stops import Fired as StopFired
from backstay.domain.ticks.trails import Resting
from backstay.domain.ticks.triggers import Fired, Trigger, Waiting
from tests.domain.edge.samples import (
    ARM,
    ENTRY,
    EXIT,
    GUARD,
    LADDER,
    NOW,
    STATE,
    STOP,
    approved,
)

NAKED = NakedTime(Decimal(12), Decimal(100), NOW)
LATER = Asked(NOW + timedelta(hours=9), Decimal(3))
SEEN = Waiting(Decimal("100.00"))
REPORT = ArmReport(ARM.key, 3, 9, ArmPhase.WAITING, NOW, watch=SEEN, naked=NAKED, asked=LATER)
OTHER = Trigger(Decimal("101.00"), Crossing.ABOVE)
MOVED = MoveTrigger(OTHER)


def test_an_arm_that_nothing_was_heard_of_is_what_was_written_down() -> None:
    assert rearmed(ARM, 1, None, ()) == Rearmed(ARM, 1)


def test_an_arm_goes_on_with_what_was_heard_of_it_last() -> None:
    expected = replace(ARM, watch=SEEN, naked=NAKED, asked=LATER)
    assert rearmed(ARM, 1, REPORT, ()) == Rearmed(expected, 3)


def test_what_was_not_heard_stays_as_it_was_written_down() -> None:
    known = replace(ARM, watch=SEEN, naked=NAKED, asked=LATER)
    silent = replace(REPORT, version=0, watch=None, naked=None, asked=None)
    assert rearmed(known, 1, silent, ()) == Rearmed(known, 1)


def test_another_trigger_is_watched_anew_if_nothing_was_heard_of_its_watch() -> None:
    now = rearmed(ARM, 1, REPORT, (ArmAmendment(4, MOVED),))
    assert (now.arm.trigger, now.arm.watch, now.version) == (OTHER, None, 4)


def test_another_trigger_of_which_was_heard_goes_on_being_watched() -> None:
    now = rearmed(ARM, 1, REPORT, (ArmAmendment(3, MOVED),))
    assert (now.arm.trigger, now.arm.watch, now.version) == (OTHER, SEEN, 3)


def test_a_change_that_was_written_down_already_counts_once() -> None:
    assert rearmed(ARM, 3, None, (ArmAmendment(3, MOVED),)) == Rearmed(ARM, 3)


def test_a_longer_wait_comes_with_its_approval() -> None:
    until = NOW + timedelta(hours=8)
    longer = approved(replace(ENTRY, quantity=Decimal(50)))
    now = rearmed(ARM, 1, None, (ArmAmendment(2, ExtendUntil(until, longer)),))
    assert now == Rearmed(replace(ARM, expires_at=until, entry=longer), 2)


def test_what_a_person_has_fired_does_not_wait_for_its_trigger() -> None:
    now = rearmed(ARM, 1, None, (ArmAmendment(2, MOVED), ArmAmendment(3, FireNow())))
    assert now.arm.watch == Fired(Decimal("101.00"), NOW)
    assert (now.arm.trigger, now.version) == (OTHER, 3)


def test_what_waits_for_nothing_is_fired_anyway() -> None:
    at_once = replace(ARM, trigger=None)
    assert rearmed(at_once, 1, None, (ArmAmendment(2, FireNow()),)) == Rearmed(at_once, 2)


def test_what_was_let_go_stays_so_whatever_else_was_changed() -> None:
    now = rearmed(ARM, 1, None, (ArmAmendment(2, None), ArmAmendment(3, MOVED)))
    assert now.is_released
    assert now.version == 3


def test_an_arm_that_was_let_go_reports_that_it_is_withdrawn() -> None:
    arm = replace(ARM, watch=SEEN, naked=NAKED)
    report = released_report(arm, 2, 7, NOW)
    assert report == ArmReport(
        ARM.key,
        2,
        8,
        ArmPhase.WITHDRAWN,
        NOW,
        watch=SEEN,
        naked=NAKED,
        why="released",
        asked=ARM.asked,
    )


def test_a_guard_goes_on_where_its_watch_stood() -> None:
    now = reguarded(GUARD, STATE)
    assert now.guarded == STATE.guarded
    assert (now.quantity, now.shield, now.target) == (STATE.quantity, STATE.shield, STATE.target)


def test_a_stop_that_had_fired_without_an_exit_is_confirmed_anew() -> None:
    level = Resting(Decimal("99.00"))
    fired = replace(
        STATE, guarded=Guarded(level, StopFired(Decimal("98.90"), NOW, Confirmation.TICKS))
    )
    assert reguarded(GUARD, fired).guarded == Guarded(level)


def test_changes_are_made_in_their_order_and_each_once() -> None:
    first, second = (GuardAmendment(n, MoveStop(Decimal(90 + n))) for n in (2, 3))
    third = GuardAmendment(4, BreakEven(Decimal(100)))
    assert newer((third, first, second), 2) == (second, third)
    assert newer((), 0) == ()


WAY_OUT = WayOut(LADDER, Decimal(100), approved(EXIT), approved(STOP), ARM.asked)


def ladder(seconds: int) -> Ladder:
    """A ladder of which the broker was heard last so many seconds ago."""
    at = NOW + timedelta(seconds=seconds)
    return Ladder(LADDER, Decimal(100), (), MarketNow(MarketPhase.REGULAR), at)


def walked(seconds: int) -> Walked:
    """How far a walk had come."""
    entered = Decimal(seconds)
    return Walked(WAY_OUT.key, ladder(seconds), NOW, Decimal(100), (), NAKED, entered=entered)


def test_a_walk_that_nothing_was_heard_of_begins_where_it_was_written_down() -> None:
    walk = Walk(WAY_OUT, ladder(1))
    assert walked_on(walk, None) is walk


@pytest.mark.parametrize("seconds", [1, 2])
def test_a_walk_goes_on_from_the_ladder_that_was_written_down_if_it_knows_as_much(
    seconds: int,
) -> None:
    walk = Walk(WAY_OUT, ladder(seconds))
    assert walked_on(walk, walked(1)) is walk


def test_a_walk_goes_on_from_the_ladder_that_has_heard_of_the_broker_last() -> None:
    for written in (None, ladder(1)):
        now = walked_on(Walk(WAY_OUT, written), walked(2))
        assert now == Walk(WAY_OUT, ladder(2), (), NAKED, Decimal(2))
