"""One trading day of one instrument, minute by minute: a pure function of seed and day.

A day is thrown as a whole, from its first minute to its last: where each minute begins, how high
and how low it trades, how often and how much. What happens inside a minute (`minute_path`) keeps to
it. So a price can be asked for at any instant without having walked there, and the path is the same
whoever looked at it before. Over days a price swings around the catalogue's and doesn't drift off.
"""

from array import array
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate, pairwise
from math import exp, floor, log, sqrt

from backstay.gateway.chance import Chance, Dice
from backstay.gateway.market.catalogue import Listing
from backstay.gateway.market.hours import INDEX, MINUTE_NS, STOCKS, Session, session_on
from backstay.gateway.market.parameters import Walk

_DAYS_OF_YEAR = 252
_SWING_PERIODS_DAYS = (1, 2, 4, 8)
_SHARE_OVER_NIGHT = 0.4
_SHARE_BY_DAY = 0.8
_EXTENDED_MOVES = 0.35
_EXTENDED_TRADES = 0.06
_EXCESS = 0.35
_EXTREMES_NEED_TRADES = 4


@dataclass(frozen=True, slots=True)
class Gap:
    """A leap of the price inside one minute."""

    minute: int
    size: float


@dataclass(frozen=True, slots=True)
class DayPath:
    """A day's minutes, counted from the first of extended hours; `levels` has one more.

    A minute's first trade is at its level and its last at the next one's; `highs` and `lows` are
    met exactly if it has four trades or more.
    """

    session: Session
    levels: "array[float]"
    highs: "array[float]"
    lows: "array[float]"
    trades: "array[int]"
    volumes: "array[int]"
    deviations: tuple[float, ...]
    gap: Gap | None
    halt: tuple[int, int] | None

    @property
    def minutes(self) -> int:
        """How many there are."""
        return len(self.trades)


def day_path(chance: Chance, walk: Walk, listing: Listing, day: date) -> DayPath:
    """The path of a trading day."""
    session = session_on(STOCKS, day)
    dice = chance.of("walk", listing.con_id, day.toordinal())
    deviation = walk.swing * listing.volatility / sqrt(_DAYS_OF_YEAR)
    shape = _shape(session)
    gap = _gap(dice, walk, deviation, shape)
    halt = _halt(dice, walk, shape)
    ends = _swing_of(chance, listing, deviation, day)
    levels = _levels(dice, listing, shape, deviation, ends, gap)
    trades = _trades(dice, listing, shape, halt, walk.steps)
    highs, lows = _extremes(dice, levels, trades, shape.deviations, deviation)
    volumes = _volumes(dice, listing, trades)
    deviations = tuple(each * deviation for each in shape.deviations)
    return DayPath(session, levels, highs, lows, trades, volumes, deviations, gap, halt)


@dataclass(frozen=True, slots=True)
class _Shape:
    """How moves and trades are spread over a day of one length.

    `deviations` are the minutes' shares of a daily move, `elapsed` how much of its variance is
    behind when each minute begins, `activity` each minute's trades against a usual one's.
    """

    session: Session
    regular: tuple[int, int]
    deviations: tuple[float, ...]
    elapsed: tuple[float, ...]
    activity: tuple[float, ...]


@lru_cache(maxsize=8)
def _shape_of(minutes: int, regular: tuple[int, int]) -> tuple[tuple[float, ...], ...]:
    opens, closes = regular
    weights = [
        1 + exp((opens - minute) / 20) + 0.5 * exp((minute - closes) / 20)
        if opens <= minute < closes
        else _EXTENDED_MOVES
        for minute in range(minutes)
    ]
    variance = sum(weight * weight for weight in weights)
    deviations = tuple(_SHARE_BY_DAY * weight / sqrt(variance) for weight in weights)
    elapsed = (0.0, *accumulate(weight * weight / variance for weight in weights))
    activity = tuple(
        weight * 0.8 if opens <= minute < closes else _EXTENDED_TRADES
        for minute, weight in enumerate(weights)
    )
    return deviations, elapsed, activity


def _shape(session: Session) -> _Shape:
    regular = (
        (session.regular_opens_ns - session.opens_ns) // MINUTE_NS,
        (session.regular_closes_ns - session.opens_ns) // MINUTE_NS,
    )
    minutes = (session.closes_ns - session.opens_ns) // MINUTE_NS
    return _Shape(session, regular, *_shape_of(minutes, regular))


