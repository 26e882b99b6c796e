"""A watch before a wire that a test writes on, under virtual time, on the morning of a session."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from backstay.broker.doors.market import ArmedWatch, GuardedWatch, Rank
from backstay.broker.doors.wire import TickSink
from backstay.broker.notices import Notice
from backstay.broker.watch.watch import TickWatch
from backstay.domain.edge.contracts import (
    InstrumentQuery,
    NotAnswered,
    ResolveAnswer,
    VolatilityAnswer,
)
from backstay.domain.edge.guards import Exit, Guard, Target
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.sessions import calendar as sessions
from backstay.domain.sessions.calendar import Calendar, MarketPhase, Session
from backstay.domain.ticks.feeds import FeedReport
from backstay.domain.ticks.guarding import Guarded, GuardRules
from backstay.domain.ticks.quotes import Feed
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.trails import Resting
from backstay.domain.ticks.triggers import Trigger, TriggerDecision, TriggerState
from backstay.lab.virtual_time import run
from tests.domain.edge.samples import EXIT, GUARD, LADDER, SHARE, TRADE, approved

ZONE = "America/New_York"
OPEN = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
NOON = OPEN + timedelta(hours=2, minutes=30)
DAY = timedelta(days=1)
OPTION = replace(
    SHARE,
    con_id=777,
    symbol="AAPL C100",
    option=OptionTerms(date(2026, 12, 18), Decimal(100), Right.CALL),
)
BID, ASK, LAST = 1, 2, 4
LAST_SECOND, RT_VOLUME, HALTED = 45, 48, 49


TARGET_EXIT = approved(replace(EXIT, key=IntentKey(TRADE, 0, Purpose.EXIT_TARGET, 1)))


def session_of(opens_at: datetime, before: float, lasts: float) -> Session:
    begin = opens_at - timedelta(hours=before)
    return Session(begin, begin + timedelta(hours=before + lasts))


CALENDAR = Calendar(
    regular=tuple(session_of(OPEN + day * DAY, 0, 6.5) for day in range(3)),
    extended=tuple(session_of(OPEN + day * DAY, 5.5, 10.5) for day in range(3)),
    covers_from=OPEN - timedelta(hours=12),
    covers_until=OPEN + 4 * DAY,
)


class FakeCatalogue:
    """Knows one calendar for everything."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.known: Calendar | None = CALENDAR
        self._now = now

    async def resolve(self, query: InstrumentQuery) -> ResolveAnswer:
        return NotAnswered(query.symbol, self._now())

    async def volatility(self, instrument: Instrument, days: int) -> VolatilityAnswer:  # noqa: ARG002
        return NotAnswered(instrument.symbol, self._now())

    def calendar(self, con_id: int) -> Calendar | None:  # noqa: ARG002
        return self.known

    def phase(self, con_id: int) -> MarketPhase:  # noqa: ARG002
        known = self.known
        return MarketPhase.UNKNOWN if known is None else sessions.phase(known, self._now())

    def zone_name(self, con_id: int) -> str | None:  # noqa: ARG002
        return ZONE


@dataclass(eq=False)
class FakeClaim:
    feeds: "FakeFeeds"
    con_id: int
    rank: Rank

    def end(self) -> None:
        self.feeds.claims.remove(self)


class FakeFeeds:
    """Lines without end, or none for what is `refused`."""

    def __init__(self) -> None:
        self.claims: list[FakeClaim] = []
        self.sinks: dict[int, TickSink] = {}
        self.refused: set[int] = set()
        self.reported: FeedReport | None = FeedReport(True, True, 1, 100, Feed.REAL_TIME)
        self.told: list[Callable[[int], None]] = []
        self.anew: list[int] = []
        """What was asked for anew."""

    def want(self, instrument: Instrument, sink: TickSink, rank: Rank) -> FakeClaim | None:
        if instrument.con_id in self.refused:
            return None
        self.sinks[instrument.con_id] = sink
        claim = FakeClaim(self, instrument.con_id, rank)
        self.claims.append(claim)
        return claim

    def report(self, con_id: int) -> FeedReport | None:  # noqa: ARG002
        return self.reported

    def ask_anew(self, con_id: int) -> None:
        self.anew.append(con_id)

    def on_interrupted(self, told: Callable[[int], None]) -> None:
        self.told.append(told)


