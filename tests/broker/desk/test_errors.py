"""What follows from an error about an order."""

import asyncio

import pytest

from backstay.domain.edge.changing import Ended
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.outcome import Accepted, Rejected, RejectionClass, Unknown
from tests.broker.desk.counter import Counter, now, play
from tests.broker.desk.samples import ENTRY, START, submission

ROUND = ["open orders", "completed orders", "executions", "positions"]


def test_an_error_about_an_id_that_is_not_ours_is_nothing_to_us() -> None:
    async def story(counter: Counter) -> None:
        counter.error(201, order_id=99)
        await asyncio.sleep(1)
        assert counter.asks.asked == []
        assert counter.notices == []

    play(story)


@pytest.mark.req("S3.4")
def test_a_rejection_ends_the_wait_at_once_with_its_class() -> None:
    async def story(counter: Counter) -> None:
        task = asyncio.ensure_future(counter.desk.submit(submission(ENTRY)))
        await asyncio.sleep(0.1)
        at = now()
        counter.error(201, "Order rejected - reason: insufficient margin")
        text = "Order rejected - reason: insufficient margin"
        assert await task == Rejected(ENTRY.key, 201, RejectionClass.MARGIN, text, at)

    play(story)


def test_a_remark_changes_nothing() -> None:
    async def story(counter: Counter) -> None:
        task = asyncio.ensure_future(counter.desk.submit(submission(ENTRY)))
        await asyncio.sleep(0.1)
        counter.error(10_349)
        counter.error(399)
        await asyncio.sleep(0.1)
        assert not task.done()
        counter.show(ENTRY)
        assert await task == Accepted(ENTRY.key, 1, 1001, now())
        assert counter.asks.asked == []

    play(story)


@pytest.mark.req("S4.3")
def test_an_id_that_can_not_be_used_raises_the_ids_and_is_not_resent() -> None:
    async def story(counter: Counter) -> None:
        task = asyncio.ensure_future(counter.desk.submit(submission(ENTRY)))
        await asyncio.sleep(0.1)
        counter.error(103)
        assert await task == Unknown(ENTRY.key, START)
        assert counter.asks.asked == ROUND
        assert len(counter.written) == 1
        assert counter.numbers.next_order_id() == 1002

    play(story)


@pytest.mark.parametrize("code", [133, 504, 99_999])
def test_what_is_not_certain_is_asked_and_never_taken_for_a_rejection(code: int) -> None:
    async def story(counter: Counter) -> None:
        task = asyncio.ensure_future(counter.desk.submit(submission(ENTRY)))
        await asyncio.sleep(0.1)
        counter.error(code)
        counter.error(code)
        assert await task == Unknown(ENTRY.key, START)
        assert counter.asks.asked == ROUND

    play(story)


@pytest.mark.req("X.10")
def test_a_short_sale_that_is_held_is_cancelled_until_there_is_evidence() -> None:
    async def story(counter: Counter) -> None:
        counter.desk.release(counter.desk.prepare(submission(ENTRY)))
        counter.show(ENTRY, status="PreSubmitted")
        counter.error(404)
        counter.error(404)
        await asyncio.sleep(1.5)
        assert counter.written[1:] == [["cancel 1"], ["cancel 1"]]
        counter.show(ENTRY, status="Cancelled")
        await asyncio.sleep(5)
        assert len(counter.written) == 3
        assert counter.notices == []
        assert isinstance(await counter.desk.cancel(ENTRY.key), Ended)

    play(story)


def test_a_short_sale_whose_cancel_is_never_confirmed_is_told() -> None:
    async def story(counter: Counter) -> None:
        counter.desk.release(counter.desk.prepare(submission(ENTRY)))
        counter.show(ENTRY, status="PreSubmitted")
        counter.error(404, "Shares are being located")
        await asyncio.sleep(20)
        assert len(counter.written) == 6
        (notice,) = counter.notices
        assert notice.kind is IncidentKind.SHORT_SALE_HELD
        assert notice.text == "its cancel is not confirmed; 404: Shares are being located"

    play(story)


def test_a_refused_cancel_that_nobody_waits_for_has_the_broker_asked() -> None:
    async def story(counter: Counter) -> None:
        counter.desk.release(counter.desk.prepare(submission(ENTRY)))
        counter.desk.cancel_now(ENTRY.key)
        counter.error(161)
        await asyncio.sleep(1)
        assert counter.asks.asked == ROUND

    play(story)


def test_what_was_asked_in_an_earlier_session_explains_no_error_of_this_one() -> None:
    async def story(counter: Counter) -> None:
        counter.desk.release(counter.desk.prepare(submission(ENTRY)))
        counter.desk.cancel_now(ENTRY.key)
        counter.lose_line()
        counter.session.come_back()
        counter.show(ENTRY)
        counter.error(201)
        view = counter.inbox.view(ENTRY.key)
        assert view is not None
        assert view.end is OrderEnd.REJECTED

    play(story)
