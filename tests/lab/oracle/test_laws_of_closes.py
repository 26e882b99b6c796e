"""The law that what is to leave does leave (L2): from when on, and what is no excuse."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.kill import KillMode
from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle import happenings as world
from backstay.lab.simulation.scenario import Role
from tests.lab.oracle.standings import settled
from tests.lab.oracle.test_laws_of_ends import wishes
from tests.lab.oracle.test_laws_of_ways_out import EXIT, STANDS_STILL, leaving
from tests.lab.oracle.told_by_hand import (
    BEGINS_NS,
    CON_ID,
    OTHER,
    PREMISES,
    TRADE,
    Teller,
    held,
    leaves,
    ref,
)

OPENS_LATER = replace(
    PREMISES, regular=((BEGINS_NS + 60 * SECOND_NS, BEGINS_NS + 3600 * SECOND_NS),)
)


def wanted(teller: Teller, how: str) -> None:
    """All is to leave."""
    if how == "close":
        wishes(teller, "close")
    else:
        teller.kills(KillMode.FLATTEN)


def stays(teller: Teller) -> bool:
    return any("and nothing has left" in text for text in teller.texts("L2"))


def stands_still(teller: Teller) -> bool:
    return any(text.startswith(STANDS_STILL) for text in teller.texts("L2"))


each_way = pytest.mark.parametrize("how", ["close", "flatten"])

# --- a flatten, and a close ---


@each_way
def test_who_asks_twice_waits_from_the_first_time_on(how: str) -> None:
    teller = held().after(20)
    wanted(teller, how)
    wanted(teller.after(9), how)
    assert stays(teller.after(2))


@each_way
def test_an_exit_that_was_over_before_is_no_answer(how: str) -> None:
    teller = held().after(20)
    leaves(teller)
    teller.ends(ref("XS"))
    teller.rests(ref("PR", 2), 100, "STP")
    wanted(teller.after(5), how)
    assert stays(teller.after(12))


@each_way
def test_an_exit_that_works_already_is_an_answer(how: str) -> None:
    teller = held().after(20)
    leaves(teller)
    wanted(teller.after(5), how)
    assert not stays(teller.after(20))


@each_way
def test_a_question_about_margin_is_no_answer(how: str) -> None:
    teller = held().after(20)
    wanted(teller, how)
    teller.places(ref("XM"), what_if=True)
    assert stays(teller.after(12))


@each_way
def test_what_has_left_before_need_not_leave(how: str) -> None:
    teller = held().after(20)
    teller.fills(ref("PR"), 100)
    wanted(teller.after(5), how)
    assert not stays(teller.after(20))


@pytest.mark.parametrize(("how", "is_found"), [("close", False), ("flatten", True)])
def test_what_was_told_before_says_why_a_close_and_not_why_a_flatten_waits(
    how: str, is_found: bool
) -> None:
    teller = held().after(20)
    teller.tells(IncidentKind.EXIT_UNRESOLVED)
    wanted(teller.after(1), how)
    assert stays(teller.after(20)) is is_found


@pytest.mark.parametrize("is_told", [True, False])
def test_less_than_a_share_stays_where_a_person_knows(is_told: bool) -> None:
    teller = held(1).after(20)
    teller.happens(world.SplitMade(CON_ID, Decimal("0.5")))
    if is_told:
        teller.tells(IncidentKind.FRACTIONAL_REMAINDER, ref("XS"))
    teller.kills(KillMode.FLATTEN)
    assert stays(teller.after(20)) is not is_told


def test_a_flatten_binds_nobody_once_trading_is_resumed() -> None:
    teller = held().after(20)
    teller.kills(KillMode.FLATTEN)
    teller.after(5).happens(world.TradingResumed())
    assert not stays(teller.after(60))


def test_what_fills_after_a_flatten_has_its_time_from_then_on() -> None:
    teller = Teller()
    teller.rests(ref())
    teller.kills(KillMode.FLATTEN)
    teller.after(8).fills(ref(), 100)
    assert not stays(teller.after(9))
    assert stays(teller.after(2))


def test_a_flatten_has_its_time_from_the_opening_on() -> None:
    teller = Teller(OPENS_LATER)
    teller.rests(ref())
    teller.fills(ref(), 100)
    teller.kills(KillMode.FLATTEN)
    assert not stays(teller.after(69))
    assert stays(teller.after(2))


def test_a_flatten_waits_for_whoever_takes_the_steps() -> None:
    teller = held().after(20)
    teller.kills(KillMode.FLATTEN)
    teller.happens(world.WorkerDied(Role.TRADES))
    teller.after(60).happens(world.WorkerStarted(Role.TRADES))
    assert not stays(teller.after(9.9))
    assert stays(teller.after(0.2))


def test_a_flatten_waits_for_a_session() -> None:
    teller = held().after(20)
    teller.kills(KillMode.FLATTEN)
    teller.happens(world.LinesCut())
    teller.after(60).connects()
    assert not stays(teller.after(9.9))
    assert stays(teller.after(0.2))


def test_a_flatten_does_not_wait_for_what_could_not_be_read() -> None:
    teller = held().after(20)
    teller.kills(KillMode.FLATTEN)
    teller.tells(IncidentKind.STATE_INCONSISTENT)
    assert stays(teller.after(12))


def test_a_flatten_gives_a_close_no_more_time() -> None:
    teller = held().after(20)
    wanted(teller, "close")
    wanted(teller.after(9), "flatten")
    assert stays(teller.after(2))


# --- what a trade leaves ---


def test_of_which_trade_a_hand_has_closed_a_part_nobody_knows() -> None:
    teller = held().after(20)
    teller.rests(ref(trade=OTHER), 50)
    teller.fills(ref(trade=OTHER), 50)
    teller.trades(-60)
    teller.after(1).closes(settled(EN=100))
    assert not any("has ended with" in text for text in teller.after(20).texts("L2"))


def test_what_a_hand_has_closed_long_before_the_end_is_not_left() -> None:
    teller = held().after(20)
    teller.trades(-100)
    teller.after(1).closes(settled(EN=100))
    assert "L2" not in teller.after(20).laws()


def test_an_entry_of_another_trade_may_live_on() -> None:
    teller = held().after(20)
    teller.fills(ref("PR"), 100)
    teller.rests(ref(trade=OTHER))
    teller.closes(settled(EN=100, PR=100))
    assert "L2" not in teller.laws()


# --- the end of a way out ---


def test_a_way_out_waits_for_the_end_of_a_halt() -> None:
    teller = leaving()
    teller.happens(world.Halted(CON_ID))
    assert not stands_still(teller.after(60))
    teller.happens(world.HaltEnded(CON_ID))
    assert stands_still(teller.after(60))


def test_a_way_out_waits_for_whoever_takes_the_steps() -> None:
    teller = leaving()
    teller.happens(world.WorkerDied(Role.TRADES))
    assert not stands_still(teller.after(60))
    teller.happens(world.WorkerStarted(Role.TRADES))
    assert not stands_still(teller.after(9.9))
    assert stands_still(teller.after(0.2))


def test_a_way_out_waits_for_a_session() -> None:
    teller = leaving()
    teller.happens(world.LinesCut())
    teller.after(60).connects()
    assert not stands_still(teller.after(9.9))
    assert stands_still(teller.after(0.2))


def test_a_way_out_has_its_time_from_the_opening_on() -> None:
    teller = Teller(OPENS_LATER)
    teller.begins("Exit", EXIT)
    assert not stands_still(teller.after(89))
    assert stands_still(teller.after(2))


def test_a_way_out_has_its_time_from_then_on_when_nothing_goes_wrong_any_more() -> None:
    teller = Teller(is_quiet=False)
    teller.begins("Exit", EXIT)
    teller.after(60).happens(world.Quiet())
    assert not stands_still(teller.after(29))
    assert stands_still(teller.after(2))


def test_less_than_a_share_in_one_contract_is_no_excuse_for_another() -> None:
    teller = held(1).after(20)
    teller.rests(ref("EN", leg=1), con_id=2)
    teller.fills(ref("EN", leg=1), 100)
    teller.happens(world.SplitMade(CON_ID, Decimal("0.5")))
    teller.begins("Exit", EXIT)
    teller.tells(IncidentKind.FRACTIONAL_REMAINDER, f"{TRADE} XS")
    assert stands_still(teller.after(60))
