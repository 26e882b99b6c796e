"""What a plan wants, in the few words in which a standing is read.

A person who looks at a trade asks what it waits for, where it leaves, and what moves its stop. The
plan has the figures; here is how they read.
"""

from dataclasses import dataclass
from datetime import datetime

from backstay.domain.figures import plain
from backstay.domain.plan.exits import AfterTarget, Target
from backstay.domain.plan.rules import trigger_rule
from backstay.domain.plan.trade import TradePlan
from backstay.domain.ticks.triggers import Trigger


@dataclass(frozen=True, slots=True)
class Terms:
    """The trigger of a plan, its trail, its targets and its time, each as it reads; empty where the
    plan has none. `entry` is the sort of its entry in the broker's words.
    """

    trigger: str = ""
    trail: str = ""
    targets: tuple[str, ...] = ()
    time_exit: str = ""
    entry: str = ""


NO_TERMS = Terms()


def terms_of(plan: TradePlan) -> Terms:
    """The terms of `plan`."""
    return Terms(
        _trigger(plan),
        _trail(plan),
        tuple(map(_target, plan.targets)),
        _time_exit(plan),
        plan.entry.order.value,
    )


def trigger_text(trigger: Trigger) -> str:
    """What an entry waits for."""
    ticks = "" if trigger.confirm_ticks == 1 else f" for {trigger.confirm_ticks} ticks"
    return f"{trigger.source.value} is {trigger.when.value} {plain(trigger.price)}{ticks}"


def _trigger(plan: TradePlan) -> str:
    trigger = plan.entry.trigger
    if trigger is None:
        return ""
    return f"{trigger_text(trigger_rule(trigger))}, until {_minute(trigger.expires)}"


def _trail(plan: TradePlan) -> str:
    trail = plan.stop.trail
    if trail is None:
        return ""
    begins = f"once {plain(trail.activate_pct)} % past the entry"
    return f"{plain(trail.distance)} behind the best price, {begins}"


def _time_exit(plan: TradePlan) -> str:
    exit_ = plan.time_exit
    if exit_ is None:
        return ""
    if exit_.at is not None:
        return _minute(exit_.at)
    return f"{exit_.before_close_minutes} minutes before the close"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _target(target: Target) -> str:
    at = "" if target.price is None else plain(target.price)
    if target.offset is not None:
        at = f"{plain(target.offset)} from the entry"
    part = "all" if target.fraction == 1 else f"{plain(target.fraction * 100)} %"
    then = ", then the stop to break even" if target.then is AfterTarget.BREAK_EVEN else ""
    return f"{at}: {part}{then}"
