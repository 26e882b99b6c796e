"""The embedded gateway in memory, on virtual time, and sessions to it joined as the edge does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import inf
from typing import Any, NamedTuple

from ib_async import LimitOrder, Stock

from backstay.broker.doors.knowing import SyncedInbox
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.line.asks import BrokerAsks
from backstay.broker.line.encoding import Encoder
from backstay.broker.line.line import GatewayLine
from backstay.broker.line.numbers import IdNumbers
from backstay.broker.line.opening import open_line
from backstay.broker.line.questions import Questions
from backstay.broker.line.reading import Ears
from backstay.broker.news import ErrorNews, News, UnreadNews
from backstay.broker.notices import Notice
from backstay.broker.session.needs import Connection, Ended
from backstay.broker.session.session import BrokerSession
from backstay.broker.settings import EdgeSettings
from backstay.broker.translation.hearing import Hearing
from backstay.broker.translation.writing import FrameWriting
from backstay.domain.edge.session import BrokerTime, SessionReport, SessionState
from backstay.domain.ids import IntentKey, Lane
from backstay.domain.limits.facts import AccountKind
from backstay.domain.sessions.broker_day import RestartWindow
from backstay.gateway.faults.rules import Rule
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.tape import parse
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS, from_ns
from backstay.gateway.values.contract import Contract
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import run, running

START_NS = 1_795_446_000 * SECOND_NS  # Monday 2026-11-23, ten o'clock in New York
START = from_ns(START_NS)
HOST, PORT = "gateway", 4002
ACCOUNT = "DU1234567"
STILL = "+0 AAPL bid=99.98 ask=100.02 bid_size=500 ask_size=500 last=100 last_size=100"
SETTINGS = Settings(seed=7, restart_at=None)
AAPL = Stock("AAPL", "SMART", "USD")


def now() -> datetime:
    """The gateway's clock."""
    return from_ns(running().now_ns)


class Time:
    """The gateway's clock: there is nothing to be learnt about it."""

    @staticmethod
    def now() -> datetime:
        return now()

    @property
    def known(self) -> BrokerTime | None:
        return BrokerTime(now(), 0.0)

    @staticmethod
    def next_probe_in() -> float:
        return inf

    @staticmethod
    async def ask(current_time: Callable[[], Awaitable[datetime]]) -> datetime:
        return await current_time()


class Inbox(BrokerInbox):
    """The real one, which also notes when it was told of an answer, and can be made to doubt."""

    def __init__(self, notices: list[Notice]) -> None:
        super().__init__(ACCOUNT, 1, now, notices.append)
        self.answers: list[tuple[str, datetime]] = []
        self.sessions = 0
        self.doubts: tuple[IntentKey, ...] = ()

    def begin_session(self) -> None:
        super().begin_session()
        self.sessions += 1

    def answered(self, question: str, asked_at: datetime, contracts: Any = ()) -> None:
        super().answered(question, asked_at, contracts)
        self.answers.append((question, asked_at))

    def unexplained(self) -> tuple[IntentKey, ...]:
        return self.doubts


class Change(NamedTuple):
    """A change of state, at so many seconds."""

    seconds: float
    state: SessionState
    why: str


