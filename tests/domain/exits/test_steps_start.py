"""How the exit meets the resting stop: by a swap, by reshaping it, or by joining its group."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.exits.events import (
    Alarm,
    AskBroker,
    Cancel,
    LadderCommand,
    ReadFills,
    Reshape,
    ReshapeRefused,
    Send,
    Tell,
)
from backstay.domain.exits.ladder import Waiting, waiting_for
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, Role, Standing
from backstay.domain.exits.rules import LadderRules
from backstay.domain.instruments import Instrument
from backstay.domain.orders.outcome import RejectionClass
from backstay.domain.profile import BrokerProfile
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side
from tests.domain.exits.armed import (
    OPTION,
    PAIR,
    STOCK,
    as_modified,
    exit_key,
    limit_order,
    market_order,
    resting_stop,
    rules,
    stop_intent,
    stop_key,
)
from tests.domain.exits.walking import acknowledged, at, spent, triggered
from tests.domain.exits.world import OPEN, START

CAN_RESHAPE = rules(profile=BrokerProfile(order_type_can_be_modified=True))
CAN_JOIN = rules(profile=BrokerProfile(living_group_can_be_joined=True))
CAN_BOTH = rules(
    profile=BrokerProfile(order_type_can_be_modified=True, living_group_can_be_joined=True)
)
IN_GROUP = (resting_stop(START, oca=PAIR),)
FAR_BEYOND = MarketNow(MarketPhase.REGULAR, touch=Decimal("189.04"))
STOP_AS_LIMIT = as_modified(limit_order(), stop_intent())
STOP_AS_MARKET = as_modified(market_order(), stop_intent())


@pytest.mark.req("S4.5", "I8", "I11")
def test_by_default_the_limit_goes_when_the_stop_is_proven_over() -> None:
    walk = triggered()
    assert walk.commands == (Cancel(stop_key()),)
    assert waiting_for(walk.ladder) is Waiting.PROOF
    assert walk.ends(stop_key(), seconds=0.3) == (ReadFills(stop_key()),)
    assert waiting_for(walk.ladder) is Waiting.FILLS
    assert walk.has_filled(stop_key(), 0, seconds=0.4) == (Send(limit_order()),)
    assert waiting_for(walk.ladder) is Waiting.FILL
    assert walk.ladder.members[-1] == Member(
        limit_order(), Role.LIMIT, since=at(0.4), look_at=at(2.4)
    )


@pytest.mark.req("S4.5")
@pytest.mark.parametrize(
    ("instrument", "side", "trigger", "touch", "price"),
    [
        (STOCK, Side.SELL, "190.00", "189.90", "189.05"),
        (STOCK, Side.BUY, "190.00", "190.10", "190.95"),
        (OPTION, Side.SELL, "5.00", "4.95", "4.95"),
        (OPTION, Side.BUY, "5.00", "5.05", "5.05"),
    ],
)
def test_the_limit_is_on_the_losing_side_whatever_is_traded(
    instrument: Instrument, side: Side, trigger: str, touch: str, price: str
) -> None:
    walk = triggered(
        rules(instrument=instrument, side=side, trigger=trigger),
        MarketNow(MarketPhase.REGULAR, touch=Decimal(touch)),
        stops=(resting_stop(START, instrument=instrument, side=side),),
    )
    outside = instrument is STOCK
    limit = limit_order(price, instrument=instrument, side=side, outside=outside)
    assert walk.is_proven_over(stop_key()) == (Send(limit),)


@pytest.mark.req("S4.5", "I8")
def test_what_the_stop_has_filled_is_not_sold_again() -> None:
    walk = triggered()
    assert walk.is_proven_over(stop_key(), filled=1) == (Send(limit_order(quantity=1)),)


@pytest.mark.req("S4.5")
def test_a_stop_that_fills_completely_is_the_exit() -> None:
    walk = triggered()
    assert walk.ends(stop_key(), filled=2) == ()
    assert walk.ladder.is_done
    assert waiting_for(walk.ladder) is Waiting.NOTHING


def test_without_a_stop_the_limit_goes_at_once() -> None:
    assert triggered(stops=()).commands == (Send(limit_order()),)


def test_two_stops_are_cancelled_in_one_turn_and_both_are_proven_first() -> None:
    second = replace(resting_stop(START, 1), intent=stop_intent(1, generation=2))
    walk = triggered(stops=(resting_stop(START, 1), second))
    assert walk.commands == (Cancel(stop_key(1)), Cancel(stop_key(2)))
    assert walk.is_proven_over(stop_key(2)) == ()
    assert walk.is_proven_over(stop_key(1)) == (Send(limit_order()),)


@pytest.mark.req("S4.5")
@pytest.mark.parametrize(
    ("armed", "market"),
    [(rules(), FAR_BEYOND), (rules(limit_seconds="0"), OPEN)],
)
def test_a_limit_without_sense_is_left_out(armed: LadderRules, market: MarketNow) -> None:
    walk = triggered(armed, market)
    assert walk.is_proven_over(stop_key()) == (Send(market_order(generation=1)),)


@pytest.mark.req("I8")
def test_a_stop_for_more_than_is_open_is_told_of_and_cancelled() -> None:
    walk = triggered(quantity=2, stops=(resting_stop(START, 3),))
    assert walk.commands == (Tell(Alarm.OVERCOMMITTED, Decimal(2)), Cancel(stop_key()))


def test_an_open_quantity_of_nothing_is_done_before_it_begins() -> None:
    walk = triggered(quantity=0, stops=())
    assert walk.commands == ()
    assert walk.ladder.is_done


@pytest.mark.req("S4.5", "I11")
def test_a_stop_whose_type_can_change_becomes_the_limit_and_then_the_last_rung() -> None:
    walk = triggered(CAN_RESHAPE)
    assert walk.commands == (Reshape(STOP_AS_LIMIT),)
    assert waiting_for(walk.ladder) is Waiting.CHANGE
    walk.now = at(0.2)
    assert walk.shows(STOP_AS_LIMIT) == ()
    assert waiting_for(walk.ladder) is Waiting.FILL
    assert walk.lives(stop_key(), filled=1, seconds=1) == ()
    assert walk.passes(2) == (AskBroker(stop_key()),)
    assert walk.lives(stop_key(), filled=1, seconds=2.1) == (Reshape(STOP_AS_MARKET),)
    assert walk.shows(STOP_AS_MARKET) == ()
    assert walk.ends(stop_key(), filled=2) == ()
    assert walk.ladder.is_done


def test_a_stop_becomes_the_last_rung_at_once_where_a_limit_makes_no_sense() -> None:
    walk = triggered(CAN_RESHAPE, FAR_BEYOND)
    assert walk.commands == (Reshape(STOP_AS_MARKET),)


def test_a_stop_in_a_group_keeps_it_when_it_is_reshaped() -> None:
    walk = triggered(CAN_RESHAPE, stops=IN_GROUP)
    assert walk.commands == (Reshape(replace(STOP_AS_LIMIT, oca=PAIR)),)


def test_a_stop_that_has_filled_in_part_is_reshaped_with_its_whole_quantity() -> None:
    stop = replace(resting_stop(START, 3), filled=Decimal(1))
    walk = triggered(CAN_RESHAPE, quantity=3, stops=(stop,))
    assert walk.commands == (Reshape(replace(STOP_AS_LIMIT, quantity=Decimal(3))),)
    assert walk.ladder.left == 2


@pytest.mark.req("S4.5")
def test_a_stop_that_refuses_to_be_reshaped_is_swapped_and_nothing_is_reshaped_again() -> None:
    walk = triggered(CAN_RESHAPE)
    assert walk.hears(ReshapeRefused(stop_key()), 0.2) == (Cancel(stop_key()),)
    assert walk.ladder.shuns_reshape
    assert walk.is_proven_over(stop_key()) == (Send(limit_order()),)
    walk.lives(exit_key())
    assert walk.lives(exit_key(), seconds=2.2) == (Cancel(exit_key()),)


@pytest.mark.req("S4.5", "L2")
def test_a_reshape_that_is_not_confirmed_in_time_is_given_up_for_a_cancel() -> None:
    walk = triggered(CAN_RESHAPE)
    assert walk.passes(1.499999) == ()
    told = Tell(Alarm.RESHAPE_NOT_CONFIRMED, Decimal(2), stop_key())
    assert walk.passes(1.5) == (told, Cancel(stop_key()))
    assert walk.is_proven_over(stop_key()) == (Send(limit_order()),)


@pytest.mark.req("S4.5")
def test_a_reshape_that_is_confirmed_after_its_cancel_was_the_limit() -> None:
    walk = triggered(CAN_RESHAPE)
    walk.passes(1.5)
    assert walk.shows(STOP_AS_LIMIT) == ()
    assert walk.is_proven_over(stop_key()) == (Send(market_order(generation=1)),)


def test_a_reshape_that_is_refused_after_its_cancel_waits_for_the_cancel() -> None:
    walk = triggered(CAN_RESHAPE)
    walk.passes(1.5)
    assert walk.hears(ReshapeRefused(stop_key())) == ()
    assert walk.passes(2.499999) == ()
    assert walk.passes(2.5) == (AskBroker(stop_key()),)


@pytest.mark.req("S4.2")
def test_what_shows_another_shape_than_the_one_asked_for_confirms_nothing() -> None:
    walk = triggered(CAN_RESHAPE)
    assert walk.shows(STOP_AS_MARKET) == ()
    assert walk.shows(replace(STOP_AS_LIMIT, quantity=Decimal(1))) == ()
    assert waiting_for(walk.ladder) is Waiting.CHANGE


@pytest.mark.parametrize(
    "stops",
    [
        (replace(resting_stop(START), standing=Standing.SENT, look_at=at(2)),),
        (resting_stop(START, 1),),
        (
            resting_stop(START, 1),
            replace(resting_stop(START, 1), intent=stop_intent(1, generation=2)),
        ),
    ],
    ids=["not acknowledged", "smaller than what is open", "one of two"],
)
def test_only_one_working_stop_for_exactly_what_is_open_is_reshaped(
    stops: tuple[Member, ...],
) -> None:
    walk = triggered(CAN_BOTH, stops=stops)
    assert walk.commands == tuple(Cancel(stop.key) for stop in stops)


@pytest.mark.req("S4.5", "I8", "I11")
def test_a_limit_joins_a_group_that_can_be_joined_and_both_end_together() -> None:
    walk = triggered(CAN_JOIN, stops=IN_GROUP)
    assert walk.commands == (Send(limit_order(oca=PAIR)),)
    assert walk.lives(exit_key(), seconds=0.1) == ()
    assert walk.ladder.committed == 2
    assert walk.lives(exit_key(), seconds=2) == (Cancel(stop_key()), Cancel(exit_key()))
    assert walk.is_proven_over(stop_key()) == ()
    assert walk.is_proven_over(exit_key(), filled=1) == (Send(market_order(quantity=1)),)


@pytest.mark.req("S4.5")
@pytest.mark.parametrize("why", RejectionClass)
def test_a_limit_that_comes_too_late_for_the_group_leaves_the_last_rung(
    why: RejectionClass,
) -> None:
    walk = triggered(CAN_JOIN, stops=IN_GROUP)
    commands = walk.refuses(exit_key(), why)
    if why is RejectionClass.HALTED:
        assert commands == (Tell(Alarm.HALTED, Decimal(2)),)
        commands = walk.market(OPEN)
    assert commands == (Cancel(stop_key()),)
    assert walk.is_proven_over(stop_key()) == (Send(market_order()),)


@pytest.mark.parametrize(
    ("armed", "market", "stops", "commands"),
    [
        (CAN_JOIN, OPEN, (resting_stop(START),), (Cancel(stop_key()),)),
        (CAN_JOIN, FAR_BEYOND, IN_GROUP, (Cancel(stop_key()),)),
        (
            CAN_JOIN,
            OPEN,
            (replace(IN_GROUP[0], standing=Standing.SENT, look_at=at(2)),),
            (Cancel(stop_key()),),
        ),
        (rules(), OPEN, IN_GROUP, (Cancel(stop_key()),)),
        (CAN_BOTH, OPEN, IN_GROUP, (Reshape(replace(STOP_AS_LIMIT, oca=PAIR)),)),
    ],
    ids=[
        "a stop without a group",
        "straight to the last rung",
        "a stop not acknowledged",
        "a profile without",
        "a profile with better",
    ],
)
def test_a_group_is_joined_only_where_nothing_is_against_it_or_better(
    armed: LadderRules,
    market: MarketNow,
    stops: tuple[Member, ...],
    commands: tuple[LadderCommand, ...],
) -> None:
    assert triggered(armed, market, stops=stops).commands == commands


@pytest.mark.req("S4.5", "S4.3")
def test_a_limit_that_the_guard_has_sent_is_adopted_with_its_own_stamp() -> None:
    limit = replace(acknowledged(limit_order(), Role.LIMIT, rules()), since=at(-1), look_at=at(1))
    walk = triggered(stops=(spent(resting_stop(START)), limit))
    assert walk.commands == ()
    assert walk.passes(0.999999) == ()
    assert walk.lives(exit_key(), seconds=1) == (Cancel(exit_key()),)


@pytest.mark.req("S4.5")
def test_an_adopted_limit_whose_time_is_over_is_asked_about_before_it_ends() -> None:
    limit = replace(acknowledged(limit_order(), Role.LIMIT, rules()), since=at(-9), look_at=at(-7))
    walk = triggered(stops=(spent(resting_stop(START)), limit))
    assert walk.commands == (AskBroker(exit_key()),)
    assert walk.lives(exit_key(), seconds=0.05) == (Cancel(exit_key()),)


def test_an_adopted_limit_is_not_sent_twice() -> None:
    limit = spent(acknowledged(limit_order(), Role.LIMIT, rules()))
    walk = triggered(stops=(spent(resting_stop(START)), limit))
    assert walk.commands == (Send(market_order()),)


def test_what_the_broker_has_stamped_last_is_its_last_answer() -> None:
    assert triggered(stops=()).ladder.answered_at == START
    assert triggered().ladder.answered_at == resting_stop(START).since
