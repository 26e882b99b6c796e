"""Positions, executions of the account, and what somebody else has done."""

from decimal import Decimal

import pytest

from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.sides import Side
from tests.broker.inbox.told import (
    CON_ID,
    ENTRY,
    Heard,
    at,
    completed,
    cost,
    fill,
    intent,
    order,
    position,
    status,
)


def based(held: int = 0) -> Heard:
    """A synced inbox of an account that holds so much."""
    return Heard().hear(position(held)).sync(CON_ID)


def later(heard: Heard, seconds: float) -> Heard:
    heard.seconds += seconds
    return heard.hear()


def test_a_position_is_what_was_reported_last() -> None:
    heard = Heard().hear(position(100, multiplier=100))
    assert heard.inbox.position(CON_ID) == 100
    (held,) = heard.inbox.snapshot().positions
    assert (held.quantity, held.average_price) == (Decimal(100), Decimal("0.1"))
    heard.hear(position(0))
    assert heard.inbox.position(CON_ID) == 0
    assert heard.inbox.snapshot().positions == ()


def test_positions_of_other_accounts_are_dropped() -> None:
    heard = Heard().hear(position(100, account="DU2"))
    assert heard.inbox.position(CON_ID) == 0


def test_a_complete_answer_makes_flat_what_it_leaves_out() -> None:
    heard = Heard().hear(position(100), position(50, con_id=2)).answer("positions", contracts=[2])
    assert heard.inbox.position(CON_ID) == 0
    assert heard.inbox.position(2) == 50


def test_a_contract_that_only_another_account_still_holds_is_flat() -> None:
    heard = Heard().hear(position(100)).sync(CON_ID)
    heard.inbox.begin_session()
    heard.hear(position(5, account="DU2")).answer("positions", contracts=[CON_ID])
    assert heard.inbox.position(CON_ID) == 0


def test_an_answer_that_broke_off_makes_nothing_flat() -> None:
    heard = Heard().hear(position(100)).sync(CON_ID)
    heard.inbox.begin_session()
    assert heard.inbox.position(CON_ID) == 100


def test_all_executions_of_a_contract_count_since_then_as_they_stand() -> None:
    heard = Heard().hear(
        fill(ENTRY, "a.1.01", 10, seconds=1),
        fill(ENTRY, "a.1.02", 8, seconds=1),
        fill(ENTRY, "a.2.01", 10, seconds=2),
        fill(ENTRY, "a.2.02", 0, seconds=2),
        fill("by hand", "b.1.01", 3, side=Side.SELL, seconds=3, perm_id=9),
        fill(ENTRY, "c.1.01", 100, con_id=2),
        fill("other", "d.1.01", 100, account="DU2"),
    )
    assert heard.inbox.executed_since(CON_ID, at(1)) == 5
    assert heard.inbox.executed_since(CON_ID, at(1.9)) == 5
    assert heard.inbox.executed_since(CON_ID, at(2)) == -3
    assert heard.inbox.executed_since(CON_ID, at(4)) == 0
    assert heard.inbox.executed_since(3, at(0)) == 0
    assert heard.inbox.executed_just_then(CON_ID, at(1.9)) == (Decimal(8),)
    assert heard.inbox.executed_just_then(CON_ID, at(2)) == ()
    assert heard.inbox.executed_just_then(CON_ID, at(3)) == (Decimal(-3),)
    assert heard.inbox.executed_just_then(CON_ID, at(4)) == ()


def test_the_snapshot_lists_every_execution_with_its_owner_and_its_cost() -> None:
    heard = Heard().hear(
        fill("by hand", "b.1.01", 3, perm_id=9), cost("a.1.01"), fill(ENTRY, "a.1.01", 10)
    )
    ours, theirs = heard.inbox.snapshot().executions
    assert (ours.key, ours.commission) == (ENTRY, cost("a.1.01").report)
    assert (theirs.key, theirs.commission) == (None, None)


def test_a_fill_that_only_the_executions_show_after_a_reconnect_is_a_change() -> None:
    heard = Heard()
    heard.inbox.expect(intent(), 5)
    heard.hear(order())
    heard.inbox.begin_session()
    heard.changes.clear()
    heard.hear(fill(quantity=100), completed(seconds=1, filled=100))
    assert [(key, view.filled, view.end) for key, view in heard.changes] == [
        (ENTRY, Decimal(100), OrderEnd.FILLED)
    ]


def test_a_position_that_its_executions_explain_is_no_matter() -> None:
    heard = based()
    heard.inbox.expect(intent(), 5)
    later(heard.hear(position(100)), 1.9)
    later(heard.hear(fill()), 10)
    assert heard.notices == []


