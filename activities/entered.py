"""What is known of entries beside what the broker shows.

On another day it shows nothing any more of an order that was over by then. Whoever begins an arm
or a guard again after a process that has died asks here, before a person is told that nobody
knows, and before a stop is made smaller that may be right.
"""

import asyncio
from datetime import datetime
from typing import Protocol

from temporalio import activity

from backstay.accounts.errors import AccountsError
from backstay.accounts.state import TradeRecord
from backstay.broker.settings import EdgeSettings
from backstay.domain.edge.arms import Arm
from backstay.domain.edge.earlier import enlarged, known_before
from backstay.domain.edge.guards import Guard
from backstay.domain.edge.snapshot import BrokerSnapshot
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.sessions.broker_day import is_same_broker_day

ASK_AGAIN_SECONDS = 1.0


class Entered(Protocol):
    """What arms and guards need of it."""

    async def of(self, arm: Arm, heard: OrderSummary | None, now: datetime) -> OrderSummary | None:
        """What has filled of an entry that the broker does not show, if that is known; `heard` is
        what another process has heard of it.
        """

    async def guarded(self, guard: Guard, now: datetime) -> Guard:
        """The guard, with what has filled before it could hear of that."""

    def is_of_today(self, arm: Arm, now: datetime) -> bool:
        """Whether the broker would show whatever has become of it."""


class TradesBook(Protocol):
    """What of a book this needs."""

    async def record(self, trade: str) -> TradeRecord | None:
        """What is kept of a trade."""


class ShowingEdge(Protocol):
    """What of an edge this needs."""

    def snapshot(self) -> BrokerSnapshot:
        """What the broker holds, with how complete each part is."""


class EarlierEntries:
    """Asks the account's book, and then the stop that has left with the entry."""

    def __init__(self, book: TradesBook, edge: ShowingEdge, settings: EdgeSettings) -> None:
        self._book = book
        self._edge = edge
        self._zone = settings.zone
        self._stop_proves = not settings.profile.child_covers_partial_parent

    def is_of_today(self, arm: Arm, now: datetime) -> bool:
        """Whether the broker would show whatever has become of it."""
        return is_same_broker_day(arm.asked.at, now, self._zone)

    async def of(self, arm: Arm, heard: OrderSummary | None, now: datetime) -> OrderSummary | None:
        """What has filled, if that is known; of today the broker itself has to show it."""
        if self.is_of_today(arm, now):
            return None
        stop = arm.protection.intent if arm.protection is not None else None
        return self._known(await self._booked(arm.key) or heard, stop)

    async def guarded(self, guard: Guard, now: datetime) -> Guard:
        """The guard, with what has filled before it could hear of that."""
        stop = guard.protection.intent
        if stop.parent is None or is_same_broker_day(guard.asked.at, now, self._zone):
            return guard
        try:
            told = await self._reported(stop.parent)
        except AccountsError as error:
            # No position stays unwatched for the sake of the book.
            activity.logger.error("%s is guarded without the book: %s", guard.key, error)
            return guard
        return enlarged(guard, self._known(told, None if guard.headway.split_off else stop))

    def _known(self, told: OrderSummary | None, stop: OrderIntent | None) -> OrderSummary | None:
        if stop is None or not self._stop_proves:
            return known_before(told, None, None)
        orders = self._edge.snapshot().orders
        shown = next((each.order for each in orders if each.key == stop.key), None)
        return known_before(told, stop, shown)

    async def _booked(self, key: IntentKey) -> OrderSummary | None:
        """The newest that was reported of it, however long it takes to read that."""
        while True:
            try:
                return await self._reported(key)
            except AccountsError as error:
                activity.logger.warning("%s is not armed yet: %s", key, error)
            await asyncio.sleep(ASK_AGAIN_SECONDS)

    async def _reported(self, key: IntentKey) -> OrderSummary | None:
        record = await self._book.record(key.trade)
        entry = None if record is None else record.entry
        return entry if entry is not None and entry.key == key else None
