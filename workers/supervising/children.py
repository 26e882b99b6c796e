"""A child process: begun in one way, listened to, and ended by its id.

What it says on standard error goes to a file of its own. What it says first on standard output is
where it answers, if it says so; nobody waits for the rest.
"""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from workers.supervising.ends import End, last_words
from workers.supervising.identity import began
from workers.supervising.mortal import start_mortal
from workers.supervising.roster import Process

LOG_BYTES_MAX = 10_000_000
TAIL_BYTES = 4096
READ_BYTES_MAX = 4_000_000
"""How much of a log is looked through for why its process has ended: where it stood in each of its
threads can be much."""

GONE_SECONDS_MAX = 10.0
"""How long something may take to vanish once it is killed: the disk may be slow."""


class Child:
    """One process, from its beginning to its end; in its log it speaks from byte `log_start` on."""

    def __init__(self, running: asyncio.subprocess.Process, log: Path, log_start: int) -> None:
        self.running = running
        self.process = Process(running.pid, began(running.pid) or "")
        self._log = log
        self._log_start = log_start
        self._said: asyncio.Task[None] | None = None
        self._spoke_at = asyncio.get_running_loop().time()
        self._tail = b""

    @property
    def last_said(self) -> str:
        """The last whole line on standard output after the first; empty without any."""
        return self._tail.rpartition(b"\n")[0].rpartition(b"\n")[2].decode(errors="replace")

    @property
    def silent_seconds(self) -> float:
        """For how long it has said nothing on standard output."""
        return asyncio.get_running_loop().time() - self._spoke_at

    async def first_line(self) -> str:
        """What it says first; empty if it ends before."""
        assert self.running.stdout is not None
        line = await self.running.stdout.readline()
        self._spoke_at = asyncio.get_running_loop().time()
        self._said = asyncio.create_task(self._heard(self.running.stdout))
        return line.decode(errors="replace").strip()

    async def gone(self) -> End:
        """Wait for its end; how it came about, and what it said of that."""
        code = await self.running.wait()
        return End(code, said_of_its_end(self._log, self._log_start) if code > 0 else "")

    async def end(self, within_seconds: float) -> None:
        """Have it end, by force if it takes too long."""
        with suppress(ProcessLookupError):
            self.running.terminate()
        try:
            await asyncio.wait_for(self.running.wait(), within_seconds)
        except TimeoutError:
            self.kill()
            await asyncio.wait_for(self.running.wait(), GONE_SECONDS_MAX)

    def kill(self) -> None:
        """End it where it stands."""
        with suppress(ProcessLookupError):
            self.running.kill()

    async def _heard(self, stream: asyncio.StreamReader) -> None:
        """Unread it would stand still some day."""
        while said := await stream.read(TAIL_BYTES):
            self._tail = (self._tail + said)[-TAIL_BYTES:]
            self._spoke_at = asyncio.get_running_loop().time()


async def begin_child(
    words: Sequence[str],
    log: Path,
    *,
    speaks: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Child:
    """Begin a process; `speaks` if its first line is to be read."""
    make_room(log)
    with log.open("ab") as file:
        log_start = file.tell()
        running = await start_mortal(
            words, stdout=PIPE if speaks else DEVNULL, stderr=file, environment=environment
        )
    return Child(running, log, log_start)


def make_room(log: Path, bytes_max: int = LOG_BYTES_MAX) -> None:
    """Begin a log anew that has grown too long; what stood in it is kept once."""
    log.parent.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        if log.stat().st_size > bytes_max:
            log.replace(log.with_suffix(f".1{log.suffix}"))


def said_of_its_end(log: Path, log_start: int) -> str:
    """Why a process has ended, by what stands in a log from there on; empty if nothing does."""
    try:
        with log.open("rb") as file:
            file.seek(max(log.stat().st_size - READ_BYTES_MAX, log_start))
            return last_words(line.decode(errors="replace") for line in file)
    except OSError:
        return ""
