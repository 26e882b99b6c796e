"""`backstay up` as a process, in a folder of its own and on ports that nobody has."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path

from tests.hanging import HANGS_AFTER_SECONDS
from tests.process.dock import BACKSTAY, OWN_ENVIRONMENT
from workers.supervising.folder import DataFolder
from workers.supervising.identity import lives
from workers.supervising.roster import Part, Roster, Running, read_roster

LOOK_SECONDS = 0.05
PORTS = range(20_000, 32_000, 2)
SETTINGS = """\
account = "DU1234567"
[temporal]
address = "127.0.0.1:{}"
[broker]
port = {}
[limits]
base_currency = "USD"
exposure_max = 1000000
share_position_max = 10000
trading = "paper"
[metrics]
port = {}
"""


class Up:
    """One run of it, and what it says."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process = process
        self.data = DataFolder(folder / "data")
        self.lines: list[str] = []
        self._reader = asyncio.create_task(self._read())

    async def says(self, text: str) -> None:
        """Wait until it has said so."""
        await self.until(lambda: any(text in line for line in self.lines))

    async def is_ready(self) -> Roster:
        """Wait until it shows its page; who runs then."""
        await self.says("Ctrl-C")
        found = self.roster()
        assert found is not None
        return found

    def roster(self) -> Roster | None:
        """Who runs, as it says."""
        return read_roster(self.data.roster)

    def running(self, part: Part) -> Running | None:
        """One of them."""
        found = self.roster()
        return next((each for each in found.running if each.part is part), None) if found else None

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until it is so."""
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while not condition():
                assert self.process.returncode is None, self.lines
                await asyncio.sleep(LOOK_SECONDS)

    async def ends(self, number: signal.Signals) -> int:
        """Its exit code, once it was sent this."""
        self.process.send_signal(number)
        return await self.over()

    async def over(self) -> int:
        """Its exit code, once it has ended."""
        code = await asyncio.wait_for(self.process.wait(), HANGS_AFTER_SECONDS)
        await self._reader
        return code

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            self.lines.append(line.decode().rstrip("\n"))


def _offered() -> Iterator[int]:
    """Every second port of a range from which the system gives none to whoever asks for any: such a
    one can be gone again before it is used. Each process begins somewhere else.
    """
    begins = os.getpid() * 97 % len(PORTS)
    return cycle((*PORTS[begins:], *PORTS[:begins]))


_OFFERED = _offered()


def free_ports(count: int) -> Iterator[int]:
    """Ports that nobody has, each with a free one behind it."""
    for _ in range(count):
        yield next(port for port in _OFFERED if _is_free(port) and _is_free(port + 1))


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def furnished(folder: Path) -> Path:
    """A folder with settings in it."""
    (folder / "backstay.toml").write_text(SETTINGS.format(*list(free_ports(3))))
    return folder


@asynccontextmanager
async def up(folder: Path, *words: str) -> AsyncIterator[Up]:
    """Start it; nothing of it outlives the block."""
    process = await asyncio.create_subprocess_exec(
        BACKSTAY,
        *("up", "--ui-port", "0", *words),
        cwd=folder,
        env=OWN_ENVIRONMENT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    run = Up(process, folder)
    try:
        yield run
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def all_gone(roster: Roster) -> None:
    """Wait until none of them lives."""
    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        while any(lives(each.process) for each in roster.running):  # noqa: ASYNC110 - not ours
            await asyncio.sleep(LOOK_SECONDS)


def listens(address: str) -> bool:
    """Whether anybody answers there."""
    host, _, port = address.rpartition(":")
    with socket.socket() as asked:
        return asked.connect_ex((host, int(port))) == 0


def kill(running: Running) -> None:
    """End a part where it stands."""
    assert lives(running.process)
    os.kill(running.process.pid, signal.SIGKILL)