class Edge:
    """One session with everything that it needs, and what it has done."""

    def __init__(self, settings: EdgeSettings) -> None:
        self.settings = settings
        self.notices: list[Notice] = []
        self.news: list[News] = []
        self.changes: list[Change] = []
        self.resubscribed: list[float] = []
        self.lines: list[GatewayLine] = []
        self.tries: list[float] = []
        self.endings: list[Ended] = []
        self.encoder = Encoder()
        self.numbers = IdNumbers()
        self.lanes = OutgoingLanes(self.notices.append, now)
        self.questions = Questions(self.lanes)
        self.inbox = Inbox(self.notices)
        self.asks = BrokerAsks(
            self.questions, self.numbers, self.encoder, FrameWriting(self.encoder)
        )
        inbox: SyncedInbox = self.inbox
        self.session = BrokerSession(
            settings, self.connect, self.lanes, inbox, Time(), self.notices.append
        )
        self.session.on_change(self._changed)
        self.session.on_resubscribe(lambda: self.resubscribed.append(running().time()))
        self.task: asyncio.Task[None] | None = None

    def start(self) -> "Edge":
        """Have it run."""
        self.task = asyncio.get_running_loop().create_task(self.session.run(lambda: None))
        return self

    async def stop(self) -> None:
        """End it and its session."""
        if self.task is not None:
            self.task.cancel()
        await self.session.close()

    @property
    def state(self) -> SessionState:
        return self.session.report.state

    @property
    def states(self) -> list[str]:
        """Every state that it came to, in order."""
        names = [str(change.state) for change in self.changes]
        return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]

    def buy(self, reference: str) -> bool:
        """Have an order leave as the desk would: if the session lets it in the turn it leaves."""
        if not self.session.may_send:
            return False
        sent: list[bool] = []

        def departure() -> tuple[bytes, ...]:
            if not self.session.may_send:
                return ()
            order = LimitOrder("BUY", 1, 90, orderRef=reference, tif="DAY")
            order_id = self.numbers.next_order_id()
            sent.append(True)
            return (self.encoder.frames(lambda c: c.placeOrder(order_id, AAPL, order)),)

        self.lanes.send(Lane.ENTRY, departure, lambda _why: None)
        return bool(sent)

    async def connect(self, ended: Ended) -> Connection:
        """Open a line and join it with everything, as the session asks for."""
        self.tries.append(running().time())
        self.endings.append(ended)
        hearing = Hearing(self._hear, now, self.questions)
        ears = Ears(hearing, hearing.unread, self.inbox.settle)
        settings = self.settings
        line = await open_line(settings.host, settings.port, settings.client_id, ears, ended)
        self.lines.append(line)
        self.numbers.goes_on_from(line.next_order_id)

        def adopt() -> None:
            frames = self.encoder.frames(lambda client: client.reqAutoOpenOrders(True))
            self.lanes.send(Lane.DATA, lambda: (frames,), lambda _why: None)

        return Connection(line, self.asks, self.questions.line_lost, adopt)

    def _hear(self, news: News) -> None:
        self.news.append(news)
        self.inbox.hear(news)
        if isinstance(news, ErrorNews | UnreadNews):
            self.session.hear(news)

    def _changed(self, report: SessionReport) -> None:
        self.changes.append(Change(running().time(), report.state, report.why))


@dataclass
class Rig:
    """What a story is told on."""

    net: MemoryNet
    gateway: Gateway
    act: Callable[[Callable[[], None]], None]
    audit: list[str]
    wire: list[str]
    edges: list[Edge] = field(default_factory=list)

    def edge(
        self,
        client_id: int = 1,
        account: str = ACCOUNT,
        kind: AccountKind = AccountKind.PAPER,
        windows: tuple[RestartWindow, ...] = (),
    ) -> Edge:
        """A session that runs from now on."""
        return self.add(
            Edge(
                EdgeSettings(
                    HOST, PORT, client_id, account, kind, limits=None, restart_windows=windows
                )
            )
        )

    def add(self, edge: Edge) -> Edge:
        """Another session that runs from now on."""
        self.edges.append(edge)
        return edge.start()

    @property
    def seconds(self) -> float:
        """How long the story has lasted."""
        return running().time()

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    async def until(
        self, condition: Callable[[], object], seconds: float = 120, step: float = 0.01
    ) -> float:
        """Let time pass until the condition holds, which has to be soon; when that is."""
        end = self.seconds + seconds
        while self.seconds < end:
            if condition():
                return self.seconds
            await asyncio.sleep(step)
        raise AssertionError(f"it has not come about: {[e.changes for e in self.edges]}")

    async def ready(self, edge: Edge) -> Edge:
        """Wait until it is ready."""
        await self.until(lambda: edge.state is SessionState.READY)
        return edge

    def show(self, **changes: str | int) -> None:
        """Show a new quote of AAPL."""
        contract = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
        figures: Any = {name: Decimal(value) for name, value in changes.items()}

        def inject() -> None:
            (instrument,) = self.gateway.market.find(contract)
            with self.gateway.turn():
                self.gateway.market.inject(instrument.con_id, **figures)

        self.act(inject)

    @staticmethod
    def stand_still(seconds: float) -> None:
        """Nothing of this process runs for so long, as when it is stopped and goes on later."""
        running().stand_still(seconds)


Story = Callable[[Rig], Awaitable[None]]


def play(story: Story, *plan: Rule, settings: Settings = SETTINGS) -> Rig:
    """Tell a story to its end; the rig as it is then."""
    net = MemoryNet()

    async def main() -> Rig:
        audit: list[str] = []
        wire: list[str] = []
        outlets = Outlets(wire.append, audit.append, lambda _line: None)
        gateway = Gateway(settings, START_NS, tape=parse(STILL), plan=plan, outlets=outlets)
        server = net.serve(HOST, PORT, gateway)
        rig = Rig(net, gateway, server.act, audit, wire)
        try:
            await story(rig)
        finally:
            for edge in rig.edges:
                await edge.stop()
        return rig

    return run(main(), start_ns=START_NS, net=net)
