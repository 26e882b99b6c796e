"""Whose each piece of news is."""

from decimal import Decimal

from backstay.domain.orders.instances import OrderEnd
from tests.broker.inbox.told import ENTRY, Heard, fill, intent, order, status


def test_what_is_said_of_the_id_under_which_an_order_left_is_its() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(status("PreSubmitted", 1))
    assert heard.view().is_working
    assert [key for key, _ in heard.changes] == [ENTRY]


def test_an_order_of_another_process_is_known_by_its_reference() -> None:
    heard = Heard().hear(status("Submitted", 1), order(seconds=2), fill(seconds=3))
    assert heard.view().filled == Decimal(100)
    assert heard.view().end is OrderEnd.FILLED
    assert heard.inbox.key_of(5) == ENTRY
