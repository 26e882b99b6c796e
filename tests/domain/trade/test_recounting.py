"""How a trade stands, put together from what is written down of it, with nobody there to ask."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.edge import guards
from backstay.domain.edge.arms import Amended, ArmPhase
from backstay.domain.edge.guards import Exit, GuardEnd, GuardState, Headway
from backstay.domain.edge.walking import Walk
from backstay.domain.ids import Purpose
from backstay.domain.lifecycle import TradeState
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.limits.kill import KillMode
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.plan.complaints import Complaint
from backstay.domain.protection.naked import NakedTime
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.trails import Resting
from backstay.domain.trade import chronicle
from backstay.domain.trade.chronicle import TradeFacts
from backstay.domain.trade.prospect import NoProspect
from backstay.domain.trade.recounting import settlement_in, standing_of
from backstay.domain.trade.standing import Doing, TradeStanding
from tests.domain.trade.lives import LIFE, WAY_OUT, Life, call, wall, whole_life
from tests.domain.trade.samples import NOW, at, prospect_of


def standing(life: Life) -> TradeStanding:
    """How it stands."""
    found = standing_of(life.facts())
    assert found is not None
    return found


def test_of_a_life_without_a_beginning_nothing_can_be_said() -> None:
    assert standing_of(TradeFacts(LIFE, (), is_running=True)) is None
    assert settlement_in(TradeFacts(LIFE, (), is_running=True)) is None


def test_a_trade_that_has_only_begun_learns() -> None:
    order = Life().order
    told = standing(Life().add(chronicle.Begun(LIFE, wall(-1), order)))
    assert (told.doing, told.at, told.quantity) == (Doing.LEARNING, wall(-1), None)
    assert (told.account, told.plan_id, told.trade) == (order.account, order.plan.id, order.trade)
    assert told.terms.trigger == "last is above 100, until 2026-11-23 20:55 UTC"


def test_a_trade_that_has_room_and_one_that_waits_for_the_open() -> None:
    life = Life().admitted()
    told = standing(life)
    assert (told.doing, told.lifecycle.state) == (Doing.ADMITTING, TradeState.VALIDATED)
    assert (told.quantity, told.stop, told.limit) == (Decimal(100), Decimal(98), Decimal("100.10"))
    queued = replace(prospect_of(life.order), not_before=at(60))
    life = Life().add(life.entries[0], call(chronicle.Prospecting(queued), -0.9, 0))
    assert standing(life).doing is Doing.QUEUED


@pytest.mark.parametrize(("trigger", "doing"), [(True, Doing.WAITING), (False, Doing.ENTERING)])
def test_an_entry_that_is_only_asked_for_waits_or_enters(trigger: bool, doing: Doing) -> None:
    life = Life().admitted()
    arm = life.agreed.arm() if trigger else replace(life.agreed.arm(), trigger=None)
    life.add(call(chronicle.Arming(arm, None), 0.3))
    assert standing(life).doing is doing


def test_a_running_entry_stands_as_its_last_sign_of_life_says() -> None:
    life = Life().admitted()
    newest = life.report(ArmPhase.WORKING, 2, entry=life.entry(40, sent=0.5, heard=0.7))
    life.add(call(chronicle.Arming(life.agreed.arm(), None, newest), 0.3))
    told = standing(life)
    assert (told.doing, told.entered, told.at) == (Doing.ENTERING, Decimal(40), at(2))
    assert told.lifecycle.state is TradeState.RISK_PARTIAL


def test_what_is_refused_is_rejected_and_says_why() -> None:
    begun = Life().admitted().entries[0]
    unfit = NoProspect((Complaint(("entry",), "not now"),), NOW)
    told = standing(Life().add(begun, call(chronicle.Prospecting(unfit), -0.9, 0)))
    assert (told.lifecycle.state, told.why) == (TradeState.REJECTED, "entry: not now")
    admitting = Life().admitted().entries[-1]
    assert isinstance(admitting, chronicle.Call)
    assert isinstance(admitting.deed, chronicle.Admitting)
    refused = Refused(Life().key(), RefusalCode.KILLED, "killed", NOW)
    asked = chronicle.Admitting(admitting.deed.asked, refused)
    told = standing(Life().add(begun, call(asked, 0.1, 0.2)))
    assert (told.lifecycle.state, told.why) == (TradeState.REJECTED, "killed")


def guarded(answer: Any = None, newest: GuardState | None = None, *more: Any) -> TradeStanding:
    """How a guarded trade stands."""
    life = Life().entered()
    end = None if answer is None else 5.1
    life.add(call(chronicle.Guarding(life.guard, answer, newest), 3.1, end))
    return standing(life.add(*more))


KEY = Life().key(Purpose.EXIT_STOP)
MOVED = Guarded(Resting(Decimal("99.50")))


def test_a_guarded_trade_has_its_stop_and_what_was_told_of_it_last() -> None:
    told = guarded()
    assert (told.doing, told.stop, told.left) == (Doing.GUARDING, Decimal(98), Decimal(100))
    naked = NakedTime(Decimal(3), Decimal(0), at(4))
    newest = GuardState(
        KEY, 1, MOVED, None, None, at(4), Decimal(100), None, None, Headway(), naked
    )
    told = guarded(None, newest)
    assert (told.doing, told.stop, told.naked, told.at) == (
        Doing.GUARDING,
        Decimal("99.50"),
        naked,
        at(4),
    )


def test_a_trade_that_leaves_says_why() -> None:
    life = Life()
    begun = guards.ExitBegun(KEY, 1, Exit.TIME, life.ladder(), MOVED, at(5))
    told = guarded(begun)
    assert (told.doing, told.stop, told.why) == (Doing.LEAVING, Decimal("99.50"), "time")
    stop = life.stop(100, sent=2, heard=2.2, fill=4, end=OrderEnd.FILLED)
    ended = guards.GuardEnded(KEY, 1, GuardEnd.SHIELD_FILLED, MOVED, at(5), (stop,))
    told = guarded(ended)
    assert (told.doing, told.left) == (Doing.LEAVING, Decimal(0))
    assert told.why == "the stop at the broker has filled"


def test_a_target_that_is_reached_leaves_the_rest_guarded() -> None:
    life = Life(
        """
