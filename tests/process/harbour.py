"""A harbour: a whole trade between processes that die.

The workers are processes as an operator starts them, and so is the engine, with its database in a
file. The gateway lives in the test, behind a real port, so that a process can be killed in the very
moment in which a message of it is read, before anything is answered. Nothing waits for a while: who
waits, waits for a condition.

The laws that hold at the end of every story are those of the pier; and nothing stands unprotected
for longer than a reconnecting worker may take, unless somebody was told.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from json import loads
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import TypeAdapter
from temporalio.client import Client

from activities.books import AccountBooks
from activities.converting import VALUES
from activities.engine import TemporalEngine
from backstay.accounts.file import create
from backstay.accounts.store import AccountStore
from backstay.domain.edge.guards import GuardState
from backstay.domain.profile import PESSIMISTIC
from backstay.gateway.faults.rules import Rule
from tests.broker.edge.stage import ACCOUNT, LIMITS
from tests.broker.tcp.quay import QUIET
from tests.durable.pier import LOOK_SECONDS, Pier, Running
from tests.gateway.conformance.house import House, house
from tests.hanging import HANGS_AFTER_SECONDS
from tests.process.dock import SETTINGS, Worker, running
from tests.process.exposure import exposures
from workers.embedded import EmbeddedEngine, tuned_engine

EXPOSED_SECONDS_MAX = 10.0
HOLDER = "holder"
"""Whoever has the session while another one stands by."""

GUARD_STATE: TypeAdapter[GuardState] = TypeAdapter(GuardState)


class Harbour(Pier):
    """What a story speaks to."""

    folder: Path
    stack: AsyncExitStack
    engine_process: EmbeddedEngine
    workers: dict[str, Worker]

    def __init__(self, served: House, client: Client) -> None:
        super().__init__(served, PESSIMISTIC, client)
        self.workers = {}

    # --- who lives, and who dies ---

    async def comes(self, role: str) -> Worker:
        """A worker of this role begins, and counts as the one of it from then on."""
        worker = await self.stack.enter_async_context(running(self.folder, role, {}))
        self.workers[role] = worker
        return worker

    async def staff(self, victim: str = "") -> None:
        """One worker of each role, and one more that stands by where the holder is to die."""
        await asyncio.gather(self.comes("trades"), self.comes("broker"))
        await self.workers["broker"].takes_calls()
        if victim == HOLDER:
            self.workers[HOLDER] = self.workers["broker"]
            await self.stands_by()

    async def stands_by(self) -> None:
        """One more broker worker begins, and stands by."""
        worker = await self.comes("broker")
        await worker.until(
            lambda report: report["edge"] and report["edge"]["session"]["state"] == "standby"
        )

    def senders(self) -> set[int]:
        """The connections over which orders came."""
        lines = map(loads, self.wire)
        return {line["conn"] for line in lines if line["msg"] == "placeOrder"}

    def kill(self, role: str) -> None:
        """It is dead when this returns, as far as anybody outside can see."""
        if role == "engine":
            os.kill(self.engine_process.pid, signal.SIGKILL)
        else:
            self.workers[role].process.kill()

    async def is_succeeded(self, role: str) -> None:
        """The one that was killed is gone, and another one has its place."""
        await self.workers[role].process.wait()
        if role == HOLDER:
            await self.workers["broker"].takes_calls()
        else:
            await self.comes(role)

    def kills_when_read(self, role: str, message: str, ref: str) -> asyncio.Event:
        """Kill it once a message about this order is read off the wire, and before it is answered;
        the event is set then.
        """
        happened = asyncio.Event()

        def at_line(line: str) -> None:
            said = loads(line)
            if said["dir"] == "in" and said["msg"] == message and self._is_about(said, ref):
                self.house.at_line = lambda _: None
                self.kill(role)
                happened.set()

        self.house.at_line = at_line
        return happened

    def _is_about(self, said: dict[str, Any], ref: str) -> bool:
        """Whether it is about this order; a preview is none, and a cancel has no reference."""
        if said["msg"] == "placeOrder":
            return said["ref"] == ref and not said["fields"]["order"].get("what_if")
        return any(
            line["ref"] == ref and line["order_id"] == said["order_id"] for line in self.orders()
        )

    async def engine_comes(self) -> None:
        """An engine with that file, where the former one was."""
        port = int(self.engine_process.address.rpartition(":")[2])
        file = self.folder / "engine.db"
        self.engine_process = await self.stack.enter_async_context(tuned_engine(file, port=port))

    # --- waiting ---

    @property
    def at_work(self) -> Worker:
        """The broker worker that has the session, as long as it lives."""
        holder = self.workers.get(HOLDER)
        is_there = holder is not None and holder.process.returncode is None
        return self.workers[HOLDER if is_there else "broker"]

    async def edge_says(self, **figures: int) -> None:
        """Wait until the edge that has the session reports these."""
        await self.at_work.until(
            lambda report: (
                report["edge"]
                and all(report["edge"][name] == value for name, value in figures.items())
            )
        )

    async def beats(self, trade: Running, name: str, so: Callable[[Any], object]) -> None:
        """Wait until the heartbeat of a call tells so."""
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while True:
                described = (await trade.handle.describe()).raw_description
                for pending in described.pending_activities:
                    payloads = pending.heartbeat_details.payloads
                    if pending.activity_type.name == name and payloads:
                        state = GUARD_STATE.validate_json(payloads[0].data)
                        if so(state):
                            return
                await asyncio.sleep(LOOK_SECONDS)

    async def listens(self) -> None:
        """Wait until the edge has seen a price of now, on the near side of everything."""
        for price in ("100.01", "100.02"):
            await self.seen(price)

    async def falls(self, *prices: str) -> None:
        """Wait until the edge has seen each of these."""
        for price in prices:
            await self.seen(price)

    async def climb(self, price: str) -> None:
        """Wait until the edge has seen so high a price, and believed it."""
        at = Decimal(price)
        for each in (at, at + Decimal("0.01")):
            await self.seen(str(each))

    async def goes_on_until(self, condition: Callable[[], object], prices: Iterator[str]) -> None:
        """Let the market go on until something has come about."""
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while not condition():
                self.trade(next(prices))
                await asyncio.sleep(LOOK_SECONDS)

    def exits_sent(self) -> int:
        """How many orders were sent to leave the position."""
        return sum("X" in name for name in self.sent())

    async def seen(self, price: str) -> None:
        """Wait until the edge has seen a trade at this price."""

        def last_tick_at(report: dict[str, Any]) -> Any:
            return report["edge"]["last_tick_at"]

        worker = self.at_work
        before = last_tick_at(await worker.health())
        self.trade(price)
        await worker.until(lambda report: last_tick_at(report) not in (None, before))

    async def check(self) -> None:
        """The laws."""
        await super().check()
        exposed = exposures(self.audit, self.wire)
        assert all(seconds <= EXPOSED_SECONDS_MAX for seconds in exposed), exposed

    async def report(self) -> str:
        """How everything stands."""
        logs = [f"{role}: {line}" for role, each in self.workers.items() for line in each.log[-15:]]
        told = [f"told: {kept}" for kept in await self.store.notes(100)]
        lines = [f"{line['t']} {line['ref']} {line['status']}" for line in self.orders()]
        return "\n".join((*lines, *told, *logs, await super().report()))


@asynccontextmanager
async def opened(*plan: Rule) -> AsyncIterator[Harbour]:
    """Open one; nothing of it is left behind."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        served = await stack.enter_async_context(house(replace(QUIET), plan=plan))
        await served.listening()
        engine = await stack.enter_async_context(tuned_engine(folder / "engine.db"))
        client = await Client.connect(engine.address, data_converter=VALUES)
        harbour = Harbour(served, client)
        harbour.folder, harbour.engine_process = folder, engine
        (folder / "data").mkdir()
        book = folder / "data" / "accounts.sqlite"
        create(book, ACCOUNT)
        harbour.store = AccountStore(book, ACCOUNT)
        stack.push_async_callback(harbour.store.close)
        books = AccountBooks([harbour.store], {ACCOUNT: LIMITS})
        harbour.engine = TemporalEngine(client, books, lambda: harbour.now)
        text = SETTINGS.format(account=ACCOUNT, engine=engine.address, port=served.port)
        (folder / "backstay.toml").write_text(text)
        async with AsyncExitStack() as harbour.stack:
            yield harbour


Story = Callable[..., Awaitable[None]]


def play(story: Story, *plan: Rule, **asked: Any) -> Harbour:
    """Tell a story to its end; the laws hold, and this is the harbour as it is then."""

    async def main() -> Harbour:
        async with opened(*plan) as harbour:
            try:
                await asyncio.wait_for(story(harbour, **asked), HANGS_AFTER_SECONDS)
                await harbour.check()
            except BaseException as error:
                try:
                    error.add_note(await asyncio.wait_for(harbour.report(), 5))
                except BaseException as second:  # noqa: BLE001
                    error.add_note(f"no report: {second!r}")
                raise
        return harbour

    return asyncio.run(main())
