"""When an entry fires: every state under every kind of tick, and any sequence of them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.triggers import (
    Fired,
    IfMissed,
    Missed,
    PremarketPolicy,
    TickRole,
    Trigger,
    TriggerDecision,
    TriggerState,
    Unseen,
    Waiting,
    begin,
    on_tick,
    resume,
)
from tests.domain.ticks.armed import (
    BEYOND,
    FIRED,
    LEVEL,
    LIVING,
    MISSED,
    NEAR,
    NOTHING,
    TOUCHING,
    TRIGGER,
    TWICE,
    UNSEEN,
    UNWATCHED_ONCE,
    WAITING,
    WATCHED_ONCE,
    State,
)
from tests.domain.ticks.samples import NOON, after, good

STATES = (*LIVING, FIRED, MISSED)


TABLE = [
    (UNSEEN, TickRole.COUNTED, NEAR, WAITING, NOTHING),
    (UNSEEN, TickRole.COUNTED, TOUCHING, WAITING, NOTHING),
    (UNSEEN, TickRole.COUNTED, BEYOND, UNWATCHED_ONCE, NOTHING),
    (UNSEEN, TickRole.WATCHED, NEAR, WAITING, NOTHING),
    (UNSEEN, TickRole.WATCHED, TOUCHING, WAITING, NOTHING),
    (UNSEEN, TickRole.WATCHED, BEYOND, UNSEEN, NOTHING),
    (UNSEEN, TickRole.REBASES, NEAR, WAITING, NOTHING),
    (UNSEEN, TickRole.REBASES, TOUCHING, WAITING, NOTHING),
    (UNSEEN, TickRole.REBASES, BEYOND, Waiting(Decimal("190.01")), NOTHING),
    (WAITING, TickRole.COUNTED, NEAR, WAITING, NOTHING),
    (WAITING, TickRole.COUNTED, TOUCHING, WAITING, NOTHING),
    (WAITING, TickRole.COUNTED, BEYOND, WATCHED_ONCE, NOTHING),
    (WAITING, TickRole.WATCHED, NEAR, WAITING, NOTHING),
    (WAITING, TickRole.WATCHED, TOUCHING, WAITING, NOTHING),
    (WAITING, TickRole.WATCHED, BEYOND, WAITING, NOTHING),
    (WAITING, TickRole.REBASES, NEAR, WAITING, NOTHING),
    (WAITING, TickRole.REBASES, TOUCHING, WAITING, NOTHING),
    (WAITING, TickRole.REBASES, BEYOND, Waiting(Decimal("190.01")), NOTHING),
    (WATCHED_ONCE, TickRole.COUNTED, NEAR, WAITING, NOTHING),
    (WATCHED_ONCE, TickRole.COUNTED, TOUCHING, WAITING, NOTHING),
    (
        WATCHED_ONCE,
        TickRole.COUNTED,
        BEYOND,
        Fired(Decimal("190.01"), NOON),
        TriggerDecision.FIRE,
    ),
    (WATCHED_ONCE, TickRole.WATCHED, NEAR, WAITING, NOTHING),
    (WATCHED_ONCE, TickRole.WATCHED, TOUCHING, WAITING, NOTHING),
    (WATCHED_ONCE, TickRole.WATCHED, BEYOND, WATCHED_ONCE, NOTHING),
    (WATCHED_ONCE, TickRole.REBASES, NEAR, WAITING, NOTHING),
    (WATCHED_ONCE, TickRole.REBASES, TOUCHING, WAITING, NOTHING),
    (WATCHED_ONCE, TickRole.REBASES, BEYOND, Waiting(Decimal("190.01")), NOTHING),
    (UNWATCHED_ONCE, TickRole.COUNTED, NEAR, WAITING, NOTHING),
    (UNWATCHED_ONCE, TickRole.COUNTED, TOUCHING, WAITING, NOTHING),
    (
        UNWATCHED_ONCE,
        TickRole.COUNTED,
        BEYOND,
        Missed(Decimal("190.01"), NOON),
        TriggerDecision.MISSED,
    ),
    (UNWATCHED_ONCE, TickRole.WATCHED, NEAR, WAITING, NOTHING),
    (UNWATCHED_ONCE, TickRole.WATCHED, TOUCHING, WAITING, NOTHING),
    (UNWATCHED_ONCE, TickRole.WATCHED, BEYOND, UNWATCHED_ONCE, NOTHING),
    (UNWATCHED_ONCE, TickRole.REBASES, NEAR, WAITING, NOTHING),
    (UNWATCHED_ONCE, TickRole.REBASES, TOUCHING, WAITING, NOTHING),
    (UNWATCHED_ONCE, TickRole.REBASES, BEYOND, Waiting(Decimal("190.01")), NOTHING),
]


@pytest.mark.req("S0.1", "S0.3", "S1.2")
@pytest.mark.parametrize(("state", "role", "price", "expected", "decision"), TABLE)
def test_each_state_takes_each_tick_as_the_table_says(
    state: State, role: TickRole, price: str, expected: State, decision: TriggerDecision
) -> None:
    assert on_tick(TWICE, state, good(price), role, NOON) == (expected, decision)


def test_the_table_is_complete() -> None:
    roles = set(TickRole) - {TickRole.IGNORED}
    assert {(state, role, price) for state, role, price, _, _ in TABLE} == {
        (state, role, price)
        for state in LIVING
        for role in roles
        for price in (NEAR, TOUCHING, BEYOND)
    }


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("price", [NEAR, TOUCHING, BEYOND])
def test_a_tick_outside_the_watched_hours_changes_nothing(state: State, price: str) -> None:
    after_tick, decision = on_tick(TWICE, state, good(price), TickRole.IGNORED, NOON)
    assert after_tick is state
    assert decision is NOTHING


@pytest.mark.req("S0.1")
@pytest.mark.parametrize("state", [FIRED, MISSED])
@pytest.mark.parametrize("role", TickRole)
@pytest.mark.parametrize("price", [NEAR, TOUCHING, BEYOND])
def test_a_trigger_that_is_over_takes_in_no_tick(state: State, role: TickRole, price: str) -> None:
    after_tick, decision = on_tick(TRIGGER, state, good(price), role, after(1))
    assert after_tick is state
    assert decision is NOTHING


@pytest.mark.parametrize("price", [NEAR, TOUCHING])
def test_a_tick_that_changes_nothing_makes_no_new_value(price: str) -> None:
    assert on_tick(TRIGGER, WAITING, good(price), TickRole.COUNTED, NOON)[0] is WAITING


def test_one_confirmation_fires_on_the_first_tick_beyond() -> None:
    assert on_tick(TRIGGER, WAITING, good("190.01"), TickRole.COUNTED, after(2)) == (
        Fired(Decimal("190.01"), after(2)),
        TriggerDecision.FIRE,
    )


def test_a_price_that_is_beyond_at_the_first_sight_was_missed() -> None:
    assert on_tick(TRIGGER, UNSEEN, good("190.01"), TickRole.COUNTED, after(2)) == (
        Missed(Decimal("190.01"), after(2)),
        TriggerDecision.MISSED,
    )


@pytest.mark.req("S0.3")
def test_three_confirmations_need_three_ticks_in_a_row() -> None:
    thrice = replace(TRIGGER, confirm_ticks=3)
    state: State = WAITING
    decisions = []
    for price in ("191", "191", "190", "191", "191", "191"):
        state, decision = on_tick(thrice, state, good(price), TickRole.COUNTED, NOON)
        decisions.append(decision)
    assert decisions == [NOTHING] * 5 + [TriggerDecision.FIRE]


@pytest.mark.parametrize(
    ("when", "price", "fires"),
    [
        (Crossing.ABOVE, "190.95", False),
        (Crossing.ABOVE, "190.951", True),
        (Crossing.BELOW, "189.05", False),
        (Crossing.BELOW, "189.049", True),
        (Crossing.BELOW, "190.951", False),
    ],
)
def test_a_breach_has_to_be_as_deep_as_the_plan_asks(
    when: Crossing, price: str, fires: bool
) -> None:
    trigger = Trigger(LEVEL, when, breach_pct=Decimal("0.5"))
    _, decision = on_tick(trigger, WAITING, good(price), TickRole.COUNTED, NOON)
    assert decision is (TriggerDecision.FIRE if fires else NOTHING)


@pytest.mark.parametrize(
    ("if_missed", "expected"),
    [(IfMissed.SKIP, UNSEEN), (IfMissed.ASK, UNSEEN), (IfMissed.FIRE, WAITING)],
)
def test_a_plan_that_fires_on_a_missed_crossing_has_nothing_to_miss(
    if_missed: IfMissed, expected: State
) -> None:
    trigger = replace(TRIGGER, if_missed=if_missed)
    assert begin(trigger) == expected
    assert resume(trigger, UNSEEN) == expected
    assert resume(trigger, WAITING) == expected
    assert resume(trigger, WATCHED_ONCE) == expected


@pytest.mark.req("S1.14", "S0.1")
@pytest.mark.parametrize("state", [FIRED, MISSED])
def test_a_restart_revives_no_trigger_that_is_over(state: State) -> None:
    assert resume(replace(TRIGGER, if_missed=IfMissed.FIRE), state) is state


@pytest.mark.req("S1.14", "S1.2")
def test_a_rebased_level_survives_a_restart() -> None:
    assert resume(TRIGGER, Waiting(Decimal(192))) == Unseen(Decimal(192))


@pytest.mark.parametrize("confirm_ticks", [0, -1])
def test_a_trigger_needs_a_tick_to_fire_on(confirm_ticks: int) -> None:
    with pytest.raises(ValueError, match=f"can't fire on {confirm_ticks} ticks"):
        replace(TRIGGER, confirm_ticks=confirm_ticks)


@pytest.mark.parametrize("price", ["0", "-1"])
def test_a_trigger_needs_a_price(price: str) -> None:
    with pytest.raises(ValueError, match=f"the trigger is {price}; it must be a number above 0"):
        replace(TRIGGER, price=Decimal(price))


def test_a_trigger_can_be_at_the_price_of_a_penny_stock() -> None:
    assert replace(TRIGGER, price=Decimal("0.01")).price == Decimal("0.01")


def test_a_trigger_refuses_a_breach_that_no_price_can_pass() -> None:
    with pytest.raises(ValueError, match="the breach is 100 %"):
        replace(TRIGGER, breach_pct=Decimal(100))


def test_a_trigger_is_by_default_the_plain_one_of_regular_hours() -> None:
    assert Trigger(LEVEL, Crossing.ABOVE) == Trigger(
        LEVEL,
        Crossing.ABOVE,
        PriceSource.LAST,
        1,
        Decimal(0),
        PremarketPolicy.IGNORE,
        IfMissed.SKIP,
    )


PRICES = st.decimals("189.90", "190.10", places=2)
ROLES = st.sampled_from(TickRole)


@pytest.mark.req("S0.1", "S0.3")
@given(
    prices=st.lists(st.tuples(PRICES, ROLES), max_size=30),
    confirm_ticks=st.integers(1, 4),
)
def test_a_trigger_fires_once_and_only_on_as_many_counted_ticks_in_a_row_as_asked(
    prices: list[tuple[Decimal, TickRole]], confirm_ticks: int
) -> None:
    trigger = replace(TRIGGER, confirm_ticks=confirm_ticks)
    state: State = begin(trigger)
    level, run, watched, over = LEVEL, 0, False, False
    for price, role in prices:
        state, decision = on_tick(trigger, state, good(price), role, NOON)
        expected = NOTHING
        if not over and role is TickRole.REBASES:
            level, run, watched = max(level, price), 0, True
        elif not over and role is not TickRole.IGNORED and price <= level:
            run, watched = 0, True
        elif not over and role is TickRole.COUNTED:
            run += 1
            over = run == confirm_ticks
            outcome = TriggerDecision.FIRE if watched else TriggerDecision.MISSED
            expected = outcome if over else NOTHING
        assert decision is expected
        assert isinstance(state, Fired | Missed) is over


@given(
    prices=st.lists(PRICES, max_size=20),
    roles=st.lists(ROLES, min_size=20, max_size=20),
    confirm_ticks=st.integers(1, 3),
    breach_pct=st.sampled_from([Decimal(0), Decimal("0.01")]),
)
def test_a_trigger_above_mirrors_one_below(
    prices: list[Decimal], roles: list[TickRole], confirm_ticks: int, breach_pct: Decimal
) -> None:
    above = Trigger(LEVEL, Crossing.ABOVE, confirm_ticks=confirm_ticks, breach_pct=breach_pct)
    below = replace(above, when=Crossing.BELOW)
    # A threshold is a share of its level, so only an unmoved level has a mirror image.
    roles = [TickRole.WATCHED if role is TickRole.REBASES else role for role in roles]
    high: State = begin(above)
    low: State = begin(below)
    for price, role in zip(prices, roles, strict=False):
        high, decided_high = on_tick(above, high, good(price), role, NOON)
        low, decided_low = on_tick(below, low, good(2 * LEVEL - price), role, NOON)
        assert decided_high is decided_low
        assert type(high) is type(low)


@pytest.mark.parametrize("state", STATES)
def test_each_state_survives_as_json(state: State) -> None:
    adapter: TypeAdapter[State] = TypeAdapter(TriggerState)
    assert adapter.validate_json(adapter.dump_json(state)) == state


def test_a_trigger_survives_as_json() -> None:
    adapter = TypeAdapter(Trigger)
    assert adapter.validate_json(adapter.dump_json(TWICE)) == TWICE
