"""The edge, read out: the legs at work and the orders, with the session that they are of."""

from collections.abc import Collection

from backstay.broker.arms.arms import Arms
from backstay.broker.clock.broker_clock import BrokerClock
from backstay.broker.desk.desk import OrderDesk
from backstay.broker.feeds.feeds import SharedFeeds
from backstay.broker.guards.guards import Guards
from backstay.broker.guards.walks import Walks
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.reading.legs import Legs
from backstay.broker.reading.orders import Orders
from backstay.broker.reading.positions import Positions
from backstay.broker.rooms import Rooms
from backstay.broker.settings import EdgeSettings
from backstay.broker.stopwatch import Stopwatch
from backstay.broker.watch.watch import TickWatch
from backstay.domain.edge.live import EdgeNow, LivePage
from backstay.domain.edge.ordered import OrdersPage, OrderState
from backstay.domain.edge.session import EdgeHealth, TaskHealth

SHOWN = 200
"""So many lines a page has unless somebody asks for more. It is made in one turn of the loop in
which orders leave, too: with 1000 arms that wait this is some 10 ms, and each further line takes
some 40 microseconds, a position three times as long."""


class Reading:
    """What is known here, for whoever looks."""

    def __init__(
        self,
        settings: EdgeSettings,
        rooms: Rooms,
        acting: tuple[Arms, Guards, Walks],
        inbox: BrokerInbox,
        clock: BrokerClock,
        watch: TickWatch,
    ) -> None:
        self._settings = settings
        self._acting = acting
        self._session = rooms.session
        self._inbox = inbox
        self._clock = clock
        self._watch = watch
        self._legs = Legs(*acting, rooms, inbox)
        self._orders = Orders(acting[0], inbox)
        self._positions = Positions(inbox)

    @property
    def now(self) -> EdgeNow:
        """The account, the session and the times."""
        settings = self._settings
        return EdgeNow(
            account=settings.account,
            kind=settings.kind,
            client_id=settings.client_id,
            at=self._clock.now(),
            time=self._clock.known,
            session=self._session.report,
            last_tick_at=self._watch.last_tick_at,
        )

    def live(self, limit: int, trades: Collection[str]) -> LivePage:
        """The legs at work; with `trades` only theirs."""
        at_work = self._legs.at_work()
        total, legs = self._legs.read(at_work, limit, trades)
        return LivePage(self.now, total, legs, self._positions.read(at_work, trades))

    def orders(self, limit: int, trades: Collection[str]) -> OrdersPage:
        """The orders of the account; with `trades` only theirs."""
        now = self.now
        ours = self._orders.ours(now.at, trades)
        others = () if trades else tuple(self._orders.others())
        return OrdersPage(
            edge=now,
            read_at=self._inbox.completeness.open_orders_at,
            total=len(ours) + len(others),
            unknown=sum(order.state is OrderState.UNKNOWN for order in ours),
            orders=tuple(ours[:limit]),
            foreign=others[:limit],
        )

    def health(
        self,
        tasks: tuple[TaskHealth, ...],
        feeds: SharedFeeds,
        lanes: OutgoingLanes,
        reads: Stopwatch,
        desk: OrderDesk,
    ) -> EdgeHealth:
        """How all of it stands."""
        arms, guards, _ = self._acting
        now = self.now
        return EdgeHealth(
            account=now.account,
            client_id=now.client_id,
            session=now.session,
            time=now.time,
            tasks=tasks,
            armed=arms.waiting,
            guarded=guards.watching,
            lines_used=feeds.lines_used,
            lines_max=feeds.lines_max,
            waiting_in_lanes=lanes.waiting,
            last_tick_at=now.last_tick_at,
            reads=reads.durations,
            answers=desk.answers,
        )
