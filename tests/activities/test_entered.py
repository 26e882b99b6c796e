"""What is known of an entry beside what the broker shows, however long that takes."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from activities.entered import EarlierEntries
from backstay.accounts.errors import BookDamagedError
from backstay.accounts.state import TradeRecord
from backstay.domain.edge.arms import Arm
from backstay.domain.edge.earlier import PROVEN_BY_ITS_STOP
from backstay.domain.edge.snapshot import BrokerSnapshot, Completeness, OwnOrder
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.orders.view import OrderView
from backstay.domain.sides import Side
from backstay.lab.virtual_time import run
from tests.accounts.cases import summary
from tests.broker.edge.stage import START_NS
from tests.domain.edge.samples import ARM, NOW, TRADE, ZONE
from tests.domain.protection.test_cover import order

TOMORROW = NOW + timedelta(days=1)
BOOKED = summary(ARM.key, 40)
STOP = ARM.protection.intent.key if ARM.protection is not None else None
STANDS = order(100, "PreSubmitted", side=Side.SELL)


class Book:
    """A book that can't be read for a while."""

    def __init__(self, record: TradeRecord | None = None, failures: int = 0) -> None:
        self.kept = record
        self.failures = failures
        self.asked: list[tuple[str, float]] = []

    async def record(self, trade: str) -> TradeRecord | None:
        self.asked.append((trade, asyncio.get_running_loop().time()))
        if self.failures:
            self.failures -= 1
            raise BookDamagedError("it can't be read")
        return self.kept


class Edge:
    """An edge that shows one order at most."""

    def __init__(self, stop: OrderView | None = None) -> None:
        self.stop = stop

    def snapshot(self) -> BrokerSnapshot:
        assert STOP is not None
        orders = () if self.stop is None else (OwnOrder(STOP, 1, self.stop),)
        return BrokerSnapshot("DU1234567", NOW, Completeness(), (), orders, (), (), ())


def found(
    book: Book,
    stop: OrderView | None = None,
    *,
    arm: Arm = ARM,
    heard: OrderSummary | None = None,
    is_tomorrow: bool = True,
) -> OrderSummary | None:
    knowing = EarlierEntries(book, Edge(stop), ZONE)
    now = TOMORROW if is_tomorrow else NOW
    return run(knowing.of(arm, heard, now), start_ns=START_NS)


def test_what_was_reported_last_is_what_is_known() -> None:
    book = Book(TradeRecord(TRADE, "plan", entry=BOOKED))
    assert found(book) == found(book, STANDS) == found(book, is_tomorrow=False) == BOOKED


def test_what_another_process_has_heard_counts_where_it_is_more() -> None:
    more = summary(ARM.key, 60)
    assert found(Book(TradeRecord(TRADE, "plan", entry=BOOKED)), heard=more) == more
    assert found(Book(TradeRecord(TRADE, "plan", entry=more)), heard=BOOKED) == more


@pytest.mark.parametrize("record", [None, TradeRecord(TRADE, "plan")])
def test_where_nothing_was_reported_nothing_is_known(record: TradeRecord | None) -> None:
    assert found(Book(record)) is None


def test_what_was_reported_of_another_order_says_nothing() -> None:
    other = replace(BOOKED, key=ARM.key.next_generation())
    assert found(Book(TradeRecord(TRADE, "plan", entry=other))) is None


def test_a_book_that_cannot_be_read_is_asked_again_each_second() -> None:
    book = Book(TradeRecord(TRADE, "plan", entry=BOOKED), failures=2)
    assert found(book) == BOOKED
    begun = book.asked[0][1]
    assert book.asked == [(TRADE, begun), (TRADE, begun + 1), (TRADE, begun + 2)]


def test_on_another_day_the_stop_of_an_entry_speaks_for_it() -> None:
    proven = found(Book(), STANDS)
    assert proven is not None
    assert (proven.filled, proven.text) == (Decimal(100), PROVEN_BY_ITS_STOP)


def test_on_the_same_day_the_broker_itself_would_show_it() -> None:
    assert found(Book(), STANDS, is_tomorrow=False) is None


def test_an_entry_without_a_stop_is_proven_by_none() -> None:
    assert found(Book(), STANDS, arm=replace(ARM, protection=None)) is None
    assert found(Book()) is None


def test_a_day_is_the_day_of_the_broker() -> None:
    knowing = EarlierEntries(Book(), Edge(), ZONE)
    assert knowing.is_of_today(ARM, NOW + timedelta(hours=13, minutes=59))
    assert not knowing.is_of_today(ARM, NOW + timedelta(hours=14))
