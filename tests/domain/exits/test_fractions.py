"""A split has left a part of a share: orders are for whole ones, and the part is for a person."""

from decimal import Decimal

import pytest

from backstay.domain.exits.events import Alarm, Cancel, Reshape, Resized, Send, Tell
from backstay.domain.exits.ladder import Waiting, due, waiting_for
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, Role
from backstay.domain.exits.rules import LadderRules
from backstay.domain.exits.steps import begin
from backstay.domain.profile import OPTIMISTIC
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
from tests.domain.exits.graph import EARLY, HALTED
from tests.domain.exits.walking import Walk, acknowledged
from tests.domain.exits.world import OPEN, START

HALF = Decimal("0.5")
TOLD = Tell(Alarm.FRACTION, HALF)
pytestmark = pytest.mark.req("X.10", "S4.5")


def leaving(
    quantity: str,
    *members: Member,
    armed: LadderRules | None = None,
    market: MarketNow = OPEN,
) -> Walk:
    """So much is to leave, over these orders."""
    return Walk(begin(armed or rules(), Decimal(quantity), members, market, START))


@pytest.mark.req("L2")
def test_the_whole_share_leaves_and_a_person_is_told_of_the_half_once() -> None:
    walk = leaving("1.5", resting_stop(START, 1))
    assert walk.commands == (Cancel(stop_key()),)
    assert walk.is_proven_over(stop_key()) == (Send(limit_order(quantity=1)),)
    assert walk.ends(exit_key(), filled=1) == (TOLD,)
    assert waiting_for(walk.ladder) is Waiting.PERSON
    assert walk.ladder.is_left_to_a_person
    assert due(walk.ladder) is None
    assert walk.market(HALTED) == walk.market(OPEN) == walk.passes(1000) == ()
    assert waiting_for(walk.ladder) is Waiting.PERSON
    assert not walk.ladder.is_done


def test_it_is_done_once_somebody_has_closed_the_half() -> None:
    walk = leaving("1.5")
    assert walk.commands == (Send(limit_order(quantity=1)),)
    assert walk.ends(exit_key(), filled=1) == (TOLD,)
    assert walk.resizes(1) == ()
    assert walk.ladder.is_done


def test_a_share_that_is_there_again_leaves() -> None:
    walk = leaving("0.5")
    assert walk.commands == (TOLD,)
    assert walk.resizes(1) == (Send(limit_order(quantity=1)),)


def test_the_half_is_for_a_person_only_once_the_fills_are_known() -> None:
    walk = leaving("2.5")
    assert walk.commands == (Send(limit_order(quantity=2)),)
    assert walk.ends(exit_key(), filled=1)
    assert walk.has_filled(exit_key(), 1) == (Send(market_order(quantity=1)),)
    assert walk.lives(exit_key(2), filled=1) == (Cancel(exit_key(2)),)
    assert not walk.ladder.is_left_to_a_person
    assert waiting_for(walk.ladder) is Waiting.PROOF
    assert walk.ends(exit_key(2), filled=1) == (TOLD,)


def test_what_would_close_more_than_the_half_goes_first() -> None:
    walk = leaving("0.5", resting_stop(START, 1))
    overcommitted = Tell(Alarm.OVERCOMMITTED, HALF)
    assert walk.commands == (overcommitted, Cancel(stop_key()))
    assert walk.is_proven_over(stop_key()) == (TOLD,)


@pytest.mark.parametrize(
    ("quantity", "stops", "back"), [("1.5", 0, 1), ("2.5", 1, 1), ("1.5", 1, 0), ("0.5", 0, 0)]
)
def test_while_an_exit_waits_whole_shares_get_their_stop(
    quantity: str, stops: int, back: int
) -> None:
    resting = [resting_stop(START, 1)] if stops else []
    walk = leaving(quantity, *resting, market=HALTED)
    sent = [command for command in walk.commands if isinstance(command, Send)]
    assert sent == ([Send(stop_again(back, generation=2))] if back else [])


def test_a_stop_is_made_into_the_exit_of_what_is_whole() -> None:
    armed = rules(profile=OPTIMISTIC)
    walk = leaving("1.5", resting_stop(START, 1), armed=armed)
    stop = stop_intent(1)
    limit = as_modified(limit_order(quantity=1), stop)
    assert walk.commands == (Reshape(limit),)
    assert walk.shows(limit) == ()
    assert walk.lives(stop_key(), seconds=2) == (Reshape(as_modified(market_order(1), stop)),)


def test_a_limit_that_follows_the_touch_stays_for_what_is_whole() -> None:
    armed = rules()
    last = acknowledged(limit_order("188.95", 1, generation=2), Role.LAST, armed)
    walk = leaving("1.5", last, armed=armed, market=EARLY)
    lower = MarketNow(EARLY.phase, touch=Decimal("189.85"))
    walk.market(lower)
    assert walk.passes(5) == (Reshape(limit_order("188.90", 1, generation=2)),)


def test_what_grows_again_by_parts_is_counted_in_all() -> None:
    walk = leaving("0.5")
    assert walk.hears(Resized(Decimal("0.75"))) == ()
    assert walk.hears(Resized(Decimal("1.25"))) == (Send(limit_order(quantity=1)),)
