"""Ways out that meet something else: late fills, a hand, a midnight, a successor, an engine."""

import asyncio
from dataclasses import replace
from datetime import timedelta, timezone
from decimal import Decimal

import pytest

from backstay.domain.edge.arms import Amended, ArmPhase, Gone
from backstay.domain.edge.changing import Ended
from backstay.domain.edge.guards import ExitBegun, Resize
from backstay.domain.edge.submission import NotSent, Submission
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Market
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC, BrokerProfile
from backstay.domain.sides import Side
from backstay.gateway.faults.plan import rule
from backstay.gateway.profile import OPTIMISTIC as EASY
from tests.broker.edge.stage import EDGE, START, Stage, key, play
from tests.broker.edge.test_arms import until_phase
from tests.broker.edge.test_guards import ENTRY, EXIT, LAST, STOP, fall, held, hold

BEFORE_MIDNIGHT = replace(EDGE, zone=timezone(timedelta(hours=8, minutes=59)))
"""An edge whose broker's day ends a minute after the curtain has risen."""

SLOW_CANCELS = tuple(rule("cancel-unanswered", nth=nth, delay="30s") for nth in range(1, 9))
ALIVE = ("PreSubmitted", "Submitted")


def alive(stage: Stage) -> set[str]:
    """The references of what lives at the broker."""
    return {ref for ref, status in stage.standing().items() if status in ALIVE}


@pytest.mark.req("S4.5")
@pytest.mark.parametrize("profile", [PESSIMISTIC, OPTIMISTIC], ids=["swap", "reshape"])
def test_what_an_entry_still_fills_while_it_is_left_is_left_as_well(profile: BrokerProfile) -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02", profile=OPTIMISTIC)
        over = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.until(lambda: stage.position() == 40)
        guard = seat.guard(40, shield=seat.stop(100, "95.00"), profile=profile)
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        await fall(stage, "97.80", "97.79")
        await asyncio.wait_for(guarding, 10)
        await over
        await stage.sleep(30)
        assert stage.position() == 0
        assert alive(stage) == set()

    play(story, profile=EASY)


def test_an_entry_that_rests_when_its_position_is_left_goes() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02", profile=OPTIMISTIC)
        over = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.until(lambda: stage.position() == 40)
        guard = seat.guard(40, shield=seat.stop(100, "95.00"))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        stage.show(bid="97.78", last="97.80", last_size=10)
        await stage.sleep(0.01)
        stage.show(last="97.79", last_size=10)
        await asyncio.wait_for(guarding, 10)
        await over
        await stage.sleep(20)
        assert stage.position() == 0

    stage = play(story, profile=EASY)
    assert stage.standing()[ENTRY] == "Cancelled"


def test_an_entry_that_only_a_dead_process_knew_goes_when_its_position_is_left() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        seat = await stage.seat(edge)
        stage.show(ask_size=40)
        arm = seat.arm(limit="100.02", profile=OPTIMISTIC)
        over = asyncio.ensure_future(until_phase(stage, edge, arm, ArmPhase.OVER))
        await stage.until(lambda: stage.position() == 40)
        guard = seat.guard(40, shield=seat.stop(100, "95.00"))
        await edge.close()
        over.cancel()
        successor = await stage.edge()
        guarding = asyncio.ensure_future(successor.guard(guard, 1))
        await stage.sleep(1)
        stage.show(bid="97.78", last="97.80", last_size=10)
        await stage.sleep(0.01)
        stage.show(last="97.79", last_size=10)
        await asyncio.wait_for(guarding, 10)
        await stage.sleep(20)
        assert stage.position() == 0

    stage = play(story, profile=EASY)
    assert stage.standing()[ENTRY] == "Cancelled"


@pytest.mark.req("X.2")
def test_a_way_out_ends_when_somebody_else_has_closed_the_position() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        await fall(stage, "97.80", "97.79")
        await stage.until(lambda: stage.position() == 0, 60)
        await asyncio.wait_for(guarding, 60)
        await stage.sleep(30)
        assert alive(stage) == set()
        assert stage.told("manual action")
        assert not any("refused an exit" in notice.text for notice in stage.notices)
        assert isinstance(edge.amend_guard(guard.key, 2, Resize(Decimal(100), None)), Gone)

    stage = play(story, *SLOW_CANCELS, rule("manual-close", at="+10s", symbol="AAPL"))
    assert stage.placed() == [ENTRY, STOP]


