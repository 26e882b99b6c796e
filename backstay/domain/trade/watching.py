"""From a filled entry to the guard that watches it.

Owns what a guard is made of: where the stop stands, on which price it is judged, which target is
next and how much leaves there, and when the position is left whatever it is worth.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.domain.edge.arms import ArmReport
from backstay.domain.edge.guards import Guard, Target, TargetReached
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.plan.exits import AfterTarget
from backstay.domain.plan.rules import judged_on, stop_rule, trail_rule
from backstay.domain.plan.sizing import target_quantities
from backstay.domain.plan.trade import TradePlan
from backstay.domain.sessions.calendar import Session
from backstay.domain.ticks.guarding import Guarded, GuardRules, begin
from backstay.domain.trade.agreed import Agreed
from backstay.domain.trade.opening import FirstOrders


def first_guard(agreed: Agreed, report: ArmReport, entered: OrderSummary) -> Guard:
    """The guard of what has filled so far; what fills later, it takes in by itself."""
    plan, prospect, first = agreed.plan, agreed.prospect, agreed.first
    instrument, trail = prospect.instrument, plan.stop.trail
    anchor = entered.average_price or prospect.sized.entry_price
    rules = GuardRules(
        stop=stop_rule(plan.stop, plan.side),
        grid=instrument.grid,
        trail=None if trail is None else trail_rule(trail, plan.side, anchor),
    )
    guarded, _ = begin(rules, prospect.sized.stops.stop, None, report.at)
    return Guard(
        ladder=first.ladder,
        exit=agreed.approval(first.first_exit.key),
        protection=agreed.approval(first.stop.key),
        quantity=entered.filled,
        rules=rules,
        guarded=guarded,
        source=judged_on(plan.stop, plan.side, is_option=instrument.is_option),
        asked=report.asked or prospect.asked,
        shield=_standing_stop(first, report),
        disaster_pct=plan.stop.disaster_pct if first.is_attached else None,
        target=next_target(agreed, 0, prospect.sized.quantity),
        leave_at=leave_at(plan, prospect.sessions, report.at),
        underlying=prospect.underlying,
        naked=report.naked,
    )


def guarded_on(guard: Guard, news: TargetReached, entered: Decimal) -> Guard:
    """What is watched on after a target: all that has filled by now, by a stop that stands where
    it had come to. A day later nobody could read what has filled after the guard was written down.
    """
    quantity = entered if entered > 0 else guard.quantity
    return replace(guard, quantity=quantity, guarded=Guarded(news.guarded.level))


def next_target(agreed: Agreed, reached: int, entered: Decimal) -> Target | None:
    """The target after the first `reached` ones, of a position of which `entered` has filled; one
    whose fraction is not even one unit is passed over.
    """
    quantities = target_quantities(entered, agreed.plan.targets)
    for target, part in zip(agreed.first.targets[reached:], quantities[reached:], strict=True):
        if target.takes_all or part > 0:
            approved = agreed.approval(target.exit.key)
            return Target(target.price, approved, None if target.takes_all else part)
    return None


def part_at(agreed: Agreed, number: int, entered: Decimal) -> Decimal:
    """How much leaves at a target of the plan, numbered from 0; at least one unit, because it was
    said that something does.
    """
    return max(target_quantities(entered, agreed.plan.targets)[number], Decimal(1))


def number_of_target(first: FirstOrders, target: Target) -> int:
    """The place of `target` in the plan, from 0."""
    key = target.exit.intent.key
    return next(n for n, each in enumerate(first.targets) if each.exit.key == key)


def breaks_even_after(plan: TradePlan, number: int) -> bool:
    """Whether the stop of what is left goes to the entry's price once this target is reached."""
    return plan.targets[number].then is AfterTarget.BREAK_EVEN


def leave_at(
    plan: TradePlan, sessions: tuple[Session, ...], entered_at: datetime
) -> datetime | None:
    """When the position is left whatever it is worth; None where the plan does not say, or where
    the sessions do not reach so far.
    """
    time_exit = plan.time_exit
    if time_exit is None:
        return None
    if time_exit.at is not None:
        return time_exit.at
    minutes = timedelta(minutes=time_exit.before_close_minutes or 0)
    closing = next((each.closes_at for each in sessions if entered_at < each.closes_at), None)
    return None if closing is None else closing - minutes


def _standing_stop(first: FirstOrders, report: ArmReport) -> OrderIntent | None:
    """The stop that protects by now: the attached one, or one that had to take its place."""
    if not first.is_attached:
        return None
    living = [stop for stop in report.stops if not stop.is_settled]
    if not living or living[-1].key == first.stop.key:
        return first.stop
    newest = living[-1]
    return replace(first.stop, key=newest.key, quantity=newest.quantity, parent=None)
