"""When the exit can't go: the stop goes back, the ladder waits, and a person is told."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.exits.events import (
    Alarm,
    AskBroker,
    Cancel,
    ReadFills,
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
    exit_key,
    limit_order,
    market_order,
    resting_stop,
    rules,
    stop_again,
    stop_key,
)
from tests.domain.exits.graph import CLOSED, EARLY, HALTED
from tests.domain.exits.walking import (
    Walk,
    acknowledged,
    at,
    on_last,
    on_limit,
    spent,
    triggered,
)
from tests.domain.exits.world import OPEN, START

FIRST, SECOND = exit_key(1), exit_key(2)
TWO = Decimal(2)
UNPROTECTED = Tell(Alarm.UNPROTECTED, TWO, stop_key(2))
FROZEN = Tell(Alarm.FROZEN, TWO)
TOLD_OF_HALT = Tell(Alarm.HALTED, TWO)
TOLD_OF_CLOSE = Tell(Alarm.MARKET_CLOSED, TWO)
EXIT_REFUSED = Tell(Alarm.EXIT_REFUSED, TWO, SECOND)
UNMENDABLE = (RejectionClass.MARGIN, RejectionClass.INVALID_PRICE, RejectionClass.OTHER)


def last_sent(market: MarketNow = OPEN, *, stop_generation: int = 2) -> Walk:
    """The last rung was just sent, and a stop that goes back has this generation."""
    armed = rules()
    armed = replace(armed, shield=replace(armed.shield, key=stop_key(stop_generation)))
    limit = acknowledged(limit_order(), Role.LIMIT, armed)
    return triggered(armed, market, stops=(spent(resting_stop(START)), spent(limit)))


def refused_for_now() -> Walk:
    """The last rung was refused at the trigger, and the stop was sent again."""
    walk = last_sent()
    walk.refuses(SECOND)
    return walk


def frozen() -> Walk:
    """The tenth exit was the last."""
    walk = on_last(market_order(generation=10))
    assert walk.ends(exit_key(10)) == (ReadFills(exit_key(10)),)
    return walk


@pytest.mark.req("S4.5", "S3.4", "I11")
@pytest.mark.parametrize("why", UNMENDABLE)
def test_a_refused_last_rung_brings_the_stop_back_and_is_tried_again_after_five_seconds(
    why: RejectionClass,
) -> None:
    walk = last_sent()
    assert walk.refuses(SECOND, why) == (EXIT_REFUSED, Send(stop_again()))
    assert walk.lives(stop_key(2), seconds=0.1) == ()
    assert waiting_for(walk.ladder) is Waiting.RETRY
    assert due(walk.ladder) == at(5)
    assert walk.passes(4.999999) == ()
    assert walk.passes(5) == (Cancel(stop_key(2)),)
    assert walk.is_proven_over(stop_key(2)) == (Send(market_order(2, 3)),)


@pytest.mark.req("S4.5", "S3.4", "I11")
def test_a_limit_that_is_refused_for_the_hour_brings_the_stop_back() -> None:
    walk = last_sent(EARLY)
    refused = RejectionClass.MARKET_CLOSED
    assert walk.refuses(SECOND, refused) == (EXIT_REFUSED, Send(stop_again()))
    assert not walk.ladder.shuns_market


@pytest.mark.req("L2")
def test_each_refused_exit_is_told_of() -> None:
    walk = refused_for_now()
    walk.is_proven_over(stop_key(2))
    told = Tell(Alarm.EXIT_REFUSED, TWO, exit_key(3))
    assert walk.refuses(exit_key(3)) == (told, Send(stop_again(generation=3)))


@pytest.mark.req("S4.5", "I11")
def test_a_stop_that_dies_while_the_exit_waits_is_followed_by_the_exit_at_once() -> None:
    walk = refused_for_now()
    walk.lives(stop_key(2))
    assert walk.ends(stop_key(2), filled=1) == (ReadFills(stop_key(2)),)
    assert walk.has_filled(stop_key(2), 1) == (Send(market_order(1, 3)),)
    assert walk.ladder.retry_at is None


@pytest.mark.req("L2")
def test_a_pause_that_is_over_is_not_waited_for_while_fills_are_missing() -> None:
    walk = refused_for_now()
    walk.lives(stop_key(2))
    walk.ends(stop_key(2), seconds=4.5)
    assert due(walk.ladder) == at(5)
    assert walk.passes(5) == ()
    assert due(walk.ladder) == at(6.5)


@pytest.mark.req("S4.5", "L2")
def test_a_refused_stop_is_told_of_and_after_five_seconds_the_exit_goes_again() -> None:
    walk = refused_for_now()
    walk.now = at(0.1)
    assert walk.refuses(stop_key(2)) == (UNPROTECTED,)
    assert waiting_for(walk.ladder) is Waiting.RETRY
    assert due(walk.ladder) == at(5.1)
    assert walk.passes(5.099999) == ()
    assert walk.passes(5.1) == (Send(market_order(2, 3)),)


@pytest.mark.req("S3.4")
def test_a_broker_that_says_halted_is_not_pressed_when_quotes_go_on() -> None:
    walk = last_sent()
    halted = RejectionClass.HALTED
    assert walk.refuses(SECOND, halted) == (TOLD_OF_HALT, Send(stop_again()))
    assert walk.ladder.market == replace(OPEN, halted=True)
    walk.lives(stop_key(2))
    assert walk.market(OPEN) == ()
    assert walk.passes(4.999999) == ()
    assert walk.passes(5) == (Cancel(stop_key(2)),)


@pytest.mark.req("S3.4")
def test_a_reason_counts_also_when_it_is_heard_after_the_end() -> None:
    walk = last_sent()
    walk.lives(SECOND)
    assert walk.ends(SECOND) == (ReadFills(SECOND),)
    assert walk.refuses(SECOND) == ()
    assert walk.has_filled(SECOND, 0) == (EXIT_REFUSED, Send(stop_again()))


@pytest.mark.req("S3.4")
def test_a_refusal_that_was_heard_teaches_nothing_when_it_is_heard_again() -> None:
    walk = last_sent()
    walk.refuses(SECOND, RejectionClass.HALTED)
    walk.market(OPEN)
    before = walk.ladder
    assert walk.refuses(SECOND, RejectionClass.HALTED) == ()
    assert walk.ladder == before


@pytest.mark.req("S4.5", "L2")
def test_after_ten_exits_the_stop_goes_back_and_a_person_decides() -> None:
    walk = frozen()
    assert walk.has_filled(exit_key(10), 0) == (FROZEN, Send(stop_again()))
    assert walk.lives(stop_key(2)) == ()
    assert waiting_for(walk.ladder) is Waiting.PERSON
    assert due(walk.ladder) is None
    assert walk.passes(600) == ()


@pytest.mark.req("S4.5")
def test_the_tenth_exit_still_goes() -> None:
    walk = on_last(market_order(generation=9))
    walk.ends(exit_key(9))
    assert walk.has_filled(exit_key(9), 0) == (Send(market_order(2, 10)),)


@pytest.mark.req("L2")
def test_a_frozen_trade_tries_its_stop_again_every_five_seconds() -> None:
    walk = frozen()
    walk.has_filled(exit_key(10), 0)
    assert walk.refuses(stop_key(2)) == (UNPROTECTED,)
    assert walk.passes(4.999999) == ()
    assert walk.passes(5) == (Send(stop_again(generation=3)),)


@pytest.mark.req("L2")
@pytest.mark.parametrize("market", [OPEN, CLOSED])
def test_after_a_hundred_stops_a_frozen_trade_only_tells(market: MarketNow) -> None:
    limit = acknowledged(limit_order(generation=10), Role.LIMIT, rules())
    stop = acknowledged(stop_again(generation=100), Role.SHIELD, rules())
    walk = triggered(market=market, stops=(spent(limit), spent(stop)))
    first = TOLD_OF_CLOSE if market is CLOSED else FROZEN
    assert walk.commands == (first, Tell(Alarm.UNPROTECTED, TWO))
    assert walk.passes(600) == ()
    assert waiting_for(walk.ladder) is (Waiting.MARKET if market is CLOSED else Waiting.PERSON)


@pytest.mark.req("L2")
def test_after_a_hundred_stops_a_refused_exit_is_tried_again_at_once() -> None:
    walk = last_sent(stop_generation=101)
    assert walk.refuses(SECOND) == (EXIT_REFUSED, Send(market_order(2, 3)))


@pytest.mark.req("L2")
def test_the_hundredth_stop_still_goes() -> None:
    walk = last_sent(stop_generation=100)
    assert walk.refuses(SECOND) == (EXIT_REFUSED, Send(stop_again(generation=100)))


@pytest.mark.req("S4.3", "L2")
def test_a_stop_of_which_nothing_is_heard_is_told_of_after_two_seconds() -> None:
    walk = refused_for_now()
    assert walk.passes(1.999999) == ()
    told = Tell(Alarm.NOT_ANSWERED, TWO, stop_key(2))
    assert walk.passes(2) == (told, AskBroker(stop_key(2)))
    assert walk.passes(4) == ()
    assert walk.hears(Unanswered(stop_key(2))) == ()


@pytest.mark.req("S4.5", "I11")
@pytest.mark.parametrize(("shut", "told"), [(HALTED, TOLD_OF_HALT), (CLOSED, TOLD_OF_CLOSE)])
def test_in_a_shut_market_the_stop_stays_and_the_exit_goes_when_it_opens(
    shut: MarketNow, told: Tell
) -> None:
    walk = triggered(market=shut)
    assert walk.commands == (told,)
    assert waiting_for(walk.ladder) is Waiting.MARKET
    assert due(walk.ladder) is None
    assert walk.passes(3600) == ()
    assert walk.market(OPEN) == (Cancel(stop_key()),)


@pytest.mark.req("S4.5", "I11")
@pytest.mark.parametrize(("shut", "told"), [(HALTED, TOLD_OF_HALT), (CLOSED, TOLD_OF_CLOSE)])
def test_in_a_shut_market_what_is_open_without_an_order_gets_a_stop(
    shut: MarketNow, told: Tell
) -> None:
    walk = triggered(market=shut, stops=())
    assert walk.commands == (told, Send(stop_again()))
    assert walk.lives(stop_key(2)) == ()
    assert walk.market(EARLY) == (Cancel(stop_key(2)),)


@pytest.mark.req("L2")
def test_a_market_that_shuts_again_is_told_of_again_and_only_then() -> None:
    walk = triggered(market=HALTED)
    assert walk.market(MarketNow(MarketPhase.REGULAR, halted=True)) == ()
    assert walk.market(CLOSED) == (TOLD_OF_CLOSE,)
    assert walk.market(HALTED) == ()
    walk.market(OPEN)
    assert walk.is_proven_over(stop_key()) == (Send(limit_order()),)
    assert walk.market(HALTED) == (TOLD_OF_HALT,)


@pytest.mark.req("S4.5", "I11")
def test_a_stop_that_is_cancelled_as_the_market_shuts_goes_back_once_it_is_proven_over() -> None:
    walk = triggered()
    assert walk.market(HALTED) == (TOLD_OF_HALT,)
    assert walk.ends(stop_key(), seconds=0.5) == (ReadFills(stop_key()),)
    assert walk.has_filled(stop_key(), 0) == (Send(stop_again()),)


def test_a_cancel_is_pursued_also_in_a_shut_market() -> None:
    walk = triggered()
    walk.market(HALTED)
    assert walk.passes(1) == (AskBroker(stop_key()),)


@pytest.mark.req("L2")
def test_a_stop_that_is_refused_in_a_shut_market_waits_for_the_next_event_after_its_pause() -> None:
    walk = triggered(market=CLOSED, stops=())
    assert walk.refuses(stop_key(2)) == (UNPROTECTED,)
    assert due(walk.ladder) is None
    assert walk.passes(4.999999) == ()
    assert walk.passes(5) == (Send(stop_again(generation=3)),)


def test_a_limit_rests_through_a_halt_beside_nothing_else() -> None:
    walk = on_limit()
    assert walk.market(HALTED) == (TOLD_OF_HALT,)
    assert waiting_for(walk.ladder) is Waiting.FILL
    assert walk.market(OPEN) == ()
