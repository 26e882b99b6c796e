"""Scenes about a way out: in doubt, filled in part, met by a hand, by a halt or by the bell.

Owns what meets there; the way in and what is thrown come from the cast.
"""

from dataclasses import replace

from backstay.lab.simulation.drawing.casts import READS, Cast, Parts
from backstay.lab.simulation.drawing.paths import Point
from backstay.lab.simulation.drawing.throws import pick, seconds
from backstay.lab.simulation.scenario import CutLines, Deed, Halt, Hand, Sight, Strike


def exit_in_doubt(cast: Cast) -> Parts:
    """The line, or the worker, dies about the frame of an exit or of the cancel before it."""
    idea = replace(cast.idea, is_thin=False)
    acting = replace(cast, idea=idea)
    kind, purpose = pick(
        cast.die,
        (
            (("placeOrder", "XS"), 45.0),
            (("cancelOrder", "PR"), 25.0),
            (("cancelOrder", "XS"), 30.0),
        ),
    )
    rules, strikes = [], []
    if cast.chance(0.65):
        rules.append(acting.line_breaks(kind, purpose))
    elif kind == "placeOrder":
        strikes.append(acting.dies(acting.seen(Sight.ORDER_READ, purpose)))
    else:
        strikes.append(acting.dies(acting.seen(Sight.CANCEL_READ)))
    if cast.chance(0.5):
        rules += acting.late_answers(cast.meets - 0.2)
    if cast.chance(0.4):
        rules.append(acting.late_word("XS"))
    if cast.chance(0.25):
        rules.append(acting.rule("ids-roll-back", count=2, by=cast.die.randint(1, 8)))
    points = [*acting.way_in(), *acting.breach(cast.meets, 0.6, scarce=cast.chance(0.6))]
    return Parts(points, rules, strikes, ideas=(idea,))


def exit_in_part(cast: Cast) -> Parts:
    """An exit fills in part, its cancel races with a fill, and the last rung follows."""
    idea = replace(cast.idea, is_thin=False, quantity=max(cast.idea.quantity, 37))
    acting = replace(cast, idea=idea)
    rules = [acting.cancel_fails("XS")]
    others = (
        acting.of_order("status-delayed", "XS", kinds=["Cancelled"], delay=acting.lasting(0.3, 3)),
        acting.of_order("status-missing", "XS", kinds=["Cancelled"]),
        acting.of_order("commission-before-execution", "XS", within="2s"),
        acting.of_order("placement-acknowledged-late", "XS", delay=acting.lasting(0.3, 4.0)),
        acting.of_order("execution-corrected", "XS", delay="500ms", quantity_by="-1"),
        acting.cancel_fails("PR"),
    )
    rules += acting.some(others, 0, 2)
    strikes: list[Strike] = []
    what = pick(
        cast.die, (("", 25.0), ("crash", 20.0), ("part", 15.0), ("cut", 20.0), ("lost", 20.0))
    )
    match what:
        case "crash":
            strikes.append(acting.dies(acting.seen(Sight.CANCEL_READ, nth=2)))
        case "part":
            strikes.append(acting.dies(acting.seen(Sight.EXECUTION, "XS", cast.die.randint(1, 3))))
        case "cut":
            strikes.append(CutLines(acting.seen(Sight.EXECUTION, "XS", cast.die.randint(1, 3))))
            if cast.chance(0.6):
                # That it is over is heard; what it has filled is not.
                asked, late = ["reqExecutions"], acting.lasting(0.5, 4.0)
                rules.append(
                    acting.rule("answers-slow", cast.meets, kinds=asked, delay=late, count=2)
                )
        case "lost":
            # What fills meanwhile is told only to whoever asks.
            away, lost_at = acting.lasting(0.2, 1.0), cast.meets + cast.die.uniform(0.1, 1.2)
            rules.append(acting.by_clock("upstream-lost", lost_at, lasting=away, then="lost"))
        case _:
            pass
    deep = cast.die.uniform(0.3, 1.2)
    points = [*acting.way_in(), *acting.breach(cast.meets, deep, scarce=True)]
    points += [
        Point(cast.meets + 1.5 + step, idea.beyond_stop - deep - 0.1, is_jump=True, is_scarce=True)
        for step in (0.0, 0.8, 1.6)
    ]
    return Parts(points, rules, strikes, ideas=(idea,))


