"""Trades and what happens to them, as short as a test wants to read them."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce

from backstay.domain.lifecycle import Happened, Lifecycle, LifecycleEvent, TradeState, apply

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
NOTHING = Decimal(0)

PARTLY_FILLED = {Happened.HEDGE_PARTLY_FILLED, Happened.RISK_PARTLY_FILLED}
CORRECTED = {Happened.HEDGE_CORRECTED, Happened.RISK_CORRECTED}
HEDGE = {Happened.HEDGE_PARTLY_FILLED, Happened.HEDGE_FILLED, Happened.HEDGE_CORRECTED}
RISK = {Happened.RISK_PARTLY_FILLED, Happened.RISK_FILLED, Happened.RISK_CORRECTED}
ENDS = {TradeState.CLOSED, TradeState.CANCELLED, TradeState.REJECTED, TradeState.ESCALATED}


def event(happened: Happened, quantity: int | None = None) -> LifecycleEvent:
    """`happened`, with a quantity of 7 if it carries one and none is given."""
    carried = 7 if happened in HEDGE | RISK else 0
    return LifecycleEvent(happened, NOW, Decimal(carried if quantity is None else quantity))


def after(lifecycle: Lifecycle, *events: Happened | LifecycleEvent) -> Lifecycle:
    return reduce(
        lambda known, told: (
            apply(known, told if isinstance(told, LifecycleEvent) else event(told)).lifecycle
        ),
        events,
        lifecycle,
    )


GROUP = Lifecycle(hedge_first=True)
SINGLE = Lifecycle(hedge_first=False)
