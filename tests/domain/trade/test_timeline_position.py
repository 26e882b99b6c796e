"""The position in a timeline: watched, moved, left in parts or whole."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.edge import guards
from backstay.domain.edge.arms import Amended
from backstay.domain.edge.guards import Exit, GuardEnd, GuardState, Headway
from backstay.domain.edge.walking import Walk
from backstay.domain.exits.events import Alarm, AskBroker, Cancel, Reshape, Send
from backstay.domain.exits.ladder import Ladder, Told
from backstay.domain.ids import Purpose
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import Market, OcaGroup
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import Trail
from backstay.domain.trade import chronicle
from backstay.domain.trade.timeline.words import watch_text
from tests.domain.trade.lives import (
    LIFE,
    WAY_OUT,
    Life,
    call,
    moved_to,
    wall,
)
from tests.domain.trade.samples import at

TARGETS = """
[[target]]
price = 103.00
fraction = 0.5
then = "break_even"
[[target]]
price = 105.00
fraction = 0.5
"""


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
        "4 b filled: PR:1 100 of 100 fill at 95.9",
        "5 b leaves: the watch is over: the stop at the broker has filled",
    ]


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


@pytest.mark.parametrize(("version", "told"), [(1, []), (2, ["97 to 99.5"])])
def test_a_watch_that_has_not_heard_of_a_change_does_not_say_where_the_stop_stands(
    version: int, told: list[str]
) -> None:
    life = Life().entered()
    key = life.guard.key
    moved = chronicle.ChangingGuard(key, guards.MoveStop(Decimal(97)), Amended(key, 2))
    newest = GuardState(
        key, version, moved_to("99.50"), None, None, at(6), Decimal(100), None, None, Headway()
    )
    life.add(
        call(chronicle.Guarding(life.guard, None, newest), 3.1),
        call(moved, 4, 5),
        call(chronicle.Alerting("x", "y"), 7),
    )
    lines = [f"6 b stop: it has moved from {each} by then" for each in told]
    assert life.told("e guarded") == ["5 e stop: moved to 97", *lines, "7 e alert: x: y"]


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
        "11 e written: XS:1 its cancel is written down",
        "11 e written: XS:2 modify XS:2 to sell 60 MKT",
        "11 e written: XS:2 sell 60 MKT may leave from now on",
    ]


def test_alarms_of_a_way_out_and_that_it_went_on_alone_are_told_once() -> None:
    life = Life().entered().begun_to_leave()
    key = life.key(Purpose.EXIT_STOP)
    told = (Told(Alarm.HALTED, key, at(10.5)), Told(Alarm.NO_TOUCH, None))
    halted, both = life.ladder(told=told[:1]), life.ladder(told=told)
    for seconds, ladder, alone in ((11, halted, True), (12, both, True), (13, both, False)):
        walked = life.walked(seconds=seconds, ladder=ladder, went_alone=alone)
        walking = chronicle.Walking(Walk(life.way_out()), walked)
        life.add(call(walking, seconds - 0.5, seconds + 0.01))
    assert life.told("led by") == [
        "10.5 b alert: XS:1 trading is halted; the exit goes at resumption",
        "11 b trouble: the engine was silent, and the edge went on leaving alone",
        f"? b alert: {Alarm.NO_TOUCH.value}; by 15:00:12, when is not known",
    ]


def test_an_alarm_that_only_the_end_of_a_way_out_knows_of_is_told() -> None:
    life = Life().entered().begun_to_leave()
    told = (Told(Alarm.HALTED, None, at(10.5)),)
    outcome = replace(life.outcome(), ladder=life.ladder(100, told=told))
    life.add(chronicle.WayOutOver(LIFE, wall(11.1), WAY_OUT, outcome))
    assert life.told("led by")[0] == "10.5 b alert: trading is halted; the exit goes at resumption"


# --- the next order leaves only when the one before is proven over ---


def left(shield: OrderSummary, ladder: Ladder, out: OrderSummary) -> list[str]:
    """A way out as it is told from its begin, without what it was approved for."""
    life = Life().entered().begun_to_leave(ladder=ladder)
    walking = chronicle.Walking(
        Walk(life.way_out(), ladder), life.walked(out, shield, ladder=ladder)
    )
    life.add(call(walking, 10.2, 11.02, life=WAY_OUT))
    return [each for each in life.told("e guarded") if "EN:1" not in each and "leaves" not in each]


def test_an_end_that_is_told_with_the_next_order_stands_where_it_was_proven() -> None:
    life = Life()
    shield = life.stop(sent=2, heard=2.2, end=OrderEnd.CANCELLED, ended_at=at(9.95))
    told = left(shield, life.swapped(), life.exit(0, sent=10, heard=10.3))
    assert told[1:] == [
        "9.9 b sent: PR:1 its cancel; it is over only once that is proven",
        "9.95 b ended: PR:1 cancelled",
        "10 b sent: XS:1 sell 100 LMT 97.51",
        "10.3 b acknowledged: XS:1 the broker has it as 1",
    ]


def test_an_end_of_which_the_moment_is_not_known_stands_before_what_had_to_wait_for_it() -> None:
    life = Life()
    shield = life.stop(sent=2, heard=2.2, end=OrderEnd.CANCELLED)
    told = left(shield, life.ladder(), life.exit(0, sent=10, heard=10.3))
    assert told[1:] == [
        "? b ended: PR:1 cancelled; by 15:00:11, when is not known",
        "10 b sent: XS:1 sell 100 LMT 97.51",
        "10.3 b acknowledged: XS:1 the broker has it as 1",
    ]


def test_an_exit_that_has_joined_the_stop_s_group_has_waited_for_nothing() -> None:
    life = Life()
    shield, exit_ = life.ladder().members
    pair = OcaGroup("pair", 1)
    members = tuple(
        replace(each, intent=replace(each.intent, oca=pair)) for each in (shield, exit_)
    )
    over = life.stop(sent=2, heard=2.2, end=OrderEnd.CANCELLED)
    told = left(over, life.ladder(members=members), life.exit(0, sent=10, heard=10.3))
    assert told[-1] == "? b ended: PR:1 cancelled; by 15:00:11, when is not known"


def test_a_way_out_that_runs_is_told_by_its_last_sign_of_life() -> None:
    life = Life().entered().begun_to_leave()
    newest = life.walked(life.exit(40, sent=10, heard=10.2, fill=11))
    life.add(call(chronicle.Walking(Walk(life.way_out()), None, newest), 10.2))
    assert life.told()[-1] == "11 b filled: XS:1 40 of 100 fill at 97.5"


def test_a_way_out_that_is_ended_before_its_time_is_trouble() -> None:
    life = Life().add(chronicle.WayOutOver(LIFE, wall(5), WAY_OUT, None, "terminated"))
    assert life.told() == ["5 e trouble: exit:0 was ended before its time: terminated"]


def test_the_end_of_a_way_out_is_told_although_its_own_life_is_not_kept_any_more() -> None:
    life = Life().entered().begun_to_leave()
    out = life.exit(sent=10, heard=10.3, fill=10)
    life.add(chronicle.WayOutOver(LIFE, wall(11.1), WAY_OUT, life.outcome(out)))
    assert life.told("led by") == [
        "10.3 b acknowledged: XS:1 the broker has it as 1",
        "10 b filled: XS:1 100 of 100 fill at 97.5",
        "11 b flat: 100 of 100 are out; the broker holds 0 in all",
    ]


def test_a_way_out_is_over_behind_its_last_fill_though_it_says_so_by_an_older_clock() -> None:
    life = Life().entered().begun_to_leave()
    out = life.exit(sent=10, heard=10.3, fill=10.9)
    life.add(chronicle.WayOutOver(LIFE, wall(11.1), WAY_OUT, life.outcome(out, seconds=10.6)))
    assert life.told("led by")[-2:] == [
        "10.9 b filled: XS:1 100 of 100 fill at 97.5",
        "10.6 b flat: 100 of 100 are out; the broker holds 0 in all",
    ]
