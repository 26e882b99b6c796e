"""Everything that the broker has, asked for until each answer is complete.

As long as the time is unknown it is asked for first, because everything else is filed by it.
Executions are asked for after the orders, so that an order which has filled meanwhile is seen with
its fills. Each complete answer is told to the inbox with the time before it was asked for.
"""

from backstay.broker.doors.knowing import SyncedInbox
from backstay.broker.doors.wire import Asks
from backstay.broker.session.needs import Timing

POSITIONS = "positions"
OPEN_ORDERS = "open orders"
COMPLETED_ORDERS = "completed orders"
EXECUTIONS = "executions"
ACCOUNT = "account"


class Reading:
    """Asks for all of it, or for what moves."""

    def __init__(self, asks: Asks, inbox: SyncedInbox, account: str, time: Timing) -> None:
        self._asks = asks
        self._inbox = inbox
        self._account = account
        self._time = time
        self._now = time.now

    async def everything(self) -> None:
        """All that a session begins with; raises an EdgeError where an answer is missing."""
        if self._time.known is None:
            await self._time.ask(self._asks.current_time)
        await self.positions()
        await self.orders()
        asked_at = self._now()
        await self._asks.account(self._account)
        self._inbox.answered(ACCOUNT, asked_at)

    async def positions(self) -> None:
        """What is held."""
        asked_at = self._now()
        contracts = await self._asks.positions()
        self._inbox.answered(POSITIONS, asked_at, contracts)

    async def orders(self) -> None:
        """Orders, living and over, then executions."""
        asked_at = self._now()
        await self._asks.open_orders()
        self._inbox.answered(OPEN_ORDERS, asked_at)
        asked_at = self._now()
        await self._asks.completed_orders()
        self._inbox.answered(COMPLETED_ORDERS, asked_at)
        asked_at = self._now()
        await self._asks.executions()
        self._inbox.answered(EXECUTIONS, asked_at)
