"""Progress is told at once or after a pause, and nobody waits for what will never come."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from backstay.broker.arms.telling import Telling
from backstay.domain.edge.arms import ArmPhase, Progress
from backstay.domain.ids import Purpose
from backstay.lab.virtual_time import run
from tests.broker.edge.stage import key

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def told(story: Callable[[Telling], Awaitable[None]]) -> None:
    """Tell a story of one telling, under a virtual clock."""

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def now() -> datetime:
            return START + timedelta(seconds=loop.time())

        def progress(revision: int, at: datetime) -> Progress:
            return Progress(key(Purpose.ENTRY), 1, revision, ArmPhase.WAITING, at)

        await story(Telling(now, progress))

    run(main(), start_ns=0)


def test_what_can_wait_is_told_at_most_once_a_second_and_in_one() -> None:
    async def story(telling: Telling) -> None:
        telling.now()
        since = (await telling.after(0)).at
        for _ in range(5):
            telling.later()
        second = await telling.after(1)
        assert second.at - since == timedelta(seconds=1)
        assert second.revision == 2

    told(story)


@pytest.mark.parametrize("seconds", [0.25, 1, 30])
def test_how_long_it_can_wait_says_whoever_listens(seconds: float) -> None:
    async def story(telling: Telling) -> None:
        telling.now()
        since = (await telling.after(0)).at
        telling.later()
        second = await telling.after(1, timedelta(seconds=seconds))
        assert second.at - since == timedelta(seconds=seconds)

    told(story)


def test_a_listener_who_wants_less_of_a_pause_shortens_the_wait_that_runs() -> None:
    async def story(telling: Telling) -> None:
        telling.now()
        since = (await telling.after(0)).at
        patient = asyncio.ensure_future(telling.after(1, timedelta(seconds=60)))
        await asyncio.sleep(0)
        telling.later()
        await asyncio.sleep(1)
        assert (await telling.after(1, timedelta(seconds=2))).at - since == timedelta(seconds=2)
        assert (await patient).revision == 2

    told(story)


@pytest.mark.parametrize(("pause", "waits"), [(0.25, 0.25), (1, 1), (30, 1)])
def test_the_first_telling_of_all_comes_within_a_second(pause: float, waits: float) -> None:
    async def story(telling: Telling) -> None:
        listening = asyncio.ensure_future(telling.after(0, timedelta(seconds=pause)))
        await asyncio.sleep(5)
        telling.later()
        assert (await listening).at - START == timedelta(seconds=5 + waits)

    told(story)


def test_what_comes_long_after_the_last_telling_need_not_wait() -> None:
    async def story(telling: Telling) -> None:
        telling.now()
        since = (await telling.after(0)).at
        await asyncio.sleep(5)
        telling.later()
        second = await telling.after(1)
        assert second.at - since == timedelta(seconds=5)

    told(story)


def test_what_matters_does_not_wait_and_takes_what_waited_along() -> None:
    async def story(telling: Telling) -> None:
        telling.now()
        await telling.after(0)
        telling.later()
        telling.now()
        assert (await telling.after(1)).revision == 2
        await asyncio.sleep(5)
        assert telling.revision == 2

    told(story)


def test_two_who_wait_hear_the_same_and_one_who_goes_takes_nothing_along() -> None:
    async def story(telling: Telling) -> None:
        first, second, third = (asyncio.ensure_future(telling.after(0)) for _ in range(3))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        telling.now()
        assert (await first).revision == (await third).revision == 1

    told(story)


def test_what_was_heard_in_another_life_is_told_anew_at_once() -> None:
    async def story(telling: Telling) -> None:
        assert (await telling.after(17)).revision == 18
        telling.now()
        assert (await telling.after(18)).revision == 19

    told(story)


def test_at_the_end_nobody_goes_on_waiting() -> None:
    async def story(telling: Telling) -> None:
        waiting = asyncio.ensure_future(telling.after(0))
        await asyncio.sleep(0)
        telling.end()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    told(story)


def test_a_number_that_another_process_has_given_is_no_number_of_this_one() -> None:
    async def story(telling: Telling) -> None:
        telling.now()
        telling.now()
        newest = await asyncio.wait_for(telling.after(2), 5)
        assert newest.revision > 2
        waiting = asyncio.ensure_future(telling.after(newest.revision))
        await asyncio.sleep(5)
        assert not waiting.done()
        telling.now()
        assert (await waiting).revision == newest.revision + 1

    told(story)
