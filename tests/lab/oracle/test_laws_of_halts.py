"""The law that no MARKET is sent into a halt (I8)."""

import pytest

from backstay.lab.oracle import happenings as world
from tests.lab.oracle.told_by_hand import CON_ID, Teller, held, ref


def halted(name: str = "", seconds: float = 6) -> Teller:
    """A position in a halt that goes on, its stop just over."""
    teller = held().after(20)
    teller.happens(world.Halted(CON_ID))
    if name:
        teller.strikes(name)
    teller.after(seconds)
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    return teller


def test_a_market_that_is_sent_into_a_halt_is_found() -> None:
    teller = halted()
    teller.rests(ref("XM"), kind="MKT")
    assert teller.one("I8") == f"{ref('XM')} was sent as a MARKET into a halt"


def test_a_limit_may_wait_through_a_halt() -> None:
    teller = halted()
    teller.rests(ref("XS"))
    assert "I8" not in teller.laws()


def test_a_market_after_the_halt_is_none_of_it() -> None:
    teller = halted()
    teller.happens(world.HaltEnded(CON_ID))
    teller.rests(ref("XM"), kind="MKT")
    assert "I8" not in teller.laws()


def test_a_halt_that_nobody_can_have_heard_of_yet_binds_nobody() -> None:
    teller = halted(seconds=1)
    teller.rests(ref("XM"), kind="MKT")
    assert "I8" not in teller.laws()


@pytest.mark.parametrize(("seconds", "laws"), [(1.9, []), (2.1, ["I8"])])
def test_a_session_that_was_there_hears_of_a_halt_at_once(seconds: float, laws: list[str]) -> None:
    teller = halted(seconds=seconds)
    teller.rests(ref("XM"), kind="MKT")
    assert [law for law in teller.laws() if law == "I8"] == laws


def test_a_session_that_begins_in_a_halt_has_time_to_hear_of_it() -> None:
    teller = halted(seconds=1)
    teller.connects()
    teller.after(5).rests(ref("XM"), kind="MKT")
    assert "I8" not in teller.laws()


@pytest.mark.parametrize(("seconds", "laws"), [(9.9, []), (10.1, ["I8"])])
def test_a_session_that_has_caught_up_in_a_halt_knows_of_it(
    seconds: float, laws: list[str]
) -> None:
    teller = halted(seconds=1)
    teller.connects()
    teller.after(seconds).rests(ref("XM"), kind="MKT")
    assert [law for law in teller.laws() if law == "I8"] == laws


def test_a_halt_binds_nobody_whom_no_prices_reach() -> None:
    teller = halted("farm-broken")
    teller.rests(ref("XM"), kind="MKT")
    assert "I8" not in teller.laws()


@pytest.mark.parametrize("fault", ["cancel-refused", "competing-login", "status-delayed"])
def test_what_keeps_no_halt_from_being_heard_excuses_no_market(fault: str) -> None:
    teller = halted(fault)
    teller.rests(ref("XM"), kind="MKT")
    assert "I8" in teller.laws()