[[target]]
price = 103.00
fraction = 0.5
"""
    )
    target = life.guard.target
    assert target is not None
    told = guarded(guards.TargetReached(KEY, 1, 1, target, MOVED, at(5)))
    assert (told.doing, told.stop) == (Doing.GUARDING, Decimal("99.50"))


def test_changes_that_were_made_count_and_others_do_not() -> None:
    moved = chronicle.ChangingGuard(KEY, guards.MoveStop(Decimal(97)), Amended(KEY, 2))
    assert guarded(None, None, call(moved, 4, 5)).stop == 97
    life = Life().entered().add(call(moved, 4, 5))
    assert standing(life).stop == 97
    unmade = chronicle.ChangingGuard(KEY, guards.MoveStop(Decimal(97)), None)
    assert guarded(None, None, call(unmade, 4)).stop == 98
    asked = guards.SplitOff(KEY, 2, Decimal(50), break_even=Decimal("100.05"))
    split = chronicle.Splitting(asked, guards.Split(KEY, 2, Decimal(50), Decimal(50), at(5)))
    assert standing(Life().entered().add(call(split, 4, 5))).stop == Decimal("100.05")


def test_a_way_out_is_followed_while_it_runs() -> None:
    life = Life().entered().begun_to_leave()
    walked = life.walked(life.exit(40, sent=10, heard=10.2, fill=11))
    life.add(call(chronicle.Walking(Walk(life.way_out()), None, walked), 10.2))
    told = standing(life)
    assert (told.doing, told.left, told.ways_out) == (Doing.LEAVING, Decimal(60), (WAY_OUT,))
    assert told.naked == walked.naked
    unheard = Life().entered().begun_to_leave()
    unheard.add(call(chronicle.Walking(Walk(life.way_out()), None), 10.2))
    assert standing(unheard).left == 100


def test_a_way_out_whose_own_life_is_not_kept_counts_by_its_outcome() -> None:
    life = Life().entered().begun_to_leave()
    life.add(chronicle.WayOutOver(LIFE, wall(11), WAY_OUT, life.outcome(life.exit(fill=10))))
    assert standing(life).left == 0
    life = Life().entered().begun_to_leave()
    life.add(chronicle.WayOutOver(LIFE, wall(11), WAY_OUT, None, "terminated"))
    assert standing(life).left == 100


def test_a_kill_is_why_where_nothing_else_is() -> None:
    killed = chronicle.Killed(LIFE, wall(5), 3, KillMode.FREEZE)
    assert guarded(None, None, killed).why == "trading is stopped: freeze, epoch 3"
    begun = guards.ExitBegun(KEY, 1, Exit.HAND, Life().ladder(), MOVED, at(5))
    assert guarded(begun, None, killed).why == "hand"


def test_what_a_person_was_told_is_kept_up_to_a_bound() -> None:
    life = Life().admitted()
    for number in range(12):
        life.add(call(chronicle.Alerting("order unknown", str(number)), number, number + 0.5))
    told = standing(life).told
    assert (len(told), told[0], told[-1]) == (10, "order unknown: 2", "order unknown: 11")


def test_what_is_booked_settles_and_what_is_over_stands_as_it_was_settled() -> None:
    life = whole_life()
    settled = settlement_in(life.facts())
    assert settled is not None
    told = standing(life)
    assert (told.doing, told.lifecycle.state, told.why) == (Doing.OVER, settled.state, "stop")
    life.entries.pop()
    assert standing(life).doing is Doing.SETTLING


def test_a_trade_that_was_broken_off_says_so() -> None:
    told = guarded(None, None, chronicle.Over(LIFE, wall(6), None, "terminated"))
    assert (told.doing, told.why, told.left) == (Doing.OVER, "terminated", Decimal(100))


def test_an_entry_that_is_followed_report_by_report_enters_and_is_over() -> None:
    life = Life().admitted()
    working = life.report(ArmPhase.WORKING, 1, entry=life.entry(40, sent=0.5, heard=0.7))
    over = life.report(seconds=2, entry=life.entry(100, sent=0.5, heard=0.7))
    arm = life.agreed.arm()
    life.add(call(chronicle.Arming(arm, working), 0.3, 1.1))
    life.add(call(chronicle.Arming(arm, over), 1.2, 2.1))
    assert (standing(life).entered, standing(life).lifecycle.state) == (
        Decimal(100),
        TradeState.COMPLETED,
    )


@pytest.mark.parametrize(("version", "stop"), [(1, "97"), (2, "99.50"), (3, "99.50")])
def test_a_watch_that_has_not_heard_of_a_change_does_not_say_where_the_stop_stands(
    version: int, stop: str
) -> None:
    moved = chronicle.ChangingGuard(KEY, guards.MoveStop(Decimal(97)), Amended(KEY, 2))
    newest = GuardState(KEY, version, MOVED, None, None, at(6), Decimal(100), None, None, Headway())
    assert guarded(None, newest, call(moved, 4, 5)).stop == Decimal(stop)
