"""The parts as processes: what is typed to begin each, how long it may take, where it answers."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from workers.config import Settings
from workers.embedded import LOOPBACK, EngineStartError, engine_words, free_port, serves
from workers.supervising import asking
from workers.supervising.children import Child, begin_child
from workers.supervising.folder import DataFolder
from workers.supervising.keeper import Answer, NotServingError
from workers.supervising.roster import Part, Process

BACKSTAY = Path(sys.executable).with_name("backstay")
START_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.05
WORKER_END_SECONDS = 10.0
"""More than it allows itself to hand everything back."""

OTHER_END_SECONDS = 10.0
PULSE_SECONDS_MAX = 2.5
"""How long a gateway may say nothing that says something every second."""


@dataclass(frozen=True, slots=True)
class PartProcess:
    """A process of a part, and how it is waited for."""

    child: Child
    serving: Callable[[Child], Awaitable[str]]
    answering: Callable[[Child, str], Awaitable[Answer | None]]
    end_seconds: float

    @property
    def process(self) -> Process:
        """Which one it is."""
        return self.child.process

    async def ready(self) -> str:
        """Wait until it serves; where it answers. NotServingError if it never will."""
        serving = asyncio.ensure_future(self.serving(self.child))
        gone = asyncio.ensure_future(self.child.gone())
        try:
            await asyncio.wait(
                (serving, gone), timeout=START_SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED
            )
            if gone.done() or self.child.running.returncode is not None:
                end = await gone
                raise NotServingError(f"it has ended while it started: {end}", end)
            if not serving.done():
                raise NotServingError(f"it does not serve within {START_SECONDS_MAX:g} s")
            return serving.result()
        finally:
            serving.cancel()
            gone.cancel()
            await asyncio.gather(serving, gone, return_exceptions=True)

    async def answer(self, address: str) -> Answer | None:
        """What it says when it is asked there; None if it says nothing, or not in time."""
        return await self.answering(self.child, address)

    async def gone(self) -> str:
        """Wait for its end; how it came about."""
        return str(await self.child.gone())

    async def end(self) -> None:
        """Have it end, by force if it takes too long."""
        await self.child.end(self.end_seconds)

    def kill(self) -> None:
        """End it where it stands."""
        self.child.kill()


class EngineStarter:
    """Begins the engine on its file; `ui_port` 0 is a free one, and stays once it has served."""

    part = Part.ENGINE

    def __init__(self, settings: Settings, folder: DataFolder, ui_port: int) -> None:
        self.address = settings.temporal.address
        self._namespace = settings.temporal.namespace
        self._folder = folder
        self._ui_port = ui_port
        self._takes_any_ui_port = ui_port == 0
        self._asker = asking.EngineAsker(self.address)

    @property
    def ui(self) -> str:
        """Where it shows itself to people, once it has begun."""
        return f"http://{LOOPBACK}:{self._ui_port}"

    async def start(self) -> PartProcess:
        """Begin a process."""
        if self._takes_any_ui_port:
            self._ui_port = _free_port()
        words = engine_words(self._folder.engine, self._namespace, self.address, self._ui_port)
        child = await begin_child(words, self._folder.log(self.part))
        return PartProcess(child, self._serving, self._answering, OTHER_END_SECONDS)

    async def _answering(self, child: Child, address: str) -> Answer | None:
        del child, address
        return Answer() if await self._asker.serves() else None

    async def _serving(self, child: Child) -> str:
        try:
            await serves(child.running, self.address, self._namespace)
        except EngineStartError as error:
            raise NotServingError(str(error)) from None
        self._takes_any_ui_port = False
        return self.address


class GatewayStarter:
    """Begins the embedded gateway with the accounts that it had."""

    part = Part.GATEWAY

    def __init__(self, settings: Settings, folder: DataFolder, words: tuple[str, ...]) -> None:
        self.address = f"{settings.broker.host}:{settings.broker.port}"
        self._folder = folder
        self._child: Child | None = None
        self._words = (
            str(BACKSTAY),
            "gateway",
            *("--host", settings.broker.host, "--port", str(settings.broker.port)),
            *("--account", settings.account),
            *("--state", str(folder.gateway), "--pulse"),
            *("--wire-log", str(folder.wire_log), "--audit", str(folder.audit)),
            *words,
        )

    async def start(self) -> PartProcess:
        """Begin a process."""
        # Time goes on while there is no gateway: it does so at a real one.
        reading = self._child.last_said if self._child is not None else ""
        words = (*self._words, "--clock", reading) if "@" in reading else self._words
        child = self._child = await begin_child(words, self._folder.log(self.part), speaks=True)
        return PartProcess(child, _says_address, _pulse, OTHER_END_SECONDS)


class WorkerStarter:
    """Begins a worker, with these settings whatever its file says."""

    def __init__(
        self, part: Part, file: Path, settings: Settings, folder: DataFolder, metrics_port: int
    ) -> None:
        self.part = part
        host = settings.metrics.host
        self.address = f"{host}:{metrics_port}" if metrics_port else ""
        self._folder = folder
        self._words = (str(BACKSTAY), "worker", "--role", part, "--config", str(file))
        self._environment = {
            "BACKSTAY_DATA": json.dumps(str(folder.path), ensure_ascii=False),
            "BACKSTAY_TEMPORAL__ADDRESS": json.dumps(settings.temporal.address),
            "BACKSTAY_BROKER__HOST": json.dumps(settings.broker.host),
            "BACKSTAY_BROKER__PORT": str(settings.broker.port),
            "BACKSTAY_METRICS__HOST": json.dumps(host),
            "BACKSTAY_METRICS__PORT": str(metrics_port),
        }

    async def start(self) -> PartProcess:
        """Begin a process."""
        child = await begin_child(
            self._words,
            self._folder.log(self.part),
            speaks=True,
            environment=self._environment,
        )
        return PartProcess(child, self._serving, _health, WORKER_END_SECONDS)

    async def _serving(self, child: Child) -> str:
        address = await _says_address(child)
        while await asking.health(address) is None:  # noqa: ASYNC110 - of a process that is asked
            await asyncio.sleep(LOOK_SECONDS)
        return address


def _free_port() -> int:
    try:
        return free_port()
    except EngineStartError as error:
        raise NotServingError(str(error)) from None


async def _pulse(child: Child, address: str) -> Answer | None:
    """The gateway is not asked at its port: that would be one more client."""
    del address
    return Answer() if child.silent_seconds < PULSE_SECONDS_MAX else None


async def _health(child: Child, address: str) -> Answer | None:
    del child
    found = await asking.health(address)
    return None if found is None else Answer(found)


async def _says_address(child: Child) -> str:
    """Its first line; without one it ends, and how is heard otherwise."""
    line = await child.first_line()
    if not line:
        await child.gone()
    return line
