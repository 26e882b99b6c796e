"""Whether what a person wants of a trade makes sense as it stands: one line that says why not.

An empty line is no objection. The edge has the last word, because it knows the price.
"""

from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.prices import PriceGrid
from backstay.domain.sides import Side
from backstay.domain.ticks.guarding import GuardRules
from backstay.domain.trade.standing import Doing, TradeStanding

Guarding = GuardRules | None
"""How the position is guarded, while it is."""

_BEFORE_THE_END_OF_ENTRY = (
    Doing.LEARNING,
    Doing.QUEUED,
    Doing.ADMITTING,
    Doing.WAITING,
    Doing.ENTERING,
    Doing.UNKNOWN,
    Doing.ASKING,
    Doing.GUARDING,
)


def against_cancel(standing: TradeStanding) -> str:
    """Against entering no more."""
    if standing.doing not in _BEFORE_THE_END_OF_ENTRY:
        return f"cancel: too late, the trade is {standing.doing.value}"
    if standing.quantity is not None and standing.entered >= standing.quantity:
        return f"cancel: all {plain(standing.entered)} have filled; close leaves the position"
    return ""


def against_close(standing: TradeStanding) -> str:
    """Against leaving."""
    if standing.doing in (Doing.SETTLING, Doing.OVER):
        return f"close: too late, the trade is {standing.doing.value}"
    return ""


def against_enter(standing: TradeStanding) -> str:
    """Against entering now."""
    if standing.doing not in (Doing.WAITING, Doing.ASKING):
        return f"enter: nothing waits to enter, the trade is {standing.doing.value}"
    return ""


def against_absence(standing: TradeStanding, by: str, reason: str) -> str:
    """Against a person's word that the entry is not there."""
    if standing.doing is not Doing.UNKNOWN:
        return f"declare_absent: nothing is unknown, the trade is {standing.doing.value}"
    if not by.strip() or not reason.strip():
        return "declare_absent: it takes a name and a reason"
    return ""


def against_guard_change(standing: TradeStanding) -> str:
    """Against any change of how the position is guarded."""
    if standing.doing is not Doing.GUARDING:
        return f"nothing is guarded, the trade is {standing.doing.value}"
    return ""


def against_stop(standing: TradeStanding, rules: Guarding, stop: Decimal) -> str:
    """Against another stop."""
    if rules is None:
        return against_guard_change(standing) or "nothing is guarded"
    return _against_price(rules.grid, standing.side.opposite, stop)


def against_trail(standing: TradeStanding, rules: Guarding, distance: Decimal) -> str:
    """Against a shorter trail."""
    if rules is None:
        return against_guard_change(standing) or "nothing is guarded"
    if rules.trail is None:
        return "tighten_trail: the plan has no trail"
    if not distance.is_finite() or not 0 < distance < rules.trail.distance:
        longest = plain(rules.trail.distance)
        return f"tighten_trail: {distance}; expected a distance above 0 and below {longest}"
    return ""


def _against_price(grid: PriceGrid, side: Side, price: Decimal) -> str:
    if not price.is_finite() or price <= 0:
        return f"move_stop: {price}; expected a price above 0"
    saving, losing = grid.to_saving_side(side, price), grid.to_losing_side(side, price)
    if saving != losing:
        low, high = sorted((saving, losing))
        return f"move_stop: {price} is between two ticks; nearest are {low} and {high}"
    return ""
