"""The law about what was decided on (I6): prices that the exchange really showed."""

from decimal import Decimal
from typing import Any

import pytest

from backstay.lab.oracle import happenings as world
from backstay.lab.simulation.scenario import Role
from tests.lab.oracle.test_laws_of_watches import asks_for_prices
from tests.lab.oracle.told_by_hand import (
    CON_ID,
    Teller,
    approved,
    armed,
    held,
    key,
    leaves,
    moment,
    ref,
)


def waiting(**trigger: Any) -> Teller:
    """An entry that waits for 101."""
    teller = Teller()
    teller.shows("100")
    given = {"price": "101", "when": "above", "source": "last", "confirm_ticks": 1, **trigger}
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
        "rules": {"stop": {"crossing": "below", "breach_pct": "0"}, "trail": None},
        "guarded": {"level": {"stop": "98"}},
        "source": "last",
        "leave_at": None,
        "underlying": None,
        "target": None,
        **more,
    }
    teller.calls("guard", {"guard": guard})
    return teller


TRAIL = {
    "stop": {"crossing": "below", "breach_pct": "0"},
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
    teller.shows("101.20")
    leaves(teller)
    assert "a price below 99.70" in teller.one("I6")


def test_an_exit_where_a_trail_can_stand_breaks_no_law() -> None:
    teller = guarded(rules=TRAIL)
    teller.shows("103")
    teller.shows("103.20")
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
        ("amend_guard", {"version": 2, "change": {"kind": "move stop", "stop": "99.50"}}),
        ("amend_guard", {"version": 2, "change": {"kind": "break even", "entry_price": "99.50"}}),
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
    teller = guarded(target={"price": "103", "part": None, "exit": approved("XT")})
    teller.shows("102.99")
    leaves(teller, "XT")
    assert "a price above 103; the highest was 102.99" in teller.one("I6")


def test_an_exit_at_its_target_breaks_no_law() -> None:
    teller = guarded(target={"price": "103", "part": None, "exit": approved("XT")})
    teller.shows("103")
    leaves(teller, "XT")
    assert teller.laws() == []


def test_a_split_makes_other_prices() -> None:
    teller = guarded()
    teller.happens(world.SplitMade(CON_ID, Decimal(2)))
    leaves(teller)
    assert teller.laws() == []


@pytest.mark.parametrize(("ladder", "laws"), [(None, []), ({}, ["I6"])])
def test_what_fills_after_the_end_of_its_guard_leaves_at_any_price(
    ladder: dict[str, Any] | None, laws: list[str]
) -> None:
    teller = guarded()
    rules = {"first_key": key("XS")}
    teller.calls("Exit", {"walk": {"way_out": {"rules": rules}, "ladder": ladder}})
    leaves(teller)
    assert teller.laws() == laws


TWO_TICKS = {"stop": {"crossing": "below", "breach_pct": "0", "confirm_ticks": 2}, "trail": None}


def test_an_exit_for_one_price_where_two_are_asked_for_is_found() -> None:
    teller = guarded(rules=TWO_TICKS)
    teller.shows("97")
    teller.after(0.1).shows("99")
    leaves(teller)
    assert "was sent for a price below 98; the lowest was 97" in teller.one("I6")


def test_two_prices_with_a_better_one_between_confirm_nothing() -> None:
    teller = guarded(rules=TWO_TICKS)
    for price in ("97", "99", "97"):
        teller.after(0.1).shows(price)
    leaves(teller)
    teller.one("I6")


def test_an_exit_for_two_prices_in_a_row_breaks_no_law() -> None:
    teller = guarded(rules=TWO_TICKS)
    teller.shows("97")
    teller.after(0.1).shows("97.50")
    leaves(teller)
    assert teller.laws() == []


def test_the_same_price_once_more_is_a_second_tick() -> None:
    teller = guarded(rules=TWO_TICKS)
    teller.shows("97")
    teller.happens(world.ShownAgain())
    leaves(teller)
    assert teller.laws() == []


@pytest.mark.parametrize(("seconds", "laws"), [(0.3, ["I6"]), (0.5, [])])
def test_a_price_that_stands_confirms_a_stop(seconds: float, laws: list[str]) -> None:
    teller = guarded(rules=TWO_TICKS)
    teller.shows("97")
    teller.after(seconds)
    leaves(teller)
    assert teller.laws() == laws


def test_a_price_that_stood_until_the_next_confirms_a_stop() -> None:
    teller = guarded(rules=TWO_TICKS)
    teller.shows("97")
    teller.after(0.5).shows("99")
    leaves(teller)
    assert teller.laws() == []


def test_a_price_that_stands_confirms_no_trigger() -> None:
    teller = waiting(confirm_ticks=2)
    teller.shows("102")
    teller.after(1).places()
    teller.one("I6")


def test_prices_of_a_quote_are_not_counted() -> None:
    teller = guarded(rules=TWO_TICKS, source="bid")
    teller.shows("97")
    teller.after(0.1).shows("99")
    leaves(teller)
    assert teller.laws() == []


@pytest.mark.parametrize(("is_asked_for", "laws"), [(True, ["I6"]), (False, [])])
def test_after_a_crash_each_price_counts_once_it_was_asked_for(
    is_asked_for: bool, laws: list[str]
) -> None:
    teller = guarded(rules=TWO_TICKS)
    teller.happens(world.WorkerDied(Role.BROKER))
    teller.after(1).connects()
    if is_asked_for:
        asks_for_prices(teller)
    teller.after(0.5).shows("97")
    teller.after(0.1).shows("99")
    leaves(teller)
    assert [law for law in teller.laws() if law == "I6"] == laws


def test_a_price_that_stands_when_the_line_breaks_may_be_all_that_is_seen() -> None:
    teller = guarded(rules=TWO_TICKS)
    teller.shows("97")
    teller.happens(world.LinesCut())
    teller.after(0.1).shows("99")
    leaves(teller)
    assert "I6" not in teller.laws()


@pytest.mark.parametrize("name", ["tick-storm", "tick-stale", "half-open"])
def test_after_a_fault_of_the_data_one_price_is_enough(name: str) -> None:
    teller = guarded(rules=TWO_TICKS)
    teller.strikes(name)
    teller.after(1).shows("97")
    teller.after(0.1).shows("99")
    leaves(teller)
    assert "I6" not in teller.laws()


def test_one_price_moves_no_trail() -> None:
    teller = guarded(rules=TRAIL)
    for price in ("103", "100", "100"):
        teller.shows(price)
    leaves(teller)
    assert "a price below 98" in teller.one("I6")


AT_103 = {"price": "103", "part": None, "exit": approved("XT")}
AT_97 = {**AT_103, "price": "97"}
ABOVE = {"stop": {"crossing": "above", "breach_pct": "0"}, "trail": None}


@pytest.mark.parametrize(
    ("rules", "target", "laws"),
    [(TRAIL, AT_103, []), (TRAIL, AT_97, ["I6"]), (ABOVE, AT_97, []), (ABOVE, AT_103, ["I6"])],
)
def test_a_target_where_nothing_is_won_is_found(
    rules: dict[str, Any], target: dict[str, Any], laws: list[str]
) -> None:
    teller = guarded(rules=rules, target=target, guarded={"level": {"stop": "98"}})
    assert teller.laws() == laws


def test_the_target_of_what_is_left_is_looked_at_too() -> None:
    teller = guarded()
    teller.calls("split_off", {"key": key("XS"), "break_even": None, "target": AT_97})
    assert "has bought at 100, and aims at 97" in teller.one("I6")


def test_targets_of_a_trigger_that_was_moved_may_be_anywhere() -> None:
    teller = guarded()
    change = {"kind": "move trigger", "price": "96"}
    teller.calls("amend_arm", {"key": key("EN"), "change": change})
    teller.calls("split_off", {"key": key("XS"), "break_even": None, "target": AT_97})
    assert teller.laws() == []
