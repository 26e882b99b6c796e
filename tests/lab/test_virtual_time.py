"""The virtual loop: time moves while everything waits, and a run that can't go on says why."""

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backstay.gateway.times import SECOND_NS
from backstay.lab import timers
from backstay.lab.virtual_time import (
    LIMIT_NS,
    VirtualLoop,
    VirtualTimeError,
    run,
    running,
)

HOUR_NS = 3600 * SECOND_NS
START_NS = 1_795_440_600 * SECOND_NS
"""2026-11-23 13:30 UTC, an hour before New York opens."""


def test_an_hour_of_waiting_takes_no_time() -> None:
    async def main() -> tuple[int, float]:
        await asyncio.sleep(3600)
        return running().now_ns, running().time()

    assert run(main(), start_ns=START_NS) == (START_NS + HOUR_NS, 3600.0)


def test_a_timeout_of_an_hour_fires_after_an_hour() -> None:
    async def main() -> int:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await asyncio.Event().wait()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 1800)
        return running().now_ns

    assert run(main(), start_ns=START_NS) == START_NS + HOUR_NS * 3 // 2


def test_time_stands_while_anything_is_ready() -> None:
    async def main() -> int:
        for _ in range(1000):
            await asyncio.sleep(0)
        return running().now_ns

    assert run(main(), start_ns=START_NS) == START_NS


@pytest.mark.parametrize("nanoseconds", [1, 2, 999_999_999, 86_400 * SECOND_NS + 1])
def test_a_timer_fires_at_its_nanosecond(nanoseconds: int) -> None:
    async def main() -> int:
        await asyncio.sleep(40 * 86_400)
        before = running().now_ns
        await asyncio.sleep(nanoseconds / SECOND_NS)
        return running().now_ns - before

    assert abs(run(main(), start_ns=START_NS) - nanoseconds) <= (nanoseconds > SECOND_NS)


def test_timers_of_one_instant_fire_as_they_were_asked_for() -> None:
    async def main() -> list[int]:
        loop, fired = running(), list[int]()
        for number in range(100):
            loop.call_at(5.0, fired.append, number)
        loop.call_at(4.9, fired.append, -1)
        loop.call_at(5.1, fired.append, 100)
        await asyncio.sleep(6)
        return fired

    assert run(main(), start_ns=0) == list(range(-1, 101))


def test_what_is_late_is_due_now_and_before_what_is_later() -> None:
    async def main() -> tuple[list[str], float]:
        loop, fired = running(), list[str]()
        await asyncio.sleep(10)
        loop.call_at(3.0, fired.append, "late")
        loop.call_later(0, fired.append, "now")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return fired, loop.time()

    assert run(main(), start_ns=0) == (["late", "now"], 10.0)


def test_a_timer_that_is_called_off_never_fires_and_holds_nothing_up() -> None:
    async def main() -> tuple[list[int], float]:
        loop, fired = running(), list[int]()
        first = loop.call_later(1, fired.append, 1)
        second = loop.call_later(1, fired.append, 2)
        loop.call_later(1, fired.append, 3)
        first.cancel()
        loop.call_at(1, second.cancel)
        await asyncio.sleep(1)
        await asyncio.sleep(0)
        return fired, loop.time()

    assert run(main(), start_ns=0) == ([2, 3], 1.0)


def test_a_timer_can_be_called_off_by_another_of_its_instant() -> None:
    async def main() -> list[int]:
        loop, fired = running(), list[int]()
        timers: list[asyncio.TimerHandle] = []

        def call_off() -> None:
            timers.pop().cancel()

        loop.call_later(1, call_off)
        timers.append(loop.call_later(1, fired.append, 1))
        await asyncio.sleep(2)
        return fired

    assert run(main(), start_ns=0) == []


