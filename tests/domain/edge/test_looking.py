"""Absence is believed only if nothing speaks against it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backstay.domain.edge.asked import Asked
from backstay.domain.edge.looking import (
    LOOKS_APART_MIN,
    AbsenceDeclared,
    Doubt,
    Look,
    doubts_about_absence,
)
from backstay.domain.ids import IntentKey, Purpose
from tests.domain.edge.samples import NOW, ZONE

ASKED = Asked(NOW, Decimal(100))
FIRST = Look(NOW + timedelta(seconds=3), Decimal(100), Decimal(0))
SECOND = replace(FIRST, at=FIRST.at + LOOKS_APART_MIN)


@pytest.mark.req("S4.3")
def test_two_complete_looks_some_time_apart_are_believed() -> None:
    assert doubts_about_absence(ASKED, (FIRST, SECOND), ZONE) == ()


@pytest.mark.parametrize(
    "looks",
    [
        (),
        (FIRST,),
        (FIRST, replace(SECOND, at=SECOND.at - timedelta(microseconds=1))),
    ],
)
def test_fewer_or_closer_looks_are_too_soon(looks: tuple[Look, ...]) -> None:
    assert doubts_about_absence(ASKED, looks, ZONE) == (Doubt.LOOKED_TOO_SOON,)


@pytest.mark.parametrize("late", [0, 1])
def test_what_was_written_down_on_another_broker_day_can_not_be_absent(late: int) -> None:
    midnight = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    asked = replace(ASKED, at=midnight - timedelta(seconds=1))
    looks = [replace(FIRST, at=midnight - timedelta(milliseconds=1)), replace(SECOND, at=midnight)]
    if late:
        looks = [replace(look, at=look.at + timedelta(hours=1)) for look in looks]
    assert doubts_about_absence(asked, tuple(looks), ZONE)[-1] is Doubt.ANOTHER_DAY


def test_a_position_that_listed_executions_explain_agrees() -> None:
    looks = tuple(
        replace(look, position=Decimal(60), executed=Decimal(-40)) for look in (FIRST, SECOND)
    )
    assert doubts_about_absence(ASKED, looks, ZONE) == ()


def test_a_position_that_nothing_explains_is_a_doubt() -> None:
    looks = (FIRST, replace(SECOND, position=Decimal(200)))
    assert doubts_about_absence(ASKED, looks, ZONE) == (Doubt.POSITION_DIFFERS,)


@pytest.mark.parametrize(
    ("position", "is_explained"),
    [(100, True), (140, True), (160, True), (200, True), (60, False), (141, False)],
)
def test_what_was_executed_in_the_second_of_the_intent_may_have_come_before_it(
    position: int, is_explained: bool
) -> None:
    """Of two that bought 60 and 40, either, both or none may be in the position by then."""
    looks = tuple(
        replace(
            look,
            position=Decimal(position),
            executed=Decimal(100),
            just_then=(Decimal(60), Decimal(40)),
        )
        for look in (FIRST, SECOND)
    )
    doubts = doubts_about_absence(ASKED, looks, ZONE)
    assert (Doubt.POSITION_DIFFERS not in doubts) is is_explained


def test_every_doubt_is_named() -> None:
    far = Look(NOW + timedelta(days=1), Decimal(1), Decimal(0))
    assert doubts_about_absence(ASKED, (far,), ZONE) == (
        Doubt.LOOKED_TOO_SOON,
        Doubt.ANOTHER_DAY,
        Doubt.POSITION_DIFFERS,
    )


def test_an_absence_is_declared_by_a_person_for_a_reason() -> None:
    key = IntentKey("T7K2M9QX", 0, Purpose.ENTRY, 1)
    told = AbsenceDeclared(key, "Ada", "TWS does not show it", NOW)
    assert told.text == "declared absent by Ada: TWS does not show it"
    with pytest.raises(ValueError, match=r"is declared absent without a person$"):
        replace(told, by=" ")
    with pytest.raises(ValueError, match=r"is declared absent without a reason$"):
        replace(told, reason="")
    with pytest.raises(ValueError, match=r"is not in UTC$"):
        replace(told, at=NOW.replace(tzinfo=None))
