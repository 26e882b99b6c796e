"""Those who work for a trader: the process that runs workflows, and the one that holds the session.

Here both are parts of the test's own process. They can be sent home and come back one by one, and
whoever comes back is somebody else: another identity, another edge, nothing remembered.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any

from prometheus_client import CollectorRegistry
from temporalio.client import Client

from activities import calls
from activities.account import AccountDoor
from activities.alerts import AlertDoor, NoticeBoard, NoticeMetrics
from activities.bookings import EntryBookings
from activities.books import AccountBooks
from activities.changes import EngineChanges
from activities.edge import EdgeActivities
from activities.entered import EarlierEntries
from backstay.accounts.store import AccountStore
from backstay.broker.edge import Edge
from tests.broker.edge.stage import ACCOUNT
from tests.broker.tcp.quay import Quay
from tests.hanging import HANGS_AFTER_SECONDS
from workers import clock
from workers.bootstrap import BUILD
from workers.config import CapacityTable
from workers.killing import KillWatch
from workers.labour import EngineLabour, Polling
from workers.lives import Lives
from workers.polling import poll
from workers.predecessor import Identity
from workflows.dry_run import DryRun
from workflows.exit import Exit
from workflows.trade import Trade

TRADES = "trades/test"
"""Who starts and runs workflows here; a committed history tells nothing of the machine."""


class Crew:
    """Everybody at work on one pier."""

    def __init__(
        self, quay: Quay, client: Client, store: AccountStore, books: AccountBooks
    ) -> None:
        self._quay = quay
        self._client = client
        self._store = store
        self._labour = EngineLabour(client, CapacityTable(), BUILD)
        metrics = NoticeMetrics(CollectorRegistry())
        self.board = NoticeBoard(store, lambda: quay.now, metrics, "test")
        self._account = AccountDoor(books, self.board)
        self._alerts = AlertDoor(self.board)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._brokers = 0

    @property
    def edge(self) -> Edge:
        """The edge of whoever holds the session, or has held it last."""
        return self._quay.edges[-1]

    # --- the process that runs workflows ---

    def trades_comes(self) -> None:
        """It takes calls from now on."""
        worker = self._labour.of_workflows(
            calls.TRADES_QUEUE,
            (Trade, Exit, DryRun),
            (
                self._account.admit,
                self._account.preflight,
                self._account.settle,
                self._alerts.alert,
            ),
            TRADES,
            heard=lambda _, __: None,
        )
        self._begin("trades", poll([worker], _for_ever()))

    async def trades_goes(self) -> None:
        """Nobody runs workflows any more; every one that is under way is forgotten."""
        await self._end("trades")

    # --- the process that holds the session ---

    async def broker_comes(self) -> Edge:
        """It connects, takes over what a former one has left, and takes calls."""
        quay, tell = self._quay, self._quay.notices.append
        edge = Edge(quay.settings, tell, quay.now)
        quay.edges.append(edge)
        watch = KillWatch(self._store, edge.set_epoch, lambda: quay.now, tell)
        self._begin("kill watch", watch.run(lambda: None))
        await asyncio.wait_for(watch.known(), HANGS_AFTER_SECONDS)
        edge.start()
        self._brokers += 1
        identity = Identity(ACCOUNT, quay.settings.client_id, f"boot{self._brokers}")
        bookings = EntryBookings(self._store, tell, lambda: quay.now)
        self._begin("bookings", bookings.run())
        changes = EngineChanges(self._client)
        entered = EarlierEntries(self._store, edge, quay.settings)
        doors = EdgeActivities(edge, changes, entered, bookings.hear, lambda: None)

        def workers(who: Identity) -> Sequence[Polling]:
            return [
                self._labour.of_activities(door.queue(ACCOUNT), activities, str(who))
                for door, activities in (
                    (calls.Door.ARMS, doors.lasting()),
                    (calls.Door.OPS, doors.short()),
                )
            ]

        lives = Lives(self._client, edge, identity, workers, clock.now)
        self._begin("broker", lives.run())
        await asyncio.wait_for(edge.synced(), HANGS_AFTER_SECONDS)
        return edge

    async def broker_goes(self) -> None:
        """It hangs up; what it was asked lies about until another one comes."""
        await self._end("broker")
        await self._end("kill watch")
        await self._end("bookings")
        await self.edge.close()

    # --- their ends ---

    async def goes(self) -> None:
        """All of them."""
        await self.broker_goes()
        await self.trades_goes()
        await self.board.close()

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks[name] = asyncio.create_task(work, name=name)

    async def _end(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _for_ever() -> None:
    await asyncio.Event().wait()
