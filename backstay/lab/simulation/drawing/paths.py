"""Where a price goes: to what makes a story of the trade that it is moved for.

Owns the way through time, in units of that trade: how it gets in, and then one fate after another
until the run is over. A `turn` is where something is decided; what goes wrong likes to go wrong
there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.lab.simulation.drawing.ideas import Idea
from backstay.lab.simulation.drawing.throws import falls, pick
from backstay.lab.simulation.seeds import Die

_LITTLES, _LITTLE_EVERY = ((6, 60.0), (14, 25.0), (36, 15.0)), 0.7
_CENTS_MIN = 0.03
"""To be seen to be past a level, a price has to be past it by that much at least."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place that the price goes through, in units ahead of the entry."""

    at: float
    units: float
    is_turn: bool = False
    is_jump: bool = False
    """Nothing is shown on the way there."""

    is_scarce: bool = False
    """Hardly anything is to be had there."""


class Fate(StrEnum):
    """What the market does to a position."""

    TARGETS = "targets"
    STOP = "stop"
    GAP = "gap"
    WHIPSAW = "whipsaw"
    TRAIL = "trail"
    BACK = "back"
    DRIFT = "drift"


def path(
    die: Die, idea: Idea, begins: float, ends: float, calm_until: float = 0.0
) -> tuple[Point, ...]:
    """From the first price to the last, the way in included, and a time in which little happens."""
    points = entrance(die, idea, begins)
    if calm_until > points[-1].at:
        points.append(Point(calm_until, points[-1].units + die.uniform(-0.2, 0.2)))
    points += fates(die, idea, points[-1], ends)
    return tuple(points)


def entrance(die: Die, idea: Idea, begins: float) -> list[Point]:
    """From the first price until the trade is in."""
    first = Point(0.0, _far_side(idea), is_scarce=idea.is_thin and idea.when is None)
    return [first, *_way_in(die, idea, begins)]


def straight_in(idea: Idea, begins: float) -> list[Point]:
    """From the first price across the entry, and there it stays for a moment."""
    first = Point(0.0, _far_side(idea))
    if idea.when is None:
        return [first, Point(begins, 0.02)]
    past = _ahead(idea) * max(0.1, _CENTS_MIN / float(idea.unit))
    near = Point(begins - 0.6, first.units * 0.5)
    across = Point(begins, past, is_turn=True, is_jump=True)
    return [first, near, across, replace(across, at=begins + 0.45, is_turn=False)]


def fates(die: Die, idea: Idea, last: Point, ends: float) -> Iterator[Point]:
    """One fate after another, until it is over."""
    at, units = last.at, last.units
    while True:
        length = die.uniform(2.0, 7.0)
        if at + length > ends - 1.0:
            return
        pause = die.uniform(0.4, 1.6)
        for point in fate(die, idea, pick(die, _weights(idea))):
            units = point.units
            yield replace(point, at=at + pause + point.at * (length - pause))
        at += length
        yield Point(at, units)


