"""When the stop at the broker is moved after the engine's own.

By itself it only ever comes closer, by a step worth a message and not more often than the throttle
allows; and never while the connection is degraded, because a modification that is lost from view
can leave two orders behind. Where a hand has moved the engine's stop away, it goes along: else it
would act first, and the hand would have moved nothing.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from backstay.domain.prices import PriceGrid, percent_of
from backstay.domain.sides import Side

MOVES_EVERY = timedelta(seconds=5)
STEP_PCT_MIN = Decimal("0.1")


def next_disaster_trigger(
    side: Side,
    standing: Decimal,
    engine_stop: Decimal,
    disaster_pct: Decimal,
    grid: PriceGrid,
    *,
    may_loosen: bool = False,
) -> Decimal | None:
    """Where the stop of `side` should stand by now, or None where it stands well enough."""
    width = percent_of(engine_stop, disaster_pct)
    wanted = grid.to_losing_side(side, engine_stop + side.sign * width)
    gained = (standing - wanted) * side.sign
    if may_loosen:
        gained = abs(gained)
    return wanted if gained >= max(percent_of(standing, STEP_PCT_MIN), grid.lowest) else None


def may_move(moved_at: datetime, now: datetime, *, is_degraded: bool) -> bool:
    """Whether another move may go out now."""
    return not is_degraded and now - moved_at >= MOVES_EVERY
