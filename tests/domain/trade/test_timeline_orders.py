"""The orders in a timeline: written down, sent, acknowledged, filled; and the news of an entry."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.edge.arms import (
    ArmPhase,
)
from backstay.domain.edge.walking import Walk
from backstay.domain.ids import Purpose
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.outcome import Rejected, RejectionClass
from backstay.domain.plan.complaints import Complaint
from backstay.domain.trade import chronicle
from backstay.domain.trade.prospect import NoProspect
from tests.domain.trade.lives import (
    LIFE,
    Life,
    call,
    heard_of,
    wall,
)
from tests.domain.trade.samples import NOW, at, prospect_of, summary

# --- orders ---


def armed(life: Life, *reports: Any) -> list[str]:
    """What is told of an entry, report by report, after it was written down."""
    life.admitted()
    for number, news in enumerate(reports):
        asked = 0.3 + number
        life.add(call(chronicle.Arming(life.agreed.arm(), news), asked, asked + 0.9))
    return life.told("waits: until")


def test_an_order_of_a_process_that_is_gone_left_nobody_knows_when() -> None:
    life = Life()
    assert armed(life, life.report(entry=life.entry(100, fill=1), seconds=1.1)) == [
        (
            "? b sent: EN:1 buy 100 LMT 100.10; when it left is not known:"
            " the process that has sent it is gone"
        ),
        "? b acknowledged: EN:1 the broker has it as 1; since when is not known",
        "1 b filled: EN:1 100 of 100 fill at 100.05",
    ]


def test_an_exit_that_was_handed_over_is_told_from_then_on() -> None:
    life = Life().entered().begun_to_leave()
    walking = chronicle.Walking(Walk(life.way_out()), life.walked(life.exit(fill=10)))
    told = life.add(call(walking, 10.2, 11.02)).told("led by")
    assert told == [
        "? b acknowledged: XS:1 the broker has it as 1; since when is not known",
        "10 b filled: XS:1 100 of 100 fill at 97.5",
    ]
    assert (
        "10 b sent: XS:1 sell 100 LMT 97.51; handed over then, when it left is not known"
        in life.told()
    )


def test_a_moment_that_one_report_knows_is_not_forgotten_by_the_next() -> None:
    life = Life()
    told = armed(
        life,
        life.report(ArmPhase.WORKING, 1, entry=life.entry(sent=0.5, heard=0.7)),
        life.report(seconds=2, entry=life.entry(100, fill=2)),
    )
    assert told == [
        "0.5 b sent: EN:1 buy 100 LMT 100.10",
        "0.7 b acknowledged: EN:1 the broker has it as 1",
        "2 b filled: EN:1 100 of 100 fill at 100.05",
    ]


def test_what_was_only_written_down_is_not_told_as_sent() -> None:
    life = Life()
    unheard = replace(life.entry(), perm_ids=())
    assert armed(life, life.report(ArmPhase.SENDING, 1, entry=unheard)) == []
    left = replace(unheard, sent_at=at(0.9))
    life = Life()
    assert armed(life, life.report(ArmPhase.SENDING, 1, entry=left)) == [
        "0.9 b sent: EN:1 buy 100 LMT 100.10"
    ]


def test_an_acknowledgement_without_a_name_is_one() -> None:
    life = Life()
    nameless = replace(life.entry(sent=0.5, heard=0.6), perm_ids=())
    told = armed(life, life.report(ArmPhase.WORKING, 1, entry=nameless))
    assert told[-1] == "0.6 b acknowledged: EN:1 the broker has it"


def test_parts_are_told_as_they_add_up_and_what_is_taken_back_as_well() -> None:
    life = Life()
    first = life.entry(40, sent=0.5, heard=0.6, fill=1, executions=2)
    more = life.entry(100, sent=0.5, heard=0.6, fill=2)
    dearer = replace(more, value=first.value + Decimal("6006.07"))
    less = life.entry(90, sent=0.5, heard=0.6, fill=2)
    told = armed(
        life,
        life.report(ArmPhase.WORKING, 1.2, entry=first),
        life.report(ArmPhase.WORKING, 2.2, entry=dearer),
        life.report(ArmPhase.WORKING, 3.2, entry=less),
    )
    assert told[2:] == [
        "1 b filled: EN:1 40 of 100 fill at 100.05 in 2 parts",
        "2 b filled: EN:1 60 more fill at 100.1012: 100 of 100",
        "2 b filled: EN:1 10 are taken back; 90 of 100 have filled",
    ]


def test_an_order_that_is_made_smaller_and_one_that_ends_early_say_so() -> None:
    life = Life()
    before = life.entry(40, sent=0.5, heard=0.6, fill=1)
    smaller = replace(before, quantity=Decimal(60))
    over = replace(smaller, end=OrderEnd.CANCELLED, text="by the broker", ended_at=at(2.9))
    told = armed(
        life,
        life.report(ArmPhase.WORKING, 1.2, entry=before),
        life.report(ArmPhase.WORKING, 2.2, entry=smaller),
        life.report(seconds=3.1, entry=over),
    )
    assert told[3:] == [
        "? b changed: EN:1 it is for 60 now, not for 100; by 15:00:02, when is not known",
        "2.9 b ended: EN:1 cancelled with 40 of 60 filled: by the broker",
    ]


def test_an_order_that_nothing_has_allowed_is_told_without_being_written_down() -> None:
    life = Life().admitted()
    stray = heard_of(summary(life.key(Purpose.HEDGE), 5), sent=1, heard=1.1)
    life.add(call(chronicle.Arming(life.agreed.arm(), life.report(stops=(stray,))), 0.3, 3.01))
    assert life.told("waits: until") == [
        "1 b sent: HG:1 buy 5",
        "1.1 b acknowledged: HG:1 the broker has it as 1",
    ]


# --- the entry ---


def test_an_entry_without_a_stop_at_the_broker_or_a_trigger_is_written_down_alone() -> None:
    life = Life().admitted()
    arm = replace(life.agreed.arm(), protection=None, trigger=None)
    life.add(call(chronicle.Arming(arm, None), 0.3), call(chronicle.Arming(arm, None), 0.4))
    assert life.told("admitted") == ["0.3 e written: EN:1 buy 100 LMT 100.10 may leave from now on"]


REFUSAL = Refused(Life().key(), RefusalCode.KILLED, "killed: freeze", NOW)
REJECTION = Rejected(Life().key(), 201, RejectionClass.MARGIN, "no margin", NOW)


@pytest.mark.parametrize(
    ("phase", "more", "told"),
    [
        (ArmPhase.UNKNOWN, {"why": "not said"}, "trouble: EN:1 the entry is unknown: not said"),
        (ArmPhase.MISSED, {}, "ended: EN:1 the entry is missed"),
        (ArmPhase.EXPIRED, {}, "ended: EN:1 the entry is expired"),
        (ArmPhase.WITHDRAWN, {}, "ended: EN:1 the entry is withdrawn"),
        (
            ArmPhase.REFUSED,
            {"refusal": REFUSAL},
            "refused: EN:1 the entry is refused: killed: freeze",
        ),
        (
            ArmPhase.REFUSED,
            {"rejection": REJECTION},
            "refused: EN:1 the entry is refused: no margin",
        ),
        (
            ArmPhase.WAITING,
            {"why": "it had crossed"},
            "waits: EN:1 the entry is waiting: it had crossed",
        ),
    ],
)
def test_a_phase_that_its_order_does_not_tell_is_told(
    phase: ArmPhase, more: dict[str, Any], told: str
) -> None:
    life = Life()
    assert armed(life, life.report(phase, 1, **more)) == [f"1 b {told}"]


@pytest.mark.parametrize("phase", [ArmPhase.WAITING, ArmPhase.WORKING, ArmPhase.OVER])
def test_a_phase_that_says_nothing_new_is_not_told(phase: ArmPhase) -> None:
    life = Life()
    assert armed(life, life.report(phase, 1)) == []


def test_a_phase_that_is_told_again_is_told_once() -> None:
    life = Life()
    unknown = life.report(ArmPhase.UNKNOWN, 1, why="not said")
    again = life.report(ArmPhase.UNKNOWN, 2, why="not said")
    assert armed(life, unknown, again) == ["1 b trouble: EN:1 the entry is unknown: not said"]


def test_a_running_entry_is_told_by_its_last_sign_of_life() -> None:
    life = Life().admitted()
    newest = life.report(ArmPhase.WORKING, 2, entry=life.entry(sent=0.5, heard=0.7))
    life.add(call(chronicle.Arming(life.agreed.arm(), None, newest), 0.3))
    assert life.told("waits: until")[-1] == "0.7 b acknowledged: EN:1 the broker has it as 1"


def test_a_plan_that_does_not_work_or_waits_for_the_open_is_told() -> None:
    begun = chronicle.Begun(LIFE, wall(-1), Life().order)
    unfit = NoProspect((Complaint(("entry",), "not now"),), NOW)
    waits = replace(prospect_of(Life().order), not_before=at(3600))
    for answer, told in (
        (unfit, "0 b refused: entry: not now"),
        (
            waits,
            (
                "0 b waits: 100 at 100.1, stop 98, 96.04 at the broker; it waits for"
                f" {at(3600):%d %B %H:%M} UTC"
            ),
        ),
    ):
        life = Life().add(begun, call(chronicle.Prospecting(answer), -0.9, 0))
        assert life.told()[1:] == [told]
    unanswered = Life().add(begun, call(chronicle.Prospecting(None), -0.9))
    assert unanswered.told()[1:] == []


def test_a_stop_that_is_kept_off_the_broker_s_books_is_not_told_of() -> None:
    sized = prospect_of(Life().order).sized
    kept = replace(sized, stops=replace(sized.stops, disaster=None))
    found = replace(prospect_of(Life().order), sized=kept)
    life = Life().add(call(chronicle.Prospecting(found), -0.9, 0))
    assert life.told() == ["0 b learned: 100 at 100.1, stop 98"]


def test_an_account_that_refuses_says_why() -> None:
    admitting = Life().admitted().entries[-1]
    assert isinstance(admitting, chronicle.Call)
    assert isinstance(admitting.deed, chronicle.Admitting)
    refused = chronicle.Admitting(admitting.deed.asked, REFUSAL)
    assert Life().add(call(refused, 0.1, 0.2)).told() == ["0.2 e refused: killed: freeze"]
    silent = chronicle.Admitting(admitting.deed.asked, None)
    assert Life().add(call(silent, 0.1)).told() == []