def fate(die: Die, idea: Idea, kind: Fate) -> tuple[Point, ...]:
    """The places of one fate, in parts of the time that it takes."""
    beyond = idea.beyond_stop
    match kind:
        case Fate.TARGETS:
            ahead = [*idea.targets, 2.0] if idea.targets else [2.0]
            count = len(ahead)
            return tuple(
                Point((place + 1) / count, units + 0.08, is_turn=place < count - 1 or count == 1)
                for place, units in enumerate(ahead)
            )
        case Fate.STOP:
            deep = beyond - die.uniform(0.02, 0.8)
            return (Point(0.6, -0.8), Point(0.75, beyond, is_turn=True), Point(1.0, deep))
        case Fate.GAP:
            below = beyond - die.uniform(0.3, 1.0) * die.choice((1.0, 3.0, 5.0))
            return (
                Point(0.5, die.uniform(-0.6, 0.5)),
                Point(0.51, below, is_turn=True, is_jump=True),
                Point(1.0, below + die.uniform(-0.4, 0.6)),
            )
        case Fate.WHIPSAW:
            edge = 0.0 if idea.when is not None and falls(die, 0.4) else beyond + 0.06
            return tuple(
                Point((place + 1) / 7, edge + (0.12 if place % 2 else -0.14), place == 0, True)
                for place in range(7)
            )
        case Fate.TRAIL:
            start, distance = trailed(idea)
            top = start + die.uniform(0.5, 2.0) * distance
            return (
                Point(0.3, start + 0.05),
                Point(0.6, top),
                Point(0.8, top - 1.2 * distance - 0.1, is_turn=True),
                Point(1.0, top - die.uniform(1.3, 2.5) * distance - 0.1),
            )
        case Fate.BACK:
            return (Point(0.5, die.uniform(0.3, 0.9)), Point(1.0, die.uniform(-0.4, 0.1)))
        case Fate.DRIFT:
            return tuple(Point(part, die.uniform(-0.5, 0.5)) for part in (0.3, 0.6, 1.0))


def _weights(idea: Idea) -> tuple[tuple[Fate, float], ...]:
    return (
        (Fate.TARGETS, 7.0 if idea.targets else 1.0),
        (Fate.TRAIL, 7.0 if idea.trail is not None else 0.5),
        (Fate.STOP, 4.0),
        (Fate.GAP, 3.0),
        (Fate.WHIPSAW, 2.0),
        (Fate.BACK, 1.5),
        (Fate.DRIFT, 1.2),
    )


def trailed(idea: Idea) -> tuple[float, float]:
    """From how many units on the stop follows, and at how many."""
    if idea.trail is None:
        return 1.0, 1.0
    unit = float(idea.unit)
    start = float(idea.trail.activate_pct) / 100 * float(idea.entry) / unit
    return start, float(idea.trail.distance) / unit


def _ahead(idea: Idea) -> float:
    """Into which direction the entry is crossed, in units: a pullback is bought from above."""
    rises = idea.when is Crossing.ABOVE
    return 1.0 if rises == (idea.side is Side.BUY) else -1.0


def _far_side(idea: Idea) -> float:
    if idea.when is None:
        return 0.0
    away = abs(float(idea.base - idea.entry)) / float(idea.unit)
    return _ahead(idea) * max(away, 0.05) * (1.0 if idea.is_passed else -1.0)


def hardly_across(idea: Idea, begins: float, count: int) -> list[Point]:
    """A cent past the entry, for some seconds: each time there is a little to be had."""
    cent = _ahead(idea) * 0.01 / float(idea.unit)
    return [
        Point(begins + place * _LITTLE_EVERY, cent * (1 + place % 2), place == 0, True, True)
        for place in range(count)
    ]


def _way_in(die: Die, idea: Idea, begins: float) -> list[Point]:
    """A little way off, and then across the entry: hardly, well, or by a leap past any limit."""
    if idea.when is None or idea.is_passed:
        if idea.is_thin:
            return hardly_across(idea, idea.asked_at + 0.1, pick(die, _LITTLES))
        return [Point(begins, _far_side(idea) + die.uniform(-0.05, 0.05))]
    ahead = _ahead(idea)
    near = _far_side(idea) * 0.5
    depth = pick(die, ((0.06, 55.0), (0.2, 30.0), (0.9, 15.0)))
    depth = max(depth, _CENTS_MIN / float(idea.unit))
    if idea.is_thin:
        return [Point(begins - 0.6, near), *hardly_across(idea, begins, pick(die, _LITTLES))]
    points = [Point(begins - 0.6, near), Point(begins, ahead * depth, is_turn=True, is_jump=True)]
    if falls(die, 0.2):
        points += [
            Point(begins + 0.3, -ahead * 0.1, is_jump=True),
            Point(begins + 0.7, ahead * depth, is_jump=True),
        ]
    return points
