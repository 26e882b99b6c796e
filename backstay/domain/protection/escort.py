"""Whether an entry that has filled nothing yet still has its stop beside it.

The two leave together, and either may be lost alone: the broker rejects the stop, or never hears of
it. The entry then waits for ever, or fills with nothing behind it. So it goes as soon as its stop
is known not to stand; while nothing was heard of the stop, the broker is asked first.
"""

from datetime import datetime
from decimal import Decimal

from backstay.domain.ids import IntentKey
from backstay.domain.orders.view import OrderView
from backstay.domain.protection.cover import (
    NAKED_AT_MOST,
    AskAboutStops,
    CancelEntry,
    Covered,
    StopAtBroker,
    WaitForStop,
)

_NOTHING = Decimal(0)


def escort(
    entry: OrderView,
    stops: tuple[StopAtBroker, ...],
    silent_since: datetime,
    now: datetime,
) -> Covered | WaitForStop | AskAboutStops | CancelEntry:
    """What to do about an entry for the sake of its stop.

    Every stop of its leg that was sent is among `stops`. `silent_since` is when the broker was
    first heard of the entry and not of its stop.
    """
    if not entry.is_acknowledged or entry.is_terminal or entry.filled:
        return Covered()
    may_live = tuple(stop for stop in stops if not stop.order.is_settled)
    if not may_live:
        return CancelEntry(_NOTHING)
    if any(stop.order.is_acknowledged for stop in may_live):
        return Covered()
    if now < silent_since + NAKED_AT_MOST:
        return WaitForStop(_NOTHING, silent_since + NAKED_AT_MOST)
    return AskAboutStops(_NOTHING, _keys(may_live))


def _keys(stops: tuple[StopAtBroker, ...]) -> tuple[IntentKey, ...]:
    return tuple(stop.key for stop in stops)
