"""What a person may want of a trade, in each of its phases."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.ticks.guarding import GuardRules
from backstay.domain.trade import wishes
from backstay.domain.trade.progress import after_report
from backstay.domain.trade.standing import Doing
from tests.domain.trade.samples import agreed, an_order, report
from tests.domain.trade.test_opening import guard_of
from tests.domain.trade.test_progress import ALL, GUARDED, ORDER, WAITING

TRAIL = "[stop.trail]\ndistance = 1.50\nactivate_pct = 1\n"
TOO_LATE = (Doing.LEAVING, Doing.SETTLING, Doing.OVER)


def rules(more: str = "") -> GuardRules:
    """How a position is guarded."""
    return guard_of(agreed(an_order(more))).rules


@pytest.mark.parametrize("doing", Doing)
def test_cancelling_is_possible_until_everything_has_filled(doing: Doing) -> None:
    told = wishes.against_cancel(replace(WAITING, doing=doing))
    assert told == (f"cancel: too late, the trade is {doing.value}" if doing in TOO_LATE else "")


def test_there_is_nothing_to_cancel_when_everything_has_filled() -> None:
    whole = "cancel: all 100 have filled; close leaves the position"
    assert wishes.against_cancel(GUARDED) == whole
    partly = after_report(WAITING, report(ORDER, ArmPhase.WORKING, filled=99), ALL)
    assert wishes.against_cancel(partly) == ""
    assert wishes.against_cancel(replace(GUARDED, quantity=None)) == ""


@pytest.mark.parametrize("doing", Doing)
def test_closing_is_possible_until_the_end(doing: Doing) -> None:
    is_late = doing in (Doing.SETTLING, Doing.OVER)
    told = wishes.against_close(replace(WAITING, doing=doing))
    assert told == (f"close: too late, the trade is {doing.value}" if is_late else "")


@pytest.mark.parametrize("doing", Doing)
def test_entering_by_hand_is_possible_while_something_waits_to_enter(doing: Doing) -> None:
    may = doing in (Doing.WAITING, Doing.ASKING)
    told = wishes.against_enter(replace(WAITING, doing=doing))
    assert told == ("" if may else f"enter: nothing waits to enter, the trade is {doing.value}")


@pytest.mark.parametrize("doing", Doing)
def test_a_guard_is_changed_while_it_guards(doing: Doing) -> None:
    standing = replace(WAITING, doing=doing)
    nothing = f"nothing is guarded, the trade is {doing.value}"
    expected = "" if doing is Doing.GUARDING else nothing
    assert wishes.against_guard_change(standing) == expected
    missing = expected or "nothing is guarded"
    assert wishes.against_stop(standing, None, Decimal(98)) == missing
    assert wishes.against_trail(standing, None, Decimal(1)) == missing


@pytest.mark.parametrize(
    ("stop", "objection"),
    [
        ("98.40", ""),
        ("0.01", ""),
        ("0", "move_stop: 0; expected a price above 0"),
        ("-1", "move_stop: -1; expected a price above 0"),
        ("NaN", "move_stop: NaN; expected a price above 0"),
        ("Infinity", "move_stop: Infinity; expected a price above 0"),
        ("98.405", "move_stop: 98.405 is between two ticks; nearest are 98.40 and 98.41"),
    ],
)
def test_a_stop_is_a_price_that_can_be_traded(stop: str, objection: str) -> None:
    assert wishes.against_stop(GUARDED, rules(), Decimal(stop)) == objection


@pytest.mark.parametrize(
    ("distance", "objection"),
    [
        ("1.49", ""),
        ("0.01", ""),
        ("1.50", "tighten_trail: 1.50; expected a distance above 0 and below 1.5"),
        ("0", "tighten_trail: 0; expected a distance above 0 and below 1.5"),
        ("-1", "tighten_trail: -1; expected a distance above 0 and below 1.5"),
        ("NaN", "tighten_trail: NaN; expected a distance above 0 and below 1.5"),
    ],
)
def test_a_trail_only_becomes_shorter(distance: str, objection: str) -> None:
    assert wishes.against_trail(GUARDED, rules(TRAIL), Decimal(distance)) == objection


def test_there_is_no_trail_to_tighten_without_one() -> None:
    none = "tighten_trail: the plan has no trail"
    assert wishes.against_trail(GUARDED, rules(), Decimal(1)) == none


@pytest.mark.parametrize("doing", Doing)
def test_only_an_unknown_entry_is_declared_absent(doing: Doing) -> None:
    told = wishes.against_absence(replace(WAITING, doing=doing), "Ann", "looked in TWS")
    late = f"declare_absent: nothing is unknown, the trade is {doing.value}"
    assert told == ("" if doing is Doing.UNKNOWN else late)


@pytest.mark.parametrize(("by", "reason"), [("", "looked"), (" ", "looked"), ("Ann", "\t")])
def test_who_declares_an_entry_absent_says_who_it_is_and_why(by: str, reason: str) -> None:
    unknown = replace(WAITING, doing=Doing.UNKNOWN)
    needs = "declare_absent: it takes a name and a reason"
    assert wishes.against_absence(unknown, by, reason) == needs
