"""Asks the edge and the engine again and again, and shows what they say.

The edge is asked twice a second, the engine every two seconds and in a task of its own: one that
is slow or silent never keeps the other's word from the screen.
"""

import asyncio
import signal
from collections.abc import Collection

from pydantic import ValidationError
from temporalio.exceptions import TemporalError

from activities.engine import TemporalEngine
from activities.ports import CallRefusedError, EngineSilentError, UnknownWorkflowError
from backstay.cli.asking import engine_of
from backstay.cli.live.asking import LINES_MAX, EdgeSilentError, ask_live, codes_of, edge_place
from backstay.cli.live.booked import BookedEntry, booked_entries
from backstay.cli.live.watch_page import page
from backstay.cli.live.watch_report import (
    EdgeWord,
    EngineWord,
    WatchReport,
    codes_at_edge,
    codes_seen,
    engine_word,
    report_of,
)
from backstay.cli.plan.names import plan_ids_of
from backstay.cli.screen import Screen
from backstay.cli.values import Place
from backstay.domain.trade.naming import Name
from workers.bootstrap import StartError
from workers.config import Settings

REDRAW_SECONDS = 0.5
ENGINE_EVERY_SECONDS = 2.0
LINES_AT_A_GLANCE = 100
"""What is asked for twice a second: no more than a terminal shows."""

NOT_ASKED = EngineWord(trouble="it has not answered yet")


class Watching:
    """What is shown, and whom it is asked of."""

    def __init__(self, settings: Settings, names: Collection[Name], given: Place | None) -> None:
        self._settings = settings
        self._names = names
        self._given = given
        self._codes = frozenset(code for name in names for code in codes_of(settings.account, name))
        self._edge = EdgeWord()
        self._engine = NOT_ASKED
        self._booked: tuple[BookedEntry, ...] = ()
        self._reached: TemporalEngine | None = None

    async def once(self) -> WatchReport:
        """Ask both, and the edge once more: prices have moved while the engine was asked."""
        await self._ask_edge(LINES_MAX)
        self._ask_book()
        await self._ask_engine()
        if self._edge.page is not None:
            await self._ask_edge(LINES_MAX)
        return self._report()

    async def redraw(self, screen: Screen) -> None:
        """Until Ctrl-C."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, ended.set)
        await self._ask_edge()
        engine = asyncio.ensure_future(self._keep_asking_engine())
        try:
            with screen.redrawn() as show:
                while not ended.is_set():
                    if engine.done():
                        engine.result()
                    show(page(self._report(), screen.whole_width, screen.size[1]))
                    await _wait(ended)
                    await self._ask_edge()
        finally:
            engine.cancel()

    def _report(self) -> WatchReport:
        settings = self._settings
        return report_of(
            settings.account, settings.kind, self._names, self._engine, self._edge, self._booked
        )

    async def _ask_edge(self, limit: int = LINES_AT_A_GLANCE) -> None:
        try:
            place = edge_place(self._settings, self._given)
            self._edge = EdgeWord(await ask_live(self._settings, place, self._codes, limit))
        except EdgeSilentError as error:
            self._edge = EdgeWord(trouble=str(error))

    async def _keep_asking_engine(self) -> None:
        while True:
            self._ask_book()
            await self._ask_engine()
            await asyncio.sleep(ENGINE_EVERY_SECONDS)

    def _ask_book(self) -> None:
        """Where the edge does not explain what is held, or does not say anything."""
        page = self._edge.page
        is_explained = page is not None and not any(each.foreign for each in page.positions or ())
        self._booked = () if is_explained else booked_entries(self._settings)

    async def _ask_engine(self) -> None:
        try:
            self._reached = self._reached or await engine_of(self._settings)
            account, at_edge = self._settings.account, codes_at_edge(self._edge)
            self._engine = await engine_word(self._reached, account, at_edge)
        except (StartError, EngineSilentError, CallRefusedError, UnknownWorkflowError) as error:
            self._silent(str(error))
        except (ValidationError, TemporalError) as error:
            self._silent(str(error).partition("\n")[0])

    def _silent(self, why: str) -> None:
        self._reached = None
        plan_ids = plan_ids_of(self._settings, codes_seen(self._edge))
        self._engine = EngineWord(plan_ids=plan_ids, trouble=why)


async def _wait(ended: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(REDRAW_SECONDS):
            await ended.wait()
    except TimeoutError:
        return
