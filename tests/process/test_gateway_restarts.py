"""A whole trade through a gateway that is killed twice, and goes on from its state file.

Here the gateway is a process, too: its prices are a tape, and what it has read and done stands in
its logs.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from json import JSONDecodeError, loads
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.books import AccountBooks
from activities.engine import TemporalEngine
from activities.ports import Started
from backstay.accounts.file import create
from backstay.domain.lifecycle import TradeState
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.order import TradeOrder
from backstay.lab.oracle.oracle import Oracle
from tests.broker.edge.stage import ACCOUNT
from tests.durable.pier import PLAN
from tests.hanging import HANGS_AFTER_SECONDS
from tests.process.dock import BACKSTAY, SETTINGS, running
from tests.process.exposure import exposures
from tests.process.harbour import EXPOSED_SECONDS_MAX
from workers import clock
from workers.embedded import tuned_engine
from workflows.trade import Trade

pytestmark = pytest.mark.long

QUOTE = "AAPL bid={bid} ask={ask} bid_size=500 ask_size=500 last={last} last_size=100"
HELD_CANCEL = '[[fault]]\nname = "cancel-unanswered"\nnth = 1\ndelay = "60s"\n'


def tape(*prices: tuple[str, str, str]) -> str:
    """These prices, a fifth of a second apart, again and again for a minute."""
    lines = []
    for number in range(300):
        bid, ask, last = prices[number % len(prices)]
        lines.append(f"+{number / 5:.1f} {QUOTE.format(bid=bid, ask=ask, last=last)}")
    return "\n".join(lines) + "\n"


CALM = tape(("99.98", "100.02", "100.00"), ("99.98", "100.02", "100.01"))
FALLEN = tape(("97.78", "97.82", "97.80"), ("97.77", "97.81", "97.79"))


class Lines:
    """A log that grows in a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> list[str]:
        """What stands there whole."""
        return [line for line in self.file.read_text().splitlines() if _is_whole(line)]

    async def has(self, condition: Callable[[dict[str, Any]], object]) -> None:
        """Wait until a line is so."""
        async with asyncio.timeout(HANGS_AFTER_SECONDS):
            while not any(condition(loads(line)) for line in self.read()):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


def _is_whole(line: str) -> bool:
    try:
        loads(line)
    except JSONDecodeError:
        return False
    return True


@asynccontextmanager
async def gateway(
    folder: Path, port: int, start: str, prices: str, faults: str = ""
) -> AsyncIterator[None]:
    """A gateway with these prices; it is killed at the end, and its state and logs stay."""
    (folder / "prices.tape").write_text(prices)
    (folder / "faults.toml").write_text(faults)
    words = {
        "--port": port,
        "--start": start,
        "--restart-at": "never",
        "--state": folder / "gateway.db",
        "--tape": folder / "prices.tape",
        "--faults": folder / "faults.toml",
        "--wire-log": folder / "wire.jsonl",
        "--audit": folder / "audit.jsonl",
    }
    process = await asyncio.create_subprocess_exec(
        BACKSTAY,
        "gateway",
        *(str(word) for pair in words.items() for word in pair),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), HANGS_AFTER_SECONDS)
        yield
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def staffed(folder: Path, port: int) -> AsyncIterator[Client]:
    """An engine and a worker of each role, before the gateway at this port."""
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(tuned_engine(folder / "engine.db"))
        (folder / "data").mkdir()
        create(folder / "data" / "accounts.sqlite", ACCOUNT)
        text = SETTINGS.format(account=ACCOUNT, engine=engine.address, port=port)
        (folder / "backstay.toml").write_text(text)
        await stack.enter_async_context(running(folder, "trades", {}))
        broker = await stack.enter_async_context(running(folder, "broker", {}))
        await broker.takes_calls()
        yield await Client.connect(engine.address, data_converter=pydantic_data_converter)


async def submitted(client: Client) -> TradeOrder:
    """A plan that buys at once, with a stop at 98."""
    text = PLAN.format(
        id="aapl-restart",
        symbol="AAPL",
        instrument="",
        quantity=100,
        offset="0.20",
        trigger="",
        stop="",
        more="",
    )
    plan = read_toml(text)
    assert isinstance(plan, TradePlan)
    order = TradeOrder(plan, ACCOUNT)
    answer = await TemporalEngine(client, AccountBooks([], {}), clock.now).start(order)
    assert isinstance(answer, Started)
    return order


@pytest.mark.req("S1.14")
def test_a_gateway_that_dies_while_guarding_and_while_leaving_loses_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    wire, audit = (Lines(tmp_path / name) for name in ("wire.jsonl", "audit.jsonl"))

    async def story() -> None:
        async with AsyncExitStack() as stack:
            async with gateway(tmp_path, port, "2026-11-23T10:00:00-05:00", CALM):
                client = await stack.enter_async_context(staffed(tmp_path, port))
                order = await submitted(client)
                handle = client.get_workflow_handle_for(Trade.run, order.workflow_id)
                await audit.has(lambda line: line["what"] == "execution")
            async with gateway(tmp_path, port, "2026-11-23T10:05:00-05:00", FALLEN, HELD_CANCEL):
                await wire.has(lambda line: line["msg"] == "cancelOrder")
            async with gateway(tmp_path, port, "2026-11-23T10:10:00-05:00", FALLEN):
                settlement = await asyncio.wait_for(handle.result(), HANGS_AFTER_SECONDS)
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0

    asyncio.run(story())
    oracle = Oracle()
    for line in (*wire.read(), *audit.read()):
        oracle.read(line)
    assert oracle.verdict() == ()
    assert all(seconds <= EXPOSED_SECONDS_MAX for seconds in exposures(audit.read(), wire.read()))
    orders = [loads(line) for line in audit.read() if loads(line)["what"] == "order"]
    assert len({line["perm_id"] for line in orders}) == len({line["ref"] for line in orders})
