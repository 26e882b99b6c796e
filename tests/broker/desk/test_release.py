"""What may leave in the turn in which it is released, and what happens to what has to wait."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.broker.doors.ordering import Left
from backstay.broker.news import PositionNews
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.changing import NothingToCancel
from backstay.domain.edge.looking import Doubt, NotSeen
from backstay.domain.edge.submission import NotSent, NotSentReason
from backstay.domain.ids import Lane, Purpose
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.orders.intent import Limit, Stop
from backstay.domain.orders.outcome import Accepted
from backstay.domain.sessions.calendar import MarketPhase
from tests.broker.desk.counter import Counter, now, play
from tests.broker.desk.samples import (
    AAPL,
    ACCOUNT,
    ENTRY,
    EXIT,
    FLAT,
    OTHER_ENTRY,
    START,
    STOP,
    key,
    order,
    repriced,
    submission,
)

PAIR = [f"order 1 parent 0 {ENTRY.order_ref} held", f"order 2 parent 1 {STOP.order_ref}"]


def release_pair(counter: Counter) -> Left | Refused | NotSent:
    desk = counter.desk
    return desk.release(desk.prepare(submission(ENTRY), submission(STOP)))


def release(counter: Counter) -> Left | Refused | NotSent:
    return counter.desk.release(counter.desk.prepare(submission(ENTRY)))


def reason(answer: object) -> NotSentReason:
    assert isinstance(answer, NotSent), answer
    return answer.reason


def refusal(answer: object) -> RefusalCode:
    assert isinstance(answer, Refused), answer
    return answer.code


@pytest.mark.req("X.1")
def test_an_entry_and_its_stop_leave_in_one_write_and_are_expected() -> None:
    async def story(counter: Counter) -> None:
        assert release_pair(counter) == Left(ENTRY.key, now(), on_the_wire=True)
        assert counter.written == [PAIR]
        assert counter.inbox.key_of(1) == ENTRY.key
        assert counter.inbox.key_of(2) == STOP.key
        assert counter.lanes.lanes == [Lane.ENTRY]

    play(story)


@pytest.mark.req("S0.1")
def test_a_key_that_is_known_is_never_sent_again() -> None:
    async def story(counter: Counter) -> None:
        first = release(counter)
        await asyncio.sleep(2)
        assert release(counter) == first
        counter.show(OTHER_ENTRY, 7)
        again = counter.desk.release(counter.desk.prepare(submission(OTHER_ENTRY)))
        assert again == Left(OTHER_ENTRY.key, now(), on_the_wire=True)
        assert len(counter.written) == 1

    play(story)


def test_an_attached_stop_leaves_only_with_its_own_entry() -> None:
    async def story(counter: Counter) -> None:
        with pytest.raises(ValueError, match="is attached to"):
            counter.desk.prepare(submission(STOP))
        with pytest.raises(ValueError, match="is not attached to"):
            counter.desk.prepare(submission(OTHER_ENTRY), submission(STOP))

    play(story)


def test_an_entry_does_not_leave_with_a_stop_whose_key_is_used() -> None:
    async def story(counter: Counter) -> None:
        counter.show(STOP, 7)
        answer = release_pair(counter)
        assert isinstance(answer, Refused)
        assert answer.code is RefusalCode.KEY_USED
        assert answer.reason == f"key_used: {STOP.key} has been sent before"
        assert counter.written == []

    play(story)


@pytest.mark.req("S3.2")
def test_nothing_opens_before_a_kill_state_was_heard_nor_under_a_kill() -> None:
    async def story(counter: Counter) -> None:
        counter.kill.state = None
        assert refusal(release(counter)) is RefusalCode.KILLED
        counter.kill.heard(KillState(3, KillMode.FREEZE))
        assert refusal(release(counter)) is RefusalCode.KILLED
        counter.kill.heard(KillState(2))
        assert refusal(release(counter)) is RefusalCode.KILLED
        counter.kill.heard(KillState(4))
        assert refusal(release(counter)) is RefusalCode.KILLED
        answer = counter.desk.release(counter.desk.prepare(submission(OTHER_ENTRY, epoch=4)))
        assert isinstance(answer, Left)

    play(story)


def test_what_the_last_hop_sees_is_what_stands_at_that_moment() -> None:
    async def story(counter: Counter) -> None:
        counter.catalogue.current = MarketPhase.CLOSED
        assert refusal(release(counter)) is RefusalCode.SESSION_CLOSED
        counter.catalogue.current = MarketPhase.REGULAR
        counter.accounts = ("DU7654321",)
        assert refusal(release(counter)) is RefusalCode.WRONG_ACCOUNT
        counter.accounts = ()
        assert refusal(release(counter)) is RefusalCode.WRONG_ACCOUNT

    play(story)


@pytest.mark.req("I8")
def test_a_stop_that_is_larger_than_its_entry_keeps_both_from_leaving() -> None:
    async def story(counter: Counter) -> None:
        large = replace(STOP, quantity=Decimal(101))
        desk = counter.desk
        answer = desk.release(desk.prepare(submission(ENTRY), submission(large)))
        assert refusal(answer) is RefusalCode.EXCEEDS_POSITION
        assert counter.written == []
        assert not counter.inbox.knows(ENTRY.key)

    play(story)


@pytest.mark.req("S3.4")
def test_a_second_entry_in_a_symbol_waits_a_second_but_no_modification_does() -> None:
    async def story(counter: Counter) -> None:
        desk = counter.desk
        release(counter)
        counter.show(ENTRY)
        other = submission(OTHER_ENTRY)
        assert desk.release(desk.prepare(other)) == Left(OTHER_ENTRY.key, now(), on_the_wire=False)
        assert isinstance(desk.modify_now(repriced(ENTRY, 96)), Left)
        third = submission(order(key(trade="Z0000002")))
        await asyncio.sleep(0.5)
        assert desk.release(desk.prepare(third)) == Left(third.intent.key, now(), on_the_wire=False)
        sent = len(counter.written)
        await asyncio.sleep(0.49)
        assert len(counter.written) == sent
        await asyncio.sleep(0.02)
        assert [each for [each] in counter.written[sent:]] == [
            f"order 2 parent 0 {OTHER_ENTRY.order_ref}"
        ]
        await asyncio.sleep(1)
        assert counter.written[-1] == [f"order 3 parent 0 {third.intent.order_ref}"]

    play(story)


@pytest.mark.req("S3.4")
def test_an_entry_that_waits_for_its_second_is_asked_about_again_and_can_be_called_off() -> None:
    async def story(counter: Counter) -> None:
        desk, other = counter.desk, submission(OTHER_ENTRY)
        third = submission(order(key(trade="Z0000002")))
        release(counter)
        assert isinstance(desk.release(desk.prepare(other)), Left)
        assert isinstance(desk.release(desk.prepare(third)), Left)
        assert reason(await desk.cancel(third.intent.key)) is NotSentReason.WITHDRAWN
        counter.kill.heard(KillState(1, KillMode.FREEZE))
        assert refusal(await desk.submit(other)) is RefusalCode.KILLED
        await asyncio.sleep(3)
        assert len(counter.written) == 1

    play(story)


@pytest.mark.req("S3.4")
def test_after_a_restart_an_entry_keeps_its_distance_from_what_is_found_to_have_left() -> None:
    async def story(counter: Counter) -> None:
        desk = counter.desk
        counter.show(OTHER_ENTRY)
        await asyncio.sleep(0.4)
        counter.show(OTHER_ENTRY, status="PreSubmitted")
        assert release(counter) == Left(ENTRY.key, now(), on_the_wire=False)
        await asyncio.sleep(0.59)
        assert counter.written == []
        await asyncio.sleep(0.02)
        assert counter.written == [[f"order 1 parent 0 {ENTRY.order_ref}"]]
        await asyncio.sleep(1)
        third = submission(order(key(trade="Z0000002")))
        assert desk.release(desk.prepare(third)) == Left(third.intent.key, now(), on_the_wire=True)

    play(story)


def test_nothing_leaves_without_a_session_or_prepared_in_another_one() -> None:
    async def story(counter: Counter) -> None:
        prepared = counter.desk.prepare(submission(ENTRY))
        counter.session.go_down()
        assert reason(counter.desk.release(prepared)) is NotSentReason.NOT_READY
        counter.session.come_back()
        assert reason(counter.desk.release(prepared)) is NotSentReason.NOT_READY
        assert isinstance(release(counter), Left)

    play(story)


@pytest.mark.req("S4.3")
def test_what_was_written_down_on_another_broker_day_is_not_sent() -> None:
    async def story(counter: Counter) -> None:
        midnight = START.replace(hour=5)  # in New York
        yesterday = Asked(midnight - timedelta(microseconds=1), Decimal(0))
        today = Asked(midnight, Decimal(0))
        answer = counter.desk.release(counter.desk.prepare(submission(ENTRY, yesterday)))
        assert reason(answer) is NotSentReason.FROM_ANOTHER_DAY
        assert isinstance(
            counter.desk.release(counter.desk.prepare(submission(ENTRY, today))), Left
        )

    play(story)


def test_what_waits_in_its_lane_is_asked_about_again_as_it_leaves() -> None:
    async def story(counter: Counter) -> None:
        counter.lanes.is_full = True
        assert release_pair(counter) == Left(ENTRY.key, now(), on_the_wire=False)
        assert not counter.inbox.knows(ENTRY.key)
        waiting = asyncio.ensure_future(counter.desk.submit(submission(ENTRY)))
        await asyncio.sleep(10)
        assert not waiting.done()
        counter.kill.heard(KillState(1, KillMode.FREEZE))
        counter.lanes.let_go()
        assert refusal(await waiting) is RefusalCode.KILLED
        assert counter.written == []
        assert not counter.inbox.knows(ENTRY.key)

    play(story)


@pytest.mark.req("X.1")
def test_an_entry_that_was_refused_in_its_lane_is_not_submitted_without_its_stop() -> None:
    async def story(counter: Counter) -> None:
        counter.lanes.is_full = True
        release_pair(counter)
        counter.catalogue.current = MarketPhase.CLOSED
        counter.lanes.let_go()
        counter.catalogue.current = MarketPhase.REGULAR
        answer = await counter.desk.submit(submission(ENTRY))
        assert refusal(answer) is RefusalCode.SESSION_CLOSED
        assert counter.written == []
        assert isinstance(release_pair(counter), Left)
        assert counter.written == [PAIR]

    play(story)


def test_what_waits_leaves_once_there_is_room() -> None:
    async def story(counter: Counter) -> None:
        counter.lanes.is_full = True
        waiting = asyncio.ensure_future(counter.desk.submit(submission(ENTRY)))
        await asyncio.sleep(5)
        counter.lanes.let_go()
        await asyncio.sleep(1.5)
        counter.show(ENTRY)
        assert isinstance(await waiting, Accepted)

    play(story)


def test_what_is_lost_in_its_lane_was_not_sent_and_can_be_tried_again() -> None:
    async def story(counter: Counter) -> None:
        counter.lanes.is_full = True
        waiting = asyncio.ensure_future(counter.desk.submit(submission(ENTRY)))
        await asyncio.sleep(1)
        counter.lose_line()
        assert reason(await waiting) is NotSentReason.LOST_IN_LANE
        counter.lanes.is_full = False
        counter.session.come_back()
        assert isinstance(release(counter), Left)

    play(story)


@pytest.mark.parametrize("cancelled", [ENTRY.key, STOP.key])
def test_what_is_cancelled_in_its_lane_leaves_neither_alone_nor_at_all(
    cancelled: object,
) -> None:
    async def story(counter: Counter) -> None:
        assert cancelled in (ENTRY.key, STOP.key)
        counter.lanes.is_full = True
        release_pair(counter)
        found = await counter.desk.find(ENTRY.key, AAPL.con_id, FLAT)
        assert found == NotSeen(ENTRY.key, (), (Doubt.STILL_IN_LANE,))
        named = ENTRY.key if cancelled == ENTRY.key else STOP.key
        answer = await counter.desk.cancel(named)
        assert reason(answer) is NotSentReason.WITHDRAWN
        counter.lanes.let_go()
        assert counter.written == []
        assert await counter.desk.cancel(ENTRY.key) == NothingToCancel(ENTRY.key)
        assert not counter.desk.cancel_now(STOP.key)

    play(story)


def test_a_later_exit_counts_what_is_live() -> None:
    async def story(counter: Counter) -> None:
        stop = order(key(Purpose.PROTECT), terms=Stop(Decimal(90)), side=EXIT.side)
        answer = counter.desk.release(counter.desk.prepare(submission(stop)))
        assert refusal(answer) is RefusalCode.EXCEEDS_POSITION
        free = replace(EXIT, terms=Limit(Decimal(98)))
        answer = counter.desk.release(counter.desk.prepare(submission(free)))
        assert refusal(answer) is RefusalCode.EXCEEDS_POSITION

    play(story)


def hold(counter: Counter, quantity: int) -> None:
    """The broker reports that so much is held."""
    price, held = Decimal(100), Decimal(quantity)
    counter.inbox.hear(PositionNews(ACCOUNT, AAPL.con_id, "AAPL", Decimal(1), held, price))


def begin_with(counter: Counter, quantity: int) -> None:
    """So much was held at the first complete answers."""
    hold(counter, quantity)
    for question in ("open orders", "completed orders", "executions", "positions"):
        counter.inbox.answered(question, now(), (AAPL.con_id,))


@pytest.mark.req("I8")
def test_an_exit_leaves_the_stop_what_its_entry_may_have_filled_before_executions_say_so() -> None:
    async def story(counter: Counter) -> None:
        begin_with(counter, 7)
        release_pair(counter)
        hold(counter, 107)
        exit_key = key(Purpose.EXIT_STOP, trade="Z0000001")
        large, small = (order(exit_key, each, side=EXIT.side) for each in (60, 7))
        answer = counter.desk.release(counter.desk.prepare(submission(large)))
        assert refusal(answer) is RefusalCode.EXCEEDS_POSITION
        answer = counter.desk.release(counter.desk.prepare(submission(small)))
        assert isinstance(answer, Left)

    play(story)


def test_an_entry_that_leaves_with_its_stop_has_filled_nothing_of_a_position_ahead() -> None:
    async def story(counter: Counter) -> None:
        begin_with(counter, -53)
        hold(counter, -3)
        assert isinstance(release_pair(counter), Left)

    play(story)
