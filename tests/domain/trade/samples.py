"""A trade to reckon with: its plan, its prospect, its approvals, and what is reported of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from backstay.domain.edge.arms import ArmPhase, ArmReport
from backstay.domain.edge.asked import Asked
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.limits.book import Book
from backstay.domain.limits.check import admit
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.facts import (
    AccountKind,
    AdmissionFacts,
    Margin,
    Request,
    Touch,
    TriggerPrice,
)
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.sizing import Sized, sized
from backstay.domain.plan.trade import TradePlan
from backstay.domain.prices import PriceGrid
from backstay.domain.sessions.calendar import MarketPhase, Session
from backstay.domain.sides import Side
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest, Admitted
from backstay.domain.trade.agreed import Agreed
from backstay.domain.trade.opening import first_orders
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.prospect import Prospect

ACCOUNT = "DU1234567"
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LIMITS = LimitSettings(
    account=ACCOUNT,
    base_currency="USD",
    exposure_max=Decimal(1_000_000),
    share_position_max=Decimal(10_000),
    trading=TradingMode.PAPER,
)

AAPL = Instrument(
    con_id=265598,
    symbol="AAPL",
    exchange="SMART",
    currency="USD",
    multiplier=Decimal(1),
    grid=PriceGrid.uniform(Decimal("0.01")),
    time_zone="America/New_York",
)
PLAN = """
id = "aapl-test"
side = "buy"
[instrument]
symbol = "AAPL"
[size]
quantity = 100
[entry]
order = "LMT"
limit_offset = 0.10
[entry.trigger]
price = 100.00
when = "above"
expires = 2026-11-23T20:55:00Z
[stop]
price = 98.00
"""


OPTION = Instrument(
    con_id=700001,
    symbol="NVDA",
    exchange="SMART",
    currency="USD",
    multiplier=Decimal(100),
    grid=PriceGrid.uniform(Decimal("0.05")),
    time_zone="America/New_York",
    option=OptionTerms(date(2026, 12, 18), Decimal(180), Right.CALL),
)
OPTION_PLAN = """
id = "nvda-call"
side = "buy"
[instrument]
symbol = "NVDA"
type = "OPT"
expiry = 2026-12-18
strike = 180
right = "C"
[size]
quantity = 2
[entry]
order = "LMT"
limit = 6.20
[stop]
price = 4.00
"""


def an_order(more: str = "", plan: str = PLAN) -> TradeOrder:
    """What the operator asks for: a breakout in AAPL, with what a story adds to the plan."""
    read = read_toml(plan + more)
    assert isinstance(read, TradePlan)
    return TradeOrder(read, ACCOUNT)


def prospect_of(order: TradeOrder) -> Prospect:
    """What the broker says of it."""
    trigger = order.plan.entry.trigger
    instrument = AAPL if order.plan.instrument.strike is None else OPTION
    base = order.plan.entry.limit or Decimal(100) if trigger is None else trigger.price
    size = sized(order.plan, instrument, base)
    assert isinstance(size, Sized), size
    tick = instrument.grid.to_saving_side(Side.SELL, Decimal("0.05"))
    touch = Touch(base - tick, base + tick, NOW)
    facts = AdmissionFacts(
        account_kind=AccountKind.PAPER,
        phase=MarketPhase.REGULAR,
        trading_day=NOW.date(),
        rates=ExchangeRates("USD"),
        reference=touch if trigger is None else TriggerPrice(base),
        margin=Margin(Decimal(3000), Decimal(100_000)),
    )
    session = Session(NOW - timedelta(hours=1), NOW + timedelta(hours=6))
    return Prospect(instrument, None, (session,), size, facts, Decimal(0), NOW)


def admitted(asked: AdmissionRequest) -> AdmissionAnswer:
    """What the real rules say of it, in an empty account."""
    book, answer = admit(asked.requests, Book(), LIMITS, asked.at)
    return answer if isinstance(answer, Refused) else Admitted(answer, book.kill)


def at(seconds: float) -> datetime:
    """Broker time, so long after the beginning."""
    return NOW + timedelta(seconds=seconds)


def summary(
    key: IntentKey,
    quantity: int,
    filled: int = 0,
    price: str = "100.05",
    end: OrderEnd | None = None,
    side: Side = Side.BUY,
) -> OrderSummary:
    """An order of the story as the broker has it."""
    paid = Decimal(filled) * Decimal(price)
    return OrderSummary(
        key=key,
        side=side,
        quantity=Decimal(quantity),
        filled=Decimal(filled),
        value=paid,
        average_price=Decimal(price) if filled else None,
        commissions=(),
        executions=1 if filled else 0,
        first_fill_at=NOW if filled else None,
        last_fill_at=NOW if filled else None,
        is_acknowledged=True,
        is_settled=end is not None,
        end=end,
        perm_ids=(1,),
    )


def report(
    order: TradeOrder,
    phase: ArmPhase,
    *,
    revision: int = 1,
    filled: int = 0,
    seconds: float = 1,
    quantity: int = 100,
    **more: Any,
) -> ArmReport:
    """News of the entry."""
    key = IntentKey(order.trade, 0, Purpose.ENTRY, 1)
    left = phase is not ArmPhase.WAITING and (
        filled or not phase.is_final or phase is ArmPhase.OVER
    )
    ends = {ArmPhase.OVER: OrderEnd.FILLED if filled == quantity else OrderEnd.CANCELLED}
    entry = summary(key, quantity, filled, end=ends.get(phase)) if left else None
    return replace(
        ArmReport(key, 1, revision, phase, at(seconds), entry=entry, asked=Asked(NOW, Decimal(0))),
        **more,
    )


def agreed(order: TradeOrder, prospect: Prospect | None = None) -> Agreed:
    """What the trade is admitted with, by the real rules, in an empty account."""
    known = prospect or prospect_of(order)
    first = first_orders(order.plan, order.account, known.instrument, known.sized, order.profile)
    requests = tuple(Request(intent, known.facts) for intent in first.all)
    asked = AdmissionRequest(order.account, order.plan.id, order.trade, requests, known.at)
    answer = admitted(asked)
    assert isinstance(answer, Admitted), answer
    return Agreed(order, known, first, answer)
