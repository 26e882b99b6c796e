"""The rehearsal's own judgement, on logs and tapes that are wrong on purpose."""

from datetime import datetime
from decimal import Decimal

import pytest

from backstay.domain.hedging.exposure import Group, GroupLeg, LegRole
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.sides import Side
from backstay.lab.rehearsal.checks import (
    booked_as_executed,
    called_for_what_is_exposed,
    every_order_was_written,
    is_hedge,
    nothing_strange,
    one_at_a_time,
    risk_within_hedge,
)
from backstay.lab.rehearsal.desk import LogLine, Step
from backstay.lab.rehearsal.tape import ScriptedOrder, Tape, moment

NOON = moment("12:00:00")
HEDGE_FIRST = Group(
    (
        GroupLeg(LegRole.HEDGE, Side.BUY, 2, covers=(1,)),
        GroupLeg(LegRole.RISK, Side.SELL, 1),
    ),
    units=5,
)


def line(
    step: Step,
    purpose: Purpose = Purpose.ENTRY,
    generation: int = 1,
    quantity: str = "5",
    *,
    leg: int = 0,
    at: datetime = NOON,
) -> LogLine:
    return LogLine(step, IntentKey("T7K2M9QX", leg, purpose, generation), Decimal(quantity), at)


def test_an_order_that_was_written_before_it_was_sent_may_be_sent_and_changed() -> None:
    check = every_order_was_written([line(Step.WRITTEN), line(Step.SENT), line(Step.CHANGED)])
    assert (check.holds, check.found) == (True, "1 order, 1 with an intent before")


@pytest.mark.parametrize("step", [Step.SENT, Step.CHANGED])
def test_an_order_that_was_written_too_late_is_found(step: Step) -> None:
    check = every_order_was_written([line(step), line(Step.WRITTEN)])
    assert (check.holds, check.found) == (False, "1 order, 0 with an intent before")


def test_the_intent_of_another_generation_is_no_intent() -> None:
    assert not every_order_was_written([line(Step.WRITTEN), line(Step.SENT, generation=2)]).holds


def test_where_nothing_was_sent_nothing_is_proven() -> None:
    assert not every_order_was_written([line(Step.WRITTEN)]).holds


def test_one_after_the_other_is_one_at_a_time() -> None:
    log = [
        line(Step.SENT, Purpose.HEDGE),
        line(Step.CANCELLED, Purpose.HEDGE),
        line(Step.OVER, Purpose.HEDGE),
        line(Step.SENT, Purpose.HEDGE, 2),
        line(Step.SENT, Purpose.ENTRY),
    ]
    check = one_at_a_time(log, "emergency hedges", is_hedge)
    assert (check.text, check.holds) == ("no two emergency hedges were live at once", True)
    assert check.found == "2 sent, 0 beside another"


def test_a_cancel_that_is_not_proven_leaves_two_at_a_time() -> None:
    log = [
        line(Step.SENT, Purpose.HEDGE),
        line(Step.CANCELLED, Purpose.HEDGE),
        line(Step.SENT, Purpose.HEDGE, 2),
    ]
    check = one_at_a_time(log, "emergency hedges", is_hedge)
    assert (check.holds, check.found) == (False, "2 sent, 1 beside another")


ORDER = ScriptedOrder("0:EN:1", 1, 11, Side.BUY)


@pytest.mark.parametrize(("booked", "holds"), [("4", False), ("5", True), ("10", False)])
def test_each_execution_counts_once_and_a_correction_replaces(booked: str, holds: bool) -> None:
    tape = Tape(
        NOON,
        (
            ORDER.fills("12:00:01", "a.01.02", "2", "10.00"),
            ORDER.fills("12:00:01", "a.01.01", "4", "10.00"),
            ORDER.fills("12:00:02", "a.02.01", "3", "10.00"),
            ORDER.fills("12:00:03", "a.02.01", "3", "10.00"),
            ORDER.costs("12:00:03", "a.02.01", "1.00"),
        ),
    )
    check = booked_as_executed(Decimal(booked), tape)
    assert (check.holds, check.found) == (holds, f"{booked} of 5 units")


def test_an_empty_tape_books_nothing() -> None:
    assert booked_as_executed(Decimal(0), Tape(NOON, ())).holds


@pytest.mark.parametrize(("strays", "found"), [(0, "0 strays"), (1, "1 stray")])
def test_a_stray_is_one_too_many(strays: int, found: str) -> None:
    check = nothing_strange(strays)
    assert (check.holds, check.found) == (not strays, found)


@pytest.mark.parametrize(
    ("quantities", "holds"),
    [(["2"], True), (["1", "1"], True), (["3"], False), (["2", "1"], False)],
)
def test_risk_may_be_sent_up_to_the_hedge_that_has_filled_by_then(
    quantities: list[str], holds: bool
) -> None:
    tape = Tape(
        NOON,
        (
            ORDER.fills("12:00:01", "a.01.01", "4", "10.00"),
            ORDER.fills("12:00:09", "a.02.01", "6", "10.00"),
        ),
    )
    sent = [
        line(Step.SENT, generation=number, quantity=quantity, leg=1, at=moment("12:00:05"))
        for number, quantity in enumerate(quantities, start=1)
    ]
    check = risk_within_hedge([line(Step.SENT, quantity="10"), *sent], HEDGE_FIRST, tape)
    assert check.holds is holds


def test_where_no_risk_was_sent_nothing_is_proven_of_it() -> None:
    assert not risk_within_hedge([line(Step.SENT)], HEDGE_FIRST, Tape(NOON, ())).holds


@pytest.mark.parametrize(
    ("called_for", "exposed", "holds"),
    [("1", "1", True), (None, "0", True), ("1", "2", False), (None, "1", False), ("1", "0", False)],
)
def test_a_person_has_to_hear_the_exact_figure(
    called_for: str | None, exposed: str, holds: bool
) -> None:
    called = None if called_for is None else Decimal(called_for)
    assert called_for_what_is_exposed(called, Decimal(exposed)).holds is holds


def test_a_tape_that_steps_back_is_no_tape() -> None:
    late, early = ORDER.answers("12:00:02"), ORDER.answers("12:00:01")
    with pytest.raises(ValueError, match="steps back"):
        Tape(NOON, (late, early))
    with pytest.raises(ValueError, match="steps back"):
        Tape(moment("12:00:02"), (early,))
