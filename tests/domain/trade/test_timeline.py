"""A trade's life in lines: in true sequence, by whose clock, and nothing that nobody knows."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from backstay.domain.edge import guards
from backstay.domain.edge.arms import (
    Amended,
    ArmChange,
    ArmPhase,
    ExtendUntil,
    FireNow,
    Gone,
    MoveTrigger,
    Unfit,
)
from backstay.domain.edge.changing import CancelReport, CancelStanding
from backstay.domain.edge.guards import Exit, GuardEnd, GuardState, Headway
from backstay.domain.edge.looking import AbsenceDeclared, NotDeclared
from backstay.domain.edge.walking import Walk
from backstay.domain.exits.events import Alarm, AskBroker, Cancel, Reshape, Send
from backstay.domain.exits.ladder import Told
from backstay.domain.ids import Purpose
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.limits.kill import KillMode
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import Market
from backstay.domain.orders.outcome import Rejected, RejectionClass
from backstay.domain.plan.complaints import Complaint
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import Resting, Trail
from backstay.domain.ticks.triggers import Trigger
from backstay.domain.trade import chronicle
from backstay.domain.trade.chronicle import Entry, Outcome, Retry
from backstay.domain.trade.prospect import NoProspect
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.timeline import Timeline, timeline_of
from backstay.domain.trade.timeline_lines import Clock, What
from backstay.domain.trade.timeline_words import settled_text, watch_text
from tests.domain.trade.lives import AHEAD, LIFE, WAY_OUT, Life, call, cost, heard_of, wall
from tests.domain.trade.samples import NOW, at, prospect_of, summary

TARGETS = """
[[target]]
price = 103.00
fraction = 0.5
then = "break_even"
[[target]]
price = 105.00
fraction = 0.5
"""


def whole_life() -> Life:
    """From its beginning to flat, by its stop."""
    life = Life().entered().begun_to_leave()
    out = life.exit(sent=10, heard=10.3, fill=10)
    shield = life.stop(sent=2, heard=2.2, end=OrderEnd.CANCELLED)
    walking = chronicle.Walking(Walk(life.way_out(), life.ladder()), life.walked(out, shield))
    life.add(
        call(walking, 10.2, 11.02, life=WAY_OUT),
        chronicle.WayOutOver(LIFE, wall(11.1), WAY_OUT, life.outcome(out, shield)),
    )
    return life.settled()


def test_a_whole_life_is_told_in_the_sequence_in_which_it_happened() -> None:
    assert whole_life().told() == [
        "-1 e begun: buy AAPL in DU1234567: the plan aapl-test, trade ZT9FAJXY",
        "0 b learned: 100 at 100.1, stop 98, 96.04 at the broker",
        "0.2 e admitted: the account has room for 4 orders: 0:EN:1, 0:PR:1, 0:XS:1, 0:XM:1",
        "0.3 e written: 0:EN:1 buy 100 LMT 100.1 may leave from now on",
        "0.3 e written: 0:PR:1 sell 100 STP LMT 96.04 91.23 may leave from now on",
        "0.3 e waits: until last is above 100",
        "2 b sent: 0:EN:1 buy 100 LMT 100.1",
        "2 b sent: 0:PR:1 sell 100 STP LMT 96.04 91.23",
        "2.1 b acknowledged: 0:EN:1 the broker has it as 1",
        "2.2 b acknowledged: 0:PR:1 the broker has it as 1",
        "3 b filled: 0:EN:1 100 of 100 fill at 100.05",
        "3.1 e guarded: 100 from the first share on: stop 98 on last",
        "3.1 e written: 0:XS:1 sell 100 LMT 97.51 may leave from now on, when it is due",
        "10 b leaves: 100 leave: the stop 98 is broken",
        "10 b sent: 0:XS:1 sell 100 LMT 97.51",
        "10.1 e leaves: 100 AAPL go out, led by exit:0",
        "10.3 b acknowledged: 0:XS:1 the broker has it as 1",
        "10 b filled: 0:XS:1 100 of 100 fill at 97.5",
        "11 b ended: 0:PR:1 cancelled",
        "11 b flat: 100 of 100 are out; the broker holds 0 in all",
        "12.1 e settled: profit -255, naked for 2.5 unit seconds",
        "12.2 e over: closed: stop",
    ]


def test_the_clocks_are_compared_by_the_answer_that_came_back_fastest() -> None:
    assert timeline_of(whole_life().facts()).broker_ahead == AHEAD
    assert timeline_of(Life().facts()) == Timeline((), timedelta(0))


def test_every_line_says_whose_moment_it_is_and_how_exact() -> None:
    lines = whole_life().lines()
    assert {line.clock for line in lines} == set(Clock)
    to_the_second = [line.what for line in lines if line.to_the_second]
    assert to_the_second == [What.FILLED, What.FILLED]
    assert all(line.at is not None for line in lines)


def test_a_stamp_finer_than_a_second_is_not_taken_for_a_coarse_one() -> None:
    life = Life().admitted()
    news = life.report(entry=life.entry(100, sent=2, heard=2.1, fill=2.5))
    life.add(call(chronicle.Arming(life.agreed.arm(), news), 0.3, 3.01))
    (filled,) = [line for line in life.lines() if line.what is What.FILLED]
    assert (filled.at, filled.to_the_second) == (at(2.5), False)


@pytest.mark.parametrize(
    "value", [*whole_life().entries, *whole_life().facts().entries[:1]], ids=lambda each: each.kind
)
def test_an_entry_survives_the_journey_as_json(value: Entry) -> None:
    adapter: TypeAdapter[Entry] = TypeAdapter(Entry)
    assert adapter.validate_json(adapter.dump_json(value)) == value


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
            "? b sent: 0:EN:1 buy 100 LMT 100.1; when it left is not known:"
            " the process that has sent it is gone"
        ),
        "? b acknowledged: 0:EN:1 the broker has it as 1; since when is not known",
        "1 b filled: 0:EN:1 100 of 100 fill at 100.05",
    ]


def test_an_exit_that_was_handed_over_is_told_from_then_on() -> None:
    life = Life().entered().begun_to_leave()
    walking = chronicle.Walking(Walk(life.way_out()), life.walked(life.exit(fill=10)))
    told = life.add(call(walking, 10.2, 11.02)).told("led by")
    assert told == [
        "? b acknowledged: 0:XS:1 the broker has it as 1; since when is not known",
        "10 b filled: 0:XS:1 100 of 100 fill at 97.5",
    ]
    assert (
        "10 b sent: 0:XS:1 sell 100 LMT 97.51; handed over then, when it left is not known"
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
        "0.5 b sent: 0:EN:1 buy 100 LMT 100.1",
        "0.7 b acknowledged: 0:EN:1 the broker has it as 1",
        "2 b filled: 0:EN:1 100 of 100 fill at 100.05",
    ]


def test_what_was_only_written_down_is_not_told_as_sent() -> None:
    life = Life()
    unheard = replace(life.entry(), perm_ids=())
    assert armed(life, life.report(ArmPhase.SENDING, 1, entry=unheard)) == []
    left = replace(unheard, sent_at=at(0.9))
    life = Life()
    assert armed(life, life.report(ArmPhase.SENDING, 1, entry=left)) == [
        "0.9 b sent: 0:EN:1 buy 100 LMT 100.1"
    ]


def test_an_acknowledgement_without_a_name_is_one() -> None:
    life = Life()
    nameless = replace(life.entry(sent=0.5, heard=0.6), perm_ids=())
    told = armed(life, life.report(ArmPhase.WORKING, 1, entry=nameless))
    assert told[-1] == "0.6 b acknowledged: 0:EN:1 the broker has it"


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
        "1 b filled: 0:EN:1 40 of 100 fill at 100.05 in 2 parts",
        "2 b filled: 0:EN:1 60 more fill at 100.1012: 100 of 100",
        "2 b filled: 0:EN:1 10 are taken back; 90 of 100 have filled",
    ]


def test_an_order_that_is_made_smaller_and_one_that_ends_early_say_so() -> None:
    life = Life()
    before = life.entry(40, sent=0.5, heard=0.6, fill=1)
    smaller = replace(before, quantity=Decimal(60))
    over = replace(smaller, end=OrderEnd.CANCELLED, text="by the broker")
    told = armed(
        life,
        life.report(ArmPhase.WORKING, 1.2, entry=before),
        life.report(ArmPhase.WORKING, 2.2, entry=smaller),
        life.report(seconds=3.1, entry=over),
    )
    assert told[3:] == [
        "2.2 b changed: 0:EN:1 it is for 60 now, not for 100",
        "3.1 b ended: 0:EN:1 cancelled with 40 of 60 filled: by the broker",
    ]


def test_an_order_that_nothing_has_allowed_is_told_without_being_written_down() -> None:
    life = Life().admitted()
    stray = heard_of(summary(life.key(Purpose.HEDGE), 5), sent=1, heard=1.1)
    life.add(call(chronicle.Arming(life.agreed.arm(), life.report(stops=(stray,))), 0.3, 3.01))
    assert life.told("waits: until") == [
        "1 b sent: 0:HG:1 buy 5",
        "1.1 b acknowledged: 0:HG:1 the broker has it as 1",
    ]


# --- the entry ---


def test_an_entry_without_a_stop_at_the_broker_or_a_trigger_is_written_down_alone() -> None:
    life = Life().admitted()
    arm = replace(life.agreed.arm(), protection=None, trigger=None)
    life.add(call(chronicle.Arming(arm, None), 0.3), call(chronicle.Arming(arm, None), 0.4))
    assert life.told("admitted") == [
        "0.3 e written: 0:EN:1 buy 100 LMT 100.1 may leave from now on"
    ]


REFUSAL = Refused(Life().key(), RefusalCode.KILLED, "killed: freeze", NOW)
REJECTION = Rejected(Life().key(), 201, RejectionClass.MARGIN, "no margin", NOW)


@pytest.mark.parametrize(
    ("phase", "more", "told"),
    [
        (ArmPhase.UNKNOWN, {"why": "not said"}, "trouble: 0:EN:1 the entry is unknown: not said"),
        (ArmPhase.MISSED, {}, "ended: 0:EN:1 the entry is missed"),
        (ArmPhase.EXPIRED, {}, "ended: 0:EN:1 the entry is expired"),
        (ArmPhase.WITHDRAWN, {}, "ended: 0:EN:1 the entry is withdrawn"),
        (
            ArmPhase.REFUSED,
            {"refusal": REFUSAL},
            "refused: 0:EN:1 the entry is refused: killed: freeze",
        ),
        (
            ArmPhase.REFUSED,
            {"rejection": REJECTION},
            "refused: 0:EN:1 the entry is refused: no margin",
        ),
        (
            ArmPhase.WAITING,
            {"why": "it had crossed"},
            "waits: 0:EN:1 the entry is waiting: it had crossed",
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
    assert armed(life, unknown, again) == ["1 b trouble: 0:EN:1 the entry is unknown: not said"]


def test_a_running_entry_is_told_by_its_last_sign_of_life() -> None:
    life = Life().admitted()
    newest = life.report(ArmPhase.WORKING, 2, entry=life.entry(sent=0.5, heard=0.7))
    life.add(call(chronicle.Arming(life.agreed.arm(), None, newest), 0.3))
    assert life.told("waits: until")[-1] == "0.7 b acknowledged: 0:EN:1 the broker has it as 1"


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


# --- the position ---


def guarded(life: Life, answer: Any, newest: GuardState | None = None) -> list[str]:
    """What is told of a watch."""
    life.entered()
    deed = chronicle.Guarding(life.guard, answer, newest)
    end = None if answer is None else 5.1
    return life.add(call(deed, 3.1, end)).told("e guarded")


@pytest.mark.parametrize(
    ("why", "told"),
    [
        (Exit.STOP, "the stop 98 is broken"),
        (Exit.TARGET, "the target is reached"),
        (Exit.TIME, "its time has come"),
        (Exit.HAND, "somebody has said so"),
    ],
)
def test_why_a_position_is_left_is_told(why: Exit, told: str) -> None:
    life = Life()
    news = guards.ExitBegun(
        life.guard.key, 1, why, life.ladder(since=4.5), life.guard.guarded, at(5)
    )
    assert guarded(life, news)[0] == f"4.5 b leaves: 100 leave: {told}"


def test_a_ladder_that_has_sent_nothing_yet_is_told_from_when_it_was_heard_of() -> None:
    life = Life()
    bare = life.ladder(members=())
    news = guards.ExitBegun(life.guard.key, 1, Exit.STOP, bare, life.guard.guarded, at(5))
    assert guarded(life, news) == ["5 b leaves: 100 leave: the stop 98 is broken"]


def test_a_watch_that_ends_without_an_exit_tells_of_the_stop_that_filled() -> None:
    life = Life()
    stop = life.stop(100, sent=2, heard=2.2, fill=4, end=OrderEnd.FILLED)
    news = guards.GuardEnded(
        life.guard.key, 1, GuardEnd.SHIELD_FILLED, life.guard.guarded, at(5), (stop,)
    )
    assert guarded(life, news) == [
        "4 b filled: 0:PR:1 100 of 100 fill at 95.9",
        "5 b leaves: the watch is over: the stop at the broker has filled",
    ]


def moved_to(stop: str) -> Guarded:
    """A guard whose stop is there."""
    return Guarded(Resting(Decimal(stop)))


def test_a_stop_that_has_moved_by_itself_is_told_when_it_is_heard_of() -> None:
    life = Life()
    news = guards.GuardEnded(life.guard.key, 1, GuardEnd.RELEASED, moved_to("99.50"), at(5))
    assert guarded(life, news) == [
        "5 b stop: it has moved from 98 to 99.5 by then",
        "5 b leaves: the watch is over: released",
    ]


def test_a_running_watch_is_told_by_its_last_sign_of_life() -> None:
    life = Life()
    guard = life.guard
    newest = GuardState(
        guard.key, 1, moved_to("99.50"), None, None, at(4), Decimal(100), None, None, Headway()
    )
    assert guarded(life, None, newest) == ["4 b stop: it has moved from 98 to 99.5 by then"]
    assert guarded(Life(), None) == []


def test_targets_are_told_as_they_are_reached_and_split_off() -> None:
    life = Life(TARGETS).entered()
    guard = life.guard
    assert guard.target is not None
    reached = guards.TargetReached(guard.key, 1, 1, guard.target, guard.guarded, at(5))
    all_of_it = replace(reached, target=replace(guard.target, part=None), at=at(6))
    asked = guards.SplitOff(guard.key, 2, Decimal(50), break_even=Decimal("100.05"))
    split = guards.Split(guard.key, 2, Decimal(50), Decimal(50), at(5.3))
    life.add(
        call(chronicle.Guarding(guard, reached), 3.1, 5.1),
        call(chronicle.Splitting(asked, split), 5.2, 5.4),
        call(chronicle.Splitting(replace(asked, break_even=None), split), 5.45, 5.5),
        call(chronicle.Guarding(guard, all_of_it), 5.15, 6.1),
        call(
            chronicle.Splitting(asked, guards.NotSplit(guard.key, "over", is_over=True)), 6.2, 6.3
        ),
        call(chronicle.Splitting(replace(asked, target=guard.target), None), 6.4),
    )
    assert life.told("e guarded") == [
        "5 b target: 103 is reached: 50 leave",
        "5.3 b target: 50 are split off, 50 stay guarded",
        "5.4 e stop: to 100.05, unless it is tighter already",
        "5.3 b target: 50 are split off, 50 stay guarded",
        "6 b target: 103 is reached: all leave",
        "6.3 e refused: nothing is split off: over",
    ]


def test_a_watch_tells_its_trail_its_target_and_its_time() -> None:
    life = Life(TARGETS)
    guard = replace(
        life.guard,
        rules=replace(
            life.guard.rules,
            trail=Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal("1.5")),
        ),
        leave_at=at(3600),
    )
    watch = "100 from the first share on: stop 98 on last, trailing at 1.5"
    leave = f"left at {at(3600):%d %B %H:%M} UTC"
    assert watch_text(guard) == f"{watch}, target 103 for 50, {leave}"
    assert guard.target is not None
    whole = replace(guard, target=replace(guard.target, part=None))
    assert watch_text(whole) == f"{watch}, target 103 for all, {leave}"


# --- the way out ---


def test_each_step_of_a_way_out_is_written_down_before_it_is_taken() -> None:
    life = Life().entered().begun_to_leave()
    market = replace(
        life.agreed.first.first_exit,
        key=life.key(Purpose.EXIT_STOP, 2),
        quantity=Decimal(60),
        terms=Market(),
    )
    first = life.agreed.first.first_exit
    commands = (Cancel(first.key), Reshape(market), AskBroker(first.key), Send(market))
    life.add(call(chronicle.Walking(Walk(life.way_out(), life.ladder(), commands), None), 11))
    assert life.told("led by") == [
        "11 e written: 0:XS:1 its cancel is written down",
        "11 e written: 0:XS:2 modify XS:2 to sell 60 MKT",
        "11 e written: 0:XS:2 sell 60 MKT may leave from now on",
    ]


def test_alarms_of_a_way_out_and_that_it_went_on_alone_are_told_once() -> None:
    life = Life().entered().begun_to_leave()
    told = (Told(Alarm.HALTED, life.key(Purpose.EXIT_STOP)), Told(Alarm.NO_TOUCH, None))
    halted, both = life.ladder(told=told[:1]), life.ladder(told=told)
    for seconds, ladder, alone in ((11, halted, True), (12, both, True), (13, both, False)):
        walked = life.walked(seconds=seconds, ladder=ladder, went_alone=alone)
        walking = chronicle.Walking(Walk(life.way_out()), walked)
        life.add(call(walking, seconds - 0.5, seconds + 0.01))
    assert life.told("led by") == [
        "11 b alert: 0:XS:1 trading is halted; the exit goes at resumption",
        "11 b trouble: the engine was silent, and the edge went on leaving alone",
        "12 b alert: nobody quotes our side; the exit rests at a floor",
    ]


def test_a_way_out_that_runs_is_told_by_its_last_sign_of_life() -> None:
    life = Life().entered().begun_to_leave()
    newest = life.walked(life.exit(40, sent=10, heard=10.2, fill=11))
    life.add(call(chronicle.Walking(Walk(life.way_out()), None, newest), 10.2))
    assert life.told()[-1] == "11 b filled: 0:XS:1 40 of 100 fill at 97.5"


def test_a_way_out_that_is_ended_before_its_time_is_trouble() -> None:
    life = Life().add(chronicle.WayOutOver(LIFE, wall(5), WAY_OUT, None, "terminated"))
    assert life.told() == ["5 e trouble: exit:0 was ended before its time: terminated"]


def test_the_end_of_a_way_out_is_told_although_its_own_life_is_not_kept_any_more() -> None:
    life = Life().entered().begun_to_leave()
    out = life.exit(sent=10, heard=10.3, fill=10)
    life.add(chronicle.WayOutOver(LIFE, wall(11.1), WAY_OUT, life.outcome(out)))
    assert life.told("led by") == [
        "10.3 b acknowledged: 0:XS:1 the broker has it as 1",
        "10 b filled: 0:XS:1 100 of 100 fill at 97.5",
        "11 b flat: 100 of 100 are out; the broker holds 0 in all",
    ]


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


KEY = Life().key()
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
    assert Life().add(call(made, 1, 2)).told() == [f"2 e changed: 0:EN:1 {told}"]
    late = chronicle.ChangingArm(KEY, change, Gone(KEY, "it has left"))
    assert Life().add(call(late, 1, 2)).told() == ["2 e refused: 0:EN:1 not changed: it has left"]
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
    assert "5 e written: 0:XM:1 sell 100 may leave from now on, when it is due" not in told
    assert "5 e written: 0:XM:1 buy 100 may leave from now on, when it is due" in told


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
    asked = "1 e written: 0:EN:1 its cancel is written down"
    for standing, text, told in (
        (CancelStanding.ENDED, "", []),
        (CancelStanding.PENDING, "", ["2 e trouble: 0:EN:1 the cancel is pending"]),
        (CancelStanding.PENDING, "10148", ["2 e trouble: 0:EN:1 the cancel is pending: 10148"]),
    ):
        cancelling = chronicle.Cancelling(KEY, CancelReport(KEY, standing, text))
        assert Life().add(call(cancelling, 1, 2)).told() == [asked, *told]
    assert Life().add(call(chronicle.Cancelling(KEY, None), 1)).told() == [asked]


def test_a_person_s_word_is_told_whether_or_not_it_is_taken() -> None:
    taken = AbsenceDeclared(KEY, "Ada", "not in TWS", at(2))
    for answer, told in (
        (taken, ["2 e by hand: 0:EN:1 declared absent by Ada: not in TWS"]),
        (
            NotDeclared(KEY, "the broker shows it"),
            [
                (
                    "2 e refused: 0:EN:1 the word of Ada that it is absent is not taken:"
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
