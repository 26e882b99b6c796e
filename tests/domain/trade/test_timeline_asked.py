"""What comes to a trade from outside: wishes, kills, trouble, and its end."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.edge import guards
from backstay.domain.edge.arms import (
    Amended,
    ArmChange,
    ExtendUntil,
    FireNow,
    Gone,
    MoveTrigger,
    Unfit,
)
from backstay.domain.edge.changing import CancelReport, CancelStanding
from backstay.domain.edge.guards import GuardEnd
from backstay.domain.edge.looking import AbsenceDeclared, NotDeclared
from backstay.domain.edge.walking import Walk
from backstay.domain.ids import Purpose
from backstay.domain.limits.kill import KillMode
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from backstay.domain.trade import chronicle
from backstay.domain.trade.chronicle import Entry, Outcome, Retry
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.timeline.words import settled_text
from tests.domain.trade.lives import (
    KEY,
    LIFE,
    Life,
    call,
    cost,
    heard_of,
    moved_to,
    wall,
    whole_life,
)
from tests.domain.trade.samples import at, summary

# --- what was asked from outside ---


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (
            chronicle.Wish(LIFE, wall(5), "move_stop", ("99.00",), Outcome.DONE, "guarding"),
            "by hand: move-stop 99.00: done",
        ),
        (
            chronicle.Wish(LIFE, wall(5), "close", (), Outcome.UNDER_WAY),
            "by hand: close: under way",
        ),
        (
            chronicle.Wish(LIFE, wall(5), "enter", (), Outcome.REFUSED, "too late"),
            "by hand: enter: refused, too late",
        ),
        (
            chronicle.Wish(LIFE, wall(5), "enter", (), Outcome.REFUSED),
            "by hand: enter: refused",
        ),
        (
            chronicle.Killed(LIFE, wall(5), 3, KillMode.FREEZE),
            "killed: trading is stopped: freeze, epoch 3",
        ),
        (
            chronicle.CallOff(LIFE, wall(5)),
            (
                "by hand: the workflow was asked to end: nothing more is entered,"
                " what has filled stays guarded"
            ),
        ),
        (
            chronicle.Stuck(LIFE, wall(5), "KeyError: 1"),
            "trouble: a step of the workflow fails and is tried again: KeyError: 1",
        ),
        (chronicle.Over(LIFE, wall(5), None, "terminated"), "over: broken off: terminated"),
        (
            call(chronicle.Alerting("order unknown", "look for it in TWS"), 5),
            "alert: order unknown: look for it in TWS",
        ),
    ],
)
def test_what_comes_from_outside_is_told(entry: Entry, told: str) -> None:
    assert Life().add(entry).told() == [f"5 e {told}"]


AMENDED = Amended(KEY, 2)
TRIGGER = Trigger(Decimal(101), Crossing.ABOVE)
EXTENDED = ExtendUntil(at(3600), Life().agreed.approval(KEY))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (None, "let go before anything has left"),
        (FireNow(), "told to enter now"),
        (MoveTrigger(TRIGGER), "waits for another trigger"),
        (EXTENDED, "approved anew, and waits on"),
    ],
)
def test_a_change_of_the_entry_is_told_once_it_is_made(change: ArmChange | None, told: str) -> None:
    made = chronicle.ChangingArm(KEY, change, AMENDED)
    assert Life().add(call(made, 1, 2)).told() == [f"2 e changed: EN:1 {told}"]
    late = chronicle.ChangingArm(KEY, change, Gone(KEY, "it has left"))
    assert Life().add(call(late, 1, 2)).told() == ["2 e refused: EN:1 not changed: it has left"]
    assert Life().add(call(chronicle.ChangingArm(KEY, change, None), 1)).told() == []


LEAVE = guards.LeaveNow(Life().agreed.approval(Life().agreed.first.by_hand.key))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (guards.MoveStop(Decimal("99.00")), "stop: moved to 99"),
        (guards.BreakEven(Decimal(100)), "stop: to 100, unless it is tighter already"),
        (guards.TightenTrail(Decimal("0.5")), "stop: it trails at 0.5 from now on"),
        (guards.Resize(Decimal(60), None), "guarded: 60 from now on"),
        (LEAVE, "leaves: told to leave now"),
    ],
)
def test_a_change_of_the_guard_is_told_once_it_is_made(
    change: guards.GuardChange, told: str
) -> None:
    made = chronicle.ChangingGuard(KEY, change, AMENDED)
    assert Life().add(call(made, 1, 2)).told() == [f"2 e {told}"]
    unfit = chronicle.ChangingGuard(KEY, change, Unfit(KEY, "no sense"))
    assert Life().add(call(unfit, 1, 2)).told() == [
        "2 e refused: the guard is not changed: no sense"
    ]
    assert Life().add(call(chronicle.ChangingGuard(KEY, change, None), 1)).told() == []


def test_an_exit_by_hand_was_written_down_with_the_wish_for_it() -> None:
    life = Life().entered()
    out = heard_of(summary(life.key(Purpose.EXIT_MANUAL), 100), sent=6, heard=6.1)
    leave = chronicle.ChangingGuard(KEY, LEAVE, AMENDED)
    walking = chronicle.Walking(Walk(life.way_out()), life.walked(out, seconds=7))
    told = life.add(call(leave, 5, 5.5), call(walking, 5.8, 7.1)).told()
    assert "5 e written: XM:1 sell 100 may leave from now on, when it is due" not in told
    assert "5 e written: XM:1 buy 100 may leave from now on, when it is due" in told


def test_a_stop_that_was_moved_by_hand_has_not_moved_by_itself() -> None:
    life = Life().entered()
    moved = chronicle.ChangingGuard(KEY, guards.MoveStop(Decimal(99)), AMENDED)
    news = guards.GuardEnded(life.guard.key, 1, GuardEnd.RELEASED, moved_to("99"), at(8))
    life.add(call(chronicle.Guarding(life.guard, news), 3.1, 8.1), call(moved, 4, 5))
    assert life.told("e guarded") == [
        "5 e stop: moved to 99",
        "8 b leaves: the watch is over: released",
    ]


def test_a_cancel_is_written_down_and_told_while_it_is_not_proven() -> None:
    asked = "1 e written: EN:1 its cancel is written down"
    for standing, text, told in (
        (CancelStanding.ENDED, "", []),
        (CancelStanding.PENDING, "", ["2 e trouble: EN:1 the cancel is pending"]),
        (CancelStanding.PENDING, "10148", ["2 e trouble: EN:1 the cancel is pending: 10148"]),
    ):
        cancelling = chronicle.Cancelling(KEY, CancelReport(KEY, standing, text))
        assert Life().add(call(cancelling, 1, 2)).told() == [asked, *told]
    assert Life().add(call(chronicle.Cancelling(KEY, None), 1)).told() == [asked]


def test_a_person_s_word_is_told_whether_or_not_it_is_taken() -> None:
    taken = AbsenceDeclared(KEY, "Ada", "not in TWS", at(2))
    for answer, told in (
        (taken, ["2 e by hand: EN:1 declared absent by Ada: not in TWS"]),
        (
            NotDeclared(KEY, "the broker shows it"),
            [
                (
                    "2 e refused: EN:1 the word of Ada that it is absent is not taken:"
                    " the broker shows it"
                )
            ],
        ),
        (None, []),
    ):
        deed = chronicle.DeclaringAbsent(KEY, "Ada", "not in TWS", answer)
        assert Life().add(call(deed, 1, 2)).told() == told


# --- trouble ---


@pytest.mark.parametrize(
    ("identity", "sort", "after", "told"),
    [
        ("edge/DU1/1/b2.1", "WorkerLost", "gone", "the broker worker was lost"),
        ("edge/DU1/1/b2.1", "WorkerShutdown", "", "the broker worker was told to end"),
        ("edge/DU1/1/b2.1", "EdgeClosed", "", "the broker worker was closing"),
        ("trades/b2", "Silent", "", "the trades worker fell silent"),
        ("somebody", "Silent", "", "the worker fell silent"),
        ("edge/DU1/1/b2.1", "Syncing", "not synced", "not synced"),
        ("edge/DU1/1/b2.1", "", "", "the attempt before has failed"),
    ],
)
def test_a_call_that_was_taken_up_again_says_by_whom_and_why(
    identity: str, sort: str, after: str, told: str
) -> None:
    retry = Retry(2, identity, wall(7), sort, after)
    deed = chronicle.Cancelling(KEY, None)
    assert Life().add(call(deed, 1, retry=retry)).told()[1:] == [
        f"7 e trouble: {told}; taken up again by {identity}, attempt 2"
    ]


def test_a_call_that_fails_for_good_is_trouble() -> None:
    failed = call(chronicle.Cancelling(KEY, None), 1, 4, failure="no sense")
    assert Life().add(failed).told()[1:] == [
        "4 e trouble: cancelling fails for good and is asked for anew: no sense"
    ]


# --- the end ---


def test_a_settlement_tells_everything_that_it_comes_to() -> None:
    life = whole_life()
    (settlement,) = [e.settlement for e in life.entries if isinstance(e, chronicle.Over)]
    assert isinstance(settlement, Settlement)
    dear = replace(settlement, commissions=cost("2.00"), left_over=Decimal(5))
    assert settled_text(dear) == (
        "profit -255, commissions 2 USD, 5 left over, naked for 2.5 unit seconds"
    )
    unread = replace(settlement, profit=None, naked_seconds=Decimal(0))
    assert settled_text(unread) == "profit unknown"
    nothing = replace(settlement, orders=(), naked_seconds=Decimal(0), profit=Decimal(0))
    assert settled_text(nothing) == "nothing was traded"


def test_a_settlement_that_nobody_has_booked_yet_says_so() -> None:
    life = whole_life()
    (settlement,) = [e.settlement for e in life.entries if isinstance(e, chronicle.Over)]
    assert settlement is not None
    told = Life().add(call(chronicle.Settling(settlement, is_booked=False), 12)).told()
    assert told == ["12 e settled: profit -255, naked for 2.5 unit seconds; not booked yet"]


def test_an_end_without_a_reason_is_its_state() -> None:
    (settlement,) = [e.settlement for e in whole_life().entries if isinstance(e, chronicle.Over)]
    assert settlement is not None
    over = chronicle.Over(LIFE, wall(5), replace(settlement, why=""))
    assert Life().add(over).told() == ["5 e over: closed"]
