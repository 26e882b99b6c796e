"""One account, one stock, one option, and an entry that every rule lets pass."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.book import Book
from backstay.domain.limits.check import check
from backstay.domain.limits.facts import (
    AccountKind,
    AdmissionFacts,
    LastHopFacts,
    Margin,
    Touch,
)
from backstay.domain.limits.kill import KillState
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.money import ExchangeRate, ExchangeRates
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OcaGroup,
    OrderIntent,
    OrderTerms,
    Stop,
    TimeInForce,
)
from backstay.domain.prices import PriceGrid
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)
ACCOUNT = "DU1234567"
TRADE = "T7K2M9QX"
OTHER_TRADE = "Z0000001"

SHARE = Instrument(
    265598,
    "AAPL",
    "SMART",
    "USD",
    Decimal(1),
    PriceGrid.uniform(Decimal("0.01")),
    "America/New_York",
)
OTHER_SHARE = replace(SHARE, con_id=272093, symbol="MSFT")
EURO_SHARE = replace(SHARE, con_id=14094, symbol="SAP", exchange="IBIS", currency="EUR")
CONTRACT = replace(
    SHARE,
    con_id=700001,
    multiplier=Decimal(100),
    option=OptionTerms(date(2026, 12, 18), Decimal(190), Right.CALL),
)

SETTINGS = LimitSettings(
    account=ACCOUNT,
    base_currency="USD",
    exposure_max=Decimal(100_000),
    share_position_max=Decimal(1000),
    trading=TradingMode.PAPER,
)
TOUCH = Touch(Decimal("99.90"), Decimal(100), NOW)
FACTS = AdmissionFacts(
    account_kind=AccountKind.PAPER,
    phase=MarketPhase.REGULAR,
    trading_day=DAY,
    rates=ExchangeRates("USD", (ExchangeRate("EUR", Decimal("1.25")),)),
    reference=TOUCH,
    margin=Margin(Decimal(2500), Decimal(100_000)),
)
LAST_HOP = LastHopFacts(
    accounts=(ACCOUNT,),
    account_kind=AccountKind.PAPER,
    kill=KillState(),
    phase=MarketPhase.REGULAR,
    touch=TOUCH,
    position=Decimal(0),
)


def key(
    purpose: Purpose = Purpose.ENTRY, generation: int = 1, trade: str = TRADE, leg: int = 0
) -> IntentKey:
    """A key, by default of the entry of the one trade."""
    return IntentKey(trade, leg, purpose, generation)


def order(
    named: IntentKey,
    quantity: int | str = 100,
    *,
    side: Side = Side.BUY,
    terms: OrderTerms | None = None,
    instrument: Instrument = SHARE,
    oca: OcaGroup | None = None,
    parent: IntentKey | None = None,
) -> OrderIntent:
    """An order, by default to buy at the market in the course of the day."""
    return OrderIntent(
        key=named,
        account=ACCOUNT,
        instrument=instrument,
        side=side,
        quantity=Decimal(quantity),
        terms=terms or Market(),
        time_in_force=TimeInForce.DAY,
        oca=oca,
        parent=parent,
    )


ENTRY = order(key())
SHIELD = order(key(Purpose.PROTECT), side=Side.SELL, terms=Stop(Decimal(90)))
EXIT = order(key(Purpose.EXIT_STOP), side=Side.SELL, terms=Limit(Decimal(95)))
HEDGE = order(key(Purpose.HEDGE), 5, instrument=CONTRACT)


def approved(
    intent: OrderIntent,
    book: Book | None = None,
    facts: AdmissionFacts = FACTS,
    settings: LimitSettings = SETTINGS,
    now: datetime = NOW,
) -> Approved:
    """The approval of `intent`, which the rules are expected to give."""
    answer = check(intent, facts, book or Book(), settings, now)
    assert isinstance(answer, Approved), answer
    return answer


def with_entry(intent: OrderIntent = ENTRY, filled: int = 0) -> Book:
    """A book in which `intent` is reserved and has filled so much."""
    book = Book().reserved(approved(intent), DAY)
    return book.filled(intent.key, Decimal(filled))


def later(seconds: float) -> datetime:
    """So many seconds after now."""
    return NOW + timedelta(seconds=seconds)
