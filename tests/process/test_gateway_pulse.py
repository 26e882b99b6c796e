"""A gateway that says every second that it lives, and one that goes on from what it said."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from backstay.gateway.server.clock import Reading, read_reading
from tests.hanging import HANGS_AFTER_SECONDS
from tests.process.dock import BACKSTAY, OWN_ENVIRONMENT

pytestmark = pytest.mark.long


@asynccontextmanager
async def pulses(folder: Path, *words: str) -> AsyncIterator[AsyncIterator[Reading]]:
    """What it says of its time, one after the other; it is killed at the end."""
    process = await asyncio.create_subprocess_exec(
        BACKSTAY,
        *("gateway", "--port", "0", "--pulse", "--state", str(folder / "gateway.sqlite")),
        *("--start", "2026-11-23T10:00:00-05:00", *words),
        env=OWN_ENVIRONMENT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out = process.stdout
    assert out is not None

    async def readings() -> AsyncIterator[Reading]:
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            assert (await out.readline()).startswith(b"127.0.0.1:")
            while line := await out.readline():
                yield read_reading(line.decode())

    try:
        yield readings()
    finally:
        process.kill()
        await process.wait()


def test_its_time_goes_on_while_it_is_away_whatever_its_next_beginning_takes(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with pulses(tmp_path) as first:
            said = [await anext(first), await anext(first), await anext(first)]
        async with pulses(tmp_path, "--clock", str(said[-1])) as again:
            said += [await anext(again), await anext(again)]
        for before, after in pairwise(said):
            passed_ns = after.machine_ns - before.machine_ns
            assert passed_ns > 0
            assert after.broker_ns - before.broker_ns == passed_ns

    asyncio.run(story())


def test_one_whose_words_nobody_reads_goes_on_and_ends_when_it_is_told(tmp_path: Path) -> None:
    async def story() -> None:
        process = await asyncio.create_subprocess_exec(
            BACKSTAY,
            *("gateway", "--port", "0", "--pulse", "--state", str(tmp_path / "gateway.sqlite")),
            env=OWN_ENVIRONMENT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        assert await process.stdout.readline()
        # asyncio has no other way to hang up at this end of a pipe.
        transport = process._transport.get_pipe_transport(1)  # type: ignore[attr-defined]
        transport.close()
        await asyncio.sleep(2.5)
        assert process.returncode is None
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), HANGS_AFTER_SECONDS) == 0

    asyncio.run(story())
