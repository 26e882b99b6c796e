"""A plan in the words of the rules that carry it out.

Owns the one translation from the keys of a plan to the values that watch a trigger, judge a stop,
follow with a trail and measure a group's exposure. A plan that could be read gives rules that
stand: what a rule refuses, the plan has refused before, with a path.
"""

from decimal import Decimal

from backstay.domain.hedging.exposure import Group as ExposedGroup
from backstay.domain.hedging.exposure import GroupLeg
from backstay.domain.plan.coverage import coverage
from backstay.domain.plan.entry import Trigger
from backstay.domain.plan.group import Group
from backstay.domain.plan.stop import Stop, Trail
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import stop_crossing
from backstay.domain.ticks.sources import PriceSource, stop_source
from backstay.domain.ticks.stops import StopRule
from backstay.domain.ticks.trails import Trail as TrailRule
from backstay.domain.ticks.triggers import PremarketPolicy
from backstay.domain.ticks.triggers import Trigger as TriggerRule


def trigger_rule(trigger: Trigger) -> TriggerRule:
    """What the edge watches for before it enters."""
    return TriggerRule(
        price=trigger.price,
        when=trigger.when,
        source=trigger.source,
        confirm_ticks=trigger.confirm_ticks,
        breach_pct=trigger.breach_pct,
        premarket=trigger.premarket or PremarketPolicy.IGNORE,
        if_missed=trigger.if_missed,
    )


def stop_rule(stop: Stop, side: Side) -> StopRule:
    """How the stop of a position that was entered on `side` is believed."""
    return StopRule(stop_crossing(side.opposite), stop.breach_pct, stop.confirm_ticks)


def judged_on(stop: Stop, side: Side, *, is_option: bool) -> PriceSource:
    """The price that the stop of a position entered on `side` looks at."""
    return stop.source or stop_source(side.opposite, is_option=is_option)


def trail_rule(trail: Trail, side: Side, anchor: Decimal) -> TrailRule:
    """How the stop follows a position that was entered on `side` at `anchor`."""
    return TrailRule(stop_crossing(side.opposite), anchor, trail.activate_pct, trail.distance)


def exposed_group(group: Group) -> ExposedGroup:
    """The legs as the measure of exposure sees them: their covers named, one unit to a set."""
    legs = tuple(
        GroupLeg(leg.role, leg.side, leg.ratio, covers)
        for leg, covers in zip(group.legs, coverage(group.legs), strict=True)
    )
    return ExposedGroup(legs, units=int(group.quantity))
