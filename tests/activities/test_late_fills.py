"""What a process finds filled beyond what its trade was settled with is told, once and by name."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from activities.late_fills import LateFills
from backstay.accounts.errors import BookDamagedError
from backstay.accounts.state import Settled, TradeRecord
from backstay.broker.notices import Notice
from backstay.domain.edge.snapshot import BrokerSnapshot, Completeness, OwnOrder
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.reports import ExecutionReported
from backstay.domain.orders.view import view_of
from backstay.domain.sides import Side
from backstay.lab.virtual_time import run
from tests.accounts.cases import round_trip, settlement, summary
from tests.broker.edge.stage import START_NS
from tests.domain.limits.samples import ACCOUNT, OTHER_TRADE, TRADE, key

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
ENTRY, STOP, OTHER = key(), key(Purpose.PROTECT), key(trade=OTHER_TRADE)


class Book:
    """A book with the records that it is given."""

    def __init__(self) -> None:
        self.records: dict[str, TradeRecord] = {}
        self.is_damaged = False
        self.asked: list[str] = []

    async def record(self, trade: str) -> TradeRecord | None:
        self.asked.append(trade)
        if self.is_damaged:
            raise BookDamagedError("it can't be read")
        return self.records.get(trade)


class Edge:
    """An edge that has read what has filled."""

    def __init__(self, filled: dict[IntentKey, int]) -> None:
        self.has_synced = asyncio.Event()
        self.filled = filled

    async def synced(self) -> None:
        await self.has_synced.wait()

    def snapshot(self) -> BrokerSnapshot:
        orders = tuple(own_order(named, filled) for named, filled in self.filled.items())
        return BrokerSnapshot(ACCOUNT, AT, Completeness(), (), orders, (), (), ())


def own_order(named: IntentKey, filled: int) -> OwnOrder:
    fill = ExecutionReported("0000e.1.01", 1, 7, Side.BUY, Decimal(filled), Decimal(100), AT)
    return OwnOrder(named, 1, view_of(OrderFacts().with_reports(fill), Side.BUY, Decimal(100)))


class Scene:
    """One that looks, and everything around it."""

    def __init__(self, filled: dict[IntentKey, int]) -> None:
        self.book, self.edge = Book(), Edge(filled)
        self.told: list[Notice] = []
        self.looking = LateFills(self.book, self.edge, self.told.append, lambda: AT)

    def settles(self, record: TradeRecord) -> None:
        self.book.records[record.trade] = record


def play(filled: dict[IntentKey, int], story: Callable[[Scene], Awaitable[None]]) -> Scene:
    async def main() -> Scene:
        scene = Scene(filled)
        looking = asyncio.ensure_future(scene.looking.run())
        await story(scene)
        if not looking.done():
            looking.cancel()
        return scene

    return run(main(), start_ns=START_NS)


NOTHING_ENTERED = TradeRecord(TRADE, "f-0", (), settlement(), Settled(is_over=True))


@pytest.mark.req("L3")
def test_what_has_filled_after_its_trade_is_told_of_each_order() -> None:
    async def story(scene: Scene) -> None:
        scene.settles(NOTHING_ENTERED)
        await asyncio.sleep(10)
        assert scene.told == [], "before all is read nothing is known"
        scene.edge.has_synced.set()
        await asyncio.sleep(100)

    text = "its trade was settled with 0 filled, it is 90"
    kind = IncidentKind.FILL_AFTER_END
    assert play({STOP: 90, ENTRY: 90}, story).told == [
        Notice(kind, str(ENTRY), text, AT),
        Notice(kind, str(STOP), text, AT),
    ]


def test_a_trade_that_was_settled_with_all_of_it_is_left_alone() -> None:
    async def story(scene: Scene) -> None:
        scene.settles(TradeRecord(TRADE, "f-0", (), round_trip(), Settled(is_over=True)))
        scene.edge.has_synced.set()
        await asyncio.sleep(100)

    scene = play({ENTRY: 100}, story)
    assert scene.told == []
    assert scene.book.asked == [TRADE]


def test_a_settlement_that_is_under_way_is_waited_for() -> None:
    part = TradeRecord(TRADE, "f-0", (), settlement(summary(ENTRY, 40)), Settled(is_over=False))

    async def story(scene: Scene) -> None:
        scene.edge.has_synced.set()
        scene.settles(part)
        scene.book.is_damaged = True
        await asyncio.sleep(2)
        scene.book.is_damaged = False
        await asyncio.sleep(3)
        assert scene.told == []
        done = settlement(summary(ENTRY, 60))
        scene.settles(TradeRecord(TRADE, "f-0", (), done, Settled(is_over=True)))
        await asyncio.sleep(5)
        asked = len(scene.book.asked)
        await asyncio.sleep(1_000)
        assert len(scene.book.asked) == asked, "nobody asks for what is known"

    (notice,) = play({ENTRY: 90}, story).told
    assert notice.text == "its trade was settled with 60 filled, it is 90"


def test_the_longer_a_trade_goes_on_the_less_often_it_is_asked_for() -> None:
    async def story(scene: Scene) -> None:
        scene.settles(NOTHING_ENTERED)
        scene.edge.has_synced.set()
        await asyncio.sleep(3_600)

    scene = play({OTHER: 1, ENTRY: 0}, story)
    assert set(scene.book.asked) == {OTHER_TRADE}, "what has not filled is not asked for"
    assert len(scene.book.asked) == 65
