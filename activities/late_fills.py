"""What orders have filled beyond what their trades were settled with.

Whoever lives through the end of an order tells of a fill that comes after it. A process that begins
later finds both at once, and to the broker's answers alone that is an order like any other: also
where entry and stop have filled, and nothing is left that anybody would miss. So what the first
complete reading shows is held against the settlements in the account's book. Where one is still
under way, with what an earlier process has told, it is waited for; what fills after that reading is
not looked at here.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from backstay.accounts.errors import AccountsError
from backstay.accounts.state import TradeRecord
from backstay.broker.notices import Notice, Tell
from backstay.domain.edge.snapshot import BrokerSnapshot
from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.trade.settlement import Settlement

SOON_SECONDS, SELDOM_SECONDS = 1.0, 60.0
"""A settlement that is under way comes soon, that of a trade that goes on perhaps in weeks."""


class SettledBook(Protocol):
    """What of a book this needs."""

    async def record(self, trade: str) -> TradeRecord | None:
        """What is kept of a trade."""


class ReadEdge(Protocol):
    """What of an edge this needs."""

    async def synced(self) -> None:
        """Wait until a session has been synced completely."""

    def snapshot(self) -> BrokerSnapshot:
        """What the broker holds, with how complete each part is."""


class LateFills:
    """Looks at what a process finds when it begins."""

    def __init__(
        self, book: SettledBook, edge: ReadEdge, tell: Tell, now: Callable[[], datetime]
    ) -> None:
        self._book = book
        self._edge = edge
        self._tell = tell
        self._now = now

    async def run(self) -> None:
        """Look until every trade of which something had filled is settled."""
        await self._edge.synced()
        found: dict[str, dict[IntentKey, Decimal]] = {}
        for order in self._edge.snapshot().orders:
            if order.order.filled:
                found.setdefault(order.key.trade, {})[order.key] = order.order.filled
        pause_seconds = SOON_SECONDS
        while found:
            for trade in tuple(found):
                settlement = await self._settlement(trade)
                if settlement is not None:
                    self._compare(settlement, found.pop(trade))
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, SELDOM_SECONDS)

    async def _settlement(self, trade: str) -> Settlement | None:
        """What the trade was settled with for good; a book that can't be read is told by others."""
        try:
            record = await self._book.record(trade)
        except AccountsError:
            return None
        return record.settlement if record is not None and record.is_over else None

    def _compare(self, settlement: Settlement, found: Mapping[IntentKey, Decimal]) -> None:
        booked = {order.key: order.filled for order in settlement.orders}
        for key in sorted(found):
            known = booked.get(key, Decimal(0))
            if found[key] > known:
                text = (
                    f"its trade was settled with {plain(known)} filled, it is {plain(found[key])}"
                )
                self._tell(Notice(IncidentKind.FILL_AFTER_END, str(key), text, self._now()))
