"""Trades that ask one account for room, and what they come to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.instruments import Instrument
from backstay.domain.lifecycle import TradeState
from backstay.domain.limits.facts import AdmissionFacts, Request
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import Limit, OrderIntent, Stop
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.sides import Side
from backstay.domain.trade.admission import AdmissionRequest
from backstay.domain.trade.settlement import Settlement
from tests.domain.limits.samples import ACCOUNT, FACTS, NOW, SETTINGS, SHARE, TRADE, key, order

NOTHING = Decimal(0)
TIGHT = replace(
    SETTINGS,
    exposure_max=Decimal(30_000),
    share_position_max=Decimal(150),
    open_trades_max=2,
    entry_interval_seconds_min=Decimal("0.001"),
)
"""Two trades of 100 fit, or one of 150; and 100 x 100 is 10,000 of the 30,000."""


def request(
    trade: str = TRADE,
    quantity: int = 100,
    *,
    plan_id: str | None = None,
    side: Side = Side.BUY,
    instrument: Instrument = SHARE,
    facts: AdmissionFacts = FACTS,
    at: datetime = NOW,
    purposes: Sequence[Purpose] = (Purpose.ENTRY, Purpose.PROTECT, Purpose.EXIT_STOP),
) -> AdmissionRequest:
    """An entry with what protects it and gets out of it, or some of these."""
    intents = (intent(purpose, trade, quantity, side, instrument) for purpose in purposes)
    return AdmissionRequest(
        ACCOUNT,
        plan_id or f"plan-{trade}",
        trade,
        tuple(Request(each, facts) for each in intents),
        at,
    )


def intent(
    purpose: Purpose,
    trade: str = TRADE,
    quantity: int = 100,
    side: Side = Side.BUY,
    instrument: Instrument = SHARE,
) -> OrderIntent:
    """One order of a trade that enters on `side`."""
    named = key(purpose, trade=trade)
    match purpose:
        case Purpose.ENTRY:
            return order(named, quantity, side=side, instrument=instrument)
        case Purpose.PROTECT:
            terms: Stop | Limit = Stop(Decimal(90))
        case _:
            terms = Limit(Decimal(95))
    return order(named, quantity, side=side.opposite, instrument=instrument, terms=terms)


def summary(
    named: IntentKey,
    filled: int,
    quantity: int = 100,
    *,
    side: Side | None = None,
    is_settled: bool = True,
) -> OrderSummary:
    """An order that has filled so much, and is over."""
    opens = named.purpose is Purpose.ENTRY
    price = Decimal(100) if opens else Decimal(95)
    return OrderSummary(
        key=named,
        side=side or (Side.BUY if opens else Side.SELL),
        quantity=Decimal(quantity),
        filled=Decimal(filled),
        value=price * filled,
        average_price=price if filled else None,
        commissions=(),
        executions=1 if filled else 0,
        first_fill_at=NOW if filled else None,
        last_fill_at=NOW if filled else None,
        is_acknowledged=True,
        is_settled=is_settled,
        end=OrderEnd.FILLED if filled == quantity else OrderEnd.CANCELLED,
        perm_ids=(1,),
    )


def settlement(
    *orders: OrderSummary,
    trade: str = TRADE,
    left_over: int = 0,
    at: datetime = NOW,
    con_id: int = SHARE.con_id,
) -> Settlement:
    """What a trade has come to."""
    return Settlement(
        account=ACCOUNT,
        trade=trade,
        con_id=con_id,
        state=TradeState.CLOSED if orders else TradeState.CANCELLED,
        orders=orders,
        left_over=Decimal(left_over),
        profit=NOTHING,
        commissions=(),
        naked_seconds=NOTHING,
        at=at,
    )


def round_trip(
    trade: str = TRADE,
    quantity: int = 100,
    closed: int | None = None,
    con_id: int = SHARE.con_id,
) -> Settlement:
    """An entry that has filled, and an exit that has closed all of it, or `closed`."""
    out = quantity if closed is None else closed
    return settlement(
        summary(key(trade=trade), quantity, quantity),
        summary(key(Purpose.EXIT_STOP, trade=trade), out, quantity),
        trade=trade,
        left_over=quantity - out,
        con_id=con_id,
    )
