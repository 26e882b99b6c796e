"""One trade after the other on a real engine, between real processes.

Two spans are measured of each. *Armed*: from the moment at which a plan is handed in to the one at
which a worker takes up the watch of its trigger, as the engine's history has it. *The last rung*:
from the end of the limit's time, in broker time, to the market order on the wire, as the gateway's
own log has it; the engine decides on it twice in between, once for the cancel and once more for the
order that takes its place.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio.client import Client, WorkflowHandle

from activities.books import AccountBooks
from activities.converting import VALUES
from activities.engine import TemporalEngine
from activities.ports import Started
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.settlement import Settlement
from backstay.lab.benches.trade.figures import Report, report
from backstay.lab.benches.trade.market import SYMBOLS, Market, market
from backstay.lab.benches.trade.staff import ACCOUNT, staff
from backstay.lab.benches.trouble import BenchError
from workers import clock
from workers.embedded import tuned_engine
from workflows.trade import Trade

LIMIT_SECONDS = 2.0
STEP_SECONDS_MAX = 20.0
LOOK_SECONDS = 0.01

_PLAN = """\
id = "bench-{number}"
side = "buy"
[instrument]
symbol = "{symbol}"
[size]
quantity = 100
[entry]
order = "LMT"
limit_offset = 0.20
[entry.trigger]
price = 101.00
when = "above"
expires = 2026-11-23T20:55:00Z
[stop]
price = 98.00
[stop.ladder]
limit_seconds = 2
"""


@dataclass
class Spans:
    """What was measured, in seconds."""

    armed: list[float] = field(default_factory=list)
    last_rung: list[float] = field(default_factory=list)


def run(rounds: int, tell: Callable[[str], None]) -> Report:
    """Measure so many trades."""
    return asyncio.run(_run(rounds, tell))


async def _run(rounds: int, tell: Callable[[str], None]) -> Report:
    spans = Spans()
    with TemporaryDirectory() as folder:
        data = Path(folder)
        async with (
            market() as built,
            tuned_engine(data / "engine.db") as engine,
            staff(data, engine.address, built.port),
        ):
            client = await Client.connect(engine.address, data_converter=VALUES)
            bench = _Bench(client, built, spans)
            for number in range(rounds):
                tell(f"trade {number + 1} of {rounds}")
                await bench.trade(number)
    return report(spans.armed, spans.last_rung)


class _Bench:
    def __init__(self, client: Client, built: Market, spans: Spans) -> None:
        self._client = client
        self._engine = TemporalEngine(client, AccountBooks([], {}), clock.now)
        self._market = built
        self._spans = spans

    async def trade(self, number: int) -> None:
        """One trade: armed, entered, stopped out through its limit."""
        symbol = SYMBOLS[number % len(SYMBOLS)]
        plan = read_toml(_PLAN.format(number=number, symbol=symbol))
        if not isinstance(plan, TradePlan):
            raise BenchError("the plan of the bench is of a group")
        order = TradeOrder(plan, ACCOUNT)
        self._market.trade(symbol, "100.00")
        handed_in = clock.now()
        started = await self._engine.start(order)
        if not isinstance(started, Started):
            raise BenchError(f"{order.workflow_id} is there already")
        handle = self._client.get_workflow_handle_for(Trade.run, order.workflow_id)
        armed = await self._taken_up(handle, "arm")
        self._spans.armed.append((armed - handed_in) / timedelta(seconds=1))
        # One more print, so that the crossing is seen and not missed.
        self._market.trade(symbol, "100.01")
        await asyncio.sleep(LOOK_SECONDS * 10)
        self._market.trade(symbol, "101.10")
        await self._taken_up(handle, "guard")
        await asyncio.sleep(LOOK_SECONDS * 10)
        self._market.trade(symbol, "97.80", "97.79", "90.00")
        await self._settled(handle)
        self._spans.last_rung.append(self._late(order))

    async def _taken_up(self, handle: WorkflowHandle[Trade, Settlement], activity: str) -> datetime:
        """When a worker has taken up a call of this name."""
        async with asyncio.timeout(STEP_SECONDS_MAX):
            while True:
                found = await handle.describe()
                for pending in found.raw_description.pending_activities:
                    if pending.activity_type.name == activity and pending.HasField(
                        "last_started_time"
                    ):
                        return pending.last_started_time.ToDatetime(clock.now().tzinfo)
                await asyncio.sleep(LOOK_SECONDS)

    async def _settled(self, handle: WorkflowHandle[Trade, Settlement]) -> None:
        async with asyncio.timeout(STEP_SECONDS_MAX):
            await handle.result()

    def _late(self, order: TradeOrder) -> float:
        """How long after the end of the limit's time the last rung was on the wire."""
        exits = self._market.placements(f"bs1:{order.trade}:0:XS:")
        if len(exits) != 2:  # noqa: PLR2004 - a limit and what takes its place
            raise BenchError(f"{order.workflow_id} has left by {[ref for ref, _ in exits]}")
        (_, limit_at), (_, last_at) = exits
        return last_at - limit_at - LIMIT_SECONDS
