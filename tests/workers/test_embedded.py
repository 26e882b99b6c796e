"""The engine that comes along: reachable, durable, and gone when nobody needs it any more."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from activities.attributes import ACCOUNT, OPEN_QUANTITY, STATE
from tests.workers.unlucky import PANIC, WORDLESS, lives, unlucky_engine
from workers import embedded
from workers.embedded import RETENTION, EngineStartError, tuned_engine

SECONDS_MAX = 60


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until_gone(pid: int) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        while is_there(pid):  # noqa: ASYNC110 - of a process that is not ours nothing is heard
            await asyncio.sleep(0.01)


def test_it_is_reachable_keeps_what_is_over_and_is_gone_afterwards() -> None:
    async def story() -> int:
        async with tuned_engine(namespace="paper") as engine:
            client = await Client.connect(engine.address, namespace=engine.namespace)
            described = await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace="paper")
            )
            kept = described.config.workflow_execution_retention_ttl
            assert kept.ToTimedelta() == RETENTION
            return engine.pid

    assert not is_there(asyncio.run(story()))


def test_it_knows_the_attributes_by_which_trades_are_found() -> None:
    async def story() -> None:
        async with tuned_engine() as engine:
            client = await Client.connect(engine.address)
            listed = await client.operator_service.list_search_attributes(
                ListSearchAttributesRequest(namespace="default")
            )
            assert {ACCOUNT.name, STATE.name, OPEN_QUANTITY.name} <= set(listed.custom_attributes)

    asyncio.run(story())


@pytest.mark.req("S1.14")
def test_what_it_has_in_a_file_is_there_again_when_it_is_started_again(tmp_path: Path) -> None:
    async def story() -> None:
        file = tmp_path / "engine.db"
        async with tuned_engine(file) as engine:
            client = await Client.connect(engine.address)
            await client.start_workflow("Unheard", id="one", task_queue="nobody")
        async with tuned_engine(file) as engine:
            client = await Client.connect(engine.address)
            assert (await client.get_workflow_handle("one").describe()).id == "one"

    asyncio.run(story())


def test_it_dies_with_whoever_started_it() -> None:
    program = """
import asyncio
from workers.embedded import tuned_engine
async def main():
    async with tuned_engine() as engine:
        print(engine.pid, flush=True)
        await asyncio.sleep(3600)
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_there(pid)
        parent.send_signal(signal.SIGKILL)
        asyncio.run(until_gone(pid))


def test_a_place_that_is_taken_and_a_folder_that_is_not_there_are_one_line_each(
    tmp_path: Path,
) -> None:
    async def complaint(file: Path | None, port: int) -> str:
        with pytest.raises(EngineStartError) as raised:
            async with tuned_engine(file, port=port):
                pass
        return str(raised.value)

    missing = asyncio.run(complaint(tmp_path / "none" / "engine.db", 0))
    assert missing.startswith("the engine has ended while it started: ")
    assert missing.endswith("no such file or directory")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = asyncio.run(complaint(None, port))
    assert said == f"127.0.0.1:{port}: Address already in use"


def test_one_that_ends_after_its_first_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def killed_first(
        process: asyncio.subprocess.Process, address: str, namespace: str
    ) -> None:
        process.kill()
        await process.wait()
        await furnish(process, address, namespace)

    furnish = embedded._furnish
    monkeypatch.setattr(embedded, "_furnish", killed_first)

    async def story() -> None:
        async with tuned_engine():
            raise AssertionError("it has not started")

    with pytest.raises(EngineStartError, match="the engine has ended while it started"):
        asyncio.run(story())


@pytest.mark.parametrize("last_act", [PANIC, WORDLESS])
@pytest.mark.parametrize("asked", [False, True])
def test_an_engine_that_panics_or_dies_without_a_word_while_it_starts_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last_act: str, *, asked: bool
) -> None:
    port = embedded.free_port() if asked else 0
    monkeypatch.setattr(embedded, "BINARY", unlucky_engine(tmp_path, 2, last_act))

    async def story() -> None:
        async with tuned_engine(port=port) as engine:
            client = await Client.connect(engine.address)
            assert await client.service_client.check_health()
            assert not port or engine.address == f"127.0.0.1:{port}"

    asyncio.run(story())
    assert len(lives(tmp_path)) == 3


@pytest.mark.parametrize(
    ("last_act", "begun", "told"),
    [
        (
            PANIC,
            3,
            "exit code 2: panic: nil pointer; just before: bind: address already in use",
        ),
        (
            "echo 'Error: file is not a database (26)' >&2; exit 1",
            1,
            "exit code 1: Error: file is not a database (26)",
        ),
    ],
)
def test_one_that_goes_on_dying_and_one_that_finds_something_wrong_are_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last_act: str, begun: int, told: str
) -> None:
    monkeypatch.setattr(embedded, "BINARY", unlucky_engine(tmp_path, 9, last_act))

    async def story() -> None:
        async with tuned_engine():
            raise AssertionError("it has not started")

    with pytest.raises(EngineStartError) as raised:
        asyncio.run(story())
    assert str(raised.value) == f"the engine has ended while it started: {told}"
    assert len(lives(tmp_path)) == begun


def test_where_somebody_else_answers_an_engine_that_has_ended_does_not_serve(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def furnished_elsewhere(
        process: asyncio.subprocess.Process, address: str, namespace: str
    ) -> None:
        del address, namespace
        process.kill()
        await process.wait()

    monkeypatch.setattr(embedded, "_furnish", furnished_elsewhere)

    async def story() -> None:
        async with tuned_engine():
            raise AssertionError("it has not started")

    with pytest.raises(EngineStartError, match="ended while it started: killed by SIGKILL"):
        asyncio.run(story())
