"""A stock is split while a position in it is guarded: nothing is sold on prices of other shares."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from json import loads

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Amended, ArmPhase
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.guards import (
    ExitBegun,
    Guard,
    GuardResult,
    LeaveNow,
    MoveStop,
    Target,
)
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit, Stop
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import Trail
from backstay.gateway.values.order import Order
from tests.broker.edge.stage import Seat, Stage, key, play
from tests.broker.edge.test_guards import ENTRY, STOP, fall, held
from tests.broker.edge.walking import violations

D = Decimal
AGAIN = str(key(Purpose.PROTECT, 2))
MARKET = Order(order_type="MKT", tif="DAY")
Guarding = asyncio.Task[GuardResult]


def split(stage: Stage, seat: Seat, ratio: str = "2") -> None:
    """At the broker each share becomes so many."""
    con_id = seat.instrument.con_id
    stage.act(lambda: stage.gateway.market.split(con_id, D(ratio)))


async def guarded(stage: Stage, percent: str = "") -> tuple[Edge, Seat, Guard, Guarding]:
    """100 shares, bought at 100 and guarded at 98; the stop at the broker is at 95, or will be so
    many percent away.
    """
    edge, seat = await held(stage)
    watched = seat.guard(disaster_pct=D(percent) if percent else None)
    guarding = asyncio.ensure_future(edge.guard(watched, 1))
    await stage.sleep(2)
    return edge, seat, watched, guarding


async def trades(stage: Stage, price: str, seconds: int) -> None:
    """Trades around a price, one a second."""
    for number in range(seconds):
        stage.trade(str(D(price) + D(number % 3) / 100))
        await stage.sleep(1)


@pytest.mark.parametrize(("ratio", "price", "shares"), [("2", "50", 200), ("0.5", "200", 50)])
def test_nothing_leaves_at_a_price_of_other_shares_and_a_person_is_told(
    ratio: str, price: str, shares: int
) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        exit_at = seat.order(Purpose.EXIT_TARGET, 100, Limit(D(120)), Side.SELL)
        target = Target(D(120), stage.approve(exit_at))
        trail = Trail(Crossing.BELOW, D(100), D(1), D(1))
        guard = seat.guard(target=target, trail=trail)
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(2)
        at = stage.now
        split(stage, seat, ratio)
        await trades(stage, price, 30)
        assert not guarding.done()
        assert stage.position() == shares
        state = edge.guard_state(guard.key)
        assert state is not None
        assert state.guarded.level.stop == 98
        (told,) = [each for each in stage.told("naked position") if each.subject == STOP]
        assert told.at - at < timedelta(seconds=5)
        assert f"{shares} are held where 100 are guarded" in told.text
        guarding.cancel()

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP]
    assert violations(stage) == []


@pytest.mark.parametrize(("percent", "trigger"), [("2", "48.02"), ("", "49")])
def test_a_person_who_moves_the_stop_has_it_put_back_there_and_guarded(
    percent: str, trigger: str
) -> None:
    async def story(stage: Stage) -> None:
        edge, seat, guard, guarding = await guarded(stage, percent)
        split(stage, seat)
        await trades(stage, "50", 5)
        assert isinstance(edge.amend_guard(guard.key, 2, MoveStop(D(49))), Amended)
        await trades(stage, "50", 3)
        assert stage.standing()[AGAIN] == "PreSubmitted"
        state = edge.guard_state(guard.key)
        assert state is not None
        assert state.shield is not None
        assert isinstance(state.shield.terms, Stop)
        assert state.shield.terms.trigger == D(trigger)
        assert not guarding.done()
        await fall(stage, "48.90", "48.89")
        await asyncio.wait_for(guarding, 10)
        await stage.sleep(1)
        assert stage.position() == 100

    assert violations(play(story)) == []


def test_a_person_may_leave_what_is_guarded() -> None:
    async def story(stage: Stage) -> None:
        edge, seat, guard, guarding = await guarded(stage)
        split(stage, seat)
        await trades(stage, "50", 5)
        leaving = seat.order(Purpose.EXIT_MANUAL, 100, Limit(D(49)), Side.SELL)
        assert isinstance(edge.amend_guard(guard.key, 2, LeaveNow(stage.approve(leaving))), Amended)
        assert isinstance(await asyncio.wait_for(guarding, 10), ExitBegun)
        await stage.sleep(5)
        assert stage.position() == 100

    assert violations(play(story)) == []


def test_when_the_position_is_again_as_it_was_all_goes_on() -> None:
    async def story(stage: Stage) -> None:
        _, seat, _, guarding = await guarded(stage)
        split(stage, seat)
        await trades(stage, "50", 5)
        split(stage, seat, "0.5")
        await trades(stage, "100", 3)
        assert stage.standing()[AGAIN] == "PreSubmitted"
        await fall(stage, "97.80", "97.79")
        assert isinstance(await asyncio.wait_for(guarding, 10), ExitBegun)
        await stage.sleep(1)
        assert stage.position() == 0

    assert violations(play(story)) == []


def test_a_split_while_nobody_watched_is_seen_by_whoever_guards_next() -> None:
    async def story(stage: Stage) -> None:
        edge, seat, _, guarding = await guarded(stage)
        guarding.cancel()
        await edge.close()
        split(stage, seat)
        stage.trade("50")
        again = await stage.edge()
        begun, guard = stage.now, seat.guard()
        watching = asyncio.ensure_future(again.guard(guard, 1))
        await trades(stage, "50", 20)
        assert not watching.done()
        assert stage.position() == 200
        (told,) = [each for each in stage.told("naked position") if each.subject == STOP]
        assert told.at - begun < timedelta(seconds=5)
        watching.cancel()

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP]


@pytest.mark.parametrize("is_split", [True, False])
def test_what_a_night_has_made_other_shares_of_is_left_to_whoever_guards_it(
    is_split: bool,
) -> None:
    """An entry that is followed again on another day puts no stop where none belongs any more."""

    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        await edge.close()
        if is_split:
            split(stage, seat)
            stage.trade("50")
        else:
            stage.cancel_by_hand(STOP)
        again, arm = await stage.edge(), seat.arm()
        old = replace(arm, asked=Asked(stage.now - timedelta(days=1), D(0)))
        progress = await again.arm(old, 1)
        while not progress.phase.is_final:
            progress = await asyncio.wait_for(again.arm(old, 1, progress.revision), 60)
        assert progress.phase is ArmPhase.OVER
        await stage.sleep(3)

    assert play(story).placed() == [ENTRY, STOP, *([] if is_split else [AGAIN])]


def test_a_stop_that_somebody_cancels_is_put_back_once_the_broker_has_said_what_is_held() -> None:
    async def story(stage: Stage) -> None:
        _, _, _, guarding = await guarded(stage)
        stage.cancel_by_hand(STOP)
        await stage.sleep(0.1)
        assert stage.standing()[AGAIN] == "PreSubmitted"
        await fall(stage, "97.80", "97.79")
        assert isinstance(await asyncio.wait_for(guarding, 10), ExitBegun)

    stage = play(story)
    said = [line for line in map(loads, stage.wire) if line["dir"] == "in"]
    asked = [line["msg"] for line in said]
    placed = next(at for at, line in enumerate(said) if line["ref"] == AGAIN)
    assert asked[placed - 1] == "reqPositions"


def test_a_hand_that_closes_a_part_and_takes_the_stop_away_leaves_the_rest_protected() -> None:
    async def story(stage: Stage) -> None:
        _, _, _, guarding = await guarded(stage)

        def sell() -> None:
            accounts, exchange = stage.gateway.accounts, stage.gateway.exchange
            (position,) = accounts.positions()
            order = replace(MARKET, action="SELL", quantity=D(40))
            exchange.place_by_hand(accounts.default, position.contract, order)

        stage.cancel_by_hand(STOP)
        stage.act(sell)
        await trades(stage, "100", 4)
        (line,) = [each for each in stage.orders() if each["ref"] == AGAIN][-1:]
        assert (line["status"], line["qty"]) == ("PreSubmitted", "60")
        assert not guarding.done()
        guarding.cancel()

    play(story)
