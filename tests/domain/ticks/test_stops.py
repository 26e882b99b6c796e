"""When a stop is breached for good: every state under every event, and any sequence of them."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.stops import (
    HOLDING,
    Breached,
    Confirmation,
    Fired,
    Holding,
    StopDecision,
    StopRule,
    StopState,
    look_again_at,
    on_tick,
    on_time,
)
from tests.domain.ticks.samples import NOON, TWEAK, after, good

State = Holding | Breached | Fired

STOP = Decimal(200)
LONG = StopRule(Crossing.BELOW)
SHORT = StopRule(Crossing.ABOVE)
"""By default a breach is more than 0.1 % of 200, that is 0.20, deep."""

ONCE = Breached(1, NOON)
FIRED = Fired(Decimal(199), NOON, Confirmation.TICKS)
NOTHING = StopDecision.NOTHING
DUE = after(0.5)


@pytest.mark.req("S0.6", "S1.3")
@pytest.mark.parametrize(
    ("rule", "price", "breached"),
    [
        (LONG, "199.79", True),
        (LONG, "199.80", False),
        (LONG, "199.99", False),
        (LONG, "200.21", False),
        (SHORT, "200.21", True),
        (SHORT, "200.20", False),
        (SHORT, "200.01", False),
        (SHORT, "199.79", False),
        (replace(LONG, breach_pct=Decimal(0)), "199.99", True),
        (replace(LONG, breach_pct=Decimal(0)), "200.00", False),
        (replace(SHORT, breach_pct=Decimal(1)), "202.00", False),
        (replace(SHORT, breach_pct=Decimal(1)), "202.01", True),
    ],
)
def test_a_breach_is_deeper_than_its_threshold(rule: StopRule, price: str, breached: bool) -> None:
    assert rule.is_breached(STOP, Decimal(price)) is breached
    state, _ = on_tick(rule, STOP, HOLDING, good(price), NOON)
    assert isinstance(state, Breached) is breached


@pytest.mark.req("S0.6")
@pytest.mark.parametrize(
    ("state", "price", "expected", "decision"),
    [
        (HOLDING, "200.00", HOLDING, NOTHING),
        (HOLDING, "199.79", Breached(1, after(3)), StopDecision.LOOK_AGAIN),
        (ONCE, "199.80", HOLDING, StopDecision.RECOVERED),
        (
            ONCE,
            "199.79",
            Fired(Decimal("199.79"), after(3), Confirmation.TICKS),
            StopDecision.FIRE,
        ),
        (FIRED, "205.00", FIRED, NOTHING),
        (FIRED, "150.00", FIRED, NOTHING),
    ],
)
def test_each_state_takes_each_tick_as_the_table_says(
    state: State, price: str, expected: State, decision: StopDecision
) -> None:
    assert on_tick(LONG, STOP, state, good(price), after(3)) == (expected, decision)


def test_three_confirmations_ask_for_one_look_and_keep_the_time_of_the_first() -> None:
    rule = replace(LONG, confirm_ticks=3)
    first, decision = on_tick(rule, STOP, HOLDING, good("199"), NOON)
    assert decision is StopDecision.LOOK_AGAIN
    second, decision = on_tick(rule, STOP, first, good("198"), after(0.1))
    assert (second, decision) == (Breached(2, NOON), NOTHING)
    third, decision = on_tick(rule, STOP, second, good("197"), after(0.2))
    assert third == Fired(Decimal(197), after(0.2), Confirmation.TICKS)
    assert decision is StopDecision.FIRE


def test_a_stop_that_asks_for_one_tick_fires_on_it() -> None:
    rule = replace(LONG, confirm_ticks=1)
    assert on_tick(rule, STOP, HOLDING, good("199"), NOON) == (
        Fired(Decimal(199), NOON, Confirmation.TICKS),
        StopDecision.FIRE,
    )


@pytest.mark.req("S0.6")
def test_a_breach_that_still_stands_after_half_a_second_fires() -> None:
    assert look_again_at(LONG, ONCE) == DUE
    assert on_time(LONG, STOP, ONCE, good("199.79"), True, DUE) == (
        Fired(Decimal("199.79"), DUE, Confirmation.TIME),
        StopDecision.FIRE,
    )


@pytest.mark.req("S0.6")
def test_how_long_a_breach_has_to_stand_is_a_setting() -> None:
    rule = replace(LONG, stands_for=timedelta(seconds=2))
    assert look_again_at(rule, ONCE) == after(2)
    assert on_time(rule, STOP, ONCE, good("199"), True, after(2) - TWEAK) == (ONCE, NOTHING)
    _, decision = on_time(rule, STOP, ONCE, good("199"), True, after(2))
    assert decision is StopDecision.FIRE


@pytest.mark.req("S0.6")
def test_a_breach_that_the_standing_price_denies_is_over() -> None:
    assert on_time(LONG, STOP, ONCE, good("199.80"), True, DUE) == (
        HOLDING,
        StopDecision.RECOVERED,
    )


@pytest.mark.req("S0.6", "I6")
@pytest.mark.parametrize(
    ("state", "standing", "feed_is_live", "now"),
    [
        (ONCE, "199", True, DUE - TWEAK),
        (ONCE, "201", True, DUE - TWEAK),
        (ONCE, "199", True, NOON - timedelta(hours=1)),
        (ONCE, "199", False, DUE),
        (ONCE, "201", False, DUE),
        (ONCE, None, True, DUE),
        (ONCE, None, False, DUE),
        (HOLDING, "199", True, DUE),
        (HOLDING, "201", True, DUE),
        (FIRED, "199", True, DUE),
        (FIRED, "201", True, DUE),
    ],
)
def test_time_decides_nothing_too_early_or_on_what_is_not_known(
    state: State, standing: str | None, feed_is_live: bool, now: datetime
) -> None:
    price = None if standing is None else good(standing)
    after_look, decision = on_time(LONG, STOP, state, price, feed_is_live, now)
    assert after_look is state
    assert decision is NOTHING


def test_a_stop_is_by_default_as_careful_as_it_is_said_to_be() -> None:
    assert StopRule(Crossing.BELOW) == StopRule(
        Crossing.BELOW, Decimal("0.1"), 2, timedelta(milliseconds=500)
    )


@pytest.mark.parametrize("confirm_ticks", [0, -1])
def test_a_stop_needs_a_tick_to_fire_on(confirm_ticks: int) -> None:
    with pytest.raises(ValueError, match=f"can't fire on {confirm_ticks} ticks"):
        replace(LONG, confirm_ticks=confirm_ticks)


@pytest.mark.parametrize("stands_for", [timedelta(0), -TWEAK])
def test_a_breach_has_to_stand_for_some_time(stands_for: timedelta) -> None:
    with pytest.raises(ValueError, match="it must be above 0"):
        replace(LONG, stands_for=stands_for)


def test_a_stop_refuses_a_breach_that_no_price_can_pass() -> None:
    with pytest.raises(ValueError, match="the breach is 100 %"):
        replace(LONG, breach_pct=Decimal(100))


PRICES = st.decimals("199.50", "200.50", places=2)
EVENTS = st.one_of(
    st.tuples(st.just("tick"), PRICES, st.just(True)),
    st.tuples(st.just("time"), st.none() | PRICES, st.booleans()),
)
STEPS = st.lists(st.tuples(EVENTS, st.sampled_from([0.0, 0.1, 0.25, 0.5])), max_size=30)
Step = tuple[tuple[str, Decimal | None, bool], float]


@pytest.mark.req("S0.6", "S0.1")
@given(steps=STEPS, confirm_ticks=st.integers(1, 4))
def test_a_stop_fires_once_and_only_on_ticks_enough_or_on_time_enough(
    steps: list[Step], confirm_ticks: int
) -> None:
    rule = replace(LONG, confirm_ticks=confirm_ticks)
    state: State = HOLDING
    now, run, since, over = 0.0, 0, 0.0, False
    for (event, price, feed_is_live), pause in steps:
        now += pause
        if event == "tick":
            assert price is not None
            state, decision = on_tick(rule, STOP, state, good(price), after(now))
            breached = price < Decimal("199.8")
            since = now if breached and not run else since
            run = run + 1 if breached else 0
            fires = not over and run >= confirm_ticks
        else:
            standing = None if price is None else good(price)
            state, decision = on_time(rule, STOP, state, standing, feed_is_live, after(now))
            asks = (
                run > 0
                and feed_is_live
                and price is not None
                and after(now) >= (after(since) + timedelta(milliseconds=500))
            )
            breached = price is not None and price < Decimal("199.8")
            fires = not over and asks and breached
            run = 0 if asks and not breached else run
        over = over or fires
        assert (decision is StopDecision.FIRE) is fires
        assert isinstance(state, Fired) is over


@pytest.mark.req("S0.6")
@given(steps=STEPS, confirm_ticks=st.integers(1, 3))
def test_a_long_stop_mirrors_a_short_one(steps: list[Step], confirm_ticks: int) -> None:
    long_rule = replace(LONG, confirm_ticks=confirm_ticks)
    short_rule = replace(SHORT, confirm_ticks=confirm_ticks)
    long: State = HOLDING
    short: State = HOLDING
    now = 0.0
    for (event, price, feed_is_live), pause in steps:
        now += pause
        image = None if price is None else good(2 * STOP - price)
        real = None if price is None else good(price)
        if event == "tick":
            assert real is not None
            assert image is not None
            long, decided_long = on_tick(long_rule, STOP, long, real, after(now))
            short, decided_short = on_tick(short_rule, STOP, short, image, after(now))
        else:
            long, decided_long = on_time(long_rule, STOP, long, real, feed_is_live, after(now))
            short, decided_short = on_time(short_rule, STOP, short, image, feed_is_live, after(now))
        assert decided_long is decided_short
        assert type(long) is type(short)


@pytest.mark.parametrize("state", [HOLDING, ONCE, FIRED])
def test_each_state_survives_as_json(state: State) -> None:
    adapter: TypeAdapter[State] = TypeAdapter(StopState)
    assert adapter.validate_json(adapter.dump_json(state)) == state


def test_a_rule_survives_as_json() -> None:
    adapter = TypeAdapter(StopRule)
    assert adapter.validate_json(adapter.dump_json(SHORT)) == SHORT
