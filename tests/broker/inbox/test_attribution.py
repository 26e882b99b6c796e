"""Whose each piece of news is: by reference, else by permanent id, else by order id."""

from decimal import Decimal

import pytest

from backstay.broker.inbox.inbox import BrokerInbox
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.instances import OrderEnd
from tests.broker.inbox.told import (
    ENTRY,
    OTHER,
    STOP,
    Heard,
    cancel_refused,
    cancelled,
    completed,
    cost,
    fill,
    intent,
    order,
    rejected,
    status,
)


def test_what_is_said_of_the_id_under_which_an_order_left_is_its() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(status("PreSubmitted", 1))
    assert heard.view().is_working
    assert [key for key, _ in heard.changes] == [ENTRY]
    assert heard.inbox.key_of(5) == ENTRY


def test_an_order_of_another_process_is_known_by_its_reference() -> None:
    heard = Heard().hear(order(seconds=1), fill(seconds=2))
    assert heard.view().end is OrderEnd.FILLED
    assert heard.inbox.key_of(5) == ENTRY
    assert heard.inbox.knows(ENTRY)


def test_a_status_waits_until_a_reference_says_whose_it_is() -> None:
    heard = Heard().hear(status("Submitted", 1, filled=40))
    assert heard.inbox.view(ENTRY) is None
    heard.hear(order(status="PreSubmitted", seconds=0))
    assert heard.view().is_working
    assert heard.view().unbooked == 40


def test_a_rejection_waits_until_an_order_id_says_whose_it_is() -> None:
    heard = Heard().hear(rejected(5, 1))
    heard.hear(order(status="PendingSubmit", seconds=0))
    assert heard.view().end is OrderEnd.REJECTED


def test_a_commission_waits_for_its_execution() -> None:
    heard = Heard().hear(cost("e.1.01", "1.50"), fill(exec_id="e.1.01"))
    assert [total.amount for total in heard.view().commissions] == [Decimal("1.50")]
    assert heard.view().missing_executions == ()


def test_a_commission_follows_its_execution() -> None:
    heard = Heard().hear(fill(exec_id="e.1.01"), cost("e.1.01", "1.50"))
    assert [total.amount for total in heard.view().commissions] == [Decimal("1.50")]


def test_a_permanent_id_counts_also_without_an_order_id_and_in_another_session() -> None:
    heard = Heard().hear(order())
    heard.inbox.begin_session()
    heard.hear(status("Cancelled", 5, order_id=0), completed(word="Cancelled", seconds=6))
    assert heard.view().end is OrderEnd.CANCELLED


@pytest.mark.req("S2.6")
def test_two_lives_under_one_order_id_are_both_seen() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(order(perm_id=7), order(perm_id=8, seconds=1))
    assert heard.view().surviving_perm_ids == (7, 8)
    assert heard.kinds() == [IncidentKind.ORDER_SURVIVES]


def test_several_order_ids_of_one_key_are_all_its() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.inbox.expect(intent(), 9)
    heard.hear(status("PreSubmitted", 1, perm_id=7), status("Submitted", 2, order_id=9, perm_id=8))
    assert heard.view().surviving_perm_ids == (7, 8)
    registered = heard.inbox.registered(ENTRY)
    assert registered is not None
    assert registered.order_ids == (5, 9)


def test_an_order_id_of_an_earlier_session_attracts_nothing() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(order(seconds=1))
    heard.inbox.begin_session()
    assert heard.inbox.key_of(5) is None
    heard.inbox.expect(intent(OTHER), 5)
    heard.hear(status("Submitted", 2, perm_id=70), rejected(5, 3))
    assert heard.view(OTHER).end is OrderEnd.REJECTED
    assert heard.view(ENTRY).end is None
    assert heard.notices == []


def test_an_old_execution_does_not_take_back_an_id_that_was_given_out_again() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(fill(quantity=40, seconds=1))
    heard.inbox.begin_session()
    heard.inbox.expect(intent(OTHER), 5)
    heard.hear(fill(quantity=40, seconds=1), status("Submitted", 4, perm_id=70))
    assert heard.inbox.key_of(5) == OTHER
    assert heard.view(OTHER).is_working
    assert heard.notices == []


def test_an_old_execution_lends_its_order_to_no_new_permanent_id() -> None:
    heard = Heard().hear(fill(quantity=40, seconds=1), status("Submitted", 2, perm_id=70))
    assert heard.view(ENTRY).perm_ids == (7,)
    heard.hear(order(OTHER, seconds=3, perm_id=70))
    assert heard.inbox.key_of(5) == OTHER
    assert heard.view(OTHER).perm_ids == (70,)
    assert heard.notices == []


def test_what_waited_under_an_order_id_is_gone_with_its_session() -> None:
    heard = Heard().hear(rejected(5, 1))
    heard.inbox.begin_session()
    heard.hear(order(seconds=2))
    assert heard.view().end is None


def test_a_reference_wins_over_an_order_id_and_it_is_told() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(fill(OTHER, quantity=40, perm_id=70), fill(OTHER, quantity=40, perm_id=70))
    assert heard.view(OTHER).filled == 40
    assert heard.inbox.view(ENTRY) is None
    assert heard.kinds() == [IncidentKind.STATE_INCONSISTENT]
    assert heard.notices[0].subject == str(OTHER)


