"""The edge: all its rooms, composed, behind the port that the rest of the system knows.

Owns who hears what, and in which order. Facts are settled before any quote of the same read is
looked at; a session that has synced is told to whoever waits for one; a new broker day to whoever
has to know that the old one can't be read any more. Whatever is asked for before a session has
synced completely waits for it: nothing is armed, guarded or sent on half a picture.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

from backstay.broker.absence import Absence
from backstay.broker.arms.arms import Arms
from backstay.broker.arms.telling import PAUSE
from backstay.broker.clock.broker_clock import BrokerClock
from backstay.broker.connecting import Connecting, Hearers, Wiring
from backstay.broker.contracts.catalogue import ContractCatalogue
from backstay.broker.days import BrokerDays
from backstay.broker.desk.around import Around
from backstay.broker.desk.desk import OrderDesk
from backstay.broker.desk.kill import KillSwitch
from backstay.broker.desk.last_hop import LastHop
from backstay.broker.drill.drill import Drill
from backstay.broker.errands import Errands
from backstay.broker.feeds.feeds import SharedFeeds
from backstay.broker.feeds.requests import Doors
from backstay.broker.guards.claims import Claims
from backstay.broker.guards.engine import EngineOrders
from backstay.broker.guards.guards import Guards
from backstay.broker.guards.walks import Walks
from backstay.broker.health import Health, Sign
from backstay.broker.hearing import Hearing
from backstay.broker.holdings import Holdings
from backstay.broker.inbox.audit import ProtectionAudit
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.knowing import Knowing
from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.line.encoding import Encoder
from backstay.broker.line.numbers import IdNumbers
from backstay.broker.market import Market
from backstay.broker.naked.measure import NakedTimes
from backstay.broker.news import News
from backstay.broker.notices import Tell
from backstay.broker.reading.reading import SHOWN, Reading
from backstay.broker.rooms import Rooms
from backstay.broker.session.session import BrokerSession
from backstay.broker.session.tenure import Tenure, when_ready
from backstay.broker.settings import EdgeSettings
from backstay.broker.translation.writing import FrameWriting
from backstay.broker.unread import Unread
from backstay.broker.watch.watch import TickWatch
from backstay.domain.edge.arms import AmendAnswer, Arm, ArmChange, Progress
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.changing import CancelAnswer, ModifyAnswer
from backstay.domain.edge.contracts import (
    InstrumentQuery,
    PreviewAnswer,
    ResolveAnswer,
    VolatilityAnswer,
)
from backstay.domain.edge.guards import (
    Guard,
    GuardChange,
    GuardResult,
    GuardState,
    SplitAnswer,
    SplitOff,
)
from backstay.domain.edge.live import LivePage
from backstay.domain.edge.looking import DeclareAnswer, FindAnswer
from backstay.domain.edge.market import MarketFacts
from backstay.domain.edge.ordered import OrdersPage
from backstay.domain.edge.session import EdgeHealth, SessionReport
from backstay.domain.edge.snapshot import BrokerSnapshot
from backstay.domain.edge.submission import Submission, SubmitAnswer
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.ids import IntentKey
from backstay.domain.instruments import Instrument
from backstay.domain.limits.kill import KillState
from backstay.domain.orders.intent import OrderIntent


class Edge:
    """One account and client id at the broker."""

    def __init__(self, settings: EdgeSettings, tell: Tell, guess: datetime) -> None:
        """`guess` stands in for the broker's time until the broker has told it."""
        self._settings = settings
        self._tell = tell
        self._clock = BrokerClock(tell, guess)
        now = self._clock.now
        self._health = Health(now, tell)
        self._errands = Errands(now, tell)
        self._inbox = BrokerInbox(settings.account, settings.client_id, now, tell)
        self._numbers = IdNumbers()
        self._lanes = OutgoingLanes(tell, now)
        encoder = Encoder()
        writing = FrameWriting(encoder)
        self._connecting = Connecting(
            settings,
            now,
            Wiring(self._lanes, self._numbers, encoder, writing),
            Hearers(self._hear, self._settle, self._no_line, self._clock.begin_read),
        )
        self._session = BrokerSession(
            settings,
            self._connecting.open,
            self._lanes,
            self._inbox,
            self._clock,
            tell,
        )
        self._catalogue = ContractCatalogue(self._connecting.asks, now, tell)
        doors = Doors(self._lanes, self._numbers, writing)
        self._feeds = SharedFeeds(doors, self._catalogue.phase, now, tell, settings.data_lines_max)
        self._watch = TickWatch(
            self._catalogue, self._feeds, settings.batch_window, now, tell, self._clock.read_at
        )
        self._kill = KillSwitch()
        self._desk = self._composed_desk(writing)
        self._rooms = self._composed_rooms()
        self._arms = Arms(self._rooms)
        claims = Claims()
        self._guards = Guards(self._arms, claims, self._rooms)
        self._walks = Walks(self._guards.ladder_of, self._arms, claims, self._rooms)
        self._engine = EngineOrders(self._desk, now, self._guards.ladder_of, self._walks.ladder_of)
        self._holdings = Holdings(self._watch)
        self._protection = ProtectionAudit(
            self._inbox, self._holdings.describe, settings.profile, now, tell
        )
        self._synced = asyncio.Event()
        self._tenure = Tenure(self._synced)
        self._knowing = Knowing(self._catalogue, self._synced, self._errands, now, tell)
        self._market = Market(self._rooms, self._inbox, self._knowing, settings)
        acting = (self._arms, self._guards, self._walks)
        self._days = BrokerDays(self._rooms, acting, self._inbox, self._desk, self._synced)
        self._reading = Reading(
            settings, self._rooms, acting, self._inbox, self._clock, self._watch
        )
        self._hearing = self._composed_hearing()
        self._absence = Absence(self._arms, self._desk, self._inbox, self._hearing.settle, tell)
        self._follow()

    def _composed_desk(self, writing: FrameWriting) -> OrderDesk:
        last_hop = LastHop(
            self._settings.limits,
            self._kill,
            lambda: self._connecting.accounts,
            self._catalogue,
            self._watch,
            self._inbox,
        )
        asks = self._connecting.asks
        around = Around(
            self._lanes,
            self._numbers,
            writing,
            self._inbox,
            self._session,
            asks,
            self._clock.now,
            self._tell,
            self._settings.zone,
        )
        return OrderDesk(around, last_hop, asks, self._errands)

    def _composed_rooms(self) -> Rooms:
        return Rooms(
            self._desk,
            self._inbox,
            self._session,
            self._watch,
            self._catalogue,
            self._errands,
            NakedTimes(self._inbox, self._settings.profile, self._clock.now),
            self._clock.now,
            self._tell,
            self._settings.zone,
        )

    def _composed_hearing(self) -> Hearing:
        return Hearing(
            self._settings.client_id,
            self._session,
            self._feeds,
            self._desk,
            self._clock,
            self._inbox,
            self._numbers,
            Unread(self._settings.account, self._clock.now, self._tell),
            (self._guards.position_changed, self._walks.position_changed),
        )

    def _follow(self) -> None:
        """What changes is told to each in turn; how long a quantity is naked is measured first."""
        self._inbox.follow(self._rooms.naked.changed)
        self._session.on_change(self._session_changed)
        for acting in (self._arms, self._guards, self._walks):
            self._inbox.follow(acting.changed)
            self._session.on_change(when_ready(acting.session_is_ready))
        self._session.on_resubscribe(self._resubscribe)

    # --- life ---

    def start(self) -> None:
        """Connect, and stay so."""
        self._health.tend("session", self._session.run)
        self._health.tend("watch", self._watch.run)
        self._health.tend("feeds", self._feeds.tend)
        self._health.tend("catalogue", self._catalogue.tend)
        self._health.tend("settling", self._hearing.settle_on_time)
        self._health.tend("audit", partial(self._protection.tend, self._synced))
        self._health.tend("broker day", self._days.run)
        if self._settings.drill_every:
            self._health.tend("drill", self._drill)

    async def close(self) -> None:
        """Hang up. At the broker everything stays as it is."""
        self._arms.close()
        self._guards.close()
        self._walks.close()
        await self._errands.close()
        await self._health.close()
        await self._session.close()

    async def synced(self) -> None:
        """Wait until a session has been synced completely."""
        await self._synced.wait()

    async def until_taken(self) -> None:
        """Wait until the session is somebody else's."""
        await self._tenure.until_taken()

    # --- the port: what lasts ---

    async def arm(
        self, arm: Arm, version: int, after: int = 0, pause: timedelta = PAUSE
    ) -> Progress:
        """Keep an entry ready, and tell of progress newer than `after`; what nobody acts on is told
        no sooner than `pause` after what was told last.
        """
        await self._knowing.know(arm.entry.intent.instrument)
        await self._tenure.wait()
        self._holdings.armed(arm)
        return await self._arms.arm(arm, version, after, pause)

    async def guard(self, guard: Guard, version: int, after: int = 0) -> GuardResult:
        """Watch a position, and tell of targets newer than `after`, or how the watch has ended."""
        await self._synced.wait()
        self._holdings.guarded(guard)
        self._knowing.begin(guard.instrument, guard.underlying)
        return await self._guards.guard(guard, version, after)

    async def walk(self, walk: Walk) -> Walked:
        """Take the next steps of a way out, and wait until there is something to decide."""
        self._knowing.begin(walk.way_out.underlying)
        await self._knowing.know_soon(walk.way_out.instrument)
        await self._tenure.wait()
        self._holdings.left(walk.way_out)
        return await self._walks.walk(walk)

    # --- the port: what is short ---

    def amend_arm(self, key: IntentKey, version: int, change: ArmChange) -> AmendAnswer:
        """Change a running arm, once."""
        return self._arms.amend(key, version, change)

    def amend_guard(
        self, key: IntentKey, version: int, change: GuardChange, *, again: bool = False
    ) -> AmendAnswer:
        """Change a running guard, once; `again` for what an earlier watch of it has made."""
        return self._guards.amend(key, version, change, again=again)

    async def split_off(self, asked: SplitOff) -> SplitAnswer:
        """Take a part out of what a guard watches, all or nothing."""
        await self._tenure.wait()
        return await self._guards.split_off(asked)

    def release(self, key: IntentKey, version: int) -> AmendAnswer:
        """Let an arm or a guard go before anything of it has left."""
        if key.purpose.is_exit:
            return self._guards.release(key, version)
        return self._arms.release(key, version)

    def knows(self, key: IntentKey) -> bool:
        """Whether an order was sent from here, or shown by the broker, as far as is synced."""
        return self._inbox.knows(key)

    def arm_state(self, key: IntentKey) -> Progress | None:
        """How an arm stands, for a heartbeat."""
        return self._arms.state(key)

    def guard_state(self, key: IntentKey) -> GuardState | None:
        """How a guard stands, for a heartbeat."""
        return self._guards.state(key)

    def walk_state(self, walk: Walk) -> Walked | None:
        """How a way out stands, for a heartbeat."""
        return self._walks.state(walk)

    async def submit(self, submission: Submission) -> SubmitAnswer:
        """Send an order, idempotently by its key."""
        await self._tenure.wait()
        return await self._engine.submit(submission)

    async def modify(self, submission: Submission) -> ModifyAnswer:
        """Modify a living order."""
        await self._tenure.wait()
        return await self._engine.modify(submission)

    async def cancel(self, key: IntentKey) -> CancelAnswer:
        """Cancel every life of an order."""
        await self._tenure.wait()
        return await self._engine.cancel(key)

    async def find(self, key: IntentKey, con_id: int, asked: Asked) -> FindAnswer:
        """Ask the broker for an order."""
        await self._synced.wait()
        return await self._engine.find(key, con_id, asked)

    async def declare_absent(self, key: IntentKey, by: str, reason: str) -> DeclareAnswer:
        """Take a person's word that the broker does not have an order that it shows no more."""
        await self._synced.wait()
        return await self._absence.declare(key, by, reason)

    async def preview(self, intent: OrderIntent) -> PreviewAnswer:
        """Ask what an order would tie up."""
        await self._synced.wait()
        return await self._desk.preview(intent)

    async def resolve(self, query: InstrumentQuery) -> ResolveAnswer:
        """The contract that a plan names."""
        await self._synced.wait()
        return await self._catalogue.resolve(query)

    async def volatility(self, instrument: Instrument, days: int) -> VolatilityAnswer:
        """How much a contract has moved a day."""
        await self._synced.wait()
        return await self._catalogue.volatility(instrument, days)

    async def market(self, instrument: Instrument) -> MarketFacts:
        """What is known now of a contract, and of the account; with a quote if one comes soon."""
        await self._synced.wait()
        return await self._market.facts(instrument)

    def snapshot(self) -> BrokerSnapshot:
        """What the broker holds, with how complete each part is."""
        return self._inbox.snapshot()

    def set_epoch(self, reported: KillState) -> KillState:
        """What is known of the kill now; the higher epoch wins, and is acted on in this turn."""
        known = self._kill.heard(reported)
        self._arms.killed(known)
        return known

    def health(self) -> EdgeHealth:
        """How all of it stands."""
        return self._reading.health(
            self._health.report(), self._feeds, self._lanes, self._connecting.reads, self._desk
        )

    def live(self, limit: int = SHOWN, trades: Collection[str] = ()) -> LivePage:
        """The legs at work, of these trades or all; whoever reads this changes nothing."""
        return self._reading.live(limit, trades)

    def orders(self, limit: int = SHOWN, trades: Collection[str] = ()) -> OrdersPage:
        """The orders that are known, of these trades or all and others'; read only, too."""
        return self._reading.orders(limit, trades)

    # --- who hears what ---

    def _hear(self, news: News) -> None:
        self._hearing.hear(news)

    def _settle(self) -> None:
        self._hearing.settle()

    def _no_line(self) -> None:
        self._feeds.detach()

    def _resubscribe(self) -> None:
        if self._connecting.line is not None:
            self._feeds.attach(self._connecting.line)

    def _session_changed(self, report: SessionReport) -> None:
        if self._tenure.ends(report):
            self._arms.session_is_taken()
            self._walks.session_is_taken()

    async def _drill(self, sign: Sign) -> None:
        """Keep the way of an order warm while there is anything that could send one."""
        drill, every = Drill(self._clock, self._settings.zone), self._settings.drill_every
        arms, guards, walks = self._arms, self._guards, self._walks
        await drill.run(every, lambda: arms.waiting + guards.at_work + walks.at_work, sign)
