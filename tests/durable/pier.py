"""A pier: real trades on a real engine, over the real edge and the gateway, in real time.

The engine is Temporal's own server, tuned; the edge speaks to the gateway over a socket. All of it
but the engine lives in the loop of the test, so a story sees behind every counter. Nothing waits
for a while in the hope that something will have happened by then: who waits, waits for a condition.

Under every story the laws hold at its end: the gateway's own record is without a fault, every order
was written down before it left, no key was used for two orders, and every trade has come to an end.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle
from json import loads
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from activities.dry_runs import dry_run
from activities.engine import TemporalEngine
from activities.ports import StartAnswer, Started
from backstay.accounts.store import AccountStore
from backstay.broker.edge import Edge
from backstay.domain.ids import IntentKey, Purpose, parse_order_ref
from backstay.domain.lifecycle import TradeState
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.domain.profile import BrokerProfile
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.triggers import Waiting as WaitingForTrigger
from backstay.domain.trade.dry_run import DryRunReport, dry_run_id
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.standing import Doing, TradeStanding
from backstay.gateway.times import from_ns
from backstay.lab.lives import Life, lives_of
from backstay.lab.oracle.oracle import Oracle
from tests.broker.edge.stage import ACCOUNT
from tests.broker.tcp.quay import Quay
from tests.durable.crew import Crew
from tests.gateway.conformance.house import House
from tests.hanging import HANGS_AFTER_SECONDS
from workers import clock
from workflows.trade import Trade

LOOK_SECONDS = 0.02
FIRST_DRY_RUN = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""By these moments, and not by those of the clock, dry runs are named in a committed history."""


PLAN = """
id = "{id}"
side = "buy"
[instrument]
symbol = "{symbol}"
{instrument}
[size]
quantity = {quantity}
[entry]
order = "LMT"
limit_offset = {offset}
{trigger}
[stop]
price = 98.00
{stop}
{more}
"""
TRIGGER = """
[entry.trigger]
price = 101.00
when = "above"
expires = {expires}
"""


