"""The limit's time: it ends by the broker's own clock, by a cancel that is proven."""

from decimal import Decimal

import pytest

from backstay.domain.exits.events import (
    Absent,
    Alarm,
    AskBroker,
    Cancel,
    CancelRefused,
    ReadFills,
    Reshape,
    ReshapeRefused,
    Seen,
    Send,
    Tell,
    Unanswered,
)
from backstay.domain.exits.ladder import due
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Role, Standing
from backstay.domain.exits.rules import LadderRules
from backstay.domain.orders.outcome import RejectionClass
from backstay.domain.profile import BrokerProfile
from backstay.domain.sessions import MarketPhase
from tests.domain.exits.armed import (
    as_modified,
    exit_key,
    limit_order,
    market_order,
    resting_stop,
    rules,
    stop_key,
)
from tests.domain.exits.graph import CLOSED, EARLY, HALTED, NO_BID
from tests.domain.exits.walking import Walk, acknowledged, at, on_limit, spent, triggered
from tests.domain.exits.world import OPEN, START

FIRST, SECOND = exit_key(1), exit_key(2)
CAN_RESHAPE = rules(profile=BrokerProfile(order_type_can_be_modified=True))
LIMIT_AS_MARKET = as_modified(market_order(), limit_order())
NOT_ANSWERED = Tell(Alarm.NOT_ANSWERED, Decimal(2), FIRST)
NOT_CONFIRMED = Tell(Alarm.CANCEL_NOT_CONFIRMED, Decimal(2), FIRST)


def just_sent(armed: LadderRules | None = None, market: MarketNow = OPEN) -> Walk:
    """The limit was sent at the trigger and nothing is heard of it."""
    return triggered(armed, market, stops=())


def cancelling() -> Walk:
    """The limit's time is over, and its cancel has left at 2 s."""
    walk = on_limit()
    assert walk.lives(FIRST, seconds=2) == (Cancel(FIRST),)
    return walk


@pytest.mark.req("S4.5")
def test_after_two_seconds_of_broker_time_the_limit_is_cancelled() -> None:
    walk = on_limit()
    assert due(walk.ladder) == at(2)
    assert walk.lives(FIRST, seconds=1.999999) == ()
    assert walk.lives(FIRST, seconds=2) == (Cancel(FIRST),)
    assert due(walk.ladder) == at(3)


@pytest.mark.req("S4.5")
def test_the_rules_say_how_long_the_limit_rests() -> None:
    walk = on_limit(rules(limit_seconds="0.5"))
    assert walk.lives(FIRST, seconds=0.499999) == ()
    assert walk.lives(FIRST, seconds=0.5) == (Cancel(FIRST),)


@pytest.mark.req("S4.5")
def test_a_deadline_that_only_the_own_clock_has_passed_asks_the_broker_first() -> None:
    walk = on_limit()
    assert walk.lives(FIRST, seconds=1.9) == ()
    assert walk.passes(1.999999) == ()
    assert walk.passes(2) == (AskBroker(FIRST),)
    assert walk.passes(2.05) == ()
    assert walk.lives(FIRST, seconds=2.1) == (Cancel(FIRST),)


@pytest.mark.req("S4.5")
def test_a_limit_that_has_filled_while_the_process_stood_still_is_no_reason_to_go_on() -> None:
    walk = on_limit()
    assert walk.passes(60) == (AskBroker(FIRST),)
    assert walk.ends(FIRST, filled=2, seconds=60.1) == ()
    assert walk.ladder.is_done


@pytest.mark.req("S4.5")
def test_an_answer_from_before_the_deadline_is_no_answer_however_late_it_comes() -> None:
    walk = on_limit()
    walk.passes(60)
    late = Seen(FIRST, over=False, filled=Decimal(0), revision=2, at=at(1.999999))
    assert walk.hears(late, 60.5) == ()
    assert walk.passes(60.999999) == ()
    assert walk.passes(61) == (NOT_ANSWERED, AskBroker(FIRST))


@pytest.mark.req("S4.5", "L2")
def test_a_broker_that_stays_silent_is_asked_on_and_a_person_is_told_once() -> None:
    walk = on_limit()
    assert walk.passes(2) == (AskBroker(FIRST),)
    assert walk.passes(2.999999) == ()
    assert walk.passes(3) == (NOT_ANSWERED, AskBroker(FIRST))
    assert walk.passes(7.999999) == ()
    assert walk.passes(8) == (AskBroker(FIRST),)
    assert due(walk.ladder) == at(13)


def test_an_answer_about_another_order_is_an_answer_of_the_broker() -> None:
    walk = on_limit()
    walk.passes(2)
    assert walk.ends(stop_key(), seconds=2.1) == (Cancel(FIRST),)


