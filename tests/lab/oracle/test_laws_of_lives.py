"""The laws that histories are asked about: how far a trade has come (I3), and how everything stands
at the end (L2, L3, L4); and what people have to be told (L5).
"""

from decimal import Decimal

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.kill import KillMode
from backstay.domain.trade.settlement import settlement_of
from backstay.domain.trade.standing import Doing
from backstay.lab.engine.tasks import RunName
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.premises import TradeAtRest
from backstay.lab.simulation.scenario import Role
from tests.lab.oracle.standings import settled, standing_of
from tests.lab.oracle.told_by_hand import (
    ACCOUNT,
    CON_ID,
    OTHER,
    RUN,
    TRADE,
    Teller,
    armed,
    held,
    leaves,
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


def test_a_trade_is_held_against_where_it_stood_last() -> None:
    teller = Teller()
    for state in ("created", "risk filled", "validated"):
        teller.marks(state)
    assert teller.one("I3") == f"{RUN.workflow_id} was risk filled and is validated"


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


def test_a_quantity_of_another_trade_is_for_that_one_to_book() -> None:
    teller = held().after(20)
    teller.rests(ref(trade=OTHER), 50)
    teller.fills(ref(trade=OTHER), 50)
    teller.after(60).closes(settled(EN=100))
    assert "I3" not in teller.laws()


def test_a_quantity_that_was_taken_back_may_have_been_booked() -> None:
    teller = held().after(20)
    teller.corrects(ref("EN"), 60)
    teller.after(60).closes(settled(EN=100))
    assert "I3" not in teller.laws()


def test_a_quantity_that_came_with_the_end_may_still_be_on_its_way() -> None:
    teller = held().after(20)
    teller.fills(ref("PR"), 100)
    teller.after(0.001).closes(settled(EN=100, PR=60))
    assert teller.laws() == []


def test_a_quantity_that_comes_while_a_settlement_waits_to_be_booked_is_not_in_it() -> None:
    teller = held().after(20)
    teller.calls("settle", settled(EN=100))
    teller.after(1).fills(ref("PR"), 100)
    teller.after(60).closes(settled(EN=100))
    assert teller.laws() == []


def test_a_quantity_that_a_settlement_has_left_out_is_found_as_soon_as_it_is_to_be_booked() -> None:
    teller = held().after(20)
    teller.fills(ref("PR"), 100)
    teller.after(60).calls("settle", settled(EN=100))
    text = f"{RUN.workflow_id} ended with 0 filled of {ref('PR')}; 100 had filled"
    assert teller.one("I3") == text
    teller.after(60).closes(settled(EN=100))
    assert teller.one("I3") == text


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
    teller.comes_to_rest(trades=(ended,), kept={CON_ID: Decimal(100)})
    assert teller.one("L3") == "the broker holds 100 AAPL, the trades 0, and nobody was told"


@pytest.mark.parametrize("kept", [0, 200])
def test_what_a_trade_leaves_over_is_kept_once(kept: int) -> None:
    teller = held().after(20)
    teller.fills(ref("PR"), 60)
    teller.trades(-40)
    ended = TradeAtRest(RUN.workflow_id, TRADE, "completed")
    teller.comes_to_rest(trades=(ended,), kept={CON_ID: Decimal(kept)})
    assert teller.one("L3") == f"trades have left 40 AAPL over, and the book has kept {kept}"


@pytest.mark.parametrize("kept", [0, 40, 80])
def test_a_settlement_is_booked_once_whoever_was_told_why_it_leaves_something(kept: int) -> None:
    teller = held().after(20)
    teller.fills(ref("PR"), 60)
    teller.trades(-40)
    teller.tells(IncidentKind.MANUAL_ACTION)
    standing = standing_of(Doing.OVER, EN=100, PR=60)
    ended = TradeAtRest(
        RUN.workflow_id,
        TRADE,
        "completed",
        standing,
        settlement_of(standing, CON_ID, Decimal(1), standing.at),
    )
    teller.comes_to_rest(trades=(ended,), kept={CON_ID: Decimal(kept)})
    if kept == 40:
        assert teller.laws() == []
    else:
        text = f"settled with 40 AAPL left over, and the book has kept {kept}"
        assert teller.one("L3") == text


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


@pytest.mark.parametrize(("seconds", "laws"), [(4.996, []), (3.9, ["L5"])])
def test_a_market_that_rests_may_be_told_of_by_a_clock_that_is_a_little_fast(
    seconds: float, laws: list[str]
) -> None:
    teller = held().after(20)
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.rests(ref("XS"), 100, "MKT")
    teller.after(seconds).tells(IncidentKind.EXIT_NOT_FILLED, ref("XS"))
    teller.after(10)
    assert teller.laws() == laws


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


def running(doing: Doing, **filled: int) -> TradeAtRest:
    return TradeAtRest(RUN.workflow_id, TRADE, "running", standing_of(doing, **filled))
