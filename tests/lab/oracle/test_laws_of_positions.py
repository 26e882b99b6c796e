"""The law about what may leave (I8)."""

from dataclasses import replace

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle import happenings as world
from backstay.lab.simulation.scenario import Role
from tests.lab.oracle.told_by_hand import (
    BEGINS_NS,
    CLOSES,
    OTHER,
    PREMISES,
    Teller,
    armed,
    held,
    ref,
)


def swapped(quantity: int = 100) -> Teller:
    """A position whose stop is over, so that an exit can come."""
    teller = held().after(20)
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    return teller


# --- I8: more could leave than there is ---


def test_an_exit_beside_a_living_stop_is_found() -> None:
    teller = held().after(20)
    teller.rests(ref("XS"))
    assert teller.one("I8") == f"with {ref('XS')} 200 AAPL could leave of 100"


def test_an_exit_that_fills_at_once_beside_its_stop_is_found_once() -> None:
    teller = held().after(20)
    teller.rests(ref("XS"))
    teller.fills(ref("XS"), 100)
    teller.after(30)
    teller.one("I8")


def test_an_exit_and_a_stop_of_one_group_leave_once() -> None:
    teller = held().after(20)
    teller.places(ref("PR"), 100, "STP", oca_group="g")
    teller.works(ref("PR"))
    teller.rests(ref("XS"), oca_group="g")
    assert teller.laws() == []


def test_an_exit_for_more_than_there_is_is_found() -> None:
    teller = swapped()
    teller.rests(ref("XS"), 120)
    teller.one("I8")


def test_a_change_to_more_than_there_is_is_found() -> None:
    teller = held().after(20)
    teller.rests(ref("PR"), 130, "STP")
    teller.one("I8")


def test_a_stop_that_sleeps_behind_its_entry_takes_nothing_away() -> None:
    teller = Teller()
    armed(teller)
    teller.places(ref("EN"))
    teller.places(ref("PR"), 100, "STP", parent_id=1)
    teller.works(ref("EN"))
    teller.works(ref("PR"), "PreSubmitted")
    assert teller.laws() == []


def half_filled() -> Teller:
    """An entry of 100 that lives on with 40 filled; its stop works for those."""
    teller = Teller(child_covers_partial_parent=True)
    armed(teller)
    teller.places(ref("EN"))
    teller.places(ref("PR"), 100, "STP", parent_id=1)
    teller.works(ref("EN"))
    teller.works(ref("PR"))
    teller.fills(ref("EN"), 40)
    return teller


def test_a_stop_that_works_for_what_has_filled_covers_that() -> None:
    assert half_filled().after(60).laws() == []


def test_a_stop_that_works_for_more_than_a_hand_has_left_is_too_much() -> None:
    teller = half_filled().after(20)
    teller.trades(-15)
    teller.after(5.1).after(60)
    assert "40 AAPL could leave of 25 for 5.1 s" in teller.one("I8")


def test_what_was_told_before_the_entry_was_complete_is_told() -> None:
    teller = half_filled().after(20)
    teller.trades(-15)
    teller.after(1).tells(IncidentKind.PROTECTION_MISMATCH)
    teller.after(1).fills(ref("EN"), 60)
    teller.after(60)
    assert teller.laws() == []


def test_a_surplus_that_is_cut_in_time_is_none() -> None:
    teller = held().after(20)
    teller.trades(-60)
    teller.after(1).rests(ref("PR"), 40, "STP")
    teller.after(60)
    assert teller.laws() == []


def test_a_surplus_that_nobody_cuts_is_found() -> None:
    teller = held().after(20)
    teller.trades(-60)
    teller.after(4.9)
    assert teller.laws() == []
    teller.after(0.2).after(60)
    assert "100 AAPL could leave of 40 for 5.1 s" in teller.one("I8")


def test_a_surplus_that_was_told_of_is_in_somebodys_hands() -> None:
    teller = held().after(20)
    teller.trades(-60)
    teller.after(1).tells(IncidentKind.PROTECTION_MISMATCH)
    teller.after(60)
    assert teller.laws() == []


@pytest.mark.parametrize("subject", ["MSFT", ref("PR", trade=OTHER), f"trade:{OTHER}"])
def test_what_was_told_of_another_contract_or_trade_explains_nothing(subject: str) -> None:
    teller = held().after(20)
    teller.trades(-60)
    teller.after(1).tells(IncidentKind.PROTECTION_MISMATCH, subject)
    teller.after(60)
    teller.one("I8")


