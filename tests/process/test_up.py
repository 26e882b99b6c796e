"""`backstay up` among processes that die, itself included."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.books import AccountBooks
from activities.converting import VALUES
from activities.engine import TemporalEngine
from activities.ports import Started
from backstay.accounts.store import AccountStore
from backstay.domain.edge.session import SessionState
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.order import TradeOrder
from tests.hanging import HANGS_AFTER_SECONDS
from tests.process.dock import PLAN
from tests.process.up_process import Up, all_gone, furnished, kill, listens, up
from workers import clock
from workers.supervising import asking
from workers.supervising.identity import began
from workers.supervising.roster import Part, Process, Roster, Running, write_roster

pytestmark = pytest.mark.long

START = ("--start", "2026-11-23T10:00:00-05:00")
Story = Callable[[Path], Awaitable[None]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With settings, and nothing else."""
    return furnished(tmp_path)


async def broker_is_ready(run: Up) -> None:
    """Wait until the broker worker holds its session and takes calls."""

    async def takes_calls() -> bool:
        running = run.running(Part.BROKER)
        report = await asking.health(running.address) if running else None
        return (
            report is not None
            and report.takes_calls
            and report.edge is not None
            and report.edge.session.state is SessionState.READY
        )

    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        while not await takes_calls():  # noqa: ASYNC110 - of a process that is asked
            await asyncio.sleep(0.05)


@pytest.mark.req("S1.13")
def test_it_begins_in_a_fresh_folder_and_leaves_no_process_and_no_port(folder: Path) -> None:
    async def story() -> None:
        async with up(folder) as run:
            roster = await run.is_ready()
            assert [each.part for each in roster.running] == list(Part)
            assert roster.keeper.pid == run.process.pid
            assert all(listens(each.address) for each in roster.running)
            assert listens(roster.ui.removeprefix("http://"))
            await broker_is_ready(run)
            assert await run.ends(signal.SIGINT) == 0
            await all_gone(roster)
            assert not any(listens(each.address) for each in roster.running)
            assert not listens(roster.ui.removeprefix("http://"))
            assert not run.data.roster.exists()
            assert run.lines[-1] == "ended; nothing is left running"
            assert not [line for line in run.lines if "Traceback" in line]

    asyncio.run(story())


@pytest.mark.req("S2.8")
def test_whatever_is_killed_comes_back_where_it_was_and_the_roster_says_so(folder: Path) -> None:
    async def story() -> None:
        async with up(folder) as run:
            first = await run.is_ready()
            for each in first.running:
                kill(each)
                await run.says(f"{each.part} has died (killed by SIGKILL); begins again in 0.2 s")
                await run.says(f"{each.part} serves again")
                now = run.running(each.part)
                assert now is not None
                assert (now.address, now.restarts) == (each.address, 1)
                assert now.process != each.process
            for part in (Part.ENGINE, Part.GATEWAY):
                kept = run.running(part)
                assert kept is not None
                assert kept.restarts == 1
            await broker_is_ready(run)
            assert await run.ends(signal.SIGTERM) == 0
        store = AccountStore(run.data.book, "DU1234567")
        noted = [each.note for each in await store.notes(100)]
        await store.close()
        ended = [note.subject for note in noted if note.kind is IncidentKind.PROCESS_ENDED]
        assert ended == list(Part)

    asyncio.run(story())


def test_workers_live_through_an_engine_and_a_gateway_that_die(folder: Path) -> None:
    async def story() -> None:
        async with up(folder) as run:
            roster = await run.is_ready()
            for each in roster.running[:2]:
                kill(each)
                await run.says(f"{each.part} serves again")
            await broker_is_ready(run)
            for each in roster.running[2:]:
                assert run.running(each.part) == each
            assert await run.ends(signal.SIGINT) == 0

    asyncio.run(story())


@pytest.mark.req("S1.14")
def test_when_it_is_killed_its_children_die_and_the_next_one_goes_on_with_the_same_trade(
    folder: Path,
) -> None:
    async def story() -> None:
        async with up(folder, *START) as run:
            roster = await run.is_ready()
            workflow_id = await submitted(run)
            await broker_arms(run)
            assert await run.ends(signal.SIGKILL) == -signal.SIGKILL
            await all_gone(roster)
        async with up(folder, *START) as run:
            await run.is_ready()
            client = await Client.connect(address(run, Part.ENGINE), data_converter=VALUES)
            described = await client.get_workflow_handle(workflow_id).describe()
            assert described.status is not None
            assert described.status.name == "RUNNING"
            await broker_arms(run)
            assert await run.ends(signal.SIGINT) == 0

    asyncio.run(story())


def address(run: Up, part: Part) -> str:
    running = run.running(part)
    assert running is not None
    return running.address


