"""The law about what is watched (L6), for entries: a trigger that is reached leads to something."""

from typing import Any

from tests.lab.oracle.test_laws_of_watches import asks_for_prices, dies_and_comes_back
from tests.lab.oracle.told_by_hand import Teller, armed, key


def waiting(**more: Any) -> Teller:
    """An entry that waits for 101."""
    teller = Teller()
    teller.shows("100")
    armed(teller, {"price": "101", "when": "above", "source": "last", **more})
    return teller.after(30)


def test_a_trigger_that_nobody_acts_on_is_found() -> None:
    teller = waiting()
    teller.shows("101")
    assert teller.after(20).laws() == []
    teller.shows("101.01")
    assert "stood above the trigger 101 of" in teller.after(9).one("L6")


def test_an_entry_at_its_trigger_breaks_no_law() -> None:
    teller = waiting()
    teller.shows("102")
    teller.places()
    assert teller.after(20).laws() == []


def test_a_trade_that_says_how_it_stands_breaks_no_law() -> None:
    teller = waiting()
    teller.shows("102")
    teller.closes({"kind": "missed"})
    assert teller.after(20).laws() == []


def test_a_kill_leaves_triggers_unanswered() -> None:
    teller = waiting()
    teller.shows("102")
    teller.kills()
    assert "L6" not in teller.after(20).laws()


def test_a_trigger_that_a_person_has_taken_back_asks_for_nothing() -> None:
    teller = waiting()
    teller.calls("release", {"key": key("EN"), "version": 2})
    teller.shows("102")
    assert teller.after(20).laws() == []


def test_premarket_may_have_moved_a_trigger() -> None:
    teller = waiting(premarket="rebase")
    teller.shows("102")
    assert teller.after(20).laws() == []


def bids(*prices: str) -> Teller:
    """An entry that waits for two bids beyond 101, and hears these, one a second."""
    teller = waiting(source="bid", confirm_ticks=2)
    asks_for_prices(teller)
    teller.after(10)
    for price in prices:
        teller.shows(price)
        teller.after(1)
    return teller


def test_a_bid_that_stands_confirms_itself_no_trigger() -> None:
    assert bids("102", "102", "102").after(20).laws() == []


def test_as_many_bids_as_a_trigger_asks_for_are_found_if_nobody_acts() -> None:
    teller = bids("102", "103").after(3)
    assert teller.laws() == []
    assert "stood above the trigger 101 of" in teller.after(0.1).one("L6")


def test_bids_that_do_not_follow_one_another_confirm_no_trigger() -> None:
    assert bids("102", "100", "102").after(20).laws() == []


def test_bids_before_and_after_a_crash_confirm_no_trigger() -> None:
    teller = bids("102")
    dies_and_comes_back(teller)
    asks_for_prices(teller)
    teller.after(15).shows("103")
    assert teller.after(20).laws() == []
    teller.shows("104")
    teller.after(4.1).one("L6")


def test_a_bid_after_one_that_may_not_have_been_heard_confirms_no_trigger() -> None:
    teller = bids("102")
    teller.strikes("tick-nan")
    teller.shows("103")
    assert teller.after(20).laws() == []
