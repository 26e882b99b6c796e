"""Admission: which rules bind which orders, in which order, and what an approval says."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.domain.ids import Effect, Purpose
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.book import Book
from backstay.domain.limits.check import admit, check, verdicts
from backstay.domain.limits.codes import NOT_CONFIGURED, Refused
from backstay.domain.limits.codes import RefusalCode as Code
from backstay.domain.limits.facts import Request, TriggerPrice
from backstay.domain.limits.kill import Halt, KillMode, KillState
from backstay.domain.limits.settings import TradingMode
from backstay.domain.limits.valuation import Collar
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.sessions import MarketPhase
from tests.domain.limits.samples import (
    ACCOUNT,
    DAY,
    ENTRY,
    EURO_SHARE,
    EXIT,
    FACTS,
    HEDGE,
    NOW,
    SETTINGS,
    SHIELD,
    approved,
    key,
    later,
    order,
    with_entry,
)

IN_EVERY_ORDER = (Code.WRONG_ACCOUNT, Code.KEY_USED, Code.FRACTIONAL)
ASKED = {
    Effect.OPENS: (
        *IN_EVERY_ORDER,
        Code.TRADING_DISABLED,
        Code.LIVE_NOT_ARMED,
        Code.ACCOUNT_MODE,
        Code.KILLED,
        Code.HALTED,
        Code.SYMBOL_BLOCKED,
        Code.SESSION_CLOSED,
        Code.NO_REFERENCE,
        Code.STALE_DATA,
        Code.NO_EXCHANGE_RATE,
        Code.PRICE_COLLAR,
        Code.ORDER_VALUE,
        Code.OPPOSITE_DIRECTION,
        Code.POSITION_LIMIT,
        Code.EXPOSURE_CAP,
        Code.OPEN_TRADES,
        Code.DAILY_LIMIT,
        Code.RATE,
        Code.MARGIN,
    ),
    Effect.COVERS: (*IN_EVERY_ORDER, Code.KILLED, Code.EXCEEDS_UNCOVERED),
    Effect.REDUCES: (*IN_EVERY_ORDER, Code.TOO_MANY_GENERATIONS, Code.EXCEEDS_POSITION),
}
UNCOVERED_5 = replace(FACTS, uncovered=Decimal(5))


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.req("S3.4")
def test_every_rule_that_binds_an_order_gives_one_line(purpose: Purpose) -> None:
    said = verdicts(order(key(purpose)), FACTS, Book(), SETTINGS, NOW)

    assert tuple(verdict.code for verdict in said) == ASKED[purpose.effect]


@pytest.mark.req("S3.4")
def test_the_first_rule_that_refuses_gives_the_answer() -> None:
    worst = replace(ENTRY, account="DU0", quantity=Decimal("100000.5"))
    book = Book(kill=KillState(1, KillMode.FREEZE)).halted(Halt("no data"))
    settings = replace(SETTINGS, trading=TradingMode.DISABLED)

    refusing = [v.code for v in verdicts(worst, FACTS, book, settings, NOW) if not v.passed]
    answer = check(worst, FACTS, book, settings, NOW)

    assert refusing[:3] == [Code.WRONG_ACCOUNT, Code.FRACTIONAL, Code.TRADING_DISABLED]
    assert isinstance(answer, Refused)
    assert answer.code is Code.WRONG_ACCOUNT


@pytest.mark.parametrize("intent", [ENTRY, HEDGE, SHIELD, EXIT], ids=lambda i: i.key.purpose.name)
@pytest.mark.req("S1.15", "S3.4")
def test_nothing_is_approved_without_settings(intent: OrderIntent) -> None:
    answer = check(intent, UNCOVERED_5, with_entry(), None, NOW)

    assert answer == Refused(
        intent.key,
        Code.NOT_CONFIGURED,
        "not_configured: no limits are set for this account",
        NOW,
    )
    assert verdicts(intent, UNCOVERED_5, with_entry(), None, NOW) == (NOT_CONFIGURED,)


@pytest.mark.req("S0.4", "S3.4")
def test_an_approved_entry_carries_its_bounds() -> None:
    book = Book(kill=KillState(7))

    assert check(ENTRY, FACTS, book, SETTINGS, NOW) == Approved(
        intent=ENTRY,
        epoch=7,
        at=NOW,
        valid_until=later(60),
        collar=Collar(Decimal(95), Decimal(105)),
        unit_value=Decimal(100),
        margin=Decimal(2500),
    )


@pytest.mark.req("S0.4", "X.10")
def test_an_approval_says_what_the_order_is_worth_in_the_base_currency() -> None:
    intent = order(key(), 8, instrument=replace(EURO_SHARE, multiplier=Decimal(10)))

    assert approved(intent).unit_value == Decimal(1250)
    assert approved(intent).value == Decimal(10_000)


@pytest.mark.req("S1.2", "S3.4")
def test_an_entry_that_waits_for_its_trigger_keeps_its_approval_for_longer() -> None:
    facts = replace(FACTS, reference=TriggerPrice(Decimal(200)), phase=MarketPhase.CLOSED)
    approval = approved(ENTRY, facts=facts)

    assert approval.valid_until == NOW + timedelta(days=1)
    assert approval.collar == Collar(Decimal(190), Decimal(210))
    assert approval.unit_value == 200


@pytest.mark.req("S4.4", "S4.6")
def test_an_approved_hedge_has_no_collar_and_expires() -> None:
    approval = approved(HEDGE, facts=UNCOVERED_5, book=Book(kill=KillState(7)))

    assert approval == Approved(
        intent=HEDGE,
        epoch=7,
        at=NOW,
        valid_until=later(60),
        collar=None,
        unit_value=Decimal(10_000),
        margin=Decimal(2500),
    )


@pytest.mark.parametrize("intent", [SHIELD, EXIT], ids=lambda i: i.key.purpose.name)
@pytest.mark.req("S3.4", "S3.7")
def test_an_approved_exit_has_neither_collar_nor_expiry_and_needs_no_value(
    intent: OrderIntent,
) -> None:
    bare = replace(FACTS, reference=None, margin=None)

    assert approved(intent, with_entry(), bare) == Approved(
        intent=intent,
        epoch=0,
        at=NOW,
        valid_until=None,
        collar=None,
        unit_value=None,
        margin=Decimal(0),
    )


@pytest.mark.parametrize("intent", [SHIELD, EXIT], ids=lambda i: i.key.purpose.name)
def test_an_exit_is_valued_for_the_log_where_it_can_be(intent: OrderIntent) -> None:
    approval = approved(intent, with_entry())

    assert approval.collar is None
    assert approval.value == Decimal(9990)
    assert approved(intent, with_entry(), replace(FACTS, reference=None)).value is None


def requests(*intents: OrderIntent) -> tuple[Request, ...]:
    return tuple(Request(intent, FACTS) for intent in intents)


@pytest.mark.req("S4.3", "I2", "I7")
def test_an_entry_is_admitted_together_with_its_way_out() -> None:
    book, answer = admit(requests(ENTRY, SHIELD, EXIT), Book(), SETTINGS, NOW)

    assert not isinstance(answer, Refused)
    assert [approval.intent for approval in answer] == [ENTRY, SHIELD, EXIT]
    assert [claim.key for claim in book.claims] == sorted([ENTRY.key, SHIELD.key, EXIT.key])
    assert book.entries.count_on(DAY) == 1


@pytest.mark.req("S3.4", "I7")
def test_one_refusal_leaves_nothing_of_the_others_in_the_book() -> None:
    too_large = replace(EXIT, quantity=Decimal(101))
    book, answer = admit(requests(ENTRY, SHIELD, too_large), Book(), SETTINGS, NOW)

    assert isinstance(answer, Refused)
    assert (answer.key, answer.code) == (EXIT.key, Code.EXCEEDS_POSITION)
    assert book == Book()


@pytest.mark.req("S3.4", "I7")
def test_two_requests_together_meet_the_limits_that_each_alone_would_not() -> None:
    second = replace(ENTRY, key=key(leg=1))
    settings = replace(SETTINGS, share_position_max=Decimal(199))

    book, answer = admit(requests(ENTRY, second), Book(), settings, NOW)

    assert isinstance(answer, Refused)
    assert (answer.key, answer.code) == (second.key, Code.POSITION_LIMIT)
    assert book == Book()


@pytest.mark.req("S4.2", "I7")
def test_asking_again_for_the_same_order_takes_no_more_room() -> None:
    settings = replace(
        SETTINGS,
        account=ACCOUNT,
        exposure_max=Decimal(10_000),
        share_position_max=Decimal(100),
        entries_per_day_max=1,
        open_trades_max=1,
    )
    once, first = admit(requests(ENTRY), Book(), settings, NOW)
    twice, second = admit(requests(ENTRY), once, settings, NOW)

    assert first == second
    assert twice == once
