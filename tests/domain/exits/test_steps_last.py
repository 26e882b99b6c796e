"""The last rung: a market order is waited for, a limit follows the touch and what is left."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.exits.events import (
    Absent,
    Alarm,
    AskBroker,
    Cancel,
    ReadFills,
    Reshape,
    ReshapeRefused,
    Send,
    Tell,
    Unanswered,
)
from backstay.domain.exits.ladder import Waiting, due, waiting_for
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Role
from backstay.domain.orders.outcome import RejectionClass
from backstay.domain.sessions import MarketPhase
from tests.domain.exits.armed import (
    OPTION,
    exit_key,
    limit_order,
    market_order,
    resting_stop,
    rules,
    stop_key,
)
from tests.domain.exits.graph import CLOSED, EARLY, HALTED
from tests.domain.exits.walking import Walk, at, on_last, spent, triggered
from tests.domain.exits.world import START

SECOND, THIRD = exit_key(2), exit_key(3)
FOLLOWING = limit_order("188.95", generation=2)
LOWER = limit_order("188.90", generation=2)
EARLY_LOWER = MarketNow(MarketPhase.EXTENDED, touch=Decimal("189.85"))
UNKNOWN = MarketNow(MarketPhase.UNKNOWN, touch=Decimal("189.90"))
NO_BID = MarketNow(MarketPhase.REGULAR, fair=Decimal("3.00"))
FLOOR = limit_order("1.50", generation=1, instrument=OPTION, outside=False)
NO_TOUCH = Tell(Alarm.NO_TOUCH, Decimal(2))


def following(market: MarketNow = EARLY) -> Walk:
    """A limit follows the touch since the trigger."""
    return on_last(FOLLOWING, market=market)


def option_without_bid() -> Walk:
    """An option's exit is triggered, its stop is over, and nobody bids."""
    armed = rules(instrument=OPTION, trigger="5.00", limit_seconds="0")
    return triggered(armed, NO_BID, stops=(spent(resting_stop(START, instrument=OPTION)),))


@pytest.mark.req("S4.5", "L2")
def test_a_market_order_that_rests_for_five_seconds_is_told_of_and_never_doubled() -> None:
    walk = on_last(market_order())
    assert walk.lives(SECOND, seconds=4.999999) == ()
    told = Tell(Alarm.MARKET_NOT_FILLED, Decimal(2), SECOND)
    assert walk.lives(SECOND, seconds=5) == (told, AskBroker(SECOND))
    assert walk.lives(SECOND, filled=1, seconds=9.999999) == ()
    assert walk.passes(10) == (AskBroker(SECOND),)
    assert walk.ends(SECOND, filled=2) == ()
    assert walk.ladder.is_done


@pytest.mark.req("S4.3", "L2")
def test_a_market_order_of_which_nothing_is_heard_is_told_of_after_five_seconds() -> None:
    walk = triggered(rules(limit_seconds="0"), stops=())
    assert walk.commands == (Send(market_order(generation=1)),)
    assert walk.passes(4.999999) == ()
    told = Tell(Alarm.NOT_ANSWERED, Decimal(2), exit_key())
    assert walk.passes(5) == (told, AskBroker(exit_key()))
    assert walk.passes(10) == (AskBroker(exit_key()),)


@pytest.mark.req("S4.3")
def test_a_market_order_that_nobody_answers_for_is_asked_about_at_once() -> None:
    walk = triggered(rules(limit_seconds="0"), stops=())
    told = Tell(Alarm.NOT_ANSWERED, Decimal(2), exit_key())
    assert walk.hears(Unanswered(exit_key()), 1) == (told, AskBroker(exit_key()))
    assert walk.hears(Unanswered(exit_key()), 2) == ()
    assert due(walk.ladder) == at(6)
    assert walk.hears(Absent(exit_key(), at(3))) == (Send(market_order()),)


@pytest.mark.req("S4.5", "I8")
def test_a_last_rung_that_ends_by_itself_is_followed_by_another_for_what_is_left() -> None:
    walk = on_last(market_order())
    assert walk.ends(SECOND, filled=1) == (ReadFills(SECOND),)
    assert walk.has_filled(SECOND, 1) == (Send(market_order(1, 3)),)


