"""The law about what people have to be told (L5): of what, from when on, and by whom."""

from backstay.domain.limits.kill import KillMode
from backstay.lab.oracle import happenings as world
from backstay.lab.simulation.scenario import Role
from tests.lab.oracle.told_by_hand import Teller, held, ref


def rests_as_market() -> Teller:
    """An exit at the market has taken the place of a stop."""
    teller = held().after(20)
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.rests(ref("XS"), 100, "MKT")
    return teller


def test_a_kill_is_told_of_whoever_takes_the_steps() -> None:
    teller = Teller().after(20)
    teller.happens(world.WorkerDied(Role.TRADES), world.Killed(3, KillMode.FREEZE))
    teller.after(5.1)
    assert "the kill 3 was written down" in teller.one("L5")


def test_a_kill_before_all_goes_well_is_to_be_told_of_from_then_on() -> None:
    teller = Teller(is_quiet=False)
    teller.happens(world.Killed(3, KillMode.FREEZE))
    teller.after(60).happens(world.Quiet())
    assert teller.after(4.9).laws() == []
    assert teller.after(0.2).laws() == ["L5"]


def test_a_market_that_enters_may_rest() -> None:
    teller = Teller()
    teller.rests(ref(), kind="MKT")
    assert "L5" not in teller.after(60).laws()


def test_a_market_that_fills_in_time_is_told_to_nobody() -> None:
    teller = rests_as_market().after(4)
    teller.fills(ref("XS"), 100)
    assert "L5" not in teller.after(60).laws()


def test_a_market_that_fills_in_part_has_no_more_time() -> None:
    teller = rests_as_market().after(8)
    teller.fills(ref("XS"), 10)
    teller.after(2.1)
    assert "a MARKET, was not filled" in teller.one("L5")
