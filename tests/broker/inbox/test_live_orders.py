"""Which orders may still fill, what they are after a restart, and which are unexplained."""

from decimal import Decimal

import pytest

from backstay.domain.ids import Purpose
from backstay.domain.limits.facts import LiveOrder
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import OcaGroup
from backstay.domain.sides import Side
from tests.broker.inbox.told import (
    CON_ID,
    ENTRY,
    OTHER,
    STOP,
    Heard,
    at,
    cancel_refused,
    completed,
    fill,
    intent,
    order,
    status,
)

EXIT = ENTRY.__class__(ENTRY.trade, 0, Purpose.EXIT_STOP, 1)


def live(heard: Heard) -> tuple[LiveOrder, ...]:
    return heard.inbox.live_orders(CON_ID)


def test_an_order_is_live_from_the_turn_in_which_it_leaves() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    assert live(heard) == (LiveOrder(ENTRY, Side.BUY, Decimal(100)),)
    assert heard.inbox.view(ENTRY) is None
    assert heard.inbox.knows(ENTRY)


def test_it_is_live_with_what_it_has_filled_until_it_is_proven_over() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(fill(quantity=40))
    assert live(heard) == (LiveOrder(ENTRY, Side.BUY, Decimal(100), Decimal(40)),)
    heard.hear(status("Inactive", 1), cancel_refused(5, 2))
    assert [order.key for order in live(heard)] == [ENTRY]
    heard.hear(status("Cancelled", 3, filled=40))
    assert live(heard) == ()


def test_an_order_that_was_said_to_work_after_its_end_is_live() -> None:
    heard = Heard().hear(order(seconds=1), status("Cancelled", 2))
    assert live(heard) == ()
    heard.hear(status("Submitted", 3))
    assert [order.key for order in live(heard)] == [ENTRY]


def test_an_order_of_which_a_bust_leaves_something_open_is_live_again() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(fill(exec_id="e.1.01"))
    assert live(heard) == ()
    heard.hear(fill(exec_id="e.1.02", quantity=0))
    assert [order.filled for order in live(heard)] == [Decimal(0)]


def test_two_lives_count_for_all_that_they_may_fill() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(order(perm_id=7), order(perm_id=8))
    assert [order.unfilled for order in live(heard)] == [Decimal(200)]


def test_a_modified_order_counts_for_the_larger_of_both() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(order())
    heard.inbox.expect(intent(quantity=60), 5)
    assert [each.quantity for each in live(heard)] == [Decimal(100)]
    heard.hear(order(seconds=1, quantity=60))
    assert [each.quantity for each in live(heard)] == [Decimal(60)]


def test_a_stop_that_leaves_with_its_entry_is_its_child() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.inbox.expect(intent(STOP, side=Side.SELL, parent=ENTRY), 6)
    assert [each.parent for each in live(heard)] == [None, ENTRY]
    registered = heard.inbox.registered(STOP)
    assert registered is not None
    assert registered.is_attached
    # A modification never names the parent.
    heard.inbox.expect(intent(STOP, side=Side.SELL, quantity=50), 6)
    assert [each.parent for each in live(heard)] == [None, ENTRY]


@pytest.mark.parametrize(("parent_order_id", "parent_perm_id"), [(5, 0), (0, 7)])
def test_after_a_restart_orders_are_what_the_broker_says(
    parent_order_id: int, parent_perm_id: int
) -> None:
    group = OcaGroup("g", 2)
    heard = Heard().hear(
        order(
            STOP,
            order_id=6,
            perm_id=8,
            side=Side.SELL,
            oca=group,
            quantity=90,
            parent_order_id=parent_order_id,
            parent_perm_id=parent_perm_id,
        ),
        order(ENTRY, quantity=90),
        fill(ENTRY, quantity=30),
    )
    assert live(heard) == (
        LiveOrder(ENTRY, Side.BUY, Decimal(90), Decimal(30)),
        LiveOrder(STOP, Side.SELL, Decimal(90), Decimal(0), group, ENTRY),
    )
    registered = heard.inbox.registered(STOP)
    assert registered is not None
    assert registered.is_attached
    assert registered.intent is None


