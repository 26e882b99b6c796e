"""The ladder as a value: what its orders amount to, what it waits for, and until when."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.domain.exits import members as take_in
from backstay.domain.exits.ladder import (
    Ladder,
    Waiting,
    due,
    edge_goes_on_at,
    waiting_for,
)
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, NewShape, Role, Standing
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.orders.intent import OcaGroup
from backstay.domain.orders.outcome import RejectionClass
from backstay.domain.profile import BrokerProfile
from tests.domain.exits.armed import (
    TRADE,
    exit_key,
    limit_order,
    market_order,
    resting_stop,
    rules,
    stop_again,
    stop_key,
)
from tests.domain.exits.graph import CLOSED, EARLY, HALTED
from tests.domain.exits.walking import acknowledged, at, spent
from tests.domain.exits.world import OPEN, START

RULES = rules()
STOP = resting_stop(START)
LIMIT = acknowledged(limit_order(), Role.LIMIT, RULES)
LAST = acknowledged(market_order(), Role.LAST, RULES)
FOLLOWING = acknowledged(limit_order(generation=2), Role.LAST, RULES)
CANCELLED = take_in.asked_to_cancel(LIMIT, START)
RESHAPED = take_in.asked_to_reshape(STOP, NewShape(limit_order(), Role.LIMIT, START))
UNREAD = replace(take_in.over(LIMIT), filled=Decimal(1))


def ladder(*members: Member, quantity: int = 2, market: MarketNow = OPEN) -> Ladder:
    return Ladder(RULES, Decimal(quantity), members, market, START)


def filled(member: Member, quantity: int) -> Member:
    return replace(member, filled=Decimal(quantity))


def in_group(member: Member, name: str) -> Member:
    return replace(member, intent=replace(member.intent, oca=OcaGroup(name, 2)))


def stop_sent(generation: int) -> Member:
    return spent(acknowledged(stop_again(generation=generation), Role.SHIELD, RULES))


def exit_sent(generation: int, refused: RejectionClass | None = None) -> Member:
    order = acknowledged(market_order(generation=generation), Role.LAST, RULES)
    return replace(spent(order), refused=refused)


@pytest.mark.parametrize(
    ("members", "left"),
    [
        ((), 2),
        ((STOP,), 2),
        ((filled(STOP, 1), filled(LIMIT, 1)), 0),
        ((UNREAD, LAST), 1),
        ((filled(LIMIT, 2), filled(LAST, 1)), -1),
    ],
)
def test_what_is_left_is_what_no_order_has_filled(members: tuple[Member, ...], left: int) -> None:
    assert ladder(*members).left == left


def test_orders_are_live_or_over_and_of_those_some_unproven() -> None:
    whole = ladder(spent(STOP), UNREAD, LAST)
    assert whole.live == (LAST,)
    assert whole.unproven == (UNREAD,)
    assert whole.newest == LAST
    assert ladder().newest is None
    assert whole.member(exit_key(2)) == LAST
    assert whole.member(exit_key(3)) is None


@pytest.mark.parametrize(
    ("members", "is_done"),
    [
        ((spent(STOP, 2),), True),
        ((spent(STOP, 1), spent(LIMIT, 2)), True),
        ((spent(STOP, 1),), False),
        ((filled(STOP, 2),), False),
        ((spent(STOP, 1), UNREAD), False),
    ],
)
def test_done_is_nothing_open_nothing_live_nothing_missing(
    members: tuple[Member, ...], is_done: bool
) -> None:
    assert ladder(*members).is_done is is_done


@pytest.mark.req("I8")
@pytest.mark.parametrize(
    ("members", "committed"),
    [
        ((), 0),
        ((STOP,), 2),
        ((filled(STOP, 1), LIMIT), 3),
        ((spent(STOP), LIMIT), 2),
        ((in_group(STOP, "a"), in_group(LIMIT, "a")), 2),
        ((in_group(STOP, "a"), filled(in_group(LIMIT, "a"), 1)), 1),
        ((filled(in_group(STOP, "a"), 1), in_group(LIMIT, "a")), 1),
        ((in_group(STOP, "a"), in_group(LIMIT, "b")), 4),
        ((in_group(STOP, "a"), in_group(LIMIT, "a"), LAST), 4),
        ((spent(in_group(STOP, "a"), 1), in_group(LIMIT, "a")), 2),
    ],
)
def test_a_group_is_committed_once_and_everything_else_in_sum(
    members: tuple[Member, ...], committed: int
) -> None:
    assert ladder(*members).committed == committed


def test_the_first_rung_is_left_with_the_first_order_that_is_no_stop() -> None:
    assert not ladder(STOP).limit_was_tried
    assert ladder(STOP, spent(LIMIT)).limit_was_tried
    assert ladder(LAST).limit_was_tried


@pytest.mark.req("I1")
@pytest.mark.parametrize(
    ("members", "next_exit", "next_stop"),
    [
        ((), 1, 2),
        ((STOP,), 1, 2),
        ((stop_sent(2), exit_sent(1)), 2, 3),
        ((exit_sent(3), exit_sent(1), stop_sent(7), stop_sent(2)), 4, 8),
    ],
)
def test_each_order_carries_the_generation_after_the_highest(
    members: tuple[Member, ...], next_exit: int, next_stop: int
) -> None:
    whole = ladder(*members)
    assert whole.next_exit_key == exit_key(next_exit)
    assert whole.next_shield_key == stop_key(next_stop)


def test_generations_start_where_the_rules_say_and_count_exits_of_every_purpose() -> None:
    adopted = replace(ladder(), rules=rules(first_generation=4))
    assert adopted.next_exit_key == exit_key(4)
    by_hand = replace(market_order(), key=IntentKey(TRADE, 0, Purpose.EXIT_MANUAL, 6))
    member = acknowledged(by_hand, Role.LAST, RULES)
    assert replace(adopted, members=(member,)).next_exit_key == exit_key(7)


def test_ten_exits_are_all_that_a_trade_may_send() -> None:
    assert not ladder(exit_sent(9)).is_frozen
    assert ladder(exit_sent(10)).is_frozen
    assert ladder(stop_sent(99)).may_send_shield
    assert not ladder(stop_sent(100)).may_send_shield


@pytest.mark.parametrize(
    ("members", "shuns_market", "was_refused"),
    [
        ((), False, False),
        ((exit_sent(1),), False, False),
        ((exit_sent(1, refused=RejectionClass.OTHER),), False, True),
        ((exit_sent(1, refused=RejectionClass.MARKET_CLOSED),), True, False),
        ((replace(spent(FOLLOWING), refused=RejectionClass.MARKET_CLOSED),), True, True),
        ((replace(spent(LIMIT), refused=RejectionClass.OTHER),), False, False),
        ((replace(spent(STOP), refused=RejectionClass.OTHER),), False, False),
        ((exit_sent(1, refused=RejectionClass.OTHER), STOP), False, False),
    ],
)
def test_only_a_refused_last_rung_that_cannot_be_mended_is_an_exit_refused(
    members: tuple[Member, ...], shuns_market: bool, was_refused: bool
) -> None:
    assert replace(ladder(*members), shuns_market=shuns_market).exit_was_refused is was_refused


@pytest.mark.parametrize(
    ("allows", "shuns", "may"),
    [(False, False, False), (True, False, True), (True, True, False), (False, True, False)],
)
def test_a_type_is_changed_where_the_profile_allows_it_and_it_was_never_refused(
    allows: bool, shuns: bool, may: bool
) -> None:
    profile = BrokerProfile(order_type_can_be_modified=allows)
    whole = replace(ladder(STOP), rules=rules(profile=profile), shuns_reshape=shuns)
    assert whole.may_reshape is may


@pytest.mark.parametrize(
    ("members", "rests"),
    [
        ((), True),
        ((STOP,), True),
        ((STOP, spent(LIMIT)), True),
        ((STOP, LIMIT), False),
        ((RESHAPED,), False),
        ((take_in.asked_to_cancel(STOP, START),), False),
    ],
)
def test_a_ladder_rests_on_stops_that_nobody_changes(
    members: tuple[Member, ...], rests: bool
) -> None:
    assert ladder(*members).rests_on_shields is rests


@pytest.mark.parametrize(
    ("protects_first", "standing", "awaits"),
    [
        (True, Standing.SENT, True),
        (True, Standing.WORKING, False),
        (True, Standing.OVER, False),
        (False, Standing.SENT, False),
    ],
)
def test_a_stop_that_has_to_be_there_first_is_awaited_until_it_works(
    protects_first: bool, standing: Standing, awaits: bool
) -> None:
    whole = ladder(replace(STOP, standing=standing))
    assert replace(whole, protects_first=protects_first).awaits_protection is awaits


@pytest.mark.parametrize(
    ("member", "in_open", "in_shut"),
    [
        (STOP, False, False),
        (LIMIT, True, False),
        (LAST, True, False),
        (CANCELLED, True, True),
        (RESHAPED, True, True),
        (replace(LIMIT, standing=Standing.SENT), True, True),
        (take_in.asked_for_fills(UNREAD, START), True, True),
    ],
)
@pytest.mark.parametrize("shut", [HALTED, CLOSED])
def test_in_a_shut_market_an_exit_that_rests_goes_on_resting(
    member: Member, in_open: bool, in_shut: bool, shut: MarketNow
) -> None:
    assert ladder(member).is_looked_after(member) is in_open
    assert ladder(member, market=shut).is_looked_after(member) is in_shut


@pytest.mark.parametrize(
    ("member", "market", "seconds", "answered", "is_due"),
    [
        (STOP, OPEN, 9, 9, False),
        (LAST, OPEN, 4.999999, 4.999999, False),
        (LAST, OPEN, 5, 0, True),
        (LAST, HALTED, 5, 5, False),
        (LIMIT, OPEN, 1.999999, 1.999999, False),
        (LIMIT, OPEN, 2, 0, True),
        (replace(LIMIT, look_at=at(3)), OPEN, 2.5, 1.999999, False),
        (replace(LIMIT, look_at=at(3)), OPEN, 2.5, 2, True),
        (replace(LIMIT, look_at=at(3)), HALTED, 2.5, 2, False),
        (replace(CANCELLED, look_at=at(3)), OPEN, 2.5, 2, False),
        (replace(UNREAD, look_at=at(3)), OPEN, 2.5, 2, False),
        (replace(UNREAD, look_at=at(3)), OPEN, 3, 2, True),
        (replace(CANCELLED, look_at=at(3)), OPEN, 3, 2, True),
        (replace(LIMIT, look_at=at(3), standing=Standing.SENT), HALTED, 2.5, 2, False),
    ],
)
def test_an_order_is_due_at_its_time_or_when_the_awaited_answer_comes(
    member: Member, market: MarketNow, seconds: float, answered: float, is_due: bool
) -> None:
    whole = ladder(member, market=market).with_answer(at(answered))
    assert whole.is_due(member, at(seconds)) is is_due


def test_the_newest_answer_counts() -> None:
    whole = ladder(LIMIT).with_answer(at(2))
    assert whole.answered_at == at(2)
    assert whole.with_answer(at(1)) == whole
    assert whole.has_outlasted(LIMIT)
    assert not ladder(LIMIT).with_answer(at(1.999999)).has_outlasted(LIMIT)


def test_what_is_known_of_one_order_takes_its_place() -> None:
    whole = ladder(STOP, LIMIT)
    assert whole.with_member(CANCELLED) == replace(whole, members=(STOP, CANCELLED))


@pytest.mark.parametrize(
    ("whole", "seconds"),
    [
        (ladder(STOP), None),
        (ladder(spent(STOP), LIMIT), 2),
        (ladder(LIMIT, LAST), 2),
        (ladder(LAST), 5),
        (ladder(LAST, market=HALTED), None),
        (ladder(CANCELLED, LAST, market=CLOSED), 1),
        (replace(ladder(STOP), retry_at=at(4)), 4),
        (replace(ladder(LIMIT), retry_at=at(4)), 2),
        (replace(ladder(LAST), retry_at=at(4)), 4),
        (replace(ladder(STOP, market=CLOSED), retry_at=at(4)), None),
        (replace(ladder(STOP, market=EARLY), retry_at=at(4)), 4),
    ],
)
def test_due_is_the_earliest_time_that_matters_and_the_edge_gives_the_engine_a_second(
    whole: Ladder, seconds: float | None
) -> None:
    assert due(whole) == (None if seconds is None else at(seconds))
    goes_on_at = None if seconds is None else at(seconds) + timedelta(seconds=1)
    assert edge_goes_on_at(whole) == goes_on_at


@pytest.mark.req("L4")
@pytest.mark.parametrize(
    ("whole", "waiting"),
    [
        (ladder(spent(STOP, 2)), Waiting.NOTHING),
        (ladder(CANCELLED), Waiting.PROOF),
        (ladder(RESHAPED, CANCELLED), Waiting.PROOF),
        (ladder(filled(CANCELLED, 2)), Waiting.PROOF),
        (ladder(RESHAPED), Waiting.CHANGE),
        (ladder(STOP, LIMIT), Waiting.FILL),
        (ladder(LAST, market=CLOSED), Waiting.FILL),
        (ladder(UNREAD, LAST), Waiting.FILL),
        (ladder(UNREAD), Waiting.FILLS),
        (ladder(UNREAD, market=CLOSED), Waiting.FILLS),
        (ladder(STOP, market=HALTED), Waiting.MARKET),
        (ladder(UNREAD, STOP, market=CLOSED), Waiting.MARKET),
        (ladder(spent(STOP), market=CLOSED), Waiting.MARKET),
        (ladder(exit_sent(10), STOP), Waiting.PERSON),
        (ladder(exit_sent(9), STOP), Waiting.RETRY),
        (ladder(stop_sent(2)), Waiting.RETRY),
    ],
)
def test_what_a_ladder_waits_for_has_a_name(whole: Ladder, waiting: Waiting) -> None:
    assert waiting_for(whole) is waiting
