"""One question of a kind at a time, and no old answer for a new question."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.broker import doors
from backstay.broker.doors import Departure, Lost, NotAnsweredError, RequestRefusedError
from backstay.broker.line.errors import StuckError
from backstay.broker.line.kinds import Kind
from backstay.broker.line.questions import IN_LANE_SECONDS_MAX, Answer, Questions
from backstay.domain.ids import Lane
from backstay.lab.virtual_time import run, running
from tests.broker.line.stage import START_NS

NAMED = Kind("open orders", 10, is_told_apart=False)
NUMBERED = Kind("executions", 10)
PROOF = Kind("current time", 4, is_told_apart=False, is_proof=True)


class Lanes:
    """Lets messages leave at once, or when it is told to."""

    def __init__(self) -> None:
        self.is_open = True
        self.left: list[bytes] = []
        self.waiting: list[tuple[Departure, Lost]] = []
        self.probes = 0

    def send(self, lane: Lane, departure: Departure, lost: Lost) -> bool:
        assert lane is Lane.DATA
        self.waiting.append((departure, lost))
        if self.is_open:
            self.go()
        return self.is_open

    def probe(self, departure: Departure, lost: Lost) -> bool:
        self.probes += 1
        return self.send(Lane.DATA, departure, lost)

    def go(self) -> None:
        while self.waiting:
            departure, _lost = self.waiting.pop(0)
            self.left += departure()

    def lose(self, why: str) -> None:
        waiting, self.waiting = self.waiting, []
        for _departure, lost in waiting:
            lost(why)


class Desk:
    """Asks, and keeps what came of it."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self.questions = Questions(self.lanes)
        self.asked = 0
        self.tasks: list[asyncio.Task[Answer]] = []
        self.on_leaving: Callable[[Kind, int], None] = lambda _kind, _number: None

    async def ask(self, kind: Kind = NAMED, subject: object = None) -> asyncio.Task[Answer]:
        """Ask, and come as far as that goes at once."""

        def request() -> tuple[int | str, bytes]:
            self.asked += 1
            self.on_leaving(kind, self.asked)
            question = self.asked if kind is NUMBERED else kind.name
            return question, b"%d" % self.asked

        task = asyncio.create_task(self.questions.ask(kind, subject, request))
        self.tasks.append(task)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return task

    def answer(self, question: int | str, *items: object) -> None:
        for item in items:
            self.questions.add(question, item)
        self.questions.end(question)


def tell(story: Callable[[Desk], Awaitable[None]]) -> None:
    async def told() -> None:
        desk = Desk()
        await story(desk)
        desk.questions.line_lost("over")
        await asyncio.gather(*desk.tasks, return_exceptions=True)

    run(told(), start_ns=START_NS)


async def refused(task: asyncio.Task[Answer], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text) as raised:
        await task
    assert type(raised.value) is error


def test_an_answer_is_what_came_up_to_its_end() -> None:
    async def story(desk: Desk) -> None:
        answers: doors.Answers = desk.questions
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


# --- late answers ---------------------------------------------------------------------------------


def test_a_late_answer_with_a_number_is_nobodys() -> None:
    async def story(desk: Desk) -> None:
        first = await desk.ask(NUMBERED)
        await asyncio.sleep(11)
        await refused(first, NotAnsweredError, "no answer in 10 s")
        second = await desk.ask(NUMBERED)
        desk.answer(1, "old")
        assert not second.done()
        desk.answer(2, "new")
        assert await second == ("new",)

    tell(story)


@pytest.mark.parametrize("kind", [NAMED, PROOF])
def test_a_late_answer_without_a_number_is_not_taken_for_the_next_ones(kind: Kind) -> None:
    async def story(desk: Desk) -> None:
        first = await desk.ask(kind)
        desk.questions.add(kind.name, "old")
        await asyncio.sleep(11)
        await refused(first, NotAnsweredError, "no answer in")
        second = await desk.ask(kind)
        assert desk.lanes.left == [b"1"]
        desk.answer(kind.name, "old, too")
        assert not second.done()
        assert desk.lanes.left == [b"1", b"2"]
        desk.answer(kind.name, "new")
        assert await second == ("new",)

    tell(story)


def test_who_waits_behind_an_owed_answer_is_told_that_it_is_stuck() -> None:
    async def story(desk: Desk) -> None:
        first = await desk.ask()
        await asyncio.sleep(5)
        second = await desk.ask()
        await asyncio.sleep(5.1)
        await refused(first, NotAnsweredError, "no answer in 10 s")
        await asyncio.sleep(5)
        third = await desk.ask()
        fourth_at = running().time()
        text = "^open orders: an earlier question is still owed its answer$"
        await refused(second, StuckError, text)
        assert running().time() == pytest.approx(20, abs=0.01)
        assert not third.done() or third.exception() is not None
        fourth = await desk.ask()
        await refused(fourth, StuckError, text)
        assert running().time() > fourth_at
        assert desk.asked == 1
        desk.answer(NAMED.name, "at last")
        fifth = await desk.ask()
        desk.answer(NAMED.name, "new")
        assert await fifth == ("new",)

    tell(story)


def test_an_owed_answer_that_comes_while_others_wait_gives_them_their_full_time() -> None:
    async def story(desk: Desk) -> None:
        _ = await desk.ask()
        await asyncio.sleep(11)
        second = await desk.ask()
        await asyncio.sleep(9)
        desk.answer(NAMED.name, "late")
        await asyncio.sleep(9)
        assert not second.done()
        desk.answer(NAMED.name, "new")
        assert await second == ("new",)

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


# --- any order ------------------------------------------------------------------------------------

STEPS = st.lists(
    st.sampled_from(
        [
            *[("ask", NAMED), ("answer", NAMED), ("wait", 11)] * 3,
            *[("ask", NUMBERED), ("answer", NUMBERED), ("wait", 6)],
            ("lose", None),
        ]
    ),
    min_size=4,
    max_size=30,
)


@given(STEPS)
def test_no_one_is_answered_with_what_was_asked_before_they_asked(
    steps: list[tuple[str, Kind | int | None]],
) -> None:
    """The broker here answers everything in its order, sooner, later or never."""

    async def story(desk: Desk) -> None:
        owed: dict[object, list[int]] = {NAMED: [], NUMBERED: []}
        asked_after: list[tuple[asyncio.Task[Answer], int]] = []
        desk.on_leaving = lambda kind, number: owed[kind].append(number)
        for step, what in steps:
            match step, what:
                case "ask", Kind():
                    before = desk.asked
                    asked_after.append((await desk.ask(what), before))
                case "wait", int():
                    await asyncio.sleep(what)
                case "answer", Kind():
                    if owed[what]:
                        number = owed[what].pop(0)
                        desk.answer(NAMED.name if what is NAMED else number, number)
                case _:
                    desk.questions.line_lost("lost")
                    owed[NAMED].clear()
                    owed[NUMBERED].clear()
        await asyncio.sleep(100)
        for task, before in asked_after:
            assert task.done()
            if task.exception() is None:
                (answered,) = task.result()
                assert isinstance(answered, int)
                assert answered > before

    tell(story)
