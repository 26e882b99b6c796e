"""What a tick costs that decides nothing, with ten triggers armed and with ten thousand.

The tick goes the way of every tick: out of a read, past the look for facts, into its instrument.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice

from backstay.broker.doors.market import Rank
from backstay.broker.doors.wire import TickSink
from backstay.broker.line.reading import Ears, Reading
from backstay.broker.watch.watch import TickWatch
from backstay.domain.edge.contracts import InstrumentQuery, ResolveAnswer, VolatilityAnswer
from backstay.domain.ids import IntentKey, Purpose, trade_id
from backstay.domain.instruments import Instrument
from backstay.domain.prices import PriceGrid
from backstay.domain.sessions.calendar import Calendar, MarketPhase
from backstay.domain.ticks.feeds import FeedReport
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.quotes import Feed
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.triggers import IfMissed, Trigger
from backstay.lab.benches.edge import seats
from backstay.lab.benches.edge.peer import START

TICKS = 20_000
INSTRUMENTS = 10
"""So few that each has a trigger however few are armed: every tick is of something watched."""


class _Line:
    """Feeds of which every contract has its line, and a market that is open."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def want(self, instrument: Instrument, sink: TickSink, rank: Rank) -> "_Line":  # noqa: ARG002
        """Have its ticks told."""
        self._reading.sink(instrument.con_id, sink)
        return self

    def end(self) -> None:
        """Nothing ends here."""

    def report(self, con_id: int) -> FeedReport:  # noqa: ARG002
        """All is well."""
        return FeedReport(True, True, seats.CONTRACTS, seats.CONTRACTS, Feed.REAL_TIME)

    def on_interrupted(self, told: Callable[[int], None]) -> None:
        """Nothing is interrupted."""

    def calendar(self, con_id: int) -> Calendar | None:  # noqa: ARG002
        """Not known."""
        return None

    def phase(self, con_id: int) -> MarketPhase:  # noqa: ARG002
        """Regular hours."""
        return MarketPhase.REGULAR

    def zone_name(self, con_id: int) -> str | None:  # noqa: ARG002
        """Not known."""
        return None

    async def resolve(self, query: InstrumentQuery) -> ResolveAnswer:
        """Nobody asks."""
        raise NotImplementedError

    async def volatility(self, instrument: Instrument, days: int) -> VolatilityAnswer:
        """Nobody asks."""
        raise NotImplementedError


async def seconds_per_tick(armed: int) -> Iterator[float]:
    """Measures again and again; each time the seconds that one tick took."""
    loop = asyncio.get_running_loop()

    def now() -> datetime:
        return START + timedelta(seconds=loop.time())

    reading = Reading(Ears(object(), lambda _news: None))
    line = _Line(reading)
    watch = TickWatch(line, line, timedelta(0), now, lambda _notice: None)
    instruments = [_instrument(number) for number in range(1, INSTRUMENTS + 1)]
    for number in range(armed):
        trigger = Trigger(
            seats.BASE + Decimal(number // len(instruments)) / 100,
            Crossing.ABOVE,
            source=PriceSource.BID,
            if_missed=IfMissed.FIRE,
        )
        key = IntentKey(trade_id("bench", str(number)), 0, Purpose.ENTRY, 1)
        instrument = instruments[number % len(instruments)]
        watch.arm(key, instrument, trigger, None, lambda *_: None, lambda _: None)
    for instrument in instruments:
        reading.read(iter([b"58\x001\x00%d\x001\x00" % instrument.con_id]))
    messages = list(islice(_noise(instruments), TICKS))

    def measure() -> Iterator[float]:
        while True:
            began = time.perf_counter()
            reading.read(iter(messages))
            yield (time.perf_counter() - began) / TICKS

    return measure()


def _noise(instruments: list[Instrument]) -> Iterator[bytes]:
    prices = cycle(range(seats.NOISE_FLOOR, seats.NOISE_CEILING, 7))
    for instrument, cents in zip(cycle(instruments), prices, strict=False):
        price = b"%d.%02d" % divmod(cents, 100)
        yield b"1\x006\x00%d\x001\x00%b\x00100\x000\x00" % (instrument.con_id, price)


def _instrument(number: int) -> Instrument:
    grid = PriceGrid.uniform(Decimal("0.01"))
    return Instrument(number, f"S{number:03}", "SMART", "USD", Decimal(1), grid, "America/New_York")
