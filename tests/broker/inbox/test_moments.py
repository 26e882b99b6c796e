"""When an order left, and when the broker was first heard to have it."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from backstay.broker.arms.books import leg_books
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.summary import summary_of
from tests.broker.inbox.told import ENTRY, Heard, at, completed, fill, intent, order, status


def sent(seconds: float = 1) -> Heard:
    """An entry has left, so long after the beginning."""
    heard = Heard()
    heard.seconds = seconds
    heard.inbox.expect(intent(), 5)
    return heard


def test_an_order_left_when_it_left_and_is_there_when_it_was_first_heard_of() -> None:
    heard = sent(1).hear(order(seconds=1.2), status("Submitted", 1.4), fill(quantity=40))
    assert (heard.view().sent_at, heard.view().acknowledged_at) == (at(1), at(1.2))
    summary = summary_of(ENTRY, heard.view())
    assert (summary.sent_at, summary.acknowledged_at) == (at(1), at(1.2))


def test_what_is_heard_later_does_not_move_when_it_was_first_heard_of() -> None:
    heard = sent(1).hear(status("Submitted", 1.2)).hear(status("Submitted", 9), order(seconds=9))
    assert heard.view().acknowledged_at == at(1.2)


def test_a_status_that_names_nothing_and_stands_for_nothing_is_no_acknowledgement() -> None:
    heard = sent(1).hear(status("PendingSubmit", 1.1, perm_id=0))
    assert heard.view().acknowledged_at is None
    heard.hear(status("PreSubmitted", 1.3, perm_id=0))
    assert heard.view().acknowledged_at == at(1.3)


def test_an_order_that_is_only_shown_as_completed_was_there() -> None:
    heard = sent(1).hear(order(seconds=2)).hear(completed(word="Cancelled", seconds=1.5))
    assert heard.view().end is OrderEnd.CANCELLED
    assert heard.view().acknowledged_at == at(1.5)


def test_of_an_order_that_another_process_has_sent_neither_moment_is_known() -> None:
    heard = Heard().hear(order(seconds=3), fill(quantity=40))
    assert (heard.view().sent_at, heard.view().acknowledged_at) == (None, None)


def test_the_moments_survive_a_connection() -> None:
    heard = sent(1).hear(order(seconds=1.2))
    heard.inbox.begin_session()
    heard.hear(order(seconds=30, order_id=0))
    assert (heard.view().sent_at, heard.view().acknowledged_at) == (at(1), at(1.2))


def test_an_order_that_leaves_again_is_waited_for_anew() -> None:
    heard = sent(1)
    heard.inbox.absent(ENTRY)
    heard.seconds = 7
    heard.inbox.expect(intent(), 9)
    entry = leg_books(heard.door, ENTRY).entry
    assert entry is not None
    assert entry.sent_at == at(7)
    heard.hear(status("Submitted", 7.5, order_id=9, perm_id=8))
    assert (heard.view().sent_at, heard.view().acknowledged_at) == (at(7), at(7.5))


def test_a_modification_is_no_new_beginning() -> None:
    heard = sent(1).hear(order(seconds=1.2))
    heard.seconds = 7
    heard.inbox.expect(intent(quantity=60), 5)
    heard.hear(order(seconds=7.2, quantity=60))
    assert (heard.view().sent_at, heard.view().acknowledged_at) == (at(1), at(1.2))


def test_a_modification_of_what_another_process_has_sent_is_not_taken_for_its_beginning() -> None:
    heard = Heard().hear(order(seconds=3))
    heard.seconds = 7
    heard.inbox.expect(intent(quantity=60), 5)
    heard.hear(order(seconds=7.2, quantity=60))
    assert (heard.view().sent_at, heard.view().acknowledged_at) == (None, None)


def test_an_entry_of_which_nothing_was_heard_is_told_as_what_has_left() -> None:
    heard = sent(4)
    entry = leg_books(heard.door, ENTRY).entry
    assert entry is not None
    assert (entry.sent_at, entry.acknowledged_at) == (at(4), None)
    assert (entry.quantity, entry.filled) == (Decimal(100), Decimal(0))
    assert not entry.is_settled


def test_an_entry_that_is_proven_never_to_have_arrived_is_told_no_more() -> None:
    heard = sent(4)
    heard.inbox.absent(ENTRY)
    assert leg_books(heard.door, ENTRY).entry is None


# --- when its end was proven ---


def ended(heard: Heard) -> datetime | None:
    """When the end of the entry was proven."""
    return summary_of(ENTRY, heard.view()).ended_at


def test_an_order_is_over_from_when_that_was_proven() -> None:
    heard = sent(1).hear(order(seconds=1.2), status("Submitted", 1.4))
    assert ended(heard) is None
    heard.hear(status("PendingCancel", 2))
    assert ended(heard) is None
    assert ended(heard.hear(status("Cancelled", 2.5))) == at(2.5)


def test_what_is_read_again_later_does_not_move_when_it_was_over() -> None:
    heard = sent(1).hear(order(seconds=1.2)).hear(completed(word="Cancelled", seconds=2.5))
    assert ended(heard) == at(2.5)
    heard.inbox.begin_session()
    assert ended(heard.hear(completed(word="Cancelled", seconds=9))) == at(2.5)


def test_an_order_of_another_process_is_over_when_that_was_proven_here() -> None:
    heard = Heard().hear(order(seconds=3))
    assert ended(heard) is None
    assert ended(heard.hear(status("Cancelled", 4))) == at(4)


def test_of_what_was_over_before_anything_was_heard_of_it_nobody_knows_since_when() -> None:
    heard = Heard().hear(order(seconds=3), status("Cancelled", 3))
    assert heard.view().end is OrderEnd.CANCELLED
    assert ended(heard) is None


def test_when_it_was_over_makes_no_news_of_what_is_known() -> None:
    """A view that says the same is the same, or everybody would be told again at each reading."""
    known = sent(1).hear(order(seconds=1.2)).hear(completed(word="Cancelled", seconds=2.5)).view()
    later = replace(known, ended_at=at(9))
    assert (known.ended_at, known) == (at(2.5), later)