def test_a_surplus_whose_cut_was_asked_for_is_the_gateways() -> None:
    teller = held().after(20)
    teller.trades(-60)
    teller.after(1).cancels(ref("PR"))
    teller.after(60)
    assert teller.laws() == []


def test_nobody_can_cut_who_is_not_there() -> None:
    teller = held().after(20)
    teller.happens(world.WorkerDied(Role.BROKER))
    teller.trades(-60)
    teller.after(60)
    assert teller.laws() == []
    teller.happens(world.WorkerStarted(Role.BROKER))
    teller.connects()
    teller.after(9.9)
    assert teller.laws() == []
    teller.after(0.2)
    teller.one("I8")


def test_an_exit_that_was_under_way_while_somebody_closed_by_hand_is_none() -> None:
    teller = swapped()
    teller.trades(-60)
    teller.after(0.002).rests(ref("XS"))
    teller.after(0.5).rests(ref("XS"), 40)
    teller.after(60)
    assert teller.laws() == []


def test_an_exit_that_is_sent_long_after_somebody_closed_by_hand_is_found() -> None:
    teller = swapped()
    teller.trades(-60)
    teller.after(2).rests(ref("XS"))
    teller.one("I8")


# --- I8: nothing turns a position ---


def test_a_stop_that_turns_a_position_long_after_it_was_closed_is_found_once() -> None:
    teller = held().after(20)
    teller.trades(-100)
    teller.after(60)
    teller.fills(ref("PR"), 100)
    teller.one("I8")


def test_a_stop_that_turns_a_position_before_anybody_could_cut_it_is_none() -> None:
    teller = held().after(20)
    teller.trades(-100)
    teller.after(1)
    teller.fills(ref("PR"), 100)
    teller.tells(IncidentKind.POSITION_MISMATCH)
    teller.after(60)
    assert teller.laws() == []


def test_a_fill_after_a_cancel_is_the_gateways() -> None:
    teller = swapped()
    teller.rests(ref("XS"))
    teller.fills(ref("XS"), 100)
    teller.strikes("fill-after-cancel", perm_id=102)
    teller.after(1).trades(-100, ref("PR"))
    teller.tells(IncidentKind.FILL_AFTER_END, ref("PR"))
    teller.after(60)
    assert teller.laws() == []


def test_a_surplus_waits_for_the_session_that_a_person_misses_and_no_longer() -> None:
    teller = held().after(20)
    teller.trades(-100)
    teller.connects()
    teller.after(4).tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(40)
    assert teller.laws() == []
    teller.after(10)
    assert "100 AAPL could leave of 0 for 54.0 s" in teller.one("I8")


def test_a_surplus_has_five_seconds_when_a_missed_session_is_there_again() -> None:
    teller = held().after(20)
    teller.trades(-100)
    teller.connects()
    teller.after(4).tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(16).serves()
    assert teller.after(4.9).laws() == []
    assert teller.after(0.2).laws() == ["I8"]


def test_a_session_that_was_missed_before_there_was_one_excuses_no_surplus() -> None:
    teller = held().after(20)
    teller.trades(-100)
    teller.tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(1).connects()
    teller.serves()
    teller.after(20)
    assert "100 AAPL could leave of 0 for 21.0 s" in teller.one("I8")


def test_a_position_that_goes_back_at_once_is_answered_like_any_other() -> None:
    teller = held().after(20)
    teller.trades(-100)
    teller.after(1).trades(100)
    teller.after(1).trades(-100)
    teller.after(4.9).after(0)
    assert teller.laws() == []
    teller.after(0.2).after(60)
    assert "100 AAPL could leave of 0 for 5.1 s" in teller.one("I8")


def test_a_correction_that_turns_a_position_is_the_brokers() -> None:
    teller = held().after(20)
    teller.fills(ref("PR"), 100)
    teller.corrects(ref("PR"), 105)
    teller.tells(IncidentKind.ORDER_OVERFILLED, ref("PR"))
    teller.after(60)
    assert teller.laws() == []


