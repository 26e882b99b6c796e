"""What is shown of the market: trades at prices, with quotes around them, halts and splits.

Owns the rhythm of what is shown and how much stands in the book. A thin book fills orders in part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.lab.simulation.drawing.casts import Scene
from backstay.lab.simulation.drawing.ideas import Idea
from backstay.lab.simulation.drawing.moments import NEW_YORK, Hour, Moment
from backstay.lab.simulation.drawing.paths import Fate, Point, fate, fates, path
from backstay.lab.simulation.drawing.throws import falls, mostly_short, pick, seconds
from backstay.lab.simulation.scenario import Halt, Move, Print, Split
from backstay.lab.simulation.seeds import Die, die

_PACES = (((0.25, 0.6), 25.0), ((0.5, 1.2), 50.0), ((1.0, 2.0), 25.0))
_BOOKS = (((200, 900), 50.0), ((20, 150), 25.0), ((2, 25), 25.0))
_SCARCE_BOOKS = (((1, 12), 65.0), ((1, 3), 35.0))
_AGAIN = 0.15
"""So soon after a place that decides, the next price comes: who waits for two has them."""


@dataclass(frozen=True, slots=True)
class Market:
    """What happens there, and when something is decided."""

    moves: tuple[Move, ...]
    turns: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Style:
    """How a symbol trades."""

    pace: tuple[float, float]
    book: tuple[int, int]
    scarce_book: tuple[int, int]
    spread: Decimal


def market(seed: int, ideas: Sequence[Idea], moment: Moment, scene: Scene | None = None) -> Market:
    """Everything that the symbols of the trades do; each is led by its first trade, and the very
    first by what happens in the scene, if there is one.
    """
    leaders: dict[str, Idea] = {}
    for idea in ideas:
        leaders.setdefault(idea.symbol, idea)
    moves: list[Move] = []
    turns: list[float] = []
    for symbol, idea in leaders.items():
        played = scene if scene is not None and idea.number == ideas[0].number else None
        points = _points(die(seed, f"path {symbol}"), idea, moment, played)
        turns += [round(point.at, 3) for point in points if point.is_turn]
        halt = played.halt if played is not None else None
        moves += shown(die(seed, f"prints {symbol}"), idea, points, moment, halt)
    moves.sort(key=lambda move: move.seconds)
    return Market(tuple(moves), tuple(sorted(turns)))


def shown(
    thrown: Die,
    idea: Idea,
    points: Sequence[Point],
    moment: Moment,
    planned: Halt | None = None,
) -> list[Move]:
    """A path as it is seen, its halts and splits included."""
    style = style_of(thrown, idea)
    prints = list(printed(thrown, idea, points, style, moment))
    halt = _halt(thrown, idea, points)
    halt = planned if planned is not None else halt
    split = _split(thrown, idea, moment)
    if halt is not None:
        until = halt.seconds + halt.lasts_seconds
        prints = [each for each in prints if not halt.seconds <= each.seconds < until]
    if split is not None:
        prints = [_divided(each, split) for each in prints]
    return [*prints, *(move for move in (halt, split) if move is not None)]


def style_of(thrown: Die, idea: Idea) -> Style:
    """How the symbol of a trade is shown."""
    pace, book = pick(thrown, _PACES), pick(thrown, _BOOKS)
    scarce = pick(thrown, _SCARCE_BOOKS)
    spread = pick(thrown, (("0.04", 60.0), ("0.02", 25.0), ("0.10", 15.0)))
    if idea.is_option or idea.is_thin:
        spread = "0.10" if idea.is_option else "0.04"
    return Style(pace, book, scarce, Decimal(spread))


def printed(
    thrown: Die, idea: Idea, points: Iterable[Point], style: Style, moment: Moment
) -> Iterable[Print]:
    """The places of a path, what lies between them, and each that decides once more."""
    before: Point | None = None
    for point in points:
        if before is not None and not point.is_jump and _same_span(moment, before, point):
            yield from _between(thrown, idea, before, point, style)
        yield _print(thrown, idea, point, style)
        if point.is_turn:
            yield _print(thrown, idea, replace(point, at=point.at + _AGAIN), style)
        before = point


def _between(thrown: Die, idea: Idea, start: Point, end: Point, style: Style) -> Iterable[Print]:
    at = start.at + thrown.uniform(*style.pace)
    while at < end.at - 0.1:
        part = (at - start.at) / (end.at - start.at)
        units = start.units + (end.units - start.units) * part + thrown.uniform(-0.04, 0.04)
        yield _print(thrown, idea, Point(at, units), style)
        at += thrown.uniform(*style.pace)


def _print(thrown: Die, idea: Idea, point: Point, style: Style) -> Print:
    book = style.scarce_book if point.is_scarce else style.book
    return Print(
        round(point.at, 3),
        idea.symbol,
        idea.level(point.units),
        style.spread,
        thrown.randint(*book),
        thrown.randint(*book),
    )


def _same_span(moment: Moment, one: Point, other: Point) -> bool:
    return any(start <= one.at and other.at <= end for start, end in moment.spans)


def _points(thrown: Die, idea: Idea, moment: Moment, scene: Scene | None) -> tuple[Point, ...]:
    """The first watch has the way in; after a night the price may stand anywhere."""
    begins = _entered_at(thrown, idea, moment)
    _, ends = moment.spans[0]
    calm_until = _calm_until(thrown, moment)
    if not moment.is_held_over:
        if scene is not None:
            return (*scene.points, *fates(thrown, idea, scene.points[-1], ends))
        return path(thrown, idea, begins, ends, calm_until)
    played = path(thrown, idea, begins, min(ends, begins + 3.0)) if scene is None else scene.points
    points = list(played)
    points += _evening(thrown, idea, moment)
    if not moment.ends_on_another_day:
        return tuple(points)
    start, ends = moment.spans[-1]
    opens = _first_trade(thrown, moment, start)
    kind = pick(thrown, ((Fate.GAP, 5.0), (Fate.STOP, 2.0), (Fate.DRIFT, 3.0)))
    gap = fate(thrown, idea, kind)[-1].units
    points.append(Point(opens, gap, is_jump=True))
    points.append(Point(start + thrown.uniform(1.0, 3.0), gap))
    points += fates(thrown, idea, points[-1], ends)
    return tuple(points)


def _calm_until(thrown: Die, moment: Moment) -> float:
    """Mostly a position is still there when the bell rings that ends the session."""
    after = seconds(thrown, 0.2, 2.0)
    waits = falls(thrown, 0.6) and moment.bell is not None
    return moment.bell + after if waits and moment.bell is not None else 0.0


def _evening(thrown: Die, idea: Idea, moment: Moment) -> list[Point]:
    """Sometimes the price falls through every stop after the close, and nobody watches."""
    after, falls_then = thrown.uniform(60.0, 5000.0), falls(thrown, 0.25)
    if not falls_then or moment.hour is Hour.HALF_DAY:
        return []
    _, ends = moment.spans[0]
    depth = 0.03 * float(idea.entry / idea.unit)
    return [
        Point(ends + after, -1.0 - depth, is_jump=True),
        Point(ends + after + 20.0, -1.1 - depth, is_jump=True),
    ]


def _first_trade(thrown: Die, moment: Moment, start: float) -> float:
    """Often while nobody watches yet, but in the hours in which something trades."""
    early = start - thrown.uniform(10.0, 5000.0)
    if falls(thrown, 0.5):
        return start + 0.5
    return max(early, start - _since_four(moment, start) + 1.0)


def _since_four(moment: Moment, start: float) -> float:
    now = moment.at(start).astimezone(NEW_YORK)
    return (now - now.replace(hour=4, minute=0, second=0)).total_seconds()


def _entered_at(thrown: Die, idea: Idea, moment: Moment) -> float:
    after = seconds(thrown, 1.5, 4.0)
    if moment.hour is Hour.OPEN:
        return 10.0 + (after if falls(thrown, 0.7) else -after)
    return idea.asked_at + after


def _halt(thrown: Die, idea: Idea, points: Sequence[Point]) -> Halt | None:
    turns = [point.at for point in points if point.is_turn]
    wanted, early, lasts = (
        falls(thrown, 0.07),
        seconds(thrown, -0.3, 1.2),
        seconds(thrown, 1.5, 8.0),
    )
    if not wanted or not turns:
        return None
    return Halt(round(max(0.1, turns[-1] + early), 3), idea.symbol, lasts)


def _split(thrown: Die, idea: Idea, moment: Moment) -> Split | None:
    wanted, ratio = falls(thrown, 0.3), pick(thrown, (("2", 70.0), ("4", 20.0), ("0.5", 10.0)))
    if not wanted or not moment.ends_on_another_day or idea.is_option:
        return None
    start, _ = moment.spans[-1]
    at = start - _since_four(moment, start) - mostly_short(thrown, 60.0, 600.0)
    return Split(round(at, 3), idea.symbol, Decimal(ratio))


def _divided(shown: Print, split: Split) -> Print:
    if shown.seconds < split.seconds:
        return shown
    return replace(shown, price=(shown.price / split.ratio).quantize(Decimal("0.01")))
