"""A bench: feeds before a broker that counts its lines and can refuse them, under virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from backstay.broker.doors.market import Rank
from backstay.broker.doors.wire import Departure, Lost, OrderFrame, TickSink
from backstay.broker.feeds.feeds import SharedFeeds
from backstay.broker.feeds.requests import Doors
from backstay.broker.news import ErrorNews
from backstay.broker.notices import Notice
from backstay.domain.ids import Lane
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.prices import PriceGrid
from backstay.domain.sessions.calendar import MarketPhase
from backstay.domain.ticks.feeds import Doubt, doubts_about
from backstay.lab.virtual_time import run

START = datetime(2026, 11, 23, 15, tzinfo=UTC)
START_NS = int(START.timestamp()) * 10**9
BID = 1


def instrument(con_id: int) -> Instrument:
    """A stock of this number."""
    return Instrument(
        con_id,
        f"S{con_id}",
        "SMART",
        "USD",
        Decimal(1),
        PriceGrid.uniform(Decimal("0.01")),
        "America/New_York",
    )


@dataclass(eq=False)
class Ear:
    """A sink that remembers."""

    heard: list[tuple[int, bytes]] = field(default_factory=list)
    types: list[int] = field(default_factory=list)

    def on_price(self, tick_type: int, price: bytes) -> None:
        self.heard.append((tick_type, price))

    def on_text(self, tick_type: int, value: bytes) -> None:
        self.heard.append((tick_type, value))

    def on_generic(self, tick_type: int, value: bytes) -> None:
        self.heard.append((tick_type, value))

    def on_data_type(self, data_type: int) -> None:
        self.types.append(data_type)


class FakeLine:
    """A line with a broker at its end, which holds the subscriptions of this connection."""

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench
        self.is_open = True
        self.accounts: tuple[str, ...] = ()
        self.heard_at = 0.0
        self.sinks: dict[int, TickSink] = {}
        self.lines: dict[int, int] = {}
        """What the broker thinks subscribed: request id to contract."""

        self.frames: list[bytes] = []

    def write(self, frames: bytes) -> None:
        self.frames.append(frames)
        word, *numbers = frames.decode().split()
        if word == "want":
            self._want(int(numbers[0]), int(numbers[1]))
        elif word == "end":
            self._end(int(numbers[0]))

    def _want(self, request_id: int, con_id: int) -> None:
        bench = self._bench
        code = bench.refusals.get(con_id)
        if code is None and len(self.lines) >= bench.granted:
            code = 101
        if code is not None:
            bench.later(request_id, code)
            return
        self.lines[request_id] = con_id
        bench.lines_most = max(bench.lines_most, len(self.lines))

    def _end(self, request_id: int) -> None:
        if self.lines.pop(request_id, None) is None:
            self._bench.later(request_id, 300)

    def sink(self, request_id: int, sink: TickSink | None) -> None:
        if sink is None:
            self.sinks.pop(request_id, None)
        else:
            self.sinks[request_id] = sink

    def close(self) -> None:
        self.is_open = False


class FakeWriting:
    """Frames that can be read back."""

    def order(self, intent: OrderIntent, *, transmit: bool, what_if: bool = False) -> OrderFrame:
        raise NotImplementedError

    def cancel(self, order_id: int) -> bytes:
        raise NotImplementedError

    def market_data(self, request_id: int, instrument: Instrument, generic: str) -> bytes:
        return f"want {request_id} {instrument.con_id} {generic}".encode()

    def end_market_data(self, request_id: int) -> bytes:
        return f"end {request_id}".encode()

    def market_data_type(self, data_type: int) -> bytes:
        return f"type {data_type}".encode()


class FakeNumbers:
    """Request ids, rising."""

    def __init__(self) -> None:
        self._last = 1000

    def next_order_id(self) -> int:
        raise NotImplementedError

    def next_request_id(self) -> int:
        self._last += 1
        return self._last

    def is_request(self, subject_id: int) -> bool:
        return subject_id > 1000

    def heard(self, order_id: int) -> None:
        raise NotImplementedError

    def is_spent(self, order_id: int) -> bool:
        raise NotImplementedError


class FakeLanes:
    """First come, first served; held back for as long as `is_held`."""

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench
        self._waiting: list[tuple[Departure, Lost]] = []
        self.is_held = False

    def send(
        self, lane: Lane, departure: Departure, lost: Lost, messages: int = 1, symbol: str = ""
    ) -> bool:
        assert (lane, messages, symbol) == (Lane.DATA, 1, "")
        self._waiting.append((departure, lost))
        if not self.is_held:
            self.release()
        return not self._waiting

    def release(self) -> None:
        waiting, self._waiting = self._waiting, []
        for departure, _ in waiting:
            for frame in departure():
                self._bench.line.write(frame)

    def lose(self) -> None:
        waiting, self._waiting = self._waiting, []
        for _, lost in waiting:
            lost("the line is gone")

    @property
    def waiting(self) -> int:
        return len(self._waiting)


class Bench:
    """Feeds, and what stands around them."""

    def __init__(self, lines_max: int = 3) -> None:
        self.granted = lines_max
        """How many lines the broker really grants."""

        self.lines_most = 0
        self.refusals: dict[int, int] = {}
        """Which contract is refused with which error."""

        self.closed: set[int] = set()
        self.notices: list[Notice] = []
        self.interrupted: list[int] = []
        self.lanes = FakeLanes(self)
        self.line = FakeLine(self)
        self.feeds = SharedFeeds(
            Doors(self.lanes, FakeNumbers(), FakeWriting()),
            lambda con_id: MarketPhase.CLOSED if con_id in self.closed else MarketPhase.REGULAR,
            self.now,
            self.notices.append,
            lines_max,
        )
        self.feeds.on_interrupted(self.interrupted.append)
        self._owed: list[tuple[int, int]] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    def connect(self) -> None:
        """A new connection."""
        self._owed.clear()
        self.line = FakeLine(self)
        self.feeds.attach(self.line)

    def disconnect(self) -> None:
        """The connection breaks."""
        self.line.is_open = False
        self.lanes.lose()
        self.feeds.detach()

    def later(self, request_id: int, code: int) -> None:
        """The broker owes an error: its answer takes a while."""
        self._owed.append((request_id, code))

    def answer(self) -> None:
        """All errors that the broker owes, and those that follow from them."""
        while self._owed:
            self.error(*self._owed.pop(0))

    def error(self, subject_id: int, code: int, text: str = "so it is") -> None:
        self.feeds.on_error(ErrorNews(subject_id, code, text, self.now()))

    def heard(self, ear: Ear) -> set[int]:
        """Whose prices an ear has heard."""
        return {int(value) for _, value in ear.heard}

    @property
    def subscribed(self) -> set[int]:
        """The contracts that the broker sends prices of."""
        return set(self.line.lines.values())

    def request_of(self, con_id: int) -> int:
        (request_id,) = [each for each, of in self.line.lines.items() if of == con_id]
        return request_id

    def tick(self, con_id: int) -> None:
        """The broker sends a price that tells its contract."""
        for request_id, of in tuple(self.line.lines.items()):
            sink = self.line.sinks.get(request_id)
            if of == con_id and sink is not None:
                sink.on_price(BID, str(con_id).encode())

    def told(self) -> list[str]:
        return [f"{notice.kind}: {notice.subject}: {notice.text}" for notice in self.notices]


def want(bench: Bench, con_id: int, rank: Rank, ear: Ear | None = None) -> bool:
    return bench.feeds.want(instrument(con_id), ear or Ear(), rank) is not None


def doubts(bench: Bench, con_id: int) -> tuple[Doubt, ...]:
    report = bench.feeds.report(con_id)
    assert report is not None
    return doubts_about(report)


def wants_of(bench: Bench, con_id: int) -> int:
    """How often the contract was asked for on this connection."""
    frames = [frame.decode().split() for frame in bench.line.frames]
    return sum(frame[0] == "want" and frame[2] == str(con_id) for frame in frames)


def play(story: Callable[[Bench], Awaitable[None]], lines_max: int = 3) -> Bench:
    """Tell a story, with the feeds tended, and connected."""

    async def main() -> Bench:
        bench = Bench(lines_max)
        tending = asyncio.create_task(bench.feeds.tend(lambda: None))
        bench.connect()
        try:
            await story(bench)
        finally:
            tending.cancel()
        return bench

    return run(main(), start_ns=START_NS)