def test_timers_that_are_called_off_leave_no_heap_behind() -> None:
    async def main() -> int:
        loop = running()
        kept = [loop.call_later(HOUR_NS, int) for _ in range(10)]
        for _ in range(50_000):
            loop.call_later(3600, int).cancel()
        waiting: Any = loop._selector
        assert not any(timer.cancelled() for timer in kept)
        for timer in kept:
            timer.cancel()
        return len(waiting._heap)

    assert run(main(), start_ns=0) <= timers.CALLED_OFF_MIN + 11


def test_what_was_called_off_too_late_or_has_gone_is_not_looked_for() -> None:
    async def main() -> int:
        loop = running()
        fired = [loop.call_later(1, int) for _ in range(10)]
        for _ in range(10):
            loop.call_later(1, int).cancel()
        await asyncio.sleep(2)
        for timer in fired:
            timer.cancel()
        return loop._selector._called_off

    assert run(main(), start_ns=0) == 0


def test_a_run_in_which_nothing_is_left_to_happen_says_who_waits_where() -> None:
    async def answer() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        asyncio.create_task(answer()).set_name("the asker")
        await asyncio.sleep(1)
        await answer()

    with pytest.raises(VirtualTimeError) as stuck:
        run(main(), start_ns=START_NS)
    when, _, who = str(stuck.value).partition("; ")
    assert when == "nothing is left to happen at 2026-11-23 13:30:01.000000 UTC"
    assert who.startswith("who waits: Task-")
    assert " in main > answer > wait (locks.py:" in who
    assert ", the asker in answer > wait (locks.py:" in who


def test_of_very_many_who_wait_some_are_named() -> None:
    async def main() -> None:
        waits = [asyncio.create_task(asyncio.Event().wait()) for _ in range(30)]
        await asyncio.gather(*waits)

    with pytest.raises(VirtualTimeError, match=r"\) and 21 more$"):
        run(main(), start_ns=START_NS)


def test_a_run_ends_at_its_limit() -> None:
    async def main() -> None:
        for _ in range(1000):
            await asyncio.sleep(60)

    limit = r"the run has reached its limit, 2026-11-23 14:30:00.000000 UTC; who waits: .* main "
    with pytest.raises(VirtualTimeError, match=limit):
        run(main(), start_ns=START_NS, limit_ns=HOUR_NS)


def test_what_is_due_at_the_limit_still_happens() -> None:
    async def main() -> float:
        await asyncio.sleep(3600)
        return running().time()

    assert run(main(), start_ns=START_NS, limit_ns=HOUR_NS) == 3600.0


def test_no_limit_goes_beyond_what_floats_can_tell() -> None:
    async def main() -> None:
        await asyncio.sleep(50 * 86_400 + 1)

    with pytest.raises(VirtualTimeError, match="the run has reached its limit, 2027-01-12 13:30"):
        run(main(), start_ns=START_NS, limit_ns=LIMIT_NS + 2 * SECOND_NS)


def test_a_loop_without_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "TURNS_AT_ONE_INSTANT_MAX", 1000)

    async def main() -> None:
        await asyncio.sleep(1)
        for _ in range(10_000):
            await asyncio.sleep(0)

    stands = "time stands still at 2026-11-23 13:30:01.000000 UTC: 1000 turns of callbacks; who"
    with pytest.raises(VirtualTimeError, match=stands):
        run(main(), start_ns=START_NS)


def test_many_turns_are_no_loop_while_time_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "TURNS_AT_ONE_INSTANT_MAX", 10)

    async def main() -> float:
        for _ in range(1000):
            await asyncio.sleep(0.001)
        return running().time()

    assert run(main(), start_ns=0) == 1.0


def test_what_is_raised_in_main_is_raised() -> None:
    async def main() -> None:
        raise KeyError("of main")

    with pytest.raises(KeyError, match="of main"):
        run(main(), start_ns=0)


def test_what_is_raised_in_a_callback_ends_the_run() -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_later(1, lambda: 1 / 0)
        await asyncio.sleep(3600)

    with pytest.raises(ZeroDivisionError):
        run(main(), start_ns=0)


