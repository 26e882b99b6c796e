"""The law about what is watched (L6): once a price is there, something is done about it."""

from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.lab.oracle import happenings as world
from backstay.lab.simulation.scenario import Role
from tests.lab.oracle.told_by_hand import (
    CON_ID,
    Teller,
    approved,
    held,
    key,
    leaves,
    moment,
    ref,
)

STOP = {"stop": {"crossing": "below", "breach_pct": "0"}, "trail": None}
TRAIL = {
    **STOP,
    "trail": {"anchor": "100", "activate_pct": "1", "distance": "1.50"},
}


def guarded(is_quiet: bool = True, **more: Any) -> Teller:
    """A position that was bought at 100, with a stop at 98."""
    teller = held(is_quiet=is_quiet).after(20)
    teller.shows("100")
    guard = {
        "exit": approved("XS"),
        "rules": STOP,
        "guarded": {"level": {"stop": "98"}},
        "source": "last",
        "leave_at": None,
        "underlying": None,
        "target": None,
        **more,
    }
    teller.calls("guard", {"guard": guard})
    asks_for_prices(teller)
    return teller


def asks_for_prices(teller: Teller) -> None:
    """The house asks for the prices of what it holds."""
    fields = {"contract": {"con_id": CON_ID}}
    asked = {"t": teller.now_ns, "conn": teller.conn, "client": 1, "dir": "in", "fields": fields}
    teller.judge.wire({**asked, "msg": "reqMktData", "order_id": None, "perm_id": None})


def target(leg: int = 1, price: str = "103", part: str | None = "40") -> dict[str, Any]:
    exit_of_part = approved("XT")
    exit_of_part["intent"]["key"]["leg"] = leg
    return {"price": price, "part": part, "exit": exit_of_part}


def dies_and_comes_back(teller: Teller) -> None:
    teller.happens(world.WorkerDied(Role.BROKER))
    teller.after(1).happens(world.WorkerStarted(Role.BROKER))
    teller.connects()


def changes(teller: Teller, change: dict[str, Any], answer: str | None = "amended") -> None:
    """A person changes the stop, and may be told that it is done."""
    teller.calls("amend_guard", {"key": key("XS"), "version": 2, "change": change})
    if answer is not None:
        teller.answers(teller.asked["amend_guard"], {"kind": answer})


# --- a stop ---


def test_a_stop_that_nobody_acts_on_is_found() -> None:
    teller = guarded().after(30)
    teller.shows("97")
    teller.after(4)
    assert teller.laws() == []
    teller.after(0.1)
    text = "AAPL stood below the stop 98 of T7K2M9QX, at 97 for 4.1 s, and nothing has left"
    assert teller.one("L6").startswith(text)


def test_it_is_asked_for_as_well_while_things_go_wrong() -> None:
    teller = guarded(is_quiet=False).after(30)
    teller.shows("97")
    teller.after(9).one("L6")


def test_a_stop_that_is_acted_on_breaks_no_law() -> None:
    teller = guarded().after(30)
    teller.shows("97")
    leaves(teller.after(1))
    teller.fills(ref("XS"), 100)
    assert teller.after(20).laws() == []


def test_a_stop_at_the_broker_that_makes_room_is_the_beginning_of_it() -> None:
    teller = guarded().after(30)
    teller.shows("97")
    teller.after(1).cancels(ref("PR"))
    assert teller.after(10).laws() == []


def test_a_price_that_has_gone_back_asks_for_nothing() -> None:
    teller = guarded().after(30)
    teller.shows("97")
    teller.after(3.9).shows("98.50")
    teller.after(1).shows("97")
    teller.after(3.9).shows("98")
    assert teller.after(20).laws() == []


def test_a_price_that_is_not_deep_enough_asks_for_nothing() -> None:
    rules = {"stop": {"crossing": "below", "breach_pct": "1"}, "trail": None}
    teller = guarded(rules=rules).after(30)
    teller.shows("97.02")
    assert teller.after(20).laws() == []
    teller.shows("97.01")
    teller.after(9).one("L6")


def test_a_position_that_is_gone_asks_for_nothing() -> None:
    teller = guarded().after(30)
    teller.shows("97")
    teller.fills(ref("PR"), 100)
    assert teller.after(20).laws() == []


def test_what_a_person_was_told_about_is_excused() -> None:
    teller = guarded().after(30)
    teller.shows("97")
    teller.tells(IncidentKind.EXIT_WAITS)
    assert teller.after(20).laws() == []