def test_what_an_order_id_led_to_goes_to_whom_the_reference_names() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(status("Filled", 1, filled=100, perm_id=70))
    assert heard.view(ENTRY).end is OrderEnd.FILLED
    heard.hear(completed(OTHER, "Filled", 2, filled=100, perm_id=70))
    assert heard.view(OTHER).unbooked == 100
    assert heard.inbox.view(ENTRY) is None
    assert IncidentKind.STATE_INCONSISTENT in heard.kinds()


def test_an_order_shown_without_reference_under_an_id_that_we_sent_is_ours() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(order("", seconds=1), fill("", quantity=10))
    assert heard.view().filled == 10
    assert heard.inbox.snapshot().foreign_orders == ()


def test_an_order_of_ours_shown_with_a_foreign_reference_is_foreign_and_told() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(order("by hand", seconds=1), status("Filled", 2, filled=100))
    assert heard.inbox.view(ENTRY) is None
    assert IncidentKind.STATE_INCONSISTENT in heard.kinds()


@pytest.mark.parametrize(
    "reference", ["", "by hand", "bs2:AAAAAAAA:0:EN:1", "bs1:AAAAAAAA:0:EN:01"]
)
def test_any_other_reference_is_foreign(reference: str) -> None:
    heard = Heard().hear(order(reference, client_id=0, order_id=-3))
    assert heard.inbox.view(ENTRY) is None
    (foreign,) = heard.inbox.snapshot().foreign_orders
    assert (foreign.perm_id, foreign.order_id, foreign.order_ref) == (7, -3, reference)


def test_order_ids_of_other_clients_lead_nowhere() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(
        status("Cancelled", 1, perm_id=99, client_id=2),
        order("theirs", "Cancelled", 1, perm_id=99, client_id=2),
        status("Cancelled", 1, perm_id=0, client_id=2),
    )
    assert heard.inbox.view(ENTRY) is None


def test_an_order_of_our_reference_from_another_client_is_ours_without_its_order_id() -> None:
    heard = Heard().hear(order(client_id=2))
    assert heard.view().perm_ids == (7,)
    assert heard.view().order_ids == ()
    assert heard.inbox.key_of(5) is None


def test_news_of_other_accounts_are_dropped() -> None:
    heard = Heard().hear(
        status("Submitted", 1),
        order("theirs", account="DU2"),
        status("Submitted", 2),
        fill("theirs", account="DU2"),
        completed("theirs", account="DU2"),
    )
    snapshot = heard.inbox.snapshot()
    assert snapshot.orders == ()
    assert snapshot.foreign_orders == ()
    assert snapshot.executions == ()
    assert heard.notices == []


def test_an_order_of_ours_in_another_account_is_told_and_counts_for_nothing() -> None:
    heard = Heard().hear(order(account="DU2"), order(account="DU2", seconds=1))
    assert heard.inbox.view(ENTRY) is None
    assert heard.kinds() == [IncidentKind.STATE_INCONSISTENT]


def test_an_order_of_ours_in_another_contract_is_told() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(order(con_id=1))
    assert heard.kinds() == [IncidentKind.STATE_INCONSISTENT]


def test_errors_about_a_cancel_belong_to_the_order_of_their_id() -> None:
    heard = Heard().hear(order(), cancel_refused(5, 1))
    assert heard.view().cancel_refused is not None
    heard.hear(cancelled(5, 2))
    assert heard.view().end is OrderEnd.CANCELLED


def test_there_is_room_for_so_much_that_waits_and_it_is_told_once() -> None:
    heard = Heard()
    for perm_id in range(1, 5_102):
        heard.inbox.hear(status("Submitted", 1, order_id=0, perm_id=perm_id, filled=40))
    assert heard.kinds() == [IncidentKind.STATE_INCONSISTENT]
    heard.hear(order(perm_id=101), order(OTHER, order_id=6, perm_id=102))
    assert heard.view(ENTRY).unbooked == 0
    assert heard.view(OTHER).unbooked == 40


def test_a_trade_has_the_keys_that_were_sent_or_shown() -> None:
    heard = Heard().hear(order(ENTRY), order(OTHER, order_id=6, perm_id=8))
    heard.inbox.expect(intent(STOP), 7)
    heard.inbox.remember(intent(STOP.next_generation()))
    assert heard.inbox.keys_of(ENTRY.trade) == (ENTRY, STOP)
    assert heard.inbox.keys_of("CCCCCCCC") == ()


def test_an_unknown_key_is_unknown() -> None:
    inbox: BrokerInbox = Heard().inbox
    assert not inbox.knows(ENTRY)
    assert inbox.view(ENTRY) is None
    assert inbox.registered(ENTRY) is None
    inbox.absent(ENTRY)
    inbox.remember(intent())
    assert not inbox.knows(ENTRY)
    assert inbox.registered(ENTRY) is None


def test_an_execution_claims_nothing_that_waits_under_another_permanent_id() -> None:
    heard = Heard().hear(status("Submitted", 2, perm_id=70), fill(quantity=40, seconds=1))
    assert heard.view(ENTRY).perm_ids == (7,)


def test_nothing_of_another_account_waits_for_an_owner() -> None:
    heard = Heard().hear(status(), order("theirs", account="DU2"), status("Submitted", 1))
    heard.hear(order())
    assert heard.view().instances[0].described == order().report
    assert heard.view().unknown_statuses == ()
    assert not heard.inbox._filed.strangers.knows(7)
