"""The catalogue, as people read it and as rules use it."""

import re

import pytest

from backstay.gateway.faults.entries import Fault
from backstay.gateway.faults.kinds import QUERIES, REQUESTS
from backstay.gateway.faults.names import BY_NAME, CATALOGUE
from backstay.gateway.faults.plan import rule
from backstay.gateway.messages.requests import Request

EXPECTED = [
    "ids-roll-back",
    "placement-swallowed",
    "placement-acknowledged-late",
    "reset-before-frame",
    "reset-after-frame",
    "reset-mid-frame",
    "client-id-lingers",
    "half-open",
    "upstream-lost",
    "status-duplicated",
    "status-delayed",
    "status-reordered",
    "status-missing",
    "fill-after-cancel",
    "commission-before-execution",
    "commission-missing",
    "execution-corrected",
    "execution-busted",
    "fast-modify-refused",
    "second-perm-id",
    "manual-order",
    "manual-close",
    "garbage-frame",
    "oversized-frame",
    "freeze-quantity",
    "held-for-locate",
    "order-rejected",
    "cancel-refused",
    "cancel-unanswered",
    "tick-none",
    "tick-zero",
    "tick-minus-one",
    "tick-nan",
    "tick-crossed",
    "tick-stale",
    "tick-storm",
    "stream-dead",
    "request-unanswered",
    "answers-slow",
    "nightly-restart",
    "farm-broken",
    "competing-login",
    "read-only",
]


def test_everything_that_goes_wrong_has_one_entry() -> None:
    assert sorted(fault.name for fault in CATALOGUE) == sorted(EXPECTED)
    assert len(BY_NAME) == len(CATALOGUE)


@pytest.mark.parametrize("fault", CATALOGUE, ids=lambda fault: fault.name)
def test_an_entry_is_one_line_that_a_person_can_read(fault: Fault) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", fault.name)
    assert 10 < len(fault.line) <= 95
    assert fault.line[-1] != "."
    assert fault.occasion or fault.by_itself


@pytest.mark.parametrize("fault", CATALOGUE, ids=lambda fault: fault.name)
def test_an_entry_can_be_planned_with_nothing_but_its_defaults(fault: Fault) -> None:
    made = rule(fault.name) if fault.occasion else rule(fault.name, at="+1s")
    assert [name for name, _ in made.parameters] == [each.name for each in fault.parameters]


def test_every_request_has_a_name() -> None:
    assert set(REQUESTS) == set(Request.__args__)
    assert set(QUERIES) < set(REQUESTS)
