"""What the law about what is watched (L6) asks for while there is no session, and after it."""

from backstay.domain.incidents.kinds import IncidentKind
from backstay.gateway.times import SECOND_NS
from tests.lab.oracle.test_laws_of_watches import (
    TRAIL,
    asks_for_prices,
    dies_and_comes_back,
    guarded,
    target,
)
from tests.lab.oracle.told_by_hand import Teller


def test_a_stop_waits_for_the_session_that_a_person_misses_and_no_longer() -> None:
    teller = guarded().after(30)
    dies_and_comes_back(teller)
    teller.shows("97")
    teller.after(4).tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    assert teller.after(40).laws() == []
    assert "for 54.0 s" in teller.after(10).one("L6")


def test_a_session_that_asks_for_prices_is_there_whatever_a_person_was_told_before() -> None:
    teller = guarded().after(30)
    dies_and_comes_back(teller)
    teller.after(4).tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    asks_for_prices(teller.after(10))
    teller.after(5).shows("97")
    teller.after(4.1).one("L6")


def test_a_session_that_was_missed_before_there_was_one_excuses_no_sleep() -> None:
    teller = guarded().after(30)
    teller.tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    dies_and_comes_back(teller)
    teller.serves()
    teller.shows("97")
    teller.after(20).one("L6")


def test_a_target_waits_while_prices_come_and_a_person_misses_the_session() -> None:
    teller = guarded(target=target()).after(30)
    teller.tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(1).shows("103")
    assert teller.after(30).laws() == []
    teller.serves()
    assert "the target 103" in teller.after(5).one("L6")


def test_a_session_that_stays_away_while_prices_come_is_waited_for_no_longer_than_others() -> None:
    teller = guarded(target=target()).after(30)
    teller.tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(1).shows("103")
    assert teller.after(43).laws() == []
    assert "the target 103" in teller.after(2).one("L6")


def test_a_session_that_was_long_in_coming_begins_when_it_has_all_that_it_asks_for() -> None:
    teller = guarded().after(30)
    dies_and_comes_back(teller)
    teller.shows("97")
    teller.after(4).tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(30).serves()
    asks_for_prices(teller)
    assert teller.after(7.9).laws() == []
    teller.after(0.2).one("L6")


def test_prices_that_were_asked_for_in_vain_raise_no_trail() -> None:
    teller = guarded(rules=TRAIL)
    teller.strikes("answers-slow", subject="reqMktData of client 1")
    goes_up_and_comes_back(teller)
    assert teller.after(20).laws() == []


def test_a_slow_answer_about_anything_else_is_no_reason_to_miss_a_price() -> None:
    teller = guarded(rules=TRAIL)
    teller.strikes("answers-slow", subject="reqExecutions of client 1")
    goes_up_and_comes_back(teller)
    assert "the stop 101.40" in teller.after(5).one("L6")


def test_prices_that_were_asked_for_in_vain_are_there_after_seven_seconds() -> None:
    teller = guarded(rules=TRAIL)
    teller.strikes("request-unanswered", subject="reqMktData of client 1")
    goes_up_and_comes_back(teller.after(7))
    assert "the stop 101.40" in teller.after(5).one("L6")


def goes_up_and_comes_back(teller: Teller) -> None:
    """The price raises a trail, if it is heard, and falls below where that has put the stop."""
    teller.after(2).shows("103")
    teller.after(1).shows("103.20")
    teller.after(0.6).shows("101.30")


def test_what_was_raised_counts_from_when_it_had_to_be_known() -> None:
    teller = guarded(rules=TRAIL).after(30)
    teller.shows("103")
    teller.after(1).shows("103.20")
    # Nothing is looked at for a while.
    teller.now_ns += 13 * SECOND_NS
    dies_and_comes_back(teller)
    teller.after(20).shows("101.30")
    assert "the stop 101.40" in teller.after(9).one("L6")
