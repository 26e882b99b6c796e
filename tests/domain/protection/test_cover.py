"""What is done about a fill whose stop is not acknowledged."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.reports import BrokerReport, ExecutionReported, StatusReported
from backstay.domain.orders.view import OrderView, view_of
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.domain.protection.cover import (
    AskAboutStops,
    CancelEntry,
    Covered,
    CoverStep,
    CutStops,
    PlaceStop,
    StopAtBroker,
    WaitForStop,
    next_step,
)
from backstay.domain.sides import Side

NOW = datetime(2026, 3, 23, 15, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(seconds=10)
STOP = IntentKey("T7K2M9QX", 0, Purpose.PROTECT, 1)
LATER_STOP = STOP.next_generation()


def order(
    quantity: int, *statuses: str, filled: int = 0, side: Side = Side.BUY, number: int = 1
) -> OrderView:
    """An order of which the broker said so much."""
    reports: list[BrokerReport] = [
        StatusReported(number, 1000 + number, status, Decimal(filled), "", LONG_AGO)
        for status in statuses
    ]
    if filled:
        reports.append(
            ExecutionReported(
                f"0000e0d5.{number}.01.01",
                number,
                1000 + number,
                side,
                Decimal(filled),
                Decimal(190),
                LONG_AGO,
            )
        )
    return view_of(OrderFacts().with_reports(*reports), side, Decimal(quantity))


def stop(
    quantity: int, *statuses: str, attached: bool = True, key: IntentKey = STOP, filled: int = 0
) -> StopAtBroker:
    """A protective stop of which the broker said so much."""
    number = 1 + key.generation
    view = order(quantity, *statuses, filled=filled, side=Side.SELL, number=number)
    return StopAtBroker(key, view, attached)


PARTLY = order(100, "Submitted", filled=30)
WHOLE = order(100, "Filled", filled=100)
CUT = order(100, "Cancelled", filled=30)


@pytest.mark.req("X.1", "L1", "I11")
@pytest.mark.parametrize(
    ("open_quantity", "entry", "stops", "profile", "expected"),
    [
        # The entry has filled completely and its child stands.
        (100, WHOLE, (stop(100, "PreSubmitted"),), PESSIMISTIC, Covered()),
        # Nothing is open.
        (0, order(100, "Submitted"), (stop(100, "PreSubmitted"),), PESSIMISTIC, Covered()),
        # A child of a partly filled parent sleeps, or works for what is filled.
        (30, PARTLY, (stop(100, "PreSubmitted"),), PESSIMISTIC, CancelEntry(Decimal(30))),
        (30, PARTLY, (stop(100, "PreSubmitted"),), OPTIMISTIC, Covered()),
        # The remainder is gone and the child with it: exactly what is open gets a stop.
        (30, CUT, (stop(100, "Cancelled"),), PESSIMISTIC, PlaceStop(Decimal(30))),
        # The child outlived its parent's cancel, for more than is open.
        (30, CUT, (stop(100, "PreSubmitted"),), PESSIMISTIC, CutStops(Decimal(70))),
        (30, CUT, (stop(30, "PreSubmitted"),), PESSIMISTIC, Covered()),
        # A stop that was sent and never answered may live: no second one beside it.
        (100, WHOLE, (stop(100),), PESSIMISTIC, AskAboutStops(Decimal(100), (STOP,))),
        (100, WHOLE, (stop(100, "Inactive"),), OPTIMISTIC, AskAboutStops(Decimal(100), (STOP,))),
        # One unit matters.
        (100, WHOLE, (stop(101, "Submitted"),), PESSIMISTIC, CutStops(Decimal(1))),
        (100, WHOLE, (stop(99, "Submitted"),), PESSIMISTIC, PlaceStop(Decimal(1))),
        # There never was one.
        (100, WHOLE, (), PESSIMISTIC, PlaceStop(Decimal(100))),
        # One covers a part and nothing else may live.
        (
            100,
            WHOLE,
            (stop(60, "Submitted", attached=False),),
            PESSIMISTIC,
            PlaceStop(Decimal(40)),
        ),
        # One covers a part, another may cover the rest.
        (
            100,
            WHOLE,
            (
                stop(60, "Submitted", attached=False),
                stop(40, attached=False, key=LATER_STOP),
            ),
            PESSIMISTIC,
            AskAboutStops(Decimal(40), (LATER_STOP,)),
        ),
        # Two stops for one position.
        (
            100,
            WHOLE,
            (
                stop(100, "Submitted", attached=False),
                stop(100, attached=False, key=LATER_STOP),
            ),
            PESSIMISTIC,
            CutStops(Decimal(100)),
        ),
        # A stop that was not attached works while the entry does: only what it lacks is naked.
        (
            30,
            PARTLY,
            (stop(20, "Submitted", attached=False),),
            PESSIMISTIC,
            CancelEntry(Decimal(10)),
        ),
        # The stop has closed a part of what was open, and covers the rest.
        (60, WHOLE, (stop(100, "Submitted", filled=40),), PESSIMISTIC, Covered()),
    ],
)
def test_the_next_step_follows_from_the_facts(
    open_quantity: int,
    entry: OrderView,
    stops: tuple[StopAtBroker, ...],
    profile: BrokerProfile,
    expected: CoverStep,
) -> None:
    assert next_step(Decimal(open_quantity), LONG_AGO, entry, stops, profile, NOW) == expected


@pytest.mark.req("X.1", "L1")
@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0, WaitForStop(Decimal(100), NOW + timedelta(seconds=2))),
        (1.999, WaitForStop(Decimal(100), NOW + timedelta(seconds=0.001))),
        (2.0, AskAboutStops(Decimal(100), (STOP,))),
    ],
)
def test_a_stop_on_its_way_has_two_seconds(seconds: float, expected: CoverStep) -> None:
    since = NOW - timedelta(seconds=seconds)
    step = next_step(Decimal(100), since, WHOLE, (stop(100),), PESSIMISTIC, NOW)
    assert step == expected


@pytest.mark.req("X.1")
def test_without_a_stop_on_its_way_nothing_is_waited_for() -> None:
    assert next_step(Decimal(100), NOW, WHOLE, (), PESSIMISTIC, NOW) == PlaceStop(Decimal(100))
    dead = (stop(100, "Cancelled"),)
    assert next_step(Decimal(30), NOW, PARTLY, dead, PESSIMISTIC, NOW) == CancelEntry(Decimal(30))


@pytest.mark.req("X.1")
def test_an_entry_is_over_only_when_its_fills_are_known() -> None:
    claims_more = view_of(
        OrderFacts().with_reports(StatusReported(1, 1001, "Cancelled", Decimal(30), "", LONG_AGO)),
        Side.BUY,
        Decimal(100),
    )
    step = next_step(Decimal(20), LONG_AGO, claims_more, (), PESSIMISTIC, NOW)
    assert step == CancelEntry(Decimal(20))


@pytest.mark.req("X.1", "X.4", "L1")
def test_a_life_of_a_stop_that_sleeps_protects_nothing_and_may_wake() -> None:
    reports = (
        StatusReported(2, 1001, "Inactive", Decimal(0), "", LONG_AGO),
        StatusReported(2, 1002, "Submitted", Decimal(60), "", LONG_AGO),
        ExecutionReported(
            "0000e0d5.1.01.01", 2, 1002, Side.SELL, Decimal(60), Decimal(190), LONG_AGO
        ),
    )
    lives = view_of(OrderFacts().with_reports(*reports), Side.SELL, Decimal(100))
    assert [lives.working, lives.remaining] == [40, 140]
    known = StopAtBroker(STOP, lives, is_attached=False)
    step = next_step(Decimal(140), LONG_AGO, WHOLE, (known,), PESSIMISTIC, NOW)
    assert step == AskAboutStops(Decimal(100), (STOP,))
