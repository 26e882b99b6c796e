"""The rules about how much: what an order is worth, and what the account may hold with it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.limits.book import Book
from backstay.domain.limits.claims import ForeignHolding
from backstay.domain.limits.codes import RefusalCode as Code
from backstay.domain.limits.facts import AdmissionFacts, Margin
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.intent import Limit, OrderIntent, StopLimit
from backstay.domain.sides import Side
from tests.domain.limits.cases import Case, passes, refuses
from tests.domain.limits.samples import (
    CONTRACT,
    DAY,
    ENTRY,
    EURO_SHARE,
    FACTS,
    NOW,
    OTHER_SHARE,
    OTHER_TRADE,
    SETTINGS,
    SHARE,
    approved,
    key,
    order,
    with_entry,
)


def of(quantity: int, intent: OrderIntent = ENTRY) -> OrderIntent:
    return replace(intent, quantity=Decimal(quantity))


def limited(price: str, intent: OrderIntent = ENTRY) -> OrderIntent:
    return replace(intent, terms=Limit(Decimal(price)))


def allowing(**bounds: int) -> LimitSettings:
    changes: dict[str, Any] = {
        name: bound if name in COUNTED else Decimal(bound) for name, bound in bounds.items()
    }
    return replace(SETTINGS, **changes)


COUNTED = ("entries_per_day_max", "open_trades_max")
IN_EURO = replace(ENTRY, instrument=EURO_SHARE)
IN_CONTRACTS = replace(ENTRY, instrument=CONTRACT)
NO_REFERENCE = replace(FACTS, reference=None)
INTO_EURO = replace(FACTS, rates=ExchangeRates("EUR"))
INTO_DOLLAR = replace(FACTS, rates=ExchangeRates("USD"))
AROUND_100 = "outside 95 to 105, 5 % around 100"
UNVALUED = "the order can't be valued"

VALUE = [
    passes(Code.NO_EXCHANGE_RATE, "the rate from USD into USD is known", facts=INTO_DOLLAR),
    passes(Code.NO_EXCHANGE_RATE, "the rate from EUR into USD is known", intent=IN_EURO),
    refuses(
        Code.NO_EXCHANGE_RATE,
        "the rate from EUR into USD is not known",
        intent=IN_EURO,
        facts=INTO_DOLLAR,
    ),
    refuses(Code.NO_EXCHANGE_RATE, "the rate from USD into USD is not known", facts=INTO_EURO),
    refuses(
        Code.NO_EXCHANGE_RATE,
        "the rate from EUR into USD is not known",
        intent=IN_EURO,
        facts=INTO_EURO,
    ),
    passes(Code.PRICE_COLLAR, f"{AROUND_100}: nothing"),
    passes(Code.PRICE_COLLAR, f"{AROUND_100}: nothing", intent=limited("95")),
    passes(Code.PRICE_COLLAR, f"{AROUND_100}: nothing", intent=limited("105")),
    refuses(Code.PRICE_COLLAR, f"{AROUND_100}: 94.99", intent=limited("94.99")),
    refuses(Code.PRICE_COLLAR, f"{AROUND_100}: 105.01", intent=limited("105.01")),
    refuses(
        Code.PRICE_COLLAR,
        f"{AROUND_100}: 90, 110",
        intent=replace(ENTRY, terms=StopLimit(Decimal(90), Decimal(110))),
    ),
    refuses(
        Code.PRICE_COLLAR,
        "outside 75 to 125, 25 % around 100: 126",
        intent=of(1, limited("126", IN_CONTRACTS)),
    ),
    passes(Code.ORDER_VALUE, "100 x 100 x 1 is 10000 USD; at most 50000 USD", 10_000, 50_000),
    passes(
        Code.ORDER_VALUE,
        "500 x 100 x 1 is 50000 USD; at most 50000 USD",
        50_000,
        50_000,
        intent=of(500),
    ),
    refuses(
        Code.ORDER_VALUE,
        "500 x 100.01 x 1 is 50005 USD; at most 50000 USD",
        50_005,
        50_000,
        intent=of(500, limited("100.01")),
    ),
    refuses(
        Code.ORDER_VALUE,
        "6 x 100 x 100 is 60000 USD; at most 50000 USD",
        60_000,
        50_000,
        intent=of(6, IN_CONTRACTS),
    ),
    refuses(
        Code.ORDER_VALUE,
        "500 x 100 x 1 is 62500 USD; at most 50000 USD",
        62_500,
        50_000,
        intent=of(500, IN_EURO),
    ),
]

UNKNOWN_VALUE = [
    refuses(Code.PRICE_COLLAR, UNVALUED, facts=NO_REFERENCE),
    refuses(Code.ORDER_VALUE, UNVALUED, facts=NO_REFERENCE),
    refuses(Code.ORDER_VALUE, UNVALUED, facts=INTO_EURO),
    refuses(Code.EXPOSURE_CAP, UNVALUED, facts=NO_REFERENCE),
    refuses(Code.EXPOSURE_CAP, UNVALUED, facts=INTO_EURO),
]

LONG_AGO = NOW - timedelta(days=1)
OTHER = order(key(trade=OTHER_TRADE))
OTHERS = Book().reserved(approved(OTHER, now=LONG_AGO), DAY - timedelta(days=1))
PART_FILLED = OTHERS.filled(OTHER.key, Decimal(30))
SALE = replace(ENTRY, side=Side.SELL)
ONE_SHORT = Book().with_foreign(ForeignHolding(SHARE.con_id, Decimal(-1), Decimal(100)))
NONE_AGAINST = "0 of AAPL stand against a buy; none may"

POSITION = [
    passes(Code.OPPOSITE_DIRECTION, NONE_AGAINST, 0, 0),
    passes(Code.OPPOSITE_DIRECTION, NONE_AGAINST, 0, 0, book=PART_FILLED),
    refuses(
        Code.OPPOSITE_DIRECTION,
        "1 of AAPL stand against a buy; none may",
        1,
        0,
        book=ONE_SHORT,
    ),
    refuses(
        Code.OPPOSITE_DIRECTION,
        "100 of AAPL stand against a sell; none may",
        100,
        0,
        intent=SALE,
        book=PART_FILLED,
    ),
    passes(
        Code.POSITION_LIMIT,
        "the position in AAPL could become 100; at most 100",
        100,
        100,
        settings=allowing(share_position_max=100),
    ),
    refuses(
        Code.POSITION_LIMIT,
        "the position in AAPL could become 100; at most 99",
        100,
        99,
        settings=allowing(share_position_max=99),
    ),
    passes(
        Code.POSITION_LIMIT,
        "the position in AAPL could become 10; at most 10",
        10,
        10,
        intent=of(10, limited("1", IN_CONTRACTS)),
    ),
    refuses(
        Code.POSITION_LIMIT,
        "the position in AAPL could become 11; at most 10",
        11,
        10,
        intent=of(11, limited("80", IN_CONTRACTS)),
        settings=allowing(order_value_max=100_000),
    ),
    refuses(
        Code.POSITION_LIMIT,
        "the position in AAPL could become 200; at most 199",
        200,
        199,
        book=PART_FILLED,
        settings=allowing(share_position_max=199),
    ),
    passes(
        Code.POSITION_LIMIT,
        "the position in AAPL could become 100; at most 150",
        100,
        150,
        book=with_entry(filled=30),
        settings=allowing(share_position_max=150),
    ),
]

IN_MICROSOFT = OTHERS.released(OTHER.key).reserved(
    approved(replace(order(key(trade="Z0000002")), instrument=OTHER_SHARE), now=LONG_AGO),
    DAY - timedelta(days=1),
)
CAP_20_000 = allowing(exposure_max=20_000)

EXPOSURE = [
    passes(
        Code.EXPOSURE_CAP,
        "all positions could become worth 20000 USD; at most 20000 USD",
        20_000,
        20_000,
        book=IN_MICROSOFT,
        settings=CAP_20_000,
    ),
    refuses(
        Code.EXPOSURE_CAP,
        "all positions could become worth 20100 USD; at most 20000 USD",
        20_100,
        20_000,
        intent=of(101),
        book=IN_MICROSOFT,
        settings=CAP_20_000,
    ),
    refuses(
        Code.EXPOSURE_CAP,
        "all positions could become worth 20200 USD; at most 20000 USD",
        20_200,
        20_000,
        intent=limited("101"),
        book=PART_FILLED,
        settings=CAP_20_000,
    ),
]

TWO_TRADES = PART_FILLED.reserved(approved(order(key(trade="Z0000002")), now=LONG_AGO), DAY)
TOMORROW = replace(FACTS, trading_day=DAY + timedelta(days=1))

COUNTS = [
    passes(Code.OPEN_TRADES, "open trades would number 1; at most 100", 1, 100, book=with_entry()),
    passes(
        Code.OPEN_TRADES,
        "open trades would number 3; at most 3",
        3,
        3,
        book=TWO_TRADES,
        settings=allowing(open_trades_max=3),
    ),
    refuses(
        Code.OPEN_TRADES,
        "open trades would number 3; at most 2",
        3,
        2,
        book=TWO_TRADES,
        settings=allowing(open_trades_max=2),
    ),
    passes(
        Code.DAILY_LIMIT,
        "entries on 2026-11-23 would number 2; at most 2",
        2,
        2,
        book=TWO_TRADES,
        settings=allowing(entries_per_day_max=2),
    ),
    refuses(
        Code.DAILY_LIMIT,
        "entries on 2026-11-23 would number 2; at most 1",
        2,
        1,
        book=TWO_TRADES,
        settings=allowing(entries_per_day_max=1),
    ),
    passes(
        Code.DAILY_LIMIT,
        "entries on 2026-11-24 would number 1; at most 1",
        1,
        1,
        book=TWO_TRADES,
        facts=TOMORROW,
        settings=allowing(entries_per_day_max=1),
    ),
    passes(
        Code.DAILY_LIMIT,
        "entries on 2026-11-23 would number 1; at most 1",
        1,
        1,
        book=with_entry(),
        settings=allowing(entries_per_day_max=1),
    ),
]


def before(microseconds: int, intent: OrderIntent = OTHER) -> Book:
    at = NOW - timedelta(microseconds=microseconds)
    return Book().reserved(approved(intent, now=at), DAY)


NONE_BEFORE = "no entry in AAPL before this one"

RATE = [
    passes(Code.RATE, NONE_BEFORE, None, 1),
    passes(Code.RATE, NONE_BEFORE, None, 1, book=with_entry()),
    passes(Code.RATE, NONE_BEFORE, None, 1, book=before(0, replace(OTHER, instrument=OTHER_SHARE))),
    passes(Code.RATE, "the last entry in AAPL was 1 s ago; at least 1 s", 1, 1, book=before(10**6)),
    refuses(
        Code.RATE,
        "the last entry in AAPL was 0.999999 s ago; at least 1 s",
        "0.999999",
        1,
        book=before(999_999),
    ),
    refuses(
        Code.RATE,
        "the last entry in AAPL was -5 s ago; at least 1 s",
        -5,
        1,
        book=before(-5_000_000),
    ),
]


def funds(required: str | int, available: int) -> AdmissionFacts:
    return replace(FACTS, margin=Margin(Decimal(required), Decimal(available)))


def takes(required: str, bound: str) -> str:
    return (
        f"all orders in flight take {required} USD of margin;"
        f" at most {bound} USD, 90 % of the available funds"
    )


NOT_SAID = "the broker has not said what margin it takes"

MARGIN = [
    passes(Code.MARGIN, takes("900", "900"), 900, 900, facts=funds(900, 1000)),
    refuses(Code.MARGIN, takes("900.01", "900"), "900.01", 900, facts=funds("900.01", 1000)),
    passes(Code.MARGIN, takes("2600", "2700"), 2600, 2700, facts=funds(100, 3000), book=OTHERS),
    refuses(Code.MARGIN, takes("2600", "900"), 2600, 900, facts=funds(100, 1000), book=OTHERS),
    passes(
        Code.MARGIN, takes("2500", "2700"), 2500, 2700, facts=funds(100, 3000), book=with_entry()
    ),
    refuses(Code.MARGIN, takes("0", "-9"), 0, -9, facts=funds(0, -10)),
    refuses(Code.MARGIN, NOT_SAID, facts=replace(FACTS, margin=None)),
]

SINGLE = [*VALUE, *POSITION, *EXPOSURE, *COUNTS, *RATE, *MARGIN]


@pytest.mark.parametrize("case", [*SINGLE, *UNKNOWN_VALUE], ids=str)
@pytest.mark.req("S0.4", "S2.4", "S3.4", "S4.7", "X.10", "I7")
def test_a_rule_says_what_it_found_and_what_it_allows(case: Case) -> None:
    assert case.verdict() == case.expected


@pytest.mark.parametrize("case", [c for c in SINGLE if not c.expected.passed], ids=str)
@pytest.mark.req("S3.4")
def test_what_one_rule_refuses_is_refused_with_its_reason(case: Case) -> None:
    refusal = case.refusal()

    assert (refusal.code, refusal.reason) == (case.expected.code, case.expected.line)
    assert (refusal.measured, refusal.bound) == (case.expected.measured, case.expected.bound)


@pytest.mark.parametrize("case", UNKNOWN_VALUE, ids=str)
@pytest.mark.req("S3.4", "X.10")
def test_an_order_that_cant_be_valued_is_refused_for_what_is_missing(case: Case) -> None:
    missing = Code.NO_REFERENCE if case.facts is NO_REFERENCE else Code.NO_EXCHANGE_RATE

    assert case.refusal().code is missing
