"""The desk among stand-ins, on virtual time; only the inbox is the real one."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from backstay.broker.desk.around import Around
from backstay.broker.desk.desk import OrderDesk
from backstay.broker.desk.kill import KillSwitch
from backstay.broker.desk.last_hop import LastHop
from backstay.broker.errands import Errands
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.news import CompletedNews, ErrorNews, OrderNews
from backstay.broker.notices import Notice
from backstay.domain.limits.kill import KillState
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.reports import CompletedReported, OrderReported
from backstay.gateway.times import from_ns
from backstay.lab.virtual_time import run, running
from tests.broker.desk.fakes import (
    FakeAsks,
    FakeCatalogue,
    FakeLanes,
    FakeNumbers,
    FakeQuotes,
    FakeSession,
    FakeWriting,
)
from tests.broker.desk.samples import ACCOUNT, LIMITS, START_NS


def now() -> datetime:
    """Broker time."""
    return from_ns(running().now_ns)


class Counter:
    """A desk and its surroundings."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.lanes = FakeLanes()
        self.numbers = FakeNumbers()
        self.session = FakeSession(now)
        self.asks = FakeAsks()
        self.catalogue = FakeCatalogue()
        self.accounts: tuple[str, ...] = (ACCOUNT,)
        self.kill = KillSwitch()
        self.kill.heard(KillState())
        self.inbox = BrokerInbox(ACCOUNT, 1, now, self.notices.append)
        self.errands = Errands(now, self.notices.append)
        last_hop = LastHop(
            LIMITS,
            self.kill,
            lambda: self.accounts,
            self.catalogue,
            FakeQuotes(now),
            self.inbox,
        )
        around = Around(
            self.lanes,
            self.numbers,
            FakeWriting(),
            self.inbox,
            self.session,
            self.asks,
            now,
            self.notices.append,
            ZoneInfo("America/New_York"),
        )
        self.desk = OrderDesk(around, last_hop, self.asks, self.errands)

    @property
    def written(self) -> list[list[str]]:
        """What has left, write by write and frame by frame, in words."""
        return [list(_frames(written)) for written in self.lanes.written]

    def show(
        self,
        intent: OrderIntent,
        order_id: int = 1,
        perm_id: int = 1001,
        status: str = "Submitted",
        settle: bool = True,
    ) -> None:
        """The broker shows an order as it was meant, and that is read."""
        report = OrderReported(
            order_id=order_id,
            perm_id=perm_id,
            status=status,
            side=intent.side,
            quantity=intent.quantity,
            terms=intent.terms,
            time_in_force=intent.time_in_force,
            outside_regular_hours=False,
            oca=None,
            parent_order_id=0,
            received_at=now(),
        )
        news = OrderNews(intent.order_ref, 1, ACCOUNT, intent.instrument.con_id, report)
        self.inbox.hear(news)
        if settle:
            self.inbox.settle()

    def complete(self, intent: OrderIntent, perm_id: int, status: str) -> None:
        """The broker lists an order as over."""
        report = CompletedReported(perm_id, status, Decimal(0), now())
        self.inbox.hear(
            CompletedNews(
                intent.order_ref,
                ACCOUNT,
                intent.instrument.con_id,
                intent.side,
                intent.quantity,
                report,
            )
        )
        self.inbox.settle()

    def error(self, code: int, text: str = "so it is", order_id: int = 1) -> None:
        """The broker says something about an order id, and that is read."""
        self.desk.on_error(ErrorNews(order_id, code, text, now()))
        self.inbox.settle()

    def lose_line(self) -> None:
        """The line is lost with whatever waits for it."""
        self.lanes.lose()
        self.session.go_down()
        self.inbox.begin_session()


def _frames(written: bytes) -> Iterator[str]:
    while written:
        end = 4 + int.from_bytes(written[:4], "big")
        yield written[4:end].decode()
        written = written[end:]


Story = Callable[[Counter], Awaitable[None]]


def play(story: Story) -> Counter:
    """Tell a story to its end; the counter as it is then."""

    async def main() -> Counter:
        counter = Counter()
        try:
            await story(counter)
        finally:
            await counter.errands.close()
        return counter

    return run(main(), start_ns=START_NS)