def test_a_position_that_nothing_explains_is_told_once_after_a_while() -> None:
    heard = based().hear(position(100))
    assert later(heard, 1.9).notices == []
    later(later(heard, 0.1), 10)
    assert heard.kinds() == [IncidentKind.UNEXPECTED_POSITION]
    assert heard.notices[0].subject == f"AAPL, contract {CON_ID}"
    assert heard.notices[0].text == "100 are held, and what was executed comes to 0"
    later(heard.hear(position(150)), 3)
    assert heard.kinds() == [IncidentKind.UNEXPECTED_POSITION] * 2


@pytest.mark.parametrize(("position_now", "told_after"), [(100, 10), (101, 2), (-1, 2)])
def test_a_position_that_an_order_of_ours_would_explain_is_given_more_time(
    position_now: int, told_after: int
) -> None:
    heard = based()
    heard.inbox.expect(intent(), 5)
    later(heard.hear(position(position_now)), told_after - 0.1)
    assert heard.notices == []
    later(heard, 0.1)
    assert heard.kinds() == [IncidentKind.UNEXPECTED_POSITION]


def test_a_position_that_a_claim_of_ours_would_explain_is_given_more_time() -> None:
    heard = based()
    heard.inbox.expect(intent(), 5)
    later(heard.hear(position(100), completed(filled=100)), 9.9)
    assert heard.notices == []


def test_an_execution_that_is_never_seen_in_the_position_is_told() -> None:
    heard = based()
    heard.inbox.expect(intent(), 5)
    later(heard.hear(fill()), 2)
    assert heard.kinds() == [IncidentKind.UNEXPECTED_POSITION]


def test_what_moves_while_it_fills_is_not_told() -> None:
    heard = based()
    heard.inbox.expect(intent(), 5)
    heard.hear(position(10))
    for number in range(1, 10):
        later(heard, 1).hear(fill(exec_id=f"e.{number}.01", quantity=10))
        heard.hear(position(10 * number + 10))
    later(heard.hear(fill(exec_id="e.10.01", quantity=10)), 5)
    assert heard.notices == []


def test_a_late_explanation_takes_it_back_without_a_word() -> None:
    heard = later(based().hear(position(100)), 2)
    heard.inbox.expect(intent(), 5)
    later(heard.hear(fill()), 5)
    later(heard.hear(position(0)), 5)
    assert heard.kinds() == [IncidentKind.UNEXPECTED_POSITION] * 2


def test_what_changed_while_we_were_away_waits_for_the_executions() -> None:
    heard = based()
    heard.inbox.begin_session()
    heard.inbox.expect(intent(), 5)
    later(heard.hear(position(100)), 5)
    assert heard.notices == []
    heard.answer("positions", contracts=[CON_ID])
    heard.hear(fill()).answer("executions")
    assert heard.notices == []


def test_what_was_held_and_executed_before_the_first_sync_is_taken_as_it_is() -> None:
    heard = Heard().hear(fill(quantity=100), position(300)).sync(CON_ID)
    assert later(heard, 10).notices == []


@pytest.mark.req("S3.3", "X.2")
@pytest.mark.parametrize(
    ("held", "side", "text"),
    [
        (60, Side.BUY, "60 of 60 held were"),
        (150, Side.BUY, "60 of 150 held were"),
        (40, Side.BUY, "40 of 40 held were"),
        (-60, Side.SELL, "-60 of -60 held were"),
        (40, Side.SELL, ""),
        (0, Side.BUY, ""),
    ],
)
def test_what_others_have_executed_before_the_first_sync_is_told_if_it_is_held(
    held: int, side: Side, text: str
) -> None:
    heard = Heard().hear(
        fill("by hand", "a.1.01", 50, side=side, perm_id=9),
        fill("", "a.2.01", 10, side=side, perm_id=10),
        fill(ENTRY, "a.3.01", 30, perm_id=11),
        fill("by hand", "a.4.01", 500, side=side, perm_id=12, con_id=2),
        position(held),
    )
    assert heard.notices == []
    heard.sync(CON_ID)
    assert [notice.subject for notice in heard.notices] == [f"AAPL, contract {CON_ID}"] * bool(text)
    for notice in heard.notices:
        assert notice.kind is IncidentKind.UNEXPECTED_POSITION
        whole = f"{text} executed for somebody else, while nobody here could hear of it"
        assert notice.text == whole
    told = len(heard.notices)
    heard.inbox.begin_session()
    heard.hear(fill("by hand", "a.1.01", 50, side=side, perm_id=9), position(held)).sync(CON_ID)
    assert len(later(heard, 10).notices) == told


def test_an_execution_whose_order_a_reference_names_before_the_first_sync_is_ours() -> None:
    heard = Heard().hear(order(ENTRY, perm_id=9), fill("", quantity=60, perm_id=9), position(60))
    assert heard.sync(CON_ID).notices == []


