"""The plan in the words of the rules that carry it out."""

from decimal import Decimal

import pytest
from hypothesis import given, settings

from backstay.domain.hedging.exposure import Group as ExposedGroup
from backstay.domain.hedging.exposure import GroupLeg, LegRole
from backstay.domain.plan.rules import (
    exposed_group,
    judged_on,
    stop_rule,
    trail_rule,
    trigger_rule,
)
from backstay.domain.plan.trade import TradePlan
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.stops import StopRule
from backstay.domain.ticks.trails import Trail
from backstay.domain.ticks.triggers import IfMissed, PremarketPolicy, Trigger
from tests.domain.plan.documents import (
    Document,
    group,
    group_of,
    leg,
    plan_of,
    trade,
    trade_of,
)
from tests.domain.plan.strategies import documents

TRIGGER: Document = {
    "when": "below",
    "source": "bid",
    "confirm_ticks": 3,
    "breach_pct": Decimal("0.2"),
    "session": "premarket",
    "premarket": "rebase",
    "if_missed": "ask",
}


@pytest.mark.req("S1.2")
def test_a_trigger_is_watched_as_the_plan_says() -> None:
    changes = {f"entry.trigger.{key}": value for key, value in TRIGGER.items()}
    trigger = trade_of(trade(changes)).entry.trigger
    assert trigger is not None
    assert trigger_rule(trigger) == Trigger(
        price=Decimal("190.00"),
        when=Crossing.BELOW,
        source=PriceSource.BID,
        confirm_ticks=3,
        breach_pct=Decimal("0.2"),
        premarket=PremarketPolicy.REBASE,
        if_missed=IfMissed.ASK,
    )


@pytest.mark.req("S1.2")
def test_a_trigger_of_regular_hours_ignores_the_premarket() -> None:
    trigger = trade_of(trade()).entry.trigger
    assert trigger is not None
    assert trigger_rule(trigger) == Trigger(price=Decimal("190.00"), when=Crossing.ABOVE)


@pytest.mark.req("S0.6")
def test_the_plan_and_the_rule_have_the_same_defaults() -> None:
    stop = trade_of(trade()).stop
    assert stop_rule(stop, Side.BUY) == StopRule(Crossing.BELOW)
    assert stop_rule(stop, Side.SELL) == StopRule(Crossing.ABOVE)


@pytest.mark.req("S0.6")
def test_a_stop_is_believed_as_the_plan_says() -> None:
    changes = {"stop.breach_pct": Decimal("0.3"), "stop.confirm_ticks": 4}
    assert stop_rule(trade_of(trade(changes)).stop, Side.BUY) == StopRule(
        Crossing.BELOW, Decimal("0.3"), 4
    )


@pytest.mark.parametrize(
    ("source", "side", "is_option", "judged"),
    [
        (None, Side.BUY, False, PriceSource.LAST),
        (None, Side.BUY, True, PriceSource.BID),
        (None, Side.SELL, True, PriceSource.ASK),
        ("mid", Side.BUY, True, PriceSource.MID),
        ("bid", Side.BUY, False, PriceSource.BID),
    ],
)
def test_a_stop_is_judged_on_the_source_of_the_plan_or_of_its_kind(
    source: str | None,
    side: Side,
    is_option: bool,
    judged: PriceSource,
) -> None:
    stop = trade_of(trade({"stop.source": source} if source else {})).stop
    assert judged_on(stop, side, is_option=is_option) is judged


def test_a_trail_starts_at_the_price_of_the_entry() -> None:
    trail = trade_of(trade({"stop.trail": {"activate_pct": 1, "distance": 2}})).stop.trail
    assert trail is not None
    assert trail_rule(trail, Side.BUY, Decimal(190)) == Trail(
        Crossing.BELOW, Decimal(190), Decimal(1), Decimal(2)
    )
    assert trail_rule(trail, Side.SELL, Decimal(190)).crossing is Crossing.ABOVE


@pytest.mark.req("S4.6")
def test_a_group_is_measured_with_its_covers_named() -> None:
    hedge, risk = leg("HEDGE", "buy", 5600, "P", ratio=2), leg("RISK", "sell", 5700, "P", ratio=2)
    assert exposed_group(group_of(group(risk, hedge)).group) == ExposedGroup(
        (GroupLeg(LegRole.RISK, Side.SELL, 2), GroupLeg(LegRole.HEDGE, Side.BUY, 2, (0,))), units=5
    )


@given(documents())
@settings(max_examples=50)
def test_every_plan_that_can_be_read_gives_rules_that_stand(document: Document) -> None:
    plan = plan_of(document)
    if isinstance(plan, TradePlan):
        stop_rule(plan.stop, plan.side)
        if plan.entry.trigger:
            trigger_rule(plan.entry.trigger)
        if plan.stop.trail:
            trail_rule(plan.stop.trail, plan.side, Decimal(1))
    else:
        assert len(exposed_group(plan.group).legs) == len(plan.group.legs)
