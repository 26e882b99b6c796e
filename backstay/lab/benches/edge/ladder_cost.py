"""What a tick costs that decides nothing, with ten triggers armed and with ten thousand.

The tick goes the way of every tick: out of a read, past the look for facts, into its instrument.
"""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice

from backstay.broker.drill.blanks import OpenMarket
from backstay.broker.line.reading import Ears, Reading
from backstay.broker.watch.watch import TickWatch
from backstay.domain.ids import IntentKey, Purpose, trade_id
from backstay.domain.instruments import Instrument
from backstay.domain.prices import PriceGrid
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.triggers import IfMissed, Trigger
from backstay.lab.benches.edge import seats
from backstay.lab.benches.edge.peer import START

TICKS = 20_000
INSTRUMENTS = 10
"""So few that each has a trigger however few are armed: every tick is of something watched."""


async def seconds_per_tick(armed: int) -> Iterator[float]:
    """Measures again and again; each time the seconds that one tick took."""
    loop = asyncio.get_running_loop()
    began_at = loop.time()

    def now() -> datetime:
        return START + timedelta(seconds=loop.time() - began_at)

    reading = Reading(Ears(object(), lambda _news: None))
    market = OpenMarket(reading, now())
    watch = TickWatch(market, market, timedelta(0), now, lambda _notice: None)
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
