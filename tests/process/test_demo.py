"""`backstay demo`: it passes, twice in a row and after any of its processes was killed."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.hanging import HANGS_AFTER_SECONDS
from workers.supervising.folder import DataFolder
from workers.supervising.identity import lives
from workers.supervising.roster import Part, Process, Roster, read_roster

pytestmark = pytest.mark.long

BACKSTAY = Path(sys.executable).with_name("backstay")
MIDST = "ask 190.03"
"""Where the first story has half of its entry."""


@dataclass
class Run:
    """A demo that runs, in a folder for temporary files of its own."""

    process: asyncio.subprocess.Process
    folder: Path

    async def until(self, said: str) -> None:
        """Wait until it says so."""
        assert self.process.stderr is not None
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while said not in (line := (await self.process.stderr.readline()).decode()):
                assert line, f"it has ended and never said {said!r}"

    async def document(self) -> dict[str, Any]:
        """What it comes to, and that it holds."""
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            out, err = await self.process.communicate()
        assert self.process.returncode == 0, err.decode()
        found: dict[str, Any] = json.loads(out)
        return found

    def roster(self) -> Roster:
        """Who runs in it."""
        (data,) = self.folder.glob("backstay-demo-*/data")
        found = read_roster(DataFolder(data).roster)
        assert found is not None
        return found


@asynccontextmanager
async def demo(folder: Path) -> AsyncIterator[Run]:
    process = await asyncio.create_subprocess_exec(
        *(BACKSTAY, "demo", "--once", "--json"),
        env={name: value for name, value in os.environ.items() if not name.startswith("BACKSTAY_")}
        | {"TMPDIR": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**22,
    )
    try:
        yield Run(process, folder)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def everybody(roster: Roster) -> list[Process]:
    return [roster.keeper, *(each.process for each in roster.running)]


def left(folder: Path) -> list[Path]:
    """What lies there still."""
    return list(folder.iterdir())


async def gone(processes: list[Process]) -> None:
    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        while any(lives(each) for each in processes):  # noqa: ASYNC110 - of other processes
            await asyncio.sleep(0.05)


@pytest.fixture
def folder() -> Iterator[Path]:
    """For temporary files; the paths of sockets in it are short."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.req("S1.14")
def test_it_tells_four_stories_and_leaves_nothing(folder: Path) -> None:
    async def story() -> None:
        async with demo(folder) as run:
            await run.until(MIDST)
            processes = everybody(run.roster())
            document = await run.document()
        assert [chapter["plan_id"] for chapter in document["chapters"]] == [
            "aapl-breakout",
            "msft-overrun",
            "nvda-killed",
            "tsla-target",
        ]
        assert all(chapter["figures"] for chapter in document["chapters"])
        summary = document["summary"]
        assert (summary["holds"], summary["checks"]) == (True, summary["checks_held"])
        assert summary["restarts"] == 1, "of the worker that a story kills"
        await gone(processes)
        assert left(folder) == []

    asyncio.run(story())


@pytest.mark.req("S1.14")
@pytest.mark.parametrize("part", [Part.ENGINE, Part.GATEWAY])
def test_it_passes_though_a_part_is_killed_in_its_midst(part: Part, folder: Path) -> None:
    async def story() -> None:
        async with demo(folder) as run:
            await run.until(MIDST)
            victim = next(each for each in run.roster().running if each.part is part)
            os.kill(victim.process.pid, signal.SIGKILL)
            document = await run.document()
        assert document["summary"]["restarts"] == 2

    asyncio.run(story())


def test_it_passes_after_one_that_was_killed_and_removes_what_that_left(folder: Path) -> None:
    async def story() -> None:
        async with demo(folder) as run:
            await run.until(MIDST)
            processes = everybody(run.roster())
            run.process.kill()
            await gone(processes)
        assert len(left(folder)) == 1
        async with demo(folder) as run:
            await run.document()
        assert left(folder) == []

    asyncio.run(story())


@pytest.mark.req("S1.13")
def test_ctrl_c_in_its_midst_ends_everything_at_once(folder: Path) -> None:
    async def story() -> None:
        async with demo(folder) as run:
            await run.until(MIDST)
            processes = everybody(run.roster())
            run.process.send_signal(signal.SIGINT)
            async with asyncio.timeout(HANGS_AFTER_SECONDS):
                out, err = await run.process.communicate()
            assert (out, run.process.returncode) == (b"", 1)
            assert err.decode().endswith("told to end before the stories were over\n")
            await gone(processes)
        assert left(folder) == []

    asyncio.run(story())
