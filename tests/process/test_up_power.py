"""`backstay up` killed with a trade in each phase: the next one goes on with all three.

Judged from the gateway's own record and the engine's histories, as the showcase is.
"""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.books import AccountBooks
from activities.converting import VALUES
from activities.engine import TemporalEngine
from activities.ports import Started
from backstay.domain.edge.session import EdgeHealth
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.order import TradeOrder
from backstay.lab.lives import lives_of
from backstay.lab.showcase.record import Record
from backstay.lab.showcase.verdicts import house_checks, trade_checks
from tests.hanging import HANGS_AFTER_SECONDS
from tests.process.exposure import exposures
from tests.process.harbour import EXPOSED_SECONDS_MAX
from tests.process.up_process import Up, all_gone, furnished, up
from workers import clock
from workers.supervising import asking
from workers.supervising.roster import Part
from workflows.trade import Trade

pytestmark = pytest.mark.long

ACCOUNT = "DU1234567"
START = ("--start", "2026-11-23T10:00:00-05:00")
PLAN = """
id = "{symbol}-power"
side = "buy"
[instrument]
symbol = "{symbol}"
[size]
quantity = 50
[entry]
order = "{order}"
{trigger}
[stop]
price = {stop}
[stop.ladder]
slippage_pct = 0.2
limit_seconds = 2
"""
TRIGGER = """
limit_offset = 0.20
[entry.trigger]
price = 190.00
when = "above"
if_missed = "fire"
expires = 2026-11-23T20:55:00Z
"""


def quote(symbol: str, price: float) -> str:
    return (
        f"{symbol} bid={price - 0.02:.2f} ask={price + 0.02:.2f} bid_size=400 ask_size=400"
        f" last={price:.2f} last_size=100\n"
    )


class Desk:
    """A house in a folder, whose prices are written by hand and whose record is read along."""

    def __init__(self, folder: Path) -> None:
        self.folder = furnished(folder)
        self.prices = folder / "prices.tape"
        self.prices.touch()
        self.record = Record(
            folder / "data" / "wire.jsonl", folder / "data" / "audit.jsonl", clock.now
        )
        self.orders: dict[str, TradeOrder] = {}

    @property
    def words(self) -> tuple[str, ...]:
        return (*START, "--follow", str(self.prices))

    def price(self, symbol: str, *prices: float) -> None:
        with self.prices.open("a") as file:
            file.write("".join(quote(symbol, price) for price in prices))

    def ref(self, symbol: str, purpose: Purpose, generation: int = 1) -> str:
        return str(IntentKey(self.orders[symbol].trade, 0, purpose, generation))

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while not condition():
                await asyncio.sleep(0.02)
                self.record.read()

    async def filled(self, ref: str) -> None:
        await self.until(lambda: (order := self.record.order(ref)) and order.filled == 50)

    async def falls_until_filled(self, symbol: str, price: float, ref: str) -> None:
        """A market that stands still tells nobody anything."""
        filled = asyncio.ensure_future(self.filled(ref))
        while not filled.done():
            self.price(symbol, price := round(price - 0.01, 2))
            await asyncio.wait((filled,), timeout=0.3)
        await filled

    async def submit(self, client: Client, symbol: str, stop: float, trigger: str = "") -> None:
        text = PLAN.format(
            symbol=symbol, stop=stop, trigger=trigger, order="LMT" if trigger else "MKT"
        )
        plan = read_toml(text)
        assert isinstance(plan, TradePlan)
        order = self.orders[symbol] = TradeOrder(plan, ACCOUNT)
        answer = await TemporalEngine(client, AccountBooks([], {}), clock.now).start(order)
        assert isinstance(answer, Started), answer


async def edge(run: Up, wanted: Callable[[EdgeHealth], bool]) -> None:
    async def is_so() -> bool:
        running = run.running(Part.BROKER)
        report = await asking.health(running.address) if running else None
        return report is not None and report.edge is not None and wanted(report.edge)

    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        while not await is_so():  # noqa: ASYNC110 - of a process that is asked
            await asyncio.sleep(0.05)


async def connected(run: Up) -> Client:
    engine = run.running(Part.ENGINE)
    assert engine is not None
    return await Client.connect(engine.address, data_converter=VALUES)


async def until_power_fails(desk: Desk) -> None:
    """AAPL is armed, MSFT guarded, and NVDA's stop has fired: the cancel of its order at the
    broker is read, and nothing else can leave before that is proven.
    """
    async with up(desk.folder, *desk.words) as run:
        roster = await run.is_ready()
        client = await connected(run)
        await desk.submit(client, "MSFT", 472.0)
        await desk.submit(client, "NVDA", 178.0)
        await desk.submit(client, "AAPL", 187.0, TRIGGER)
        for symbol in ("MSFT", "NVDA"):
            await desk.filled(desk.ref(symbol, Purpose.ENTRY))
        await edge(run, lambda found: (found.armed, found.guarded) == (1, 2))
        desk.price("NVDA", 177.5, 177.4, 176.0)
        protect = desk.ref("NVDA", Purpose.PROTECT)
        await desk.until(lambda: desk.record.orders[protect].cancels)
        assert desk.record.order(desk.ref("NVDA", Purpose.EXIT_STOP)) is None
        assert await run.ends(signal.SIGKILL) == -signal.SIGKILL
        await all_gone(roster)


async def judged(desk: Desk, client: Client) -> None:
    for symbol, order in desk.orders.items():
        lives = await lives_of(client, order.workflow_id)
        failed = [each for each in trade_checks(desk.record, order.trade, lives) if not each.holds]
        assert not failed, (symbol, failed)
    assert [each for each in house_checks(desk.record) if not each.holds] == []
    lines = desk.record.lines
    wire = [line for line in lines if '"dir"' in line]
    audit = [line for line in lines if '"dir"' not in line]
    assert all(seconds <= EXPOSED_SECONDS_MAX for seconds in exposures(audit, wire))


@pytest.mark.req("S1.14", "S2.8")
def test_when_all_of_it_is_killed_three_trades_in_three_phases_go_on(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    for symbol, price in (("AAPL", 189.4), ("MSFT", 476.0), ("NVDA", 180.4)):
        desk.price(symbol, price)

    async def story() -> None:
        await until_power_fails(desk)
        async with up(desk.folder, *desk.words) as run:
            await run.is_ready()
            client = await connected(run)
            await edge(run, lambda found: found.armed == 1 and found.guarded >= 1)
            await desk.falls_until_filled("NVDA", 175.9, desk.ref("NVDA", Purpose.EXIT_STOP))
            await edge(run, lambda found: (found.armed, found.guarded) == (1, 1))
            desk.price("AAPL", 189.9, 190.05, 190.06)
            await desk.filled(desk.ref("AAPL", Purpose.ENTRY))
            await edge(run, lambda found: found.guarded == 2)
            desk.price("AAPL", 186.5, 186.4)
            desk.price("MSFT", 471.0, 470.9)
            for order in desk.orders.values():
                handle = client.get_workflow_handle_for(Trade.run, order.workflow_id)
                settlement = await asyncio.wait_for(handle.result(), HANGS_AFTER_SECONDS)
                assert settlement.left_over == 0
            desk.record.read()
            await judged(desk, client)
            assert await run.ends(signal.SIGINT) == 0

    asyncio.run(story())
