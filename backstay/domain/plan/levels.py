"""The prices that a plan means, once the market has given one.

Owns the way from the keys of a plan to prices on the instrument's grid: where the entry is reckoned
to happen, where the stop is, and where the wider stop at the broker is. Every rounding goes the way
that keeps a promise: an entry is never worse than its limit, a stop never loses more than was said,
and the disaster stop is never nearer than the stop.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.plan.complaints import Complaint
from backstay.domain.plan.entry import Entry, EntryPoint
from backstay.domain.plan.placement import wrong_side
from backstay.domain.plan.stop import Stop
from backstay.domain.prices import PriceGrid, percent_of
from backstay.domain.sides import Side


@dataclass(frozen=True, slots=True)
class StopLevels:
    """Where the engine's stop is, and the one at the broker; None where the plan keeps that off."""

    stop: Decimal
    disaster: Decimal | None


def entry_price(entry: Entry, side: Side, base: Decimal, grid: PriceGrid) -> Decimal | Complaint:
    """The price to reckon with: the limit, the worst that can happen, or `base` without one.

    `base` is the price that lets the entry go: the trigger's, or the market's for an entry at once.
    """
    if entry.limit is not None:
        key, limit = "limit", entry.limit
    elif entry.limit_offset is not None:
        key, limit = "limit_offset", base + side.signed(entry.limit_offset)
    else:
        return base
    if limit < grid.lowest:
        text = f"a limit of {limit} is below the lowest price {grid.lowest}"
        return Complaint(("entry", key), text)
    return grid.to_saving_side(side, limit)


def stop_levels(
    stop: Stop, side: Side, entry: Decimal, grid: PriceGrid, average_true_range: Decimal | None
) -> StopLevels | Complaint:
    """Both stops of a position entered at `entry`.

    At the bottom of the grid there is no wider price: there the two stops are one.
    """
    if stop.price is not None:
        key, given, wanted = "price", stop.price, stop.price
    elif stop.offset is not None:
        key, given, wanted = "offset", stop.offset, entry - side.signed(stop.offset)
    elif stop.atr is not None and average_true_range is not None:
        distance = stop.atr * average_true_range
        key, given, wanted = "atr", stop.atr, entry - side.signed(distance)
    else:
        return Complaint(("stop", "atr"), f"{stop.atr}; no average true range is known")
    path = ("stop", key)
    if wanted <= 0:
        return Complaint(path, f"{given} puts it at {wanted}; a stop must stay above 0")
    level = grid.to_saving_side(side.opposite, wanted)
    at = EntryPoint("entry price", entry)
    for complaint in wrong_side(path, "stop", level, side, at, given=str(given)):
        return complaint
    return StopLevels(level, _disaster_level(stop, side, level, grid))


def _disaster_level(stop: Stop, side: Side, level: Decimal, grid: PriceGrid) -> Decimal | None:
    if stop.disaster_pct is None:
        return None
    return grid.beyond(side.opposite, level, percent_of(level, stop.disaster_pct))
