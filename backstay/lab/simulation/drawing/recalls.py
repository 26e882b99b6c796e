"""Scenes about an entry that is taken back while it is about to fill: let go of, cancelled, killed,
or ended by a hand; and about who has to know of it then.

Owns what meets there; the way in and what is thrown come from the cast.
"""

from dataclasses import replace
from typing import Any

from backstay.lab.simulation.drawing.casts import Cast, Parts
from backstay.lab.simulation.drawing.paths import Point
from backstay.lab.simulation.drawing.throws import period, pick, seconds
from backstay.lab.simulation.scenario import (
    Crash,
    Deed,
    EngineRestart,
    Evictions,
    Hand,
    Role,
    Sight,
    Strike,
)


def kill_unheard(cast: Cast) -> Parts:
    """All is stopped while nobody can tell it to the trades, and the price crosses."""
    crossing = max(cast.enters, 2.6)
    gone = crossing - cast.die.uniform(1.6, 2.0)
    down = seconds(cast.die, 2.6, 5.0)
    strikes: list[Strike] = [Crash(cast.at(gone, 0), Role.TRADES, down)]
    if cast.chance(0.3):
        strikes = [EngineRestart(cast.at(crossing - 0.9, 0), down)]
    kill = cast.kills(cast.at(crossing - 1.3, 0))
    acting = replace(cast, enters=crossing)
    meets = max(cast.meets, crossing + 1.0)
    return Parts(
        (*acting.way_in(), *acting.reach(meets, 0.5), *acting.breach(meets + 1.2)),
        (),
        strikes,
        (kill,),
    )


def called_off_in_vain(cast: Cast) -> Parts:
    """An entry rests and is called off; its cancel does nothing, and the price comes back to it."""
    asked = cast.enters + seconds(cast.die, 0.3, 1.0)
    name = pick(cast.die, (("cancel-refused", 70.0), ("cancel-unanswered", 30.0)))
    more: dict[str, Any] = {"delay": cast.lasting(3.0, 7.0)} if name == "cancel-unanswered" else {}
    count = cast.die.choice((2, 6, 9, 9))
    rules = [cast.rule(name, asked - 0.2, count=count, reference=cast.ref("EN"), **more)]
    hands: list[Hand] = []
    if cast.chance(0.6):
        hands.append(cast.kills(cast.at(asked), 0.85))
    else:
        hands.append(cast.asks(asked, pick(cast.die, ((Deed.CLOSE, 50.0), (Deed.CANCEL, 50.0)))))
    strikes: list[Strike] = []
    if cast.chance(0.4):
        # What was told is to be known by whoever begins anew.
        strikes.append(Evictions(cast.at(asked + 1.0), 12.0, 0.5))
        strikes.append(cast.dies(cast.at(asked + cast.die.uniform(5.5, 8.0)), Role.TRADES))
    points = _past_its_limit(cast)
    if cast.chance(0.6):
        comes_back = asked + seconds(cast.die, 0.6, 3.0)
        points += cast.reach(comes_back, -0.2)
        for pause in (2.0, 8.0, 15.0):
            points += cast.reach(comes_back + pause, 0.3)
    else:
        points += [replace(points[-1], at=asked + pause) for pause in (7.0, 14.0, 21.0)]
    return Parts(points, rules, strikes, hands, ideas=(replace(cast.idea, targets=()),))


def let_go(cast: Cast) -> Parts:
    """An entry that waits is let go of, its worker dies, and the price crosses."""
    asked = seconds(cast.die, 1.0, 1.6)
    deed = pick(cast.die, ((Deed.CANCEL, 60.0), (Deed.CLOSE, 40.0)))
    sight = pick(cast.die, ((Sight.CALL_ANSWERED, 60.0), (Sight.CALL_TAKEN, 40.0)))
    strikes: list[Strike] = [Crash(cast.seen(sight, "release"), Role.BROKER, 0.1)]
    if cast.chance(0.5):
        strikes.append(cast.answer_is_lost("arm", cast.at(asked - 0.2, 0)))
    crossing = asked + seconds(cast.die, 1.0, 4.0)
    acting = replace(cast, enters=crossing)
    return Parts(
        (*acting.way_in(), *acting.reach(crossing + 1.5, -0.3), *acting.reach(crossing + 3.0, 0.3)),
        (),
        strikes,
        (cast.asks(asked, deed),),
    )


def closed_while_it_works(cast: Cast) -> Parts:
    """A part has filled and is closed in TWS; the rest fills while it is cancelled for that."""
    idea = replace(cast.idea, is_thin=True, quantity=max(cast.idea.quantity, 100), targets=())
    acting = replace(cast, idea=idea)
    hand = acting.closes_by_hand(acting.seen(Sight.EXECUTION, "EN"))
    delay = seconds(cast.die, 3.0, 7.0)
    more: dict[str, Any] = {"delay": period(delay)} if cast.chance(0.6) else {}
    name = "cancel-unanswered" if more else "cancel-refused"
    rules = [cast.rule(name, count=6, reference=acting.ref("EN"), **more)]
    in_part = acting.hardly_in(cast.enters)[:-1]
    away = [replace(point, at=point.at + 0.2) for point in _past_its_limit(acting)[1:]]
    comes_back = cast.enters + seconds(cast.die, 3.6, 6.4)
    points = [*in_part, *away, *acting.reach(comes_back, -0.2)]
    points += acting.reach(comes_back + 2.0, 0.3)
    # What is left over is to be booked once, however often it is told.
    strikes = [cast.answer_is_lost("settle", cast.at(0.5))] if cast.chance(0.5) else []
    return Parts(points, rules, strikes, (hand,), ideas=(idea,))


def _past_its_limit(cast: Cast) -> list[Point]:
    """Across the trigger and far past it in one leap, and there it stays."""
    first = cast.way_in()[0]
    past = 1.2 if first.units < 0 else -1.2
    across = Point(cast.enters, past, is_turn=True, is_jump=True)
    return [first, across, replace(across, at=cast.enters + 0.45, is_turn=False)]
