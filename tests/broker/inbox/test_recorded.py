"""What the embedded gateway really says of a day, as the inbox hears it, in this session and in the
next, and in a process that starts with the answers alone.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from ib_async import IB, ExecutionFilter, LimitOrder, MarketOrder, StopOrder

from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.line.reading import Ears, Reading
from backstay.broker.news import ErrorNews, ExecutionNews, News, StampNews, UnreadNews
from backstay.broker.notices import Notice
from backstay.broker.translation.hearing import Hearing
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.instances import OrderEnd
from tests.gateway.effects.scene import AAPL, DAY, Scene, play

ACCOUNT = "DU1234567"
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
ENTRY = IntentKey("AAAAAAAA", 0, Purpose.ENTRY, 1)
STOP = IntentKey("AAAAAAAA", 0, Purpose.PROTECT, 1)
RESTING = IntentKey("BBBBBBBB", 0, Purpose.ENTRY, 1)
CANCELLED = IntentKey("CCCCCCCC", 0, Purpose.ENTRY, 1)
OURS = (ENTRY, STOP, RESTING, CANCELLED)


class Ear:
    """Takes down the news that frames come to, each a millisecond after the one before."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self.frames = 0
        self.answered: defaultdict[int | str, list[object]] = defaultdict(list)
        self.asked: list[tuple[int, int, str]] = []
        hearing = Hearing(self.news.append, self.now, self)
        self._reading = Reading(Ears(hearing, hearing.unread))

    def now(self) -> datetime:
        return START + timedelta(milliseconds=self.frames)

    def add(self, question: int | str, item: object) -> None:
        self.answered[question].append(item)

    def end(self, question: int | str) -> None:
        self.answered[question].append(None)

    def fail(self, question: int, code: int, text: str) -> bool:
        return (question, code, text) in self.asked

    def spoil(self, kind: str, why: str) -> None:
        raise AssertionError(f"{kind}: {why}")

    def read(self, frames: list[list[str]]) -> list[News]:
        self.news.clear()
        for frame in frames:
            self.frames += 1
            self._reading.read(iter(["".join(f"{field}\0" for field in frame).encode()]))
        assert not [each for each in self.news if isinstance(each, UnreadNews)]
        return [each for each in self.news if not isinstance(each, StampNews | ErrorNews)]


async def _trade(scene: Scene, ib: IB) -> None:
    """An entry that fills, with its stop; one that rests; one that is cancelled."""
    entry = MarketOrder("BUY", 100, orderRef=str(ENTRY), transmit=False, **DAY)
    ib.placeOrder(AAPL, entry)
    stop = StopOrder("SELL", 100, 90.0, orderRef=str(STOP), tif="GTC", parentId=entry.orderId)
    ib.placeOrder(AAPL, stop)
    ib.placeOrder(AAPL, LimitOrder("BUY", 10, 95.0, orderRef=str(RESTING), **DAY))
    gone = ib.placeOrder(AAPL, LimitOrder("BUY", 20, 94.0, orderRef=str(CANCELLED), **DAY))
    await scene.sleep(2)
    ib.cancelOrder(gone.order)
    await scene.sleep(2)


@cache
def recorded() -> tuple[tuple[News, ...], tuple[News, ...]]:
    """The news of a session, and those that the next one begins with."""
    frames: list[list[list[str]]] = []

    async def story(scene: Scene) -> None:
        ib = await scene.join(1)
        other = await scene.join(2)
        await ib.qualifyContractsAsync(AAPL)
        await _trade(scene, ib)
        other.placeOrder(AAPL, LimitOrder("BUY", 7, 93.0, orderRef="by hand", **DAY))
        other.placeOrder(AAPL, MarketOrder("SELL", 5, **DAY))
        await scene.sleep(2)
        frames.append(scene.tap(ib).frames[1:])
        ib.disconnect()
        await scene.sleep(1)
        again = await scene.join(1)
        await again.reqAllOpenOrdersAsync()
        await again.reqCompletedOrdersAsync(False)
        await again.reqExecutionsAsync(ExecutionFilter())
        await asyncio.sleep(1)
        frames.append(scene.tap(again).frames[1:])

    play(story)
    ear = Ear()
    return tuple(ear.read(frames[0])), tuple(ear.read(frames[1]))


class Inbox:
    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.changed: dict[IntentKey, OrderEnd | None] = {}
        self.inbox = BrokerInbox(ACCOUNT, 1, lambda: START, self.notices.append)
        self.inbox.follow(lambda key, view: self.changed.__setitem__(key, view.end))

    def hear(self, news: Sequence[News]) -> "Inbox":
        for each in news:
            self.inbox.hear(each)
        self.inbox.settle()
        return self

    @property
    def known(self) -> object:
        snapshot = self.inbox.snapshot()
        (con_id,) = {own.con_id for own in snapshot.orders}
        live = self.inbox.live_orders(con_id)
        views = [self.inbox.view(key) for key in OURS]
        ends = [(view.end, view.filled, view.perm_ids) for view in views if view]
        foreign = {(each.perm_id, each.order_ref) for each in snapshot.foreign_orders}
        return live, ends, foreign, snapshot.executions


def test_a_day_of_the_gateway_is_understood() -> None:
    told = Inbox().hear(recorded()[0])
    assert told.changed == {
        ENTRY: OrderEnd.FILLED,
        STOP: None,
        RESTING: None,
        CANCELLED: OrderEnd.CANCELLED,
    }
    snapshot = told.inbox.snapshot()
    (held,) = snapshot.positions
    assert held.quantity == 100 - 5
    live = told.inbox.live_orders(held.con_id)
    assert [(order.key, order.unfilled) for order in live] == [
        (STOP, Decimal(100)),
        (RESTING, Decimal(10)),
    ]
    assert told.notices == []


def test_a_process_that_starts_with_the_answers_knows_the_same() -> None:
    first, answers = recorded()
    stays = Inbox().hear(first)
    stays.inbox.begin_session()
    stays.hear(answers)
    fresh = Inbox().hear(answers)
    assert stays.known == fresh.known
    snapshot = fresh.inbox.snapshot()
    assert [foreign.order_ref for foreign in snapshot.foreign_orders] == ["by hand"]
    assert {execution.key for execution in snapshot.executions} == {ENTRY, None}
    assert {notice.kind for notice in fresh.notices} == {IncidentKind.MANUAL_ACTION}
    assert all(view.is_settled for view in map(fresh.inbox.view, (ENTRY, CANCELLED)) if view)


def test_fills_that_only_the_next_session_tells_of_are_changes() -> None:
    first, answers = recorded()
    missed = [each for each in first if not isinstance(each, ExecutionNews)]
    told = Inbox().hear(missed)
    told.inbox.begin_session()
    view = told.inbox.view(ENTRY)
    assert view is not None
    assert (view.filled, view.unbooked) == (Decimal(0), Decimal(100))
    told.changed.clear()
    told.hear(answers)
    assert told.changed[ENTRY] is OrderEnd.FILLED


@given(st.data())
@settings(deadline=None, max_examples=20)
def test_every_sequence_of_the_day_comes_to_the_same(data: st.DataObject) -> None:
    news = recorded()[0] + recorded()[1]
    sequence = data.draw(st.permutations(news))
    assert Inbox().hear(sequence).known == Inbox().hear(news).known
