"""Whether the prices of before still mean anything, once a position's stop has vanished.

Where a stock is split, the broker cancels every order in it, and what is held is in other shares
from then on. What is held alone never says so: a hand may have closed a part, and news of positions
and executions come apart.
"""

from decimal import Decimal

JUMP_MIN = Decimal("0.2")
"""By which share a price differs that may be one of other shares; the usual splits are 3 for 2, 2
for 1 and more, and the same the other way round.
"""


def means_the_same(held: Decimal, guarded: Decimal, *, has_stood: bool, has_jumped: bool) -> bool:
    """Whether the old prices still hold where `held` is there of what is `guarded`, in all.

    More can't have come by a hand that only closes. Less may have, if it has stood for a while and
    the price is still about what it was.
    """
    if held == guarded:
        return True
    return held < guarded and has_stood and not has_jumped


def has_jumped(before: Decimal, now: Decimal) -> bool:
    """Whether a price is too far from where it was to be taken for one of the same shares."""
    return abs(now - before) >= before * JUMP_MIN
