"""What is told once after each read: changes to followers, matters to a person."""

from decimal import Decimal
from typing import Any

import pytest

from backstay.broker.news import AccountNews, StampNews
from backstay.domain.edge.snapshot import Completeness
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.view import OrderView, view_of
from tests.broker.inbox.told import (
    ACCOUNT,
    CON_ID,
    ENTRY,
    OTHER,
    START,
    STOP,
    Heard,
    at,
    completed,
    fill,
    intent,
    order,
    status,
)


def test_each_changed_order_is_told_once_a_read_in_the_order_of_keys() -> None:
    heard = Heard()
    heard.hear(
        order(OTHER, order_id=7, perm_id=9),
        order(STOP, order_id=6, perm_id=8),
        order(ENTRY),
        fill(ENTRY, quantity=40),
        status(filled=40),
    )
    assert [key for key, _ in heard.changes] == [ENTRY, STOP, OTHER]
    assert heard.changes[0][1].filled == 40


def test_what_is_heard_again_is_no_change() -> None:
    heard = Heard().hear(order(), fill(quantity=40))
    heard.changes.clear()
    heard.hear(order(), fill(quantity=40)).hear()
    assert heard.changes == []


def test_a_view_is_derived_once_for_each_state() -> None:
    heard = Heard().hear(order())
    assert heard.inbox.view(ENTRY) is heard.inbox.view(ENTRY)


def test_a_follower_that_fails_is_told_and_keeps_nothing_from_the_others() -> None:
    heard = Heard()

    def fails(key: IntentKey, view: OrderView) -> None:
        raise ValueError("not today")

    heard.inbox.follow(fails)
    seen: list[IntentKey] = []
    heard.inbox.follow(lambda key, _view: seen.append(key))
    heard.hear(order())
    assert seen == [ENTRY]
    assert heard.kinds() == [IncidentKind.TASK_FAILED]
    assert "not today" in heard.notices[0].text


def test_what_a_follower_lets_be_heard_is_told_in_the_same_settling() -> None:
    heard = Heard()
    heard.inbox.follow(
        lambda _key, _view: heard.inbox.hear(order(OTHER, order_id=6, perm_id=8, seconds=1))
    )
    heard.hear(order())
    assert [key for key, _ in heard.changes] == [ENTRY, OTHER]


@pytest.mark.parametrize(
    ("news", "kind"),
    [
        ([fill(quantity=60), fill(exec_id="e.2.01", quantity=60)], IncidentKind.ORDER_OVERFILLED),
        ([status("Sleeping", 1)], IncidentKind.STATE_INCONSISTENT),
        ([fill(quantity=60), fill(quantity=70)], IncidentKind.STATE_INCONSISTENT),
        ([status("Cancelled", 1), status("Submitted", 2)], IncidentKind.STATE_INCONSISTENT),
        ([order(perm_id=8)], IncidentKind.ORDER_SURVIVES),
        ([status("PreSubmitted", 1, why_held="locate")], IncidentKind.SHORT_SALE_HELD),
    ],
)
def test_what_is_wrong_with_an_order_is_told_once(news: list[object], kind: IncidentKind) -> None:
    heard = Heard().hear(order())
    for _ in range(2):
        heard.hear(*news, order(seconds=0.5))  # type: ignore[arg-type]
    assert heard.kinds() == [kind]
    assert heard.notices[0].subject == str(ENTRY)


def test_a_fill_after_the_end_is_told() -> None:
    heard = Heard().hear(order()).sync()
    heard.hear(status("Cancelled", 1))
    heard.hear(fill(quantity=40, seconds=2))
    heard.hear(fill(quantity=40, seconds=2))
    assert heard.kinds() == [IncidentKind.FILL_AFTER_END]
    assert heard.notices[0].text == "it was over (cancelled), and 40 more are filled"


def test_a_fill_that_was_announced_or_read_at_first_is_no_fill_after_the_end() -> None:
    heard = Heard().hear(completed(word="Cancelled"))
    heard.hear(fill(quantity=40)).sync()
    heard.hear(order(OTHER, order_id=6, perm_id=8), status("Cancelled", 1, filled=10, perm_id=8))
    heard.hear(fill(OTHER, "o.1.01", 10, order_id=6, perm_id=8))
    assert heard.notices == []


def test_a_fill_after_the_end_that_nobody_was_there_to_hear_of_is_told_with_the_next_reading() -> (
    None
):
    heard = Heard().hear(order()).sync()
    heard.hear(status("Cancelled", 1))
    heard.inbox.begin_session()
    heard.hear(completed(word="Cancelled", seconds=2))
    heard.hear(fill(quantity=40, seconds=2))
    assert heard.notices == []
    heard.sync()
    assert heard.kinds() == [IncidentKind.FILL_AFTER_END]
    assert heard.notices[0].text == "it was over (cancelled), and 40 more are filled"


