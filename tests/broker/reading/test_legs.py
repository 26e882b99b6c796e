"""What is live, as the edge reads it out: every phase, both sides, and nothing changes by it."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal
from json import loads
from typing import Any

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Arm, ArmPhase
from backstay.domain.edge.guards import Guard, Target
from backstay.domain.edge.live import Distance, LegPhase, LiveLeg, StopStanding
from backstay.domain.edge.session import SessionState
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import Purpose
from backstay.domain.limits.facts import AccountKind
from backstay.domain.orders.intent import Limit, Stop
from backstay.domain.orders.view import CommissionTotal
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC
from backstay.domain.protection.stops import disaster_stop
from backstay.domain.sides import Side
from backstay.domain.ticks.guarding import Guarded, GuardRules
from backstay.domain.ticks.levels import Crossing, stop_crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.stops import StopRule
from backstay.domain.ticks.trails import Resting, Trail
from backstay.domain.ticks.triggers import IfMissed, Trigger
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from backstay.gateway.profile import PESSIMISTIC as HARD
from tests.broker.edge.stage import ACCOUNT, TRADE, Seat, Stage, key, play
from tests.broker.edge.test_arms import until_phase
from tests.broker.edge.test_guards import fall, held, hold
from tests.broker.guards.parts import split, target, walk_out

ABOVE_101 = Trigger(Decimal(101), Crossing.ABOVE)
OTHER = "0000000Z"
LASTING: list[asyncio.Future[Any]] = []
"""What is waited for by nobody, and must not be forgotten for that."""


def only(edge: Edge) -> LiveLeg:
    """The one leg at work."""
    page = edge.live()
    (leg,) = page.legs
    assert page.total == 1
    return leg


def away(price: str, percent: str) -> Distance:
    return Distance(Decimal(price), Decimal(percent))


def figures(*numbers: int) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, numbers))


async def begun(stage: Stage, waits: Awaitable[Any], seconds: float = 1) -> asyncio.Future[Any]:
    """Something that lasts, and has begun."""
    future = asyncio.ensure_future(waits)
    await stage.sleep(seconds)
    return future


async def quietly(stage: Stage, waits: Awaitable[Any], seconds: float = 1) -> None:
    """The same, and nobody cares for what comes of it."""
    LASTING.append(await begun(stage, waits, seconds))


def test_an_entry_waits_for_its_trigger_and_the_distance_is_told() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        await quietly(stage, edge.arm(arm, 1, 1))
        leg = only(edge)
        assert (leg.key, leg.trade, leg.leg) == (arm.key, TRADE, 0)
        assert (leg.symbol, leg.side, leg.phase) == ("AAPL", Side.BUY, LegPhase.WAITING)
        assert (leg.filled, leg.quantity, leg.open) == figures(0, 100, 0)
        assert leg.trigger is not None
        assert leg.trigger.distance == away("1", "1.0000")
        assert (leg.trigger.level, leg.trigger.when) == (Decimal(101), Crossing.ABOVE)
        assert leg.stop is None
        assert leg.at_broker.standing is StopStanding.NONE
        assert leg.profit.before_costs == 0
        await fall(stage, "100.60")
        await stage.sleep(0.5)
        leg = only(edge)
        assert leg.price is not None
        assert (leg.price.price, leg.price.source) == (Decimal("100.60"), PriceSource.LAST)
        assert leg.trigger is not None
        assert leg.trigger.distance == away("0.40", "0.3976")

    play(story)


def test_an_entry_without_a_stop_at_the_broker_is_virtual_from_its_beginning() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arm = seat.arm(limit="101.50", trigger=ABOVE_101, stop=None)
        await quietly(stage, edge.arm(arm, 1, 1))
        assert only(edge).at_broker.standing is StopStanding.VIRTUAL

    play(story)


def test_a_level_that_was_crossed_unseen_waits_for_a_person() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        await fall(stage, "102.00")
        asking = replace(ABOVE_101, if_missed=IfMissed.ASK)
        await quietly(stage, edge.arm(seat.arm(limit="101.50", trigger=asking), 1, 9))
        await fall(stage, "102.10")
        await stage.sleep(0.5)
        leg = only(edge)
        assert leg.phase is LegPhase.WAITING
        assert leg.trigger is not None
        assert leg.trigger.is_missed
        assert leg.why.endswith("a person decides")

    play(story)


def test_an_entry_that_stands_at_the_broker_works_with_its_stop() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        await quietly(stage, until_phase(stage, edge, seat.arm(limit="99.00"), ArmPhase.WORKING))
        leg = only(edge)
        assert (leg.phase, leg.trigger) == (LegPhase.WORKING, None)
        assert leg.filled == 0
        assert leg.at_broker.standing is StopStanding.ACKNOWLEDGED
        assert leg.at_broker.key == key(Purpose.PROTECT)

    play(story)


def test_what_has_left_and_is_not_named_yet_is_sending_and_then_unknown() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        arming = await begun(stage, edge.arm(seat.arm(), 1, 9))
        assert only(edge).phase is LegPhase.SENDING
        await stage.sleep(2.5)
        leg = only(edge)
        assert leg.phase is LegPhase.UNKNOWN
        assert leg.why == "the broker does not say what became of it"
        assert leg.at_broker.standing is StopStanding.NONE
        arming.cancel()

    play(story, rule("placement-swallowed", nth=1), rule("placement-swallowed", nth=2))


@pytest.mark.req("X.1")
@pytest.mark.parametrize(
    ("profile", "gateway", "standing"),
    [
        pytest.param(PESSIMISTIC, HARD, StopStanding.ASLEEP, id="pessimistic"),
        pytest.param(OPTIMISTIC, EASY, StopStanding.ACKNOWLEDGED, id="optimistic"),
    ],
)
def test_a_stop_that_sleeps_as_long_as_the_entry_can_fill_is_called_so(
    profile: Any, gateway: Any, standing: StopStanding
) -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02", profile=profile)
        await quietly(stage, edge.arm(arm, 1, 9))
        leg = only(edge)
        assert leg.phase is LegPhase.WORKING
        assert (leg.filled, leg.open) == figures(40, 40)
        assert leg.at_broker.standing is standing
        is_naked = standing is StopStanding.ASLEEP
        assert leg.naked.quantity == (40 if is_naked else 0)
        assert (leg.naked.seconds > Decimal("0.5")) is is_naked
        assert (leg.naked.unit_seconds > 20) is is_naked

    play(story, profile=gateway)


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


def short_entry(seat: Seat) -> Arm:
    """A short entry of 50 with its stop above."""
    entry = seat.order(Purpose.ENTRY, 50, Limit(Decimal("99.90")), Side.SELL)
    protect = disaster_stop(
        key(Purpose.PROTECT),
        ACCOUNT,
        seat.instrument,
        Decimal(-50),
        Decimal("105.00"),
        held_outside_regular_hours=False,
    )
    protect = replace(protect, parent=entry.key)
    stage = seat.stage
    approved, protection = stage.approve(entry), stage.approve(protect)
    return Arm(approved, protection, PESSIMISTIC, stage.asked(seat.instrument))


def short_guard(seat: Seat, arm: Arm, stop: str) -> Guard:
    """The guard of what it has sold."""
    assert arm.protection is not None
    shield = arm.protection.intent
    first = seat.order(Purpose.EXIT_STOP, 50, Limit(Decimal(stop)), Side.BUY)
    return Guard(
        ladder=LadderRules(
            first_key=first.key,
            shield=replace(shield, key=shield.key.next_generation()),
            trigger=Decimal(stop),
            profile=PESSIMISTIC,
        ),
        exit=seat.stage.approve(first),
        protection=seat.stage.approve(shield),
        quantity=Decimal(50),
        rules=GuardRules(StopRule(stop_crossing(Side.BUY)), seat.instrument.grid),
        guarded=Guarded(Resting(Decimal(stop))),
        source=PriceSource.LAST,
        asked=seat.stage.asked(seat.instrument),
        shield=shield,
        target=Target(Decimal("96.00"), seat.stage.approve(first)),
    )


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


def test_the_most_urgent_comes_first_and_the_rest_is_counted() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        await quietly(stage, edge.guard(seat.guard(), 1))
        other = await stage.seat(edge, "MSFT", trade=OTHER)
        await quietly(stage, edge.arm(other.arm(limit="101.50", trigger=ABOVE_101), 1, 1))
        page = edge.live()
        assert [(leg.symbol, leg.phase) for leg in page.legs] == [
            ("AAPL", LegPhase.GUARDING),
            ("MSFT", LegPhase.WAITING),
        ]
        cut = edge.live(1)
        assert (cut.total, [leg.symbol for leg in cut.legs]) == (2, ["AAPL"])
        named = edge.live(trades=(OTHER,))
        assert (named.total, [leg.symbol for leg in named.legs]) == (1, ["MSFT"])

    play(story)


def test_whose_account_it_is_and_how_the_session_stands_is_told_first() -> None:
    async def story(stage: Stage) -> None:
        idle = Edge(stage.settings, stage.notices.append, stage.now)
        assert idle.live().edge.session.state is SessionState.DOWN
        assert idle.live().edge.time is None
        edge = await stage.edge()
        seat = await stage.seat(edge)
        now = edge.live().edge
        assert (now.account, now.kind, now.client_id) == (ACCOUNT, AccountKind.PAPER, 1)
        assert (now.session.state, now.last_tick_at) == (SessionState.READY, None)
        await quietly(stage, edge.arm(seat.arm(limit="101.50", trigger=ABOVE_101), 1, 1))
        assert edge.live().edge.last_tick_at is not None
        stage.cut()
        await stage.sleep(0.01)
        assert edge.live().edge.session.state is not SessionState.READY

    play(story)


def heard_at_the_gateway(*, reads: bool) -> list[dict[str, Any]]:
    """Everything that a trade sends, without the microseconds: each look at a clock takes one."""

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)

        async def look() -> None:
            while True:
                if reads:
                    edge.live()
                    edge.orders()
                await stage.sleep(0.05)

        looking = asyncio.ensure_future(look())
        arm = seat.arm(limit="101.50", trigger=ABOVE_101)
        entering = asyncio.ensure_future(hold(edge, arm))
        await stage.sleep(1)
        await fall(stage, "100.50", "101.20")
        await entering
        guarding = asyncio.ensure_future(edge.guard(seat.guard(stop="100.00"), 1))
        await stage.sleep(1)
        await fall(stage, "99.90", "99.80")
        await guarding
        await stage.sleep(8)
        looking.cancel()

    lines = [loads(line) for line in play(story).wire]
    return [line | {"t": None} for line in lines if line["dir"] == "in"]


def test_whoever_reads_changes_nothing() -> None:
    left_alone = heard_at_the_gateway(reads=False)
    assert heard_at_the_gateway(reads=True) == left_alone
    assert "cancelOrder" in {line["msg"] for line in left_alone}
