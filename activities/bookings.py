"""What entries have filled, booked in the account's book while their trades are under way.

The broker's worker hears of a fill long before its trade is settled, and books it by itself: a step
of the workflow for it would lengthen every history. Hearing is a matter of a moment and never
fails; a task of its own writes. Of each entry only the newest report is kept, and while the book
takes nothing it waits. Whatever is never written is in the settlement.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from backstay.accounts.errors import AccountsError
from backstay.broker.notices import Notice, Tell
from backstay.domain.edge.arms import ArmReport
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.summary import OrderSummary

AGAIN_SECONDS = 1.0
REMEMBERED_MAX = 10_000

_LOG = logging.getLogger("backstay.bookings")


class OrderBook(Protocol):
    """What of a book this needs."""

    async def report(self, order: OrderSummary) -> str:
        """Book what an order has filled so far; returns what of it does not fit, or nothing."""


class _Heard(NamedTuple):
    filled: Decimal
    value: Decimal
    is_settled: bool


class EntryBookings:
    """Books what is heard of entries."""

    def __init__(self, book: OrderBook, tell: Tell, now: Callable[[], datetime]) -> None:
        self._book = book
        self._tell = tell
        self._now = now
        self._heard: dict[IntentKey, _Heard] = {}
        self._waiting: dict[IntentKey, OrderSummary] = {}
        self._something = asyncio.Event()
        self._trouble = ""

    @property
    def waiting(self) -> int:
        """Of how many entries something is not in the book yet."""
        return len(self._waiting)

    def hear(self, report: ArmReport) -> None:
        """Put down what is new of an entry. Called by whoever can't wait."""
        entry = report.entry
        if entry is None or not (entry.filled or entry.is_settled):
            return
        news = _Heard(entry.filled, entry.value, entry.is_settled)
        if self._heard.pop(entry.key, None) != news:
            self._waiting[entry.key] = entry
            self._something.set()
        self._heard[entry.key] = news
        if len(self._heard) > REMEMBERED_MAX:
            del self._heard[next(iter(self._heard))]

    async def run(self) -> None:
        """Write what is put down, until cancelled; what is left then is written by `close`."""
        while True:
            await self._something.wait()
            self._something.clear()
            while self._waiting:
                try:
                    await self._write()
                except AccountsError as error:
                    self._complain(str(error))
                    await asyncio.sleep(AGAIN_SECONDS)

    async def close(self) -> None:
        """Write what is still waiting, or leave it to the settlements."""
        try:
            while self._waiting:
                await self._write()
        except AccountsError as error:
            _LOG.error("fills of %d entries stay unbooked: %s", len(self._waiting), error)

    async def _write(self) -> None:
        key, order = next(iter(self._waiting.items()))
        doubt = await self._book.report(order)
        self._trouble = ""
        if self._waiting.get(key) is order:
            del self._waiting[key]
        if doubt:
            kind = IncidentKind.STATE_INCONSISTENT
            self._tell(Notice(kind, key.trade, doubt, self._now()))

    def _complain(self, text: str) -> None:
        """Tell it once, until something can be booked again."""
        if text != self._trouble:
            self._trouble = text
            subject = "fills of entries are not booked yet"
            self._tell(Notice(IncidentKind.TASK_FAILED, subject, text, self._now()))
