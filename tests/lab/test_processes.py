"""Processes inside one loop: what dies stops there, and the rest of the loop goes on."""

import asyncio
import inspect
from collections.abc import Coroutine
from typing import Any

import pytest

from backstay.gateway.times import SECOND_NS
from backstay.lab.memory_net import MemoryNet
from backstay.lab.processes import Process, ProcessGoneError, process_of
from backstay.lab.virtual_time import run, running

START_NS = 1_795_446_000 * SECOND_NS


def play(story: Coroutine[Any, Any, None], net: MemoryNet | None = None) -> None:
    run(story, start_ns=START_NS, net=net)


async def count(ticks: list[float]) -> None:
    """One tick a second, for ever."""
    while True:
        ticks.append(asyncio.get_running_loop().time())
        await asyncio.sleep(1)


def test_what_a_process_does_is_its_own_and_so_is_all_that_it_begins() -> None:
    async def story() -> None:
        process, seen = Process("one"), []

        async def child() -> None:
            seen.append(process_of())

        async def work() -> int:
            seen.append(process_of())
            await asyncio.create_task(child())
            asyncio.get_running_loop().call_later(1, lambda: seen.append(process_of()))
            await asyncio.sleep(2)
            return 7

        assert await process.call(work()) == 7
        assert seen == [process] * 3
        assert process_of() is None
        assert process.steps > 0

    play(story())


def test_a_process_dies_before_its_step_and_nothing_of_it_runs_any_more() -> None:
    async def story() -> None:
        process, others = Process("one"), list[float]()
        beside = asyncio.create_task(count(others))
        ticks: list[float] = []
        task = process.run(asyncio.get_running_loop().create_task, count(ticks))

        def die(step: int) -> None:
            if step == 4:
                process.kill()

        process.watch = die
        await asyncio.sleep(10)
        assert process.is_dead
        assert not task.done()
        # Each tick takes two steps: the timer's, and the task's own.
        assert ticks == [0, 1]
        assert len(others) == 10
        beside.cancel()

    play(story())


def test_who_waits_for_a_process_learns_that_it_died() -> None:
    async def story() -> None:
        process = Process("one")
        waiting = asyncio.ensure_future(process.call(asyncio.sleep(10)))
        await asyncio.sleep(1)
        process.kill()
        process.kill()
        with pytest.raises(ProcessGoneError):
            await waiting
        with pytest.raises(ProcessGoneError):
            await process.call(asyncio.sleep(0))
        with pytest.raises(ProcessGoneError):
            process.run(list)

    play(story())


def test_what_is_torn_down_at_its_death_reaches_nobody() -> None:
    async def story() -> None:
        process, heard = Process("one"), list[str]()

        async def work() -> None:
            try:
                await asyncio.sleep(10)
            finally:
                asyncio.get_running_loop().call_soon(heard.append, "a last word")
                await asyncio.sleep(1)
                heard.append("another one")

        waiting = asyncio.ensure_future(process.call(work()))
        await asyncio.sleep(1)
        process.kill()
        with pytest.raises(ProcessGoneError):
            await waiting
        await asyncio.sleep(5)
        assert heard == []

    play(story())


def test_a_frozen_process_goes_on_where_it_was_and_skips_what_was_called_off() -> None:
    async def story() -> None:
        process, heard = Process("one"), list[str]()
        loop = asyncio.get_running_loop()

        def begin() -> None:
            second = loop.call_later(2, heard.append, "second")

            def first() -> None:
                heard.append("first")
                second.cancel()

            loop.call_later(1, first)

        process.run(begin)
        waiting = asyncio.ensure_future(process.call(asyncio.sleep(10)))
        await asyncio.sleep(0.5)
        process.freeze()
        with pytest.raises(ProcessGoneError):
            await waiting
        await asyncio.sleep(5)
        assert heard == []
        process.thaw()
        await asyncio.sleep(1)
        assert heard == ["first"]
        assert await process.call(asyncio.sleep(1, 7)) == 7

    play(story())


def test_what_fails_when_nobody_waits_for_it_any_more_is_no_fault_of_the_run() -> None:
    async def story() -> None:
        process = Process("one")

        async def work() -> None:
            await asyncio.sleep(1)
            raise ValueError("too late")

        waiting = asyncio.ensure_future(process.call(work()))
        await asyncio.sleep(0.5)
        process.freeze()
        with pytest.raises(ProcessGoneError):
            await waiting
        process.thaw()
        await asyncio.sleep(5)

    play(story())


class Peer(asyncio.Protocol):
    """An end of a line that notes what it hears, and in which process."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.heard.append(process_of())

    def data_received(self, data: bytes) -> None:
        self.heard += [data, process_of()]

    def connection_lost(self, exc: Exception | None) -> None:
        self.heard += [type(exc), process_of()]


def test_a_line_breaks_with_its_process_and_neither_end_runs_in_that_of_the_other() -> None:
    net = MemoryNet()

    async def story() -> None:
        server, process = Peer(), Process("one")
        net.listen("host", 1, lambda: server)

        async def talk() -> Peer:
            _, client = await asyncio.get_running_loop().create_connection(Peer, "host", 1)
            client.transport.write(b"hello")
            return client

        client = await process.call(talk())
        await asyncio.sleep(1)
        server.transport.write(b"welcome")
        await asyncio.sleep(1)
        process.run(client.transport.write, b"the last")
        process.kill()
        await asyncio.sleep(1)
        assert client.heard == [process, b"welcome", process]
        assert server.heard == [
            None,
            b"hello",
            None,
            b"the last",
            None,
            ConnectionResetError,
            None,
        ]

    play(story(), net)


def test_what_waits_on_its_way_out_is_torn_down_all_the_same() -> None:
    async def clings() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.gather(asyncio.sleep(1), asyncio.sleep(2))

    async def story() -> bool:
        process, life = Process("clinging"), clings()
        living = process.run(running().create_task, life)
        await asyncio.sleep(1)
        process.kill()
        assert not living.done()
        return inspect.getcoroutinestate(life) == inspect.CORO_CLOSED

    assert run(story(), start_ns=0)
