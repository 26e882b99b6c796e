"""The laws that histories are asked about: how far a trade has come (I3), what was decided on (I6),
and how everything stands at the end (L2, L3, L4); and what people have to be told (L5).
"""

from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.kill import KillMode
from backstay.domain.trade.standing import Doing
from backstay.lab.engine.tasks import RunName
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.premises import TradeAtRest
from backstay.lab.simulation.scenario import Role
from tests.lab.oracle.standings import standing_of
from tests.lab.oracle.told_by_hand import (
    ACCOUNT,
    CON_ID,
    RUN,
    TRADE,
    Teller,
    approved,
    armed,
    held,
    moment,
    ref,
)

EXIT = RunName(f"exit:{TRADE}:0:1", "run")


# --- I3 ---


@pytest.mark.parametrize(
    "states",
    [
        ("created", "validated", "risk submitted", "risk partial", "completed", "closed"),
        ("created", "rejected"),
        ("completed", "completed"),
        ("closed", "closed"),
    ],
)
def test_a_trade_that_comes_further_breaks_no_law(states: tuple[str, ...]) -> None:
    teller = Teller()
    for state in states:
        teller.marks(state)
    assert teller.laws() == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("completed", "risk partial"),
        ("closed", "completed"),
        ("closed", "cancelled"),
        ("risk filled", "created"),
    ],
)
def test_a_trade_that_moves_back_is_found(before: str, after: str) -> None:
    teller = Teller()
    teller.marks(before)
    teller.marks(after)
    assert teller.one("I3") == f"{RUN.workflow_id} was {before} and is {after}"


def test_two_trades_move_by_themselves() -> None:
    teller = Teller()
    teller.marks("completed")
    teller.marks("created", RunName("trade:DU1:other", "run"))
    assert teller.laws() == []


def test_a_late_quantity_that_is_not_booked_is_found() -> None:
    teller = held().after(20)
    teller.fills(ref("PR"), 100)
    teller.after(60).closes(settled(EN=100, PR=60))
    text = f"{RUN.workflow_id} ended with 60 filled of {ref('PR')}; 100 had filled"
    assert teller.one("I3") == text


def test_a_quantity_that_came_with_the_end_may_still_be_on_its_way() -> None:
    teller = held().after(20)
    teller.fills(ref("PR"), 100)
    teller.after(0.001).closes(settled(EN=100, PR=60))
    assert teller.laws() == []


# --- I6 ---


def waiting(**trigger: Any) -> Teller:
    """An entry that waits for 101."""
    teller = Teller()
    teller.shows("100")
    given = {"price": "101", "when": "above", "source": "last", **trigger}
    armed(teller, given)
    return teller


def test_an_entry_for_a_price_that_was_shown_breaks_no_law() -> None:
    teller = waiting().after(1)
    teller.shows("101.01")
    teller.shows("100.50")
    teller.places()
    assert teller.laws() == []


def test_an_entry_for_a_price_that_was_never_shown_is_found() -> None:
    teller = waiting().after(1)
    teller.shows("100.99")
    teller.places()
    text = f"{ref()} was sent for a price above 101; the highest was 100.99"
    assert teller.one("I6") == text


def test_a_price_from_before_the_watch_justifies_nothing() -> None:
    teller = Teller()
    teller.shows("102")
    teller.shows("100")
    armed(teller, {"price": "101", "when": "above", "source": "last"})
    teller.places()
    teller.one("I6")


def test_an_entry_below_a_price_is_judged_by_the_lowest() -> None:
    teller = waiting(price="99", when="below").after(1)
    teller.shows("99.50")
    teller.places()
    assert "a price below 99; the lowest was 99.50" in teller.one("I6")


def test_another_source_is_another_price() -> None:
    teller = waiting(source="ask")
    teller.shows("100.99")
    teller.places()
    assert teller.laws() == []


