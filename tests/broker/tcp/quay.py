"""A quay: the whole edge and the whole gateway, joined by real sockets, in real time.

Both live in the loop of the test, asyncio's own or uvloop's. Nothing waits for a while in the hope
that something will have happened by then: whoever waits, waits for a condition.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import uvloop

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Arm, ArmPhase, Progress
from backstay.domain.edge.session import SessionState
from backstay.gateway.faults.rules import Rule
from backstay.gateway.profile import PESSIMISTIC
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS, from_ns
from backstay.gateway.values.contract import Contract
from tests.broker.edge.stage import EDGE, Counter
from tests.gateway.conformance.house import House, house
from tests.hanging import HANGS_AFTER_SECONDS

PAUSE_SECONDS = 0.002
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
QUIET = Settings(seed=7, restart_at=None, profile=replace(PESSIMISTIC, cancels_are_prompt=True))

on_each_loop = pytest.mark.parametrize("loop", LOOPS)


class Quay(Counter):
    """What a story speaks to, and what it can look at behind the counter."""

    def __init__(self, served: House) -> None:
        super().__init__()
        self.house = served
        self.gateway = served.gateway
        self.wire, self.audit = served.wire, served.audit
        self.settings = replace(EDGE, host="127.0.0.1", port=served.port)

    @property
    def now(self) -> datetime:
        """Broker time as it really is."""
        return from_ns(self.house.clock.now_ns())

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until the condition holds."""
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while not condition():  # noqa: ASYNC110 - the other side says nothing of it
                await asyncio.sleep(PAUSE_SECONDS)

    async def is_in(self, edge: Edge, state: SessionState) -> None:
        """Wait until the session of an edge stands so."""
        await self.until(lambda: edge.health().session.state is state)

    async def in_phase(self, edge: Edge, arm: Arm, phase: ArmPhase) -> Progress:
        """The progress in which an arm has come to a phase."""
        progress = await asyncio.wait_for(edge.arm(arm, 1), HANGS_AFTER_SECONDS)
        while progress.phase is not phase:
            assert not progress.phase.is_final, progress
            following = edge.arm(arm, 1, progress.revision)
            progress = await asyncio.wait_for(following, HANGS_AFTER_SECONDS)
        return progress

    def show(self, symbol: str = "AAPL", **changes: str | int) -> None:
        """Show a new quote, or a trade."""
        self.house.quote(self._con_id(symbol), **changes)

    def trade(self, price: str, symbol: str = "AAPL") -> None:
        """Show a trade, and a quote around it."""
        self.show(symbol, **around(price))

    def trades(self, *prices: str, symbol: str = "AAPL") -> None:
        """Show many trades at once: whoever listens has all of them to read at once."""
        con_id = self._con_id(symbol)

        def inject() -> None:
            for price in prices:
                figures: Any = {name: Decimal(value) for name, value in around(price).items()}
                self.gateway.market.inject(con_id, **figures)

        self.house.do(inject)

    def restart_gateway(self, down_seconds: float) -> None:
        """The gateway restarts: every connection ends."""
        self.house.server.act(lambda: self.gateway.restart(round(down_seconds * SECOND_NS)))

    async def quoted(self, edge: Edge) -> None:
        """Wait until prices have come."""
        await self.until(lambda: edge.health().last_tick_at is not None)

    def _con_id(self, symbol: str) -> int:
        contract = Contract(symbol=symbol, sec_type="STK", exchange="SMART", currency="USD")
        (instrument,) = self.gateway.market.find(contract)
        return instrument.con_id


def around(price: str) -> dict[str, str | int]:
    """A trade, and a quote around it."""
    at = Decimal(price)
    bid, ask = str(at - Decimal("0.02")), str(at + Decimal("0.02"))
    return {"bid": bid, "ask": ask, "last": price, "last_size": 100}


@asynccontextmanager
async def quay(*plan: Rule) -> AsyncIterator[Quay]:
    """A gateway that serves; at the end every edge has hung up and nobody is connected."""
    async with house(QUIET, plan=plan) as served:
        await served.listening()
        built = Quay(served)
        try:
            yield built
        finally:
            for edge in built.edges:
                await edge.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", served.port)).close()


Story = Callable[[Quay], Awaitable[None]]


def play(story: Story, *plan: Rule, loop: str = "asyncio") -> Quay:
    """Tell a story to its end on one of the loops; the quay as it is then."""

    async def main() -> Quay:
        async with quay(*plan) as built:
            await story(built)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left
        return built

    return on(loop, main())


def on(loop: str, work: Coroutine[Any, Any, Quay]) -> Quay:
    """Run it on a loop of this name."""
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(work)
