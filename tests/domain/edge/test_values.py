"""The values of the port refuse what can't be meant, and survive the journey as JSON."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from backstay.domain.edge.arms import (
    AmendAnswer,
    Amended,
    Arm,
    ArmChange,
    ArmPhase,
    ExtendUntil,
    FireNow,
    Gone,
    MoveTrigger,
    Progress,
)
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.changing import (
    CancelAnswer,
    CancelPending,
    Ended,
    Modified,
    ModifyAnswer,
    ModifyRejected,
    ModifyUnknown,
    NothingToCancel,
)
from backstay.domain.edge.contracts import (
    InstrumentQuery,
    NotAnswered,
    PreviewAnswer,
    Previewed,
    PreviewRefused,
    ResolveAnswer,
    Unresolvable,
    Volatility,
    VolatilityAnswer,
)
from backstay.domain.edge.guards import (
    BreakEven,
    Exit,
    ExitBegun,
    Guard,
    GuardChange,
    GuardEnd,
    GuardEnded,
    GuardResult,
    GuardState,
    MoveStop,
    Resize,
    Target,
    TightenTrail,
)
from backstay.domain.edge.session import (
    BrokerTime,
    Durations,
    EdgeHealth,
    SessionReport,
    SessionState,
    TaskHealth,
)
from backstay.domain.edge.snapshot import BrokerSnapshot, Completeness
from backstay.domain.edge.submission import (
    NotSent,
    NotSentReason,
    Submission,
    SubmitAnswer,
)
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.steps import begin
from backstay.domain.ids import Purpose
from backstay.domain.limits.facts import Margin
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.outcome import Accepted
from backstay.domain.orders.view import view_of
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side
from tests.domain.edge.samples import (
    ARM,
    ASKED,
    ENTRY,
    EXIT,
    GUARD,
    LADDER,
    NOW,
    REACHED,
    STATE,
    STOP,
    TRIGGER,
    approved,
    key,
)

LOCAL = datetime(2026, 11, 23, 15, 0)  # noqa: DTZ001 - a time without a zone is what is refused
ORDER = view_of(OrderFacts(), Side.BUY, Decimal(100))
BEGUN, _ = begin(LADDER, Decimal(100), (), MarketNow(MarketPhase.REGULAR), NOW)

JOURNEYS: list[tuple[Any, Any]] = [
    (Arm, ARM),
    (Arm, replace(ARM, protection=None, limit_offset=None, expires_at=None)),
    (Guard, GUARD),
    (Guard, replace(GUARD, leave_at=None, target=None)),
    (Submission, Submission(approved(ENTRY), ENTRY, ASKED)),
    (SubmitAnswer, NotSent(ENTRY.key, NotSentReason.NOT_READY, NOW)),
    (SubmitAnswer, Accepted(ENTRY.key, 5, 7, NOW)),
    (CancelAnswer, Ended(ENTRY.key, ORDER, NOW)),
    (CancelAnswer, CancelPending(ENTRY.key, NOW, (7, 8))),
    (CancelAnswer, NothingToCancel(ENTRY.key)),
    (ModifyAnswer, Modified(ENTRY.key, ORDER, NOW)),
    (ModifyAnswer, ModifyRejected(ENTRY.key, 103, "Duplicate order id", NOW)),
    (ModifyAnswer, ModifyUnknown(ENTRY.key, NOW)),
    (Progress, Progress(ENTRY.key, 1, 2, ArmPhase.WORKING, NOW, entry=ORDER)),
    (ArmChange, MoveTrigger(TRIGGER)),
    (ArmChange, FireNow()),
    (ArmChange, ExtendUntil(NOW, ARM.entry)),
    (AmendAnswer, Amended(ENTRY.key, 3)),
    (AmendAnswer, Gone(ENTRY.key, "it has left")),
    (GuardResult, ExitBegun(EXIT.key, 1, Exit.STOP, BEGUN, GUARD.guarded, NOW)),
    (GuardResult, GuardEnded(EXIT.key, 1, GuardEnd.SHIELD_FILLED, GUARD.guarded, NOW)),
    (GuardState, STATE),
    (GuardResult, REACHED),
    (GuardChange, MoveStop(Decimal(99))),
    (GuardChange, BreakEven(Decimal(100))),
    (GuardChange, TightenTrail(Decimal("0.5"))),
    (GuardChange, Resize(Decimal(40), STOP)),
    (PreviewAnswer, Previewed(Margin(Decimal(1), Decimal(2)), None)),
    (PreviewAnswer, PreviewRefused(201, "margin")),
    (ResolveAnswer, Unresolvable("option.strike", "187.25", ("185", "190"), "not listed")),
    (ResolveAnswer, NotAnswered("contract details", NOW)),
    (VolatilityAnswer, Volatility(Decimal(3), Decimal(4), 14, date(2026, 11, 20))),
    (InstrumentQuery, InstrumentQuery("AAPL", primary_exchange="NASDAQ")),
    (
        EdgeHealth,
        EdgeHealth(
            "DU1234567",
            1,
            SessionReport(SessionState.READY, NOW),
            BrokerTime(NOW, 0.2),
            (TaskHealth("session", NOW, 0),),
            armed=1,
            guarded=2,
            lines_used=3,
            lines_max=100,
            waiting_in_lanes=0,
            last_tick_at=None,
            reads=Durations((0.001, 0.5), (3, 0, 1), 2.25),
        ),
    ),
    (BrokerSnapshot, BrokerSnapshot("DU1234567", NOW, Completeness(), (), (), (), (), ())),
]


@pytest.mark.parametrize(("kind", "value"), JOURNEYS)
def test_each_value_survives_json_as_itself(kind: Any, value: Any) -> None:
    adapter = TypeAdapter(kind)
    assert adapter.validate_json(adapter.dump_json(value)) == value


def test_durations_have_a_count_for_each_bound_and_one_for_what_is_longer() -> None:
    for counts in ((1, 2), (1, 2, 3, 4)):
        with pytest.raises(ValueError, match="there is a count for each bound, and one for what"):
            Durations((0.001, 0.5), counts, 1.0)


def test_an_arm_is_named_by_its_entry_and_a_guard_by_its_first_exit() -> None:
    assert ARM.key == key(Purpose.ENTRY)
    assert GUARD.key == key(Purpose.EXIT_STOP)
    assert GUARD.instrument == STOP.instrument


def test_only_what_opens_or_covers_is_armed() -> None:
    with pytest.raises(ValueError, match=r"bs1:T7K2M9QX:0:XS:1 does not open anything"):
        replace(ARM, entry=approved(EXIT))


@pytest.mark.parametrize("stop", [EXIT, replace(STOP, parent=None), replace(ENTRY, parent=None)])
def test_what_is_attached_to_an_entry_is_its_own_stop(stop: Any) -> None:
    with pytest.raises(ValueError, match="is not the stop attached to bs1:T7K2M9QX:0:EN:1"):
        replace(ARM, protection=approved(stop))


def test_a_limit_does_not_lie_on_the_wrong_side_of_its_trigger() -> None:
    with pytest.raises(ValueError, match=r"the offset of the limit is -0\.01"):
        replace(ARM, limit_offset=Decimal("-0.01"))


def test_a_guard_is_approved_by_the_approval_of_its_own_first_exit() -> None:
    with pytest.raises(ValueError, match="does not approve the exit bs1:T7K2M9QX:0:XS:1"):
        replace(GUARD, exit=approved(STOP))


def test_the_stops_of_a_guard_are_approved_as_stops() -> None:
    with pytest.raises(ValueError, match="XS:1 does not approve a protective stop"):
        replace(GUARD, protection=approved(EXIT))


def test_nothing_is_not_guarded() -> None:
    with pytest.raises(ValueError, match="the guarded quantity is 0"):
        replace(GUARD, quantity=Decimal(0))


def test_a_target_is_a_price() -> None:
    with pytest.raises(ValueError, match="the target of bs1:T7K2M9QX:0:XT:1 is 0"):
        Target(Decimal(0), approved(replace(EXIT, key=key(Purpose.EXIT_TARGET))))


@pytest.mark.parametrize(
    "build",
    [
        lambda: replace(ARM, expires_at=LOCAL),
        lambda: replace(GUARD, leave_at=LOCAL),
        lambda: Asked(LOCAL, Decimal(0)),
        lambda: NotSent(ENTRY.key, NotSentReason.NOT_READY, LOCAL),
        lambda: CancelPending(ENTRY.key, LOCAL),
        lambda: SessionReport(SessionState.DOWN, LOCAL),
    ],
)
def test_a_time_without_a_zone_is_refused(build: Any) -> None:
    with pytest.raises(ValueError, match="is not in UTC"):
        build()


def test_a_position_is_a_number() -> None:
    with pytest.raises(ValueError, match="it must be a number"):
        Asked(NOW, Decimal("NaN"))


@pytest.mark.parametrize("phase", list(ArmPhase))
def test_four_phases_of_an_arm_are_not_its_end(phase: ArmPhase) -> None:
    goes_on = {ArmPhase.WAITING, ArmPhase.SENDING, ArmPhase.WORKING, ArmPhase.UNKNOWN}
    assert phase.is_final is (phase not in goes_on)


@pytest.mark.parametrize(
    "missing", ["open_orders_at", "completed_orders_at", "executions_at", "positions_at"]
)
def test_a_picture_with_one_part_unanswered_is_not_whole(missing: str) -> None:
    at = datetime(2026, 11, 23, 15, tzinfo=UTC)
    whole = Completeness(at, at, at, at)
    assert whole.is_whole
    assert not replace(whole, **{missing: None}).is_whole
