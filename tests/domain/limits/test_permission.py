"""The rules about who may trade what, and when: at admission, for an order that opens."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.domain.limits.book import Book
from backstay.domain.limits.codes import RefusalCode as Code
from backstay.domain.limits.facts import AccountKind, AdmissionFacts, TriggerPrice
from backstay.domain.limits.kill import Halt, KillMode, KillState
from backstay.domain.limits.question import at_admission
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.orders.intent import Limit, OrderIntent, Stop, StopLimit
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import Flaw
from tests.domain.limits.cases import Case, passes, refuses
from tests.domain.limits.samples import (
    ENTRY,
    FACTS,
    NOW,
    OTHER_SHARE,
    SETTINGS,
    TOUCH,
    TRADE,
    with_entry,
)

KEY = "bs1:T7K2M9QX:0:EN:1"
SALE = replace(ENTRY, side=Side.SELL)
SETTLED = with_entry().released(ENTRY.key).settled(TRADE)
WRONG = "the order is for DU7654321, the limits are for DU1234567"

IDENTITY = [
    passes(Code.WRONG_ACCOUNT, "the order is for DU1234567, the limits are for DU1234567"),
    refuses(Code.WRONG_ACCOUNT, WRONG, intent=replace(ENTRY, account="DU7654321")),
    passes(Code.KEY_USED, f"{KEY} is new"),
    passes(Code.KEY_USED, f"{KEY} was approved before", book=with_entry()),
    refuses(Code.KEY_USED, f"{KEY} has ended", book=with_entry().released(ENTRY.key)),
    refuses(Code.KEY_USED, f"{KEY} has been settled", book=SETTLED),
    refuses(Code.KEY_USED, f"{KEY} names another order", book=with_entry(), intent=SALE),
    refuses(
        Code.KEY_USED,
        f"{KEY} names another order",
        book=with_entry(),
        intent=replace(ENTRY, instrument=OTHER_SHARE),
    ),
    passes(Code.FRACTIONAL, "the quantity is 100; whole units only", 100),
    refuses(
        Code.FRACTIONAL,
        "the quantity is 1.5; whole units only",
        "1.5",
        intent=replace(ENTRY, quantity=Decimal("1.5")),
    ),
]


def mode(trading: TradingMode, *, armed: bool) -> LimitSettings:
    return replace(SETTINGS, trading=trading, live_armed=armed)


LIVE_ACCOUNT = replace(FACTS, account_kind=AccountKind.LIVE)
ARMED = mode(TradingMode.LIVE, armed=True)
NOT_ARMED = "DU1234567 is a live account, live trading is not armed"

MODE = [
    passes(Code.TRADING_DISABLED, "trading is set to paper"),
    refuses(
        Code.TRADING_DISABLED,
        "trading is set to disabled",
        settings=mode(TradingMode.DISABLED, armed=True),
    ),
    passes(Code.LIVE_NOT_ARMED, "DU1234567 is a paper account, live trading is not armed"),
    refuses(Code.LIVE_NOT_ARMED, NOT_ARMED, facts=LIVE_ACCOUNT),
    refuses(
        Code.LIVE_NOT_ARMED,
        NOT_ARMED,
        facts=LIVE_ACCOUNT,
        settings=mode(TradingMode.PAPER, armed=True),
    ),
    refuses(
        Code.LIVE_NOT_ARMED,
        NOT_ARMED,
        facts=LIVE_ACCOUNT,
        settings=mode(TradingMode.LIVE, armed=False),
    ),
    passes(
        Code.LIVE_NOT_ARMED,
        "DU1234567 is a live account, live trading is armed",
        facts=LIVE_ACCOUNT,
        settings=ARMED,
    ),
    passes(Code.ACCOUNT_MODE, "DU1234567 is a paper account, trading is set to paper"),
    refuses(
        Code.ACCOUNT_MODE,
        "DU1234567 is a paper account, trading is set to live",
        settings=ARMED,
    ),
    passes(
        Code.ACCOUNT_MODE,
        "DU1234567 is a live account, trading is set to live",
        facts=LIVE_ACCOUNT,
        settings=ARMED,
    ),
]

CLEAR = Book(kill=KillState(2))
FROZEN = Book(kill=KillState(3, KillMode.FREEZE))
FLATTENING = Book(kill=KillState(4, KillMode.FLATTEN))
ELSEWHERE = Book().halted(Halt("no data", "MSFT"))
TWICE = Book().halted(Halt("unexpected position")).halted(Halt("no data", "AAPL"))

STOPPED = [
    passes(Code.KILLED, "the kill state of epoch 2 is clear", book=CLEAR),
    refuses(Code.KILLED, "the kill state of epoch 3 is freeze", book=FROZEN),
    refuses(Code.KILLED, "the kill state of epoch 4 is flatten", book=FLATTENING),
    passes(Code.HALTED, "entries in AAPL wait for: nothing"),
    passes(Code.HALTED, "entries in AAPL wait for: nothing", book=ELSEWHERE),
    refuses(Code.HALTED, "entries in AAPL wait for: no data; unexpected position", book=TWICE),
    passes(Code.SYMBOL_BLOCKED, "AAPL is not on the restricted list"),
    refuses(
        Code.SYMBOL_BLOCKED,
        "AAPL is on the restricted list",
        settings=replace(SETTINGS, blocked_symbols=("AAPL",)),
    ),
]

REGULAR, EXTENDED = MarketPhase.REGULAR, MarketPhase.EXTENDED
CLOSED, UNKNOWN = MarketPhase.CLOSED, MarketPhase.UNKNOWN
FOR_ALL_HOURS = replace(ENTRY, outside_regular_hours=True)
PRICE = Decimal(100)
LATE_STOP = replace(FOR_ALL_HOURS, terms=Stop(PRICE))
LATE_LIMIT = replace(FOR_ALL_HOURS, terms=Limit(PRICE))
LATE_STOP_LIMIT = replace(FOR_ALL_HOURS, terms=StopLimit(PRICE, PRICE))
EARLY_LIMIT = replace(ENTRY, terms=Limit(PRICE))
AT_TRIGGER = replace(FACTS, reference=TriggerPrice(PRICE))
AT_NIGHT = replace(AT_TRIGGER, phase=CLOSED)


def during(phase: MarketPhase) -> AdmissionFacts:
    return replace(FACTS, phase=phase)


def leaves(phase: MarketPhase, intent: OrderIntent, phases: str) -> Case:
    text = f"the market's phase is {phase}; this order leaves in {phases}"
    return passes(Code.SESSION_CLOSED, text, intent=intent, facts=during(phase))


def stays(phase: MarketPhase, intent: OrderIntent, phases: str) -> Case:
    text = f"the market's phase is {phase}; this order leaves in {phases}"
    return refuses(Code.SESSION_CLOSED, text, intent=intent, facts=during(phase))


SESSION = [
    leaves(REGULAR, ENTRY, "regular"),
    leaves(REGULAR, LATE_STOP, "regular"),
    leaves(REGULAR, LATE_LIMIT, "regular or extended"),
    leaves(EXTENDED, LATE_LIMIT, "regular or extended"),
    leaves(EXTENDED, LATE_STOP_LIMIT, "regular or extended"),
    stays(EXTENDED, ENTRY, "regular"),
    stays(EXTENDED, FOR_ALL_HOURS, "regular"),
    stays(EXTENDED, LATE_STOP, "regular"),
    stays(EXTENDED, EARLY_LIMIT, "regular"),
    stays(CLOSED, LATE_LIMIT, "regular or extended"),
    stays(UNKNOWN, LATE_LIMIT, "regular or extended"),
    stays(UNKNOWN, ENTRY, "regular"),
    passes(Code.SESSION_CLOSED, "judged when the trigger is reached", facts=AT_NIGHT),
]

NO_REFERENCE = replace(FACTS, reference=None)
NO_BID = replace(FACTS, reference=replace(TOUCH, bid=None))


def flawed(flaw: Flaw) -> AdmissionFacts:
    return replace(FACTS, reference=replace(TOUCH, flaw=flaw))


def silent(microseconds: int) -> AdmissionFacts:
    heard_at = NOW - timedelta(microseconds=microseconds)
    return replace(FACTS, reference=replace(TOUCH, heard_at=heard_at))


DATA = [
    passes(Code.NO_REFERENCE, "the price to buy AAPL at is 100", 100),
    passes(Code.NO_REFERENCE, "the price to sell AAPL at is 99.9", "99.9", intent=SALE),
    passes(Code.NO_REFERENCE, "the price to buy AAPL at is 100", 100, facts=AT_NIGHT),
    refuses(Code.NO_REFERENCE, "the price to buy AAPL at is not known", facts=NO_REFERENCE),
    refuses(Code.NO_REFERENCE, "the price to sell AAPL at is not known", intent=SALE, facts=NO_BID),
    refuses(Code.STALE_DATA, "the quote of AAPL is crossed", facts=flawed(Flaw.CROSSED)),
    refuses(Code.STALE_DATA, "the quote of AAPL is halted", facts=flawed(Flaw.HALTED)),
    refuses(
        Code.STALE_DATA, "the quote of AAPL is not real-time", facts=flawed(Flaw.NOT_REAL_TIME)
    ),
    passes(
        Code.STALE_DATA,
        "AAPL was heard of 9.999999 s ago; less than 10 s",
        "9.999999",
        10,
        facts=silent(9_999_999),
    ),
    refuses(
        Code.STALE_DATA,
        "AAPL was heard of 10 s ago; less than 10 s",
        10,
        10,
        facts=silent(10_000_000),
    ),
    passes(Code.STALE_DATA, "judged when the trigger is reached", facts=AT_NIGHT),
]


@pytest.mark.parametrize("case", [*IDENTITY, *MODE, *STOPPED, *SESSION, *DATA], ids=str)
@pytest.mark.req("S1.12", "S1.15", "S3.2", "S3.3", "S3.4", "S3.7", "X.9", "X.10", "I5", "I6")
def test_a_rule_says_what_it_found_and_what_it_allows(case: Case) -> None:
    assert case.verdict() == case.expected


@pytest.mark.parametrize(
    "case",
    [case for case in [*IDENTITY, *MODE, *STOPPED, *SESSION, *DATA] if not case.expected.passed],
    ids=str,
)
@pytest.mark.req("S3.4")
def test_what_one_rule_refuses_is_refused_with_its_reason(case: Case) -> None:
    refusal = case.refusal()

    assert (refusal.code, refusal.reason) == (case.expected.code, case.expected.line)
    assert (refusal.measured, refusal.bound) == (case.expected.measured, case.expected.bound)
    assert (refusal.key, refusal.at) == (case.intent.key, NOW)


def test_an_order_that_waits_for_its_trigger_has_no_touch() -> None:
    asked = [at_admission(ENTRY, facts, Book(), SETTINGS, NOW) for facts in (AT_NIGHT, FACTS)]

    assert [question.touch for question in asked] == [None, TOUCH]
    assert [question.waits_for_trigger for question in asked] == [True, False]


def test_an_order_for_which_nothing_is_quoted_has_no_live_data() -> None:
    case = refuses(Code.STALE_DATA, "AAPL has no quote", facts=NO_REFERENCE)

    assert case.verdict() == case.expected
    assert case.refusal().code is Code.NO_REFERENCE
