"""The laws about stops: none is taken away for nothing (I11), and nothing stands naked (L1)."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.exchange import Contract
from backstay.lab.simulation.scenario import Role
from tests.lab.oracle.told_by_hand import OTHER, Teller, approved, armed, held, ref


def swapped(quantity: int = 100) -> Teller:
    """A position whose stop is over, so that an exit can come."""
    teller = held().after(20)
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    return teller


# --- I11 ---


def test_a_stop_that_is_cancelled_for_nothing_is_found() -> None:
    teller = swapped().after(4.9)
    assert teller.laws() == []
    teller.after(0.2).after(60)
    text = f"{ref('PR')} was cancelled with 100 AAPL open, and no exit came after it"
    assert teller.one("I11") == text


def test_a_stop_that_gives_way_to_an_exit_is_none() -> None:
    teller = swapped()
    teller.after(1).places(ref("XS"))
    teller.after(2).rests(ref("XS", 2))
    teller.after(60)
    assert teller.laws() == []


def test_a_stop_that_gives_way_to_an_exit_of_another_trade_is_cancelled_for_nothing() -> None:
    teller = swapped()
    teller.after(1).places(ref("XS", trade=OTHER))
    teller.after(60)
    assert "I11" in teller.laws()


def test_a_stop_of_what_is_not_there_any_more_may_be_cancelled() -> None:
    teller = held().after(20)
    teller.trades(-100)
    teller.after(1).cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.after(60)
    assert teller.laws() == []


def test_a_stop_that_would_only_add_to_what_is_held_protects_nothing() -> None:
    teller = held().after(20)
    teller.rests(ref("XS"), 200)
    teller.fills(ref("XS"), 200)
    teller.after(1).cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.after(60)
    assert "I11" not in teller.laws()


def test_a_stop_that_a_person_cancels_has_to_be_made_good() -> None:
    teller = held().after(20)
    teller.ends(ref("PR"))
    teller.after(2).rests(ref("PR", 2), 100, "STP")
    teller.after(60)
    assert teller.laws() == []


def test_a_stop_that_is_cancelled_while_a_person_was_told_why_is_none() -> None:
    teller = swapped()
    teller.after(1).tells(IncidentKind.EXIT_WAITS, ref("XS"))
    teller.after(60)
    assert teller.laws() == []


def test_a_stop_whose_exit_waits_for_a_session_that_a_person_misses_is_waited_for() -> None:
    teller = swapped()
    teller.connects()
    teller.after(4).tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(40)
    assert "I11" not in teller.laws()
    teller.after(10)
    assert "I11" in teller.laws()


def served_late(*, is_told: bool = True) -> Teller:
    """A stop was cancelled, and its session owed an answer for longer than it has to catch up."""
    teller = swapped()
    teller.connects()
    teller.strikes("request-unanswered", subject="reqExecutions of client 1")
    if is_told:
        teller.after(4).tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(16).serves()
    return teller


def test_whoever_has_a_missed_session_again_has_five_seconds_to_put_a_stop_back() -> None:
    teller = served_late()
    assert teller.after(4.9).laws() == []
    assert teller.after(0.2).laws() == ["I11"]


def test_a_stop_that_is_put_back_when_a_missed_session_is_there_breaks_no_law() -> None:
    teller = served_late()
    teller.after(0.1).rests(ref("PR", 2), 100, "STP")
    assert teller.after(60).laws() == []


def test_a_session_that_nobody_misses_gives_no_time_to_put_a_stop_back() -> None:
    assert served_late(is_told=False).after(0.1).laws() == ["I11"]


def test_a_session_that_takes_several_connections_is_missed_until_it_is_there() -> None:
    teller = swapped()
    teller.tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    for _ in range(4):
        teller.after(11).connects()
    assert "I11" not in teller.laws()
    teller.after(11)
    assert "I11" in teller.laws()


def test_a_session_that_was_missed_before_there_was_one_excuses_no_stop() -> None:
    teller = swapped()
    teller.tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(1).connects()
    teller.after(1).serves()
    teller.after(20)
    assert "I11" in teller.laws()


# --- L1 ---


def naked() -> Teller:
    """A position of which no stop was ever placed."""
    teller = Teller()
    armed(teller)
    teller.rests(ref("EN"))
    teller.after(20)
    teller.fills(ref("EN"), 100)
    return teller


def test_a_position_that_stands_naked_is_found() -> None:
    teller = naked().after(4.9)
    assert teller.laws() == []
    teller.after(0.2).after(60)
    assert teller.one("L1") == "100 AAPL stood naked for 5.1 s, and nobody was told why"


def test_a_stop_in_time_is_in_time() -> None:
    teller = naked().after(3)
    teller.rests(ref("PR"), 100, "STP")
    teller.after(60)
    assert teller.laws() == []


def test_a_stop_for_a_part_leaves_the_rest_naked() -> None:
    teller = naked().after(3)
    teller.rests(ref("PR"), 60, "STP")
    teller.after(60)
    assert "40 AAPL stood naked" in teller.one("L1")


def test_a_naked_position_of_which_somebody_was_told_is_in_somebodys_hands() -> None:
    teller = naked().after(3)
    teller.tells(IncidentKind.NAKED_POSITION, ref("PR"))
    teller.after(60)
    assert teller.laws() == []


def test_a_fill_that_is_taken_back_says_why_something_stands_naked() -> None:
    teller = naked().after(3)
    teller.tells(IncidentKind.FILL_CORRECTED, ref("XM"))
    teller.after(60)
    assert "L1" not in teller.laws()


def test_a_naked_position_waits_for_the_session_that_a_person_misses_and_no_longer() -> None:
    teller = naked()
    teller.connects()
    teller.after(4).tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(40)
    assert "L1" not in teller.laws()
    teller.after(10)
    assert "L1" in teller.laws()


def test_a_naked_position_has_five_seconds_when_a_missed_session_is_there_again() -> None:
    teller = naked()
    teller.connects()
    teller.after(4).tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(16).serves()
    assert teller.after(4.9).laws() == []
    assert teller.after(0.2).laws() == ["L1"]


@pytest.mark.parametrize(
    ("question", "laws"),
    [
        ("reqPositions", []),
        ("reqAllOpenOrders", []),
        ("reqCompletedOrders", []),
        ("reqExecutions", []),
        ("reqAccountUpdates", []),
        ("reqCurrentTime", ["L1"]),
    ],
)
def test_a_session_is_waited_for_while_one_connection_after_another_owes_an_answer(
    question: str, laws: list[str]
) -> None:
    teller = naked()
    teller.connects()
    teller.after(4).tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(30).connects()
    teller.strikes("request-unanswered", subject=f"{question} of client 1")
    teller.after(11).connects()
    assert teller.after(30).laws() == laws
    assert teller.after(15).laws() == ["L1"], "by then one that asks again has been answered"


def test_an_answer_that_was_owed_to_another_session_excuses_nothing() -> None:
    teller = naked()
    teller.tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(1).connects()
    teller.strikes("request-unanswered", subject="reqPositions of client 1")
    teller.serves()
    teller.after(20)
    assert "L1" in teller.laws()


def test_what_was_told_before_it_stood_naked_explains_nothing() -> None:
    teller = Teller()
    teller.tells(IncidentKind.NAKED_POSITION)
    teller.rests(ref("EN"))
    teller.after(20)
    teller.fills(ref("EN"), 100)
    teller.after(60)
    teller.one("L1")


@pytest.mark.parametrize(
    ("lost", "back"),
    [
        (lambda teller: teller.happens(world.LinesCut()), Teller.connects),
        (lambda teller: teller.strikes("half-open"), Teller.connects),
        (
            lambda teller: teller.happens(world.WorkerFroze(Role.BROKER)),
            lambda teller: teller.happens(world.WorkerThawed(Role.BROKER)),
        ),
    ],
)
def test_after_a_reconnect_there_are_ten_seconds(
    lost: Callable[[Teller], None], back: Callable[[Teller], None]
) -> None:
    teller = naked()
    lost(teller)
    teller.after(60)
    assert teller.laws() == []
    back(teller)
    teller.after(9.9)
    assert teller.laws() == []
    teller.after(0.2)
    teller.one("L1")


def test_a_trade_that_keeps_its_stop_to_itself_is_not_naked() -> None:
    teller = Teller()
    arm = {"entry": approved("EN"), "protection": None, "trigger": None}
    teller.calls("arm", {"arm": arm})
    teller.rests(ref("EN"))
    teller.fills(ref("EN"), 100)
    teller.after(60)
    assert teller.laws() == []


def test_what_others_hold_is_not_ours_to_protect() -> None:
    teller = Teller()
    teller.trades(100)
    teller.after(60)
    assert teller.laws() == []


def test_what_a_hand_opens_where_a_hand_had_closed_is_not_ours_to_protect() -> None:
    teller = naked()
    teller.trades(-100)
    teller.after(1).trades(46)
    teller.after(60)
    assert teller.laws() == []


@pytest.mark.parametrize(("before", "sold", "left"), [(0, 60, 40), (50, 50, 100), (50, 80, 70)])
def test_a_hand_closes_its_own_first_and_the_rest_of_ours_stays_ours(
    before: int, sold: int, left: int
) -> None:
    teller = naked()
    if before:
        teller.trades(before)
    teller.trades(-sold)
    teller.trades(25)
    teller.after(60)
    assert f"{left} AAPL stood naked" in teller.one("L1")


@pytest.mark.parametrize("ratio", [1, 2])
def test_what_is_entered_after_a_hand_has_closed_is_ours(ratio: int) -> None:
    contract = Contract(1)
    contract.trade("first", Decimal(100))
    contract.position = Decimal(100)
    contract.trade_by_hand(Decimal(-100), is_correction=False)
    contract.split(Decimal(ratio))
    contract.trade("second", Decimal(37))
    contract.position = Decimal(50)
    assert contract.ours() == 37


def test_what_our_own_exit_has_closed_as_well_is_taken_once() -> None:
    contract = Contract(1)
    contract.trade("first", Decimal(100))
    contract.position = Decimal(100)
    contract.trade_by_hand(Decimal(-100), is_correction=False)
    contract.trade("first", Decimal(-100))
    contract.trade("second", Decimal(37))
    contract.position = Decimal(37)
    assert contract.ours() == 37


def test_what_a_hand_has_closed_is_ours_again_once_that_is_taken_back() -> None:
    contract = Contract(1)
    contract.trade("first", Decimal(100))
    contract.position = Decimal(100)
    contract.trade_by_hand(Decimal(-100), is_correction=False)
    contract.position = Decimal(0)
    contract.trade_by_hand(Decimal(100), is_correction=True)
    contract.position = Decimal(100)
    assert contract.ours() == 100


@pytest.mark.parametrize(
    "subject", ["contract 1", "AAPL, contract 1", "trade:DU1:plan", "12345678"]
)
def test_what_names_the_contract_by_its_number_is_about_it(subject: str) -> None:
    teller = naked().after(3)
    teller.tells(IncidentKind.NAKED_POSITION, subject)
    teller.after(60)
    assert teller.laws() == []


def test_what_names_another_contract_by_its_number_is_about_that() -> None:
    teller = naked().after(3)
    teller.tells(IncidentKind.NAKED_POSITION, "contract 2")
    teller.after(60)
    teller.one("L1")