def test_a_person_may_enter_at_any_price() -> None:
    teller = waiting()
    teller.calls("amend_arm", {"key": key("EN"), "change": {"kind": "fire now"}})
    teller.places()
    assert teller.laws() == []


def test_what_was_once_justified_may_be_sent_again() -> None:
    teller = waiting()
    teller.shows("101.50")
    teller.shows("100")
    teller.places()
    teller.after(30).places()
    assert teller.laws() == []


def guarded(**more: Any) -> Teller:
    """A position that was bought at 100, with a stop at 98."""
    teller = held().after(20)
    teller.shows("100")
    guard = {
        "exit": approved("XS"),
        "rules": {"stop": {"crossing": "below"}, "trail": None},
        "guarded": {"level": {"stop": "98"}},
        "source": "last",
        "leave_at": None,
        "underlying": None,
        "target": None,
        **more,
    }
    teller.calls("guard", {"guard": guard})
    return teller


def leaves(teller: Teller, purpose: str = "XS") -> None:
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.rests(ref(purpose))


TRAIL = {
    "stop": {"crossing": "below"},
    "trail": {"anchor": "100", "activate_pct": "1", "distance": "1.50"},
}


def test_an_exit_below_its_stop_breaks_no_law() -> None:
    teller = guarded()
    teller.shows("97.90")
    leaves(teller)
    assert teller.laws() == []


def test_an_exit_above_its_stop_is_found() -> None:
    teller = guarded()
    teller.shows("98.50")
    leaves(teller)
    assert "was sent for a price below 98; the lowest was 98.50" in teller.one("I6")


def test_an_exit_on_the_tick_that_activates_a_trail_is_found() -> None:
    teller = guarded(rules=TRAIL)
    teller.shows("101.20")
    leaves(teller)
    assert "a price below 99.70" in teller.one("I6")


def test_an_exit_where_a_trail_can_stand_breaks_no_law() -> None:
    teller = guarded(rules=TRAIL)
    teller.shows("103")
    teller.shows("101.40")
    leaves(teller)
    assert teller.laws() == []


def test_a_trail_that_is_not_active_moves_no_stop() -> None:
    teller = guarded(rules=TRAIL)
    teller.shows("100.90")
    teller.shows("99.30")
    leaves(teller)
    teller.one("I6")


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        ("amend_guard", {"change": {"kind": "move stop", "stop": "99.50"}}),
        ("amend_guard", {"change": {"kind": "break even", "entry_price": "99.50"}}),
        ("split_off", {"break_even": "99.50", "target": None}),
    ],
)
def test_an_exit_where_the_stop_was_put_breaks_no_law(call: str, asked: dict[str, Any]) -> None:
    teller = guarded()
    teller.calls(call, {"key": key("XS"), **asked})
    teller.shows("99.40")
    leaves(teller)
    assert teller.laws() == []


def test_an_exit_by_time_needs_no_price() -> None:
    teller = guarded(leave_at=moment(80)).after(60)
    leaves(teller)
    assert teller.laws() == []


def test_an_exit_by_hand_needs_no_price() -> None:
    teller = guarded()
    leaves(teller, "XM")
    assert teller.laws() == []


def test_an_exit_at_a_target_that_was_never_shown_is_found() -> None:
    teller = guarded(target={"price": "103", "exit": approved("XT")})
    teller.shows("102.99")
    leaves(teller, "XT")
    assert "a price above 103; the highest was 102.99" in teller.one("I6")


def test_an_exit_at_its_target_breaks_no_law() -> None:
    teller = guarded(target={"price": "103", "exit": approved("XT")})
    teller.shows("103")
    leaves(teller, "XT")
    assert teller.laws() == []


def test_a_split_makes_other_prices() -> None:
    teller = guarded()
    teller.happens(world.SplitMade(CON_ID, Decimal(2)))
    leaves(teller)
    assert teller.laws() == []


# --- L2 ---


def test_a_way_out_that_does_not_end_is_found() -> None:
    teller = Teller()
    teller.begins("Exit", EXIT)
    teller.comes_to_rest()
    assert (
        teller.one("L2") == f"{EXIT.workflow_id} has not come to its end, and nobody was told why"
    )


