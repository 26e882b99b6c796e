"""The desk before the embedded gateway, joined to it as the edge does, on virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from json import loads
from typing import Any

from backstay.broker.connecting import Connecting, Hearers, Wiring
from backstay.broker.desk.around import Around
from backstay.broker.desk.desk import OrderDesk
from backstay.broker.desk.kill import KillSwitch
from backstay.broker.desk.last_hop import LastHop
from backstay.broker.errands import Errands
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.line.encoding import Encoder
from backstay.broker.line.numbers import IdNumbers
from backstay.broker.news import ErrorNews, News, OrderNews, UnreadNews
from backstay.broker.notices import Notice
from backstay.broker.session.session import BrokerSession
from backstay.broker.settings import EdgeSettings
from backstay.broker.translation.writing import FrameWriting
from backstay.domain.edge.session import SessionState
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.facts import AccountKind
from backstay.domain.limits.kill import KillState
from backstay.domain.orders.view import OrderView
from backstay.gateway.faults.rules import Rule
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.tape import parse
from backstay.gateway.settings import Settings
from backstay.gateway.times import from_ns
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import run, running
from tests.broker.desk.fakes import FakeCatalogue, FakeQuotes
from tests.broker.desk.samples import ACCOUNT, LIMITS, START_NS
from tests.broker.session.rig import Time

HOST, PORT = "gateway", 4002
STILL = "+0 AAPL bid=99.98 ask=100.02 bid_size=500 ask_size=500 last=100 last_size=100"
SETTINGS = Settings(seed=7, restart_at=None)


def now() -> datetime:
    """The gateway's clock."""
    return from_ns(running().now_ns)


class House:
    """One desk with everything around it, and what the gateway knows."""

    def __init__(self, wire: list[str], audit: list[str], gateway: Gateway) -> None:
        settings = EdgeSettings(HOST, PORT, 1, ACCOUNT, AccountKind.PAPER, LIMITS)
        self.wire = wire
        self.audit = audit
        self.gateway = gateway
        self.notices: list[Notice] = []
        self.codes: list[int] = []
        tell = self.notices.append
        self.inbox = BrokerInbox(ACCOUNT, 1, now, tell)
        self.numbers = IdNumbers()
        self.lanes = OutgoingLanes(tell, now)
        encoder = Encoder()
        writing = FrameWriting(encoder)
        self.connecting = Connecting(
            settings,
            now,
            Wiring(self.lanes, self.numbers, encoder, writing),
            Hearers(self._hear, self.inbox.settle, lambda: None),
        )
        self.session = BrokerSession(
            settings, self.connecting.open, self.lanes, self.inbox, Time(), tell
        )
        self.kill = KillSwitch()
        self.kill.heard(KillState())
        self.errands = Errands(now, tell)
        last_hop = LastHop(
            LIMITS,
            self.kill,
            lambda: self.connecting.accounts,
            FakeCatalogue(),
            FakeQuotes(now),
            self.inbox,
        )
        asks = self.connecting.asks
        around = Around(
            self.lanes,
            self.numbers,
            writing,
            self.inbox,
            self.session,
            asks,
            now,
            tell,
            settings.zone,
        )
        self.desk = OrderDesk(around, last_hop, asks, self.errands)
        self._task = asyncio.get_running_loop().create_task(self.session.run(lambda: None))

    async def close(self) -> None:
        """Hang up."""
        self._task.cancel()
        await self.errands.close()
        await self.session.close()

    async def ready(self) -> None:
        """Wait until the session is."""
        await self.until(lambda: self.session.report.state is SessionState.READY)

    async def until(self, condition: Callable[[], object], seconds: float = 180) -> None:
        """Let time pass until the condition holds, which has to be soon."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not condition():
            assert loop.time() < end, f"it has not come about: {self.session.report}"
            await asyncio.sleep(0.01)

    def view(self, key: IntentKey) -> OrderView:
        """What is known of an order, which has to be something."""
        view = self.inbox.view(key)
        assert view is not None, f"nothing is known of {key}"
        return view

    def sent(self, message: str = "placeOrder") -> list[dict[str, Any]]:
        """The requests of one kind that the gateway has read."""
        lines = [loads(line) for line in self.wire]
        return [line for line in lines if line["dir"] == "in" and line["msg"] == message]

    def told(self, kind: IncidentKind) -> list[Notice]:
        """The notices of a kind."""
        return [notice for notice in self.notices if notice.kind is kind]

    def _hear(self, news: News) -> None:
        match news:
            case ErrorNews(subject_id=subject):
                self.codes.append(news.code)
                self.session.hear(news)
                if subject > 0 and not self.numbers.is_request(subject):
                    self.desk.on_error(news)
            case UnreadNews():
                self.session.hear(news)
            case OrderNews(client_id=1):
                self.inbox.hear(news)
                self.numbers.heard(news.report.order_id)
            case _:
                self.inbox.hear(news)


Story = Callable[[House], Awaitable[None]]


def play(story: Story, *plan: Rule, settings: Settings = SETTINGS) -> House:
    """Tell a story to its end; the house as it is then."""
    net = MemoryNet()

    async def main() -> House:
        wire: list[str] = []
        audit: list[str] = []
        outlets = Outlets(wire.append, audit.append, lambda _line: None)
        gateway = Gateway(settings, START_NS, tape=parse(STILL), plan=plan, outlets=outlets)
        net.serve(HOST, PORT, gateway)
        house = House(wire, audit, gateway)
        try:
            await house.ready()
            await story(house)
        finally:
            await house.close()
        return house

    return run(main(), start_ns=START_NS, net=net)