def hand_meets_exit(cast: Cast) -> Parts:
    """Somebody closes in TWS while an exit is under way, or what is told of it comes crosswise."""
    idea = replace(cast.idea, is_thin=False, quantity=max(cast.idea.quantity, 37))
    acting = replace(cast, idea=idea)
    hands: list[Hand] = []
    rules = []
    sight, word = pick(
        cast.die,
        (
            ((Sight.ORDER_READ, "XS"), 30.0),
            ((Sight.EXECUTION, "XS"), 30.0),
            ((Sight.CANCEL_READ, ""), 20.0),
            ((Sight.START, ""), 20.0),
        ),
    )
    closes = acting.seen(sight, word) if sight is not Sight.START else acting.at(cast.meets - 0.8)
    if cast.chance(0.6):
        hands.append(acting.closes_by_hand(closes))
    if cast.chance(0.35):
        deed = pick(cast.die, ((Deed.CLOSE, 70.0), (Deed.CANCEL, 30.0)))
        hands.append(acting.asks(cast.meets + cast.die.uniform(-0.5, 1.0), deed))
    late = acting.of_order("commission-before-execution", "XS", within="3s")
    rules += [late] if cast.chance(0.4) else []
    strikes: list[Strike] = []
    if cast.chance(0.4):
        strikes.append(CutLines(acting.seen(Sight.EXECUTION, "XS", cast.die.randint(1, 2))))
    if cast.chance(0.3):
        rules += acting.late_answers(cast.meets)
    points = [*acting.way_in(), *acting.breach(cast.meets, 0.4, scarce=True)]
    return Parts(points, rules, strikes, hands, ideas=(idea,))


def halted(cast: Cast) -> Parts:
    """Trading is halted while a stop is breached or a ladder runs; it goes on elsewhere."""
    idea = replace(cast.idea, is_thin=False)
    acting = replace(cast, idea=idea)
    lasts = seconds(cast.die, *pick(cast.die, (((1.0, 3.5), 50.0), ((7.0, 11.0), 50.0))))
    begins = round(cast.meets + cast.die.choice((-0.05, 0.1, 0.25, 0.9)), 3)
    halt = Halt(begins, idea.symbol, lasts)
    deep = cast.die.uniform(0.1, 1.5)
    points = [*acting.way_in(), *acting.breach(cast.meets, 0.3, scarce=cast.chance(0.5))]
    points += acting.reach(begins + lasts + 0.2, idea.beyond_stop - deep)
    hands: list[Hand] = []
    if cast.chance(0.4):
        hands.append(acting.asks(begins + 0.4, Deed.CLOSE))
    strikes = [acting.dies(acting.at(begins + 0.5))] if cast.chance(0.35) else []
    return Parts(points, (), strikes, hands, halt, ideas=(idea,))


def at_the_bell(cast: Cast) -> Parts:
    """A stop is breached, or a person wants out, just before the session ends or just after."""
    bell = cast.moment.bell
    about = cast.meets if bell is None else bell
    at = max(about + cast.die.choice((-2.5, -1.0, -0.3, 0.4, 1.2)), cast.enters + 0.8)
    idea = replace(cast.idea, is_thin=False)
    acting = replace(cast, idea=idea)
    hands = [acting.asks(at + 0.2, Deed.CLOSE)] if cast.chance(0.35) else []
    rules = [acting.cancel_fails("XS")] if cast.chance(0.5) else []
    points = [*acting.way_in(), *acting.breach(at, 0.3, scarce=cast.chance(0.6))]
    points += acting.reach(at + 2.5, idea.beyond_stop - 0.4)
    return Parts(points, rules, (), hands, ideas=(idea,))


def unread_fill(cast: Cast) -> Parts:
    """A stop fills at the broker while the line is away, and what is read then is half of it."""
    depth = 0.025 * float(cast.idea.entry / cast.idea.unit)
    at = cast.meets
    strikes: list[Strike] = [CutLines(cast.at(at - 0.15, 0))]
    rules = []
    question = cast.die.choice(READS)
    if cast.chance(0.6):
        count = pick(cast.die, ((1, 40.0), (3, 30.0), (8, 30.0)))
        rules.append(cast.rule("request-unanswered", at - 0.2, kinds=[question], count=count))
    else:
        delay = cast.lasting(0.2, 2.0)
        rules.append(cast.rule("answers-slow", at - 0.2, kinds=[question], count=3, delay=delay))
    if cast.chance(0.4):
        strikes.append(cast.dies(cast.at(at + cast.die.uniform(0.1, 0.8))))
    if cast.chance(0.3):
        rules.append(cast.of_order("execution-corrected", "PR", delay="800ms", price_by="0.01"))
    points = [*cast.way_in(), *cast.breach(at, depth, scarce=cast.chance(0.4))]
    return Parts(points, rules, strikes)