def test_a_way_out_that_somebody_was_told_of_may_go_on() -> None:
    teller = Teller()
    teller.begins("Exit", EXIT)
    teller.tells(IncidentKind.EXIT_WAITS, ref("XS"))
    teller.comes_to_rest()
    assert teller.laws() == []


def test_a_way_out_that_has_ended_with_something_left_is_found() -> None:
    teller = held().after(20)
    leaves(teller)
    teller.fills(ref("XS"), 40)
    teller.after(1).ends(ref("XS"))
    teller.rests(ref("PR", 2), 60, "STP")
    teller.comes_to_rest(trades=(running(Doing.GUARDING, EN=100, XS=40),))
    assert teller.one("L2") == f"{ref('XS')} was the last of a way out, and 60 AAPL are still held"


def test_a_flatten_that_leaves_something_is_found() -> None:
    teller = held().after(20)
    teller.kills(KillMode.FLATTEN)
    teller.comes_to_rest(trades=(running(Doing.GUARDING, EN=100),))
    assert teller.one("L2") == f"{TRADE} holds 100 AAPL after a flatten, and nobody was told"


# --- L3 ---


def test_what_is_held_and_guarded_breaks_no_law() -> None:
    teller = held().after(20)
    teller.comes_to_rest(trades=(running(Doing.GUARDING, EN=100),))
    assert teller.laws() == []


def test_a_trade_that_says_something_else_than_the_broker_is_found() -> None:
    teller = held().after(20)
    teller.comes_to_rest(trades=(running(Doing.GUARDING, EN=60),))
    assert teller.one("L3") == f"{ref()} has filled 100, and its trade says 60"


def test_a_position_that_no_trade_holds_is_found() -> None:
    teller = held().after(20)
    ended = TradeAtRest(RUN.workflow_id, TRADE, "completed")
    teller.comes_to_rest(trades=(ended,))
    assert teller.one("L3") == "the broker holds 100 AAPL, the trades 0, and nobody was told"


def test_a_position_of_which_somebody_was_told_breaks_no_law() -> None:
    teller = Teller()
    teller.trades(100)
    teller.tells(IncidentKind.UNEXPECTED_POSITION)
    teller.comes_to_rest()
    assert teller.laws() == []


def test_an_order_that_outlives_its_trade_is_found() -> None:
    teller = Teller()
    ended = TradeAtRest(RUN.workflow_id, TRADE, "completed")
    teller.comes_to_rest(trades=(ended,), open_orders=(ref("PR"),))
    assert "lives on although its trade has ended" in teller.one("L3")


def test_room_that_is_kept_for_nobody_is_found() -> None:
    teller = Teller()
    ended = TradeAtRest(RUN.workflow_id, TRADE, "completed")
    teller.comes_to_rest(trades=(ended,), reserved=(TRADE,))
    assert "the book still keeps room" in teller.one("L3")


# --- L4 ---


@pytest.mark.parametrize("doing", [Doing.WAITING, Doing.QUEUED, Doing.ASKING])
def test_a_wait_with_a_name_breaks_no_law(doing: Doing) -> None:
    teller = Teller()
    teller.comes_to_rest(trades=(running(doing),))
    assert teller.laws() == []


@pytest.mark.parametrize(
    "doing", [Doing.LEARNING, Doing.ADMITTING, Doing.SETTLING, Doing.UNKNOWN, Doing.LEAVING]
)
def test_a_step_that_does_not_end_is_found(doing: Doing) -> None:
    teller = Teller()
    teller.comes_to_rest(trades=(running(doing),))
    assert f"is still {doing}" in teller.one("L4")


def test_a_guard_of_nothing_is_found() -> None:
    teller = Teller()
    teller.comes_to_rest(trades=(running(Doing.GUARDING),))
    assert "there is nothing left to guard" in teller.one("L4")


