"""Whether the broker has an order: when that is believed, and when it is not."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.domain.edge.asked import Asked
from backstay.domain.edge.looking import (
    LOOKS_APART_MIN,
    Absent,
    Doubt,
    Found,
    NotSeen,
    Unanswered,
)
from backstay.domain.orders.outcome import Accepted, Unknown
from tests.broker.desk.counter import Counter, now, play
from tests.broker.desk.samples import AAPL, ENTRY, FLAT, OTHER_ENTRY, START, STOP, submission

CON_ID = AAPL.con_id
ROUND = ["open orders", "completed orders", "executions", "positions"]


@pytest.mark.req("S4.3")
def test_an_order_is_absent_after_two_complete_looks_that_are_far_enough_apart() -> None:
    async def story(counter: Counter) -> None:
        answer = await counter.desk.find(ENTRY.key, CON_ID, FLAT)
        assert isinstance(answer, Absent)
        first, second = answer.looks
        assert first.at == START
        assert second.at - first.at >= LOOKS_APART_MIN
        assert counter.asks.asked == ROUND * 2

    play(story)


def test_an_order_that_is_shown_in_the_second_look_is_found() -> None:
    async def story(counter: Counter) -> None:
        asyncio.get_running_loop().call_later(1, lambda: counter.show(ENTRY))
        answer = await counter.desk.find(ENTRY.key, CON_ID, FLAT)
        assert isinstance(answer, Found)
        assert answer.as_of - START >= LOOKS_APART_MIN

    play(story)


def test_an_order_that_is_shown_is_asked_about_once_and_a_settled_one_never() -> None:
    async def story(counter: Counter) -> None:
        counter.show(ENTRY)
        assert isinstance(await counter.desk.find(ENTRY.key, CON_ID, FLAT), Found)
        assert counter.asks.asked == ROUND
        counter.show(ENTRY, status="Cancelled")
        assert isinstance(await counter.desk.find(ENTRY.key, CON_ID, FLAT), Found)
        assert counter.asks.asked == ROUND

    play(story)


@pytest.mark.parametrize("question", ROUND)
def test_one_unanswered_question_leaves_everything_open(question: str) -> None:
    async def story(counter: Counter) -> None:
        counter.asks.silent = {question}
        answer = await counter.desk.find(ENTRY.key, CON_ID, FLAT)
        assert answer == Unanswered(ENTRY.key, question, START)

    play(story)


@pytest.mark.req("S4.3")
@pytest.mark.parametrize("comes_back", [False, True])
def test_nothing_is_absent_in_answers_of_a_gateway_that_has_lost_ib(*, comes_back: bool) -> None:
    async def story(counter: Counter) -> None:
        executions = counter.asks.executions

        async def interrupted() -> None:
            await executions()
            counter.session.is_ready = False
            if comes_back:
                counter.session.come_back()

        counter.asks.executions = interrupted  # type: ignore[method-assign]
        answer = await counter.desk.find(ENTRY.key, CON_ID, FLAT)
        assert answer == Unanswered(ENTRY.key, "whether the session stands", START)

    play(story)


def test_an_order_that_was_seen_before_is_not_found_again_without_an_answer() -> None:
    async def story(counter: Counter) -> None:
        counter.show(ENTRY)
        counter.asks.silent = {"open orders"}
        answer = await counter.desk.find(ENTRY.key, CON_ID, FLAT)
        assert answer == Unanswered(ENTRY.key, "open orders", START)

    play(story)


def test_positions_are_not_asked_for_while_they_are_told() -> None:
    async def story(counter: Counter) -> None:
        counter.inbox.answered("positions", now())
        await counter.desk.find(ENTRY.key, CON_ID, FLAT)
        assert "positions" not in counter.asks.asked

    play(story)


def test_yesterdays_order_is_not_seen_and_no_second_look_would_help() -> None:
    async def story(counter: Counter) -> None:
        asked = Asked(START - timedelta(days=1), Decimal(0))
        answer = await counter.desk.find(ENTRY.key, CON_ID, asked)
        assert isinstance(answer, NotSeen)
        assert Doubt.ANOTHER_DAY in answer.doubts
        assert len(answer.looks) == 1

    play(story)


def test_a_position_that_nothing_explains_keeps_an_order_from_being_absent() -> None:
    async def story(counter: Counter) -> None:
        answer = await counter.desk.find(ENTRY.key, CON_ID, Asked(START, Decimal(-5)))
        assert isinstance(answer, NotSeen)
        assert Doubt.POSITION_DIFFERS in answer.doubts

    play(story)


def test_an_order_that_leaves_while_it_is_looked_for_is_not_absent() -> None:
    async def story(counter: Counter) -> None:
        looking = asyncio.ensure_future(counter.desk.find(ENTRY.key, CON_ID, FLAT))
        await asyncio.sleep(2.005)  # in the middle of the second look
        assert counter.asks.asked[4:] == counter.asks.asked[:4]
        submitting = asyncio.ensure_future(counter.desk.submit(submission(ENTRY)))
        answer = await looking
        assert isinstance(answer, NotSeen)
        assert answer.doubts == (Doubt.STILL_IN_LANE,)
        assert isinstance(await submitting, Unknown)
        assert isinstance(await counter.desk.submit(submission(ENTRY)), Unknown)
        assert len(counter.written) == 1

    play(story)


@pytest.mark.req("I1")
def test_what_is_proven_absent_may_leave_again_with_the_stop_that_left_with_it() -> None:
    async def story(counter: Counter) -> None:
        desk = counter.desk
        prepared = desk.prepare(submission(ENTRY), submission(STOP))
        desk.release(prepared)
        await asyncio.sleep(3)
        desk.release(prepared)
        assert len(counter.written) == 1
        assert isinstance(await desk.find(ENTRY.key, CON_ID, FLAT), Absent)
        desk.release(prepared)
        assert counter.written[1] == [
            f"order 3 parent 0 {ENTRY.order_ref} held",
            f"order 4 parent 3 {STOP.order_ref}",
        ]

    play(story)


def test_what_turns_up_after_it_was_proven_absent_is_not_sent_again() -> None:
    async def story(counter: Counter) -> None:
        assert isinstance(await counter.desk.submit(submission(ENTRY)), Unknown)
        assert isinstance(await counter.desk.find(ENTRY.key, CON_ID, FLAT), Absent)
        counter.show(ENTRY)
        assert isinstance(await counter.desk.submit(submission(ENTRY)), Accepted)
        assert len(counter.written) == 1

    play(story)


def test_all_who_ask_at_once_share_the_questions() -> None:
    async def story(counter: Counter) -> None:
        finds = [counter.desk.find(named.key, CON_ID, FLAT) for named in (ENTRY, OTHER_ENTRY, STOP)]
        answers = await asyncio.gather(*finds)
        assert all(isinstance(answer, Absent) for answer in answers)
        # The first has begun before the others asked; they share the next one.
        assert counter.asks.asked == ROUND * 4

    play(story)


def test_whoever_gives_up_asking_does_not_keep_the_others_from_an_answer() -> None:
    async def story(counter: Counter) -> None:
        counter.asks.answer_seconds = 1
        impatient = asyncio.ensure_future(counter.desk.find(ENTRY.key, CON_ID, FLAT))
        await asyncio.sleep(0.5)
        patient = asyncio.ensure_future(counter.desk.find(OTHER_ENTRY.key, CON_ID, FLAT))
        await asyncio.sleep(0.1)
        impatient.cancel()
        assert isinstance(await patient, Absent)

    play(story)
