"""The two worker processes of a bench, started as an operator starts them."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from backstay.accounts.file import create
from backstay.lab.benches.trouble import BenchError
from workers.reading import read_settings
from workers.supervising.ends import last_words

ACCOUNT = "DU1234567"
COMMAND = Path(sys.executable).with_name("backstay")
READY_SECONDS_MAX = 30.0
LOOK_SECONDS = 0.05
END_SECONDS_MAX = 10.0

_SETTINGS = """\
account = "{account}"
data = "{folder}"
[temporal]
address = "{engine}"
[broker]
port = {port}
[limits]
base_currency = "USD"
exposure_max = 1000000
share_position_max = 10000
open_trades_max = 1000
entries_per_day_max = 10000
trading = "paper"
[metrics]
port = 0
"""


@asynccontextmanager
async def staff(folder: Path, engine: str, port: int) -> AsyncIterator[None]:
    """One worker of each role, ready; both are gone at the end."""
    settings = folder / "backstay.toml"
    settings.write_text(_SETTINGS.format(account=ACCOUNT, folder=folder, engine=engine, port=port))
    create(read_settings(settings, {}).book, ACCOUNT)
    async with AsyncExitStack() as stack:
        for role in ("trades", "broker"):
            await stack.enter_async_context(_worker(role, settings))
        yield


@asynccontextmanager
async def _worker(role: str, settings: Path) -> AsyncIterator[None]:
    log = settings.with_name(f"{role}.log")
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            COMMAND, "worker", "--role", role, "--config", settings, stdout=PIPE, stderr=written
        )
    try:
        try:
            await _ready(process)
        except (BenchError, TimeoutError):
            why = last_words(log.read_text().splitlines()) or "it has said nothing"
            raise BenchError(f"the {role} worker has not begun: {why}") from None
        yield
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), END_SECONDS_MAX)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _ready(process: Process) -> None:
    """It has said where its health is, and its health says that it takes calls."""
    if process.stdout is None:
        raise BenchError("it has no output")
    async with asyncio.timeout(READY_SECONDS_MAX):
        told = (await process.stdout.readline()).decode().split()
        address = next((word for word in told if ":" in word), None)
        if address is None:
            raise BenchError("it has not said where it is")
        while not (await asyncio.to_thread(_health, address)).get("takes_calls"):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)


def _health(address: str) -> dict[str, Any]:
    try:
        with urlopen(f"http://{address}/health", timeout=1) as page:
            found: dict[str, Any] = json.load(page)
            return found
    except (URLError, OSError):
        return {}
