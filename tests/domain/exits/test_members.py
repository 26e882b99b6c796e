"""What is heard of one order: by revision, so that nothing stale or repeated changes anything."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.exits import members
from backstay.domain.exits.events import FillsRead, Refused, Reshaped, Seen
from backstay.domain.exits.members import Member, NewShape, Role, Standing
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.outcome import RejectionClass
from tests.domain.exits.armed import (
    as_modified,
    exit_key,
    limit_order,
    market_order,
    stop_intent,
    stop_key,
)
from tests.domain.exits.walking import at
from tests.domain.exits.world import START

PATIENCE = timedelta(seconds=2)
LIMIT = limit_order()
AS_MARKET = as_modified(market_order(), LIMIT)
STOP = stop_intent()
HALTED = RejectionClass.HALTED


def sent(intent: OrderIntent = LIMIT, role: Role = Role.LIMIT) -> Member:
    return members.sent(intent, role, START, PATIENCE)


def working(intent: OrderIntent = LIMIT, role: Role = Role.LIMIT, revision: int = 5) -> Member:
    return replace(sent(intent, role), standing=Standing.WORKING, revision=revision)


def ended(filled: int = 0) -> Member:
    return replace(members.over(working()), filled=Decimal(filled))


def resting() -> Member:
    return replace(working(STOP, Role.SHIELD), look_at=None)


def seen(revision: int, *, over: bool = False, filled: int = 0) -> Seen:
    return Seen(exit_key(), over, Decimal(filled), revision, at(1))


def read(revision: int, filled: int = 0) -> FillsRead:
    return FillsRead(exit_key(), Decimal(filled), revision, at(1))


def changing(member: Member, quantity: int = 2, role: Role = Role.LAST) -> Member:
    wanted = replace(as_modified(market_order(), member.intent), quantity=Decimal(quantity))
    return members.asked_to_reshape(member, NewShape(wanted, role, at(2)))


@pytest.mark.parametrize(
    ("intent", "role", "seconds"),
    [
        (LIMIT, Role.LIMIT, 2),
        (STOP, Role.SHIELD, 2),
        (market_order(), Role.LAST, 5),
        (LIMIT, Role.LAST, 2),
    ],
)
def test_a_sent_order_is_left_alone_for_as_long_as_its_role_allows(
    intent: OrderIntent, role: Role, seconds: int
) -> None:
    assert sent(intent, role) == Member(intent, role, since=START, look_at=at(seconds))


def test_a_limit_is_left_alone_for_its_own_patience() -> None:
    patient = members.sent(LIMIT, Role.LIMIT, START, timedelta(seconds=7))
    assert patient.look_at == at(7)
    market = members.sent(market_order(), Role.LAST, START, timedelta(seconds=7))
    assert market.look_at == at(5)


@pytest.mark.parametrize(
    ("quantity", "filled", "remaining"), [(2, 0, 2), (2, 1, 1), (2, 2, 0), (2, 3, 0)]
)
def test_what_remains_is_never_below_zero(quantity: int, filled: int, remaining: int) -> None:
    member = replace(working(limit_order(quantity=quantity)), filled=Decimal(filled))
    assert member.remaining == remaining


@pytest.mark.parametrize(
    ("filled", "fills_read", "proven"),
    [(0, False, False), (1, False, False), (2, False, True), (3, False, True), (0, True, True)],
)
def test_over_is_proven_by_its_fills_or_by_being_full(
    filled: int, fills_read: bool, proven: bool
) -> None:
    member = replace(ended(filled), fills_read=fills_read)
    assert member.is_proven is proven
    assert not replace(member, standing=Standing.WORKING).is_proven


@pytest.mark.req("I8")
def test_a_modification_to_more_counts_before_it_is_confirmed() -> None:
    larger = changing(working(), quantity=3)
    assert (larger.quantity_max, larger.remaining) == (Decimal(3), Decimal(3))
    overtaken = members.over(members.asked_to_cancel(larger, at(3)))
    assert not replace(overtaken, filled=Decimal(2)).is_proven
    assert replace(overtaken, filled=Decimal(3)).is_proven


def test_a_modification_to_less_does_not_count_before_it_is_confirmed() -> None:
    smaller = changing(working(), quantity=1)
    assert (smaller.quantity_max, smaller.remaining) == (Decimal(2), Decimal(2))


@pytest.mark.req("S0.1", "S4.2")
@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("revision", [0, 4, 5])
@pytest.mark.parametrize("member", [working(), resting(), ended(), changing(working())])
def test_facts_that_are_not_news_change_nothing(member: Member, revision: int, over: bool) -> None:
    assert members.seen(member, seen(revision, over=over, filled=1)) == member


def test_an_acknowledged_exit_works_and_keeps_its_time() -> None:
    assert members.seen(sent(), seen(1, filled=1)) == replace(
        sent(), standing=Standing.WORKING, revision=1, filled=Decimal(1)
    )


def test_an_acknowledged_stop_rests_and_is_left_alone() -> None:
    acknowledged = members.seen(sent(STOP, Role.SHIELD), seen(6))
    assert acknowledged == replace(resting(), revision=6)
    assert acknowledged.look_at is None


@pytest.mark.parametrize("stop", [members.asked_to_cancel(resting(), at(1)), changing(resting())])
def test_a_stop_that_is_being_changed_is_looked_after_also_when_it_is_seen(stop: Member) -> None:
    assert members.seen(stop, seen(6)) == replace(stop, revision=6)
    assert stop.look_at is not None


def test_seen_alive_takes_a_refusal_back() -> None:
    refused = replace(working(), refused=HALTED)
    assert members.seen(refused, seen(6)) == working(revision=6)


def test_over_is_over_whatever_was_asked() -> None:
    member = replace(changing(working()), looked_after=True)
    assert members.seen(member, seen(6, over=True, filled=1)) == replace(
        member,
        standing=Standing.OVER,
        filled=Decimal(1),
        revision=6,
        look_at=None,
        looked_after=False,
    )


def test_late_news_of_a_dead_order_leaves_the_question_for_its_fills_under_way() -> None:
    asked = members.asked_for_fills(ended(), at(1))
    assert members.seen(asked, seen(6, over=True, filled=1)) == replace(
        asked, filled=Decimal(1), revision=6
    )
    assert asked.look_at == at(3)


def test_a_dead_order_that_turns_out_to_be_full_needs_no_answer_any_more() -> None:
    asked = members.asked_for_fills(ended(), at(1))
    assert members.seen(asked, seen(6, over=True, filled=2)) == replace(
        asked, filled=Decimal(2), revision=6, look_at=None
    )


@pytest.mark.req("S4.5")
def test_an_exit_that_is_back_from_the_dead_is_looked_after_at_once() -> None:
    dead = replace(
        members.over(members.asked_to_cancel(working(), START)), fills_read=True, refused=HALTED
    )
    assert members.seen(dead, seen(6)) == replace(working(revision=6), look_at=at(1))


def test_a_stop_that_is_back_from_the_dead_rests() -> None:
    dead = replace(members.over(resting()), fills_read=True)
    assert members.seen(dead, seen(6)) == replace(resting(), revision=6)


def test_a_stop_that_is_back_in_a_shape_that_nobody_knows_is_looked_after_at_once() -> None:
    dead = members.over(changing(resting()))
    assert members.seen(dead, seen(6)) == replace(
        changing(resting()), revision=6, look_at=at(1), looked_after=False
    )


def test_to_be_over_twice_changes_nothing() -> None:
    assert members.over(ended()) == ended()


def test_a_refusal_is_the_proof_that_a_new_order_is_dead() -> None:
    assert members.refused(sent(), Refused(exit_key(), HALTED, at(1))) == replace(
        sent(), standing=Standing.OVER, look_at=None, fills_read=True, refused=HALTED
    )


@pytest.mark.parametrize("member", [working(), ended(), replace(ended(), revision=0)])
def test_of_an_order_of_which_more_is_known_a_refusal_only_leaves_its_reason(
    member: Member,
) -> None:
    heard = members.refused(member, Refused(exit_key(), HALTED, at(1)))
    assert heard == replace(member, refused=HALTED)
    assert not heard.is_proven


def test_absence_is_the_proof_that_an_order_never_lived() -> None:
    assert members.absent(sent()) == replace(
        sent(), standing=Standing.OVER, look_at=None, fills_read=True
    )


@pytest.mark.req("S4.3")
@pytest.mark.parametrize("member", [working(), ended(), replace(ended(), revision=0)])
def test_an_order_that_was_seen_is_not_absent(member: Member) -> None:
    assert members.absent(member) == member


def test_the_fills_of_an_order_that_is_over_prove_it() -> None:
    asked = members.asked_for_fills(ended(), at(1))
    heard = members.fills_read(asked, read(5, filled=1))
    assert heard == replace(ended(1), fills_read=True)
    assert heard.is_proven


def test_newer_fills_prove_the_end_of_an_order_that_seemed_alive() -> None:
    heard = members.fills_read(replace(working(), looked_after=True), read(6, filled=1))
    assert heard == replace(ended(1), fills_read=True, revision=6)


@pytest.mark.parametrize("member", [ended(), working()])
def test_fills_from_before_the_newest_facts_prove_nothing(member: Member) -> None:
    assert members.fills_read(member, read(4, filled=1)) == member


def test_fills_of_the_facts_that_show_it_alive_prove_nothing() -> None:
    assert members.fills_read(working(), read(5, filled=1)) == working()


def test_a_doubted_order_is_looked_after_now_but_only_once() -> None:
    doubted = members.doubted(sent(), at(1))
    assert doubted == replace(sent(), look_at=at(1))
    asked = replace(doubted, looked_after=True, look_at=at(6))
    assert members.doubted(asked, at(2)) == asked


def test_a_cancel_has_a_second_to_be_confirmed() -> None:
    member = replace(working(), looked_after=True)
    assert members.asked_to_cancel(member, at(2)) == replace(
        working(), cancel_asked=True, cancel_asked_at=at(2), look_at=at(3)
    )


def test_fills_have_two_seconds_to_be_read() -> None:
    assert members.asked_for_fills(ended(), at(2)) == replace(ended(), look_at=at(4))


def test_a_modification_has_a_second_and_a_half_to_be_confirmed() -> None:
    member = replace(working(), looked_after=True)
    shape = NewShape(AS_MARKET, Role.LAST, at(2))
    assert members.asked_to_reshape(member, shape) == replace(
        working(), new_shape=shape, look_at=at(3.5)
    )


def test_a_confirmed_modification_counts_from_when_it_was_asked() -> None:
    asked = replace(changing(sent()), looked_after=True)
    event = Reshaped(exit_key(), AS_MARKET.terms, AS_MARKET.quantity, at(3))
    assert members.reshaped(asked, event, PATIENCE) == Member(
        AS_MARKET, Role.LAST, since=at(2), look_at=at(7), standing=Standing.WORKING
    )


def test_a_stop_that_became_a_limit_has_the_limits_patience() -> None:
    as_limit = as_modified(LIMIT, STOP)
    asked = members.asked_to_reshape(resting(), NewShape(as_limit, Role.LIMIT, at(2)))
    event = Reshaped(stop_key(), as_limit.terms, as_limit.quantity, at(2.5))
    assert members.reshaped(asked, event, timedelta(seconds=3)) == replace(
        resting(), intent=as_limit, role=Role.LIMIT, since=at(2), look_at=at(5)
    )


def test_a_confirmation_that_a_cancel_has_followed_leaves_the_cancel_its_time() -> None:
    cancelled = replace(members.asked_to_cancel(changing(working()), at(3)), looked_after=True)
    event = Reshaped(exit_key(), AS_MARKET.terms, AS_MARKET.quantity, at(3))
    assert members.reshaped(cancelled, event, PATIENCE) == replace(
        cancelled, intent=AS_MARKET, role=Role.LAST, since=at(2), new_shape=None
    )


@pytest.mark.parametrize(
    "event",
    [
        Reshaped(exit_key(), LIMIT.terms, Decimal(2), at(3)),
        Reshaped(exit_key(), AS_MARKET.terms, Decimal(1), at(3)),
    ],
)
def test_what_shows_another_shape_confirms_nothing(event: Reshaped) -> None:
    asked = changing(working())
    assert members.reshaped(asked, event, PATIENCE) == asked


@pytest.mark.parametrize("member", [working(), ended(), members.over(changing(working()))])
def test_nothing_is_confirmed_that_is_not_under_way(member: Member) -> None:
    event = Reshaped(exit_key(), AS_MARKET.terms, AS_MARKET.quantity, at(3))
    assert members.reshaped(member, event, PATIENCE) == member


def test_an_exit_that_could_not_be_modified_is_looked_after_at_once() -> None:
    asked = replace(changing(working()), looked_after=True)
    assert members.not_reshaped(asked, at(3)) == replace(working(), keeps_shape=True, look_at=at(3))


def test_a_stop_that_could_not_be_modified_rests_again() -> None:
    assert members.not_reshaped(changing(resting()), at(3)) == replace(resting(), keeps_shape=True)


def test_a_refused_modification_that_a_cancel_has_followed_leaves_the_cancel_its_time() -> None:
    cancelled = replace(members.asked_to_cancel(changing(working()), at(3)), looked_after=True)
    assert members.not_reshaped(cancelled, at(3.5)) == replace(
        cancelled, new_shape=None, keeps_shape=True
    )


FACTS = st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=6, max_size=6)
HEARD = st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=9)


def hear(member: Member, event: Seen | FillsRead) -> Member:
    if isinstance(event, Seen):
        return members.seen(member, event)
    return members.fills_read(member, event)


@pytest.mark.req("S0.3", "S4.2")
@given(facts=FACTS, heard=HEARD)
def test_however_late_or_often_the_newest_facts_are_what_counts(
    facts: list[tuple[bool, int]], heard: list[tuple[int, bool]]
) -> None:
    member, events = sent(), list[Seen | FillsRead]()
    for revision, asks_for_fills in heard:
        over, filled = facts[revision - 1]
        is_answer = over and asks_for_fills
        event = read(revision, filled) if is_answer else seen(revision, over=over, filled=filled)
        member, events = hear(member, event), [*events, event]
        assert all(hear(member, earlier) == member for earlier in events)
    newest, _ = max(heard)
    over, filled = facts[newest - 1]
    assert (member.revision, member.is_live) == (newest, not over)
    assert member.filled == filled
    was_answered = any(asks for revision, asks in heard if revision == newest)
    assert member.is_proven or not (over and was_answered)
