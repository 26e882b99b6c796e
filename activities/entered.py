"""What is known of entries beside what the broker shows.

On another day it shows nothing any more of an order that was over by then. Whoever begins an arm
again after a process that has died asks here, before a person is told that nobody knows.
"""

import asyncio
from datetime import datetime, tzinfo
from typing import Protocol

from temporalio import activity

from backstay.accounts.errors import AccountsError
from backstay.accounts.state import TradeRecord
from backstay.domain.edge.arms import Arm
from backstay.domain.edge.earlier import furthest, proven_by
from backstay.domain.edge.snapshot import BrokerSnapshot
from backstay.domain.ids import IntentKey
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.orders.view import OrderView
from backstay.domain.sessions.broker_day import is_same_broker_day

ASK_AGAIN_SECONDS = 1.0


class Entered(Protocol):
    """What arms need of it."""

    async def of(self, arm: Arm, heard: OrderSummary | None, now: datetime) -> OrderSummary | None:
        """What has filled of an entry that the broker does not show, if that is known; `heard` is
        what another process has heard of it.
        """

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

    def __init__(self, book: TradesBook, edge: ShowingEdge, zone: tzinfo) -> None:
        self._book = book
        self._edge = edge
        self._zone = zone

    def is_of_today(self, arm: Arm, now: datetime) -> bool:
        """Whether the broker would show whatever has become of it."""
        return is_same_broker_day(arm.asked.at, now, self._zone)

    async def of(self, arm: Arm, heard: OrderSummary | None, now: datetime) -> OrderSummary | None:
        """What has filled, if that is known."""
        known = furthest(heard, await self._booked(arm.key))
        if known is not None or self.is_of_today(arm, now):
            return known
        return proven_by(self._stop(arm), arm)

    async def _booked(self, key: IntentKey) -> OrderSummary | None:
        """The newest that was reported of it, however long it takes to read that."""
        while True:
            try:
                record = await self._book.record(key.trade)
            except AccountsError as error:
                activity.logger.warning("%s is not armed yet: %s", key, error)
                await asyncio.sleep(ASK_AGAIN_SECONDS)
                continue
            entry = None if record is None else record.entry
            return entry if entry is not None and entry.key == key else None

    def _stop(self, arm: Arm) -> OrderView | None:
        if arm.protection is None:
            return None
        key = arm.protection.intent.key
        orders = self._edge.snapshot().orders
        return next((each.order for each in orders if each.key == key), None)
