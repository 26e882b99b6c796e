"""A scene: the whole gateway with a plan, and the real ib_async before it, under a virtual clock.

A test is a story, an `async def` that is given a scene. `@effect` has it told twice: with the fault
in the plan it holds, and the strike is on record; with an empty plan the same story is refuted. So
no test passes for another reason than the fault that it is named after.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from json import loads
from typing import Any

import pytest
from ib_async import IB, LimitOrder, MarketOrder, Stock, Ticker, Trade

from backstay.gateway.faults.plan import Plan, rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.tape import parse
from backstay.gateway.server.memory import Cable
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import run, running

START_NS = 1_795_446_000 * SECOND_NS  # Monday 2026-11-23, ten o'clock in New York
HOST, PORT = "gateway", 4002
WAIT_SECONDS_MAX = 120
"""How long a story waits for what must come."""

STILL = "+0 AAPL bid=99.98 ask=100.02 bid_size=500 ask_size=500 last=100 last_size=100"
"""A stock that moves only when it is told to."""

STATUS, EXECUTION, COMMISSION = 3, 11, 59
"""The ids of the messages that bring news of an order."""

AAPL = Stock("AAPL", "SMART", "USD")
DAY = {"tif": "DAY"}
SETTINGS = Settings(seed=7, restart_at=None)


class Tap:
    """What a client's socket has received, whatever ib_async made of it."""

    def __init__(self) -> None:
        self.frames: list[list[str]] = []
        self.rest = b""
        """Bytes that are no whole frame yet."""

    def hear(self, data: bytes) -> None:
        self.rest += data
        while len(self.rest) >= 4:
            end = 4 + int.from_bytes(self.rest[:4], "big")
            if len(self.rest) < end:
                return
            payload, self.rest = self.rest[4:end], self.rest[end:]
            self.frames.append(payload.decode(errors="backslashreplace").split("\0")[:-1])

    def of(self, message_id: int) -> list[list[str]]:
        """The frames of one kind, in order, without their id."""
        return [frame[1:] for frame in self.frames if frame[:1] == [str(message_id)]]


class Scene:
    """What a story speaks to, and what it can look at behind the counter."""

    def __init__(self, net: MemoryNet, plan: Plan, settings: Settings, tape: str | None) -> None:
        self.wire: list[str] = []
        self.audit: list[str] = []
        self.said: list[str] = []
        self.complaints: list[str] = []
        """What ib_async has logged as an error, or worse."""
        self.codes: list[int] = []
        """Every error code that any client was told, in order, but for those of a good start."""
        self._taps: dict[IB, Tap] = {}
        self.gateway = Gateway(
            settings,
            START_NS,
            tape=parse(tape) if tape else None,
            plan=plan,
            outlets=Outlets(self.wire.append, self.audit.append, self.said.append),
        )
        self._server = net.serve(HOST, PORT, self.gateway)

    @property
    def seconds(self) -> float:
        """How long the story has lasted."""
        return running().time()

    async def join(self, client_id: int = 1, **options: Any) -> IB:
        """A client, connected."""
        ib = IB()
        tap = self._taps[ib] = Tap()
        ib.client.conn.hasData += tap.hear
        ib.errorEvent += lambda _request, code, _text, _contract: self.codes.append(code)
        before = len(self.codes)
        await ib.connectAsync(HOST, PORT, clientId=client_id, **options)
        # Which data farms there are is told at every start, and means nothing.
        del self.codes[before:]
        return ib

    @property
    def clients(self) -> tuple[IB, ...]:
        """Who has tried to join, in order."""
        return tuple(self._taps)

    def tap(self, ib: IB) -> Tap:
        """What its socket has received since it connected."""
        return self._taps[ib]

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    async def until(self, condition: Callable[[], object]) -> None:
        """Let time pass until the condition holds; it has to, before long."""
        for _ in range(WAIT_SECONDS_MAX * 10):
            if condition():
                return
            await self.sleep(0.1)
        raise AssertionError("it has never come about")

    def show(self, symbol: str = "AAPL", **changes: str | int) -> None:
        """Show a new quote, or a trade."""
        contract = Contract(symbol=symbol, sec_type="STK", exchange="SMART", currency="USD")
        figures: Any = {name: Decimal(value) for name, value in changes.items()}

        def inject() -> None:
            (instrument,) = self.gateway.market.find(contract)
            with self.gateway.turn():
                self.gateway.market.inject(instrument.con_id, **figures)

        self._server.act(inject)

    def strikes(self, name: str) -> list[str]:
        """What a fault has struck, as the audit names it."""
        lines = [loads(line) for line in self.audit]
        return [
            line["subject"] for line in lines if line["what"] == "fault" and line["name"] == name
        ]

    def position(self, symbol: str = "AAPL") -> Decimal:
        """What the default account really holds."""
        accounts = self.gateway.accounts
        held = {
            position.contract.symbol: position.quantity
            for position in accounts.positions(accounts.default)
        }
        return held.get(symbol, Decimal(0))

    def leave(self) -> None:
        """Every client that is still there hangs up."""
        for ib in self._taps:
            ib.disconnect()


