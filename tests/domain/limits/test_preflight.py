"""A dry run of the limits: it says what admission would, and then everything else."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.limits.book import Book
from backstay.domain.limits.check import admit, verdicts
from backstay.domain.limits.codes import NOT_CONFIGURED, Refused
from backstay.domain.limits.codes import RefusalCode as Code
from backstay.domain.limits.facts import Request
from backstay.domain.limits.kill import Halt, KillMode, KillState
from backstay.domain.limits.preflight import judge
from backstay.domain.limits.settings import TradingMode
from backstay.domain.orders.intent import OrderIntent
from tests.domain.limits.samples import (
    ENTRY,
    EXIT,
    FACTS,
    NOW,
    SETTINGS,
    SHIELD,
    key,
    order,
    with_entry,
)

TRADE = (ENTRY, SHIELD, EXIT)
BOOKS = (
    Book(),
    with_entry(),
    with_entry(order(key(trade="Z0000001"), 450)),
    Book(kill=KillState(3, KillMode.FREEZE)),
    Book(halts=(Halt("too many losses"),)),
)


def asked(*intents: OrderIntent) -> tuple[Request, ...]:
    return tuple(Request(intent, FACTS) for intent in intents)


@pytest.mark.req("S3.4")
def test_every_order_is_judged_against_what_the_ones_before_it_would_have_reserved() -> None:
    after, judgements = judge(asked(*TRADE), Book(), SETTINGS, NOW)
    reserved, _ = admit(asked(*TRADE), Book(), SETTINGS, NOW)
    assert after == reserved
    assert [judgement.intent for judgement in judgements] == list(TRADE)
    assert all(judgement.refusals == () for judgement in judgements)
    assert judgements[0].verdicts == verdicts(ENTRY, FACTS, Book(), SETTINGS, NOW)
    assert judgements[1].verdicts[-1].text == "100 of AAPL are to be closed; at most 100"


@pytest.mark.req("S3.4")
def test_every_rule_that_says_no_is_told_and_not_only_the_first() -> None:
    settings = replace(SETTINGS, trading=TradingMode.DISABLED, blocked_symbols=("AAPL",))
    _, (judgement,) = judge(asked(ENTRY), Book(kill=KillState(1, KillMode.FREEZE)), settings, NOW)
    said = [verdict.code for verdict in judgement.refusals]
    assert said == [Code.TRADING_DISABLED, Code.KILLED, Code.SYMBOL_BLOCKED]


def test_a_refused_entry_counts_so_that_its_exits_are_judged_by_themselves() -> None:
    settings = replace(SETTINGS, order_value_max=Decimal(9_999))
    after, (entry, shield, way_out) = judge(asked(*TRADE), Book(), settings, NOW)
    assert [verdict.code for verdict in entry.refusals] == [Code.ORDER_VALUE]
    assert shield.refusals == way_out.refusals == ()
    assert after.exposure == 10_000
    assert after.entries == Book().entries


def test_an_exit_that_is_too_large_is_refused_for_that_behind_a_refused_entry_too() -> None:
    settings = replace(SETTINGS, order_value_max=Decimal(9_999))
    too_much = replace(EXIT, quantity=Decimal(101))
    _, judgements = judge(asked(ENTRY, too_much), Book(), settings, NOW)
    (refusal,) = judgements[1].refusals
    assert refusal.line == "exceeds_position: 101 of AAPL are to be closed; at most 100"


def test_without_limits_every_order_is_refused_in_the_same_words_and_nothing_counts() -> None:
    after, judgements = judge(asked(*TRADE), Book(), None, NOW)
    assert [judgement.verdicts for judgement in judgements] == [(NOT_CONFIGURED,)] * 3
    assert after == Book()


@given(
    book=st.sampled_from(BOOKS),
    quantity=st.integers(1, 1200),
    exits=st.integers(1, 1200),
    order_value_max=st.sampled_from((Decimal(5_000), Decimal(200_000))),
)
def test_it_agrees_exactly_where_admission_does_and_its_first_no_is_that_of_admission(
    book: Book, quantity: int, exits: int, order_value_max: Decimal
) -> None:
    settings = replace(SETTINGS, order_value_max=order_value_max)
    requests = asked(
        replace(ENTRY, quantity=Decimal(quantity)), replace(EXIT, quantity=Decimal(exits))
    )
    after, judgements = judge(requests, book, settings, NOW)
    reserved, answer = admit(requests, book, settings, NOW)
    said_no = [(each.intent.key, each.refusals[0]) for each in judgements if each.refusals]
    if isinstance(answer, Refused):
        first, verdict = said_no[0]
        assert (first, verdict.code, verdict.line) == (answer.key, answer.code, answer.reason)
    else:
        assert said_no == []
        assert after == reserved
