"""What a ladder will ask for if nothing comes between, written down before it does."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.exits.events import AskBroker, Cancel, ReadFills, Send, TimePassed
from backstay.domain.exits.foresight import changes, foreseen
from backstay.domain.exits.ladder import Ladder
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Standing
from backstay.domain.exits.steps import begin, decide
from backstay.domain.profile import BrokerProfile
from backstay.domain.sessions import MarketPhase
from tests.domain.exits.armed import (
    as_modified,
    exit_key,
    market_order,
    resting_stop,
    rules,
    stop_intent,
    stop_key,
)
from tests.domain.exits.walking import on_last, on_limit, triggered
from tests.domain.exits.world import OPEN, START

CAN_RESHAPE = rules(profile=BrokerProfile(order_type_can_be_modified=True))


@pytest.mark.req("S4.5", "S4.3")
def test_a_limit_that_rests_is_cancelled_when_its_time_is_over() -> None:
    walk = on_limit()
    assert foreseen(walk.ladder) == (Cancel(exit_key(1)),)


def test_a_limit_that_is_not_acknowledged_yet_is_expected_to_be() -> None:
    ladder = on_limit().ladder
    sent = tuple(
        replace(member, standing=Standing.SENT) if member.is_live else member
        for member in ladder.members
    )
    assert foreseen(replace(ladder, members=sent)) == (Cancel(exit_key(1)),)


def test_no_new_order_is_foreseen_whatever_follows_a_cancel() -> None:
    walk = triggered()
    assert walk.commands == (Cancel(stop_key(1)),)
    assert foreseen(walk.ladder) == ()


def test_where_orders_can_change_their_type_the_stop_becomes_each_rung() -> None:
    walk = triggered(CAN_RESHAPE)
    (reshape,) = foreseen(walk.ladder)
    assert reshape.intent == as_modified(market_order(), stop_intent())  # type: ignore[union-attr]


def test_a_stop_that_has_to_be_there_first_is_expected_to_be_acknowledged() -> None:
    stop = replace(resting_stop(START, 2), standing=Standing.SENT, look_at=START)
    ladder = Ladder(rules(), Decimal(2), (stop,), OPEN, START, protects_first=True)
    assert foreseen(ladder) == (Cancel(stop_key(1)),)


def test_of_the_last_rung_nothing_is_foreseen() -> None:
    assert foreseen(on_last(market_order()).ladder) == ()


def test_of_a_market_that_is_shut_nothing_is_foreseen_but_what_is_under_way() -> None:
    shut = MarketNow(MarketPhase.REGULAR, halted=True)
    ladder, _ = begin(rules(), Decimal(2), (resting_stop(START, 2),), shut, START)
    assert foreseen(ladder) == ()


def test_what_was_foreseen_is_what_the_ladder_then_asks_for() -> None:
    walk = on_limit()
    (cancel,) = foreseen(walk.ladder)
    _, nothing = decide(walk.ladder, TimePassed(), START)
    assert nothing == ()
    walk.lives(exit_key(1), seconds=2.1)
    assert cancel in walk.commands


def test_a_limit_that_rests_in_a_halt_is_left_alone() -> None:
    walk = on_limit()
    walk.market(MarketNow(MarketPhase.REGULAR, halted=True))
    assert foreseen(walk.ladder) == ()


def test_only_what_the_broker_would_show_is_a_change() -> None:
    key = exit_key(1)
    assert [changes(each) for each in (Cancel(key), Send(market_order()))] == [True, True]
    assert [changes(each) for each in (AskBroker(key), ReadFills(key))] == [False, False]
