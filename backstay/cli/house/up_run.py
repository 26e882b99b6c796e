"""Runs a house and shows it: redrawn on a terminal, else a page once and a line for each change."""

import asyncio
from collections.abc import Iterator

from backstay.cli.exits import Exit
from backstay.cli.house.up_page import Shown, page
from backstay.cli.screen import WIDTH, Screen
from workers import clock
from workers.supervising.house import House, ToldToEndError, Wish, kept_house
from workers.supervising.report import HouseReport, PartReport

REDRAW_SECONDS = 0.5


def run(wish: Wish, screen: Screen) -> Exit:
    """Keep the house until it is told to end; HouseError if it can't begin."""
    return asyncio.run(_Run(wish, screen).run())


class _Run:
    """One run; `_is_quiet` while the whole screen is drawn, and lines would spoil it. Once
    everything has begun, each line has its time.
    """

    def __init__(self, wish: Wish, screen: Screen) -> None:
        self._wish = wish
        self._screen = screen
        self._is_quiet = False
        self._has_begun = False

    async def run(self) -> Exit:
        """From its first line to its last."""
        try:
            async with kept_house(self._wish, self._say) as house:
                self._has_begun = True
                await (self._redraw(house) if self._screen.is_live else self._follow(house))
                has_given_up = house.report().has_given_up
                alarms = house.alarms
                self._say("ending: workers, then gateway and engine; once more ends them at once")
        except ToldToEndError as error:
            self._screen.line(str(error))
            return Exit.DONE
        if self._screen.is_live:
            for alarm in alarms:
                self._screen.line(f"{alarm.at:%H:%M:%S} {alarm.text}", "red")
        self._screen.line("ended; nothing is left running")
        return Exit.NEGATIVE if has_given_up else Exit.DONE

    def _say(self, text: str) -> None:
        if not self._is_quiet:
            self._screen.line(f"{clock.now():%H:%M:%S} {text}" if self._has_begun else text)

    def _shown(self, house: House) -> Shown:
        is_simulated = self._wish.gateway is not None
        return Shown(self._wish.settings, is_simulated, house.report(), house.alarms)

    async def _redraw(self, house: House) -> None:
        ended = asyncio.ensure_future(house.ended())
        self._is_quiet = True
        try:
            with self._screen.redrawn() as show:
                while not ended.done():
                    show(page(self._shown(house), *self._screen.size))
                    await asyncio.wait((ended,), timeout=REDRAW_SECONDS)
        finally:
            self._is_quiet = False
            ended.cancel()

    async def _follow(self, house: House) -> None:
        ended = asyncio.ensure_future(house.ended())
        self._screen.texts(page(self._shown(house), WIDTH))
        before = house.report()
        while not ended.done():
            changed = asyncio.ensure_future(house.changed())
            await asyncio.wait((ended, changed), return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
            after = house.report()
            for line in changes(before, after):
                self._say(line)
            before = after


def changes(before: HouseReport, after: HouseReport) -> Iterator[str]:
    """A line for each thing that is otherwise now and that nobody else tells."""
    if before.stops != after.stops:
        yield f"entries: {'; '.join(after.stops) or 'not stopped any more'}"
    for old, new in zip(before.parts, after.parts, strict=True):
        if new.health is not None and _words(old) != _words(new):
            yield f"{new.part}: {_words(new)}"


def _words(part: PartReport) -> str:
    health = part.health
    if health is None:
        return ""
    if health.edge is not None:
        session = health.edge.session
        return f"session {session.state}{f': {session.why}' if session.why else ''}"
    return "; ".join(health.trouble) or "well"