def test_a_parent_of_another_trade_is_none() -> None:
    heard = Heard().hear(
        order(STOP, order_id=6, perm_id=8, parent_order_id=5), order(OTHER, order_id=5)
    )
    assert {each.key: each.parent for each in live(heard)} == {STOP: None, OTHER: None}


def test_an_intent_that_is_given_again_is_joined_with_the_facts() -> None:
    heard = Heard().hear(fill(quantity=40))
    assert heard.view().quantity == 41
    heard.inbox.remember(intent())
    assert heard.view().quantity == 100
    assert [each.unfilled for each in live(heard)] == [Decimal(60)]
    heard.inbox.settle()
    assert [view.quantity for _, view in heard.changes] == [41, 100]


def test_an_intent_that_is_given_again_does_not_replace_the_one_that_left() -> None:
    heard = Heard()
    heard.inbox.expect(intent(quantity=60), 5)
    heard.inbox.remember(intent(quantity=100))
    registered = heard.inbox.registered(ENTRY)
    assert registered is not None
    assert registered.intent == intent(quantity=60)


def test_an_order_known_by_its_fills_alone_is_never_proven_over_by_them() -> None:
    heard = Heard().hear(fill(quantity=100))
    assert not heard.view().is_terminal
    assert [each.key for each in live(heard)] == [ENTRY]


def test_an_order_known_by_its_completion_alone_has_the_size_told_there() -> None:
    heard = Heard().hear(completed(word="Cancelled", filled=40, quantity=100))
    assert heard.view().quantity == 100
    assert heard.view().unbooked == 40
    assert live(heard) == ()


def test_what_is_proven_absent_is_neither_live_nor_known() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(cancel_refused(5, 1))
    heard.inbox.absent(ENTRY)
    assert live(heard) == ()
    assert not heard.inbox.knows(ENTRY)
    heard.hear(status("Submitted", 2))
    assert [each.key for each in live(heard)] == [ENTRY]
    assert heard.inbox.knows(ENTRY)


def test_an_order_that_a_complete_answer_leaves_out_is_unexplained() -> None:
    heard = Heard().hear(order())
    heard.seconds = 10
    assert heard.inbox.unexplained() == ()
    heard.answer("open orders")
    assert heard.inbox.unexplained() == (ENTRY,)
    assert [each.key for each in live(heard)] == [ENTRY]
    heard.hear(completed(word="Cancelled", seconds=10))
    assert heard.inbox.unexplained() == ()
    assert heard.view().end is OrderEnd.CANCELLED


def test_a_part_that_was_filled_does_not_explain_where_the_rest_is() -> None:
    heard = Heard().hear(order())
    heard.seconds = 10
    heard.answer("open orders").hear(fill(quantity=40, seconds=5))
    assert heard.inbox.unexplained() == (ENTRY,)
    heard.hear(fill(exec_id="e.2.01", quantity=60, seconds=6))
    assert heard.inbox.unexplained() == ()


def test_an_order_that_is_listed_or_left_later_is_explained() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.seconds = 10
    asked_at = at(10)
    heard.seconds = 10.5
    heard.hear(order(seconds=10.5))
    heard.inbox.expect(intent(OTHER), 6)
    heard.seconds = 11
    heard.inbox.answered("open orders", asked_at)
    assert heard.inbox.unexplained() == ()


def test_an_order_that_was_only_sent_is_unexplained_too() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.seconds = 1
    heard.answer("open orders")
    assert heard.inbox.unexplained() == (ENTRY,)


def test_nothing_is_missing_before_the_session_has_answered() -> None:
    heard = Heard().hear(order())
    heard.seconds = 1
    heard.answer("open orders")
    heard.inbox.begin_session()
    assert heard.inbox.unexplained() == ()


def test_fills_that_were_claimed_and_never_listed_are_unexplained() -> None:
    heard = Heard().hear(order(), status("Filled", 1, filled=100))
    heard.seconds = 1
    heard.answer("open orders")
    assert heard.inbox.unexplained() == ()
    heard.answer("executions")
    assert heard.inbox.unexplained() == (ENTRY,)
    heard.hear(fill())
    assert heard.inbox.unexplained() == ()
