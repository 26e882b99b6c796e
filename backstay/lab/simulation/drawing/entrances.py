"""Scenes about an entry: in doubt, filled in part, called off, or sent beside a kill or a rival.

Owns what meets there; the way in and what is thrown come from the cast.
"""

from dataclasses import replace
from decimal import Decimal

from backstay.lab.simulation.drawing.casts import WHAT_IF_FIRST, Cast, Parts
from backstay.lab.simulation.drawing.throws import pick, seconds
from backstay.lab.simulation.scenario import (
    Act,
    CutLines,
    Deed,
    EngineRestart,
    GatewayRestart,
    Rival,
    Role,
    Sight,
    Stall,
    Strike,
)

_CHEAP, _CHEAP_PRICE, _MANY_SHARES = "F", Decimal("11.50"), 900


def entry_in_doubt(cast: Cast) -> Parts:
    """The line, or the worker, dies about the frame of an entry, and what is asked then is late."""
    idea = replace(cast.idea, is_thin=False)
    way = cast.chance(0.65)
    rules = [cast.line_breaks("placeOrder", "EN", WHAT_IF_FIRST)] if way else []
    strikes = [] if way else [cast.dies(cast.seen(Sight.ORDER_READ, "EN", WHAT_IF_FIRST))]
    if cast.chance(0.5):
        rules.append(cast.late_word("EN"))
    if cast.chance(0.55):
        rules += cast.late_answers(cast.enters - 0.2)
    elif cast.chance(0.3):
        # Twice the same question in vain, and its session is not ready.
        rules.append(cast.rule("request-unanswered", cast.enters, kinds=["reqExecutions"], count=4))
    if cast.chance(0.25):
        rules.append(cast.rule("ids-roll-back", count=2, by=cast.die.randint(1, 8)))
    ends = cast.breach(cast.after) if cast.chance(0.6) else cast.reach(cast.after, 1.2)
    acting = replace(cast, idea=idea)
    return Parts((*acting.way_in(), *ends), rules, strikes, ideas=(idea,))


def entry_in_part(cast: Cast) -> Parts:
    """A part of the entry is filled, the rest works on, and something happens to the position."""
    idea = replace(cast.idea, is_thin=True, quantity=max(cast.idea.quantity, 37))
    acting = replace(cast, idea=idea)
    part = acting.seen(Sight.EXECUTION, "EN", cast.die.randint(1, 4))
    strikes: list[Strike] = []
    hands: list[Act] = []
    rules = []
    what = pick(
        cast.die,
        (("close", 22.0), ("cancel", 18.0), ("kill", 15.0), ("crash", 20.0), ("breach", 25.0)),
    )
    others = []
    match what:
        case "close" | "cancel":
            hands.append(acting.asks(cast.meets, Deed.CLOSE if what == "close" else Deed.CANCEL))
        case "kill":
            others.append(acting.kills(part, 0.8))
        case "crash":
            role = pick(cast.die, ((Role.BROKER, 65.0), (Role.TRADES, 35.0)))
            strikes.append(acting.dies(part, role))
        case _:
            pass
    if cast.chance(0.7):
        rules.append(acting.cancel_fails("EN"))
    if cast.chance(0.3):
        rules.append(acting.late_word("PR"))
    if cast.chance(0.2):
        lost_at, away = cast.meets - cast.die.uniform(0.2, 1.4), acting.lasting(0.2, 1.0)
        rules.append(acting.by_clock("upstream-lost", lost_at, lasting=away, then="lost"))
    if cast.chance(0.3):
        call = pick(cast.die, (("guard", 50.0), ("arm", 35.0), ("walk", 15.0)))
        strikes.append(acting.answer_is_lost(call, acting.at(cast.enters)))
    if cast.chance(0.35):
        strikes.append(acting.dies(acting.at(cast.meets + cast.die.uniform(0.0, 1.5))))
    in_part = acting.hardly_in(cast.meets)
    last = in_part[-1].at + 0.3
    points = [*in_part, *acting.breach(max(cast.after, last + 0.4), scarce=cast.chance(0.5))]
    return Parts(points, rules, strikes, (*hands, *others), ideas=(idea,))