def test_a_new_trade_may_be_protected_while_an_old_stop_is_being_cut() -> None:
    teller = held().after(20)
    teller.trades(-100)
    teller.after(1).rests(ref("EN", trade=OTHER), 37)
    teller.places(ref("PR", trade=OTHER), 37, "STP", parent_id=3)
    teller.works(ref("PR", trade=OTHER))
    teller.fills(ref("EN", trade=OTHER), 37)
    teller.works(ref("PR", trade=OTHER))
    teller.after(1).cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.after(60)
    assert [law for law in teller.laws() if law != "I2"] == []


def test_an_exit_without_a_position_opens_one_and_is_found() -> None:
    teller = Teller()
    armed(teller)
    teller.rests(ref("XS"))
    teller.fills(ref("XS"), 100)
    assert "100 AAPL could leave of 0" in teller.one("I8")


# --- I8: markets ---


def test_a_market_in_a_closed_market_is_found() -> None:
    teller = held().after(CLOSES + 2)
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.after(0.01).rests(ref("XS"), 100, "MKT")
    assert "a MARKET while the market was closed" in teller.one("I8")


def test_a_market_that_was_sent_just_before_the_close_is_none() -> None:
    teller = held().after(CLOSES - 1)
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.after(1.0005).rests(ref("XS"), 100, "MKT")
    teller.fills(ref("XS"), 100)
    assert teller.laws() == []


@pytest.mark.parametrize(("early", "is_found"), [(0.2, True), (0.101, True), (0.1, False)])
def test_a_market_is_early_by_no_more_than_the_clock_of_the_broker_is_known(
    early: float, is_found: bool
) -> None:
    opens = BEGINS_NS + 60 * SECOND_NS
    regular = ((opens, opens + 3600 * SECOND_NS),)
    teller = Teller(replace(PREMISES, regular=regular), is_quiet=True)
    armed(teller)
    teller.after(60 - early).places(ref("XS"), 100, "MKT")
    found = [text for text in teller.texts("I8") if "while the market was closed" in text]
    assert bool(found) is is_found


def test_a_market_that_waits_over_the_close_is_found() -> None:
    teller = held().after(CLOSES - 60)
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.rests(ref("XS"), 100, "MKT")
    teller.after(3)
    teller.tells(IncidentKind.NAKED_POSITION)
    teller.after(120)
    assert [law for law in teller.laws() if law != "L5"] == ["I8"]


def forked_into_a_market() -> Teller:
    """A stop became a MARKET, which has filled, and the gateway lets the stop live on beside it."""
    teller = held().after(CLOSES - 60)
    teller.places(ref("PR"), 100, "MKT")
    teller.works(ref("PR"))
    teller.fills(ref("PR"), 100)
    teller.strikes("second-perm-id", ref("PR"))
    teller.works(ref("PR"), "PreSubmitted", perm_id=999, qty="1", filled="0")
    return teller.after(3)


def test_a_stop_that_lives_on_beside_the_market_that_it_became_is_none() -> None:
    teller = forked_into_a_market()
    teller.cancels(ref("PR"))
    teller.after(120)
    assert teller.laws() == []


def test_a_stop_that_lives_on_and_becomes_a_market_itself_is_found() -> None:
    teller = forked_into_a_market()
    teller.places(ref("PR"), 1, "MKT")
    teller.works(ref("PR"), perm_id=999, qty="1", filled="0")
    teller.after(120)
    waits = f"{ref('PR')}, a MARKET, waits for a later session, and nobody was told"
    assert waits in teller.texts("I8")


def test_a_market_that_the_gateway_keeps_for_what_hangs_on_it_waits_for_no_session() -> None:
    teller = Teller().after(CLOSES - 60)
    teller.places(ref("EN"), 100, "MKT")
    teller.works(ref("EN"), "PendingSubmit")
    teller.after(120)
    assert "I8" not in teller.laws()


def test_a_market_that_has_left_after_all_waits_like_any_other() -> None:
    teller = Teller().after(CLOSES - 60)
    teller.places(ref("EN"), 100, "MKT")
    teller.works(ref("EN"), "PendingSubmit")
    teller.works(ref("EN"))
    teller.after(120)
    assert "I8" in teller.laws()


def test_a_market_that_waits_and_was_told_of_is_in_somebodys_hands() -> None:
    teller = held().after(CLOSES - 60)
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.rests(ref("XS"), 100, "MKT")
    teller.after(6).tells(IncidentKind.EXIT_NOT_FILLED, ref("XS"))
    teller.after(120)
    assert teller.laws() == []
