"""Each midnight at the broker: what can be read no more is told of, and what is over is forgotten.

Its date is known once the broker has told its time. What was over before the midnight at which the
ending day began is forgotten, unless it belongs to a trade that somebody here still follows: that
day may be read for one more, and what was forgotten would count anew.
"""

import asyncio
from datetime import datetime
from itertools import chain
from typing import Protocol

from backstay.broker.desk.desk import OrderDesk
from backstay.broker.health import Sign
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.notices import attempt
from backstay.broker.rooms import Rooms
from backstay.domain.sessions.broker_day import day_span, is_same_broker_day

LOOK_SECONDS = 1.0


class Acting(Protocol):
    """Those who act on decisions, of several trades."""

    @property
    def trades(self) -> frozenset[str]:
        """The trades that they follow."""

    def day_has_turned(self) -> None:
        """A new broker day has begun."""


class BrokerDays:
    """Watches the date at the broker."""

    def __init__(
        self,
        rooms: Rooms,
        acting: tuple[Acting, ...],
        inbox: BrokerInbox,
        desk: OrderDesk,
        synced: asyncio.Event,
    ) -> None:
        self._acting = acting
        self._inbox = inbox
        self._desk = desk
        self._synced = synced
        self._naked = rooms.naked
        self._now = rooms.now
        self._tell = rooms.tell
        self._zone = rooms.zone
        self._began: datetime | None = None

    async def run(self, sign: Sign) -> None:
        """Look at the date, for ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            sign()
            now = self._now()
            if self._began is None:
                self._began = now if self._synced.is_set() else None
            elif not is_same_broker_day(self._began, now, self._zone):
                began, self._began = self._began, now
                self._turn(began)

    def _turn(self, began: datetime) -> None:
        for each in self._acting:
            attempt("a new broker day", each.day_has_turned, self._now, self._tell)
        followed = frozenset(chain.from_iterable(each.trades for each in self._acting))
        keys = frozenset(chain.from_iterable(self._inbox.keys_of(trade) for trade in followed))
        begins = day_span(began, self._zone).begins
        self._naked.forget(followed)
        self._inbox.forget_before(begins, keys)
        self._desk.forget_before(begins, keys)
