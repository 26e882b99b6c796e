"""The laws about an entry that is taken back (I2, L4), and a position that nobody guards (L6)."""

from decimal import Decimal

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from backstay.lab.oracle import happenings as world
from backstay.lab.simulation.scenario import Role
from tests.lab.oracle.standings import settled
from tests.lab.oracle.told_by_hand import TRADE, Teller, approved, armed, key, ref

GONE = {"kind": "gone"}
AMENDED = {"kind": "amended"}


# --- I2: what was let go of ---


def let_go(answer: dict[str, str] | None = AMENDED) -> Teller:
    """An entry that waits is let go of."""
    teller = Teller()
    armed(teller)
    teller.calls("release", {"key": key("EN"), "version": 2})
    if answer is not None:
        teller.answers(teller.asked["release"], answer)
    return teller.after(2)


def test_an_entry_that_is_sent_after_it_was_let_go_of_is_found() -> None:
    teller = let_go()
    teller.rests(ref())
    assert teller.one("I2") == f"{ref()} was sent 2.0 s after it was let go of"


@pytest.mark.parametrize("answer", [GONE, None])
def test_an_entry_that_was_too_late_to_let_go_of_breaks_no_law(
    answer: dict[str, str] | None,
) -> None:
    teller = let_go(answer)
    teller.rests(ref())
    assert teller.laws() == []


def test_what_an_entry_would_take_may_be_asked_after_it_was_let_go_of() -> None:
    teller = let_go()
    teller.places(ref(), what_if=True)
    assert teller.laws() == []


def test_an_entry_that_left_before_it_was_let_go_of_may_be_changed() -> None:
    teller = Teller()
    armed(teller)
    teller.rests(ref())
    teller.calls("release", {"key": key("EN"), "version": 2})
    teller.answers(teller.asked["release"], AMENDED)
    teller.after(2).rests(ref(), 60)
    assert teller.laws() == []


def test_an_entry_is_let_go_of_when_that_was_first_answered() -> None:
    teller = let_go()
    teller.calls("release", {"key": key("EN"), "version": 2})
    teller.answers(teller.asked["release"], AMENDED)
    teller.after(2).rests(ref())
    assert teller.one("I2") == f"{ref()} was sent 4.0 s after it was let go of"


# --- L4: what was called off ---


def called_off(*, is_quiet: bool = True) -> Teller:
    """An entry rests and is to be cancelled, and the broker refuses that."""
    teller = Teller(is_quiet=is_quiet)
    armed(teller)
    teller.rests(ref())
    teller.after(20)
    asks(teller)
    return teller


def asks(teller: Teller) -> None:
    teller.calls("cancel", key("EN"))
    teller.cancels(ref())
    teller.answers(teller.asked["cancel"], {"standing": "refused"})


def test_an_entry_that_is_called_off_once_and_lives_is_found() -> None:
    teller = called_off().after(14)
    assert teller.laws() == []
    teller.after(2)
    text = f"{ref()} was called off and lives, and for 16.0 s nobody has asked to cancel it again"
    assert teller.one("L4") == text


def test_an_entry_that_is_called_off_once_is_found_once() -> None:
    teller = called_off().after(16).after(10)
    assert len(teller.texts("L4")) == 1


def test_an_entry_is_called_off_again_from_then_on_when_nothing_goes_wrong_any_more() -> None:
    teller = called_off(is_quiet=False).after(60)
    teller.happens(world.Quiet())
    assert teller.after(14).laws() == []
    assert teller.after(2).laws() == ["L4"]


@pytest.mark.parametrize("what", ["steps", "session"])
def test_an_entry_is_called_off_again_by_whoever_is_there(what: str) -> None:
    teller = called_off()
    teller.happens(world.WorkerDied(Role.TRADES) if what == "steps" else world.LinesCut())
    teller.after(60)
    assert teller.laws() == []
    if what == "steps":
        teller.happens(world.WorkerStarted(Role.TRADES))
    else:
        teller.connects()
    assert teller.after(9.9).laws() == []
    assert teller.after(0.2).laws() == ["L4"]


def test_an_entry_that_is_called_off_again_and_again_breaks_no_law() -> None:
    teller = called_off()
    for pause in (10, 25, 50, 100):
        teller.after(pause)
        asks(teller)
    assert teller.laws() == []