def called_off(cast: Cast) -> Parts:
    """An entry that works, or waits for its trigger, is called off, and its cancel is lost."""
    waits = cast.idea.when is not None and cast.chance(0.4)
    idea = replace(cast.idea, is_thin=not waits, quantity=max(cast.idea.quantity, 37))
    acting = replace(cast, idea=idea)
    asked = acting.enters - 0.6 if waits else cast.meets
    hands = [acting.asks(asked, Deed.CANCEL)]
    rules = [] if waits else [acting.cancel_fails("EN")]
    strikes: list[Strike] = []
    if waits:
        call = pick(cast.die, (("release", 60.0), ("amend_arm", 40.0)))
        strikes.append(acting.answer_is_lost(call, acting.at(0.2)))
        strikes += acting.dies_in_a_row(asked + cast.die.uniform(0.0, 0.4))
    elif cast.chance(0.35):
        strikes.append(acting.dies(acting.seen(Sight.CANCEL_READ)))
    points = acting.way_in()[:4] if waits else acting.hardly_in(cast.after)
    last = points[-1].at
    return Parts(
        (*points, *acting.breach(max(last, cast.after) + 0.8)),
        rules,
        strikes,
        hands,
        ideas=(idea,),
    )


def killed_young(cast: Cast) -> Parts:
    """All is stopped while a trade begins, is admitted, is armed, or has just sent its entry."""
    sight, word = pick(
        cast.die,
        (
            ((Sight.WORKFLOW_STARTED, "Trade"), 22.0),
            ((Sight.CALL_TAKEN, "admit"), 10.0),
            ((Sight.CALL_ANSWERED, "admit"), 14.0),
            ((Sight.CALL_TAKEN, "arm"), 16.0),
            ((Sight.CALL_TAKEN, "prospect"), 8.0),
            ((Sight.ORDER_READ, "EN"), 15.0),
            ((Sight.EXECUTION, "EN"), 15.0),
        ),
    )
    nth = WHAT_IF_FIRST if sight is Sight.ORDER_READ else 1
    kill = cast.kills(cast.seen(sight, word, nth))
    strikes: list[Strike] = []
    if cast.chance(0.4):
        role = pick(cast.die, ((Role.BROKER, 50.0), (Role.TRADES, 50.0)))
        strikes.append(
            cast.dies(replace(kill.cue, delay_seconds=kill.cue.delay_seconds + 0.05), role)
        )
    if cast.chance(0.2):
        down = seconds(cast.die, 0.2, 1.5)
        strikes.append(EngineRestart(cast.seen(sight, word), down))
    later = replace(cast.idea, number=1, asked_at=round(cast.idea.asked_at + 2.5, 3))
    ideas = (cast.idea, later) if cast.chance(0.5) else (cast.idea,)
    # What waits for its price must not be sent once all is stopped.
    return Parts(
        (*cast.way_in(), *cast.reach(cast.meets, 0.5), *cast.breach(cast.after + 0.6)),
        (),
        strikes,
        (kill,),
        ideas=ideas,
    )


def session_taken(cast: Cast) -> Parts:
    """A second worker takes the session, or this one stands still, and the price crosses."""
    what = pick(cast.die, (("rival", 60.0), ("stall", 40.0)))
    on_entry = cast.idea.when is not None and cast.chance(0.75)
    lasts = seconds(cast.die, 1.6, 2.4)
    # It crosses meanwhile, or once both are awake and only one of them holds the session.
    early = lasts * cast.die.choice((0.3, 0.8, 1.0, 1.0)) + cast.die.uniform(0.05, 0.3)
    when = max((cast.enters if on_entry else cast.meets) - early, 0.7)
    strikes: list[Strike] = []
    if what == "rival":
        strikes.append(Rival(cast.at(when), lasts, is_cut_off=cast.chance(0.9)))
        if cast.chance(0.5):
            # The second one dies, and the first has the session back.
            dies_at = when + lasts + cast.die.uniform(0.3, 1.5)
            strikes.append(replace(cast.dies(cast.at(dies_at)), down_seconds=3.0))
    else:
        strikes.append(Stall(cast.at(when), Role.BROKER, lasts))
        if cast.chance(0.5):
            strikes.append(CutLines(cast.at(when + 0.1, 0)))
    return Parts(
        (*cast.way_in(), *cast.breach(cast.meets), *cast.reach(cast.after, -2.5)), (), strikes
    )


