"""What is live, as the edge reads it out: entries, the order of legs, and nothing changes by it."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from json import loads
from typing import Any

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.live import LegPhase, StopStanding
from backstay.domain.edge.session import SessionState
from backstay.domain.ids import Purpose
from backstay.domain.limits.facts import AccountKind
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.triggers import IfMissed
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from backstay.gateway.profile import PESSIMISTIC as HARD
from tests.broker.edge.stage import ACCOUNT, TRADE, Stage, key, play
from tests.broker.edge.test_arms import until_phase
from tests.broker.edge.test_guards import fall, held, hold
from tests.broker.reading.legs import (
    ABOVE_101,
    OTHER,
    away,
    begun,
    figures,
    only,
    quietly,
)


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
