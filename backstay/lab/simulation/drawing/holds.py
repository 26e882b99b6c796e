"""Scenes about a position that is held: its stop has moved, its watch was lost, its price lies.

Owns what meets there; the way in and what is thrown come from the cast.
"""

from dataclasses import replace
from typing import Any

from backstay.lab.simulation.drawing.casts import Cast, Parts
from backstay.lab.simulation.drawing.ideas import Trailed
from backstay.lab.simulation.drawing.paths import Point, trailed
from backstay.lab.simulation.drawing.throws import pick, seconds, to_cents
from backstay.lab.simulation.scenario import (
    ByHand,
    CutLines,
    Deed,
    Evictions,
    Hand,
    Role,
    Sight,
    Strike,
)

_SHORT_TRAIL = (0.5, 0.45)
"""In units: from which gain on it follows, and at what distance."""

_TOLD_AFTER, _SURE_AFTER, _THEN = 10.0, 15.6, 4.0
"""A guard tells every so many seconds how far its trail has come; some seconds later nobody may
have forgotten it, and what then happens takes a few more.
"""

_STAYS = 0.65
"""How often the price stands where it has come to, until it is seen what came of it."""


def _with_trail(cast: Cast) -> Cast:
    """The cast, with a trail that is soon activated."""
    idea = cast.idea
    gain, distance = _SHORT_TRAIL
    unit, price = float(idea.unit), float(idea.entry)
    pct = idea.breach_pct.from_float(max(0.05, round(gain * unit / price * 100, 2)))
    trail = Trailed(round(pct, 2), to_cents(max(distance * unit, 0.05)))
    return replace(cast, idea=replace(idea, trail=trail, targets=(), is_thin=False, is_sure=True))


def _seldom_told(cast: Cast) -> Cast:
    """The cast, often with a stop of which nothing is told while the price stands: a side of the
    quote that stays where it is makes no second tick.
    """
    source = pick(cast.die, (("", 50.0), ("bid", 20.0), ("ask", 20.0), ("mid", 10.0)))
    return replace(cast, idea=replace(cast.idea, source=source))


def data_lost(cast: Cast) -> Parts:
    """The gateway loses IB, and its data with it; then the stop is breached."""
    then = pick(cast.die, (("lost", 70.0), ("kept", 30.0)))
    lasts = seconds(cast.die, 0.3, 1.5)
    at = cast.meets - lasts - 0.6
    rules = [cast.by_clock("upstream-lost", at, lasting=f"{lasts}s", then=then)]
    if cast.chance(0.3):
        rules += cast.late_answers(at)
    ends = cast.gap(cast.meets + 0.5) if cast.chance(0.5) else cast.breach(cast.meets + 0.5)
    return Parts((*cast.way_in(), *ends), rules)


def trail_then_crash(cast: Cast) -> Parts:
    """A trail has moved, the worker dies, once or twice, and the price lies between old and new."""
    acting = _with_trail(cast)
    start, distance = trailed(acting.idea)
    top = start + cast.die.uniform(0.8, 1.6) * distance
    points = [*acting.way_in(), *acting.reach(cast.enters + 0.7, start + 0.1)]
    # So much later that what was reached first has led it there before.
    points += acting.reach(cast.enters + 2.2, top)
    falls_at = max(cast.meets, cast.enters + 4.4)
    strikes: list[Strike] = []
    hands: list[Hand] = []
    what = pick(cast.die, (("crash", 55.0), (Deed.BREAK_EVEN, 25.0), (Deed.TIGHTEN_TRAIL, 20.0)))
    if what == "crash":
        dies_at = cast.enters + cast.die.uniform(2.8, 4.2)
        _, ends = cast.moment.spans[0]
        told, sure = cast.enters + _TOLD_AFTER, cast.enters + _SURE_AFTER
        if cast.chance(0.8) and ends > told + _THEN:
            early = told + cast.die.uniform(0.2, 0.8)
            dies_at = sure + cast.die.uniform(0.0, 0.8) if ends > sure + _THEN else early
        strikes += acting.dies_in_a_row(dies_at)
        falls_at = dies_at + 2.2
    else:
        deed = Deed(what)
        narrow = to_cents(max(float(acting.idea.unit) * distance * 0.5, 0.04))
        amount = narrow if deed is Deed.TIGHTEN_TRAIL else None
        hands.append(acting.asks(cast.enters + 3.6, deed, amount))
    # Past the stop where it has been moved to, by far not to where it was.
    depth = (
        top
        - distance
        - max(0.12, 0.16 / float(acting.idea.unit))
        - float(acting.idea.entry * acting.idea.breach_pct / 100) / float(acting.idea.unit)
    )
    points += acting.reach(falls_at, depth, falls=True)
    points += acting.reach(falls_at + 1.2, depth - 0.05, falls=True)
    if cast.chance(_STAYS):
        points = acting.stays(points)
    return Parts(points, (), strikes, hands, ideas=(acting.idea,))