def test_what_was_told_of_the_position_excuses_only_the_trade_that_it_names() -> None:
    teller = guarded()
    teller.tells(IncidentKind.NAKED_POSITION, ref("PR"))
    teller.after(30).shows("97")
    assert teller.after(20).laws() == []
    teller = guarded()
    teller.tells(IncidentKind.NAKED_POSITION)
    teller.after(30).shows("97")
    teller.tells(IncidentKind.NAKED_POSITION)
    teller.after(5).one("L6")


def test_time_runs_only_while_the_broker_is_reached() -> None:
    teller = guarded().after(30)
    teller.shows("97")
    teller.happens(world.LinesCut())
    assert teller.after(20).laws() == []
    teller.connects()
    assert teller.after(10).laws() == []
    teller.after(0.1).one("L6")


def test_time_runs_only_while_the_engine_is_there_to_begin_a_guard_again() -> None:
    teller = guarded().after(30)
    teller.shows("97")
    teller.happens(world.EngineGone())
    assert teller.after(20).laws() == []


def test_a_halt_gives_time() -> None:
    teller = guarded().after(30)
    teller.happens(world.Halted(CON_ID))
    teller.shows("97")
    assert teller.after(20).laws() == []
    teller.happens(world.HaltEnded(CON_ID))
    assert teller.after(8).laws() == []
    teller.after(0.1).one("L6")


def test_a_closed_market_asks_for_nothing() -> None:
    teller = guarded().after(6 * 3600)
    teller.shows("97")
    assert teller.after(60).laws() == []


def test_what_could_not_be_heard_is_asked_for_from_the_next_price_on() -> None:
    teller = guarded().after(30)
    teller.shows("97")
    teller.strikes("tick-none")
    assert teller.after(20).laws() == []
    teller.shows("96.50")
    teller.after(9).one("L6")


def test_after_a_farm_is_broken_nothing_is_asked_for_before_all_is_quiet() -> None:
    teller = guarded(is_quiet=False).after(30)
    teller.strikes("farm-broken")
    teller.shows("97")
    assert teller.after(120).laws() == []
    teller.happens(world.Quiet())
    teller.after(9).one("L6")


def test_a_split_ends_what_is_watched() -> None:
    teller = guarded().after(30)
    teller.happens(world.SplitMade(CON_ID, Decimal(2)))
    teller.shows("50")
    assert "L6" not in teller.after(20).laws()


# --- where it stands ---


def test_a_trail_has_raised_its_stop_by_a_price_that_stood() -> None:
    teller = guarded(rules=TRAIL).after(30)
    teller.shows("103")
    teller.after(5.1).shows("101.30")
    text = "AAPL stood below the stop 101.40"
    assert teller.after(9).one("L6").startswith(text)


def test_a_price_that_passed_by_has_raised_nothing() -> None:
    teller = guarded(rules=TRAIL).after(30)
    teller.shows("103")
    teller.after(2).shows("101.30")
    assert teller.after(20).laws() == []


def test_a_price_that_activates_no_trail_has_raised_nothing() -> None:
    teller = guarded(rules=TRAIL).after(30)
    teller.shows("100.99")
    teller.after(20).shows("99")
    assert teller.after(20).laws() == []


def test_a_bid_that_stays_where_it_is_has_raised_nothing() -> None:
    teller = guarded(rules=TRAIL, source="bid").after(30)
    teller.shows("103")
    teller.after(20).shows("101")
    assert teller.after(20).laws() == []


def test_two_prices_have_raised_a_stop_at_once() -> None:
    teller = guarded(rules=TRAIL).after(30)
    teller.shows("103")
    teller.after(1).shows("103.20")
    teller.after(0.6).shows("101.30")
    assert "the stop 101.40" in teller.after(9).one("L6")


def test_a_price_that_comes_while_the_line_is_away_has_raised_nothing() -> None:
    teller = guarded(rules=TRAIL).after(30)
    teller.happens(world.LinesCut())
    teller.shows("103")
    teller.after(1).shows("103.20")
    teller.after(1).connects()
    teller.after(1).shows("101.30")
    assert teller.after(30).laws() == []


def test_a_price_that_comes_before_prices_are_asked_for_again_has_raised_nothing() -> None:
    teller = guarded(rules=TRAIL).after(30)
    teller.connects()
    teller.after(2).shows("103")
    teller.after(1).shows("103.20")
    teller.after(1)
    asks_for_prices(teller)
    teller.after(1).shows("101.30")
    assert teller.after(30).laws() == []


def test_two_bids_have_raised_a_stop() -> None:
    teller = guarded(rules=TRAIL, source="bid").after(30)
    teller.shows("103")
    teller.after(1).shows("104")
    teller.after(6).shows("101")
    assert "the stop 101.38" in teller.after(9).one("L6")


