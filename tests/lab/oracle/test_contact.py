"""Since when the house has heard the broker."""

import pytest

from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.contact import Contact
from backstay.lab.simulation.scenario import Role


def connected() -> Contact:
    contact = Contact(client_id=1)
    contact.wire({"msg": "nextValidId", "client": 1, "conn": 1, "t": 5 * SECOND_NS})
    return contact


@pytest.mark.parametrize(("seconds", "has_caught_up"), [(14, False), (15, True)])
def test_a_session_is_caught_up_with_in_ten_seconds(seconds: int, *, has_caught_up: bool) -> None:
    assert connected().has_caught_up(seconds * SECOND_NS) is has_caught_up


@pytest.mark.parametrize("what", [world.LinesCut(), world.WorkerDied(Role.BROKER)])
def test_without_a_session_nobody_catches_up(what: world.Happening) -> None:
    contact = connected()
    contact.happened(6 * SECOND_NS, what)
    assert not contact.has_caught_up(60 * SECOND_NS)


def test_nothing_is_read_after_a_frame_that_claims_too_much_before_the_next_session() -> None:
    contact = connected()
    contact.struck(6 * SECOND_NS, "oversized-frame")
    assert not contact.is_overdue(6 * SECOND_NS, 60 * SECOND_NS)
    contact.wire({"msg": "nextValidId", "client": 1, "conn": 2, "t": 20 * SECOND_NS})
    assert not contact.is_overdue(6 * SECOND_NS, 30 * SECOND_NS)
    assert contact.is_overdue(6 * SECOND_NS, 31 * SECOND_NS)
