"""What a story can do, and what it can wait for.

It acts as people do: it hands in plans, moves prices, sends signals to processes. What has happened
it learns from the gateway's record, from the workers' health and by asking trades. Nothing waits
for a while in the hope that something will have happened by then, except where a person should be
able to follow.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from temporalio.client import Client, WorkflowHandle

from activities.engine import TemporalEngine
from activities.ports import Differs
from backstay.domain.edge.session import EdgeHealth, SessionState
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.plan.trade import TradePlan
from backstay.domain.profile import BrokerProfile
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.settlement import Settlement
from backstay.lab.showcase.narration import Narration
from backstay.lab.showcase.record import Record, SentOrder
from backstay.lab.telling import Event, Who
from workers.supervising.asking import health
from workers.supervising.house import House
from workers.supervising.roster import Part
from workflows.trade import Trade

STEP_SECONDS_MAX = 30.0
"""How long anything may take, also if a process has to begin again for it."""

LOOK_SECONDS = 0.02
BEAT_SECONDS = 0.25
"""Between two prices, so that each is seen by itself."""


class StoryError(Exception):
    """Something that a story waited for has not happened; the message says what."""


@dataclass(frozen=True, slots=True)
class Told:
    """A trade of a story."""

    order: TradeOrder
    handle: WorkflowHandle[Trade, Settlement]

    def ref(self, purpose: Purpose, generation: int = 1, leg: int = 0) -> str:
        """The reference of one of its orders at the broker."""
        return str(IntentKey(self.order.trade, leg, purpose, generation))


class Scene:
    """One house, and everything that stories do in it."""

    def __init__(
        self,
        house: House,
        client: Client,
        engine: TemporalEngine,
        prices: Path,
        record: Record,
        tell: Callable[[Event], None],
    ) -> None:
        self.house = house
        self.client = client
        self.record = record
        self._engine = engine
        self._prices = prices
        self._narration = Narration(record)
        self._tell = tell

    # --- what it does ---

    async def submit(self, plan: TradePlan, account: str, profile: BrokerProfile) -> Told:
        """Hand a plan in."""
        order = TradeOrder(plan, account, profile)
        answer = await self._engine.start(order)
        if isinstance(answer, Differs):
            raise StoryError(f"{order.workflow_id} is there already, with another plan")
        return Told(order, self.client.get_workflow_handle_for(Trade.run, order.workflow_id))

    def open_at(self, symbol: str, price: str) -> None:
        """What a market stands at before anybody looks."""
        self._write(symbol, _around(price))

    async def price(self, symbol: str, *prices: str, **quote: str) -> None:
        """Trades, each with a quote around it, all in one go; and time to follow."""
        await self._session()
        self.price_now(symbol, *prices, **quote)
        await self.beat()

    def price_now(self, symbol: str, *prices: str, **quote: str) -> None:
        """The same, for a story that can't wait."""
        self._write(symbol, *(_around(price) | quote for price in prices))
        self.say(Who.MARKET, f"{symbol} {', '.join(prices)}", "in one go" if prices[1:] else "")

    async def quote(self, symbol: str, **words: str) -> None:
        """A quote, and no trade."""
        self._write(symbol, words)
        shown = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in words.items())
        self.say(Who.MARKET, f"{symbol} {shown}", "")
        await self.beat()

    async def close(self, told: Told) -> None:
        """What a person says who wants out."""
        self.say(Who.PERSON, f"backstay trade close {told.order.plan.id}")
        await self._engine.update(told.order.workflow_id, "close")

    def kill(self, part: Part) -> int:
        """End a process as a power failure does; returns its process id."""
        running = next(each for each in self.house.roster.running if each.part is part)
        os.kill(running.process.pid, signal.SIGKILL)
        return running.process.pid

    # --- what it tells ---

    def say(self, who: Who, what: str, why: str = "") -> None:
        """One line, at the broker's time."""
        self.listen()
        self._tell(Event(self.now(), who, what, why))

    def listen(self) -> None:
        """Tell what the gateway has written down since."""
        for event in self._narration.events(self.record.read()):
            self._tell(event)

    def now(self) -> datetime:
        """The broker's time."""
        return self.record.now()

    # --- what it waits for ---

    async def beat(self) -> None:
        """Let a person follow."""
        await asyncio.sleep(BEAT_SECONDS)
        self.listen()

    async def until(
        self, what: str, condition: Callable[[], bool], look_seconds: float = LOOK_SECONDS
    ) -> None:
        """Wait until the record has it so."""

        async def met() -> bool:
            self.listen()
            return condition()

        await self._until(what, met, look_seconds)

    async def placed(self, ref: str) -> SentOrder:
        """Wait until the gateway has read an order."""
        await self.until(f"the order {ref}", lambda: self.record.order(ref) is not None)
        return self.record.orders[ref]

    async def filled(self, ref: str, quantity: int) -> SentOrder:
        """Wait until so much of an order has filled."""
        order = await self.placed(ref)
        await self.until(f"{quantity} filled of {ref}", lambda: order.filled >= quantity)
        return order

    async def over(self, ref: str) -> SentOrder:
        """Wait until an order has filled, or is proven to be cancelled."""
        order = await self.placed(ref)
        await self.until(f"the end of {ref}", lambda: order.status in ("Filled", "Cancelled"))
        return order

    async def armed(self) -> None:
        """Wait until the edge watches the trigger of an entry."""
        await self._edge("a trigger to be watched", lambda edge: edge.armed > 0)

    async def guarded(self) -> None:
        """Wait until the edge watches a position."""
        await self._edge("a position to be watched", lambda edge: edge.guarded > 0)

    async def _session(self) -> None:
        """Wait until the edge is there to see what happens: a price that nobody saw is no story."""
        await self._edge(
            "the session with the broker", lambda edge: edge.session.state is SessionState.READY
        )

    async def _edge(self, what: str, wanted: Callable[[EdgeHealth], bool]) -> None:
        async def met() -> bool:
            self.listen()
            address = self.house.roster.address(Part.BROKER)
            found = None if address is None else await health(address)
            return found is not None and found.edge is not None and wanted(found.edge)

        await self._until(what, met)

    async def settled(self, told: Told) -> Settlement:
        """Wait until a trade is over."""
        result = asyncio.ensure_future(told.handle.result())
        try:
            await self.until(f"{told.order.plan.id} to be over", result.done)
            return result.result()
        finally:
            result.cancel()

    async def _until(
        self, what: str, met: Callable[[], Awaitable[bool]], look_seconds: float = LOOK_SECONDS
    ) -> None:
        try:
            async with asyncio.timeout(STEP_SECONDS_MAX):
                while not await met():  # noqa: ASYNC110 - files and processes wake nobody
                    await asyncio.sleep(look_seconds)
        except TimeoutError:
            raise StoryError(f"waited {STEP_SECONDS_MAX:g} s for {what}") from None

    def _write(self, symbol: str, *quotes: dict[str, str]) -> None:
        lines = (
            " ".join((symbol, *(f"{name}={value}" for name, value in words.items())))
            for words in quotes
        )
        with self._prices.open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))


def _around(last: str) -> dict[str, str]:
    quote = {"bid": _beside(last, -2), "ask": _beside(last, 2), "bid_size": "400"}
    return quote | {"ask_size": "400", "last": last, "last_size": "100"}


def _beside(price: str, cents: int) -> str:
    whole = round(float(price) * 100) + cents
    return f"{whole // 100}.{whole % 100:02}"
