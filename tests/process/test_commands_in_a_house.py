"""The commands that need a house, typed in one that `backstay up` has begun, as a trader would.

What each says is compared whole. `.venv/bin/python -m tests.process.test_commands_in_a_house` draws
the texts anew.
"""

import asyncio
import shlex
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.cli.house_drive import LINES, OPENING_PRICES, RULES, Line, prepare
from tests.cli.transcripts import inside, keep, kept, transcript
from tests.cli.typed import typed
from tests.hanging import HANGS_AFTER_SECONDS
from tests.process.lodging import OWN_ENVIRONMENT, Lodging, lodging
from workers.supervising.roster import Part

pytestmark = pytest.mark.long

FIGURES = ("17233", "14002", "18233", "19464", "19465")
"""What the ports of engine, gateway, page and workers are called in a text: as long as they are."""


@asynccontextmanager
async def begun(house: Lodging) -> AsyncIterator[Process]:
    """A house that runs; it does not outlive the test, and if that fails, what it said is shown."""
    process = await asyncio.create_subprocess_exec(
        *house.up, cwd=house.folder, env=OWN_ENVIRONMENT, stdout=PIPE, stderr=PIPE
    )
    reading = [
        asyncio.create_task(stream.read()) for stream in (process.stdout, process.stderr) if stream
    ]
    try:
        await house.begun(process)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), HANGS_AFTER_SECONDS)
        for said in await asyncio.gather(*reading):
            sys.stderr.write(said.decode())


def text_of(house: Lodging, text: str) -> str:
    """A text in which every port has the name of what listens there."""
    roster, ui = house.roster(), house.place.ui_port
    assert roster is not None
    ports = [roster.address(part) or "" for part in (Part.ENGINE, Part.GATEWAY)]
    ports += [f"127.0.0.1:{ui}"]
    ports += [roster.address(part) or "" for part in (Part.TRADES, Part.BROKER)]
    for address, figure in zip(ports, FIGURES, strict=True):
        text = text.replace(address, f"127.0.0.1:{figure}")
    return text


async def said(house: Lodging, line: Line) -> tuple[str, int]:
    """What came of a line."""
    if line.before is not None:
        await line.before(house)
    words = shlex.split(line.words)
    if line.command == "up":
        result = await house.typed(*words)
    else:
        # In this process: what all of them import is imported once.
        with inside(house.folder):
            result = await asyncio.to_thread(typed, *words)
    text = transcript(line.words, result, house.folder)
    text = text_of(house, text)
    for rule in (*RULES, *line.rules):
        text = rule.applied(text)
    return text, result.exit_code


async def driven() -> list[tuple[Line, str, int]]:
    """All lines, one after the other."""
    async with lodging() as house:
        prepare(house.folder)
        for symbol, price in OPENING_PRICES.items():
            await house.price(symbol, price)
        async with begun(house) as up:
            found = [(line, *await said(house, line)) for line in LINES]
        assert up.returncode == 0
    return found


def test_every_command_says_what_it_said() -> None:
    differ = [
        f"{line.words}: exit code {code}\n{text}"
        for line, text, code in asyncio.run(driven())
        if code != line.exit_code or text != kept(line.command, line.name).read_text("utf-8")
    ]
    assert differ == []


if __name__ == "__main__":
    for line, text, code in asyncio.run(driven()):
        assert code == line.exit_code, text
        keep(kept(line.command, line.name), text)
