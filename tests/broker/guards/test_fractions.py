"""A stock of which fewer shares are made: whole ones are guarded and left, and a person is told of
the part of one that no order can be for.
"""

import asyncio
from decimal import Decimal

import pytest

from backstay.broker.edge import Edge
from backstay.domain.edge.arms import Amended
from backstay.domain.edge.guards import (
    ExitBegun,
    Guard,
    GuardEnd,
    GuardEnded,
    GuardResult,
    LeaveNow,
    MoveStop,
    NotSplit,
    SplitOff,
)
from backstay.domain.edge.walking import Walk, WayOut
from backstay.domain.exits.ladder import Waiting, waiting_for
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit
from backstay.domain.sides import Side
from backstay.gateway.values.order import Order
from tests.broker.edge.stage import Seat, Stage, key, play
from tests.broker.edge.test_guards import ENTRY, STOP, hold
from tests.broker.edge.test_splits import split, trades
from tests.broker.edge.walking import violations

D = Decimal
AGAIN, BY_HAND = str(key(Purpose.PROTECT, 2)), str(key(Purpose.EXIT_MANUAL))
Guarding = asyncio.Task[GuardResult]
pytestmark = pytest.mark.req("X.10")


async def made_fewer(stage: Stage, shares: int) -> tuple[Edge, Seat, Guard, Guarding]:
    """So many shares, bought at 100 and guarded at 98; then each two are made one."""
    edge = await stage.edge()
    seat = await stage.seat(edge)
    await hold(edge, seat.arm(shares))
    guard = seat.guard(shares, disaster_pct=D(2))
    guarding = asyncio.ensure_future(edge.guard(guard, 1))
    await stage.sleep(2)
    split(stage, seat, "0.5")
    await trades(stage, "200", 5)
    return edge, seat, guard, guarding


def sell_by_hand(stage: Stage, quantity: str) -> None:
    """Somebody sells so much in TWS, where parts of a share can be sold."""
    accounts, exchange = stage.gateway.accounts, stage.gateway.exchange
    (position,) = accounts.positions()
    order = Order(order_type="MKT", tif="DAY", action="SELL", quantity=D(quantity))
    stage.act(lambda: exchange.place_by_hand(accounts.default, position.contract, order))


def move_stop(edge: Edge, guard: Guard) -> None:
    """A person says where the stop is to be in shares of now."""
    assert isinstance(edge.amend_guard(guard.key, 2, MoveStop(D(190))), Amended)


def leave(edge: Edge, seat: Seat, guard: Guard, version: int = 2) -> None:
    """A person leaves."""
    intent = seat.order(Purpose.EXIT_MANUAL, 3, Limit(D(190)), Side.SELL)
    wish = LeaveNow(seat.stage.approve(intent))
    assert isinstance(edge.amend_guard(guard.key, version, wish), Amended)


def sizes(stage: Stage) -> dict[str, str]:
    """How much each order was for at last."""
    return {line["ref"]: line["qty"] for line in stage.orders()}


def told_of_the_half(stage: Stage) -> bool:
    """Whether just one notice was about the half share, and none about exits that don't go."""
    (told,) = stage.told("fractional remainder")
    assert told.text.startswith("0.5 AAPL is less than one")
    return not stage.told("exit unresolved") and not stage.told("exits exhausted")


def test_a_stop_stands_for_the_whole_share() -> None:
    async def story(stage: Stage) -> None:
        edge, _, guard, guarding = await made_fewer(stage, 3)
        move_stop(edge, guard)
        await trades(stage, "200", 60)
        assert (stage.standing()[AGAIN], sizes(stage)[AGAIN]) == ("PreSubmitted", "1")
        assert not guarding.done()
        guarding.cancel()

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP, AGAIN]
    assert told_of_the_half(stage)
    assert not any(each.text.endswith(": 0.5 of AAPL") for each in stage.told("naked position"))
    assert violations(stage) == []


def test_the_whole_share_leaves_and_the_half_waits_for_a_person_who_closes_it() -> None:
    async def story(stage: Stage) -> None:
        edge, seat, guard, guarding = await made_fewer(stage, 3)
        leave(edge, seat, guard)
        begun = await asyncio.wait_for(guarding, 10)
        assert isinstance(begun, ExitBegun)
        by_hand = stage.approve(seat.order(Purpose.EXIT_MANUAL, 3, Limit(D(190)), Side.SELL))
        ladder = begun.ladder
        way_out = WayOut(ladder.rules, ladder.quantity, by_hand, guard.protection, guard.asked)
        told = await asyncio.wait_for(edge.walk(Walk(way_out, ladder)), 10)
        assert waiting_for(told.ladder) is Waiting.PERSON
        walking = asyncio.ensure_future(edge.walk(Walk(way_out, told.ladder)))
        await trades(stage, "200", 90)
        assert not walking.done()
        assert stage.position() == D("0.5")
        sell_by_hand(stage, "0.5")
        assert (await asyncio.wait_for(walking, 20)).ladder.is_done

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP, BY_HAND]
    assert told_of_the_half(stage)


