"""A guard that goes on from where an earlier watch of the same tranche stood."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.edge.guards import Headway, resumed
from backstay.domain.ids import Purpose
from tests.domain.edge.samples import GUARD, REACHED, STATE, key


def test_a_guard_goes_on_with_what_is_left_under_the_stop_and_the_trail_that_stood() -> None:
    guard = resumed(GUARD, STATE)
    assert guard.quantity == Decimal(70)
    assert guard.rules == replace(GUARD.rules, trail=STATE.trail)
    assert guard.guarded == STATE.guarded
    assert guard.shield == STATE.shield
    assert guard.target == STATE.target
    assert guard.headway == STATE.headway
    assert guard.naked == STATE.naked


def test_a_guard_keeps_what_no_watch_changes() -> None:
    guard = resumed(GUARD, STATE)
    kept = ("ladder", "exit", "protection", "source", "asked", "disaster_pct", "leave_at")
    assert all(getattr(guard, each) == getattr(GUARD, each) for each in kept)
    assert resumed(replace(GUARD, naked=STATE.naked), replace(STATE, naked=None)).naked == (
        STATE.naked
    )


def test_the_state_of_another_guard_is_not_gone_on_with() -> None:
    other = replace(STATE, key=key(Purpose.EXIT_STOP, leg=1))
    with pytest.raises(ValueError, match="can't go on as bs1:T7K2M9QX:0:XS:1"):
        resumed(GUARD, other)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"told": -1}, "-1 targets can't have been told of"),
        ({"split_off": Decimal(-1)}, "what was split off"),
        ({"told": 2, "reached": REACHED}, "the news 2 comes after 2 others"),
    ],
)
def test_a_headway_that_can_not_be_is_refused(more: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Headway(**more)  # type: ignore[arg-type]
