"""Lanes that let questions leave when they are told to, and somebody who asks."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from backstay.broker.doors.wire import Departure, Lost
from backstay.broker.line.kinds import Kind
from backstay.broker.line.questions import Answer, Questions
from backstay.domain.ids import Lane
from backstay.lab.virtual_time import run
from tests.broker.line.stage import START_NS

NAMED = Kind("open orders", 10, is_told_apart=False)
NUMBERED = Kind("executions", 10)
PROOF = Kind("current time", 4, is_told_apart=False, is_proof=True, is_one_message=True)


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
