"""A position, as the edge reads it out: held, guarded, naked, and left, long and short."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.edge.live import LegPhase, StopStanding
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Stop
from backstay.domain.orders.view import CommissionTotal
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import Trail
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import Stage, key, play
from tests.broker.edge.test_guards import fall, held, hold
from tests.broker.guards.parts import split, target, walk_out
from tests.broker.reading.legs import away, begun, figures, only, quietly, short_entry, short_guard


def test_a_position_that_nobody_guards_yet_is_held() -> None:
    async def story(stage: Stage) -> None:
        edge, _ = await held(stage)
        leg = only(edge)
        assert (leg.phase, leg.open, leg.stop) == (LegPhase.HELD, Decimal(100), None)
        assert leg.at_broker.standing is StopStanding.ACKNOWLEDGED
        # Nobody has the prices heard, either.
        assert (leg.price, leg.at_broker.distance) == (None, None)
        assert leg.profit.unrealised is None

    play(story)


def test_a_guarded_position_has_its_stops_its_target_and_its_profit() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        trail = Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal("1.50"))
        leaves = target(seat, "104.00", None)
        guard = seat.guard(stop="98.00", trail=trail, target=leaves)
        await quietly(stage, edge.guard(guard, 1))
        await fall(stage, "101.50", "101.60", "101.70")
        await stage.sleep(0.5)
        leg = only(edge)
        assert leg.phase is LegPhase.GUARDING
        assert (leg.filled, leg.open) == figures(100, 100)
        assert leg.average_price == Decimal("100.02")
        assert leg.stop is not None
        assert (leg.stop.stop, leg.stop.best) == (Decimal("100.10"), Decimal("101.60"))
        assert leg.stop.trail_distance == Decimal("1.50")
        assert leg.stop.distance == away("1.60", "1.5733")
        assert leg.at_broker.terms == Stop(Decimal(95))
        assert leg.at_broker.distance == away("6.70", "6.5880")
        (aim,) = leg.targets
        assert (aim.price, aim.part, aim.is_reached) == (Decimal("104.00"), None, False)
        assert aim.distance == away("2.30", "2.2616")
        assert (leg.profit.realised, leg.profit.unrealised) == (Decimal(0), Decimal("168.00"))
        assert leg.profit.costs == (CommissionTotal("USD", Decimal(1)),)
        assert leg.profit.after_costs == Decimal("167.00")
        assert leg.naked.quantity == 0

    play(story)


def test_of_a_short_position_everything_is_the_other_way_round() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = short_entry(seat)
        await hold(edge, arm)
        await quietly(stage, edge.guard(short_guard(seat, arm, "102.00"), 1))
        await fall(stage, "99.00")
        await stage.sleep(0.5)
        leg = only(edge)
        assert (leg.side, leg.phase, leg.open) == (Side.SELL, LegPhase.GUARDING, Decimal(50))
        assert leg.average_price == Decimal("99.98")
        assert leg.stop is not None
        assert leg.stop.distance == away("3.00", "3.0303")
        assert leg.at_broker.standing is StopStanding.ACKNOWLEDGED
        assert leg.at_broker.distance == away("6.00", "6.0606")
        assert leg.targets[0].distance == away("3.00", "3.0303")
        assert leg.profit.unrealised == Decimal("49.00")

    play(story)


def test_a_plan_without_a_stop_at_the_broker_is_virtual_and_its_naked_time_counts() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        await hold(edge, seat.arm(stop=None))
        virtual = replace(seat.guard(), shield=None)
        await quietly(stage, edge.guard(virtual, 1))
        leg = only(edge)
        assert (leg.phase, leg.at_broker.standing) == (LegPhase.GUARDING, StopStanding.VIRTUAL)
        assert leg.at_broker.key is None
        assert leg.naked.quantity == 100
        assert leg.naked.unit_seconds > 90

    play(story)


@pytest.mark.req("X.1")
def test_a_stop_that_is_taken_away_is_missing_until_it_is_put_back() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        await quietly(stage, edge.guard(seat.guard(), 1))
        stage.cancel_by_hand(str(key(Purpose.PROTECT)))
        await stage.sleep(1)
        leg = only(edge)
        assert leg.at_broker.standing is StopStanding.MISSING
        assert leg.naked.quantity == 100
        assert leg.naked.seconds > Decimal("0.5")
        await stage.until(lambda: only(edge).at_broker.standing is StopStanding.ACKNOWLEDGED)
        leg = only(edge)
        assert leg.at_broker.key == key(Purpose.PROTECT, 3)
        assert (leg.naked.quantity, leg.naked.seconds) == figures(0, 0)
        assert leg.naked.unit_seconds > 100

    play(story, rule("placement-swallowed", nth=3))


def test_what_leaves_is_leaving_until_nothing_is_open_and_then_off_the_page() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = await begun(stage, edge.guard(seat.guard(), 1))
        stage.show(bid="97.00", bid_size=0)
        await fall(stage, "97.90", "97.80")
        await stage.sleep(0.3)
        leg = only(edge)
        assert (leg.phase, leg.open) == (LegPhase.LEAVING, Decimal(100))
        assert leg.stop is not None
        assert leg.stop.has_fired
        assert leg.targets == ()
        await guarding
        await stage.until(lambda: only(edge).at_broker.standing is StopStanding.EXIT)
        assert only(edge).naked.quantity == 0
        stage.trade("97.80")
        await stage.until(lambda: not edge.live().legs)
        assert stage.position() == 0

    play(story)


def test_a_part_that_was_split_off_is_open_no_more() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        part = target(seat, "101.00", 40, leg=1)
        guard = seat.guard(target=part)
        telling = await begun(stage, edge.guard(guard, 1))
        await fall(stage, "101.00", "101.10")
        await telling
        reached = only(edge).targets[0]
        assert (reached.part, reached.is_reached) == (Decimal(40), True)
        await edge.split_off(split(guard, 2, 40))
        await stage.sleep(0.5)
        leg = only(edge)
        assert (leg.open, leg.filled, leg.quantity) == figures(60, 100, 100)
        assert leg.profit.unrealised == 60 * (Decimal("101.10") - Decimal("100.02"))

    play(story)


def test_a_part_that_leaves_is_a_leg_of_its_own_and_the_figures_add_up() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        part = target(seat, "101.00", 40, leg=1)
        guard = seat.guard(target=part)
        telling = await begun(stage, edge.guard(guard, 1))
        await fall(stage, "101.00", "101.10")
        await telling
        await edge.split_off(split(guard, 2, 40))
        await walk_out(stage, edge, guard, seat, part)
        stage.trade("101.50")
        await stage.sleep(1)
        rest, gone = edge.live().legs
        assert (rest.leg, rest.phase, rest.open) == (0, LegPhase.GUARDING, Decimal(60))
        assert (gone.leg, gone.phase, gone.open) == (1, LegPhase.OVER, Decimal(0))
        assert (gone.quantity, gone.filled) == figures(40, 40)
        assert gone.average_price == rest.average_price == Decimal("100.02")
        assert gone.profit.unrealised == rest.profit.realised == 0
        assert rest.profit.unrealised == 60 * Decimal("1.48")
        (sold,) = [order for order in edge.orders().orders if order.key.leg == 1 and order.filled]
        assert sold.average_price is not None
        assert gone.profit.realised == 40 * (sold.average_price - Decimal("100.02"))
        assert gone.profit.realised > 40
        assert gone.profit.costs_known

    play(story)


def test_what_somebody_else_has_closed_makes_the_profit_unknown() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        await quietly(stage, edge.guard(seat.guard(), 1), 12)
        leg = only(edge)
        assert leg.open == 60
        assert leg.profit.before_costs is None
        assert leg.profit.unrealised is None

    play(story, rule("manual-order", at="+8s", symbol="AAPL", side="SELL", quantity=40))
