"""No old answer is taken for that to a new question."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.broker.doors.wire import NotAnsweredError
from backstay.broker.line.errors import OwedError, StuckError
from backstay.broker.line.kinds import Kind
from backstay.broker.line.questions import Answer
from backstay.lab.virtual_time import running
from tests.broker.line.inquiry import NAMED, NUMBERED, PROOF, Desk, refused, tell


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
        await refused(first, OwedError, "no answer in")
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
        await refused(first, OwedError, "no answer in 10 s")
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
