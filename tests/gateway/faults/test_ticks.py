"""Prices on their way out: what goes in, what comes out."""

from decimal import Decimal

import pytest

from backstay.gateway.faults.plan import rule
from backstay.gateway.messages.data_replies import (
    TickBidAsk,
    TickLast,
    TickMidPoint,
    TickPrice,
    TickSize,
    TickString,
)
from backstay.gateway.messages.replies import Reply
from tests.gateway.faults.worlds import World

BID, ASK, LAST, HIGH = 1, 2, 4, 6


def tick(field: int, price: str, req_id: int = 9) -> TickPrice:
    return TickPrice(req_id, field, Decimal(price), Decimal(3))


def both(bid: str, ask: str) -> TickBidAsk:
    return TickBidAsk(9, 1, Decimal(bid), Decimal(ask), Decimal(3), Decimal(4))


LAST_TRADE = TickLast(9, 1, 1, Decimal(190), Decimal(3))


def passed(world: World, *replies: Reply) -> list[object]:
    peer = world.join()
    for reply in replies:
        peer.passage.send(reply)
    return list(peer.wire.said)


def test_a_price_can_be_left_out() -> None:
    world = World(rule("tick-none", nth=2))
    given = tick(BID, "190"), tick(ASK, "191"), tick(LAST, "190.5")
    assert passed(world, *given) == [given[0], given[2]]
    assert world.struck == [("tick-none", "ask of request 9 of client 1")]


@pytest.mark.parametrize(
    ("name", "price"), [("tick-zero", Decimal(0)), ("tick-minus-one", Decimal(-1))]
)
def test_a_price_can_be_none_in_ibs_ways(name: str, price: Decimal) -> None:
    bid, ask, last = passed(World(rule(name)), tick(BID, "190"), both("190", "191"), LAST_TRADE)
    assert bid == TickPrice(9, BID, price, Decimal(3))
    assert ask == TickBidAsk(9, 1, price, Decimal(191), Decimal(3), Decimal(4))
    assert last == TickLast(9, 1, 1, price, Decimal(3))


def test_a_price_can_be_no_number() -> None:
    (found,) = passed(World(rule("tick-nan")), tick(LAST, "190"))
    assert isinstance(found, TickPrice)
    assert found.price.is_nan()


@pytest.mark.parametrize("name", ["tick-none", "tick-zero", "tick-storm", "tick-stale"])
def test_what_is_neither_quote_nor_print_passes(name: str) -> None:
    given = tick(HIGH, "195"), TickSize(9, 0, Decimal(3)), TickMidPoint(9, 1, Decimal(190))
    assert passed(World(rule(name)), *given) == list(given)


def test_a_rule_can_be_for_one_side() -> None:
    given = tick(BID, "190"), tick(ASK, "191"), tick(LAST, "190.5")
    assert passed(World(rule("tick-none", kinds=["ask", "last"])), *given) == [given[0]]


def test_a_bid_can_stand_as_far_above_the_ask_as_it_was_below() -> None:
    world = World(rule("tick-crossed", nth=1))
    given = tick(BID, "190.00"), tick(ASK, "190.05"), tick(BID, "190.01"), tick(BID, "190.02")
    assert passed(world, *given) == [given[0], given[1], tick(BID, "190.09"), given[3]]


def test_a_bid_is_only_crossed_with_the_ask_of_its_own_stream() -> None:
    given = tick(ASK, "190.05", req_id=8), tick(BID, "190.01"), tick(LAST, "190.02", req_id=8)
    assert passed(World(rule("tick-crossed")), *given) == list(given)


def test_a_quote_of_both_sides_can_be_crossed() -> None:
    given = both("190", "191"), both("191", "191"), both("0", "191"), LAST_TRADE
    world = World(rule("tick-crossed"))
    assert passed(world, *given) == [both("191", "190"), *given[1:]]
    assert world.names() == ["tick-crossed"]


def test_a_stale_price_comes_after_newer_ones() -> None:
    world = World(rule("tick-stale", nth=1, delay="10s"))
    peer = world.join()
    old, new = tick(LAST, "190"), tick(LAST, "192")
    peer.passage.send(old)
    peer.passage.send(new)
    world.pass_time(9.999)
    assert peer.wire.take() == [new]
    world.pass_time(0.001)
    assert peer.wire.take() == [old]


def test_a_storm_is_one_price_many_times() -> None:
    given = tick(LAST, "190")
    assert passed(World(rule("tick-storm", ticks=500, nth=1)), given) == [given] * 500


def test_several_things_can_be_wrong_with_one_price() -> None:
    world = World(rule("tick-zero"), rule("tick-storm", ticks=2), rule("tick-stale", delay="1s"))
    peer = world.join()
    peer.passage.send(tick(BID, "190"))
    assert peer.wire.take() == []
    world.pass_time(1)
    assert peer.wire.take() == [tick(BID, "0")] * 2


RT_VOLUME = TickString(9, 48, "190.5;3;1764000000000;900;190.4;true")


def test_the_print_that_rtvolume_tells_of_can_be_wrong_like_any_other() -> None:
    (wrong,) = passed(World(rule("tick-minus-one")), RT_VOLUME)
    assert wrong == TickString(9, 48, "-1;3;1764000000000;900;190.4;true")
    (none,) = passed(World(rule("tick-nan", kinds=["rtvolume"])), RT_VOLUME)
    assert none == TickString(9, 48, "NaN;3;1764000000000;900;190.4;true")
    assert passed(World(rule("tick-none", kinds=["rtvolume"])), LAST_TRADE, RT_VOLUME) == [
        LAST_TRADE
    ]


def test_other_words_about_a_price_pass() -> None:
    time_of_last = TickString(9, 45, "1764000000")
    assert passed(World(rule("tick-zero")), time_of_last) == [time_of_last]