@pytest.mark.req("S4.5", "I8")
@pytest.mark.parametrize("market", [EARLY, UNKNOWN])
def test_a_market_order_that_would_wait_for_the_open_is_called_back(market: MarketNow) -> None:
    walk = on_last(market_order())
    assert walk.market(market) == (Cancel(SECOND),)
    last = limit_order("188.95", generation=3)
    assert walk.is_proven_over(SECOND) == (Send(last),)


@pytest.mark.req("S4.5", "I8")
@pytest.mark.parametrize(
    ("shut", "alarm", "is_called_back"),
    [
        (CLOSED, Alarm.MARKET_CLOSED, True),
        (HALTED, Alarm.HALTED, False),
        (MarketNow(MarketPhase.EXTENDED, halted=True), Alarm.HALTED, True),
        (MarketNow(MarketPhase.UNKNOWN, halted=True), Alarm.HALTED, True),
    ],
)
def test_a_market_order_outlasts_a_halt_but_no_session(
    shut: MarketNow, alarm: Alarm, is_called_back: bool
) -> None:
    walk = on_last(market_order())
    called_back = (Cancel(SECOND),) if is_called_back else ()
    assert walk.market(shut) == (Tell(alarm, Decimal(2)), *called_back)


def test_a_market_order_that_trades_is_left_alone() -> None:
    walk = on_last(market_order())
    assert walk.market(MarketNow(MarketPhase.REGULAR, touch=Decimal(100))) == ()


@pytest.mark.req("S4.5")
def test_a_limit_follows_the_touch_every_two_seconds() -> None:
    walk = following()
    assert walk.market(EARLY_LOWER) == ()
    assert walk.passes(1.999999) == ()
    assert walk.passes(2) == (Reshape(LOWER),)
    assert waiting_for(walk.ladder) is Waiting.CHANGE
    walk.now = at(2.1)
    assert walk.shows(LOWER) == ()
    assert walk.ladder.members[-1].role is Role.LAST
    assert due(walk.ladder) == at(4)


def test_a_limit_whose_touch_has_not_moved_is_left_where_it_is() -> None:
    walk = following()
    assert walk.passes(2) == ()
    assert due(walk.ladder) == at(4)
    walk.market(EARLY_LOWER)
    assert walk.passes(3.999999) == ()
    assert walk.passes(4) == (Reshape(LOWER),)


def test_a_limit_goes_on_following_when_market_orders_are_taken_again() -> None:
    walk = following()
    assert walk.market(MarketNow(MarketPhase.REGULAR, touch=Decimal("189.85"))) == ()
    assert walk.passes(2) == (Reshape(LOWER),)


@pytest.mark.req("I8")
def test_a_limit_that_follows_is_for_what_it_has_filled_and_what_is_left() -> None:
    walk = following()
    walk.market(EARLY_LOWER)
    walk.lives(SECOND, filled=1)
    assert walk.passes(2) == (Reshape(LOWER),)
    assert walk.ladder.left == 1


@pytest.mark.req("S4.5")
def test_a_limit_that_refuses_to_follow_is_cancelled_and_sent_anew() -> None:
    walk = following()
    walk.market(EARLY_LOWER)
    walk.passes(2)
    assert walk.hears(ReshapeRefused(SECOND), 2.2) == (Cancel(SECOND),)
    anew = limit_order("188.90", generation=3)
    assert walk.is_proven_over(SECOND) == (Send(anew),)


def test_a_limit_that_refuses_to_follow_rests_as_long_as_it_is_right() -> None:
    walk = following()
    walk.market(EARLY_LOWER)
    walk.passes(2)
    walk.market(EARLY)
    assert walk.hears(ReshapeRefused(SECOND), 2.2) == ()
    assert due(walk.ladder) == at(4.2)


@pytest.mark.req("S4.5", "L2")
def test_a_move_that_is_not_confirmed_in_time_is_given_up_for_a_cancel() -> None:
    walk = following()
    walk.market(EARLY_LOWER)
    walk.passes(2)
    assert walk.passes(3.499999) == ()
    told = Tell(Alarm.RESHAPE_NOT_CONFIRMED, Decimal(2), SECOND)
    assert walk.passes(3.5) == (told, Cancel(SECOND))