def test_an_entry_that_nobody_has_is_found() -> None:
    teller = Teller()
    teller.comes_to_rest(trades=(running(Doing.ENTERING),))
    assert "no order of it lives at the broker" in teller.one("L4")


def test_a_workflow_that_has_failed_is_found() -> None:
    teller = Teller()
    teller.begins()
    teller.fails("ValueError")
    teller.comes_to_rest()
    assert teller.one("L4") == f"{RUN.workflow_id} has failed: ValueError"


def test_a_plan_that_does_not_work_may_fail() -> None:
    teller = Teller()
    teller.begins()
    teller.fails("PlanUnfit")
    teller.comes_to_rest()
    assert teller.laws() == []


def test_a_step_that_fails_for_ever_is_found() -> None:
    teller = Teller()
    teller.begins()
    teller.step_fails("KeyError: 'x'")
    teller.comes_to_rest()
    assert teller.one("L4") == f"{RUN.workflow_id} is stuck: KeyError: 'x'"


def test_a_step_that_has_failed_once_breaks_no_law() -> None:
    teller = Teller()
    teller.begins()
    teller.step_fails("KeyError: 'x'")
    teller.step_is_done()
    teller.comes_to_rest()
    assert teller.laws() == []


# --- L5 ---

ALERT = {"account": ACCOUNT, "kind": "task failed", "subject": TRADE, "text": "so"}


def test_an_alert_in_time_breaks_no_law() -> None:
    teller = Teller().after(20)
    teller.calls("alert", ALERT)
    teller.after(4.9).tells("task failed", TRADE)
    teller.after(60)
    assert teller.laws() == []


def test_an_alert_that_nobody_gets_is_found() -> None:
    teller = Teller().after(20)
    teller.calls("alert", ALERT)
    teller.after(5.1).tells("task failed", TRADE)
    text = f"task failed of {TRADE} was to be told, and nobody had heard of it 5 s later"
    assert teller.one("L5") == text


def test_an_alert_waits_for_whoever_gives_it() -> None:
    teller = Teller().after(20)
    teller.happens(world.WorkerDied(Role.TRADES))
    teller.calls("alert", ALERT)
    teller.after(60)
    teller.happens(world.WorkerStarted(Role.TRADES))
    teller.after(5).tells("task failed", TRADE)
    teller.after(60)
    assert teller.laws() == []


def test_a_kill_of_which_nobody_hears_is_found() -> None:
    teller = Teller().after(20)
    teller.happens(world.Killed(3, KillMode.FREEZE))
    teller.after(5.1)
    assert "the kill 3 was written down" in teller.one("L5")


def test_a_market_that_rests_is_told_of() -> None:
    teller = held().after(20)
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.rests(ref("XS"), 100, "MKT")
    teller.after(9.9)
    assert teller.laws() == []
    teller.after(0.2)
    assert "a MARKET, was not filled" in teller.one("L5")


def test_liveness_is_asked_for_only_when_nothing_goes_wrong() -> None:
    teller = Teller(is_quiet=False)
    armed(teller)
    teller.rests(ref("EN"))
    teller.fills(ref("EN"), 100)
    teller.happens(world.Killed(3, KillMode.FREEZE))
    teller.after(60)
    assert teller.laws() == []
    teller.happens(world.Quiet())
    teller.after(5.1)
    assert sorted(teller.laws()) == ["L1", "L5"]


# --- the rest ---


def key(purpose: str) -> dict[str, Any]:
    return {"trade": TRADE, "leg": 0, "purpose": purpose, "generation": 1}


def settled(**filled: int) -> dict[str, Any]:
    orders = [{"key": key(purpose), "filled": str(count)} for purpose, count in filled.items()]
    return {"trade": TRADE, "state": "closed", "orders": orders}


def running(doing: Doing, **filled: int) -> TradeAtRest:
    return TradeAtRest(RUN.workflow_id, TRADE, "running", standing_of(doing, **filled))
