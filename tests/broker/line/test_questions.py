"""One question of a kind at a time, and its complete answer or none."""

import asyncio

from backstay.broker.doors import wire
from backstay.broker.doors.wire import Departure, Lost, NotAnsweredError, RequestRefusedError
from backstay.broker.line.errors import SpoiltError
from backstay.broker.line.questions import IN_LANE_SECONDS_MAX
from backstay.domain.ids import Lane
from backstay.lab.virtual_time import running
from tests.broker.line.inquiry import NAMED, NUMBERED, PROOF, Desk, Lanes, refused, tell


def test_an_answer_is_what_came_up_to_its_end() -> None:
    async def story(desk: Desk) -> None:
        answers: wire.Answers = desk.questions
        task = await desk.ask(NUMBERED)
        answers.add(1, "a")
        answers.add(1, "b")
        assert not task.done()
        answers.end(1)
        answers.add(1, "late")
        assert await task == ("a", "b")

    tell(story)


def test_an_empty_answer_is_one() -> None:
    async def story(desk: Desk) -> None:
        task = await desk.ask(NUMBERED)
        desk.answer(1)
        assert await task == ()

    tell(story)


def test_a_refusal_is_one_with_its_code() -> None:
    async def story(desk: Desk) -> None:
        task = await desk.ask(NUMBERED)
        assert desk.questions.fail(1, 200, "No security definition")
        await refused(task, RequestRefusedError, "200: No security definition")
        assert not desk.questions.fail(1, 200, "No security definition")

    tell(story)


def test_an_answer_of_one_message_that_can_not_be_read_is_over_with_it() -> None:
    async def story(desk: Desk) -> None:
        first, second = await desk.ask(PROOF), await desk.ask(PROOF)
        desk.questions.spoil(PROOF.name, "no time")
        await refused(first, SpoiltError, "^current time: an item could not be read: no time$")
        desk.answer(PROOF.name, "a")
        assert await second == ("a",)

    tell(story)


def test_a_spoilt_answer_is_none_at_its_end_and_the_next_is_whole() -> None:
    async def story(desk: Desk) -> None:
        answers: wire.Answers = desk.questions
        first, second = await desk.ask(NUMBERED, "AAPL"), await desk.ask(NUMBERED, "MSFT")
        third = await desk.ask()
        answers.spoil(NUMBERED.name, "cut short")
        assert not first.done()
        desk.answer(1, "a")
        await refused(first, SpoiltError, "^executions: an item could not be read: cut short$")
        desk.answer(3, "b")
        assert await second == ("b",)
        desk.answer(NAMED.name, "c")
        assert await third == ("c",)

    tell(story)


def test_what_nobody_has_asked_is_nobodys_answer() -> None:
    async def story(desk: Desk) -> None:
        desk.answer(1, "a")
        desk.answer("positions", 265598)
        assert not desk.questions.fail(1, 200, "No security definition")
        task = await desk.ask(NUMBERED)
        desk.answer(2, "another's")
        assert not task.done()
        desk.answer(1, "its own")
        assert await task == ("its own",)

    tell(story)


def test_of_a_kind_one_leaves_after_the_other() -> None:
    async def story(desk: Desk) -> None:
        first = await desk.ask(NUMBERED, "MSFT")
        second = await desk.ask(NUMBERED, "AAPL")
        assert desk.lanes.left == [b"1"]
        desk.answer(1, "msft")
        assert desk.lanes.left == [b"1", b"2"]
        desk.answer(2, "aapl")
        assert (await first, await second) == (("msft",), ("aapl",))

    tell(story)


def test_kinds_do_not_wait_for_each_other() -> None:
    async def story(desk: Desk) -> None:
        _ = await desk.ask(NUMBERED)
        _ = await desk.ask(NAMED)
        assert desk.lanes.left == [b"1", b"2"]

    tell(story)


def test_who_asks_while_an_answer_is_under_way_shares_the_next_and_not_that() -> None:
    async def story(desk: Desk) -> None:
        first = await desk.ask()
        others = [await desk.ask() for _ in range(3)]
        assert desk.lanes.left == [b"1"]
        desk.answer(NAMED.name, "old")
        assert await first == ("old",)
        assert not any(other.done() for other in others)
        assert desk.lanes.left == [b"1", b"2"]
        desk.answer(NAMED.name, "new")
        assert [await other for other in others] == [("new",)] * 3
        assert desk.lanes.left == [b"1", b"2"]

    tell(story)


def test_who_asks_something_else_shares_nothing() -> None:
    async def story(desk: Desk) -> None:
        desk.lanes.is_open = False
        _ = await desk.ask(NUMBERED, "AAPL")
        _ = await desk.ask(NUMBERED, "MSFT")
        _ = await desk.ask(NUMBERED, "AAPL")
        desk.lanes.is_open = True
        desk.lanes.go()
        desk.answer(1)
        desk.answer(2)
        assert desk.asked == 2

    tell(story)


