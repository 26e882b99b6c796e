"""The price that a rule looks at, when a tick comes and when none does."""

from decimal import Decimal

import pytest

from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import Feed, GoodTick, Quote, TickField
from backstay.domain.ticks.sources import (
    PriceSource,
    price_of,
    standing_price,
    stop_source,
    told_price,
    touch_source,
)
from tests.domain.ticks.samples import quote

BID, ASK, LAST = TickField.BID, TickField.ASK, TickField.LAST
FULL = quote("10.00", "10.05", "10.02")


@pytest.mark.parametrize(
    ("source", "price"),
    [
        (PriceSource.LAST, "10.02"),
        (PriceSource.BID, "10.00"),
        (PriceSource.ASK, "10.05"),
        (PriceSource.MID, "10.025"),
    ],
)
def test_each_source_has_its_price(source: PriceSource, price: str) -> None:
    assert price_of(FULL, source) == Decimal(price)


@pytest.mark.parametrize(
    ("known", "source"),
    [
        (quote(bid="10", ask="11"), PriceSource.LAST),
        (quote(ask="11", last="10"), PriceSource.BID),
        (quote(bid="10", last="10"), PriceSource.ASK),
        (quote(ask="11", last="10"), PriceSource.MID),
        (quote(bid="10", last="10"), PriceSource.MID),
    ],
)
def test_what_is_not_known_is_no_price(known: Quote, source: PriceSource) -> None:
    assert price_of(known, source) is None
    assert standing_price(known, source) is None


@pytest.mark.req("I6")
@pytest.mark.parametrize("source", PriceSource)
@pytest.mark.parametrize(
    "flawed",
    [
        quote("10.06", "10.05", "10.02"),
        Quote(Feed.DELAYED, bid=FULL.bid, ask=FULL.ask, last=FULL.last),
        Quote(Feed.REAL_TIME, is_halted=True, bid=FULL.bid, ask=FULL.ask, last=FULL.last),
    ],
)
def test_a_flawed_quote_has_no_price(flawed: Quote, source: PriceSource) -> None:
    assert price_of(flawed, source) is None
    assert standing_price(flawed, source) is None


@pytest.mark.parametrize(
    ("source", "told_by"),
    [
        (PriceSource.LAST, {LAST}),
        (PriceSource.BID, {BID}),
        (PriceSource.ASK, {ASK}),
        (PriceSource.MID, {BID, ASK}),
    ],
)
@pytest.mark.parametrize("field", TickField)
def test_a_tick_tells_only_the_sources_that_it_is_part_of(
    source: PriceSource, told_by: set[TickField], field: TickField
) -> None:
    told = told_price(GoodTick(FULL, (field,)), source)
    assert told == (price_of(FULL, source) if field in told_by else None)


@pytest.mark.parametrize("source", PriceSource)
def test_a_tick_tells_what_was_held_back_too(source: PriceSource) -> None:
    assert told_price(GoodTick(FULL, (LAST, BID, ASK)), source) == price_of(FULL, source)
    assert told_price(GoodTick(FULL, ()), source) is None


@pytest.mark.req("S0.6")
@pytest.mark.parametrize(
    ("known", "price"),
    [
        (quote("10.00", "10.05", "9.99"), "10.00"),
        (quote("10.00", "10.05", "10.00"), "10.00"),
        (quote("10.00", "10.05", "10.02"), "10.02"),
        (quote("10.00", "10.05", "10.05"), "10.05"),
        (quote("10.00", "10.05", "10.06"), "10.05"),
        (quote("10.00", None, "9.00"), "10.00"),
        (quote("10.00", None, "11.00"), "11.00"),
        (quote(None, "10.05", "9.00"), "9.00"),
        (quote(None, "10.05", "11.00"), "10.05"),
        (quote(None, None, "9.00"), "9.00"),
    ],
)
def test_a_print_stands_as_far_as_bid_and_ask_agree(known: Quote, price: str) -> None:
    assert standing_price(known, PriceSource.LAST) == Decimal(price)


@pytest.mark.parametrize("source", [PriceSource.BID, PriceSource.ASK, PriceSource.MID])
def test_a_quoted_price_stands_as_it_is(source: PriceSource) -> None:
    assert standing_price(FULL, source) == price_of(FULL, source)


def test_a_position_is_closed_against_the_touch() -> None:
    assert touch_source(Side.SELL) is PriceSource.BID
    assert touch_source(Side.BUY) is PriceSource.ASK


@pytest.mark.parametrize(
    ("closing", "is_option", "source"),
    [
        (Side.SELL, False, PriceSource.LAST),
        (Side.BUY, False, PriceSource.LAST),
        (Side.SELL, True, PriceSource.BID),
        (Side.BUY, True, PriceSource.ASK),
    ],
)
def test_a_stop_looks_at_prints_of_a_stock_and_at_the_touch_of_an_option(
    closing: Side, is_option: bool, source: PriceSource
) -> None:
    assert stop_source(closing, is_option=is_option) is source
