"""What an option is judged on while the side that would close it is not quoted."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.instruments import OptionTerms, Right
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import Feed, Quote, TickField
from backstay.domain.ticks.worth import (
    LAST_AGE_MAX,
    Basis,
    Substitute,
    intrinsic_value,
    lacks_touch,
    substitute_price,
)
from tests.domain.ticks.samples import NOON, TWEAK, after, decimal_or_none, good, quote

CALL = OptionTerms(date(2026, 12, 18), Decimal(100), Right.CALL)
PUT = replace(CALL, right=Right.PUT)
LONG, SHORT = Side.SELL, Side.BUY
OLD = NOON + LAST_AGE_MAX + TWEAK


@pytest.mark.parametrize(
    ("terms", "underlying", "value"),
    [
        (CALL, "103", "3"),
        (CALL, "100", "0"),
        (CALL, "97", "0"),
        (PUT, "97", "3"),
        (PUT, "100", "0"),
        (PUT, "103", "0"),
    ],
)
def test_the_intrinsic_value_is_what_exercising_would_bring(
    terms: OptionTerms, underlying: str, value: str
) -> None:
    assert intrinsic_value(terms, Decimal(underlying)) == Decimal(value)


@pytest.mark.parametrize(
    ("known", "closing", "lacks"),
    [
        (quote(ask="1.10"), LONG, True),
        (quote(ask="1.10"), SHORT, False),
        (quote(bid="1.00"), LONG, False),
        (quote(bid="1.00"), SHORT, True),
        (quote(last="1.00"), LONG, True),
        (quote(last="1.00"), SHORT, True),
    ],
)
def test_the_touch_is_the_side_that_closes(known: Quote, closing: Side, lacks: bool) -> None:
    assert lacks_touch(known, closing) is lacks


@pytest.mark.req("S0.3")
@pytest.mark.parametrize("closing", Side)
@pytest.mark.parametrize(
    ("known", "underlying", "price", "basis"),
    [
        (quote(last="1.00"), None, "1.00", Basis.LAST),
        (quote(ask="1.00", last="1.00"), None, "1.00", Basis.LAST),
        (quote(ask="0.95", last="1.00"), None, "0.95", Basis.ASK),
        (quote(bid="1.00", last="1.00"), None, "1.00", Basis.LAST),
        (quote(bid="1.05", last="1.00"), None, "1.05", Basis.BID),
        (quote(last="1.00"), "101", "1.00", Basis.LAST),
        (quote(last="1.00"), "101.20", "1.20", Basis.UNDERLYING),
        (quote(last="1.00"), "90", "1.00", Basis.LAST),
        (quote(bid="1.20", last="1.00"), "101.10", "1.20", Basis.BID),
        (quote(bid="1.10", last="1.00"), "101.20", "1.20", Basis.UNDERLYING),
    ],
)
def test_a_recent_print_counts_within_what_the_option_is_surely_worth(
    known: Quote, underlying: str | None, price: str, basis: Basis, closing: Side
) -> None:
    substitute = substitute_price(known, closing, CALL, decimal_or_none(underlying), NOON)
    assert substitute == Substitute(good(price), basis)


@pytest.mark.req("S0.3")
@pytest.mark.parametrize(
    ("known", "closing", "underlying", "expected"),
    [
        (quote(ask="1.10", last="0.50"), LONG, None, Substitute(good("1.10"), Basis.ASK)),
        (quote(ask="1.10", last="0.50"), LONG, "105", Substitute(good("1.10"), Basis.ASK)),
        (quote(last="0.50"), LONG, "105", None),
        (quote(last="0.50"), LONG, None, None),
        (quote(), LONG, "105", None),
        (quote(ask="1.10"), LONG, None, Substitute(good("1.10"), Basis.ASK)),
        (quote(bid="1.00", last="5"), SHORT, None, Substitute(good("1.00"), Basis.BID)),
        (quote(bid="1.00"), SHORT, "100.90", Substitute(good("1.00"), Basis.BID)),
        (quote(bid="1.00"), SHORT, "101.00", Substitute(good("1.00"), Basis.BID)),
        (quote(bid="1.00"), SHORT, "101.10", Substitute(good("1.10"), Basis.UNDERLYING)),
        (quote(last="5"), SHORT, "101.10", Substitute(good("1.10"), Basis.UNDERLYING)),
        (quote(last="5"), SHORT, "99", None),
        (quote(last="5"), SHORT, "100", None),
        (quote(last="5"), SHORT, None, None),
    ],
)
def test_without_a_recent_print_a_breach_has_to_be_proven(
    known: Quote, closing: Side, underlying: str | None, expected: Substitute | None
) -> None:
    substitute = substitute_price(known, closing, CALL, decimal_or_none(underlying), OLD)
    assert substitute == expected


@pytest.mark.parametrize(
    ("now", "basis"),
    [(NOON + LAST_AGE_MAX, Basis.LAST), (NOON + LAST_AGE_MAX + TWEAK, Basis.ASK)],
)
def test_a_print_is_recent_for_ten_seconds(now: datetime, basis: Basis) -> None:
    assert timedelta(seconds=10) == LAST_AGE_MAX
    known = quote(ask="1.10", last="1.00")
    substitute = substitute_price(known, LONG, CALL, None, now)
    assert substitute is not None
    assert substitute.basis is basis


def test_a_print_without_a_stamp_is_not_recent() -> None:
    known = Quote(Feed.REAL_TIME, last=Decimal(1))
    assert substitute_price(known, LONG, CALL, None, NOON) is None


def test_where_ask_and_underlying_disagree_the_ask_of_the_option_is_believed() -> None:
    known = quote(ask="2.00", last="1.00")
    substitute = substitute_price(known, SHORT, CALL, Decimal(105), OLD)
    assert substitute == Substitute(good("2.00"), Basis.UNDERLYING)


@pytest.mark.req("I6")
@pytest.mark.parametrize(
    "flawed",
    [
        quote("1.20", "1.10", "1.15"),
        Quote(Feed.DELAYED, last=Decimal(1), last_at=NOON),
        Quote(Feed.REAL_TIME, is_halted=True, last=Decimal(1), last_at=NOON),
    ],
)
@pytest.mark.parametrize("closing", Side)
def test_a_flawed_quote_is_worth_nothing(flawed: Quote, closing: Side) -> None:
    assert substitute_price(flawed, closing, CALL, Decimal(105), NOON) is None


@pytest.mark.parametrize(
    ("basis", "news", "is_news"),
    [
        (Basis.LAST, (TickField.LAST,), True),
        (Basis.LAST, (TickField.BID, TickField.ASK), False),
        (Basis.ASK, (TickField.BID, TickField.ASK), True),
        (Basis.ASK, (TickField.LAST,), False),
        (Basis.BID, (TickField.BID,), True),
        (Basis.BID, (TickField.ASK,), False),
        (Basis.UNDERLYING, tuple(TickField), False),
        (Basis.LAST, (), False),
    ],
)
def test_only_a_tick_of_what_a_substitute_rests_on_confirms_it(
    basis: Basis, news: tuple[TickField, ...], is_news: bool
) -> None:
    assert Substitute(good("1"), basis).is_news(news) is is_news


CENTS = st.decimals("0.01", "20", places=2)


@given(
    bid=st.none() | CENTS,
    ask=st.none() | CENTS,
    last=st.none() | CENTS,
    underlying=st.none() | st.decimals("80", "120", places=2),
    terms=st.sampled_from([CALL, PUT]),
    closing=st.sampled_from(Side),
    age=st.sampled_from([0, 10, 11]),
)
def test_a_substitute_lies_between_what_the_option_is_worth_at_least_and_at_most(
    bid: Decimal | None,
    ask: Decimal | None,
    last: Decimal | None,
    underlying: Decimal | None,
    terms: OptionTerms,
    closing: Side,
    age: int,
) -> None:
    known = Quote(Feed.REAL_TIME, bid=bid, ask=ask, last=last, last_at=NOON)
    substitute = substitute_price(known, closing, terms, underlying, after(age))
    if substitute is None:
        return
    assert substitute.price > 0
    assert ask is None or substitute.price <= ask
    assert bid is None or substitute.price >= bid
    if underlying is not None and ask is None:
        assert substitute.price >= intrinsic_value(terms, underlying)


def test_a_substitute_survives_as_json() -> None:
    adapter = TypeAdapter(Substitute)
    substitute = Substitute(good("1.10"), Basis.UNDERLYING)
    assert adapter.validate_json(adapter.dump_json(substitute)) == substitute