def test_the_stop_of_the_whole_share_makes_way_for_its_exit() -> None:
    async def story(stage: Stage) -> None:
        edge, seat, guard, guarding = await made_fewer(stage, 3)
        move_stop(edge, guard)
        await trades(stage, "200", 4)
        leave(edge, seat, guard, 3)
        assert isinstance(await asyncio.wait_for(guarding, 10), ExitBegun)
        await trades(stage, "200", 60)
        assert stage.position() == D("0.5")

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP, AGAIN, BY_HAND]
    assert told_of_the_half(stage)
    assert violations(stage) == []


def test_of_less_than_a_share_nothing_can_be_sent_and_whoever_leads_it_out_knows() -> None:
    async def story(stage: Stage) -> None:
        edge, seat, guard, guarding = await made_fewer(stage, 1)
        leave(edge, seat, guard)
        begun = await asyncio.wait_for(guarding, 10)
        assert isinstance(begun, ExitBegun)
        assert waiting_for(begun.ladder) is Waiting.PERSON
        await trades(stage, "200", 60)

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP]
    assert told_of_the_half(stage)


def test_a_half_that_the_stop_has_left_is_guarded_until_somebody_closes_it() -> None:
    async def story(stage: Stage) -> None:
        edge, _, guard, guarding = await made_fewer(stage, 3)
        move_stop(edge, guard)
        await trades(stage, "200", 4)
        stage.trade("180")
        await stage.until(lambda: stage.position() == D("0.5"))
        await trades(stage, "200", 30)
        assert not guarding.done()
        sell_by_hand(stage, "0.5")
        ended = await asyncio.wait_for(guarding, 20)
        assert isinstance(ended, GuardEnded)
        assert ended.why is GuardEnd.CLOSED_BY_HAND

    stage = play(story)
    assert stage.placed() == [ENTRY, STOP, AGAIN]
    assert told_of_the_half(stage)


def test_a_stop_for_more_than_what_is_whole_is_made_smaller_or_goes() -> None:
    async def story(stage: Stage) -> None:
        edge, _, guard, guarding = await made_fewer(stage, 5)
        move_stop(edge, guard)
        await trades(stage, "200", 4)
        assert sizes(stage)[AGAIN] == "2"
        sell_by_hand(stage, "1")
        await trades(stage, "200", 10)
        assert (stage.standing()[AGAIN], sizes(stage)[AGAIN]) == ("PreSubmitted", "1")
        sell_by_hand(stage, "1")
        await trades(stage, "200", 10)
        assert stage.standing()[AGAIN] == "Cancelled"
        guarding.cancel()

    stage = play(story)
    assert told_of_the_half(stage)


def test_where_less_than_a_share_would_be_left_of_it_no_part_is_split_off() -> None:
    async def story(stage: Stage) -> None:
        edge, _, guard, guarding = await made_fewer(stage, 3)
        move_stop(edge, guard)
        await trades(stage, "200", 4)
        answer = await asyncio.wait_for(edge.split_off(SplitOff(guard.key, 3, D(1))), 10)
        assert isinstance(answer, NotSplit)
        assert answer.is_over
        assert sizes(stage)[AGAIN] == "1"
        guarding.cancel()

    play(story)


def test_a_part_is_split_off_for_which_the_stop_is_made_smaller_by_whole_shares() -> None:
    async def story(stage: Stage) -> None:
        edge, _, guard, guarding = await made_fewer(stage, 5)
        move_stop(edge, guard)
        await trades(stage, "200", 4)
        answer = await asyncio.wait_for(edge.split_off(SplitOff(guard.key, 3, D(1))), 10)
        assert not isinstance(answer, NotSplit)
        assert (stage.standing()[AGAIN], sizes(stage)[AGAIN]) == ("PreSubmitted", "1")
        guarding.cancel()

    play(story)


@pytest.mark.req("X.2")
def test_that_there_is_less_is_told_without_saying_that_it_was_a_hand() -> None:
    async def story(stage: Stage) -> None:
        _, _, _, guarding = await made_fewer(stage, 4)
        guarding.cancel()

    (told,) = play(story).told("manual action")
    assert told.text == "2 is held no more: closed by somebody else, or split"