def test_an_execution_of_just_before_the_first_sync_may_reach_the_position_after_it() -> None:
    heard = Heard().hear(fill(quantity=30, seconds=-60), fill(exec_id="e.2.01", quantity=10))
    heard.hear(position(30)).sync(CON_ID)
    later(heard.hear(position(40)), 5)
    assert heard.notices == []
    later(heard.hear(position(50)), 5)
    assert heard.kinds() == [IncidentKind.UNEXPECTED_POSITION]


def test_what_is_executed_long_after_the_first_sync_is_not_taken_for_what_was_just_before() -> None:
    heard = Heard().hear(fill(ENTRY, "a.1.01", 100, seconds=0), position(100)).sync(CON_ID)
    later(heard, 60)
    heard.hear(fill(ENTRY, "a.2.01", 100, seconds=60, side=Side.SELL))
    later(heard, 0.5).hear(position(0))
    later(heard, 30)
    assert heard.inbox.position(CON_ID) == 0
    assert IncidentKind.UNEXPECTED_POSITION not in heard.kinds()


def test_a_foreign_order_is_told_once_and_listed_while_it_lives() -> None:
    heard = based().hear(order("", client_id=0, order_id=-1), order("", client_id=0, order_id=-1))
    assert heard.kinds() == [IncidentKind.MANUAL_ACTION]
    heard.hear(status("Submitted", 1, filled=40, client_id=0, order_id=-1))
    (foreign,) = heard.inbox.snapshot().foreign_orders
    assert (foreign.filled, foreign.status, foreign.client_id) == (Decimal(40), "Submitted", 0)
    heard.hear(status("Cancelled", 2, filled=40, client_id=0, order_id=-1))
    assert heard.inbox.snapshot().foreign_orders == ()


def test_a_foreign_order_that_a_complete_answer_leaves_out_is_gone() -> None:
    heard = based().hear(order("theirs", client_id=3))
    assert [each.client_id for each in heard.inbox.snapshot().foreign_orders] == [3]
    heard.seconds += 1
    heard.answer("open orders")
    assert heard.inbox.snapshot().foreign_orders == ()


def test_a_foreign_order_that_was_completed_is_gone() -> None:
    heard = based().hear(order("theirs", client_id=3), completed("theirs", "Cancelled", 1))
    assert heard.inbox.snapshot().foreign_orders == ()


def test_a_foreign_execution_that_reduces_is_a_manual_action() -> None:
    heard = based(100)
    heard.hear(fill("", quantity=60, side=Side.SELL), position(40))
    heard.hear(fill("", "e.2.01", quantity=40, side=Side.SELL), position(0))
    later(heard, 5)
    assert heard.kinds() == [IncidentKind.MANUAL_ACTION]
    assert (
        heard.notices[0].text == "executed for somebody else: sell 60 at 10, with 100 held before"
    )


def test_a_foreign_execution_that_opens_or_adds_is_unexpected() -> None:
    heard = based()
    later(heard.hear(fill("", quantity=60), position(60)), 5)
    assert heard.kinds() == [IncidentKind.UNEXPECTED_POSITION]


def test_an_execution_whose_reference_follows_in_the_same_read_is_ours() -> None:
    heard = based().hear(fill("", quantity=60), order(ENTRY), position(60))
    assert heard.notices == []
    assert heard.view().filled == 60
    (booked,) = heard.inbox.snapshot().executions
    assert booked.key == ENTRY


def test_a_broker_day_that_is_over_can_be_forgotten() -> None:
    heard = based()
    other = IntentKey("CCCCCCCC", 0, ENTRY.purpose, 1)
    heard.hear(
        order(),
        fill(seconds=1),
        position(100),
        order(other, order_id=6, perm_id=8),
        order("theirs", client_id=2, perm_id=9),
    )
    heard.seconds = 100
    heard.inbox.forget_before(at(50), {ENTRY})
    assert heard.inbox.knows(ENTRY)
    assert heard.inbox.snapshot().executions == ()
    heard.inbox.forget_before(at(50))
    assert not heard.inbox.knows(ENTRY)
    assert heard.inbox.keys_of(ENTRY.trade) == ()
    assert [own.key for own in heard.inbox.snapshot().orders] == [other]
    assert heard.inbox.snapshot().foreign_orders == ()
    assert later(heard, 10).kinds() == [IncidentKind.MANUAL_ACTION]
    assert heard.inbox.unexplained() == ()


def test_what_a_broken_answer_named_does_not_count_for_the_next() -> None:
    heard = Heard().hear(position(100))
    heard.inbox.begin_session()
    heard.answer("positions", contracts=[CON_ID])
    assert heard.inbox.position(CON_ID) == 0
