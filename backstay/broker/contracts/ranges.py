"""Bars to volatility: how much a contract has moved a day.

Owns the rolling window: the last complete days, and the running one as soon as it has moved more
than those have on average. So a rough day counts while it lasts, and a young one never makes the
market look calm.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from backstay.broker.translation.contracts import DayBar
from backstay.domain.edge.contracts import Volatility

_DECIMALS = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class _Day:
    """How far a day reached, from the close before it and by itself."""

    day: date
    true_range: Decimal
    daily_range: Decimal


def volatility(bars: Sequence[DayBar], days: int, today: date) -> Volatility | None:
    """The averages of the last days, `today` being the day that may not be complete; None if there
    is no complete day with one before it.
    """
    measured = [_measured(before, bar) for before, bar in pairwise(bars)]
    complete = [each for each in measured if each.day < today]
    if not complete:
        return None
    window = complete[-days:]
    running = next((each for each in measured if each.day == today), None)
    if running and running.true_range > _average([each.true_range for each in window]):
        window = [*complete, running][-days:]
    return Volatility(
        average_true_range=_average([each.true_range for each in window]),
        average_daily_range=_average([each.daily_range for each in window]),
        days=len(window),
        last_day=window[-1].day,
    )


def _measured(before: DayBar, bar: DayBar) -> _Day:
    highest, lowest = max(bar.high, before.close), min(bar.low, before.close)
    return _Day(bar.day, highest - lowest, bar.high - bar.low)


def _average(values: Sequence[Decimal]) -> Decimal:
    return (sum(values, Decimal(0)) / len(values)).quantize(_DECIMALS)
