"""From the wire to a decision: what no sequence of ticks can bring about.

The rules are joined here as the edge joins them: a raw tick is judged, a good one is asked for the
price that a rule looks at, and only that price reaches the rule.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.prices import PriceGrid
from backstay.domain.ticks import guarding, triggers
from backstay.domain.ticks.guarding import Guarded, GuardRules
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.quotes import Feed, GoodTick, Quote, RawTick, TickField, TickRules, judge
from backstay.domain.ticks.sources import GoodPrice, PriceSource, standing_price, told_price
from backstay.domain.ticks.stops import HOLDING, StopDecision, StopRule
from backstay.domain.ticks.trails import Resting, Trail
from backstay.domain.ticks.triggers import (
    IfMissed,
    TickRole,
    Trigger,
    TriggerDecision,
    TriggerState,
)
from tests.domain.ticks.samples import NOON, TWEAK, after, quote

BID, ASK, LAST = TickField.BID, TickField.ASK, TickField.LAST
STOCK = TickRules(is_option=False)
LEVEL = Decimal(100)
LONG = GuardRules(
    StopRule(Crossing.BELOW, breach_pct=Decimal("0.1")),
    PriceGrid.uniform(Decimal("0.01")),
    Trail(Crossing.BELOW, LEVEL, Decimal(1), Decimal("0.50")),
)
START = Guarded(Resting(LEVEL))


def prices_told(
    ticks: Sequence[RawTick], source: PriceSource, known: Quote | None = None
) -> list[GoodPrice | None]:
    """What each of `ticks`, all seen at noon, tells of `source`."""
    known = known or quote()
    told: list[GoodPrice | None] = []
    for raw in ticks:
        judged = judge(known, raw, STOCK, NOON)
        known = judged.quote
        told.append(told_price(judged, source) if isinstance(judged, GoodTick) else None)
    return told


def guard_decisions(rules: GuardRules, prices: list[GoodPrice | None]) -> list[StopDecision]:
    guarded, decisions = START, []
    for price in prices:
        if price is not None:
            guarded, decision = guarding.on_tick(rules, guarded, price, NOON)
            decisions.append(decision)
    return decisions


def trigger_decisions(trigger: Trigger, prices: list[GoodPrice | None]) -> list[TriggerDecision]:
    state: TriggerState = triggers.begin(trigger)
    decisions = []
    for price in prices:
        if price is not None:
            state, decision = triggers.on_tick(trigger, state, price, TickRole.COUNTED, NOON)
            decisions.append(decision)
    return decisions


def raw_ticks(field: TickField, low: str, high: str) -> st.SearchStrategy[RawTick]:
    return st.builds(RawTick, st.just(field), st.decimals(low, high, places=2), st.just(NOON))


UNREADABLE = st.builds(
    RawTick,
    st.sampled_from(TickField),
    st.sampled_from([None, Decimal("NaN"), Decimal(0), Decimal(-1), Decimal(-7)]),
    st.just(NOON),
)
UNTIMELY = st.builds(
    RawTick,
    st.sampled_from(TickField),
    st.decimals("95", "105", places=2),
    st.sampled_from([NOON - timedelta(minutes=1), NOON + timedelta(minutes=1)]),
)
BAD = st.one_of(UNREADABLE, UNTIMELY)
PRINTS = raw_ticks(LAST, "98", "103")
SOUND = st.one_of(raw_ticks(BID, "95", "97"), raw_ticks(ASK, "104", "106"), PRINTS)
ANY = st.one_of(
    raw_ticks(BID, "99", "102"), raw_ticks(ASK, "99", "102"), raw_ticks(LAST, "99", "102"), BAD
)
SOURCES = st.sampled_from(PriceSource)
FLAWED = st.sampled_from(
    [Quote(Feed.DELAYED), Quote(Feed.FROZEN), Quote(Feed.REAL_TIME, is_halted=True)]
)
TRIGGER = Trigger(LEVEL, Crossing.ABOVE, confirm_ticks=2, if_missed=IfMissed.FIRE)


@pytest.mark.req("S0.3", "I6")
@given(ticks=st.lists(st.tuples(SOUND, st.lists(BAD, max_size=2)), max_size=15))
def test_bad_ticks_among_good_ones_change_no_decision(
    ticks: list[tuple[RawTick, list[RawTick]]],
) -> None:
    clean = prices_told([sound for sound, _ in ticks], PriceSource.LAST)
    littered = prices_told(
        [each for sound, bad in ticks for each in (*bad, sound)], PriceSource.LAST
    )
    assert guard_decisions(LONG, littered) == guard_decisions(LONG, clean)
    assert trigger_decisions(TRIGGER, littered) == trigger_decisions(TRIGGER, clean)


@pytest.mark.req("S0.3", "I6")
@given(source=SOURCES, ticks=st.lists(BAD, max_size=15))
def test_bad_ticks_alone_tell_nothing(source: PriceSource, ticks: list[RawTick]) -> None:
    assert prices_told(ticks, source, quote("99.99", "100.01", "100")) == [None] * len(ticks)


@pytest.mark.req("S0.3", "S3.7", "I6")
@given(source=SOURCES, flawed=FLAWED, ticks=st.lists(ANY, max_size=15))
def test_ticks_of_delayed_or_halted_data_tell_nothing(
    source: PriceSource, flawed: Quote, ticks: list[RawTick]
) -> None:
    assert prices_told(ticks, source, flawed) == [None] * len(ticks)


@pytest.mark.req("S0.1", "S0.6", "I6")
@given(source=SOURCES, ticks=st.lists(ANY, max_size=30))
def test_each_watch_fires_at_most_once_on_any_ticks(
    source: PriceSource, ticks: list[RawTick]
) -> None:
    prices = prices_told(ticks, source)
    assert guard_decisions(LONG, prices).count(StopDecision.FIRE) <= 1
    assert trigger_decisions(TRIGGER, prices).count(TriggerDecision.FIRE) <= 1


@pytest.mark.req("S0.3", "S0.6")
@given(ticks=st.lists(st.one_of(PRINTS, BAD), max_size=30))
def test_a_stop_on_prints_fires_on_the_second_readable_breach_in_a_row(
    ticks: list[RawTick],
) -> None:
    rules = replace(LONG, trail=None)
    prices = [raw.price for raw in ticks if raw.field is LAST and raw.at == NOON]
    readable = [price for price in prices if price is not None and price.is_finite() and price > 0]
    breaches = [price < Decimal("99.9") for price in readable]
    confirmed = [i for i in range(1, len(breaches)) if breaches[i - 1] and breaches[i]]
    decisions = guard_decisions(rules, prices_told(ticks, PriceSource.LAST))
    fired = [i for i, decision in enumerate(decisions) if decision is StopDecision.FIRE]
    assert fired == confirmed[:1]


MIRRORED_SOURCES = {
    PriceSource.LAST: PriceSource.LAST,
    PriceSource.BID: PriceSource.ASK,
    PriceSource.ASK: PriceSource.BID,
    PriceSource.MID: PriceSource.MID,
}
MIRRORED_FIELDS = {BID: ASK, ASK: BID, LAST: LAST}


def mirrored(raw: RawTick) -> RawTick:
    """The tick as a short position sees it: reflected about the level, bid and ask swapped."""
    is_price = raw.price is not None and raw.price.is_finite() and raw.price > 0
    image = 2 * LEVEL - raw.price if is_price and raw.price is not None else raw.price
    return RawTick(MIRRORED_FIELDS[raw.field], image, raw.at)


@pytest.mark.req("S0.6")
@given(source=SOURCES, ticks=st.lists(ANY, max_size=30), with_trail=st.booleans())
def test_long_and_short_are_mirror_images(
    source: PriceSource, ticks: list[RawTick], with_trail: bool
) -> None:
    # A breach is a share of its stop, so only a stop that stays at the level has a mirror image.
    breach_pct = Decimal(0) if with_trail else Decimal("0.1")
    trail = LONG.trail if with_trail else None
    long = replace(LONG, stop=replace(LONG.stop, breach_pct=breach_pct), trail=trail)
    short = replace(
        long,
        stop=replace(long.stop, crossing=Crossing.ABOVE),
        trail=trail and replace(trail, crossing=Crossing.ABOVE),
    )
    images = [mirrored(raw) for raw in ticks]
    real_prices = prices_told(ticks, source)
    image_prices = prices_told(images, MIRRORED_SOURCES[source])
    assert guard_decisions(long, real_prices) == guard_decisions(short, image_prices)
    below = replace(TRIGGER, when=Crossing.BELOW)
    assert trigger_decisions(TRIGGER, real_prices) == trigger_decisions(below, image_prices)


@pytest.mark.req("S0.6", "I6")
@given(ticks=st.lists(ANY, max_size=15), source=SOURCES)
def test_no_breach_stands_on_a_quote_that_is_flawed_or_interrupted(
    ticks: list[RawTick], source: PriceSource
) -> None:
    known = quote()
    for raw in ticks:
        known = judge(known, raw, STOCK, NOON).quote
        if known.flaw is not None:
            assert standing_price(known, source) is None
    for flawed in (known.interrupted(), known.halted(), known.from_feed(Feed.DELAYED)):
        assert standing_price(flawed, source) is None


@pytest.mark.req("S0.6", "I6")
def test_one_bad_print_and_then_silence_does_not_fire() -> None:
    known = quote("100.49", "100.51", "100.50")
    judged = judge(known, RawTick(LAST, Decimal(50), NOON), STOCK, NOON)
    assert isinstance(judged, GoodTick)
    price = told_price(judged, PriceSource.LAST)
    assert price == Decimal(50)
    guarded, decision = guarding.on_tick(LONG, START, price, NOON)
    assert decision is StopDecision.LOOK_AGAIN
    standing = standing_price(judged.quote, PriceSource.LAST)
    guarded, decision = guarding.on_time(LONG, guarded, standing, True, after(0.5))
    assert decision is StopDecision.RECOVERED
    assert guarded.breach is HOLDING


@pytest.mark.req("S0.6")
def test_a_gap_after_which_no_second_tick_comes_fires_when_the_market_is_there_too() -> None:
    known = quote("89.99", "90.01")
    judged = judge(known, RawTick(LAST, Decimal(90), NOON), STOCK, NOON)
    assert isinstance(judged, GoodTick)
    price = told_price(judged, PriceSource.LAST)
    assert price is not None
    guarded, _ = guarding.on_tick(LONG, START, price, NOON)
    standing = standing_price(judged.quote, PriceSource.LAST)
    early, decision = guarding.on_time(LONG, guarded, standing, True, after(0.5) - TWEAK)
    assert decision is StopDecision.NOTHING
    _, decision = guarding.on_time(LONG, early, standing, True, after(0.5))
    assert decision is StopDecision.FIRE


@pytest.mark.req("S0.6")
def test_a_flicker_of_the_quotes_does_not_make_one_print_a_second() -> None:
    ticks = [
        RawTick(LAST, Decimal(99), NOON),
        RawTick(BID, Decimal(102), NOON),
        RawTick(ASK, Decimal(103), NOON),
    ]
    prices = prices_told(ticks, PriceSource.LAST, quote("98.99", "99.01"))
    assert prices == [Decimal(99), None, None]
