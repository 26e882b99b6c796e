"""Modifications: one at a time, made once they are shown, and never sent on half a picture."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.broker.doors.ordering import Left
from backstay.domain.edge.changing import (
    Ended,
    Modified,
    ModifyAnswer,
    ModifyRejected,
    ModifyUnknown,
)
from backstay.domain.edge.submission import NotSent, NotSentReason, Submission
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.orders.intent import Limit
from tests.broker.desk.counter import Counter, now, play
from tests.broker.desk.samples import ENTRY, START, repriced, submission


def changed(price: int) -> Submission:
    return repriced(ENTRY, price)


async def working(counter: Counter) -> None:
    counter.desk.release(counter.desk.prepare(submission(ENTRY)))
    counter.show(ENTRY)
    await asyncio.sleep(1)


def modifying(counter: Counter, price: int) -> asyncio.Task[ModifyAnswer]:
    return asyncio.ensure_future(counter.desk.modify(changed(price)))


def reason(answer: object) -> NotSentReason:
    assert isinstance(answer, NotSent), answer
    return answer.reason


def test_it_is_made_once_the_broker_shows_the_new_terms() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        task = modifying(counter, 96)
        await asyncio.sleep(0.1)
        counter.show(ENTRY)
        await asyncio.sleep(0.1)
        assert not task.done()
        counter.show(changed(96).intent)
        assert isinstance(await task, Modified)
        assert counter.written[1:] == [[f"order 1 parent 0 {ENTRY.order_ref}"]]

    play(story)


def test_what_is_not_shown_in_time_is_unknown() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        since = now()
        assert await modifying(counter, 96) == ModifyUnknown(ENTRY.key, since)
        assert (now() - since).total_seconds() == 1.5

    play(story)


def test_what_was_under_way_when_the_line_was_lost_is_unknown_at_once() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        since = now()
        task, waiting = modifying(counter, 96), modifying(counter, 97)
        await asyncio.sleep(0.1)
        counter.lose_line()
        assert await task == ModifyUnknown(ENTRY.key, since)
        assert reason(await waiting) is NotSentReason.NOT_READY
        assert len(counter.written) == 2

    play(story)


def test_the_newest_waits_for_the_one_under_way_and_replaces_the_one_that_waits() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        first, second, third = (modifying(counter, price) for price in (96, 97, 98))
        await asyncio.sleep(0.1)
        assert len(counter.written) == 2
        assert reason(await second) is NotSentReason.REPLACED
        counter.show(changed(96).intent)
        assert isinstance(await first, Modified)
        assert len(counter.written) == 3
        counter.show(changed(98).intent)
        assert isinstance(await third, Modified)

    play(story)


def test_nothing_is_sent_for_what_is_so_already() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        assert isinstance(await counter.desk.modify(changed(95)), Modified)
        assert counter.desk.modify_now(changed(95)) == Left(ENTRY.key, now(), on_the_wire=True)
        assert len(counter.written) == 1

    play(story)


@pytest.mark.parametrize("status", ["ApiPending", "Inactive", "PendingCancel"])
def test_only_an_order_that_works_is_modified(status: str) -> None:
    async def story(counter: Counter) -> None:
        counter.show(ENTRY, status=status)
        assert reason(await counter.desk.modify(changed(96))) is NotSentReason.NOT_WORKING

    play(story)


def test_what_would_be_a_new_order_once_it_is_over_is_not_modified() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        counter.numbers.fell_back_to = 1
        assert reason(await counter.desk.modify(changed(96))) is NotSentReason.ID_FELL_BACK
        assert isinstance(await counter.desk.modify(changed(95)), Modified)
        assert len(counter.written) == 1
        counter.numbers.fell_back_to = 2
        assert isinstance(counter.desk.modify_now(changed(96)), Left)
        assert len(counter.written) == 2

    play(story)


def test_neither_an_unknown_order_nor_one_that_lives_twice_is_modified() -> None:
    async def story(counter: Counter) -> None:
        assert reason(await counter.desk.modify(changed(96))) is NotSentReason.NOT_WORKING
        counter.show(ENTRY)
        counter.show(ENTRY, perm_id=1002)
        assert reason(await counter.desk.modify(changed(96))) is NotSentReason.NOT_WORKING
        assert counter.written == []

    play(story)


def test_an_order_that_is_over_is_answered_with_its_end() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        task = modifying(counter, 96)
        await asyncio.sleep(0.1)
        counter.show(ENTRY, status="Cancelled")
        assert isinstance(await task, Ended)
        assert isinstance(await counter.desk.modify(changed(97)), Ended)

    play(story)


def test_nothing_is_modified_without_a_session() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        counter.session.is_ready = False
        assert reason(counter.desk.modify_now(changed(96))) is NotSentReason.NOT_READY

    play(story)


def test_the_last_hop_is_asked_about_a_modification() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        answer = await counter.desk.modify(repriced(ENTRY, 96, 101))
        assert isinstance(answer, Refused)
        assert answer.code is RefusalCode.QUANTITY_EXCEEDS_APPROVAL
        answer = await counter.desk.modify(changed(151))
        assert isinstance(answer, Refused)
        assert answer.code is RefusalCode.PRICE_COLLAR

    play(story)


def test_a_modification_that_waits_in_its_lane_is_asked_about_again() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        counter.lanes.is_full = True
        task = modifying(counter, 96)
        await asyncio.sleep(5)
        counter.kill.state = None
        counter.lanes.let_go()
        answer = await task
        assert isinstance(answer, Refused)
        assert answer.code is RefusalCode.KILLED

    play(story)


def test_a_modification_that_is_lost_in_its_lane_was_not_sent() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        counter.lanes.is_full = True
        task = modifying(counter, 96)
        await asyncio.sleep(5)
        counter.lanes.lose()
        assert reason(await task) is NotSentReason.LOST_IN_LANE

    play(story)


def test_a_refused_modification_leaves_the_order_as_it_was() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        task = modifying(counter, 96)
        await asyncio.sleep(0.1)
        counter.error(110, "off the grid")
        assert await task == ModifyRejected(ENTRY.key, 110, "off the grid", now())
        known = counter.inbox.registered(ENTRY.key)
        assert known is not None
        assert known.intent == ENTRY

    play(story)


def test_too_soon_is_tried_once_more_and_then_rejected() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        task = modifying(counter, 96)
        await asyncio.sleep(0.1)
        counter.error(103)
        await asyncio.sleep(0.59)
        assert len(counter.written) == 2
        await asyncio.sleep(0.02)
        assert len(counter.written) == 3
        counter.error(103)
        assert isinstance(await task, ModifyRejected)
        known = counter.inbox.registered(ENTRY.key)
        assert known is not None
        assert known.intent == ENTRY

    play(story)


def test_too_soon_is_not_tried_again_for_what_is_not_wanted_any_more() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        task = modifying(counter, 96)
        await asyncio.sleep(0.1)
        counter.error(103)
        newer = modifying(counter, 97)
        await asyncio.sleep(1)
        assert reason(await task) is NotSentReason.REPLACED
        assert len(counter.written) == 3
        counter.show(changed(97).intent)
        assert isinstance(await newer, Modified)

    play(story)


def test_a_cancel_calls_off_what_waits_and_what_would_be_tried_again() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        task, waiting = modifying(counter, 96), modifying(counter, 97)
        await asyncio.sleep(0.1)
        since = now()
        assert counter.desk.cancel_now(ENTRY.key)
        assert reason(await waiting) is NotSentReason.WITHDRAWN
        assert now() == since
        counter.error(103)
        await asyncio.sleep(2)
        assert task.done()
        assert counter.written[1:] == [[f"order 1 parent 0 {ENTRY.order_ref}"], ["cancel 1"]]

    play(story)


@pytest.mark.parametrize("waits", [False, True], ids=["at once", "awaited"])
def test_a_cancel_comes_before_what_was_to_be_tried_again(*, waits: bool) -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        task = modifying(counter, 96)
        await asyncio.sleep(0.1)
        counter.error(103)
        known = counter.inbox.registered(ENTRY.key)
        assert known is not None
        assert known.intent == ENTRY
        if waits:
            await counter.desk.cancel(ENTRY.key)
        else:
            counter.desk.cancel_now(ENTRY.key)
        await asyncio.sleep(0.7)
        assert reason(await task) is NotSentReason.WITHDRAWN
        assert len(counter.written) == 3

    play(story)


def test_the_second_try_has_as_much_time_as_the_first() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        task = modifying(counter, 96)
        await asyncio.sleep(1)
        counter.error(103)
        await asyncio.sleep(0.7)
        assert not task.done()
        assert len(counter.written) == 3
        counter.show(changed(96).intent)
        assert isinstance(await task, Modified)

    play(story)


def test_a_quantity_is_shown_too() -> None:
    async def story(counter: Counter) -> None:
        await working(counter)
        smaller = replace(ENTRY, quantity=Decimal(50), terms=Limit(Decimal(95)))
        task = asyncio.ensure_future(
            counter.desk.modify(replace(submission(ENTRY), intent=smaller))
        )
        await asyncio.sleep(0.1)
        counter.show(replace(smaller, quantity=Decimal(60)))
        await asyncio.sleep(0.1)
        assert not task.done()
        counter.show(smaller)
        answer = await task
        assert isinstance(answer, Modified)
        assert answer.at > START

    play(story)
