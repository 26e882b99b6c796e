"""Which ticks are bad, why, and what is still believed after one."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.ticks.quotes import (
    BadTick,
    Feed,
    Flaw,
    GoodTick,
    JudgedTick,
    Quote,
    RawTick,
    TickField,
    TickRules,
    judge,
)
from tests.domain.ticks.samples import (
    ASK,
    BID,
    KNOWN,
    LAST,
    NOON,
    OPTION,
    STOCK,
    TWEAK,
    after,
    fold,
    quote,
    tick,
)


@pytest.mark.req("S0.3", "I6")
@pytest.mark.parametrize("rules", [STOCK, OPTION])
@pytest.mark.parametrize("field", TickField)
@pytest.mark.parametrize(
    ("price", "flaw"),
    [
        (None, Flaw.MISSING),
        ("NaN", Flaw.NOT_A_NUMBER),
        ("sNaN", Flaw.NOT_A_NUMBER),
        ("Infinity", Flaw.NOT_A_NUMBER),
        ("-Infinity", Flaw.NOT_A_NUMBER),
        ("-0.01", Flaw.NEGATIVE),
        ("-1.01", Flaw.NEGATIVE),
        ("-2", Flaw.NEGATIVE),
    ],
)
def test_a_price_that_can_be_no_price_decides_nothing(
    price: str | None, flaw: Flaw, field: TickField, rules: TickRules
) -> None:
    judged = judge(KNOWN, tick(field, price), rules, NOON)
    assert isinstance(judged, BadTick)
    assert judged.flaw is flaw


@pytest.mark.req("S0.3", "I6")
@pytest.mark.parametrize("field", TickField)
@pytest.mark.parametrize(
    ("price", "flaw"),
    [("-1", Flaw.NEGATIVE), ("0", Flaw.ZERO), ("0.00", Flaw.ZERO), ("-0", Flaw.ZERO)],
)
def test_a_stock_that_nobody_quotes_is_a_bad_tick(price: str, flaw: Flaw, field: TickField) -> None:
    judged = judge(KNOWN, tick(field, price), STOCK, NOON)
    assert isinstance(judged, BadTick)
    assert judged.flaw is flaw


@pytest.mark.req("S0.3")
@pytest.mark.parametrize("price", ["0", "0.0", "-1", "-1.0"])
def test_an_option_that_nobody_bids_for_is_a_state_and_no_bad_tick(price: str) -> None:
    assert judge(KNOWN, tick(BID, price, after(1)), OPTION, after(1)) == GoodTick(
        replace(KNOWN, bid=None, bid_at=after(1)), (BID,)
    )


def test_an_option_that_nobody_offers_is_a_state_and_no_bad_tick() -> None:
    assert judge(KNOWN, tick(ASK, "-1", after(1)), OPTION, after(1)) == GoodTick(
        replace(KNOWN, ask=None, ask_at=after(1)), (ASK,)
    )


@pytest.mark.req("S0.3")
@pytest.mark.parametrize(("price", "flaw"), [("0", Flaw.ZERO), ("-1", Flaw.NEGATIVE)])
def test_an_option_can_not_have_traded_at_nothing(price: str, flaw: Flaw) -> None:
    judged = judge(KNOWN, tick(LAST, price), OPTION, NOON)
    assert judged == BadTick(replace(KNOWN, last=None), flaw)


@pytest.mark.req("S0.3")
@pytest.mark.parametrize("rules", [STOCK, OPTION])
@pytest.mark.parametrize("field", TickField)
def test_the_smallest_price_is_a_price(field: TickField, rules: TickRules) -> None:
    judged = judge(quote(), tick(field, "0.0001"), rules, NOON)
    assert isinstance(judged, GoodTick)
    assert judged.news == (field,)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (BID, quote(bid="10")),
        (ASK, quote(ask="10")),
        (LAST, quote(last="10")),
    ],
)
def test_a_good_tick_changes_its_own_field(field: TickField, expected: Quote) -> None:
    assert judge(quote(), tick(field, "10"), STOCK, NOON) == GoodTick(expected, (field,))


@pytest.mark.parametrize(
    ("field", "price", "expected"),
    [
        (BID, "189.98", replace(KNOWN, bid=Decimal("189.98"), bid_at=after(1))),
        (ASK, "190.02", replace(KNOWN, ask=Decimal("190.02"), ask_at=after(1))),
        (LAST, "190.50", replace(KNOWN, last=Decimal("190.50"), last_at=after(1))),
    ],
)
def test_a_good_tick_leaves_the_other_fields_as_they_are(
    field: TickField, price: str, expected: Quote
) -> None:
    judged = judge(KNOWN, tick(field, price, after(1)), STOCK, after(1))
    assert judged == GoodTick(expected, (field,))


@pytest.mark.req("S0.3", "I6")
@pytest.mark.parametrize(
    ("at", "now", "flaw"),
    [
        (NOON, after(2), None),
        (NOON, after(2) + TWEAK, Flaw.LATE),
        (after(1), NOON, None),
        (after(1) + TWEAK, NOON, Flaw.FROM_THE_FUTURE),
    ],
)
def test_a_tick_is_good_up_to_its_greatest_age_and_lead(
    at: datetime, now: datetime, flaw: Flaw | None
) -> None:
    judged = judge(quote(), tick(LAST, "190", at), STOCK, now)
    assert (judged.flaw if isinstance(judged, BadTick) else None) is flaw


@pytest.mark.req("S0.3", "I6")
@pytest.mark.parametrize("now", [NOON + timedelta(seconds=3), NOON - timedelta(seconds=3)])
def test_a_withdrawal_with_an_impossible_stamp_is_a_bad_tick(now: datetime) -> None:
    assert isinstance(judge(quote(), tick(BID, "-1"), OPTION, now), BadTick)


def test_the_bounds_of_a_stamp_are_settings() -> None:
    rules = TickRules(is_option=False, age_max=timedelta(seconds=5), ahead_max=timedelta(seconds=0))
    assert isinstance(judge(quote(), tick(LAST, "190"), rules, after(5)), GoodTick)
    assert isinstance(judge(quote(), tick(LAST, "190"), rules, after(5) + TWEAK), BadTick)
    assert isinstance(judge(quote(), tick(LAST, "190"), rules, NOON - TWEAK), BadTick)


@pytest.mark.req("S0.3")
@pytest.mark.parametrize("field", TickField)
def test_a_tick_older_than_what_is_known_of_its_field_changes_nothing(field: TickField) -> None:
    judged = judge(KNOWN, tick(field, "190.00", NOON - TWEAK), STOCK, NOON)
    assert judged == BadTick(KNOWN, Flaw.OUT_OF_ORDER)


@pytest.mark.parametrize("field", TickField)
def test_a_tick_with_the_stamp_that_is_known_is_in_order(field: TickField) -> None:
    assert isinstance(judge(KNOWN, tick(field, "190.00", NOON), STOCK, NOON), GoodTick)


@pytest.mark.parametrize(
    ("field", "known"),
    [
        (BID, replace(KNOWN, ask_at=after(1), last_at=after(1))),
        (ASK, replace(KNOWN, bid_at=after(1), last_at=after(1))),
        (LAST, replace(KNOWN, bid_at=after(1), ask_at=after(1))),
    ],
)
def test_each_field_has_an_order_of_its_own(field: TickField, known: Quote) -> None:
    assert isinstance(judge(known, tick(field, "190.00", NOON), STOCK, after(1)), GoodTick)


@pytest.mark.req("S0.3", "I6")
@pytest.mark.parametrize("price", [None, "NaN", "-1", "0"])
@pytest.mark.parametrize(
    ("field", "forgotten"),
    [
        (BID, replace(KNOWN, bid=None)),
        (ASK, replace(KNOWN, ask=None)),
        (LAST, replace(KNOWN, last=None)),
    ],
)
def test_an_unreadable_price_makes_its_own_field_unknown_and_no_other(
    field: TickField, forgotten: Quote, price: str | None
) -> None:
    assert judge(KNOWN, tick(field, price, after(1)), STOCK, after(1)).quote == forgotten


@pytest.mark.parametrize("now", [after(2) + TWEAK, NOON - timedelta(seconds=1) - TWEAK])
def test_a_price_at_an_impossible_time_makes_its_field_unknown(now: datetime) -> None:
    assert judge(KNOWN, tick(LAST, "180"), STOCK, now).quote == replace(KNOWN, last=None)


def test_a_stamp_from_the_future_does_not_shut_out_the_ticks_that_follow() -> None:
    judged = fold(KNOWN, [tick(LAST, "180", after(60)), tick(LAST, "190.02", NOON)])
    assert judged == GoodTick(replace(KNOWN, last=Decimal("190.02")), (LAST,))


@pytest.mark.parametrize(
    ("state", "raw", "flaw"),
    [
        (Quote(Feed.DELAYED, is_halted=True), tick(LAST, "NaN"), Flaw.NOT_REAL_TIME),
        (Quote(Feed.REAL_TIME, is_halted=True), tick(LAST, "NaN"), Flaw.HALTED),
        (KNOWN, tick(LAST, "NaN", NOON - timedelta(seconds=9)), Flaw.OUT_OF_ORDER),
        (quote(), tick(LAST, "NaN", NOON - timedelta(seconds=9)), Flaw.LATE),
        (quote(), tick(LAST, "NaN", NOON + timedelta(seconds=9)), Flaw.FROM_THE_FUTURE),
        (KNOWN, tick(BID, "-190.02"), Flaw.NEGATIVE),
    ],
)
def test_the_first_of_several_flaws_is_named(state: Quote, raw: RawTick, flaw: Flaw) -> None:
    judged = judge(state, raw, STOCK, NOON)
    assert isinstance(judged, BadTick)
    assert judged.flaw is flaw


@pytest.mark.parametrize("prices", [("{}", None, None), (None, "{}", None), (None, None, "{}")])
@pytest.mark.parametrize("price", ["0", "-1"])
def test_a_quote_can_not_hold_what_is_no_price(
    prices: tuple[str | None, str | None, str | None], price: str
) -> None:
    bid, ask, last = (None if text is None else text.format(price) for text in prices)
    with pytest.raises(ValueError, match=f"a quote holds the price {price}; a price is above 0"):
        quote(bid, ask, last)


def test_a_tick_of_no_age_at_all_would_never_come() -> None:
    with pytest.raises(ValueError, match="greatest age of a tick is 0:00:00; it must be above 0"):
        TickRules(is_option=False, age_max=timedelta(0))


def test_a_tick_can_not_have_to_be_behind() -> None:
    with pytest.raises(ValueError, match="can't be below 0"):
        TickRules(is_option=False, ahead_max=-TWEAK)


PRICES = st.one_of(
    st.none(),
    st.sampled_from([Decimal(text) for text in ("NaN", "Infinity", "0", "-1", "-5")]),
    st.decimals("9.90", "10.10", places=2),
)
TICKS = st.builds(
    RawTick,
    st.sampled_from(TickField),
    PRICES,
    st.sampled_from([after(seconds) for seconds in (-3, -1, 0, 0.5, 1, 3)]),
)


@pytest.mark.req("S0.3", "I6")
@given(ticks=st.lists(TICKS, max_size=20), rules=st.sampled_from([STOCK, OPTION]))
def test_only_a_sound_quote_ever_comes_with_a_good_tick(
    ticks: list[RawTick], rules: TickRules
) -> None:
    known = quote()
    for raw in ticks:
        judged = judge(known, raw, rules, NOON)
        known = judged.quote
        if isinstance(judged, GoodTick):
            assert known.flaw is None
            assert known.held_back == ()
            assert raw.field in judged.news
            assert NOON - rules.age_max <= raw.at <= NOON + rules.ahead_max


@given(ticks=st.lists(TICKS, max_size=20), rules=st.sampled_from([STOCK, OPTION]))
def test_every_field_that_was_believed_is_told_exactly_once(
    ticks: list[RawTick], rules: TickRules
) -> None:
    known, untold = quote(), set[TickField]()
    for raw in ticks:
        judged = judge(known, raw, rules, NOON)
        known = judged.quote
        if isinstance(judged, GoodTick):
            assert set(judged.news) == untold | {raw.field}
            untold = set()
        elif judged.flaw is Flaw.CROSSED:
            untold |= {raw.field}
        assert set(known.held_back) == untold


@given(ticks=st.lists(TICKS, min_size=1, max_size=8), rules=st.sampled_from([STOCK, OPTION]))
def test_what_was_judged_survives_as_json(ticks: list[RawTick], rules: TickRules) -> None:
    adapter: TypeAdapter[GoodTick | BadTick] = TypeAdapter(JudgedTick)
    judged = fold(quote(), ticks, rules)
    assert adapter.validate_json(adapter.dump_json(judged)) == judged
