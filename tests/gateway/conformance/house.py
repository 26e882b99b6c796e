"""A gateway behind a real port, whose broker time a test can push forward.

It lives in the loop of the test, so that a test speaks to it as a client and looks behind its
counter in one thread. Prices stand still until they are quoted.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ib_async import IB

from backstay.gateway import gateway as gateways
from backstay.gateway.faults.plan import Plan
from backstay.gateway.market.tape import parse
from backstay.gateway.server.clock import BrokerClock
from backstay.gateway.server.tcp import Port, TcpServer
from backstay.gateway.settings import Settings
from backstay.gateway.store import Store
from backstay.gateway.times import SECOND_NS, to_ns
from backstay.gateway.values.contract import Contract
from tests.hanging import HANGS_AFTER_SECONDS

MONDAY_MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Ten o'clock in New York, in the regular session."""


STILL = "\n".join(
    f"+0 {symbol} bid=99.98 ask=100.02 bid_size=500 ask_size=500 last=100 last_size=100"
    for symbol in ("AAPL", "MSFT", "SPY")
)
"""Three instruments that move only when they are told to."""


class PushedClock(BrokerClock):
    """Real time, and what a test adds to it."""

    def __init__(self, start_ns: int) -> None:
        super().__init__(start_ns)
        self.added_ns = 0

    def now_ns(self) -> int:
        """Broker time."""
        return super().now_ns() + self.added_ns


class House:
    """The gateway, its port, and the time."""

    def __init__(
        self, settings: Settings, start: datetime, plan: Plan, store: Store | None
    ) -> None:
        self.said: list[str] = []
        self.audit: list[str] = []
        self.wire: list[str] = []
        self.at_line: Callable[[str], None] = lambda _: None
        self.clock = PushedClock(to_ns(start))
        self.gateway = gateways.Gateway(
            settings,
            to_ns(start),
            tape=parse(STILL),
            plan=plan,
            store=store,
            outlets=gateways.Outlets(self._wired, self.audit.append, self.said.append),
        )
        self._place = Port("127.0.0.1", 0)
        self.server = TcpServer(self.gateway, self._place, self._report)

    @property
    def port(self) -> int:
        """Where clients connect to."""
        return int(self._place.address.rpartition(":")[2])

    def forward(self, seconds: float) -> None:
        """Let broker time pass."""
        self.clock.added_ns += round(seconds * SECOND_NS)
        self.server.act(lambda: None)

    def show(self, symbol: str, **changes: str | int) -> None:
        """Show a new quote, or a trade, a second after the last one."""
        self.forward(1)
        contract = Contract(symbol=symbol, sec_type="STK", exchange="SMART", currency="USD")
        (instrument,) = self.gateway.market.find(contract)
        self.quote(instrument.con_id, **changes)

    def quote(self, con_id: int, **changes: str | int) -> None:
        """Show a quote or a trade of whatever has this number, at once."""
        figures: Any = {name: Decimal(value) for name, value in changes.items()}
        self.do(lambda: self.gateway.market.inject(con_id, **figures))

    def do(self, deed: Callable[[], object]) -> None:
        """Do something behind the counter; clients hear of it before this returns."""

        def turn() -> None:
            with self.gateway.turn():
                deed()

        self.server.act(turn)

    async def listening(self) -> None:
        """Wait until clients may connect again."""
        while not self._place.listens:  # noqa: ASYNC110 - a socket says nothing of it
            await asyncio.sleep(0)

    async def client(self, client_id: int = 1, **options: Any) -> IB:
        """A real client, connected."""
        ib = IB()
        await ib.connectAsync("127.0.0.1", self.port, clientId=client_id, timeout=5, **options)
        return ib

    def _wired(self, line: str) -> None:
        """Keep it; `at_line` is told before anything comes of what was read."""
        self.wire.append(line)
        self.at_line(line)

    def _report(self, text: str, fault: BaseException | None) -> None:
        self.said.append(text)
        if fault is not None:
            raise AssertionError(text) from fault


@asynccontextmanager
async def house(
    settings: Settings | None = None,
    start: datetime = MONDAY_MORNING,
    plan: Plan = (),
    store: Store | None = None,
) -> AsyncIterator[House]:
    """A gateway that serves; at the end it has stopped and nothing has gone wrong in it."""
    built = House(settings or Settings(seed=7), start, plan, store)
    serving = asyncio.create_task(built.server.serve(built.clock))
    try:
        yield built
    finally:
        built.server.stop()
        await serving
    faults = [text for text in built.said if "fault of the gateway" in text]
    assert not faults, faults


@asynccontextmanager
async def visit(
    settings: Settings | None = None, **options: Any
) -> AsyncIterator[tuple[House, IB]]:
    """A gateway that serves, and a client in it as long as it lasts."""
    async with house(settings, **options) as served:
        ib = await served.client()
        try:
            yield served, ib
        finally:
            ib.disconnect()


class Codes(list[tuple[int, int]]):
    """The errors and warnings that a client hears from now on: of which request, which number."""

    def __init__(self, client: IB) -> None:
        super().__init__()
        client.errorEvent += self._hear

    def numbers(self) -> list[int]:
        """The numbers alone."""
        return [number for _req_id, number in self]

    def _hear(self, req_id: int, number: int, _text: str, _contract: object) -> None:
        self.append((req_id, number))


async def settled(client: IB) -> None:
    """Everything that was asked and told before has arrived."""
    await client.reqCurrentTimeAsync()


async def until(client: IB, condition: Callable[[], Any]) -> None:
    """Read what comes until the condition holds."""
    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        while not condition():
            await client.updateEvent


def statuses(trades: Iterable[Any]) -> list[str]:
    """How each of the trades stands."""
    return [trade.orderStatus.status for trade in trades]