@dataclass
class Log:
    """What was decided, in its order."""

    entries: list[tuple[str, str]] = field(default_factory=list)

    def triggered(self, name: str) -> Callable[[TriggerDecision, TriggerState], None]:
        return lambda decision, _: self.entries.append((name, decision.value))

    def rebased(self, name: str) -> Callable[[TriggerState], None]:
        def told(state: TriggerState) -> None:
            self.entries.append((name, f"rebased {getattr(state, 'level', None)}"))

        return told

    def fired(self, name: str) -> Callable[[Exit, Guarded], None]:
        return lambda why, _: self.entries.append((name, why.value))

    def moved(self, name: str) -> Callable[[Guarded], None]:
        return lambda guarded: self.entries.append((name, f"moved {guarded.level.stop}"))


class Scene:
    """The watch, and everything around it."""

    def __init__(self, start: datetime, window: float = 0.0) -> None:
        self._start = start
        self._begun = asyncio.get_running_loop().time()
        self.catalogue = FakeCatalogue(self.now)
        self.feeds = FakeFeeds()
        self.notices: list[Notice] = []
        self.log = Log()
        self.volume = 0
        self.watch = TickWatch(
            self.catalogue,
            self.feeds,
            timedelta(seconds=window),
            self.now,
            self.notices.append,
        )

    def now(self) -> datetime:
        seconds = asyncio.get_running_loop().time() - self._begun
        return self._start + timedelta(seconds=round(seconds, 6))

    def sink(self, instrument: Instrument = SHARE) -> TickSink:
        return self.feeds.sinks[instrument.con_id]

    def bid(self, price: str, instrument: Instrument = SHARE) -> None:
        self.sink(instrument).on_price(BID, price.encode())

    def ask(self, price: str, instrument: Instrument = SHARE) -> None:
        self.sink(instrument).on_price(ASK, price.encode())

    def trade(self, price: str, instrument: Instrument = SHARE) -> None:
        """A print as real-time volume tells it."""
        self.volume += 100
        self.sink(instrument).on_text(RT_VOLUME, rt_volume(price, self.now(), self.volume).encode())

    def interrupt(self, instrument: Instrument = SHARE) -> None:
        for told in self.feeds.told:
            told(instrument.con_id)

    def arm(self, trigger: Trigger, leg: int = 0, state: TriggerState | None = None) -> ArmedWatch:
        name = IntentKey(TRADE, leg, Purpose.ENTRY, 1)
        armed = self.watch.arm(
            name,
            SHARE,
            trigger,
            state,
            self.log.triggered(f"trigger {leg}"),
            self.log.rebased(f"trigger {leg}"),
        )
        assert armed is not None
        return armed

    def guard(self, guard: Guard, leg: int = 0) -> GuardedWatch:
        name = IntentKey(TRADE, leg, Purpose.EXIT_STOP, 1)
        guarded = self.watch.guard(
            name, guard, self.log.fired(f"guard {leg}"), self.log.moved(f"guard {leg}")
        )
        assert guarded is not None
        return guarded


def rt_volume(price: str, at: datetime, total: int) -> str:
    """Real-time volume as it stands on the wire."""
    stamp = round(at.timestamp() * 1000)
    return f"{price};100;{stamp};{total};{price};true"


def guard_of(
    rules: GuardRules,
    stop: str,
    source: PriceSource = PriceSource.LAST,
    target: str | None = None,
    instrument: Instrument = SHARE,
    underlying: Instrument | None = None,
) -> Guard:
    """A guard of which only the watched part matters."""
    shield = replace(LADDER.shield, instrument=instrument)
    return replace(
        GUARD,
        ladder=replace(LADDER, shield=shield),
        rules=rules,
        guarded=Guarded(Resting(Decimal(stop))),
        source=source,
        target=None if target is None else Target(Decimal(target), TARGET_EXIT),
        underlying=underlying,
    )


def play(
    story: Callable[[Scene], Awaitable[None]], start: datetime = NOON, window: float = 0.0
) -> None:
    """Let a story happen."""

    async def main() -> None:
        await story(Scene(start, window))

    run(main(), start_ns=int(start.timestamp()) * 10**9)
