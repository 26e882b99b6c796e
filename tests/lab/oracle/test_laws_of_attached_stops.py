"""The law that an entry leaves together with its stop, and that a stop lasts (I11)."""

from typing import Any

import pytest

from tests.lab.oracle.told_by_hand import Teller, approved, armed, held, ref


def arms(*, with_stop: bool) -> Teller:
    """An entry is written down, with its stop or with none."""
    teller = Teller()
    armed(teller)
    if not with_stop:
        teller = Teller()
        arm = {"entry": approved("EN"), "protection": None, "trigger": None, "expires_at": None}
        teller.calls("arm", {"arm": arm})
    return teller


def test_an_entry_that_leaves_without_its_stop_is_found() -> None:
    teller = arms(with_stop=True)
    teller.places(ref("EN"), transmit=True)
    assert teller.one("I11") == f"{ref('EN')} was sent without its stop"


def test_an_entry_that_waits_for_its_stop_is_none() -> None:
    teller = arms(with_stop=True)
    teller.places(ref("EN"), transmit=False)
    teller.places(ref("PR"), kind="STP", parent_id=1)
    assert teller.laws() == []


def test_a_question_about_margin_needs_no_stop() -> None:
    teller = arms(with_stop=True)
    teller.places(ref("EN"), transmit=True, what_if=True)
    assert teller.laws() == []


def test_an_entry_that_was_to_have_no_stop_at_the_broker_is_none() -> None:
    teller = arms(with_stop=False)
    teller.places(ref("EN"), transmit=True)
    assert teller.laws() == []


def test_an_entry_that_is_changed_has_its_stop_already() -> None:
    teller = arms(with_stop=True)
    teller.places(ref("EN"), transmit=False)
    teller.places(ref("PR"), kind="STP", parent_id=1)
    teller.places(ref("EN"), 60, transmit=True)
    assert teller.laws() == []


@pytest.mark.parametrize("kind", ["STP", "STP LMT"])
def test_a_stop_for_the_day_is_found(kind: str) -> None:
    teller = held().after(20)
    teller.rests(ref("PR", 2), 100, kind, tif="DAY")
    assert f"{ref('PR', 2)} was sent as a stop for the day" in teller.texts("I11")


@pytest.mark.parametrize("more", [{"kind": "MKT"}, {"kind": "LMT", "limit": "95"}])
def test_what_a_stop_was_made_into_may_be_for_the_day(more: dict[str, Any]) -> None:
    teller = held().after(20)
    teller.rests(ref("PR"), 100, tif="DAY", **more)
    assert teller.laws() == []
