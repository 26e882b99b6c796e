"""Cancels: what leaves for them, what proves them, and what no cancel reaches."""

import asyncio

import pytest

from backstay.domain.edge.changing import CancelAnswer, CancelPending, Ended, NothingToCancel
from backstay.domain.edge.submission import NotSent, NotSentReason
from backstay.domain.ids import Lane
from backstay.domain.incidents.kinds import IncidentKind
from tests.broker.desk.counter import Counter, now, play
from tests.broker.desk.samples import ENTRY, submission


def cancelling(counter: Counter) -> asyncio.Task[CancelAnswer]:
    return asyncio.ensure_future(counter.desk.cancel(ENTRY.key))


def sent(counter: Counter) -> None:
    counter.desk.release(counter.desk.prepare(submission(ENTRY)))


@pytest.mark.req("S2.6")
def test_a_cancel_leaves_in_its_own_lane_in_the_turn_in_which_it_is_wanted() -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        assert counter.desk.cancel_now(ENTRY.key)
        assert counter.written[1:] == [["cancel 1"]]
        assert counter.lanes.lanes[1] is Lane.CANCEL

    play(story)


def test_what_was_never_seen_needs_no_cancel() -> None:
    async def story(counter: Counter) -> None:
        assert await counter.desk.cancel(ENTRY.key) == NothingToCancel(ENTRY.key)
        assert not counter.desk.cancel_now(ENTRY.key)

    play(story)


def test_a_cancel_is_confirmed_by_evidence_and_by_nothing_else() -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        counter.show(ENTRY)
        task = cancelling(counter)
        await asyncio.sleep(0.1)
        counter.show(ENTRY, status="PendingCancel")
        await asyncio.sleep(0.1)
        assert not task.done()
        counter.error(202)
        assert isinstance(await task, Ended)
        assert counter.asks.asked == []

    play(story)


def test_without_an_answer_the_broker_is_asked_after_a_second() -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        counter.show(ENTRY)
        since = now()
        counter.asks.news = [lambda: counter.complete(ENTRY, 1001, "Cancelled")]
        assert isinstance(await counter.desk.cancel(ENTRY.key), Ended)
        assert 1 < (now() - since).total_seconds() < 1.1

    play(story)


@pytest.mark.parametrize("silent", [set(), {"executions"}], ids=["answers", "no answer"])
def test_a_cancel_without_evidence_is_pending_and_names_what_lives(silent: set[str]) -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        counter.show(ENTRY)
        counter.asks.silent = silent
        since = now()
        assert await counter.desk.cancel(ENTRY.key) == CancelPending(ENTRY.key, since, (1001,))
        assert counter.notices == []

    play(story)


def test_a_cancel_of_what_was_never_heard_of_is_pending_without_a_name() -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        since = now()
        assert await counter.desk.cancel(ENTRY.key) == CancelPending(ENTRY.key, since)

    play(story)


@pytest.mark.parametrize("code", [161, 10147, 10148])
def test_a_refused_cancel_proves_nothing_and_has_the_broker_asked(code: int) -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        counter.show(ENTRY)
        task = cancelling(counter)
        await asyncio.sleep(0.1)
        counter.error(code, "no")
        answer = await task
        assert isinstance(answer, CancelPending)
        assert answer.refused == f"{code}: no"
        assert "open orders" in counter.asks.asked

    play(story)


def test_a_refusal_of_an_earlier_cancel_does_not_cut_the_wait_short() -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        counter.show(ENTRY)
        counter.desk.cancel_now(ENTRY.key)
        counter.error(161, "no")
        await asyncio.sleep(1)
        task = cancelling(counter)
        await asyncio.sleep(0.5)
        counter.show(ENTRY, status="Cancelled")
        assert isinstance(await task, Ended)

    play(story)


def test_what_is_over_gets_no_further_cancel() -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        counter.show(ENTRY, status="Cancelled")
        assert not counter.desk.cancel_now(ENTRY.key)
        assert isinstance(await counter.desk.cancel(ENTRY.key), Ended)
        assert len(counter.written) == 1

    play(story)


def test_an_order_id_of_an_earlier_session_is_used_only_once_it_was_shown_again() -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        counter.show(ENTRY)
        counter.lose_line()
        assert not counter.desk.cancel_now(ENTRY.key)
        counter.session.come_back()
        counter.asks.news = [lambda: counter.show(ENTRY, 5)]
        task = cancelling(counter)
        await asyncio.sleep(0.1)
        assert counter.written[1:] == [["cancel 5"]]
        counter.show(ENTRY, 5, status="Cancelled")
        assert isinstance(await task, Ended)

    play(story)


@pytest.mark.req("X.4")
def test_what_lives_beyond_every_order_id_is_told_once() -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        counter.show(ENTRY)
        counter.lose_line()
        counter.session.come_back()
        for _ in range(2):
            answer = await counter.desk.cancel(ENTRY.key)
            assert isinstance(answer, CancelPending)
            assert answer.surviving_perm_ids == (1001,)
        (notice,) = counter.notices
        assert notice.kind is IncidentKind.ORDER_SURVIVES
        assert notice.text.startswith("permanent id 1001: it lives on")

    play(story)


def test_without_a_line_and_an_answer_no_cancel_was_sent() -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        counter.show(ENTRY)
        counter.lose_line()
        counter.asks.silent = {"open orders"}
        answer = await counter.desk.cancel(ENTRY.key)
        assert answer == NotSent(ENTRY.key, NotSentReason.NOT_READY, now())
        assert counter.notices == []

    play(story)


def test_a_cancel_that_is_lost_in_its_lane_was_not_sent() -> None:
    async def story(counter: Counter) -> None:
        sent(counter)
        counter.show(ENTRY)
        counter.lanes.is_full = True
        counter.asks.silent = {"open orders"}
        task = cancelling(counter)
        await asyncio.sleep(0.1)
        counter.lose_line()
        assert await task == NotSent(ENTRY.key, NotSentReason.NOT_READY, now())

    play(story)
