"""What would be done in a thread is done on the virtual loop."""

import asyncio

import pytest

from backstay.lab.at_once import AtOnce
from backstay.lab.virtual_time import VirtualTimeError, run, running


def test_it_is_done_a_moment_later_and_whoever_asked_hears_of_it() -> None:
    async def story() -> None:
        asked = running().run_in_executor(AtOnce(0.25), lambda: running().time())
        assert not asked.done()
        assert await asked == 0.25

    run(story(), start_ns=0)


def test_what_goes_wrong_is_for_whoever_asked() -> None:
    async def story() -> None:
        with pytest.raises(ZeroDivisionError):
            await running().run_in_executor(AtOnce(0.0), lambda: 1 // 0)

    run(story(), start_ns=0)


def test_it_is_done_although_nobody_waits_any_more() -> None:
    done: list[int] = []

    async def story() -> None:
        asked = running().run_in_executor(AtOnce(1.0), done.append, 1)
        asked.cancel()
        await asyncio.sleep(2)

    run(story(), start_ns=0)
    assert done == [1]


def test_a_real_thread_is_refused() -> None:
    async def story() -> None:
        with pytest.raises(VirtualTimeError, match="there is one thread"):
            await running().run_in_executor(None, lambda: 1)

    run(story(), start_ns=0)