@pytest.mark.req("S4.5", "I8")
@pytest.mark.parametrize(("filled", "left"), [(0, 2), (1, 1)])
def test_once_the_cancel_is_proven_the_last_rung_goes_for_exactly_what_is_left(
    filled: int, left: int
) -> None:
    walk = cancelling()
    assert walk.ends(FIRST, filled, seconds=2.2) == (ReadFills(FIRST),)
    assert walk.has_filled(FIRST, filled, seconds=2.3) == (Send(market_order(left)),)


@pytest.mark.req("S4.5", "I8")
def test_a_fill_that_only_the_reading_finds_is_not_sold_again() -> None:
    walk = cancelling()
    assert walk.ends(FIRST, filled=0) == (ReadFills(FIRST),)
    assert walk.has_filled(FIRST, 1) == (Send(market_order(1)),)


@pytest.mark.req("S4.5")
def test_a_limit_that_fills_while_it_is_cancelled_ends_the_ladder() -> None:
    walk = cancelling()
    assert walk.ends(FIRST, filled=2) == ()
    assert walk.ladder.is_done


@pytest.mark.req("S4.5", "L2")
def test_a_cancel_is_asked_about_after_a_second_and_told_of_after_another_half() -> None:
    walk = cancelling()
    assert walk.passes(2.999999) == ()
    assert walk.passes(3) == (AskBroker(FIRST),)
    assert walk.passes(3.499999) == ()
    assert walk.passes(3.5) == (NOT_CONFIRMED, Cancel(FIRST), AskBroker(FIRST))
    assert walk.passes(8.499999) == ()
    assert walk.passes(8.5) == (Cancel(FIRST), AskBroker(FIRST))
    assert walk.is_proven_over(FIRST) == (Send(market_order()),)


@pytest.mark.req("S4.5", "S2.6")
def test_a_refused_cancel_is_asked_about_at_once_but_not_again_and_again() -> None:
    walk = cancelling()
    assert walk.hears(CancelRefused(FIRST), 2.1) == (AskBroker(FIRST),)
    assert walk.hears(CancelRefused(FIRST), 2.2) == ()
    assert walk.passes(2.6) == (NOT_CONFIRMED, Cancel(FIRST), AskBroker(FIRST))
    assert walk.hears(CancelRefused(FIRST), 2.7) == ()
    assert due(walk.ladder) == at(7.6)


def test_a_cancel_that_nobody_asked_for_cannot_be_refused() -> None:
    walk = on_limit()
    before = walk.ladder
    assert walk.hears(CancelRefused(FIRST), 1) == ()
    assert walk.ladder == before


@pytest.mark.req("S4.5", "L2")
def test_fills_that_are_not_read_are_asked_for_again_and_a_person_is_told_once() -> None:
    walk = cancelling()
    assert walk.ends(FIRST, seconds=2.5) == (ReadFills(FIRST),)
    assert walk.passes(4.499999) == ()
    told = Tell(Alarm.FILLS_NOT_READ, Decimal(2), FIRST)
    assert walk.passes(4.5) == (told, ReadFills(FIRST))
    assert walk.passes(6.499999) == ()
    assert walk.passes(6.5) == (ReadFills(FIRST),)
    assert walk.has_filled(FIRST, 0) == (Send(market_order()),)


@pytest.mark.req("S4.3", "L2")
def test_a_limit_of_which_nothing_is_heard_is_told_of_when_its_time_is_over() -> None:
    walk = just_sent()
    assert walk.passes(1.999999) == ()
    assert walk.passes(2) == (NOT_ANSWERED, AskBroker(FIRST))
    assert walk.passes(3) == (AskBroker(FIRST),)


@pytest.mark.req("S4.3", "L2")
def test_a_limit_of_which_nothing_is_heard_is_cancelled_once_the_broker_answers_at_all() -> None:
    walk = triggered()
    walk.is_proven_over(stop_key())
    assert walk.passes(1.9) == ()
    assert walk.ends(stop_key(), seconds=2) == (NOT_ANSWERED, Cancel(FIRST))


@pytest.mark.req("S4.3")
@pytest.mark.parametrize(
    ("seconds", "again_at"), [(0.5, 2), (1, 2), (1.5, 2.5)], ids=["early", "on time", "late"]
)
def test_a_limit_that_nobody_answers_for_is_asked_about_at_once_and_again_at_its_deadline(
    seconds: float, again_at: float
) -> None:
    walk = just_sent()
    assert walk.hears(Unanswered(FIRST), seconds) == (NOT_ANSWERED, AskBroker(FIRST))
    assert walk.hears(Unanswered(FIRST), seconds) == ()
    assert due(walk.ladder) == at(again_at)


@pytest.mark.req("S4.2")
def test_a_limit_that_works_is_not_unanswered() -> None:
    walk = on_limit()
    before = walk.ladder
    assert walk.hears(Unanswered(FIRST), 1) == ()
    assert walk.ladder == before


@pytest.mark.req("S4.3")
def test_a_limit_that_never_came_is_followed_by_the_last_rung() -> None:
    walk = just_sent()
    walk.hears(Unanswered(FIRST), 1)
    assert walk.hears(Absent(FIRST, at(1.5))) == (Send(market_order()),)


