"""What a ladder hears of an order, from the facts about it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.domain.exits.events import FillsRead, Seen
from backstay.domain.exits.hearing import fills_read, revision_at, seen
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.reports import BrokerReport, ExecutionReported, StatusReported
from backstay.domain.orders.view import OrderView, view_of
from backstay.domain.sides import Side
from tests.domain.exits.armed import exit_key
from tests.domain.exits.world import START

AS_OF = START + timedelta(seconds=3)
FILL = ExecutionReported("e0d5.1.01.01", 7, 77, Side.SELL, Decimal(1), Decimal(189), START)


def status(word: str, filled: int = 0, seconds: int = 0) -> StatusReported:
    """What the broker says of the exit."""
    return StatusReported(7, 77, word, Decimal(filled), "", START + timedelta(seconds=seconds))


def order(*reports: BrokerReport) -> OrderView:
    """An exit of two, after these reports."""
    facts = OrderFacts()
    for report in reports:
        facts = facts.with_reports(report)
    return view_of(facts, Side.SELL, Decimal(2))


@pytest.mark.req("S4.5", "I4")
@pytest.mark.parametrize(
    ("reports", "over", "filled", "are_read"),
    [
        ((status("Submitted"),), False, 0, False),
        ((status("Submitted", 1), FILL), False, 1, False),
        ((status("PendingCancel"),), False, 0, False),
        ((status("Cancelled"),), True, 0, True),
        ((status("Cancelled", 1), FILL), True, 1, True),
        ((status("Cancelled", 1),), True, 0, False),
        ((status("Cancelled"), status("Submitted", seconds=1)), False, 0, False),
    ],
)
def test_over_is_what_is_proven_and_read_is_what_misses_nothing(
    reports: tuple[BrokerReport, ...], over: bool, filled: int, are_read: bool
) -> None:
    key, revision = exit_key(), revision_at(AS_OF)
    heard = order(*reports)
    assert seen(key, heard, AS_OF) == Seen(key, over, Decimal(filled), revision, AS_OF)
    answer = FillsRead(key, Decimal(filled), revision, AS_OF) if are_read else None
    assert fills_read(key, heard, AS_OF) == answer


@pytest.mark.parametrize(
    "reports", [(), (StatusReported(7, 0, "PendingSubmit", Decimal(0), "", START),)]
)
def test_nothing_is_told_of_an_order_before_the_broker_has_it(
    reports: tuple[BrokerReport, ...],
) -> None:
    heard = order(*reports)
    assert seen(exit_key(), heard, AS_OF) is None
    assert fills_read(exit_key(), heard, AS_OF) is None


def test_a_revision_grows_with_the_broker_time() -> None:
    assert revision_at(AS_OF) - revision_at(START) == 3_000_000
    assert isinstance(revision_at(AS_OF), int)
