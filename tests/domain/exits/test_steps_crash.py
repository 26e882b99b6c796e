"""After a crash: what is found without a live exit is protected before the exit goes on."""

from decimal import Decimal

import pytest

from backstay.domain.exits.events import (
    Absent,
    Alarm,
    AskBroker,
    Cancel,
    CancelRefused,
    FillsRead,
    ReadFills,
    Reshape,
    Seen,
    Send,
    Tell,
    TimePassed,
)
from backstay.domain.exits.ladder import Waiting, waiting_for
from backstay.domain.exits.steps import decide, resume
from backstay.domain.profile import BrokerProfile
from tests.domain.exits.armed import (
    as_modified,
    exit_key,
    market_order,
    rules,
    stop_again,
    stop_key,
)
from tests.domain.exits.graph import CLOSED
from tests.domain.exits.walking import Walk, at, on_limit, triggered

FIRST = exit_key(1)
TWO = Decimal(2)
REPROTECTED = Tell(Alarm.REPROTECTED, TWO)


def crashed_in_the_gap() -> Walk:
    """The stop was proven over and the limit was on its way: the broker never had it."""
    can_reshape = rules(profile=BrokerProfile(order_type_can_be_modified=True))
    walk = triggered(can_reshape, stops=())
    walk.commands = walk.resumes(Absent(FIRST, at(1)), 1)
    return walk


@pytest.mark.req("S4.5", "S4.3", "X.1")
def test_a_limit_that_never_came_leaves_a_gap_that_the_stop_fills_first() -> None:
    walk = crashed_in_the_gap()
    assert walk.commands == (REPROTECTED, Send(stop_again()))
    assert waiting_for(walk.ladder) is Waiting.RETRY


@pytest.mark.req("S4.5", "I11")
def test_the_exit_goes_on_when_the_stop_is_acknowledged_and_not_before() -> None:
    walk = crashed_in_the_gap()
    assert walk.passes(1.5) == ()
    assert walk.hears(Seen(FIRST, over=True, filled=Decimal(0), revision=9, at=at(1.6))) == ()
    last = as_modified(market_order(), stop_again())
    assert walk.lives(stop_key(2), seconds=1.7) == (Reshape(last),)
    assert walk.ladder.protects_first is False


@pytest.mark.req("L2")
def test_a_stop_that_is_not_acknowledged_is_asked_about_and_the_exit_waits() -> None:
    walk = crashed_in_the_gap()
    told = Tell(Alarm.NOT_ANSWERED, TWO, stop_key(2))
    assert walk.passes(2.999999) == ()
    assert walk.passes(3) == (told, AskBroker(stop_key(2)))
    assert walk.passes(8) == (AskBroker(stop_key(2)),)
    assert walk.hears(Absent(stop_key(2), at(8.1))) == (Send(stop_again(generation=3)),)


@pytest.mark.req("L2")
def test_where_the_stop_is_refused_the_exit_goes_after_the_pause() -> None:
    walk = crashed_in_the_gap()
    assert walk.refuses(stop_key(2)) == (Tell(Alarm.UNPROTECTED, TWO, stop_key(2)),)
    assert walk.ladder.protects_first is False
    assert walk.passes(6) == (Send(market_order()),)


@pytest.mark.req("S4.5", "S0.1")
def test_an_exit_that_is_found_alive_simply_goes_on() -> None:
    walk = on_limit()
    alive = Seen(FIRST, over=False, filled=Decimal(0), revision=2, at=at(1))
    assert walk.resumes(TimePassed(), 0.9) == ()
    assert walk.hears(alive, 1) == ()
    assert walk.ladder.protects_first is False
    assert walk.lives(FIRST, seconds=2) == (Cancel(FIRST),)
    assert walk.is_proven_over(FIRST) == (Send(market_order()),)


@pytest.mark.req("S4.5", "S0.1")
def test_an_exit_that_is_shown_alive_when_it_is_taken_up_goes_on_as_well() -> None:
    walk = on_limit()
    alive = Seen(FIRST, over=False, filled=Decimal(0), revision=2, at=at(1))
    ladder, commands = decide(
        resume(walk.ladder, TimePassed(), at(1), (alive,)), TimePassed(), at(1)
    )
    assert commands == ()
    assert ladder.protects_first is False
    assert ladder.answered_at == at(1)


@pytest.mark.req("S4.2")
def test_old_news_of_life_proves_no_life_after_the_crash() -> None:
    walk = on_limit()
    walk.resumes(TimePassed(), 0.9)
    stale = Seen(FIRST, over=False, filled=Decimal(0), revision=1, at=at(0.1))
    assert walk.hears(stale, 1) == ()
    assert walk.ladder.protects_first


@pytest.mark.req("S4.5", "S0.1")
def test_an_exit_that_is_found_dead_is_read_and_then_the_stop_goes_first() -> None:
    walk = on_limit()
    over = Seen(FIRST, over=True, filled=Decimal(1), revision=2, at=at(60))
    assert walk.resumes(over, 60) == (ReadFills(FIRST),)
    told = Tell(Alarm.REPROTECTED, Decimal(1))
    read = FillsRead(FIRST, Decimal(1), 2, at(60))
    assert walk.hears(read) == (told, Send(stop_again(1)))
    assert walk.lives(stop_key(2)) == (Cancel(stop_key(2)),)
    assert walk.is_proven_over(stop_key(2)) == (Send(market_order(1)),)


def test_an_exit_that_is_found_filled_needs_nothing() -> None:
    walk = on_limit()
    over = Seen(FIRST, over=True, filled=Decimal(2), revision=2, at=at(60))
    assert walk.resumes(over, 60) == ()
    assert walk.ladder.is_done


@pytest.mark.req("S4.5")
def test_a_deadline_that_passed_during_the_crash_asks_the_broker_first() -> None:
    walk = on_limit()
    assert walk.resumes(TimePassed(), 60) == (AskBroker(FIRST),)


@pytest.mark.req("S4.5")
def test_a_cancel_that_was_under_way_is_pursued() -> None:
    walk = triggered()
    assert walk.resumes(TimePassed(), 60) == (AskBroker(stop_key()),)
    assert walk.is_proven_over(stop_key()) == (REPROTECTED, Send(stop_again()))


def test_a_refused_cancel_may_be_what_is_heard_first() -> None:
    walk = triggered()
    assert walk.resumes(CancelRefused(stop_key()), 0.5) == (AskBroker(stop_key()),)


@pytest.mark.req("S4.5", "I11")
def test_in_a_shut_market_the_stop_goes_back_and_the_exit_when_it_opens() -> None:
    walk = triggered(stops=())
    walk.market(CLOSED)
    assert walk.resumes(Absent(FIRST, at(1)), 1) == (Send(stop_again()),)
    assert walk.lives(stop_key(2)) == ()
    assert walk.ladder.protects_first is False


def test_a_limit_that_was_sent_anew_after_the_crash_protects_first_no_more() -> None:
    walk = on_limit()
    walk.resumes(TimePassed(), 1)
    walk.ends(FIRST, seconds=1.1)
    walk.has_filled(FIRST, 0)
    walk.refuses(stop_key(2))
    assert walk.passes(6.1) == (Send(market_order()),)
    assert walk.ends(exit_key(2)) == (ReadFills(exit_key(2)),)
    assert walk.has_filled(exit_key(2), 0) == (Send(market_order(generation=3)),)
