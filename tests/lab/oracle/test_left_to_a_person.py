"""What a trade's end has left to whoever was told of it: no stop of it (L1), no way out (L2)."""

from decimal import Decimal

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.trade.standing import Doing
from backstay.lab.oracle.premises import TradeAtRest
from tests.lab.oracle.standings import settled, standing_of
from tests.lab.oracle.told_by_hand import CON_ID, OTHER, RUN, TRADE, Teller, held, leaves, ref

# --- L1 ---


def over_and_filled() -> Teller:
    """A trade is over, its entry fills all the same, and a stop stands for that."""
    teller = held(100).after(20)
    teller.tells(IncidentKind.FILL_AFTER_END, ref("EN"))
    return teller.after(600)


def test_a_stop_that_is_lost_long_after_the_end_of_its_trade_is_for_whom_it_was_left_to() -> None:
    teller = over_and_filled()
    teller.calls("settle", settled())
    teller.ends(ref("PR"))
    teller.after(60)
    assert "L1" not in teller.laws()


def test_what_was_told_of_a_trade_that_goes_on_is_no_excuse_for_a_stop_lost_later() -> None:
    teller = over_and_filled()
    teller.ends(ref("PR"))
    teller.after(60)
    assert "L1" in teller.laws()


def test_a_stop_that_is_lost_after_the_end_of_its_trade_is_missed_by_whom_nobody_told() -> None:
    teller = held(100).after(20)
    teller.tells(IncidentKind.FILL_AFTER_END, ref("EN", trade=OTHER))
    teller.after(600).calls("settle", settled())
    teller.ends(ref("PR"))
    teller.after(60)
    assert "L1" in teller.laws()


def over_and_taken_back(trade: str) -> Teller:
    """The exit of a trade is taken back just before its end, and a person is told of this one's."""
    teller = held().after(20)
    leaves(teller)
    teller.fills(ref("XS"), 100)
    teller.after(1).corrects(ref("XS"), 0)
    teller.calls("settle", settled(EN=100, XS=100))
    subject = f"AAPL, contract {CON_ID}{trade}"
    teller.after(4).tells(IncidentKind.UNEXPECTED_POSITION, subject)
    return teller.after(60)


def test_a_position_of_which_an_ended_trade_is_named_is_left_to_who_was_told() -> None:
    assert "L1" not in over_and_taken_back(f", of {TRADE}").laws()


@pytest.mark.parametrize("trade", ["", f", of {OTHER}"])
def test_a_position_that_is_told_of_nobody_or_another_trade_excuses_none(trade: str) -> None:
    assert "L1" in over_and_taken_back(trade).laws()


# --- L2 ---


def taken_back(status: str, subject: str) -> Teller:
    """The exit of a trade was taken back, and a person was told of a position."""
    teller = held().after(20)
    leaves(teller)
    teller.fills(ref("XS"), 100)
    teller.after(1).corrects(ref("XS"), 40)
    teller.tells(IncidentKind.UNEXPECTED_POSITION, subject)
    trade = TradeAtRest(RUN.workflow_id, TRADE, status, standing_of(Doing.GUARDING, EN=100, XS=40))
    teller.comes_to_rest(trades=(trade,), kept={CON_ID: Decimal(60)})
    return teller


def test_what_is_left_to_a_person_is_led_by_no_way_out_any_more() -> None:
    assert "L2" not in taken_back("completed", f"AAPL, contract {CON_ID}, of {TRADE}").laws()


@pytest.mark.parametrize(
    ("status", "trade"),
    [("completed", ""), ("completed", f", of {OTHER}"), ("running", f", of {TRADE}")],
)
def test_a_position_told_of_is_left_to_a_person_only_by_its_ended_trade(
    status: str, trade: str
) -> None:
    assert "L2" in taken_back(status, f"AAPL, contract {CON_ID}{trade}").laws()
