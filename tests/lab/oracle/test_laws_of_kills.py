"""The law about what still leaves after a kill (I5), where one follows another, or a flatten."""

import pytest

from backstay.domain.limits.kill import KillMode
from tests.lab.oracle.told_by_hand import Teller, approved, armed, held, ref


@pytest.mark.parametrize(("mode", "is_found"), [(KillMode.FLATTEN, True), (KillMode.FREEZE, False)])
def test_a_hedge_may_leave_after_a_freeze_and_not_after_a_flatten(
    mode: KillMode, is_found: bool
) -> None:
    teller = held()
    teller.calls("hedge", approved("HG", side="sell"))
    teller.kills(mode)
    teller.after(1.5).places(ref("HG"), side="SELL")
    found = f"{ref('HG')} was sent 1.5 s after trading was stopped"
    assert (found in teller.texts("I5")) is is_found


def test_a_second_kill_gives_nobody_more_time_to_send() -> None:
    teller = Teller()
    armed(teller)
    teller.kills()
    teller.after(0.9).kills(KillMode.FLATTEN)
    teller.after(0.2).places(ref())
    assert teller.one("I5") == f"{ref()} was sent 1.1 s after trading was stopped"


def test_an_entry_that_is_sent_again_after_its_cancel_has_to_be_cancelled_again() -> None:
    teller = Teller()
    armed(teller)
    teller.rests(ref())
    teller.after(5).cancels(ref())
    teller.after(0.1).places(ref())
    teller.after(20).kills()
    teller.after(2.1)
    assert "nobody has asked to cancel it" in teller.one("I5")


def test_an_entry_whose_cancel_is_out_before_a_kill_needs_no_other() -> None:
    teller = Teller()
    armed(teller)
    teller.rests(ref())
    teller.after(5).cancels(ref())
    teller.after(20).kills()
    teller.after(60)
    assert teller.laws() == []