def test_an_entry_that_is_still_being_cancelled_breaks_no_law() -> None:
    teller = called_off().after(10)
    teller.calls("cancel", key("EN"))
    teller.after(60)
    assert teller.laws() == []


def test_an_entry_that_is_over_is_called_off_no_more() -> None:
    teller = called_off().after(10)
    teller.ends(ref())
    teller.after(60)
    assert teller.laws() == []


# --- L6: what nobody guards ---


def entered(kind: str = "Trade") -> Teller:
    """A part has filled while the rest works on, under the stop that hangs on it."""
    teller = Teller(child_covers_partial_parent=True)
    if kind:
        teller.begins(kind)
    arm = {
        "entry": approved("EN"),
        "protection": approved("PR"),
        "trigger": None,
        "expires_at": None,
    }
    teller.calls("arm", {"arm": arm})
    teller.places(ref())
    teller.places(ref("PR"), 100, "STP", parent_id=1)
    teller.works(ref())
    teller.works(ref("PR"), "PreSubmitted")
    teller.after(20)
    teller.fills(ref(), 40)
    return teller


def test_a_position_that_nobody_is_asked_to_guard_is_found() -> None:
    teller = entered().after(9)
    assert "L6" not in teller.laws()
    teller.after(2)
    text = f"{TRADE} has held 40 AAPL for 11.0 s, and nobody was asked to guard it"
    assert teller.texts("L6") == [text]


def test_whoever_has_a_missed_session_again_has_five_seconds_to_ask_for_a_guard() -> None:
    teller = entered()
    teller.connects()
    teller.after(4).tells(IncidentKind.CONNECTION_LOST, "DU1234567 as client 1")
    teller.after(16).serves()
    assert "L6" not in teller.after(4.9).laws()
    assert "L6" in teller.after(0.2).laws()


@pytest.mark.parametrize("what", ["guard", "walk", "Exit", "told", "left", "over"])
def test_a_position_that_somebody_looks_after_breaks_no_law(what: str) -> None:
    teller = entered().after(5)
    walk = {"way_out": {"rules": {"first_key": key("XS")}}, "ladder": None}
    match what:
        case "guard":
            level = {"stop": "95"}
            guard = {
                "exit": approved("XS"),
                "rules": {"stop": {"crossing": "below", "breach_pct": "0"}, "trail": None},
                "guarded": {"level": level},
                "underlying": None,
                "source": "last",
                "target": None,
                "leave_at": None,
            }
            teller.calls("guard", {"guard": guard})
        case "walk":
            teller.calls("walk", walk)
        case "Exit":
            teller.calls("Exit", {"walk": walk})
        case "told":
            teller.tells(IncidentKind.TASK_FAILED)
        case "left":
            teller.trades(-40)
        case _:
            teller.closes(settled(EN=40))
    teller.after(20)
    assert "L6" not in teller.laws()


def test_a_report_that_never_came_is_to_be_found_missing_first() -> None:
    teller = entered()
    teller.happens(world.ReportLost())
    teller.after(60)
    assert "L6" not in teller.laws()
    teller.after(1)
    assert "L6" in teller.laws()


@pytest.mark.parametrize("what", ["steps", "session"])
def test_a_guard_is_asked_for_by_whoever_is_there(what: str) -> None:
    teller = entered()
    teller.happens(world.WorkerDied(Role.TRADES) if what == "steps" else world.LinesCut())
    teller.after(60)
    assert "L6" not in teller.laws()
    if what == "steps":
        teller.happens(world.WorkerStarted(Role.TRADES))
    else:
        teller.connects()
    assert "L6" not in teller.after(9.9).laws()
    assert "L6" in teller.after(0.2).laws()


def test_what_fills_later_is_looked_after_by_whoever_was_asked() -> None:
    teller = entered().after(5)
    teller.calls("walk", {"way_out": {"rules": {"first_key": key("XS")}}, "ladder": None})
    teller.after(5).fills(ref(), 10)
    assert "L6" not in teller.after(20).laws()


@pytest.mark.parametrize("kind", ["", "DryRun"])
def test_what_no_trade_has_entered_is_for_nobody_to_guard(kind: str) -> None:
    teller = entered(kind).after(20)
    assert teller.position[1] == Decimal(40)
    assert "L6" not in teller.laws()
