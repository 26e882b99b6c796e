"""A short position, from its sale to the purchase that closes it."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from backstay.domain.edge.arms import Arm
from backstay.domain.edge.guards import ExitBegun, Guard
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit
from backstay.domain.profile import PESSIMISTIC
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sides import Side
from backstay.domain.ticks.guarding import Guarded, GuardRules
from backstay.domain.ticks.levels import stop_crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.stops import StopRule
from backstay.domain.ticks.trails import Resting
from tests.broker.edge.stage import ACCOUNT, Stage, key, play
from tests.broker.edge.test_guards import ENTRY, EXIT, STOP, fall, hold


def test_a_short_position_is_protected_above_and_left_upwards() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        entry = seat.order(Purpose.ENTRY, 100, Limit(Decimal("99.90")), Side.SELL)
        stop = disaster_stop(
            key(Purpose.PROTECT),
            ACCOUNT,
            seat.instrument,
            Decimal(-100),
            Decimal(105),
            held_outside_regular_hours=False,
        )
        attached = replace(stop, parent=entry.key)
        asked = stage.asked(seat.instrument)
        await hold(edge, Arm(stage.approve(entry), stage.approve(attached), PESSIMISTIC, asked))
        assert stage.position() == -100
        first = seat.order(Purpose.EXIT_STOP, 100, Limit(Decimal(102)), Side.BUY)
        following = replace(stop, key=stop.key.next_generation())
        guard = Guard(
            ladder=LadderRules(first.key, following, Decimal(102), PESSIMISTIC),
            exit=stage.approve(first),
            protection=stage.approve(attached),
            quantity=Decimal(100),
            rules=GuardRules(
                StopRule(stop_crossing(Side.BUY), confirm_ticks=2), seat.instrument.grid
            ),
            guarded=Guarded(Resting(Decimal(102))),
            source=PriceSource.LAST,
            asked=stage.asked(seat.instrument),
            shield=attached,
        )
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        await fall(stage, "102.20", "102.21")
        assert isinstance(await asyncio.wait_for(guarding, 5), ExitBegun)
        await stage.until(lambda: stage.position() == 0, 10)

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP, EXIT]
    assert stage.standing()[STOP] == "Cancelled"
