"""What is said of a plan, line by line: how it gets in, how much, and all the ways out.

Owns the wording that every page about a plan shares, whoever has worked the figures out.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from backstay.cli.plan.report import FirstTerms
from backstay.domain.figures import plain
from backstay.domain.orders.words import terms_text
from backstay.domain.plan.entry import WatchedSession
from backstay.domain.plan.exits import AfterTarget, Target, TimeExit
from backstay.domain.plan.rules import judged_on, stop_rule
from backstay.domain.plan.sizing import Sized
from backstay.domain.plan.trade import TradePlan
from backstay.lab.words import cents, count, instant_text

Fact = tuple[str, str]


def entry_facts(plan: TradePlan) -> Iterator[Fact]:
    """How it gets in, and until when it may."""
    entry, trigger = plan.entry, plan.entry.trigger
    worse = "under" if plan.side.sign < 0 else "over"
    limit = f" at {entry.limit} or better" if entry.limit is not None else ""
    if entry.limit_offset is not None:
        limit = f" at most {entry.limit_offset} {worse} the {'trigger' if trigger else 'market'}"
    if trigger is None:
        yield (
            "entry",
            f"{entry.order}{limit}, at once; while the market is closed: {entry.if_closed}",
        )
    else:
        ticks = count(trigger.confirm_ticks, "tick")
        depth = f" by over {trigger.breach_pct} %" if trigger.breach_pct else ""
        crossed = f"{trigger.source} is {trigger.when} {trigger.price}{depth} for {ticks}"
        yield "entry", f"{entry.order}{limit}, once {crossed}"
        hours = "regular hours"
        if trigger.session is WatchedSession.PREMARKET:
            hours = f"premarket ({trigger.premarket}) and regular hours"
        yield "", f"watched in {hours} until {instant_text(trigger.expires)}"
        yield "", f"crossed while nobody watched: {trigger.if_missed}"
    if entry.expires is not None:
        yield "", f"what has not filled by {instant_text(entry.expires)} is cancelled"


def size_facts(plan: TradePlan, size: Sized, reckoned_at: str = "") -> Iterator[Fact]:
    """How much, reckoned at which price, and what can be lost with it."""
    instrument = plan.instrument
    money = instrument.currency
    at = f"at {size.entry_price}, worth {cents(size.value)} {money}"
    yield "size", f"{count(size.quantity, instrument.unit)} {at}"
    if reckoned_at:
        yield "", f"reckoned at {reckoned_at}"
    if size.reduced_by:
        yield "", f"made smaller by {size.reduced_by}"
    yield "losses", f"{cents(size.losses.at_stop)} {money} at the stop"
    if size.losses.at_disaster is not None:
        unattended = f"{cents(size.losses.at_disaster)} {money} at the disaster stop"
        yield "", f"{unattended}, with nobody there to act"
    yield "", "a gap or a thin market can make either worse"


def ways_out(plan: TradePlan, size: Sized, first: FirstTerms) -> Iterator[Fact]:
    """How it gets out, whatever happens."""
    stop, rule = plan.stop, stop_rule(plan.stop, plan.side)
    source = judged_on(stop, plan.side, is_option=plan.instrument.is_option)
    yield "stop", f"{size.stops.stop}, judged on {source} by Backstay itself"
    held = int(rule.stands_for.total_seconds() * 1000)
    beyond = f"{rule.crossing} {plain(first.breached_beyond)} ({rule.breach_pct} %)"
    yield "", f"believed {beyond} for {count(rule.confirm_ticks, 'tick')}, or for {held} ms"
    if first.protection is not None:
        yield (
            "disaster",
            f"{terms_text(first.protection)} at the broker, {stop.disaster_pct} % wider",
        )
        yield "", "attached to the entry and good till cancelled, whatever becomes of Backstay"
    elif stop.protection.stated_risk:
        yield "disaster", stop.protection.stated_risk
    exit_text = terms_text(first.first_exit)
    if stop.ladder.limit_seconds:
        seconds = plain(stop.ladder.limit_seconds)
        exit_text += f" for {seconds} s, its cancel proven, then MKT for exactly what is left"
    yield "ladder", exit_text
    if stop.trail is not None and first.trail_from is not None:
        begins = f"from {plain(first.trail_from)} on, {stop.trail.activate_pct} % past the entry"
        yield "trail", f"{begins}: {stop.trail.distance} behind the best price"
    shares = zip(plan.targets, first.target_quantities, strict=True)
    yield from labelled(
        "targets", [_target(target, units, size.quantity) for target, units in shares]
    )


def _target(target: Target, units: Decimal, quantity: Decimal) -> str:
    where = str(target.price) if target.price is not None else f"{target.offset} past the entry"
    then = ", then the stop to break even" if target.then is AfterTarget.BREAK_EVEN else ""
    return f"{where}: {plain(units)} of {plain(quantity)}{then}"


def time_exit_facts(time_exit: TimeExit | None) -> Iterator[Fact]:
    """When it gets out, if the plan names a time."""
    if time_exit is None:
        return
    if time_exit.at is not None:
        yield "time", f"closed at {instant_text(time_exit.at)}, whatever it is worth"
    else:
        yield "time", f"closed {time_exit.before_close_minutes} minutes before the session ends"


def labelled(label: str, texts: Iterable[str]) -> Iterator[Fact]:
    """Several lines under one label."""
    for number, text in enumerate(texts):
        yield "" if number else label, text