class Pier(Quay):
    """What a story speaks to: a trader at the engine, and the market behind the gateway."""

    engine: TemporalEngine
    store: AccountStore
    crew: Crew

    def __init__(self, served: House, profile: BrokerProfile, client: Client) -> None:
        super().__init__(served)
        self.profile = profile
        self.client = client
        self.settings = replace(self.settings, profile=profile)
        self.submitted: list[Running] = []
        self.dry_runs: list[str] = []
        self._wire_is_ahead_by = self.now - clock.now()

    @property
    def edge_now(self) -> Edge:
        """The edge that holds the session, or has held it last."""
        return self.edges[-1]

    # --- what a trader does ---

    def order(
        self,
        name: str = "aapl-pier",
        *,
        symbol: str = "AAPL",
        instrument: str = "",
        quantity: int = 100,
        offset: str = "0.20",
        trigger: bool = False,
        expires: str = "2026-11-23T20:55:00Z",
        stop: str = "",
        more: str = "",
    ) -> TradeOrder:
        """To buy at once, or above 101, with a stop at 98."""
        text = PLAN.format(
            id=name,
            symbol=symbol,
            instrument=instrument,
            quantity=quantity,
            offset=offset,
            trigger=TRIGGER.format(expires=expires) if trigger else "",
            stop=stop,
            more=more,
        )
        plan = read_toml(text)
        assert isinstance(plan, TradePlan), plan
        return TradeOrder(plan, ACCOUNT, self.profile)

    async def hand_in(self, order: TradeOrder) -> StartAnswer:
        """Hand in a plan; the answer of the engine."""
        return await self.engine.start(order)

    async def dry_run(self, order: TradeOrder) -> DryRunReport:
        """Ask what a plan would do; a history of it is kept."""
        at = FIRST_DRY_RUN + timedelta(seconds=len(self.dry_runs))
        self.dry_runs.append(dry_run_id(order, at))
        return await dry_run(self.client, order, at, timedelta(seconds=10))

    async def submit(self, name: str = "aapl-pier", **asked: Any) -> "Running":
        """Hand in a plan that is new."""
        order = self.order(name, **asked)
        answer = await self.hand_in(order)
        assert isinstance(answer, Started), answer
        handle = self.client.get_workflow_handle_for(Trade.run, order.workflow_id)
        running = Running(self, order, handle)
        self.submitted.append(running)
        return running

    async def waiting(self, **asked: Any) -> "Running":
        """A trade that waits for its trigger, and prices that come."""
        trade = await self.submit(trigger=True, **asked)
        await trade.does(Doing.WAITING)
        await trade.is_armed()
        return trade

    async def guarding(self, **asked: Any) -> "Running":
        """A trade that has entered at 100.02, and is guarded."""
        trade = await self.submit(**asked)
        await trade.is_guarded()
        return trade

    def halt(self, symbol: str = "AAPL") -> None:
        """The exchange halts trading in it."""
        con_id = self._con_id(symbol)
        self.house.do(lambda: self.gateway.market.halt(con_id))

    def resume(self, symbol: str = "AAPL") -> None:
        """The halt is over."""
        con_id = self._con_id(symbol)
        self.house.do(lambda: self.gateway.market.resume(con_id))

    def cancel_by_hand(self, ref: str) -> None:
        """Somebody cancels an order in TWS."""
        (order,) = [
            held.order
            for held in self.gateway.exchange.open_orders()
            if held.order.order_ref == ref
        ]
        self.house.do(lambda: self.gateway.exchange.cancel(order.client_id, order.order_id))

    def living(self) -> set[str]:
        """The references of what really lives at the broker."""
        return {held.order.order_ref for held in self.gateway.exchange.open_orders()}

    def in_seconds(self, seconds: float) -> str:
        """That moment, as a plan writes it."""
        return f"{self.now + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"

    async def ticks(self) -> None:
        """Wait until the edge hears prices again."""
        before, prices = self.edge_now.health().last_tick_at, cycle(("100.00", "100.01"))

        def heard() -> bool:
            self.trade(next(prices))
            return self.edge_now.health().last_tick_at != before

        await self.until(heard)

    async def holds(self, quantity: int, symbol: str = "AAPL") -> None:
        """Wait until the account really holds so much."""
        await self.until(lambda: self.position(symbol) == quantity)

    def fall(self, *prices: str, symbol: str = "AAPL") -> None:
        """Trades at these prices."""
        for price in prices:
            self.trade(price, symbol)

    def breach(self, symbol: str = "AAPL") -> None:
        """The stop is reached, and believed."""
        self.fall("97.80", "97.79", symbol=symbol)

    def sent(self) -> list[str]:
        """What was sent, in order: the purpose, and the generation after the first.

        A leg of its own stands before it, and a change of a living order is sent like an order.
        """
        return [_name(key) for key, _ in self._sendings()]

    # --- what holds at the end ---

    async def lives(self) -> list[Life]:
        """Every workflow of this pier, as the engine has written it down."""
        return [
            life
            for trade in self.submitted
            for life in await lives_of(self.client, trade.handle.id)
        ]

    async def histories(self) -> list[Life]:
        """The same, and the dry runs, which are no trades and intend nothing."""
        asked = [life for name in self.dry_runs for life in await lives_of(self.client, name)]
        return [*await self.lives(), *asked]

    async def check(self) -> None:
        """The laws, read off the gateway's logs, off the histories, and off nothing else."""
        oracle = Oracle()
        for line in (*self.wire, *self.audit):
            oracle.read(line)
        assert oracle.verdict() == ()
        self._keys_are_used_once()
        lives = await self.lives()
        self._written_down_first(lives)
        for trade in self.submitted:
            await trade.adds_up()

    async def report(self) -> str:
        """How everything stands, for whoever has to find out why a story has failed."""
        told = [
            f"told: {notice.kind.value}, {notice.subject}: {notice.text}" for notice in self.notices
        ]
        stands = [f"{await trade.standing()}" for trade in self.submitted]
        calls = [f"{life.workflow_id}: {' '.join(life.calls())}" for life in await self.lives()]
        orders = [f"{ref}: {status}" for ref, status in self.standing().items()]
        sent = f"sent: {' '.join(self.sent())}"
        return "\n".join((sent, *orders, *told, *stands, *calls))

    def _keys_are_used_once(self) -> None:
        known: dict[str, str] = {}
        for line in self.orders():
            if parse_order_ref(line["ref"] or "") is not None:
                assert known.setdefault(line["ref"], line["perm_id"]) == line["perm_id"], line

    def _written_down_first(self, lives: Iterable[Life]) -> None:
        """Every order that was read off the wire was intended in some history before."""
        written = [intent for life in lives for intent in life.intents()]
        for key, sent_at in self._sendings():
            at = sent_at - self._wire_is_ahead_by
            before = [each for each in written if each.covers(key) and each.at <= at]
            assert before, f"{key} was sent, and nobody had written it down"

    def _sendings(self) -> Iterator[tuple[IntentKey, datetime]]:
        """Each of our orders as it was read off the wire, and when; a preview is none."""
        for line in map(loads, self.wire):
            if line["dir"] == "in" and line["msg"] == "placeOrder":
                key = parse_order_ref(line["ref"] or "")
                if key is not None and not line["fields"]["order"].get("what_if"):
                    yield key, from_ns(line["t"])


