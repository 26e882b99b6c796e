"""The role `broker`: it holds the session of one account and client id.

Nothing of its edge begins before the kill state was read, and no call is taken before the session
is its own and completely read.
"""

from collections.abc import Sequence

from activities.arriving import Arrivals
from activities.bookings import EntryBookings
from activities.calls import Door
from activities.changes import EngineChanges
from activities.edge import EdgeActivities
from activities.entered import EarlierEntries
from activities.late_fills import LateFills
from activities.unexplained import UnexplainedPositions
from backstay.broker.edge import Edge
from workers.bootstrap import Foundation
from workers.health import HealthReport, Role
from workers.labour import Polling
from workers.live import live_pages
from workers.lives import Lives
from workers.measuring import EdgeMeasures
from workers.predecessor import Identity
from workers.serving import Pages


class BrokerRole:
    """Holds the session of one account and client id."""

    role = Role.BROKER

    def __init__(self, foundation: Foundation) -> None:
        self._foundation = foundation
        settings = foundation.settings
        tell, now = foundation.board.tell, foundation.clock.now
        self._edge = Edge(settings.edge, tell, now())
        self._has_started = False
        self._watch = foundation.kill_watch(self._edge.set_epoch)
        foundation.registry.register(EdgeMeasures(self._edge.health))
        changes = EngineChanges(foundation.client)
        self._arrivals = Arrivals(foundation.client)
        self._bookings = EntryBookings(foundation.store, tell, now)
        foundation.health.run("bookings", self._bookings.run)
        late_fills = LateFills(foundation.store, self._edge, tell, now)
        foundation.health.run("late fills", late_fills.run)
        unexplained = UnexplainedPositions(foundation.store, self._edge, tell, now)
        foundation.health.run("unexplained positions", unexplained.run)
        self._activities = EdgeActivities(
            self._edge,
            changes,
            EarlierEntries(foundation.store, self._edge, settings.edge),
            self._bookings.hear,
            self._arrivals.answers,
        )
        identity = Identity(settings.account, settings.broker.client_id, foundation.boot)
        self._lives = Lives(foundation.client, self._edge, identity, self._workers, now)

    async def run(self) -> None:
        """Hold the session, and take calls while it is ours; until cancelled."""
        await self._watch.known()
        self._has_started = True
        self._edge.start()
        await self._lives.run()

    async def close(self) -> None:
        """Hang up; at the broker everything stays as it is."""
        await self._edge.close()
        await self._arrivals.close()
        await self._bookings.close()

    def report(self) -> HealthReport:
        """How it stands."""
        edge = self._edge.health() if self._has_started else None
        polls = self._lives.is_polling
        return self._foundation.report(self.role, self._watch.trouble, edge, polls=polls)

    def pages(self) -> Pages:
        """What is live at the edge, and the orders of the account."""
        return live_pages(self._edge)

    def _workers(self, identity: Identity) -> Sequence[Polling]:
        account, labour = self._foundation.settings.account, self._foundation.labour
        return [
            labour.of_activities(door.queue(account), activities, str(identity))
            for door, activities in (
                (Door.ARMS, self._activities.lasting()),
                (Door.OPS, self._activities.short()),
            )
        ]
