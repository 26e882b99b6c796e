"""Everything that the broker has, asked for until each answer is complete.

As long as the time is unknown it is asked for first, because everything else is filed by it.
Executions are asked for after the orders, so that an order which has filled meanwhile is seen with
its fills. Each complete answer is told to the inbox with the time before it was asked for.
"""

from collections.abc import Sequence
from datetime import datetime

from backstay.broker.doors import Asks, NotAnsweredError, SyncedInbox
from backstay.broker.session.needs import Timing

POSITIONS = "positions"
OPEN_ORDERS = "open orders"
COMPLETED_ORDERS = "completed orders"
EXECUTIONS = "executions"
ACCOUNT = "account"


class Reading:
    """Asks for all of it, or for what moves; once stopped, what is answered is told to nobody."""

    def __init__(self, asks: Asks, inbox: SyncedInbox, account: str, time: Timing) -> None:
        self._asks = asks
        self._inbox = inbox
        self._account = account
        self._time = time
        self._now = time.now
        self._is_stopped = False

    def stop(self) -> None:
        """What is answered from now on is worth nothing."""
        self._is_stopped = True

    async def everything(self) -> None:
        """All that a session begins with; raises an EdgeError where an answer is missing."""
        if self._time.known is None:
            await self._time.ask(self._asks.current_time)
        asked_at = self._now()
        contracts = await self._asks.positions()
        self._told(POSITIONS, asked_at, contracts)
        await self.orders()
        asked_at = self._now()
        await self._asks.account(self._account)
        self._told(ACCOUNT, asked_at)

    async def orders(self) -> None:
        """Orders, living and over, then executions."""
        asked_at = self._now()
        await self._asks.open_orders()
        self._told(OPEN_ORDERS, asked_at)
        asked_at = self._now()
        await self._asks.completed_orders()
        self._told(COMPLETED_ORDERS, asked_at)
        asked_at = self._now()
        await self._asks.executions()
        self._told(EXECUTIONS, asked_at)

    def _told(self, question: str, asked_at: datetime, contracts: Sequence[int] = ()) -> None:
        if self._is_stopped:
            raise NotAnsweredError(f"{question}: given up")
        self._inbox.answered(question, asked_at, contracts)