def test_while_a_limit_is_being_moved_it_is_not_moved_again() -> None:
    walk = following()
    walk.market(EARLY_LOWER)
    walk.passes(2)
    assert walk.market(EARLY) == ()
    assert walk.passes(3) == ()


@pytest.mark.req("S4.3", "L2")
def test_a_limit_of_which_nothing_is_heard_is_told_of_before_it_follows() -> None:
    walk = triggered(rules(limit_seconds="0"), EARLY, stops=())
    assert walk.commands == (Send(limit_order("188.95")),)
    told = Tell(Alarm.NOT_ANSWERED, Decimal(2), exit_key())
    assert walk.passes(1.999999) == ()
    assert walk.passes(2) == (told, AskBroker(exit_key()))
    assert due(walk.ladder) == at(7)


@pytest.mark.req("S4.5")
def test_an_option_that_nobody_bids_for_rests_at_a_floor_and_a_person_is_told() -> None:
    walk = option_without_bid()
    assert walk.commands == (NO_TOUCH, Send(FLOOR))
    assert walk.ladder.members[-1].role is Role.LAST


@pytest.mark.req("S4.5")
def test_an_option_follows_the_bid_as_soon_as_there_is_one_and_the_next_loss_is_told() -> None:
    walk = option_without_bid()
    assert walk.lives(exit_key()) == ()
    assert walk.passes(2) == ()
    bid = MarketNow(MarketPhase.REGULAR, touch=Decimal("4.00"))
    assert walk.market(bid) == ()
    at_bid = limit_order("3.95", instrument=OPTION, outside=False)
    assert walk.passes(4) == (Reshape(at_bid),)
    assert walk.shows(at_bid) == ()
    assert walk.market(NO_BID) == ()
    assert walk.passes(6) == (NO_TOUCH, Reshape(FLOOR))


@pytest.mark.req("S4.5")
def test_an_option_at_its_floor_is_taken_into_the_extended_hours() -> None:
    walk = option_without_bid()
    walk.lives(exit_key())
    walk.market(MarketNow(MarketPhase.EXTENDED, fair=Decimal("3.00")))
    assert walk.passes(2) == (Reshape(replace(FLOOR, outside_regular_hours=True)),)


@pytest.mark.req("S4.5")
def test_a_stock_whose_touch_is_lost_before_the_open_is_told_of_while_its_limit_rests() -> None:
    walk = triggered(rules(limit_seconds="0"), EARLY, stops=())
    walk.lives(exit_key())
    walk.market(MarketNow(MarketPhase.EXTENDED))
    assert NO_TOUCH in walk.passes(2)


def test_a_stock_that_nobody_quotes_still_takes_a_market_order() -> None:
    walk = triggered(rules(limit_seconds="0"), MarketNow(MarketPhase.REGULAR), stops=())
    assert walk.commands == (Send(market_order(generation=1)),)


def test_a_stock_that_nobody_quotes_before_the_open_rests_by_the_trigger_and_it_is_told() -> None:
    walk = triggered(rules(limit_seconds="0"), MarketNow(MarketPhase.EXTENDED), stops=())
    assert walk.commands == (NO_TOUCH, Send(limit_order("189.05")))


@pytest.mark.req("S4.5", "S3.4")
def test_a_market_order_that_is_refused_for_the_hour_is_followed_by_a_limit_at_once() -> None:
    walk = triggered(rules(limit_seconds="0"), stops=())
    refused = RejectionClass.MARKET_CLOSED
    assert walk.refuses(exit_key(), refused) == (Send(limit_order("188.95", generation=2)),)
    assert walk.ladder.shuns_market
    assert walk.ends(SECOND, filled=0) == (ReadFills(SECOND),)
    assert walk.has_filled(SECOND, 0) == (Send(limit_order("188.95", generation=3)),)


def test_news_of_an_order_that_is_not_ours_is_no_news() -> None:
    walk = following()
    before = walk.ladder
    assert walk.lives(exit_key(7), filled=1) == ()
    assert walk.hears(Unanswered(stop_key(9))) == ()
    assert walk.ladder == before