class Running:
    """One trade under way."""

    def __init__(
        self, pier: Pier, order: TradeOrder, handle: WorkflowHandle[Trade, Settlement]
    ) -> None:
        self.pier = pier
        self.order = order
        self.handle = handle

    def ref(self, purpose: Purpose, generation: int = 1, leg: int = 0) -> str:
        """The reference of one of its orders."""
        return IntentKey(self.order.trade, leg, purpose, generation).order_ref

    # --- looking, and waiting ---

    async def standing(self) -> TradeStanding:
        """How it stands."""
        return await self.handle.query(Trade.state)

    async def until(self, condition: Callable[[TradeStanding], object]) -> TradeStanding:
        """Wait until it stands so."""
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while not condition(standing := await self.standing()):  # noqa: ASYNC110 - likewise
                await asyncio.sleep(LOOK_SECONDS)
        return standing

    async def does(self, doing: Doing) -> TradeStanding:
        """Wait until this is what it does."""
        return await self.until(lambda standing: standing.doing is doing)

    async def is_armed(self) -> None:
        """Wait until the edge has seen the price on the near side of its trigger."""
        key = IntentKey(self.order.trade, 0, Purpose.ENTRY, 1)

        prices = cycle(("99.99", "100.00"))

        def sees() -> bool:
            self.pier.trade(next(prices), self.order.plan.instrument.symbol)
            progress = self.pier.edge_now.arm_state(key)
            return progress is not None and isinstance(progress.watch, WaitingForTrigger)

        await self.pier.until(sees)

    async def is_guarded(self) -> TradeStanding:
        """Wait until something is in, and the edge watches the price of it."""
        standing = await self.until(
            lambda standing: standing.doing is Doing.GUARDING and standing.entered
        )
        key = IntentKey(self.order.trade, 0, Purpose.EXIT_STOP, 1)
        prices = cycle(("100.03", "100.04"))

        def watches() -> bool:
            state = self.pier.edge_now.guard_state(key)
            if state is not None and state.last_tick_at is None:
                symbol = self.order.plan.instrument.symbol
                self.pier.show(symbol, last=next(prices), last_size=1)
            return state is not None and state.last_tick_at is not None

        await self.pier.until(watches)
        return standing

    def guarded(self) -> Guarded:
        """Where the engine's stop stands, as the edge has it."""
        key = IntentKey(self.order.trade, 0, Purpose.EXIT_STOP, 1)
        state = self.pier.edge_now.guard_state(key)
        assert state is not None
        return state.guarded

    def stop_at_broker(self) -> Decimal:
        """Where the stop that protects it rests."""
        (price,) = (
            held.order.aux_price
            for held in self.pier.gateway.exchange.open_orders()
            if held.order.order_ref.startswith(f"bs1:{self.order.trade}:0:PR:")
        )
        assert price is not None
        return price

    async def settlement(self) -> Settlement:
        """What it comes to."""
        return await asyncio.wait_for(self.handle.result(), HANGS_AFTER_SECONDS)

    async def ends(self, state: TradeState = TradeState.CLOSED, left_over: int = 0) -> Settlement:
        """It comes to this, and nothing of it lives any more at the broker."""
        settlement = await self.settlement()
        assert settlement.state is state, settlement
        assert settlement.left_over == left_over, settlement
        alive = {ref for ref in self.pier.living() if f":{self.order.trade}:" in ref}
        assert alive == set()
        return settlement

    # --- what a person wants ---

    async def update(self, name: str, *args: Any) -> str:
        """A person wants something."""
        told: str = await self.pier.engine.update(self.order.workflow_id, name, args)
        return told

    # --- the law ---

    async def adds_up(self) -> None:
        """It has ended, and its naked time was measured if it ever held anything."""
        description = await self.handle.describe()
        assert description.status is not WorkflowExecutionStatus.RUNNING, self.order.workflow_id
        standing = await self.standing()
        if standing.entered:
            assert standing.naked is not None, standing


def _name(key: IntentKey) -> str:
    leg = f"{key.leg}:" if key.leg else ""
    return f"{leg}{key.purpose.value}{key.generation if key.generation > 1 else ''}"