@pytest.mark.req("X.2")
def test_a_way_out_ends_when_the_position_was_closed_while_the_line_was_cut() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        await fall(stage, "97.80", "97.79")
        await stage.until(lambda: stage.now >= START + timedelta(seconds=19.9))
        stage.cut()
        await stage.until(lambda: stage.position() == 0, 1)
        await asyncio.wait_for(guarding, 60)
        await stage.sleep(30)
        assert alive(stage) == set()
        assert stage.told("manual action")
        assert not any("refused an exit" in notice.text for notice in stage.notices)

    stage = play(story, *SLOW_CANCELS, rule("manual-close", at="+20s", symbol="AAPL"))
    assert stage.placed() == [ENTRY, STOP]


@pytest.mark.req("S4.5")
def test_a_way_out_that_waits_over_midnight_goes_on_under_the_circumstances_of_the_day() -> None:
    async def story(stage: Stage) -> None:
        edge = await stage.edge(BEFORE_MIDNIGHT)
        seat = await stage.seat(edge)
        await hold(edge, seat.arm())
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(40)
        await fall(stage, "97.80", "97.79")
        await asyncio.wait_for(guarding, 60)
        await stage.until(lambda: stage.position() == 0, 10)

    stage = play(story, *SLOW_CANCELS)
    assert stage.placed() == [ENTRY, STOP, EXIT]


@pytest.mark.req("S4.5")
def test_a_tranche_may_be_resized_while_it_is_left() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(60, shield=seat.stop(100, "95.00"))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        stage.show(bid_size=0)
        await fall(stage, "97.80", "97.79")
        await asyncio.wait_for(guarding, 10)
        assert edge.amend_guard(guard.key, 2, Resize(Decimal(100), None)) == Amended(guard.key, 2)
        stage.show(bid="97.90", ask="97.94", bid_size=500)
        await stage.sleep(20)
        assert stage.position() == 0

    play(story)


@pytest.mark.req("S4.5")
def test_what_the_engine_could_not_send_is_known_to_the_ladder_that_stands_by() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        stage.show(bid_size=0)
        await fall(stage, "97.80", "97.79")
        await asyncio.wait_for(guarding, 5)
        await stage.sleep(2)
        while not isinstance(await edge.cancel(key(Purpose.EXIT_STOP)), Ended):
            await stage.sleep(0.2)
        await edge.find(key(Purpose.EXIT_STOP), seat.instrument.con_id, guard.asked)
        yesterday = replace(stage.asked(seat.instrument), at=stage.now - timedelta(days=1))
        last = seat.order(Purpose.EXIT_STOP, 100, Market(), Side.SELL, generation=2)
        answer = await edge.submit(Submission(guard.exit, last, yesterday))
        assert isinstance(answer, NotSent)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        await stage.until(lambda: stage.position() == 0, 3)

    assert play(story).placed()[:3] == [ENTRY, STOP, EXIT]


def test_an_engine_that_deals_with_entries_is_no_engine_that_leaves() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        stage.show(bid_size=0)
        await fall(stage, "97.80", "97.79")
        await asyncio.wait_for(guarding, 5)
        stage.show(bid="97.00", ask="97.04", bid_size=500)
        for _ in range(40):
            await edge.cancel(key(Purpose.ENTRY))
            await stage.sleep(0.2)
        assert stage.position() == 0

    assert play(story).placed() == [ENTRY, STOP, EXIT, LAST]


@pytest.mark.req("S4.5")
def test_a_way_out_that_the_stop_ends_while_nothing_can_be_sent_is_told() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.sleep(1)
        await fall(stage, "97.80", "97.79")
        stage.cut()
        await fall(stage, "94.80", "94.79")
        begun = await asyncio.wait_for(guarding, 60)
        assert isinstance(begun, ExitBegun)
        assert begun.ladder.is_done
        assert [order.filled for order in begun.ladder.members] == [Decimal(100)]
        assert stage.position() == 0

    stage = play(story, rule("cancel-unanswered", then="never"))
    assert stage.placed() == [ENTRY, STOP]


@pytest.mark.req("S4.5")
def test_a_stop_stays_at_the_broker_while_no_exit_can_follow_it() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guarding = asyncio.ensure_future(edge.guard(seat.guard(), 1))
        await stage.until(lambda: stage.now >= START + timedelta(seconds=12))
        await fall(stage, "97.80", "97.79")
        await stage.sleep(10)
        assert stage.standing()[STOP] in ALIVE
        assert isinstance(await asyncio.wait_for(guarding, 60), ExitBegun)
        await stage.until(lambda: stage.position() == 0)

    away = rule("upstream-lost", at="+10s", lasting="1s", then="kept")
    silent = rule(
        "request-unanswered", nth=1, kinds=["reqCompletedOrders"], between=["+10s", "+1m"]
    )
    stage = play(story, away, silent)
    assert stage.placed() == [ENTRY, STOP, EXIT]
