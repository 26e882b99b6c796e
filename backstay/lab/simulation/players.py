"""One player process as its employer sees it: begun when there is work, asked, killed if it hangs.

Owns that a process which dies, or comes to no end, is told apart from one that has an answer. None
of them outlives this process.
"""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from backstay.lab.simulation.jobs import DONE, JOB, Done, Job
from backstay.lab.simulation.player import READY
from workers.supervising.ends import last_words
from workers.supervising.mortal import start_mortal

PLAYER = "backstay.lab.simulation.player"
STAGE = "backstay.lab.simulation.stage"
RUN_SECONDS_MAX = 90.0
"""How long one run may take; the longest takes some seconds."""

LAST_WORDS_BYTES = 16_384
LAST_WORDS_SECONDS = 0.5
"""How long a process that hangs has to say where."""

PLACES_TOLD = 4
_PLACE = re.compile(r'(?m)^  File "(.+)", line (\d+) in (\S+)$')
_LINE_BYTES_MAX = 1 << 26
_ROOT = Path(__file__).resolve().parents[3]


class PlayersError(Exception):
    """No process can be begun that plays; the message says why."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The process that played it has died or hung, and was replaced."""

    why: str


class Player:
    """A process for one job after the other, and the next process once that one has ended."""

    def __init__(
        self, hash_seeds: Iterator[int], stage: str = STAGE, seconds_max: float = RUN_SECONDS_MAX
    ) -> None:
        """Each process of it scatters with the next of `hash_seeds`."""
        self._hash_seeds = hash_seeds
        self._stage = stage
        self._seconds_max = seconds_max
        self._process: Process | None = None
        self._errors = TemporaryFile()  # noqa: SIM115 - closed with the player

    async def play(self, job: Job) -> Done | Lost:
        """Have it played; raises PlayersError where there is nobody who could."""
        process = self._process or await self._begun()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(self._seconds_max):
                process.stdin.write(JOB.dump_json(job) + b"\n")
                await process.stdin.drain()
                line = await process.stdout.readline()
        except TimeoutError:
            where = await self._where(process)
            await self.end()
            return Lost(f"no end within {self._seconds_max:g} s{where}")
        except ConnectionError:
            line = b""
        if line.endswith(b"\n"):
            return DONE.validate_json(line)
        await process.wait()
        code, words = process.returncode, self._last_words()
        await self.end()
        return Lost(f"its process has died with {code}{words}")

    async def end(self) -> None:
        """Kill the process; the next job begins another one."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        # What it still had to say is read, so that nothing of the pipe stays behind.
        await process.communicate()

    async def close(self) -> None:
        """For good."""
        await self.end()
        self._errors.close()

    async def _begun(self) -> Process:
        self._errors.seek(0)
        self._errors.truncate()
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
        self._process = await start_mortal(
            (sys.executable, "-m", PLAYER, self._stage),
            stdin=PIPE,
            stdout=PIPE,
            stderr=self._errors,
            environment={"PYTHONHASHSEED": str(next(self._hash_seeds)), "PYTHONPATH": path},
            line_bytes_max=_LINE_BYTES_MAX,
        )
        assert self._process.stdout is not None
        if await self._process.stdout.readline() != READY:
            await self._process.wait()
            words = self._last_words()
            await self.end()
            raise PlayersError(f"the process that plays can't begin{words}")
        return self._process

    async def _where(self, process: Process) -> str:
        """Where it hangs, by its own words, if it still has any."""
        process.send_signal(signal.SIGUSR1)
        await asyncio.sleep(LAST_WORDS_SECONDS)
        places = [
            f"{Path(file).name}:{line} {name}"
            for file, line, name in _PLACE.findall(self._said_last())
        ]
        return f", in {' < '.join(places[:PLACES_TOLD])}" if places else ""

    def _last_words(self) -> str:
        words = last_words(self._said_last().splitlines())
        return f": {words}" if words else ""

    def _said_last(self) -> str:
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(size - LAST_WORDS_BYTES, 0))
        return self._errors.read().decode(errors="replace")
