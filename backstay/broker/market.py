"""What is known of one contract and of the account at this moment, for whoever decides on a trade.

A quote is waited for, as long as is bearable, where a market is open; a line that is taken for it
is taken from nobody, and given up at once.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from backstay.broker.doors.market import Rank
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.knowing import Knowing
from backstay.broker.rooms import Rooms
from backstay.broker.session.accounts import kind_of
from backstay.broker.settings import EdgeSettings
from backstay.broker.translation.rates import rates_of
from backstay.broker.watch.hours import day_ahead, hours_at
from backstay.domain.edge.market import MarketFacts
from backstay.domain.instruments import Instrument
from backstay.domain.limits.facts import Touch
from backstay.domain.sessions.calendar import MarketPhase
from backstay.domain.sides import Side

QUOTE_WITHIN = timedelta(seconds=5)
"""How long a first good quote is waited for."""


class Market:
    """Looks at contracts."""

    def __init__(
        self, rooms: Rooms, inbox: BrokerInbox, knowing: Knowing, settings: EdgeSettings
    ) -> None:
        self._rooms = rooms
        self._inbox = inbox
        self._knowing = knowing
        self._settings = settings

    async def facts(self, instrument: Instrument) -> MarketFacts:
        """The facts, as of the moment in which they are told."""
        con_id, catalogue = instrument.con_id, self._rooms.catalogue
        await self._knowing.know(instrument)
        is_closed = catalogue.phase(con_id) is MarketPhase.CLOSED
        touch = None if is_closed else await self._touch(instrument)
        now, limits = self._rooms.now(), self._settings.limits
        calendar, zone_name = catalogue.calendar(con_id), catalogue.zone_name(con_id)
        hours = hours_at(calendar, zone_name, now)
        return MarketFacts(
            at=now,
            account_kind=kind_of(self._settings.account),
            phase=hours.phase,
            trading_day=hours.day or day_ahead(calendar, zone_name, now),
            rates=rates_of(self._inbox.figures, limits.base_currency if limits else None),
            touch=touch,
            position=self._inbox.position(con_id),
        )

    async def _touch(self, instrument: Instrument) -> Touch | None:
        """The best prices once both sides are quoted; of a market with one side only, that side
        when the time is over.
        """
        with self._listening(instrument) as both_sides:
            try:
                async with asyncio.timeout(QUOTE_WITHIN.total_seconds()):
                    for side in both_sides:
                        await side.wait()
            except TimeoutError:
                pass
            watch, con_id = self._rooms.watch, instrument.con_id
            return watch.touch(con_id) if watch.is_live(con_id) else None

    @contextmanager
    def _listening(self, instrument: Instrument) -> Iterator[tuple[asyncio.Event, ...]]:
        """Hear the prices of both sides; each is told of once it is quoted."""
        name, watch = f"a look at {instrument.symbol}", self._rooms.watch
        heard = {side: asyncio.Event() for side in Side}
        places = [
            watch.attend(name, instrument, side, told.set, Rank.WANTED)
            for side, told in heard.items()
        ]
        try:
            yield tuple(heard.values()) if None not in places else ()
        finally:
            for place in places:
                if place is not None:
                    place.end()
