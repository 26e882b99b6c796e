"""The law about what stands naked (L1), where trades share a contract, or time begins anew."""

from decimal import Decimal

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.lab.oracle import happenings as world
from tests.lab.oracle.standings import settled
from tests.lab.oracle.told_by_hand import CON_ID, OTHER, Teller, held, ref

OTHERS = ref("EN", trade=OTHER)


def entered(*, is_quiet: bool = True) -> Teller:
    """A position of which no stop was ever placed."""
    teller = Teller(is_quiet=is_quiet)
    teller.rests(ref("EN"))
    teller.after(20).fills(ref("EN"), 100)
    return teller


@pytest.mark.parametrize("holds", [False, True])
def test_who_was_told_of_an_ended_trade_looks_after_no_other_that_holds_something(
    holds: bool,
) -> None:
    teller = held().after(20)
    teller.tells(IncidentKind.FILL_AFTER_END, ref("EN"))
    teller.rests(OTHERS, 50)
    teller.fills(OTHERS, 50)
    stop = ref("PR", trade=OTHER)
    teller.rests(stop, 50, "STP")
    if not holds:
        teller.fills(stop, 50)
    teller.after(600).calls("settle", settled())
    teller.ends(ref("PR"))
    teller.after(60)
    assert ("L1" in teller.laws()) is holds


def test_what_stands_naked_before_all_goes_well_has_its_time_from_then_on() -> None:
    teller = entered(is_quiet=False).after(60)
    teller.happens(world.Quiet())
    assert teller.after(4.9).texts("L1") == []
    assert len(teller.after(0.2).texts("L1")) == 1


def test_what_was_covered_and_stands_naked_again_is_found_again() -> None:
    teller = entered().after(6)
    teller.rests(ref("PR"), 100, "STP")
    teller.after(5).ends(ref("PR"))
    teller.after(7)
    assert [text.partition(",")[0] for text in teller.texts("L1")] == [
        "100 AAPL stood naked for 6.0 s",
        "100 AAPL stood naked for 7.0 s",
    ]


def test_what_a_cancel_has_bared_is_told_once_until_it_is_covered_again() -> None:
    teller = held().after(20)
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.after(60)
    assert teller.laws() == ["I11"]
    teller.rests(ref("PR", 2), 100, "STP")
    teller.after(5).ends(ref("PR", 2))
    teller.after(6)
    assert teller.laws() == ["I11", "L1"]


def test_what_was_sold_short_is_covered_by_what_buys() -> None:
    teller = Teller()
    teller.rests(ref("EN"), side="SELL")
    teller.fills(ref("EN"), 100)
    teller.rests(ref("PR"), 100, "STP", side="BUY")
    assert teller.after(60).texts("L1") == []
    teller.ends(ref("PR"))
    assert "100 AAPL stood naked" in teller.after(6).one("L1")


@pytest.mark.parametrize(("trade", "is_found"), [("", True), (OTHER, False)])
def test_less_than_a_share_is_told_of_the_trade_that_holds_it(trade: str, is_found: bool) -> None:
    teller = held(2).after(20)
    teller.rests(OTHERS, 1)
    teller.fills(OTHERS, 1)
    teller.tells(IncidentKind.FRACTIONAL_REMAINDER, ref("XS", trade=trade) if trade else ref("XS"))
    teller.happens(world.SplitMade(CON_ID, Decimal("0.5")))
    teller.ends(ref("PR"))
    teller.rests(ref("PR", 2), 1, "STP")
    teller.after(60)
    assert bool(teller.texts("L1")) is is_found
