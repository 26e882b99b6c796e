"""What no virtual clock can serve is refused, and by name."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from backstay.lab.virtual_time import REFUSED, VirtualTimeError, run, running


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_reach_beyond_the_loop_is_refused_by_name(name: str) -> None:
    async def main() -> None:
        with pytest.raises(VirtualTimeError, match=f"^{name} has no place under a virtual clock: "):
            await getattr(running(), name)(lambda: None, "anything")

    run(main(), start_ns=0)


async def look_up() -> object:
    return await asyncio.get_running_loop().getaddrinfo("localhost", 4002)


async def go_to_a_thread() -> object:
    return await asyncio.to_thread(int)


async def open_a_socket() -> object:
    return await asyncio.open_connection("127.0.0.1", 4002)


async def start_a_process() -> object:
    return await asyncio.create_subprocess_exec("true")


@pytest.mark.parametrize("reach", [look_up, go_to_a_thread, open_a_socket, start_a_process])
def test_asyncios_own_ways_out_are_refused(reach: Callable[[], Any]) -> None:
    with pytest.raises(VirtualTimeError):
        run(reach(), start_ns=0)


def test_another_thread_is_refused() -> None:
    refused: list[str] = []

    def call(loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.call_soon_threadsafe(int)
        except VirtualTimeError as error:
            refused.append(str(error))

    async def main() -> None:
        thread = threading.Thread(target=call, args=(asyncio.get_running_loop(),))
        thread.start()
        thread.join()

    run(main(), start_ns=0)
    assert refused == [
        "call_soon_threadsafe has no place under a virtual clock: there is one thread"
    ]
