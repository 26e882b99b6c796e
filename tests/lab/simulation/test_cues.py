"""When something is to happen in a run."""

import asyncio
from collections.abc import Callable

from backstay.lab.processes import Process
from backstay.lab.simulation.cues import Cues
from backstay.lab.simulation.scenario import Cue, Sight
from backstay.lab.virtual_time import run, running


class Desk:
    """Cues on a loop, and the moments at which something was done."""

    def __init__(self) -> None:
        self.loop = running()
        self.cues = Cues(self.loop)
        self.moments: list[float] = []

    def note(self) -> None:
        """It is done."""
        self.moments.append(round(self.loop.time(), 3))

    def saw_at(self, seconds: float, sight: Sight, word: str = "") -> None:
        """Something comes into sight then."""
        self.loop.call_at(seconds, self.cues.saw, sight, word)


def moments(story: Callable[[Desk], None], seconds: float = 10.0) -> list[float]:
    """When something was done in so many seconds."""

    async def main() -> list[float]:
        desk = Desk()
        story(desk)
        await asyncio.sleep(seconds)
        return desk.moments

    return run(main(), start_ns=0)


def test_a_plain_time_is_a_time() -> None:
    assert moments(lambda desk: desk.cues.on(Cue(2.0, delay_seconds=0.5), desk.note)) == [2.5]


def test_the_nth_sight_counts_and_then_the_delay() -> None:
    def story(desk: Desk) -> None:
        desk.cues.on(Cue(0.0, Sight.EXECUTION, nth=2, delay_seconds=0.25), desk.note)
        for second in (1.0, 2.0, 3.0):
            desk.saw_at(second, Sight.EXECUTION, "EN")

    assert moments(story) == [2.25]


def test_a_sight_before_its_time_or_with_another_word_does_not_count() -> None:
    def story(desk: Desk) -> None:
        desk.cues.on(Cue(1.5, Sight.ORDER_READ, word="XS"), desk.note)
        desk.saw_at(1.0, Sight.ORDER_READ, "XS")
        desk.saw_at(2.0, Sight.ORDER_READ, "EN")
        desk.saw_at(2.5, Sight.CANCEL_READ, "XS")
        desk.saw_at(3.0, Sight.ORDER_READ, "XS")

    assert moments(story) == [3.0]


def test_a_cue_comes_up_once() -> None:
    def story(desk: Desk) -> None:
        desk.cues.on(Cue(0.0, Sight.EXECUTION), desk.note)
        desk.saw_at(1.0, Sight.EXECUTION)
        desk.saw_at(2.0, Sight.EXECUTION)

    assert moments(story) == [1.0]


def test_nothing_comes_up_any_more_once_it_is_quiet() -> None:
    def story(desk: Desk) -> None:
        desk.cues.on(Cue(3.0), desk.note)
        desk.cues.on(Cue(0.0, Sight.EXECUTION), desk.note)
        desk.loop.call_at(2.0, desk.cues.quiet)
        desk.saw_at(2.5, Sight.EXECUTION)

    assert moments(story) == []


async def _step_every_second() -> None:
    for _ in range(20):
        await asyncio.sleep(1.0)


def test_steps_are_those_of_the_process_concerned() -> None:
    async def main() -> tuple[int, int]:
        desk, process = Desk(), Process("worker")
        stepping = process.run(desk.loop.create_task, _step_every_second())
        await asyncio.sleep(2.5)
        before, seen = process.steps, list[int]()
        desk.cues.on(Cue(0.0, steps=3), lambda: seen.append(process.steps), lambda: process)
        await asyncio.sleep(10)
        process.kill()
        assert not stepping.done()
        return before, seen[0]

    before, seen = run(main(), start_ns=0)
    assert seen == before + 3
