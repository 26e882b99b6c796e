"""A house that was begun by `backstay up`, and commands that are typed in its folder.

Everything is a process, as it is for a trader; prices are written where the gateway reads them.
Nothing waits for a while in the hope of something: who waits, waits for a condition.
"""

import asyncio
import os
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from temporalio.client import Client

from activities.converting import VALUES
from backstay.domain.edge.session import EdgeHealth
from backstay.domain.trade.naming import workflow_id
from backstay.lab.showcase.premises import ACCOUNT, STARTS, Premises, premises
from tests.cli.cases import BACKSTAY
from tests.cli.typed import Typed
from tests.hanging import HANGS_AFTER_SECONDS
from workers.supervising.asking import health
from workers.supervising.roster import Part, Roster, read_roster

LOOK_SECONDS = 0.05
BEAT_SECONDS = 0.7
"""Between two prices, so that each is seen by itself."""

NOBODY = "bs1:00000000:0:EN:1"
"""An order that nobody sends, for a gateway that keeps silent about it."""

OWN_ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("BACKSTAY_", "COLUMNS", "FORCE_COLOR", "NO_COLOR"))
}


class Lodging:
    """What can be done in a house, and waited for."""

    def __init__(self, place: Premises) -> None:
        self.place = place
        self._keeper: Process | None = None

    @property
    def folder(self) -> Path:
        """Where the trader stands."""
        return self.place.folder

    @property
    def up(self) -> tuple[str, ...]:
        """What is typed to begin the house."""
        return (
            *(str(BACKSTAY), "up", "--start", STARTS, "--seed", "7"),
            *("--follow", self.place.prices.name, "--ui-port", str(self.place.ui_port)),
        )

    async def typed(self, *words: str, environment: Mapping[str, str] | None = None) -> Typed:
        """What comes of a command."""
        process = await asyncio.create_subprocess_exec(
            BACKSTAY,
            *words,
            cwd=self.folder,
            env=OWN_ENVIRONMENT | dict(environment or {}),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(HANGS_AFTER_SECONDS):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode is not None
        return Typed(out.decode(), err.decode(), process.returncode)

    async def price(self, symbol: str, price: str, bid_size: int = 400) -> None:
        """A trade with a quote around it, and time for it to be seen."""
        bid, ask = (f"{float(price) + way:.2f}" for way in (-0.02, 0.02))
        quote = f"bid={bid} ask={ask} bid_size={bid_size} ask_size=400"
        with self.place.prices.open("a", encoding="utf-8") as file:
            file.write(f"{symbol} {quote} last={price} last_size=100\n")
        await asyncio.sleep(BEAT_SECONDS)

    def roster(self) -> Roster | None:
        """Who runs."""
        return read_roster(self.place.data.roster)

    async def begun(self, keeper: Process | None = None) -> None:
        """Wait until all of it runs, and the broker worker takes calls. From then on nothing is
        waited for once `keeper`, which keeps it, has ended.
        """
        self._keeper = keeper

        async def takes_calls() -> bool:
            found = await self._health()
            return found is not None and found[0]

        await self._until("the house to take calls", takes_calls)

    async def edge(self, what: str, wanted: Callable[[EdgeHealth], bool]) -> None:
        """Wait until the edge stands so."""

        async def met() -> bool:
            found = await self._health()
            return found is not None and found[1] is not None and wanted(found[1])

        await self._until(what, met)

    async def settled(self, plan_id: str) -> None:
        """Wait until a trade is over."""
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            handle = (await self._client()).get_workflow_handle(workflow_id(ACCOUNT, plan_id))
            await handle.result()

    async def run_id(self, plan_id: str) -> str:
        """Under which id the engine has the run of a trade."""
        handle = (await self._client()).get_workflow_handle(workflow_id(ACCOUNT, plan_id))
        return (await handle.describe()).run_id

    async def _until(self, what: str, met: Callable[[], Awaitable[bool]]) -> None:
        async def met_while_kept() -> bool:
            code = None if self._keeper is None else self._keeper.returncode
            assert code is None, f"the house has ended with exit code {code}, awaited was {what}"
            return await met()

        await until(what, met_while_kept)

    async def _client(self) -> Client:
        return await Client.connect(self.place.settings.temporal.address, data_converter=VALUES)

    async def _health(self) -> tuple[bool, EdgeHealth | None] | None:
        roster = self.roster()
        address = None if roster is None else roster.address(Part.BROKER)
        found = None if address is None else await health(address)
        return None if found is None else (found.takes_calls, found.edge)


async def until(what: str, met: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so."""
    try:
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while not await met():  # noqa: ASYNC110 - processes wake nobody
                await asyncio.sleep(LOOK_SECONDS)
    except TimeoutError:
        raise AssertionError(f"waited {HANGS_AFTER_SECONDS} s for {what}") from None


@asynccontextmanager
async def lodging() -> AsyncIterator[Lodging]:
    """A fresh folder in which a house can be begun."""
    with premises(NOBODY) as place:
        yield Lodging(place)
