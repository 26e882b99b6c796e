"""Where a hand may put the stop of an open position: on its own side of the price, nowhere else.

A stop that the price has passed sells the position. A person who wants that says close; one who
says it by a stop has mistyped, or looks at another market than we do. Where no good price is known
nothing can be said against a stop. What a plan does, and what was done before, is not asked.
"""

from decimal import Decimal
from typing import assert_never

from backstay.domain.edge.guards import BreakEven, MoveStop, StopChange, TightenTrail
from backstay.domain.figures import plain
from backstay.domain.ticks import trails
from backstay.domain.ticks.guarding import Guarded, GuardRules
from backstay.domain.ticks.levels import is_beyond
from backstay.domain.ticks.sources import GoodPrice
from backstay.domain.ticks.trails import StopLevel

COULD_LEAVE = "the position could leave at once"


def objection_to(
    rules: GuardRules, guarded: Guarded, change: StopChange, standing: GoodPrice | None
) -> str:
    """Why the stop can't be put there while the price stands where it is; empty if it can."""
    stop, side = _put_at(rules, guarded.level, change), rules.stop.crossing
    if standing is None or stop == guarded.level.stop or is_beyond(side, stop, standing):
        return ""
    where = f"a stop at {plain(stop)} is not {side.value} the price, {plain(standing)}"
    return f"{where}: {COULD_LEAVE}"


def _put_at(rules: GuardRules, level: StopLevel, change: StopChange) -> Decimal:
    """Where the stop stands once the change is made; ValueError for one that can't be made."""
    match change:
        case MoveStop(stop):
            return stop
        case BreakEven(entry_price):
            return trails.tighten(rules.stop.crossing, level, entry_price).stop
        case TightenTrail(distance):
            if rules.trail is None:
                raise ValueError("there is no trail to tighten")
            return trails.tighten_trail(rules.trail, level, distance, rules.grid)[1].stop
        case _:
            assert_never(change)
