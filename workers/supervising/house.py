"""A whole house in one block: engine, gateway and both workers, for as long as the block lasts.

Owns what is looked at, opened and begun in which order, and that nothing of it is left. How a part
is kept alive stands in `keeper`; what is refused before anything starts, in `ground` and `places`.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from activities.alerts import NoticeBoard, NoticeMetrics
from backstay.accounts.store import AccountStore
from workers import clock
from workers.config import Settings
from workers.logs import logged_into
from workers.supervising import ground, places
from workers.supervising.alarms import Alarms
from workers.supervising.children import make_room
from workers.supervising.errors import HouseError, ToldToEndError
from workers.supervising.folder import DataFolder
from workers.supervising.household import Household
from workers.supervising.identity import myself
from workers.supervising.keeper import Starter
from workers.supervising.leftovers import end_leftovers
from workers.supervising.lock import locked
from workers.supervising.parts import EngineStarter, GatewayStarter, WorkerStarter
from workers.supervising.report import Alarm, HouseReport
from workers.supervising.roster import Part, Roster, write_roster
from workers.supervising.stops import StopWatch

__all__ = ["House", "HouseError", "ToldToEndError", "Wish", "kept_house"]

WIRE_BYTES_MAX = 500_000_000
"""Of the gateway's messages; of its accounts' changes every one is kept."""

_LOG = logging.getLogger("backstay.house")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted: the settings, and the file that the workers read them from.

    `gateway` has further words for `backstay gateway`; None takes the gateway that stands at the
    settings' address, and starts none. `ui_port` 0 is a free one.
    """

    settings_file: Path
    settings: Settings
    gateway: tuple[str, ...] | None
    ui_port: int = 0


class House:
    """What whoever keeps it can see and do."""

    def __init__(
        self,
        file: Path,
        engine: EngineStarter,
        stages: list[list[Starter]],
        alarms: Alarms,
        stops: StopWatch,
        told: "_Told",
    ) -> None:
        self._file = file
        self._engine = engine
        self._alarms = alarms
        self._stops = stops
        self._told = told
        self._keeper = myself()
        self._written: Roster | None = None
        self._household = Household(stages, alarms, self._write, clock.now)
        told.kill = self._household.kill

    @property
    def roster(self) -> Roster:
        """Who runs, as it stands in the data folder."""
        return Roster(self._keeper, self._engine.ui, self._household.running)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What a person has to know, oldest first; the newest hundred of it."""
        return self._alarms.raised

    def report(self) -> HouseReport:
        """How everything stands now."""
        return HouseReport(
            clock.now(), self._engine.ui, self._household.reports(), self._stops.stops
        )

    def changed(self) -> Coroutine[Any, Any, object]:
        """Waits until something is otherwise than it was at this call, whenever it is awaited."""
        return self._household.next_change()

    async def ended(self) -> None:
        """Wait until it is told to end, by SIGINT, SIGTERM or SIGHUP, or every part is given up."""
        while not self._told.to_end.is_set():
            changed = self.changed()
            if self._household.is_given_up:
                changed.close()
                return
            await _first(self._told.to_end.wait(), changed)

    async def begin(self) -> None:
        """Begin everything. HouseError if something can't; ToldToEndError if nobody wants it."""
        beginning = asyncio.ensure_future(self._household.begin())
        try:
            await _first(asyncio.shield(beginning), self._told.to_end.wait())
        finally:
            if not beginning.done():
                beginning.cancel()
            await asyncio.wait((beginning,))
        if beginning.cancelled():
            raise ToldToEndError("told to end before everything had begun")
        beginning.result()

    async def end(self) -> None:
        """End everything; nobody runs here any more."""
        await self._household.end()
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            _LOG.error("%s: %s", self._file, error.strerror)

    def _write(self) -> None:
        if self.roster == self._written:
            return
        self._written = self.roster
        try:
            write_roster(self._file, self.roster)
        except OSError as error:
            _LOG.error("%s: %s", self._file, error.strerror)


@asynccontextmanager
async def kept_house(wish: Wish, tell: Callable[[str], None]) -> AsyncIterator[House]:
    """A house in which everything has begun, until the block ends; then nothing of it is left.

    `tell` hears a line for each thing that a person may want to know meanwhile. HouseError if it
    can't begin. A second signal, while it ends, has everything killed at once.
    """
    settings, folder = wish.settings, DataFolder(wish.settings.data)
    has_gateway = wish.gateway is not None
    places.check_host(settings, has_gateway=has_gateway)
    places.check_programs()
    async with AsyncExitStack() as opened:
        told = opened.enter_context(_listening())
        ground.make_folder(folder)
        opened.enter_context(locked(folder.lock, clock.now()))
        await end_leftovers(folder.roster, tell)
        await ground.examine(folder, settings.account, has_gateway=has_gateway)
        places.check_places(places.places(settings, wish.ui_port, has_gateway=has_gateway))
        if ground.make_book(folder, settings.account):
            tell(f"{folder.book}: an empty book of {settings.account} was made")
        opened.enter_context(logged_into(folder.log("up")))
        store = AccountStore(folder.book, settings.account)
        opened.push_async_callback(store.close)
        board = await opened.enter_async_context(_board(store))
        stops = await opened.enter_async_context(_watched(store))
        engine = EngineStarter(settings, folder, wish.ui_port)
        house = House(
            folder.roster,
            engine,
            _stages(wish, folder, engine),
            Alarms(tell, board.tell, clock.now),
            stops,
            told,
        )
        opened.push_async_callback(house.end)
        await house.begin()
        yield house


def _stages(wish: Wish, folder: DataFolder, engine: EngineStarter) -> list[list[Starter]]:
    """What begins when: the workers last, for they need everything else."""
    settings, port = wish.settings, wish.settings.metrics.port
    needed: list[Starter] = [engine]
    if wish.gateway is not None:
        make_room(folder.wire_log, WIRE_BYTES_MAX)
        needed.append(GatewayStarter(settings, folder, wish.gateway))
    workers: list[Starter] = [
        WorkerStarter(part, wish.settings_file, settings, folder, port and port + step)
        for step, part in enumerate((Part.TRADES, Part.BROKER))
    ]
    return [needed, workers]


@asynccontextmanager
async def _watched(store: AccountStore) -> AsyncIterator[StopWatch]:
    """Who looks what the book says against opening anything."""
    watch = StopWatch(store)
    looking = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        looking.cancel()
        await asyncio.wait((looking,))


@asynccontextmanager
async def _board(store: AccountStore) -> AsyncIterator[NoticeBoard]:
    """Where the account's notices are kept; what was told last is written before it closes."""
    board = NoticeBoard(store, clock.now, NoticeMetrics(CollectorRegistry()), clock.boot())
    writing = asyncio.create_task(board.run())
    try:
        yield board
    finally:
        writing.cancel()
        await asyncio.wait((writing,))
        await board.close()


class _Told:
    """Whether a person has had enough: once to end in order, twice to end at once."""

    def __init__(self) -> None:
        self.to_end = asyncio.Event()
        self.kill: Callable[[], None] = lambda: None

    def hear(self) -> None:
        """A signal has come."""
        if self.to_end.is_set():
            self.kill()
        self.to_end.set()


@contextmanager
def _listening() -> Iterator[_Told]:
    loop, told = asyncio.get_running_loop(), _Told()
    for number in _SIGNALS:
        loop.add_signal_handler(number, told.hear)
    try:
        yield told
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def _first(*waiting: Awaitable[object]) -> None:
    """Wait for whichever comes first; nobody waits for the others any more."""
    tasks = [asyncio.ensure_future(each) for each in waiting]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