@pytest.mark.req("S3.4", "S4.5")
@pytest.mark.parametrize("why", [why for why in RejectionClass if why != RejectionClass.HALTED])
def test_a_refused_limit_is_followed_by_the_last_rung(why: RejectionClass) -> None:
    walk = just_sent()
    assert walk.refuses(FIRST, why) == (Send(market_order()),)
    assert not walk.ladder.shuns_market


@pytest.mark.req("S4.5", "I11")
def test_a_limit_that_ends_by_itself_is_followed_by_the_last_rung() -> None:
    walk = on_limit()
    assert walk.ends(FIRST, filled=1, seconds=1) == (ReadFills(FIRST),)
    assert walk.has_filled(FIRST, 1) == (Send(market_order(1)),)


@pytest.mark.req("S4.5", "I8")
def test_a_limit_whose_type_can_change_becomes_the_last_rung() -> None:
    walk = on_limit(CAN_RESHAPE)
    assert walk.lives(FIRST, filled=1, seconds=2) == (Reshape(LIMIT_AS_MARKET),)
    walk.now = at(2.3)
    assert walk.shows(LIMIT_AS_MARKET) == ()
    last = walk.ladder.members[-1]
    assert (last.intent, last.role, last.remaining) == (LIMIT_AS_MARKET, Role.LAST, Decimal(1))
    assert due(walk.ladder) == at(7)


@pytest.mark.req("S4.5")
def test_a_limit_that_refuses_to_change_is_cancelled_after_all() -> None:
    walk = on_limit(CAN_RESHAPE)
    walk.lives(FIRST, seconds=2)
    assert walk.hears(ReshapeRefused(FIRST), 2.2) == (Cancel(FIRST),)
    assert walk.hears(ReshapeRefused(FIRST), 2.3) == ()
    assert walk.is_proven_over(FIRST) == (Send(market_order()),)


@pytest.mark.req("S4.5", "L2")
def test_a_change_that_is_not_confirmed_in_time_is_given_up_for_a_cancel() -> None:
    walk = on_limit(CAN_RESHAPE)
    walk.lives(FIRST, seconds=2)
    assert walk.passes(3.499999) == ()
    told = Tell(Alarm.RESHAPE_NOT_CONFIRMED, Decimal(2), FIRST)
    assert walk.passes(3.5) == (told, Cancel(FIRST))


@pytest.mark.req("I1")
def test_a_limit_of_which_nothing_is_heard_is_not_modified_but_cancelled() -> None:
    walk = triggered(CAN_RESHAPE, stops=(spent(resting_stop(START)),))
    assert walk.ends(stop_key(), seconds=2) == (NOT_ANSWERED, Cancel(FIRST))


def test_beside_a_living_stop_a_limit_is_not_modified() -> None:
    limit = acknowledged(limit_order(quantity=1), Role.LIMIT, CAN_RESHAPE)
    walk = triggered(CAN_RESHAPE, stops=(resting_stop(START, 1), limit))
    assert walk.lives(FIRST, seconds=2) == (Cancel(stop_key()), Cancel(FIRST))


def test_outside_regular_hours_the_limit_becomes_one_that_follows_the_touch() -> None:
    walk = on_limit(CAN_RESHAPE, EARLY)
    follows = limit_order("188.95")
    assert walk.lives(FIRST, seconds=2) == (Reshape(follows),)
    assert walk.shows(follows) == ()
    assert due(walk.ladder) == at(4)


@pytest.mark.req("S4.5")
@pytest.mark.parametrize("market", [EARLY, MarketNow(MarketPhase.UNKNOWN, touch=Decimal("189.90"))])
def test_where_a_market_order_would_wait_the_last_rung_is_a_limit(market: MarketNow) -> None:
    walk = on_limit(market=market)
    walk.lives(FIRST, seconds=2)
    last = limit_order("188.95", generation=2)
    assert walk.is_proven_over(FIRST) == (Send(last),)


@pytest.mark.parametrize("shut", [HALTED, CLOSED])
def test_in_a_shut_market_the_limit_rests_and_its_time_is_over_when_it_opens(
    shut: MarketNow,
) -> None:
    walk = on_limit()
    walk.now = at(1)
    assert [type(command) for command in walk.market(shut)] == [Tell]
    assert walk.lives(FIRST, seconds=9) == ()
    assert due(walk.ladder) is None
    assert walk.market(NO_BID) == (Cancel(FIRST),)


def test_in_a_shut_market_an_unheard_limit_is_asked_about_every_five_seconds() -> None:
    walk = just_sent()
    walk.now = at(1)
    walk.market(HALTED)
    assert walk.passes(2) == (NOT_ANSWERED, AskBroker(FIRST))
    assert walk.passes(6.999999) == ()
    assert walk.passes(7) == (AskBroker(FIRST),)
    assert walk.ladder.members[-1].standing is Standing.SENT