def test_what_ended_and_filled_while_nobody_was_there_is_no_surprise() -> None:
    heard = Heard().hear(order()).sync()
    heard.inbox.begin_session()
    heard.hear(completed(word="Cancelled", seconds=2))
    heard.hear(fill(quantity=40, seconds=2)).sync()
    assert heard.notices == []


@pytest.mark.parametrize(
    ("again", "kind", "text"),
    [
        (
            {"quantity": 0},
            IncidentKind.FILL_CORRECTED,
            "the broker has taken back a fill: 100 at 10 count no more",
        ),
        (
            {"quantity": 60},
            IncidentKind.FILL_CORRECTED,
            "the broker has corrected a fill: 100 at 10 are 60 at 10 now",
        ),
        (
            {"price": "10.01"},
            IncidentKind.PRICE_MISMATCH,
            "the broker has corrected the price of a fill: 100 at 10 are 100 at 10.01 now",
        ),
    ],
)
@pytest.mark.parametrize("is_heard", [True, False])
def test_a_fill_that_is_taken_back_or_corrected_is_told_once(
    again: dict[str, Any], kind: IncidentKind, text: str, *, is_heard: bool
) -> None:
    heard = Heard().hear(order(), fill(exec_id="e.1.01")).sync()
    if not is_heard:
        heard.inbox.begin_session()
    for _ in range(2):
        heard.hear(fill(exec_id="e.1.02", **again)).sync()
    assert [(each.kind, each.subject, each.text) for each in heard.notices] == [
        (kind, str(ENTRY), text)
    ]


def test_a_fill_that_is_said_again_is_none_and_neither_is_one_that_was_corrected_before() -> None:
    heard = Heard().hear(order(), fill(exec_id="e.1.01"))
    heard.hear(fill(exec_id="e.1.02", quantity=0)).sync()
    heard.hear(order(OTHER, order_id=6, perm_id=8))
    heard.hear(fill(OTHER, "o.1.01", order_id=6, perm_id=8))
    heard.hear(fill(OTHER, "o.1.02", order_id=6, perm_id=8))
    assert heard.notices == []


def test_completeness_is_of_one_session_and_facts_are_for_ever() -> None:
    heard = Heard().hear(order()).sync()
    heard.answer("account")
    whole = heard.inbox.completeness
    assert whole.is_whole
    assert (whole.open_orders_at, whole.account_at) == (at(0), at(0.1))
    heard.inbox.begin_session()
    assert heard.inbox.completeness == Completeness()
    assert heard.view().is_working


def test_the_snapshot_has_the_figures_of_our_account() -> None:
    heard = Heard().hear(
        AccountNews(ACCOUNT, "NetLiquidation", "1", "USD"),
        AccountNews(ACCOUNT, "NetLiquidation", "2", "USD"),
        AccountNews("DU2", "NetLiquidation", "3", "USD"),
        StampNews(START, at(1) - START),
    )
    snapshot = heard.inbox.snapshot()
    assert [(each.tag, each.value) for each in snapshot.figures] == [("NetLiquidation", "2")]
    assert (snapshot.account, snapshot.as_of, snapshot.orders) == (ACCOUNT, at(0), ())


def test_a_status_is_looked_at_alone_among_thousands_of_orders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = Heard()
    trades = [IntentKey(f"{number:08d}", 0, Purpose.ENTRY, 1) for number in range(2_000)]
    for number, key in enumerate(trades, start=1):
        heard.inbox.expect(intent(key), number)
        heard.inbox.hear(order(key, order_id=number, perm_id=10_000 + number))
    heard.inbox.settle()
    derived: list[OrderView] = []

    def counted(*asked: Any, **moments: Any) -> OrderView:
        derived.append(view_of(*asked, **moments))
        return derived[-1]

    monkeypatch.setattr("backstay.broker.inbox.record.view_of", counted)
    monkeypatch.delattr("backstay.broker.inbox.orders.Orders.__iter__")
    heard.hear(status("Submitted", 1, order_id=9, perm_id=10_009, filled=1), status(filled=2))
    assert len(derived) == 2
    heard.inbox.live_orders(CON_ID)
    heard.inbox.unexplained()
    assert len(derived) == 2


def test_a_fractional_fill_is_exact() -> None:
    heard = Heard().hear(order(), fill(quantity=33))
    assert heard.view().unfilled == Decimal(67)
