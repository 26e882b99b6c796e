"""One minute of one instrument, step by step, inside what its day has laid down for it.

The steps lead from the minute's level to the next one's. With four trades or more they touch the
minute's high and low exactly, and trade there; so a bar and the ticks it is made of agree.
"""

from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import exp, sqrt

from backstay.gateway.chance import Chance, Dice
from backstay.gateway.market.catalogue import Listing
from backstay.gateway.market.day_path import DayPath
from backstay.gateway.market.hours import MINUTE_NS
from backstay.gateway.market.parameters import Walk

NO_TRADE = -1
_EXTREMES_NEED_TRADES = 4
_LOT = 100
_EXTENDED_SPREAD = 3
_SIZE_CHANGES = 0.3
_SPREAD_WIDENS = 0.1


@dataclass(frozen=True, slots=True)
class MinutePath:
    """What each step shows: the level, the spread in ticks, what is displayed, what is traded.

    `prints` is the size of the step's trade or NO_TRADE.
    """

    levels: tuple[float, ...]
    spreads: tuple[int, ...]
    bid_sizes: tuple[int, ...]
    ask_sizes: tuple[int, ...]
    prints: tuple[int, ...]


def minute_path(
    chance: Chance, walk: Walk, listing: Listing, path: DayPath, minute: int
) -> MinutePath:
    """The steps of one minute of a day."""
    dice = chance.of("walk", listing.con_id, path.session.day.toordinal(), minute)
    levels = _levels(dice, walk.steps, path, minute)
    starts_ns = path.session.opens_ns + minute * MINUTE_NS
    regular = path.session.regular_opens_ns <= starts_ns < path.session.regular_closes_ns
    spread = listing.spread_ticks * (1 if regular else _EXTENDED_SPREAD)
    usual_size = 4.0 if regular else 1.5
    return MinutePath(
        levels,
        tuple(
            spread + (0 if dice.random() >= _SPREAD_WIDENS else 1 + (spread >> 1)) for _ in levels
        ),
        _sizes(dice, len(levels), usual_size),
        _sizes(dice, len(levels), usual_size),
        _prints(dice, levels, path.trades[minute], path.volumes[minute]),
    )


def _levels(dice: Dice, steps: int, path: DayPath, minute: int) -> tuple[float, ...]:
    """Free steps, tied down to both ends, then stretched to touch the high and the low."""
    begins, ends = path.levels[minute], path.levels[minute + 1]
    gauss = dice.gauss
    deviation = path.deviations[minute] * begins / sqrt(steps)
    free = list(accumulate((gauss(0.0, deviation) for _ in range(steps - 1)), initial=0.0))
    leap_at, leap = steps, 0.0
    if path.gap and path.gap.minute == minute:
        leap_at, leap = dice.randrange(1, steps), begins * (exp(path.gap.size) - 1)
    tie = (ends - leap - begins - free[-1]) / (steps - 1)
    free[leap_at:] = [walked + leap for walked in free[leap_at:]]
    levels = [begins + walked + tie * step for step, walked in enumerate(free)]
    levels[-1] = ends
    if path.trades[minute] >= _EXTREMES_NEED_TRADES:
        _stretch(levels, path.highs[minute], path.lows[minute])
    return tuple(levels)


def _stretch(levels: list[float], high: float, low: float) -> None:
    """What lies outside the two ends is drawn to high and low; or one step is put there."""
    top, bottom = max(levels[0], levels[-1]), min(levels[0], levels[-1])
    peak, trough = max(levels), min(levels)
    peak_at, trough_at = levels.index(peak), levels.index(trough)
    falls = levels[0] >= levels[-1]
    up = (high - top) / (peak - top) if peak > top else 0.0
    down = (bottom - low) / (bottom - trough) if trough < bottom else 0.0
    for step, level in enumerate(levels):
        if level > top:
            levels[step] = min(high, top + (level - top) * up)
        elif level < bottom:
            levels[step] = max(low, bottom - (bottom - level) * down)
    levels[peak_at if peak > top else (1 if falls else -2)] = high
    levels[trough_at if trough < bottom else (-2 if falls else 1)] = low


def _sizes(dice: Dice, steps: int, usual: float) -> tuple[int, ...]:
    """Displayed sizes: lots, that now and then are other ones."""
    throw = dice.random
    sizes = []
    size = _LOT * (1 + int(2 * usual * throw()))
    for _ in range(steps):
        if throw() < _SIZE_CHANGES:
            chosen = throw()
            size = _LOT * (1 + int(2 * usual * chosen * chosen))
        sizes.append(size)
    return tuple(sizes)


def _prints(dice: Dice, levels: tuple[float, ...], count: int, volume: int) -> tuple[int, ...]:
    """`count` trades that make up `volume`: at both ends, at both extremes, then anywhere."""
    prints = [NO_TRADE] * len(levels)
    if count:
        sizes = iter(_split(dice, volume, count))
        for step in _traded_steps(dice, levels, count):
            prints[step] = next(sizes)
    return tuple(prints)


def _traded_steps(dice: Dice, levels: tuple[float, ...], count: int) -> list[int]:
    last = len(levels) - 1
    if count == 1:
        return [0]
    musts = [0, last]
    if count >= _EXTREMES_NEED_TRADES:
        for extreme in (levels.index(max(levels)), levels.index(min(levels))):
            if extreme not in musts:
                musts.append(extreme)
    others = [step for step in range(len(levels)) if step not in musts]
    return musts + dice.sample(others, count - len(musts))


def _split(dice: Dice, volume: int, count: int) -> list[int]:
    """Sizes of one at least that add up, or of nothing where nothing can be traded."""
    if not volume:
        return [0] * count
    spare = volume - count
    throw = dice.random
    cuts = [0, *sorted(int(throw() * (spare + 1)) for _ in range(count - 1)), spare]
    return [1 + after - before for before, after in pairwise(cuts)]
