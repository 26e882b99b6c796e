"""Scenes in which the house can't be told what became of its order: nobody is there before the next
day, or nothing that is asked about orders is answered.

Owns what meets there; the way in and what is thrown come from the cast.
"""

from dataclasses import replace

from backstay.lab.simulation.drawing.casts import WHAT_IF_FIRST, Cast, Parts
from backstay.lab.simulation.drawing.throws import pick
from backstay.lab.simulation.scenario import Crash, Role, Sight

_UNTIL_MORNING = 3600.0
"""Longer than the evening is watched, so nobody begins again before the next watch."""

_BEYOND_DISASTER = 0.03
"""Of the price; no stop at the broker is that far away."""

_EARLY_STEPS = 12
"""Mostly before anybody was told of a fill, or had it written down."""

_ABOUT_OPEN_ORDERS = ("reqOpenOrders", "reqAllOpenOrders")


def sent_before_the_night(cast: Cast) -> Parts:
    """The worker dies as its entry leaves, or fills in part, and the next one begins on another
    day, on which what was filled before can't be read any more; often its stop has filled as well
    by then.
    """
    in_part = cast.chance(0.4)
    quantity = max(cast.idea.quantity, 37) if in_part else cast.idea.quantity
    idea = replace(cast.idea, when=None, entry=cast.idea.base, is_thin=in_part, is_sure=True)
    acting = replace(cast, idea=replace(idea, quantity=quantity))
    sight = pick(cast.die, ((Sight.ORDER_READ, 30.0 if in_part else 70.0), (Sight.EXECUTION, 30.0)))
    nth = WHAT_IF_FIRST if sight is Sight.ORDER_READ else cast.die.randint(1, 3 if in_part else 1)
    seen = replace(
        acting.seen(sight, "EN", nth), delay_seconds=0.0, steps=cast.die.randint(0, _EARLY_STEPS)
    )
    dies = Crash(seen, Role.BROKER, _UNTIL_MORNING)
    depth = _BEYOND_DISASTER * float(idea.entry / idea.unit)
    points = acting.hardly_in(cast.meets) if in_part else acting.way_in()
    last = max(points[-1].at + 0.3, cast.meets)
    falls = cast.chance(0.6)
    ends = acting.breach(last, depth) if falls else acting.reach(last, 0.2)
    return Parts((*points, *ends), (), [dies], ideas=(acting.idea,))


def exit_unread(cast: Cast) -> Parts:
    """The line breaks once an exit was read, and what is open is asked again and again in vain."""
    idea = replace(cast.idea, is_thin=False, quantity=max(cast.idea.quantity, 37))
    acting = replace(cast, idea=idea)
    rules = [acting.of_order("reset-after-frame", "XS", kinds=["placeOrder"])]
    count = cast.die.choice((2, 4, 4, 6))
    rules += [
        acting.rule("request-unanswered", cast.meets - 0.2, kinds=[kind], count=count)
        for kind in _ABOUT_OPEN_ORDERS
    ]
    points = [*acting.way_in(), *acting.breach(cast.meets, 0.6, scarce=True)]
    return Parts(acting.stays(points), rules, ideas=(idea,))
