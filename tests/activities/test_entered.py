"""What is known of an entry beside what the broker shows, however long that takes."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from activities.entered import EarlierEntries
from backstay.accounts.errors import BookDamagedError
from backstay.accounts.state import TradeRecord
from backstay.broker.settings import EdgeSettings
from backstay.domain.edge.arms import Arm
from backstay.domain.edge.earlier import PROVEN_BY_ITS_STOP
from backstay.domain.edge.guards import Guard, Headway
from backstay.domain.edge.snapshot import BrokerSnapshot, Completeness, OwnOrder
from backstay.domain.limits.facts import AccountKind
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.orders.view import OrderView
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.domain.sides import Side
from backstay.lab.virtual_time import run
from tests.accounts.cases import summary
from tests.broker.edge.stage import START_NS
from tests.domain.edge.samples import ARM, GUARD, NOW, TRADE, ZONE
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


def knowing(
    book: Book, stop: OrderView | None = None, profile: BrokerProfile = PESSIMISTIC
) -> EarlierEntries:
    kind = AccountKind.PAPER
    settings = EdgeSettings("127.0.0.1", 4002, 1, "DU1234567", kind, None, profile, ZONE)
    return EarlierEntries(book, Edge(stop), settings)


def found(
    book: Book,
    stop: OrderView | None = None,
    *,
    arm: Arm = ARM,
    heard: OrderSummary | None = None,
    profile: BrokerProfile = PESSIMISTIC,
) -> OrderSummary | None:
    asked = knowing(book, stop, profile).of(arm, heard, TOMORROW)
    return run(asked, start_ns=START_NS)


def kept(entry: OrderSummary, failures: int = 0) -> Book:
    return Book(TradeRecord(TRADE, "plan", entry=entry), failures)


def test_what_was_reported_last_is_what_is_known() -> None:
    assert found(kept(BOOKED)) == found(kept(BOOKED), STANDS) == BOOKED


def test_what_another_process_has_heard_counts_where_nothing_was_booked() -> None:
    more = summary(ARM.key, 60)
    assert found(Book(), heard=more) == more
    assert found(kept(BOOKED), heard=more) == BOOKED


@pytest.mark.parametrize("record", [None, TradeRecord(TRADE, "plan")])
def test_where_nothing_was_reported_nothing_is_known(record: TradeRecord | None) -> None:
    assert found(Book(record)) is None


def test_what_was_reported_of_another_order_says_nothing() -> None:
    assert found(kept(replace(BOOKED, key=ARM.key.next_generation()))) is None


def test_an_arm_waits_for_a_book_that_cannot_be_read() -> None:
    book = kept(BOOKED, failures=2)
    assert found(book) == BOOKED
    begun = book.asked[0][1]
    assert book.asked == [(TRADE, begun), (TRADE, begun + 1), (TRADE, begun + 2)]


def test_on_another_day_the_stop_of_an_entry_speaks_for_it() -> None:
    proven = found(Book(), STANDS)
    assert proven is not None
    assert (proven.filled, proven.text) == (Decimal(100), PROVEN_BY_ITS_STOP)
    assert found(kept(summary(ARM.key, 40, is_settled=False)), STANDS) == proven


def test_a_stop_that_covers_parts_as_well_proves_nothing() -> None:
    assert found(Book(), STANDS, profile=OPTIMISTIC) is None


def test_an_entry_without_a_stop_is_proven_by_none() -> None:
    assert found(Book(), STANDS, arm=replace(ARM, protection=None)) is None
    assert found(Book()) is None


def test_of_today_the_broker_itself_has_to_show_it() -> None:
    book = kept(BOOKED)
    assert run(knowing(book, STANDS).of(ARM, BOOKED, NOW), start_ns=START_NS) is None
    assert book.asked == []


def test_a_day_is_the_day_of_the_broker() -> None:
    knows = knowing(Book())
    assert knows.is_of_today(ARM, NOW + timedelta(hours=13, minutes=59))
    assert not knows.is_of_today(ARM, NOW + timedelta(hours=14))


# --- what a guard takes in ---

SOME = replace(GUARD, quantity=Decimal(40))


def guarded(book: Book, stop: OrderView | None = None, guard: Guard = SOME) -> Decimal:
    asked = knowing(book, stop).guarded(guard, TOMORROW)
    return run(asked, start_ns=START_NS).quantity


def test_a_guard_takes_in_what_was_booked_of_its_entry_or_what_the_stop_proves() -> None:
    assert guarded(kept(summary(ARM.key, 70))) == 70
    assert guarded(Book(), STANDS) == 100
    assert guarded(kept(summary(ARM.key, 70)), STANDS) == 70
    assert guarded(kept(summary(ARM.key, 70, is_settled=False)), STANDS) == 100


def test_a_stop_of_which_a_part_was_split_off_proves_nothing() -> None:
    parted = replace(SOME, headway=Headway(split_off=Decimal(20)))
    assert guarded(Book(), STANDS, parted) == 40


def test_a_guard_without_an_attached_stop_is_left_as_it_is() -> None:
    stop = replace(GUARD.protection, intent=replace(GUARD.protection.intent, parent=None))
    assert guarded(kept(summary(ARM.key, 70)), STANDS, replace(SOME, protection=stop)) == 40


def test_no_guard_waits_for_the_book() -> None:
    assert guarded(kept(summary(ARM.key, 70), failures=1)) == 40


def test_a_guard_of_today_hears_of_every_fill_by_itself() -> None:
    book = kept(summary(ARM.key, 70))
    assert run(knowing(book, STANDS).guarded(SOME, NOW), start_ns=START_NS) == SOME
    assert book.asked == []