def stop_moved_then_crash(cast: Cast) -> Parts:
    """A person has moved the stop, the worker dies, and the price lies between old and new."""
    idea = replace(cast.idea, trail=None, targets=(), is_thin=False)
    acting = replace(cast, idea=idea)
    level = -0.4
    moved_at = cast.enters + seconds(cast.die, 0.6, 1.2)
    hands: list[Hand] = [acting.asks(moved_at, Deed.MOVE_STOP, idea.level(level))]
    if cast.chance(0.25):
        hands.append(acting.asks(moved_at + 0.7, Deed.MOVE_STOP, idea.level(-0.9)))
    strikes: list[Strike] = []
    if cast.chance(0.55):
        strikes.append(acting.answer_is_lost("amend_guard", acting.at(moved_at - 0.3)))
    if cast.chance(0.75):
        strikes += acting.dies_in_a_row(moved_at + cast.die.uniform(0.0, 0.9))
    if cast.chance(0.3):
        strikes.append(Evictions(acting.at(0.5, 0), 10.0, 0.5))
    at = max(cast.after, moved_at + 3.0)
    beyond = idea.beyond_stop + 1.0 + level
    points = [*acting.way_in(), *acting.reach(at, beyond - 0.1)]
    points = acting.stays(points) if cast.chance(_STAYS) else [*points, *acting.breach(at + 1.8)]
    return Parts(points, (), strikes, hands, ideas=(idea,))


def answers_lost(cast: Cast) -> Parts:
    """An answer is lost on its way to the engine, and then what it was about matters."""
    call = cast.die.choice(("guard", "guard", "arm", "admit", "split_off", "walk", "settle"))
    targets = (0.7,) if cast.chance(0.5) or call == "split_off" else ()
    idea = replace(cast.idea, targets=targets, is_thin=cast.chance(0.2))
    acting = replace(cast, idea=idea)
    count = pick(cast.die, ((1, 70.0), (2, 30.0)))
    strikes: list[Strike] = [acting.answer_is_lost(call, acting.at(0.1), count)]
    if cast.chance(0.4):
        strikes.append(acting.dies(acting.seen(Sight.CALL_TAKEN, call)))
    points = acting.way_in()
    last = max(points[-1].at, cast.enters)
    if targets:
        points += acting.reach(max(cast.meets, last + 0.3), 0.8)
        last = points[-1].at
    points += acting.breach(max(cast.after, last + 0.6))
    return Parts(points, (), strikes, ideas=(idea,))


def part_beside_the_stop(cast: Cast) -> Parts:
    """A target splits off a part, the stop does not follow, and then it is breached."""
    quantity = max(cast.idea.quantity, 20)
    targets = (0.6,) if cast.chance(0.6) else (0.5, 0.9)
    idea = replace(cast.idea, targets=targets, trail=None, is_thin=False, quantity=quantity)
    acting = replace(cast, idea=idea)
    name = pick(
        cast.die,
        (
            ("second-perm-id", 25.0),
            ("fast-modify-refused", 16.0),
            ("reset-after-frame", 12.0),
            ("reset-before-frame", 12.0),
            ("placement-acknowledged-late", 10.0),
            ("half-open", 25.0),
        ),
    )
    modify: dict[str, Any] = {"kinds": ["placeOrder"], "reference": acting.ref("PR"), "nth": 1}
    since = cast.enters + 0.7
    match name:
        case "second-perm-id":
            rules = [acting.of_order(name, "PR")]
        case "fast-modify-refused":
            rules = [acting.of_order(name, "PR", within="30s")]
        case "placement-acknowledged-late":
            rules = [acting.late_word("XT")]
        case "half-open":
            rules = [acting.rule(name, since, lasting=acting.lasting(1.0, 6.0), **modify)]
        case _:
            rules = [acting.rule(name, since, **modify)]
    if cast.chance(0.3):
        rules.append(acting.cancel_fails(pick(cast.die, (("PR", 50.0), ("XT", 50.0)))))
    strikes: list[Strike] = []
    if cast.chance(0.3):
        strikes.append(acting.dies(acting.seen(Sight.ORDER_READ, "PR", 2)))
    at = max(cast.meets, cast.enters + 1.3)
    points = [*acting.way_in(), *acting.reach(at, targets[0] + 0.06, scarce=cast.chance(0.6))]
    points += acting.breach(at + cast.die.uniform(0.9, 2.2))
    return Parts(points, rules, strikes, ideas=(idea,))


