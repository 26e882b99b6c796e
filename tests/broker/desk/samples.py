"""Orders in one stock, and their approvals."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.domain.edge.asked import Asked
from backstay.domain.edge.submission import Submission
from backstay.domain.ids import Effect, IntentKey, Purpose
from backstay.domain.instruments import Instrument
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.limits.valuation import Collar
from backstay.domain.orders.intent import (
    Limit,
    OrderIntent,
    OrderTerms,
    Stop,
    TimeInForce,
)
from backstay.domain.prices import PriceGrid
from backstay.domain.sides import Side
from backstay.gateway.times import SECOND_NS, from_ns

START_NS = 1_795_446_000 * SECOND_NS  # Monday 2026-11-23, ten o'clock in New York
START = from_ns(START_NS)
ACCOUNT = "DU1234567"
TRADE = "T7K2M9QX"
AAPL = Instrument(
    265598,
    "AAPL",
    "SMART",
    "USD",
    Decimal(1),
    PriceGrid.uniform(Decimal("0.01")),
    "America/New_York",
)
LIMITS = LimitSettings(
    account=ACCOUNT,
    base_currency="USD",
    exposure_max=Decimal(100_000),
    share_position_max=Decimal(1000),
    trading=TradingMode.PAPER,
)
FLAT = Asked(START, Decimal(0))


def key(purpose: Purpose = Purpose.ENTRY, generation: int = 1, trade: str = TRADE) -> IntentKey:
    """A key, by default of an entry."""
    return IntentKey(trade, 0, purpose, generation)


def order(
    named: IntentKey,
    quantity: int = 100,
    terms: OrderTerms | None = None,
    side: Side = Side.BUY,
    parent: IntentKey | None = None,
) -> OrderIntent:
    """An order for the day, by default a limit that rests far below the market."""
    return OrderIntent(
        key=named,
        account=ACCOUNT,
        instrument=AAPL,
        side=side,
        quantity=Decimal(quantity),
        terms=terms or Limit(Decimal(95)),
        time_in_force=TimeInForce.DAY,
        parent=parent,
    )


ENTRY = order(key())
STOP = order(key(Purpose.PROTECT), terms=Stop(Decimal(90)), side=Side.SELL, parent=ENTRY.key)
EXIT = order(key(Purpose.EXIT_STOP), terms=Limit(Decimal(99)), side=Side.SELL)
OTHER_ENTRY = order(key(trade="Z0000001"))


def approved(intent: OrderIntent, epoch: int = 0, at: datetime = START) -> Approved:
    """An approval that is good for an hour, and near to any price."""
    reduces = intent.key.purpose.effect is Effect.REDUCES
    return Approved(
        intent=intent,
        epoch=epoch,
        at=at,
        valid_until=None if reduces else at + timedelta(hours=1),
        collar=None if reduces else Collar(Decimal(50), Decimal(150)),
        unit_value=Decimal(100),
        margin=Decimal(0),
    )


def submission(intent: OrderIntent, asked: Asked = FLAT, epoch: int = 0) -> Submission:
    """A request to send the order as it was approved."""
    return Submission(approved(intent, epoch), intent, asked)


def repriced(intent: OrderIntent, price: int | str, quantity: int | None = None) -> Submission:
    """A request to modify it, under the approval of what it was."""
    terms = Limit(Decimal(price))
    changed = replace(intent, terms=terms, quantity=Decimal(quantity or intent.quantity))
    return Submission(approved(intent), changed, FLAT)