def test_of_what_is_raised_at_one_instant_the_first_is_told() -> None:
    async def main() -> None:
        loop = running()
        loop.call_later(1, lambda: 1 / 0)
        loop.call_later(1, [].pop)
        await asyncio.sleep(3600)

    with pytest.raises(ZeroDivisionError):
        run(main(), start_ns=0)


def test_what_is_raised_in_a_task_that_nobody_awaits_ends_the_run() -> None:
    async def fail() -> None:
        raise KeyError("forgotten")

    async def main() -> None:
        asyncio.create_task(fail()).set_name("forgotten")
        await asyncio.sleep(3600)

    with pytest.raises(KeyError, match="forgotten"):
        run(main(), start_ns=0)


def test_a_future_that_fails_unheard_is_no_fault() -> None:
    async def main() -> str:
        asyncio.get_running_loop().create_future().set_exception(ConnectionError("gone"))
        await asyncio.sleep(1)
        return "done"

    assert run(main(), start_ns=0) == "done"


def test_what_is_left_running_is_cancelled_in_the_order_of_its_creation() -> None:
    ended: list[int] = []

    async def stay(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1)
            ended.append(number)

    async def main() -> None:
        for number in range(50):
            asyncio.create_task(stay(number)).set_name(f"left {number}")
        await asyncio.sleep(1)

    run(main(), start_ns=0)
    assert ended == list(range(50))


def test_no_collector_of_garbage_decides_when_a_forgotten_task_ends() -> None:
    async def stay() -> None:
        await asyncio.Event().wait()

    async def main() -> int:
        for _ in range(20):
            asyncio.create_task(stay()).set_name("left")
        await asyncio.sleep(1)
        gc.collect()
        return len(running().waiting)

    assert run(main(), start_ns=0) == 21


def test_a_task_that_has_ended_is_let_go() -> None:
    async def main() -> int:
        for _ in range(20):
            await asyncio.create_task(asyncio.sleep(1))
        await asyncio.sleep(1)
        return len(running().waiting)

    assert run(main(), start_ns=0) == 1


def test_what_a_cancelled_task_leaves_behind_is_cancelled_too() -> None:
    ended: list[str] = []

    async def last() -> None:
        ended.append("begun")
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("ended")

    async def stay() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            asyncio.create_task(last()).set_name("left by one that ends")

    async def main() -> None:
        asyncio.create_task(stay()).set_name("left")
        await asyncio.sleep(1)

    run(main(), start_ns=0)
    assert ended == ["begun", "ended"]


def test_generators_are_closed() -> None:
    closed: list[str] = []

    async def numbers(name: str) -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            await asyncio.sleep(1)
            closed.append(name)

    async def main() -> None:
        async for _ in numbers("dropped"):
            break
        await asyncio.sleep(2)
        assert closed == ["dropped"]
        kept = numbers("kept")
        await anext(kept)
        kept_by_main.append(kept)

    kept_by_main: list[AsyncIterator[int]] = []
    run(main(), start_ns=0)
    assert closed == ["dropped", "kept"]


def test_a_loop_that_is_closed_takes_no_timers() -> None:
    loop = VirtualLoop(start_ns=0)
    loop.close()
    with pytest.raises(RuntimeError, match="Event loop is closed"):
        loop.call_later(1, int)


def test_on_a_real_clock_there_is_no_virtual_loop() -> None:
    async def main() -> None:
        running()

    with pytest.raises(VirtualTimeError, match="start it with `run`"):
        asyncio.run(main())


def test_a_loop_that_stands_still_is_late_with_what_was_due() -> None:
    async def story() -> tuple[float, int]:
        loop = running()
        loop.call_later(1.0, loop.stand_still, 3600.0)
        await asyncio.sleep(2.0)
        return loop.time(), loop.now_ns

    seconds, now_ns = run(story(), start_ns=5)
    assert (seconds, now_ns) == (3601.0, 3_601_000_000_005)