def test_what_was_raised_long_before_a_crash_still_stands() -> None:
    teller = guarded(rules=TRAIL).after(30)
    teller.shows("103")
    teller.after(6).after(20)
    dies_and_comes_back(teller)
    teller.after(20).shows("101.30")
    assert "the stop 101.40" in teller.after(9).one("L6")


def test_what_was_raised_just_before_a_crash_may_be_forgotten() -> None:
    teller = guarded(rules=TRAIL).after(30)
    teller.shows("103")
    teller.after(6).shows("102")
    dies_and_comes_back(teller)
    teller.after(20).shows("101.30")
    assert teller.after(20).laws() == []


def test_a_stop_that_a_person_has_moved_stands_there_after_a_crash() -> None:
    teller = guarded().after(30)
    changes(teller, {"kind": "move stop", "stop": "99.50"})
    dies_and_comes_back(teller)
    teller.after(20).shows("99")
    assert "the stop 99.50" in teller.after(9).one("L6")


@pytest.mark.parametrize("answer", [None, "gone", "unfit"])
def test_a_stop_whose_move_was_not_made_stands_where_it_was(answer: str | None) -> None:
    teller = guarded().after(30)
    changes(teller, {"kind": "move stop", "stop": "99.50"}, answer)
    teller.shows("99")
    assert teller.after(20).laws() == []


def test_a_stop_that_may_have_been_loosened_is_held_against_the_farther_price() -> None:
    teller = guarded().after(30)
    changes(teller, {"kind": "move stop", "stop": "96"}, None)
    teller.shows("97")
    assert teller.after(20).laws() == []
    teller.shows("95.90")
    assert "the stop 96" in teller.after(9).one("L6")


def test_a_person_may_loosen_what_a_trail_has_raised() -> None:
    teller = guarded(rules=TRAIL).after(30)
    teller.shows("103")
    teller.after(6)
    changes(teller, {"kind": "move stop", "stop": "97"})
    teller.shows("97.50")
    assert teller.after(20).laws() == []


def test_a_break_even_never_loosens() -> None:
    teller = guarded().after(30)
    changes(teller, {"kind": "break even", "entry_price": "99.50"})
    changes(teller, {"kind": "break even", "entry_price": "96"})
    teller.shows("99")
    assert "the stop 99.50" in teller.after(9).one("L6")


def test_a_shorter_trail_stands_nearer() -> None:
    teller = guarded(rules=TRAIL).after(30)
    teller.shows("103")
    teller.after(6)
    changes(teller, {"kind": "tighten trail", "distance": "0.50"})
    teller.shows("102.30")
    assert "the stop 102.40" in teller.after(9).one("L6")


# --- targets and times ---


def test_a_target_that_nobody_acts_on_is_found() -> None:
    teller = guarded(target=target()).after(30)
    teller.shows("102.99")
    assert teller.after(20).laws() == []
    teller.shows("103")
    assert "stood above the target 103" in teller.after(9).one("L6")


def test_a_target_that_was_told_of_breaks_no_law() -> None:
    teller = guarded(target=target()).after(30)
    teller.shows("103")
    teller.answers(teller.asked["guard"], {"kind": "target reached", "target": target()})
    assert teller.after(20).laws() == []


def test_after_a_part_has_left_its_stop_is_still_watched() -> None:
    teller = guarded(target=target()).after(30)
    teller.shows("103")
    teller.rests(ref("XT", leg=1), 40)
    teller.fills(ref("XT", leg=1), 40)
    teller.after(20).shows("97")
    assert "L6" in teller.after(9).laws()


def test_the_next_target_begins_with_the_split() -> None:
    teller = guarded(target=target()).after(30)
    asked = {"key": key("XS"), "break_even": "100", "target": target(2, "105")}
    teller.calls("split_off", asked)
    teller.answers(teller.asked["split_off"], {"kind": "split"})
    teller.shows("105")
    teller.answers(teller.asked["guard"], {"kind": "target reached", "target": target()})
    assert "the target 105" in teller.after(9).one("L6")


def test_a_time_that_has_come_and_nobody_leaves_is_found() -> None:
    teller = guarded(leave_at=moment(60)).after(30)
    assert teller.after(17.9).laws() == []
    assert "was to leave AAPL 8.1 s ago" in teller.after(0.2).one("L6")


def test_a_time_at_which_it_is_left_breaks_no_law() -> None:
    teller = guarded(leave_at=moment(60)).after(41)
    leaves(teller)
    assert "L6" not in teller.after(20).laws()
