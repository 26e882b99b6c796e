"""A market that is open, a session that may send, and an order that nobody would want."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

from backstay.broker.doors.market import Rank
from backstay.broker.doors.wire import TickSink
from backstay.broker.line.reading import Reading
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.contracts import InstrumentQuery, ResolveAnswer, VolatilityAnswer
from backstay.domain.edge.session import SessionReport, SessionState
from backstay.domain.edge.submission import Submission
from backstay.domain.ids import IntentKey, Purpose, trade_id
from backstay.domain.instruments import Instrument
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.book import Book
from backstay.domain.limits.check import check
from backstay.domain.limits.facts import AccountKind, AdmissionFacts, Margin, TriggerPrice
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.intent import Limit, OrderIntent, TimeInForce
from backstay.domain.prices import PriceGrid
from backstay.domain.sessions.calendar import Calendar, MarketPhase, Session
from backstay.domain.sides import Side
from backstay.domain.ticks.feeds import FeedReport
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.quotes import Feed
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.triggers import IfMissed, Trigger

ACCOUNT = "DU0"
ZONE = "America/New_York"
TRIGGER = Trigger(Decimal(101), Crossing.ABOVE, source=PriceSource.BID, if_missed=IfMissed.FIRE)
LIMITS = LimitSettings(
    account=ACCOUNT,
    base_currency="USD",
    exposure_max=Decimal(1000),
    share_position_max=Decimal(1),
    trading=TradingMode.PAPER,
)
_LIMIT = Decimal(100)
_LASTS = timedelta(days=1)
_FACTS = AdmissionFacts(
    account_kind=AccountKind.PAPER,
    phase=MarketPhase.REGULAR,
    trading_day=date(2000, 1, 3),
    rates=ExchangeRates("USD"),
    reference=TriggerPrice(TRIGGER.price),
    margin=Margin(Decimal(0), Decimal(1000)),
)


class OpenMarket:
    """Feeds and a catalogue in which everything is as it should be."""

    def __init__(self, reading: Reading, now: datetime) -> None:
        self._reading = reading
        day = (Session(now - _LASTS, now + _LASTS),)
        self._calendar = Calendar(day, day, now - _LASTS, now + _LASTS)

    def want(self, instrument: Instrument, sink: TickSink, rank: Rank) -> "OpenMarket":  # noqa: ARG002
        """Have its ticks told."""
        self._reading.sink(instrument.con_id, sink)
        return self

    def end(self) -> None:
        """A claim that ends changes nothing."""

    def report(self, con_id: int) -> FeedReport:  # noqa: ARG002
        """All is well."""
        return FeedReport(True, True, 1, 1, Feed.REAL_TIME)

    def ask_anew(self, con_id: int) -> None:
        """Nothing is ever void."""

    def on_interrupted(self, told: Callable[[int], None]) -> None:
        """Nothing is interrupted."""

    def calendar(self, con_id: int) -> Calendar:  # noqa: ARG002
        """Regular hours."""
        return self._calendar

    def phase(self, con_id: int) -> MarketPhase:  # noqa: ARG002
        """Regular hours."""
        return MarketPhase.REGULAR

    def zone_name(self, con_id: int) -> str:  # noqa: ARG002
        """Any zone is good."""
        return ZONE

    async def resolve(self, query: InstrumentQuery) -> ResolveAnswer:
        """Nobody asks."""
        raise NotImplementedError

    async def volatility(self, instrument: Instrument, days: int) -> VolatilityAnswer:
        """Nobody asks."""
        raise NotImplementedError


class OpenSession:
    """A session in which everything may be sent."""

    may_send = may_modify = True
    epoch = 1

    def __init__(self, since: datetime) -> None:
        self.report = SessionReport(SessionState.READY, since)

    def on_change(self, told: Callable[[SessionReport], None]) -> None:
        """Nothing changes."""

    async def read_positions(self) -> None:
        """Nothing is held."""


def instruments(count: int) -> tuple[Instrument, ...]:
    """So many contracts, each of a symbol of its own."""
    grid = PriceGrid.uniform(Decimal("0.01"))
    return tuple(
        Instrument(number, f"B{number}", "SMART", "USD", Decimal(1), grid, ZONE)
        for number in range(1, count + 1)
    )


def order(number: int, instrument: Instrument, now: datetime) -> Submission:
    """An entry that every rule lets pass."""
    key = IntentKey(trade_id(ACCOUNT, str(number)), 0, Purpose.ENTRY, 1)
    entry = OrderIntent(
        key, ACCOUNT, instrument, Side.BUY, Decimal(1), Limit(_LIMIT), TimeInForce.DAY
    )
    answer = check(entry, _FACTS, Book(), LIMITS, now)
    if not isinstance(answer, Approved):
        raise ValueError(f"a blank is refused: {answer.reason}")
    return Submission(answer, entry, Asked(now, Decimal(0)))