Story = Callable[[Scene], Awaitable[None]]


def play(
    story: Story,
    *plan: Rule,
    settings: Settings = SETTINGS,
    tape: str | None = STILL,
    cable: Cable | None = None,
) -> Scene:
    """Tell a story to its end; the scene as it is then. Without a tape the market walks."""
    net = MemoryNet(cable)
    scenes: list[Scene] = []

    async def main() -> Scene:
        scene = Scene(net, plan, settings, tape)
        scenes.append(scene)
        try:
            await story(scene)
        finally:
            scene.leave()
        await scene.sleep(1)
        return scene

    def complain(text: str) -> None:
        for scene in scenes:
            scene.complaints.append(text)

    with overheard(complain):
        return run(main(), start_ns=START_NS, net=net)


def effect(
    name: str, *, settings: Settings = SETTINGS, **keys: object
) -> Callable[[Story], Callable[[bool], None]]:
    """A story that holds because of this fault, and only because of it."""
    planned = rule(name, **keys)

    def told(story: Story) -> Callable[[bool], None]:
        @pytest.mark.parametrize("is_planned", [True, False], ids=["planned", "not planned"])
        def judge(is_planned: bool) -> None:
            if is_planned:
                assert play(story, planned, settings=settings).strikes(name)
            else:
                with pytest.raises((AssertionError, pytest.fail.Exception)):
                    play(story, settings=settings)

        # Not functools.wraps: pytest would take the scene for a fixture.
        judge.__name__ = judge.__qualname__ = getattr(story, "__name__", name)
        judge.__doc__ = story.__doc__
        judge.__module__ = story.__module__
        return judge

    return told


@contextmanager
def overheard(complain: Callable[[str], None]) -> Iterator[None]:
    """What ib_async logs as an error is kept for the story, and out of the test's report."""

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            complain(record.getMessage())

    ear = Ear(logging.ERROR)
    loggers = [logging.getLogger(name) for name in ("ib_async", "eventkit")]
    before = [(logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.addHandler(ear)
        logger.propagate = False
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, (propagates, level) in zip(loggers, before, strict=True):
            logger.removeHandler(ear)
            logger.propagate = propagates
            logger.setLevel(level)


async def stream(scene: Scene, ib: IB) -> Ticker:
    """A stream of AAPL's prices, with its first picture."""
    contract = Stock("AAPL", "SMART", "USD")
    await ib.qualifyContractsAsync(contract)
    ticker = ib.reqMktData(contract)
    await scene.sleep(1)
    return ticker


def buy(ib: IB, quantity: int = 100, **terms: Any) -> Trade:
    """A market order, which fills at once at 100.02."""
    return ib.placeOrder(AAPL, MarketOrder("BUY", quantity, **DAY, **terms))


def rest(ib: IB, limit: float = 95.0, quantity: int = 100, **terms: Any) -> Trade:
    """A limit order far below the market, which rests."""
    return ib.placeOrder(AAPL, LimitOrder("BUY", quantity, limit, **DAY, **terms))


def statuses(trade: Trade) -> list[str]:
    """How the client has seen an order's status change, fills and repetitions left out."""
    seen: list[str] = []
    for entry in trade.log:
        if not seen or seen[-1] != entry.status:
            seen.append(entry.status)
    return seen
