"""What is heard of entries reaches the book: once, the newest, and when the book takes it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from activities import bookings
from activities.bookings import AGAIN_SECONDS, EntryBookings
from backstay.accounts.errors import BookDamagedError
from backstay.broker.notices import Notice
from backstay.domain.edge.arms import ArmPhase, ArmReport
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.summary import OrderSummary
from backstay.lab.virtual_time import run
from tests.accounts.cases import summary
from tests.broker.edge.stage import START_NS
from tests.domain.limits.samples import OTHER_TRADE, TRADE, key

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
ENTRY, OTHER = key(), key(trade=OTHER_TRADE)


class Book:
    """A book that takes what it is given, or says why not."""

    def __init__(self) -> None:
        self.reported: list[OrderSummary] = []
        self.trouble = ""
        self.doubt = ""
        self.seconds = 0.0

    async def report(self, order: OrderSummary) -> str:
        await asyncio.sleep(self.seconds)
        if self.trouble:
            raise BookDamagedError(self.trouble)
        self.reported.append(order)
        return self.doubt


class Clerk:
    """One that books, and everything around it."""

    def __init__(self) -> None:
        self.book = Book()
        self.told: list[Notice] = []
        self.bookings = EntryBookings(self.book, self.told.append, lambda: AT)

    def hear(self, order: OrderSummary | None) -> None:
        report = ArmReport(ENTRY, 1, 1, ArmPhase.WORKING, AT, entry=order)
        self.bookings.hear(report)


def play(story: Callable[[Clerk], Awaitable[None]]) -> Clerk:
    async def main() -> Clerk:
        clerk = Clerk()
        task = asyncio.create_task(clerk.bookings.run())
        await story(clerk)
        await asyncio.sleep(0.1)
        task.cancel()
        return clerk

    return run(main(), start_ns=START_NS)


def working(filled: int) -> OrderSummary:
    return summary(ENTRY, filled, is_settled=False)


def test_what_has_filled_is_booked_and_said_again_it_is_not() -> None:
    async def story(clerk: Clerk) -> None:
        for order in (None, working(0), working(40), working(40)):
            clerk.hear(order)
            await asyncio.sleep(1)
        clerk.hear(working(60))
        clerk.hear(summary(OTHER, 0))

    assert play(story).book.reported == [working(40), working(60), summary(OTHER, 0)]


def test_that_an_entry_is_over_is_news_although_nothing_more_has_filled() -> None:
    async def story(clerk: Clerk) -> None:
        clerk.hear(working(40))
        await asyncio.sleep(1)
        clerk.hear(summary(ENTRY, 40))

    assert play(story).book.reported == [working(40), summary(ENTRY, 40)]


def test_while_the_book_takes_nothing_the_newest_waits_and_a_person_is_told_once() -> None:
    async def story(clerk: Clerk) -> None:
        clerk.book.trouble = "the disk is full"
        clerk.hear(working(40))
        await asyncio.sleep(AGAIN_SECONDS * 3.5)
        clerk.hear(working(60))
        clerk.book.trouble = ""
        await asyncio.sleep(AGAIN_SECONDS)

    clerk = play(story)
    assert clerk.book.reported == [working(60)]
    assert [(notice.kind, notice.text) for notice in clerk.told] == [
        (IncidentKind.TASK_FAILED, "the disk is full")
    ]
    assert clerk.bookings.waiting == 0


def test_what_is_heard_while_it_is_written_is_written_after_it() -> None:
    async def story(clerk: Clerk) -> None:
        clerk.book.seconds = 1.0
        clerk.hear(working(40))
        await asyncio.sleep(0.5)
        clerk.hear(working(60))
        await asyncio.sleep(2)

    assert play(story).book.reported == [working(40), working(60)]


def test_what_does_not_fit_the_book_is_told() -> None:
    async def story(clerk: Clerk) -> None:
        clerk.book.doubt = "it was never approved here"
        clerk.hear(working(40))

    (notice,) = play(story).told
    assert (notice.kind, notice.subject) == (IncidentKind.STATE_INCONSISTENT, TRADE)
    assert notice.text == "it was never approved here"


def test_the_end_writes_what_is_left_or_leaves_it_to_the_settlement() -> None:
    async def story() -> tuple[Clerk, Clerk]:
        well, ill = Clerk(), Clerk()
        ill.book.trouble = "the disk is full"
        for clerk in (well, ill):
            clerk.hear(working(40))
            await clerk.bookings.close()
        return well, ill

    well, ill = run(story(), start_ns=START_NS)
    assert (well.book.reported, well.bookings.waiting) == ([working(40)], 0)
    assert (ill.book.reported, ill.bookings.waiting) == ([], 1)


@contextmanager
def remembering(count: int) -> Iterator[None]:
    before, bookings.REMEMBERED_MAX = bookings.REMEMBERED_MAX, count
    try:
        yield
    finally:
        bookings.REMEMBERED_MAX = before


def test_what_is_remembered_has_a_bound_and_the_oldest_goes_first() -> None:
    async def story(clerk: Clerk) -> None:
        for order in (working(40), summary(OTHER, 1), summary(OTHER, 1), working(40)):
            clerk.hear(order)
            await asyncio.sleep(1)

    with remembering(1):
        assert len(play(story).book.reported) == 3
    with remembering(2):
        assert len(play(story).book.reported) == 2