async def submitted(run: Up) -> str:
    """Hand a plan in whose trigger is far away; the id of its workflow."""
    store = AccountStore(run.data.book, "DU1234567")
    client = await Client.connect(address(run, Part.ENGINE), data_converter=VALUES)
    engine = TemporalEngine(client, AccountBooks([store], {}), clock.now)
    text = PLAN.format(id="kept").replace("= 101.00", "= 400.00").replace("= 98.00", "= 390.00")
    plan = read_toml(text.replace("= 100\n", "= 1\n"))
    assert isinstance(plan, TradePlan)
    answer = await engine.start(TradeOrder(plan, "DU1234567"))
    await store.close()
    assert isinstance(answer, Started), answer
    return answer.workflow_id


async def broker_arms(run: Up) -> None:
    """Wait until the broker worker watches one trigger."""
    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        while True:
            report = await asking.health(address(run, Part.BROKER))
            if report and report.edge and report.edge.armed == 1:
                return
            await asyncio.sleep(0.05)


def test_a_second_one_says_who_is_there_and_touches_nothing(folder: Path) -> None:
    async def story() -> None:
        async with up(folder) as run:
            roster = await run.is_ready()
            async with up(folder) as second:
                assert await second.over() == 3
                (line,) = second.lines
                assert line.startswith(
                    f"{run.data.path}: kept already, by process {run.process.pid} since 20"
                )
                assert line.endswith(" UTC; one is enough")
            assert run.roster() == roster
            assert await run.ends(signal.SIGINT) == 0

    asyncio.run(story())


def test_leftovers_are_ended_if_they_are_ours_and_strangers_are_not(folder: Path) -> None:
    async def story(ours: int, stranger: int) -> None:
        since = datetime(2026, 11, 21, 16, tzinfo=UTC)
        running = (
            Running(Part.ENGINE, Process(ours, began(ours) or ""), "127.0.0.1:1", since),
            Running(Part.BROKER, Process(stranger, "another time"), "127.0.0.1:2", since),
        )
        (folder / "data").mkdir()
        file = folder / "data" / "processes.json"
        write_roster(file, Roster(Process(1, "long ago"), "", running))
        async with up(folder) as run:
            await run.is_ready()
            text = f"engine: ended process {ours}, which an earlier run had left"
            assert run.lines[0] == text
            assert began(ours) is None
            assert began(stranger) is not None
            assert await run.ends(signal.SIGINT) == 0

    program = "import time; time.sleep(600)"
    children = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(2)]
    try:
        asyncio.run(story(*(child.pid for child in children)))
    finally:
        for child in children:
            child.kill()
            child.wait()


def test_told_twice_it_kills_what_is_left_at_once(folder: Path) -> None:
    async def story() -> None:
        async with up(folder) as run:
            roster = await run.is_ready()
            broker = run.running(Part.BROKER)
            assert broker is not None
            os.kill(broker.process.pid, signal.SIGSTOP)
            run.process.send_signal(signal.SIGINT)
            await run.says("ending")
            assert await run.ends(signal.SIGINT) == 0
            await all_gone(roster)

    asyncio.run(story())


def test_told_to_end_while_it_begins_it_leaves_nothing(folder: Path) -> None:
    async def story() -> None:
        async with up(folder) as run:
            await run.says("gateway serves")
            roster = run.roster()
            assert roster is not None
            assert await run.ends(signal.SIGTERM) == 0
            await all_gone(roster)
            assert not run.data.roster.exists()
            assert run.lines[-1] == "told to end before everything had begun"

    asyncio.run(story())


def test_a_gateway_that_cant_begin_is_one_line_and_nothing_is_left(folder: Path) -> None:
    async def story() -> None:
        bad = folder / "bad.tape"
        bad.write_text("nonsense\n")
        async with up(folder, "--tape", str(bad)) as run:
            assert await run.over() == 3
            assert run.lines[-1].startswith(
                f"gateway: it has ended while it started: exit code 2: {bad}: line 1"
            )
            assert not run.data.roster.exists()

    asyncio.run(story())


def test_a_roster_that_cant_be_written_or_removed_hides_nothing_else(folder: Path) -> None:
    async def story() -> None:
        (folder / "data" / "processes.json").mkdir(parents=True)
        async with up(folder) as run:
            await run.says("gateway serves")
            assert await run.ends(signal.SIGTERM) == 0
            assert run.lines[-1] == "told to end before everything had begun"
            assert "this is no roster of processes" in run.lines[0]
            assert not [line for line in run.lines if "Traceback" in line]

    asyncio.run(story())


def test_a_real_gateway_that_is_away_is_shown_and_keeps_nobody_from_beginning(
    folder: Path,
) -> None:
    async def story() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            nobody = f"127.0.0.1:{taken.getsockname()[1]}"
        async with up(folder, "--ib", nobody) as run:
            roster = await run.is_ready()
            assert [each.part for each in roster.running] == [
                Part.ENGINE,
                Part.TRADES,
                Part.BROKER,
            ]
            assert any(f"broker at {nobody}" in line for line in run.lines)
            assert await run.ends(signal.SIGINT) == 0

    asyncio.run(story())