def test_the_time_for_an_answer_runs_from_when_the_question_leaves() -> None:
    async def story(desk: Desk) -> None:
        desk.lanes.is_open = False
        task = await desk.ask(NUMBERED)
        await asyncio.sleep(IN_LANE_SECONDS_MAX - 1)
        desk.lanes.go()
        await asyncio.sleep(9.9)
        assert not task.done()
        await asyncio.sleep(0.2)
        await refused(task, NotAnsweredError, "^executions: no answer in 10 s$")

    tell(story)


def test_a_question_that_cannot_leave_is_given_up_and_never_leaves() -> None:
    async def story(desk: Desk) -> None:
        desk.lanes.is_open = False
        task = await desk.ask()
        await asyncio.sleep(IN_LANE_SECONDS_MAX + 0.1)
        await refused(task, NotAnsweredError, "^open orders: it has waited 30 s to be sent$")
        desk.lanes.go()
        assert desk.lanes.left == []
        desk.lanes.is_open = True
        again = await desk.ask()
        desk.answer(NAMED.name)
        assert await again == ()

    tell(story)


def test_a_question_that_nobody_waits_for_any_more_does_not_leave() -> None:
    async def story(desk: Desk) -> None:
        desk.lanes.is_open = False
        task = await desk.ask()
        task.cancel()
        await asyncio.sleep(0)
        desk.lanes.go()
        assert desk.asked == 0
        desk.lanes.is_open = True
        again = await desk.ask()
        assert desk.lanes.left == [b"1"]
        desk.answer(NAMED.name)
        assert await again == ()

    tell(story)


def test_who_stops_waiting_takes_nothing_from_who_shares_the_answer() -> None:
    async def story(desk: Desk) -> None:
        desk.lanes.is_open = False
        first, second = await desk.ask(), await desk.ask()
        first.cancel()
        await asyncio.sleep(0)
        desk.lanes.go()
        desk.answer(NAMED.name, "a")
        assert await second == ("a",)

    tell(story)


def test_who_stops_waiting_after_it_has_left_leaves_the_question_under_way() -> None:
    async def story(desk: Desk) -> None:
        first = await desk.ask()
        first.cancel()
        second = await desk.ask()
        assert desk.lanes.left == [b"1"]
        desk.answer(NAMED.name, "to the first")
        assert not second.done()
        desk.answer(NAMED.name, "to the second")
        assert await second == ("to the second",)

    tell(story)


def test_what_proves_the_session_leaves_before_everything() -> None:
    async def story(desk: Desk) -> None:
        _ = await desk.ask(NAMED)
        assert desk.lanes.probes == 0
        _ = await desk.ask(PROOF)
        assert desk.lanes.probes == 1

    tell(story)


# --- the line -------------------------------------------------------------------------------------


def test_a_lost_line_ends_every_question_at_once() -> None:
    async def story(desk: Desk) -> None:
        tasks = [await desk.ask(NUMBERED, name) for name in ("AAPL", "MSFT")]
        tasks += [await desk.ask() for _ in range(2)]
        desk.lanes.is_open = False
        tasks.append(await desk.ask(PROOF))
        at = running().time()
        desk.questions.line_lost("reset by peer")
        for task in tasks:
            await refused(task, NotAnsweredError, ": reset by peer$")
        assert running().time() == at
        desk.lanes.go()
        assert desk.lanes.left == [b"1", b"2"]

    tell(story)


def test_what_was_owed_on_a_lost_line_is_owed_no_more() -> None:
    async def story(desk: Desk) -> None:
        _ = await desk.ask()
        await asyncio.sleep(11)
        desk.questions.line_lost("reset by peer")
        again = await desk.ask()
        assert desk.lanes.left == [b"1", b"2"]
        desk.answer(NAMED.name, "on the new line")
        assert await again == ("on the new line",)
        await asyncio.sleep(60)

    tell(story)


def test_what_is_lost_in_its_lane_is_not_answered() -> None:
    async def story(desk: Desk) -> None:
        desk.lanes.is_open = False
        first, second = await desk.ask(NUMBERED, "AAPL"), await desk.ask(NUMBERED, "MSFT")
        desk.lanes.lose("there is no line to the broker")
        await refused(first, NotAnsweredError, "^executions: there is no line to the broker$")
        assert not second.done()
        desk.lanes.lose("there is still none")
        await refused(second, NotAnsweredError, "^executions: there is still none$")

    tell(story)


def test_without_a_line_a_thousand_questions_are_lost_one_after_the_other() -> None:
    class NoLine(Lanes):
        def send(self, _lane: Lane, _departure: Departure, lost: Lost) -> bool:
            lost("there is no line")
            return False

    async def story(desk: Desk) -> None:
        desk.lanes.is_open = False
        tasks = [await desk.ask(NUMBERED, number) for number in range(2000)]
        desk.questions._lanes = NoLine()
        desk.lanes.lose("there is no line")
        for task in tasks:
            await refused(task, NotAnsweredError, "there is no line")

    tell(story)