def stop_vanishes(cast: Cast) -> Parts:
    """The stop at the broker is cancelled by hand, and nobody watches when it is needed."""
    hands = [ByHand(cast.at(cast.meets - 1.2, 0), cast.idea.symbol, "cancel", "PR")]
    strikes: list[Strike] = []
    if cast.chance(0.6):
        strikes.append(cast.dies(cast.at(cast.meets), longest=4.0))
    rules = [cast.late_word("PR")] if cast.chance(0.4) else []
    depth = 0.03 * float(cast.idea.entry / cast.idea.unit)
    calm = [*cast.way_in(), Point(cast.meets - 0.9, 0.1)]
    falls = [*cast.way_in(), *cast.breach(cast.after, depth)]
    points = cast.stays(calm) if cast.chance(0.5) else falls
    return Parts(points, rules, strikes, hands)


def bad_print(cast: Cast) -> Parts:
    """One price that is far from the market, or a quote whose two sides are crossed."""
    acting = replace(cast, idea=replace(cast.idea, is_thin=False))
    follows = cast.chance(0.5)
    acting = _with_trail(cast) if follows else acting
    ahead = 60.0 if follows else 20.0
    far = pick(cast.die, ((acting.idea.beyond_stop - 0.6, 45.0), (2.2, ahead), (-4.0, 20.0)))
    here = cast.die.uniform(-0.15, 0.15)
    points = acting.way_in()
    if acting.idea.when is not None and cast.chance(0.25):
        # Before it is in: across the trigger and back.
        points.insert(1, Point(cast.enters - 1.2, points[-1].units, is_jump=True))
        points.insert(2, Point(cast.enters - 1.05, points[0].units, is_jump=True))
    at = cast.meets
    points += [
        Point(at - 0.3, here, is_jump=True),
        Point(at, far, is_jump=True),
        Point(at + 0.12, here, is_jump=True),
        Point(at + 0.9, here, is_jump=True),
    ]
    rules = []
    if cast.chance(0.5):
        since = (cast.enters if cast.chance(0.5) else at) - 0.5
        name = pick(cast.die, (("tick-crossed", 60.0), ("tick-stale", 40.0)))
        more: dict[str, Any] = {"delay": acting.lasting(0.3, 3.0)} if name == "tick-stale" else {}
        rules.append(acting.rule(name, since, since + 1.5, probability=0.8, **more))
    points += acting.reach(cast.after + 0.4, cast.die.choice((0.5, -0.5)))
    return Parts(points, rules, (), ideas=(acting.idea,))


def watch_lost(cast: Cast) -> Parts:
    """The price gaps through the stop while the watch is away; nothing is shown but that."""
    strikes: list[Strike] = []
    rules = []
    what = pick(cast.die, (("crash", 45.0), ("cut", 30.0), ("dead", 25.0)))
    at = cast.meets - cast.die.uniform(0.2, 0.8)
    match what:
        case "crash":
            strikes += cast.dies_in_a_row(at)
        case "cut":
            strikes.append(CutLines(cast.at(at)))
            if cast.chance(0.6):
                rules += cast.late_answers(at)
        case _:
            rules.append(cast.by_clock("stream-dead", at))
    if cast.chance(0.3):
        rules.append(cast.rule("ids-roll-back", count=3, by=cast.die.randint(1, 8)))
    acting = _seldom_told(cast)
    points = [*acting.way_in(), *acting.gap(cast.meets + 0.2)]
    stays = cast.chance(_STAYS)
    return Parts(acting.stays(points) if stays else points, rules, strikes, ideas=(acting.idea,))


def time_exit_passed(cast: Cast) -> Parts:
    """A position is to be left at a time, and nobody is there then."""
    at = cast.meets + 1.0
    idea = replace(cast.idea, leaves_at=float(int(at) + 1), when=None, is_thin=False)
    idea = replace(idea, entry=idea.base, targets=())
    acting = replace(cast, idea=idea)
    role = pick(cast.die, ((Role.BROKER, 75.0), (Role.TRADES, 25.0)))
    down = seconds(cast.die, 1.2, 3.0)
    strikes: list[Strike] = []
    if cast.chance(0.75):
        begins = float(int(at) + 1) - cast.die.uniform(0.2, 1.0)
        strikes.append(replace(acting.dies(acting.at(begins), role), down_seconds=down))
    points = [*acting.way_in(), Point(cast.after + 1.0, 0.2)]
    points = acting.stays(points) if cast.chance(_STAYS) else points
    return Parts(points, (), strikes, ideas=(idea,))
