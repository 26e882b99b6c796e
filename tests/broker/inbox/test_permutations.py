"""Whatever the sequence, repetitions and reads in which news come, they amount to the same."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.broker.news import News
from backstay.domain.edge.snapshot import BookedExecution, ForeignOrder
from backstay.domain.ids import IntentKey
from backstay.domain.limits.facts import LiveOrder
from backstay.domain.orders.view import OrderView
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
    cost,
    fill,
    intent,
    order,
    rejected,
    status,
)

# Two trades of this client, the stop of the first under two lives, an order by hand, another
# account; of the second trade nothing is sent from here, so only its reference says whose it is.
STORY: tuple[News, ...] = (
    order(ENTRY, "PreSubmitted", 1),
    status("PreSubmitted", 1),
    order(STOP, "PreSubmitted", 1, order_id=6, perm_id=8, side=Side.SELL, parent_order_id=5),
    order(ENTRY, "Submitted", 2),
    status("Submitted", 2, filled=40),
    fill(ENTRY, "a.1.01", 40, seconds=2),
    cost("a.1.01"),
    fill(ENTRY, "a.1.02", 30, seconds=2),
    cost("a.1.02", "0.70"),
    fill(ENTRY, "a.2.01", 70, seconds=3),
    status("Filled", 3, filled=100),
    status("PreSubmitted", 3, order_id=6, perm_id=8),
    order(STOP, "Submitted", 4, order_id=6, perm_id=9, side=Side.SELL),
    status("Cancelled", 5, order_id=6, perm_id=8),
    cancel_refused(6, 5),
    status("Submitted", 3, order_id=7, perm_id=20),
    order(OTHER, "Submitted", 3, order_id=7, perm_id=20),
    rejected(7, 4),
    status("Submitted", 3, order_id=-1, perm_id=30, client_id=0),
    order("", "Submitted", 3, order_id=-1, perm_id=30, client_id=0),
    fill("", "m.1.01", 5, seconds=4, order_id=-1, perm_id=30, client_id=0),
    cost("m.1.01"),
    order("theirs", "Submitted", 3, order_id=2, perm_id=40, client_id=2, account="DU2"),
    fill("theirs", "x.1.01", 5, order_id=2, perm_id=40, client_id=2, account="DU2"),
)

# What the broker answers to a process that has just started.
ANSWERS: tuple[News, ...] = (
    order(STOP, "Submitted", 9, order_id=6, perm_id=9, side=Side.SELL),
    status("Submitted", 9, order_id=6, perm_id=9),
    order("", "Submitted", 9, order_id=-1, perm_id=30, client_id=0),
    status("Submitted", 9, order_id=-1, perm_id=30, client_id=0, filled=5),
    completed(ENTRY, "Filled", 9, filled=100, perm_id=7),
    completed(STOP, "Cancelled", 9, perm_id=8),
    fill(ENTRY, "a.1.02", 30, seconds=2),
    cost("a.1.02", "0.70"),
    fill(ENTRY, "a.2.01", 70, seconds=3),
    fill("", "m.1.01", 5, seconds=4, order_id=-1, perm_id=30, client_id=0),
    cost("m.1.01"),
)

Known = tuple[
    dict[IntentKey, OrderView | None],
    tuple[ForeignOrder, ...],
    tuple[BookedExecution, ...],
    tuple[LiveOrder, ...],
    object,
]


def expecting() -> Heard:
    heard = Heard()
    heard.inbox.expect(intent(ENTRY), 5)
    heard.inbox.expect(intent(STOP, side=Side.SELL, parent=ENTRY), 6)
    return heard


def known(heard: Heard) -> Known:
    snapshot = heard.inbox.snapshot()
    return (
        {key: heard.inbox.view(key) for key in (ENTRY, STOP, OTHER)},
        snapshot.foreign_orders,
        snapshot.executions,
        heard.inbox.live_orders(CON_ID),
        heard.inbox.executed_since(CON_ID, at(0)),
    )


IN_ORDER = known(expecting().hear(*STORY))


def read(heard: Heard, news: Sequence[News], ends: Sequence[bool]) -> Heard:
    for each, is_end in zip(news, ends, strict=False):
        heard.inbox.hear(each)
        if is_end:
            heard.inbox.settle()
    return heard.hear()


@st.composite
def jumbled(draw: st.DrawFn, story: Sequence[News]) -> tuple[list[News], list[bool]]:
    """The whole story in any sequence, some of it twice, in reads of any size."""
    again = draw(st.lists(st.sampled_from(story), max_size=6))
    news = draw(st.permutations([*story, *again]))
    return news, draw(st.lists(st.booleans(), min_size=len(news), max_size=len(news)))


@given(jumbled(STORY))
@settings(deadline=None, max_examples=150)
def test_every_sequence_of_the_news_comes_to_the_same(told: tuple[list[News], list[bool]]) -> None:
    assert known(read(expecting(), *told)) == IN_ORDER


@given(jumbled(STORY))
@settings(deadline=None, max_examples=60)
def test_the_last_change_told_is_the_view(told: tuple[list[News], list[bool]]) -> None:
    heard = read(expecting(), *told)
    last = dict(heard.changes)
    assert last == {key: view for key, view in IN_ORDER[0].items() if view is not None}


@given(jumbled(STORY[:16]), jumbled(ANSWERS), st.integers(min_value=0, max_value=16))
@settings(deadline=None, max_examples=100)
def test_a_crash_anywhere_is_healed_by_the_answers(
    before: tuple[list[News], list[bool]], after: tuple[list[News], list[bool]], heard_of: int
) -> None:
    """In the process that goes on, and in one that starts with nothing but the answers."""
    stays = read(expecting(), before[0][:heard_of], before[1])
    stays.inbox.begin_session()
    fresh = Heard()
    for heard in (stays, fresh):
        read(heard, *after)
        heard.inbox.remember(intent(ENTRY))
        heard.inbox.remember(intent(STOP, side=Side.SELL, parent=ENTRY))
        entry, stop = heard.view(ENTRY), heard.view(STOP)
        assert entry.is_settled
        assert [fill.exec_id for fill in entry.executions] == ["a.1.02", "a.2.01"]
        assert stop.surviving_perm_ids == (9,)
        assert [each.key for each in heard.inbox.live_orders(CON_ID)] == [STOP]
    assert known(stays)[1:] == known(fresh)[1:]
