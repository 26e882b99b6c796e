"""The gateway of a bench: behind a real port, its prices moved by hand, its wire log at hand."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.tape import parse
from backstay.gateway.profile import PESSIMISTIC
from backstay.gateway.server.clock import BrokerClock
from backstay.gateway.server.tcp import Port, TcpServer
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS, to_ns
from backstay.gateway.values.contract import Contract

OPEN_HOURS = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""Ten o'clock in New York on a Monday: the market is open whenever the bench is run."""

SYMBOLS = ("AAPL", "MSFT", "SPY")
STILL = "\n".join(
    f"+0 {symbol} bid=99.98 ask=100.02 bid_size=500 ask_size=500 last=100 last_size=100"
    for symbol in SYMBOLS
)
# A cancel is answered at once: what is measured is our way, not how busy an exchange is.
SETTINGS = Settings(seed=7, restart_at=None, profile=replace(PESSIMISTIC, cancels_are_prompt=True))


class Market:
    """What the bench does to prices, and what it reads of orders."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        start = to_ns(OPEN_HOURS)
        self.clock = BrokerClock(start)
        self._gateway = Gateway(
            SETTINGS,
            start,
            tape=parse(STILL),
            outlets=Outlets(self._lines.append, lambda _: None, lambda _: None),
        )
        self._place = Port("127.0.0.1", 0)
        self.server = TcpServer(self._gateway, self._place, lambda _text, _fault: None)

    @property
    def port(self) -> int:
        """Where clients connect to."""
        return int(self._place.address.rpartition(":")[2])

    def trade(self, symbol: str, *prices: str) -> None:
        """Trades, each with a quote around it, told in one go."""
        contract = Contract(symbol=symbol, sec_type="STK", exchange="SMART", currency="USD")
        (instrument,) = self._gateway.market.find(contract)

        def turn() -> None:
            with self._gateway.turn():
                for price in prices:
                    self._gateway.market.inject(instrument.con_id, **_around(Decimal(price)))

        self.server.act(turn)

    def placements(self, start: str) -> list[tuple[str, float]]:
        """The orders of these references, as they were read off the wire: which, and when."""
        found = (json.loads(line) for line in self._lines if start in line)
        return [
            (line["ref"], line["t"] / SECOND_NS)
            for line in found
            if line["dir"] == "in" and line["msg"] == "placeOrder" and line["ref"].startswith(start)
        ]


def _around(price: Decimal) -> dict[str, Any]:
    return {
        "bid": price - Decimal("0.02"),
        "ask": price + Decimal("0.02"),
        "last": price,
        "last_size": Decimal(100),
    }


@asynccontextmanager
async def market() -> AsyncIterator[Market]:
    """A gateway that serves for as long as the block lasts."""
    built = Market()
    ready = asyncio.Event()
    serving = asyncio.create_task(built.server.serve(built.clock, lambda _: ready.set()))
    try:
        await ready.wait()
        yield built
    finally:
        built.server.stop()
        await serving