def _gap(dice: Dice, walk: Walk, deviation: float, shape: _Shape) -> Gap | None:
    happens, minute, share, down = (
        dice.random() < walk.gap_chance,
        dice.randrange(*shape.regular),
        dice.uniform(0.4, 1.0),
        dice.random() < 0.5,  # noqa: PLR2004 - a fair coin
    )
    size = walk.gap_days * deviation * share
    return Gap(minute, -size if down else size) if happens else None


def _halt(dice: Dice, walk: Walk, shape: _Shape) -> tuple[int, int] | None:
    opens, closes = shape.regular
    happens = dice.random() < walk.halt_chance
    begins = dice.randrange(opens + 1, closes - walk.halt_minutes)
    return (begins, begins + walk.halt_minutes) if happens else None


def _swing_of(chance: Chance, listing: Listing, deviation: float, day: date) -> tuple[float, float]:
    """How far off its reference price, as a logarithm, an instrument begins and ends a day."""
    today, tomorrow = (
        sum(
            deviation / 2 * sqrt(period) * _between(chance, listing.con_id, period, ordinal)
            for period in _SWING_PERIODS_DAYS
        )
        for ordinal in (day.toordinal(), day.toordinal() + 1)
    )
    return today, today + (1 - _SHARE_OVER_NIGHT) * (tomorrow - today)


def _between(chance: Chance, con_id: int, period: int, ordinal: int) -> float:
    """Thrown every `period` days, and in a straight line between two throws."""
    knot, days = divmod(ordinal, period)
    here, there = (
        chance.of("walk", con_id, "days", period, each).uniform(-1.7, 1.7)
        for each in (knot, knot + 1)
    )
    return here + (there - here) * days / period


def _levels(
    dice: Dice,
    listing: Listing,
    shape: _Shape,
    deviation: float,
    ends: tuple[float, float],
    gap: Gap | None,
) -> "array[float]":
    """Free steps first, then tied down so that they end where the day does."""
    gauss = dice.gauss
    moves = [gauss(0.0, deviation * share) for share in shape.deviations]
    if gap:
        moves[gap.minute] += gap.size
    free = list(accumulate(moves, initial=0.0))
    begin, end = ends
    tie = end - begin - free[-1]
    reference = float(listing.reference)
    return array(
        "d",
        (
            reference * exp(begin + walked + tie * elapsed)
            for walked, elapsed in zip(free, shape.elapsed, strict=True)
        ),
    )


def _trades(
    dice: Dice, listing: Listing, shape: _Shape, halt: tuple[int, int] | None, steps: int
) -> "array[int]":
    """At most one trade a step; three are made two, for lack of one for each extreme."""
    session = shape.session
    first, after = 0, len(shape.activity)
    if listing.is_index:
        hours = session_on(INDEX, session.day)
        first = (hours.opens_ns - session.opens_ns) // MINUTE_NS
        after = (hours.closes_ns - session.opens_ns) // MINUTE_NS
    # The figure shows itself until its own close, a quarter of an hour after the stocks'.
    activity = (1.0,) * after if listing.is_index else shape.activity
    trades = array("q", bytes(8 * len(shape.activity)))
    usual, throw = listing.trades_per_minute, dice.random
    for minute in range(first, after):
        if halt and halt[0] <= minute < halt[1]:
            continue
        count = floor(usual * activity[minute] * (0.6 + 0.8 * throw()) + throw())
        count = min(count, steps)
        trades[minute] = count - (count == _EXTREMES_NEED_TRADES - 1)
    return trades


def _extremes(
    dice: Dice,
    levels: "array[float]",
    trades: "array[int]",
    shares: tuple[float, ...],
    deviation: float,
) -> tuple["array[float]", "array[float]"]:
    highs, lows = array("d"), array("d")
    usual, throw = _EXCESS * deviation, dice.random
    for count, share, (begins, ends) in zip(trades, shares, pairwise(levels), strict=True):
        high, low = (begins, ends) if begins > ends else (ends, begins)
        if count >= _EXTREMES_NEED_TRADES:
            excess = usual * share
            high *= 1 - excess * log(1 - throw())
            low *= 1 + excess * log(1 - throw())
        elif count <= 1:
            high = low = begins
        highs.append(high)
        lows.append(low)
    return highs, lows


def _volumes(dice: Dice, listing: Listing, trades: "array[int]") -> "array[int]":
    if listing.is_index:
        return array("q", bytes(8 * len(trades)))
    share, throw = listing.volume_per_minute / listing.trades_per_minute, dice.random
    return array(
        "q",
        (count + int(count * share * (0.5 + throw())) if count else 0 for count in trades),
    )
