"""Workers as processes: who takes calls when, and what becomes of them when one dies or ends."""

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.workflow.v1 import PendingActivityInfo

from activities.calls import Door
from backstay.accounts.file import create
from backstay.domain.limits.claims import Claim
from backstay.domain.limits.kill import KillMode
from tests.broker.edge.stage import ACCOUNT
from tests.hanging import HANGS_AFTER_SECONDS
from tests.process.dock import BACKSTAY, FREE, HELD, OWN_ENVIRONMENT, Dock, play
from tests.process.relay import relay

pytestmark = pytest.mark.long


async def armed(dock: Dock) -> str:
    """A trade whose entry waits at the edge for its price."""
    workflow_id = await dock.submit()
    await dock.call(workflow_id, "arm", lambda pending: pending.state == HELD)
    return workflow_id


@pytest.mark.req("S1.14", "S2.8")
def test_an_entry_that_a_killed_worker_held_is_held_by_the_next_one_at_once_and_sent_once() -> None:
    async def story(dock: Dock) -> None:
        await dock.worker("trades")
        first = await dock.worker("broker")
        workflow_id = await armed(dock)
        await first.until(lambda report: report["edge"]["armed"] == 1)
        await first.ends(signal.SIGKILL)
        second = await dock.worker("broker")
        await second.takes_calls()
        loop = asyncio.get_running_loop()
        took_calls_at = loop.time()
        again = await dock.call(workflow_id, "arm", lambda pending: pending.attempt > 1)
        assert again.last_failure.application_failure_info.type == "WorkerLost"
        report = await second.until(lambda report: report["edge"]["armed"] == 1)
        # Its heartbeat would have been missed after half a minute.
        assert loop.time() - took_calls_at < 10
        assert report["boot"] in again.last_worker_identity or again.state == FREE
        await dock.listens(second)
        dock.trade("101.10")
        await dock.call(workflow_id, "guard", lambda pending: pending.state == HELD)

    dock = play(story)
    assert [ref.rpartition(":0:")[2] for ref in dock.sent()] == ["EN:1", "PR:1"]
    assert dock.position() == 100


def test_what_an_entry_has_filled_stands_in_the_book_while_its_trade_is_under_way() -> None:
    async def story(dock: Dock) -> None:
        await dock.worker("trades")
        broker = await dock.worker("broker")
        workflow_id = await armed(dock)
        assert [claim.filled for claim in await entries(dock)] == [0]
        await broker.until(lambda report: report["edge"]["armed"] == 1)
        await dock.listens(broker)
        dock.trade("101.10")
        await dock.call(workflow_id, "guard", lambda pending: pending.state == HELD)
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while any(claim.in_flight for claim in await entries(dock)):  # noqa: ASYNC110 - asked for
                await asyncio.sleep(0.02)
        assert [claim.filled for claim in await entries(dock)] == [100]
        assert (await dock.store.state()).book.margin_in_flight == 0

    assert play(story).position() == 100


async def entries(dock: Dock) -> list[Claim]:
    """What the entries of all trades lay claim to, as the book has it."""
    return [claim for claim in (await dock.store.state()).book.claims if claim.opens]


@pytest.mark.req("S1.13")
def test_a_worker_that_is_told_to_end_hands_its_calls_back_and_leaves_nothing() -> None:
    async def story(dock: Dock) -> None:
        trades = await dock.worker("trades")
        first = await dock.worker("broker")
        workflow_id = await armed(dock)
        await first.until(lambda report: report["edge"]["armed"] == 1)
        assert await first.ends(signal.SIGTERM) == 0
        free = await dock.call(workflow_id, "arm", lambda pending: pending.attempt > 1)
        assert free.state == FREE
        second = await dock.worker("broker")
        await second.until(lambda report: report["edge"] and report["edge"]["armed"] == 1)
        assert await second.ends(signal.SIGINT) == 0
        assert await trades.ends(signal.SIGTERM) == 0
        assert not [line for line in first.log + trades.log if "Traceback" in line]

    assert play(story).sent() == []


def test_who_stands_by_takes_no_calls_until_the_holder_of_the_client_id_has_died() -> None:
    async def story(dock: Dock) -> None:
        await dock.worker("trades")
        first = await dock.worker("broker")
        boot = (await first.takes_calls())["boot"]
        standby = await dock.worker("broker")
        report = await standby.until(
            lambda report: report["edge"] and report["edge"]["session"]["state"] == "standby"
        )
        assert (report["status"], report["takes_calls"], report["trouble"]) == (200, False, [])
        workflow_id = await armed(dock)
        for door in (Door.ARMS, Door.OPS):
            assert await dock.pollers(door) == {f"edge/DU1234567/1/{boot}.1"}
        await first.ends(signal.SIGKILL)
        boot = (await standby.takes_calls())["boot"]
        again = await dock.call(
            workflow_id, "arm", lambda pending: boot in pending.last_worker_identity
        )
        assert again.state == HELD

    play(story)


