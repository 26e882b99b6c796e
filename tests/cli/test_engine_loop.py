"""The loop of a command that asks the engine."""

import asyncio

import pytest

from backstay.cli.engine_loop import PatientLoop, run


def test_what_a_thread_tells_after_the_end_is_told_to_nobody() -> None:
    async def told() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    told_to: list[str] = []
    loop = run(told())
    assert loop.is_closed()
    loop.call_soon_threadsafe(told_to.append, "late")
    assert told_to == []


def test_what_a_thread_tells_in_time_is_heard() -> None:
    async def told() -> str:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = loop.create_future()
        await asyncio.to_thread(loop.call_soon_threadsafe, answer.set_result, "in time")
        return await answer

    assert run(told()) == "in time"


def test_a_loop_that_is_not_closed_tells_of_its_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr(asyncio.SelectorEventLoop, "call_soon_threadsafe", fails)
    loop = PatientLoop()
    with pytest.raises(RuntimeError, match="no room"):
        loop.call_soon_threadsafe(print)
    loop.close()
