"""Orders of ours that the broker shows no more."""

import pytest

from backstay.domain.incidents.kinds import IncidentKind
from tests.broker.inbox.told import CON_ID, ENTRY, OTHER, Heard, completed, intent, order

WHOLE = ("open orders", "completed orders", "executions")


def gone_overnight() -> Heard:
    """An order that stood yesterday, and is not shown any more."""
    heard = Heard().sync(CON_ID)
    heard.inbox.expect(intent(), 5)
    heard.hear(order())
    heard.seconds += 86_400
    heard.inbox.begin_session()
    return heard


def read(heard: Heard, times: int) -> Heard:
    for _ in range(times):
        heard.seconds += 5
        heard.answer(*WHOLE)
    return heard


@pytest.mark.req("S0.2")
def test_one_that_three_readings_leave_open_is_told_once() -> None:
    heard = read(gone_overnight(), 2)
    assert heard.kinds() == []
    read(heard, 20)
    (notice,) = heard.notices
    assert (notice.kind, notice.subject) == (IncidentKind.ORDER_UNKNOWN, str(ENTRY))
    assert notice.text.startswith("the broker shows it no more, neither among the orders that")
    assert [each.key for each in heard.inbox.live_orders(CON_ID)] == [ENTRY]


def test_one_that_is_explained_in_time_is_not_told() -> None:
    heard = read(gone_overnight(), 2)
    heard.hear(completed(word="Cancelled"))
    read(heard, 5)
    assert heard.kinds() == []


def test_one_that_was_explained_and_is_missing_again_is_counted_anew() -> None:
    heard = read(gone_overnight(), 2)
    heard.hear(order(seconds=heard.seconds)).answer(*WHOLE)
    read(heard, 2)
    assert heard.kinds() == []
    read(heard, 1)
    assert heard.kinds() == [IncidentKind.ORDER_UNKNOWN]


def test_each_is_counted_for_itself() -> None:
    heard = read(gone_overnight(), 2)
    heard.inbox.expect(intent(OTHER), 6)
    read(heard, 1)
    assert [notice.subject for notice in heard.notices] == [str(ENTRY)]
    read(heard, 2)
    assert [notice.subject for notice in heard.notices] == [str(ENTRY), str(OTHER)]