@pytest.mark.req("S2.8")
def test_a_holder_that_is_cut_off_alive_hands_over_stands_by_and_takes_over_again() -> None:
    async def story(dock: Dock) -> None:
        async with relay(dock.house.port) as network:
            await dock.worker("trades")
            first = await dock.worker("broker", BACKSTAY_BROKER__PORT=str(network.port))
            boot = (await first.takes_calls())["boot"]
            workflow_id = await armed(dock)
            second = await dock.worker("broker")
            await second.until(lambda report: report["edge"] and session(report) == "standby")
            network.cut()
            other = (await second.takes_calls())["boot"]
            # The one that is cut off still asks for calls, and does not keep what it is given.
            await dock.call(workflow_id, "arm", held_by(f"{other}.1"))
            assert (await first.health())["status"] == 503
            network.mend()
            report = await first.until(lambda report: session(report) == "standby")
            report = await first.until(lambda report: not report["takes_calls"])
            assert (report["status"], report["trouble"], report["edge"]["armed"]) == (200, [], 0)
            await second.until(lambda report: report["edge"]["armed"] == 1)
            await second.ends(signal.SIGKILL)
            await first.takes_calls()
            await dock.call(workflow_id, "arm", held_by(f"{boot}.2"))
            await first.until(lambda report: report["edge"]["armed"] == 1)
            await dock.listens(first)
            dock.trade("101.10")
            await dock.call(workflow_id, "guard", held_by(f"{boot}.2"))

    dock = play(story)
    assert [ref.rpartition(":0:")[2] for ref in dock.sent()] == ["EN:1", "PR:1"]
    assert dock.position() == 100


def session(report: dict[str, Any]) -> str:
    state: str = report["edge"]["session"]["state"]
    return state


def held_by(life: str) -> Callable[[PendingActivityInfo], bool]:
    """Whether a call is held in this life of a worker."""
    return lambda pending: pending.state == HELD and pending.last_worker_identity.endswith(life)


def test_no_call_is_taken_before_the_broker_has_told_everything() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def story(dock: Dock) -> None:
        listener = await asyncio.start_server(deaf, "127.0.0.1", 0)
        port = str(listener.sockets[0].getsockname()[1])
        worker = await dock.worker("broker", BACKSTAY_BROKER__PORT=port)
        report = await worker.until(
            lambda report: report["edge"] and report["edge"]["session"]["state"] == "connecting"
        )
        assert (report["status"], report["takes_calls"]) == (503, False)
        assert report["trouble"][0].startswith("session: connecting")
        assert await dock.pollers(Door.ARMS) == set()
        assert await worker.ends(signal.SIGTERM) == 0
        listener.close()

    play(story)


@pytest.mark.req("S1.10", "S2.7")
def test_one_page_has_what_the_engines_library_counts_and_what_the_edge_knows() -> None:
    async def story(dock: Dock) -> None:
        await dock.worker("trades")
        broker = await dock.worker("broker")
        await armed(dock)
        await broker.until(lambda report: report["edge"]["armed"] == 1)
        status, body = await broker.get("/metrics")
        lines = body.decode().splitlines()
        assert status == 200
        assert 'backstay_arms{account="DU1234567",client_id="1"} 1.0' in lines
        session = 'backstay_session{account="DU1234567",client_id="1",state="ready"} 1.0'
        assert session in lines
        assert [
            line
            for line in lines
            if line.startswith("temporal_activity_execution_latency_bucket")
            and 'activity_type="prospect"' in line
        ]
        reads = 'backstay_read_seconds_count{account="DU1234567",client_id="1"} '
        (counted,) = [line for line in lines if line.startswith(reads)]
        assert float(counted.removeprefix(reads)) > 0
        assert (await broker.get("/nothing"))[0] == 404

    play(story)


@pytest.mark.req("S3.2")
def test_a_kill_that_stands_in_the_book_is_known_to_the_edge_without_any_call() -> None:
    async def story(dock: Dock) -> None:
        await dock.worker("trades")
        broker = await dock.worker("broker")
        await armed(dock)
        await broker.until(lambda report: report["edge"]["armed"] == 1)
        await dock.store.kill(KillMode.FREEZE, "a test", "the operator", dock.now)
        await broker.until(lambda report: report["edge"]["armed"] == 0)

    assert play(story).sent() == []


def refused(folder: Path, **environment: str) -> tuple[int, str]:
    """What it says instead of beginning, and its exit code."""
    ended = subprocess.run(
        [BACKSTAY, "worker", "--role", "broker"],
        cwd=folder,
        env={**OWN_ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS_AFTER_SECONDS,
    )
    assert ended.stdout == ""
    return ended.returncode, ended.stderr.rstrip("\n")


def test_what_keeps_a_worker_from_beginning_is_one_line_and_an_exit_code(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
    asked = {"BACKSTAY_ACCOUNT": ACCOUNT, "BACKSTAY_TEMPORAL__ADDRESS": nobody}
    assert refused(tmp_path, **asked, BACKSTAY_BROKER__PORT="x") == (
        2,
        'BACKSTAY_BROKER__PORT: broker.port: "x"; expected a port from 1 to 65535',
    )
    book = tmp_path / "data" / "accounts.sqlite"
    missing = f"{book} does not exist; a book is made on purpose, or brought back"
    assert refused(tmp_path, **asked) == (
        3,
        f"{missing}; to make it: backstay account create",
    )
    book.parent.mkdir()
    create(book, ACCOUNT)
    assert refused(tmp_path, **asked) == (
        3,
        f"{nobody}: no engine answers here: Connection refused",
    )


def test_an_engine_that_is_gone_keeps_no_worker_from_its_end() -> None:
    async def story(dock: Dock) -> None:
        await dock.worker("trades")
        broker = await dock.worker("broker")
        await armed(dock)
        os.kill(dock.engine_process.pid, signal.SIGKILL)
        report = await broker.until(lambda report: report["engine"])
        assert report["status"] == 503
        assert await broker.ends(signal.SIGTERM) == 0

    play(story)
