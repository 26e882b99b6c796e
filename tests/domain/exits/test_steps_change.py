"""What changes on the way: the tranche is resized, a fill is told late, an order comes back."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.exits.events import Alarm, AskBroker, Cancel, ReadFills, Reshape, Send, Tell
from backstay.domain.exits.ladder import Waiting, due, waiting_for
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Role
from backstay.domain.profile import BrokerProfile
from tests.domain.exits.armed import (
    as_modified,
    exit_key,
    limit_order,
    market_order,
    resting_stop,
    rules,
    stop_again,
    stop_intent,
    stop_key,
)
from tests.domain.exits.graph import CLOSED, EARLY, HALTED
from tests.domain.exits.walking import (
    acknowledged,
    at,
    on_last,
    on_limit,
    spent,
    triggered,
)
from tests.domain.exits.world import OPEN, START

FIRST, SECOND = exit_key(1), exit_key(2)
ONE, TWO = Decimal(1), Decimal(2)
FOLLOWING = limit_order("188.95", generation=2)


def overcommitted(left: int) -> Tell:
    return Tell(Alarm.OVERCOMMITTED, Decimal(left))


@pytest.mark.req("X.2", "I8")
def test_a_tranche_made_smaller_under_a_live_exit_cancels_it_and_exits_what_is_left() -> None:
    walk = on_limit()
    assert walk.resizes(1) == (overcommitted(1), Cancel(FIRST))
    assert walk.resizes(1) == ()
    assert walk.is_proven_over(FIRST) == (Send(market_order(1)),)


@pytest.mark.req("X.2", "I8")
def test_a_tranche_closed_by_hand_cancels_everything_and_is_done_when_all_is_read() -> None:
    walk = on_limit()
    assert walk.resizes(0) == (Cancel(FIRST),)
    assert waiting_for(walk.ladder) is Waiting.PROOF
    assert walk.ends(FIRST) == (ReadFills(FIRST),)
    assert waiting_for(walk.ladder) is Waiting.FILLS
    assert not walk.ladder.is_done
    assert walk.has_filled(FIRST, 0) == ()
    assert walk.ladder.is_done


def test_what_waited_for_a_pause_waits_for_nothing_once_nothing_is_left() -> None:
    walk = on_last(market_order())
    walk.ladder = replace(walk.ladder, retry_at=at(4))
    walk.ends(SECOND, filled=2)
    assert due(walk.ladder) is None


@pytest.mark.req("I8")
def test_an_overcommitted_ladder_waits_for_every_cancel_also_in_a_shut_market() -> None:
    walk = triggered(market=CLOSED)
    assert walk.resizes(1) == (overcommitted(1), Cancel(stop_key()))
    assert walk.is_proven_over(stop_key()) == (Send(stop_again(1)),)


@pytest.mark.req("I8")
@pytest.mark.parametrize("quantity", [2, 3])
def test_a_tranche_made_larger_under_a_market_order_gets_another_for_the_rest(
    quantity: int,
) -> None:
    walk = on_last(market_order())
    assert walk.resizes(quantity) == ()
    rest = (Send(market_order(1, 3)),) if quantity == 3 else ()
    assert walk.ends(SECOND, filled=2) == rest


@pytest.mark.req("I8")
def test_a_tranche_made_larger_under_a_limit_ends_with_a_last_rung_for_all_of_it() -> None:
    walk = on_limit()
    assert walk.resizes(3) == ()
    assert walk.lives(FIRST, filled=1, seconds=2) == (Cancel(FIRST),)
    assert walk.is_proven_over(FIRST, filled=1) == (Send(market_order(2)),)


@pytest.mark.req("I8")
def test_a_limit_that_follows_takes_in_what_was_added() -> None:
    walk = on_last(FOLLOWING, market=EARLY)
    assert walk.resizes(3) == ()
    larger = replace(FOLLOWING, quantity=Decimal(3))
    assert walk.passes(2) == (Reshape(larger),)
    assert walk.ladder.committed == 3


@pytest.mark.req("I8")
def test_a_growing_order_counts_in_full_before_its_growth_is_confirmed() -> None:
    walk = on_last(FOLLOWING, market=EARLY)
    walk.resizes(3)
    walk.passes(2)
    assert walk.resizes(2) == (overcommitted(2), Cancel(SECOND))
    assert walk.ends(SECOND, filled=2) == (ReadFills(SECOND),)


@pytest.mark.req("I8")
def test_a_limit_whose_type_can_change_takes_in_what_was_added() -> None:
    armed = rules(profile=BrokerProfile(order_type_can_be_modified=True))
    walk = on_limit(armed)
    walk.resizes(3)
    grown = as_modified(market_order(3), limit_order())
    assert walk.lives(FIRST, seconds=2) == (Reshape(grown),)


@pytest.mark.req("I8")
def test_a_tranche_that_is_done_and_grows_goes_on() -> None:
    walk = on_last(market_order())
    walk.ends(SECOND, filled=2)
    assert walk.ladder.is_done
    assert walk.resizes(3) == (Send(market_order(1, 3)),)


@pytest.mark.req("I11", "X.1")
@pytest.mark.parametrize("shut", [CLOSED, HALTED])
def test_in_a_shut_market_what_was_added_gets_a_stop_of_its_own(shut: MarketNow) -> None:
    walk = triggered(market=shut)
    assert walk.resizes(3) == (Send(stop_again(1)),)
    assert walk.resizes(3) == ()
    assert walk.lives(stop_key(2)) == ()
    assert walk.market(OPEN) == (Cancel(stop_key(1)), Cancel(stop_key(2)))


@pytest.mark.req("I8", "X.1")
def test_a_stop_for_what_was_added_waits_until_every_fill_is_known() -> None:
    first = resting_stop(START, 1)
    second = replace(first, intent=stop_intent(1, generation=2))
    walk = triggered(market=CLOSED, stops=(first, second))
    assert walk.ends(stop_key(2)) == (ReadFills(stop_key(2)),)
    assert walk.passes(1) == ()
    assert walk.has_filled(stop_key(2), 0) == (Send(stop_again(1, generation=3)),)


@pytest.mark.req("L2", "S2.6")
def test_a_refused_stop_for_what_was_added_is_told_of_and_tried_again_after_a_pause() -> None:
    walk = triggered(market=CLOSED)
    walk.resizes(3)
    told = Tell(Alarm.UNPROTECTED, Decimal(3), stop_key(2))
    assert walk.refuses(stop_key(2)) == (told,)
    assert walk.passes(4.999999) == ()
    assert walk.passes(5) == (Send(stop_again(1, generation=3)),)


@pytest.mark.req("L2")
def test_when_no_stop_is_left_for_what_was_added_a_person_is_told() -> None:
    stop = acknowledged(stop_again(generation=100), Role.SHIELD, rules())
    walk = triggered(market=CLOSED, stops=(replace(stop, look_at=None),))
    assert walk.resizes(3) == (Tell(Alarm.UNPROTECTED, Decimal(3)),)
    assert walk.resizes(3) == ()


@pytest.mark.req("X.1")
def test_behind_a_refused_exit_what_was_added_gets_a_stop_without_ending_the_pause() -> None:
    limit = acknowledged(limit_order(), Role.LIMIT, rules())
    walk = triggered(stops=(spent(resting_stop(START)), spent(limit)))
    walk.refuses(SECOND)
    walk.lives(stop_key(2))
    assert walk.resizes(3) == (Send(stop_again(1, generation=3)),)
    walk.lives(stop_key(3))
    assert due(walk.ladder) == at(5)
    assert walk.passes(5) == (Cancel(stop_key(2)), Cancel(stop_key(3)))


@pytest.mark.req("X.1")
def test_what_is_added_to_a_frozen_trade_gets_a_stop() -> None:
    spent_exit = spent(acknowledged(market_order(generation=10), Role.LAST, rules()))
    walk = triggered(stops=(resting_stop(START), spent_exit))
    assert walk.commands == (Tell(Alarm.FROZEN, TWO),)
    assert walk.resizes(3) == (Send(stop_again(1)),)


@pytest.mark.req("I3", "I8", "S1.6")
def test_a_fill_that_was_told_too_late_ends_what_lives_and_a_person_is_told() -> None:
    walk = on_limit()
    assert walk.ends(stop_key(), filled=1) == (overcommitted(1), Cancel(FIRST))
    assert walk.ends(FIRST, filled=2) == (Tell(Alarm.OVERFILLED, ONE),)
    assert walk.ladder.left == -1
    assert walk.ladder.is_done
    assert waiting_for(walk.ladder) is Waiting.NOTHING


@pytest.mark.req("I3", "I8")
def test_a_late_fill_that_leaves_nothing_open_cancels_what_lives() -> None:
    walk = on_limit()
    assert walk.ends(stop_key(), filled=2) == (Cancel(FIRST),)
    assert walk.ends(FIRST, filled=1) == (Tell(Alarm.OVERFILLED, ONE), ReadFills(FIRST))
    assert walk.has_filled(FIRST, 1) == ()
    assert walk.ladder.is_done


@pytest.mark.req("I8", "S4.5")
def test_an_order_that_comes_back_from_the_dead_is_cancelled_with_what_followed_it() -> None:
    walk = on_limit()
    assert walk.lives(stop_key()) == (overcommitted(2), Cancel(stop_key()), Cancel(FIRST))
    assert walk.is_proven_over(stop_key()) == ()
    assert walk.is_proven_over(FIRST) == (Send(market_order()),)


@pytest.mark.req("S4.5")
def test_a_limit_that_comes_back_before_its_deadline_keeps_the_rest_of_its_time() -> None:
    walk = on_limit()
    walk.ends(FIRST, seconds=1)
    assert walk.lives(FIRST, seconds=1.1) == (AskBroker(FIRST),)
    assert walk.passes(1.999999) == ()
    assert walk.lives(FIRST, seconds=2) == (Cancel(FIRST),)


@pytest.mark.req("S4.5")
def test_a_limit_that_comes_back_and_is_not_heard_of_again_is_told_of_a_second_after() -> None:
    walk = on_limit()
    walk.ends(FIRST, seconds=1)
    walk.lives(FIRST, seconds=1.1)
    assert walk.passes(2.1) == (AskBroker(FIRST),)
    assert walk.passes(3.099999) == ()
    told = Tell(Alarm.NOT_ANSWERED, TWO, FIRST)
    assert walk.passes(3.1) == (told, AskBroker(FIRST))


@pytest.mark.req("S4.5")
def test_a_refused_order_that_is_alive_after_all_is_an_exit_again() -> None:
    walk = triggered(stops=())
    walk.refuses(FIRST)
    assert walk.ladder.live[-1].key == SECOND
    assert walk.lives(FIRST) == (
        overcommitted(2),
        Cancel(FIRST),
        Cancel(SECOND),
    )


@pytest.mark.req("S4.2")
def test_a_correction_that_takes_a_fill_back_opens_the_exit_again() -> None:
    walk = on_last(market_order())
    walk.ends(SECOND, filled=2)
    assert walk.ends(SECOND, filled=1) == (ReadFills(SECOND),)
    assert walk.has_filled(SECOND, 1) == (Send(market_order(1, 3)),)
