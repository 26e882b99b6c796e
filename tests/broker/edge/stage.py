"""A stage: the whole edge before the whole gateway, in memory, under a virtual clock.

A test is a story, an `async def` that is given a stage. It arms, guards and sends like an engine
would, and looks at what the gateway has really got.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from json import loads
from typing import Any

from backstay.broker.edge import Edge
from backstay.broker.notices import Notice
from backstay.broker.settings import EdgeSettings
from backstay.domain.edge.arms import Arm
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.contracts import InstrumentQuery, Resolved
from backstay.domain.edge.guards import Guard
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import Effect, IntentKey, Purpose
from backstay.domain.instruments import Instrument
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.facts import AccountKind
from backstay.domain.limits.kill import KillState
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.limits.valuation import Collar
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OrderIntent,
    OrderTerms,
    TimeInForce,
)
from backstay.domain.profile import PESSIMISTIC, BrokerProfile
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sides import Side
from backstay.domain.ticks.guarding import Guarded, GuardRules
from backstay.domain.ticks.levels import stop_crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.stops import StopRule
from backstay.domain.ticks.trails import Resting, Trail
from backstay.domain.ticks.triggers import Trigger
from backstay.gateway.faults.plan import Plan
from backstay.gateway.faults.rules import Rule
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.tape import parse
from backstay.gateway.profile import Profile
from backstay.gateway.server.memory import Cable
from backstay.gateway.settings import Settings
from backstay.gateway.store import Store
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.lab.memory_net import MemoryNet
from backstay.lab.oracle.oracle import Oracle
from backstay.lab.virtual_time import run, running

START_NS = 1_795_446_000 * SECOND_NS  # Monday 2026-11-23, ten o'clock in New York
START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
HOST, PORT = "gateway", 4002
ACCOUNT = "DU1234567"
TRADE = "T7K2M9QX"
WAIT_SECONDS_MAX = 120
STILL = "\n".join(
    f"+0 {symbol} bid=99.98 ask=100.02 bid_size=500 ask_size=500 last=100 last_size=100"
    for symbol in ("AAPL", "MSFT", "SPY")
)
LIMITS = LimitSettings(
    account=ACCOUNT,
    base_currency="USD",
    exposure_max=Decimal(1_000_000),
    share_position_max=Decimal(10_000),
    trading=TradingMode.PAPER,
)
EDGE = EdgeSettings(
    host=HOST,
    port=PORT,
    client_id=1,
    account=ACCOUNT,
    kind=AccountKind.PAPER,
    limits=LIMITS,
)


def key(purpose: Purpose, generation: int = 1, trade: str = TRADE, leg: int = 0) -> IntentKey:
    """A key, by default of the one trade."""
    return IntentKey(trade, leg, purpose, generation)


@dataclass(frozen=True, slots=True)
class Seat:
    """One contract on the stage, and the orders that a trade in it is made of."""

    instrument: Instrument
    stage: "Counter"
    trade: str = TRADE

    def order(
        self,
        purpose: Purpose,
        quantity: int,
        terms: OrderTerms,
        side: Side = Side.BUY,
        generation: int = 1,
        **more: Any,
    ) -> OrderIntent:
        """An order of the trade."""
        name = key(purpose, generation, self.trade)
        in_force = more.pop("time_in_force", TimeInForce.DAY)
        return OrderIntent(
            name, ACCOUNT, self.instrument, side, Decimal(quantity), terms, in_force, **more
        )

    def stop(self, quantity: int, trigger: str, generation: int = 1) -> OrderIntent:
        """The disaster stop of a long position, attached to the entry."""
        stop = disaster_stop(
            key(Purpose.PROTECT, generation, self.trade),
            ACCOUNT,
            self.instrument,
            Decimal(quantity),
            Decimal(trigger),
            held_outside_regular_hours=False,
        )
        return replace(stop, parent=key(Purpose.ENTRY, 1, self.trade))

    def arm(
        self,
        quantity: int = 100,
        limit: str = "100.10",
        *,
        trigger: Trigger | None = None,
        stop: str | None = "95.00",
        profile: BrokerProfile = PESSIMISTIC,
        **more: Any,
    ) -> Arm:
        """A long entry, with its stop attached."""
        terms: OrderTerms = Limit(Decimal(limit)) if limit else Market()
        entry = self.order(Purpose.ENTRY, quantity, terms)
        protection = self.stage.approve(self.stop(quantity, stop)) if stop else None
        asked = self.stage.asked(self.instrument)
        approved = self.stage.approve(entry)
        return Arm(approved, protection, profile, asked, trigger=trigger, **more)

    def guard(
        self,
        quantity: int = 100,
        stop: str = "98.00",
        *,
        shield: OrderIntent | None = None,
        trail: Trail | None = None,
        profile: BrokerProfile = PESSIMISTIC,
        confirm_ticks: int = 2,
        **more: Any,
    ) -> Guard:
        """The guard of a long position that `shield` protects."""
        resting = shield or self.stop(quantity, "95.00")
        first = self.order(Purpose.EXIT_STOP, quantity, Limit(Decimal(stop)), Side.SELL)
        rules = LadderRules(
            first_key=first.key,
            shield=replace(resting, key=resting.key.next_generation()),
            trigger=Decimal(stop),
            profile=profile,
        )
        return Guard(
            ladder=rules,
            exit=self.stage.approve(first),
            protection=self.stage.approve(resting),
            quantity=Decimal(quantity),
            rules=GuardRules(
                StopRule(stop_crossing(Side.SELL), confirm_ticks=confirm_ticks),
                self.instrument.grid,
                trail,
            ),
            guarded=Guarded(Resting(Decimal(stop))),
            source=PriceSource.LAST,
            asked=self.stage.asked(self.instrument),
            shield=resting if shield is None else shield,
            **more,
        )


class Counter:
    """What an engine speaks to, and what can be seen behind the counter; wherever the gateway is.

    Whoever derives from it has the gateway and its logs, and knows broker time.
    """

    gateway: Gateway
    wire: list[str]
    audit: list[str]
    settings: EdgeSettings

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.edges: list[Edge] = []

    @property
    def now(self) -> datetime:
        """Broker time as it really is."""
        raise NotImplementedError

    async def edge(self, settings: EdgeSettings | None = None, *, synced: bool = True) -> Edge:
        """An edge, started; its first session synced."""
        edge = Edge(settings or self.settings, self.notices.append, self.now)
        self.edges.append(edge)
        edge.set_epoch(KillState())
        edge.start()
        if synced:
            await asyncio.wait_for(edge.synced(), WAIT_SECONDS_MAX)
        return edge

    async def seat(self, edge: Edge, symbol: str = "AAPL", trade: str = TRADE) -> Seat:
        """A contract, resolved, in which a trade can sit."""
        answer = await edge.resolve(InstrumentQuery(symbol))
        assert isinstance(answer, Resolved), answer
        return Seat(answer.instrument, self, trade)

    def asked(self, instrument: Instrument) -> Asked:
        """The circumstances of now."""
        return Asked(self.now, self.position(instrument.symbol))

    def approve(self, intent: OrderIntent, seconds: float = 3600) -> Approved:
        """What admission says of an order that every rule lets pass."""
        opens = intent.key.purpose.effect is Effect.OPENS
        reduces = intent.key.purpose.effect is Effect.REDUCES
        return Approved(
            intent,
            epoch=0,
            at=self.now,
            valid_until=None if reduces else self.now + timedelta(seconds=seconds),
            collar=Collar(Decimal(50), Decimal(150)) if opens else None,
            unit_value=Decimal(100),
            margin=Decimal(0),
        )

    def position(self, symbol: str = "AAPL") -> Decimal:
        """What the account really holds."""
        accounts = self.gateway.accounts
        held = {
            position.contract.symbol: position.quantity
            for position in accounts.positions(accounts.default)
        }
        return held.get(symbol, Decimal(0))

    def orders(self) -> list[dict[str, Any]]:
        """Every line of the audit about an order, in order."""
        return [line for line in map(loads, self.audit) if line["what"] == "order"]

    def standing(self) -> dict[str, str]:
        """The last status of each order, by its reference."""
        return {line["ref"]: line["status"] for line in self.orders()}

    def placed(self) -> list[str]:
        """The references of the placements that were read off the wire, in order."""
        lines = map(loads, self.wire)
        return [
            line["ref"] for line in lines if line["dir"] == "in" and line["msg"] == "placeOrder"
        ]

    def told(self, kind: str) -> list[Notice]:
        """What was told of one kind of incident."""
        return [notice for notice in self.notices if notice.kind == kind]

    async def leave(self) -> None:
        """Every edge hangs up."""
        for edge in self.edges:
            await edge.close()


class Stage(Counter):
    """What a story speaks to, and what it can look at behind the counter."""

    settings = EDGE

    def __init__(
        self, net: MemoryNet, plan: Plan, settings: Settings, tape: str, store: Store | None
    ) -> None:
        super().__init__()
        self.wire: list[str] = []
        self.audit: list[str] = []
        self.said: list[str] = []
        self.oracle = Oracle()
        self.gateway = Gateway(
            settings,
            START_NS,
            tape=parse(tape) if tape else None,
            plan=plan,
            store=store,
            outlets=Outlets(self.wire.append, self.audit.append, self.said.append),
        )
        self.net = net
        self._server = net.serve(HOST, PORT, self.gateway)

    @property
    def now(self) -> datetime:
        """Broker time as it really is."""
        return START + timedelta(seconds=running().time())

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    async def until(self, condition: Callable[[], object], seconds: float = 60) -> None:
        """Let time pass until the condition holds; it has to, before long."""
        for _ in range(round(seconds * 20)):
            if condition():
                return
            await asyncio.sleep(0.05)
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

    def trade(self, price: str, symbol: str = "AAPL") -> None:
        """Show a trade, and a quote around it."""
        at = Decimal(price)
        bid, ask = str(at - Decimal("0.02")), str(at + Decimal("0.02"))
        self.show(symbol, bid=bid, ask=ask, last=price, last_size=100)

    def act(self, act: Callable[[], None]) -> None:
        """Something happens at the gateway."""

        def turn() -> None:
            with self.gateway.turn():
                act()

        self._server.act(turn)

    def restart_gateway(self, down_seconds: float = 5) -> None:
        """The gateway restarts: every connection ends."""
        self._server.act(lambda: self.gateway.restart(round(down_seconds * SECOND_NS)))

    @staticmethod
    def stand_still(seconds: float) -> None:
        """Nothing of this process runs for so long, as when it is stopped and goes on later."""
        running().stand_still(seconds)

    def cut(self) -> None:
        """Every connection breaks off."""
        for line in self.net.lines:
            line.reset()

    def cancel_by_hand(self, ref: str) -> None:
        """Somebody cancels an order in TWS."""

        def cancel() -> None:
            (order,) = [
                held for held in self.gateway.exchange.open_orders() if held.order.order_ref == ref
            ]
            with self.gateway.turn():
                self.gateway.exchange.cancel(order.order.client_id, order.order.order_id)

        self._server.act(cancel)


Story = Callable[[Stage], Awaitable[None]]
SETTINGS = Settings(seed=7, restart_at=None)


def play(
    story: Story,
    *plan: Rule,
    profile: Profile | None = None,
    settings: Settings = SETTINGS,
    tape: str = STILL,
    cable: Cable | None = None,
) -> Stage:
    """Tell a story to its end; the stage as it is then."""
    net = MemoryNet(cable)
    if profile is not None:
        settings = replace(settings, profile=profile)

    async def main() -> Stage:
        stage = Stage(net, plan, settings, tape, None)
        try:
            await story(stage)
        finally:
            await stage.leave()
        await stage.sleep(1)
        return stage

    return run(main(), start_ns=START_NS, net=net)