def line_lost_at_the_trigger(cast: Cast) -> Parts:
    """The price crosses while nobody hears it, and stands elsewhere when somebody does."""
    when = cast.enters - cast.die.uniform(0.1, 0.8)
    lost = pick(cast.die, (("restart", 40.0), ("cut", 25.0), ("crash", 35.0)))
    strikes: list[Strike] = []
    match lost:
        case "restart":
            strikes.append(GatewayRestart(cast.at(when), seconds(cast.die, 0.5, 2.0)))
        case "cut":
            strikes.append(CutLines(cast.at(when)))
        case _:
            strikes.append(cast.dies(cast.at(when)))
    back = cast.die.choice((-0.9, -0.3, 0.9))
    rules = cast.late_answers(when) if cast.chance(0.3) else []
    points = [*cast.way_in(), *cast.reach(max(cast.meets, cast.enters + 1.0), back)]
    return Parts((*points, *cast.breach(cast.after + 0.8)), rules, strikes)


def short_sale_held(cast: Cast) -> Parts:
    """A short sale is held until shares are found, and somebody acts before."""
    rules = [cast.of_order("held-for-locate", "EN", delay=cast.lasting(1.0, 5.0))]
    hands = []
    if cast.chance(0.5):
        deed = pick(cast.die, ((Deed.CANCEL, 50.0), (Deed.CLOSE, 50.0)))
        hands.append(cast.asks(cast.meets, deed))
        if cast.chance(0.6):
            rules.append(cast.cancel_fails("EN"))
    strikes = [cast.dies(cast.at(cast.meets))] if cast.chance(0.4) else []
    points = [*cast.way_in(), *cast.reach(cast.meets + 0.4, -0.1)]
    return Parts((*points, *cast.breach(cast.after + 1.5)), rules, strikes, hands)


def room_for_few(cast: Cast) -> Parts:
    """Several trades in one symbol, one after the other, and room for hardly two of them."""
    first = replace(
        cast.idea,
        symbol=_CHEAP,
        base=_CHEAP_PRICE,
        entry=_CHEAP_PRICE,
        when=None,
        unit=Decimal("0.12"),
        quantity=_MANY_SHARES,
        is_thin=cast.chance(0.5),
        trail=None,
        targets=(),
    )
    gap = cast.die.uniform(1.05, 2.2)
    ideas = [first]
    for number in range(1, cast.die.randint(3, 4)):
        quantity = cast.die.choice((_MANY_SHARES, 600, 300))
        at = round(first.asked_at + number * gap, 3)
        ideas.append(replace(first, number=number, quantity=quantity, asked_at=at))
    acting = replace(cast, idea=first)
    hands = [Act(cast.at(cast.meets, 0), 0, Deed.CANCEL)] if cast.chance(0.6) else []
    strikes: list[Strike] = []
    if cast.chance(0.6):
        strikes.append(cast.answer_is_lost("settle", cast.at(0.5), cast.die.randint(1, 2)))
    if cast.chance(0.4):
        strikes.append(cast.dies(cast.at(cast.meets)))
    rules = [acting.rule("order-rejected", count=1, reference=acting.ref("EN"))]
    rules = rules if cast.chance(0.3) else []
    points = acting.hardly_in(cast.meets) if first.is_thin else acting.way_in()
    last = max(points[-1].at, cast.meets)
    return Parts(
        (*points, *acting.breach(last + 0.8), *acting.reach(last + 2.5, 0.0)),
        rules,
        strikes,
        hands,
        ideas=tuple(ideas),
    )
