"""When an entry fires: every state under every kind of tick, and any sequence of them."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.sessions import MarketPhase
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.triggers import (
    Confirming,
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
    next_day,
    on_tick,
    resume,
    tick_role,
)
from tests.domain.ticks.samples import NOON, after, good

State = Unseen | Waiting | Confirming | Fired | Missed

LEVEL = Decimal(190)
TRIGGER = Trigger(LEVEL, Crossing.ABOVE)
TWICE = replace(TRIGGER, confirm_ticks=2)

UNSEEN, WAITING = Unseen(LEVEL), Waiting(LEVEL)
WATCHED_ONCE, UNWATCHED_ONCE = Confirming(LEVEL, 1, True), Confirming(LEVEL, 1, False)
FIRED, MISSED = Fired(Decimal(191), NOON), Missed(Decimal(191), NOON)
STATES = (UNSEEN, WAITING, WATCHED_ONCE, UNWATCHED_ONCE, FIRED, MISSED)

NOTHING = TriggerDecision.NOTHING
NEAR, TOUCHING, BEYOND = "189.99", "190.00", "190.01"

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
    live = {UNSEEN, WAITING, WATCHED_ONCE, UNWATCHED_ONCE}
    roles = set(TickRole) - {TickRole.IGNORED}
    assert {(state, role, price) for state, role, price, _, _ in TABLE} == {
        (state, role, price)
        for state in live
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


# A plan can outlive the day.


@pytest.mark.req("S1.2")
@pytest.mark.parametrize(
    ("if_missed", "expected"),
    [(IfMissed.SKIP, UNSEEN), (IfMissed.ASK, UNSEEN), (IfMissed.FIRE, WAITING)],
)
@pytest.mark.parametrize("state", [UNSEEN, WAITING, WATCHED_ONCE, UNWATCHED_ONCE])
def test_a_new_day_begins_like_the_first(
    state: State, if_missed: IfMissed, expected: State
) -> None:
    assert next_day(replace(TRIGGER, if_missed=if_missed), state) == expected


@pytest.mark.req("S1.2")
def test_the_premarket_of_one_day_is_not_that_of_the_next() -> None:
    trigger = replace(TRIGGER, premarket=PremarketPolicy.REBASE)
    state, _ = morning(trigger, ("189", "195"), ("194",))
    assert state == Waiting(Decimal(195))
    assert next_day(trigger, state) == UNSEEN


@pytest.mark.req("S1.2")
def test_a_gap_over_night_was_crossed_while_nobody_watched() -> None:
    state = next_day(TRIGGER, WAITING)
    _, decision = on_tick(TRIGGER, state, good("199"), TickRole.COUNTED, NOON)
    assert decision is TriggerDecision.MISSED


@pytest.mark.req("S0.3")
def test_a_tick_of_yesterday_and_one_of_today_are_not_in_a_row() -> None:
    today = next_day(replace(TWICE, if_missed=IfMissed.FIRE), WATCHED_ONCE)
    assert on_tick(TWICE, today, good(BEYOND), TickRole.COUNTED, NOON) == (WATCHED_ONCE, NOTHING)


@pytest.mark.req("S0.1")
@pytest.mark.parametrize("state", [FIRED, MISSED])
def test_a_new_day_revives_no_trigger_that_is_over(state: State) -> None:
    assert next_day(replace(TRIGGER, if_missed=IfMissed.FIRE), state) is state


@pytest.mark.req("S1.2")
@pytest.mark.parametrize("policy", PremarketPolicy)
@pytest.mark.parametrize("before_open", [True, False])
def test_regular_hours_always_count(policy: PremarketPolicy, before_open: bool) -> None:
    assert tick_role(policy, MarketPhase.REGULAR, before_open=before_open) is TickRole.COUNTED


@pytest.mark.req("S1.2")
@pytest.mark.parametrize(
    ("policy", "role"),
    [
        (PremarketPolicy.IGNORE, TickRole.IGNORED),
        (PremarketPolicy.FIRE, TickRole.COUNTED),
        (PremarketPolicy.WAIT, TickRole.WATCHED),
        (PremarketPolicy.REBASE, TickRole.REBASES),
    ],
)
def test_the_plan_says_what_premarket_prices_are(policy: PremarketPolicy, role: TickRole) -> None:
    assert tick_role(policy, MarketPhase.EXTENDED, before_open=True) is role


@pytest.mark.req("S1.2")
@pytest.mark.parametrize("policy", PremarketPolicy)
@pytest.mark.parametrize(
    ("phase", "before_open"),
    [
        (MarketPhase.EXTENDED, False),
        (MarketPhase.CLOSED, True),
        (MarketPhase.CLOSED, False),
        (MarketPhase.UNKNOWN, True),
        (MarketPhase.UNKNOWN, False),
    ],
)
def test_nothing_counts_after_the_close_or_at_an_unknown_hour(
    policy: PremarketPolicy, phase: MarketPhase, before_open: bool
) -> None:
    assert tick_role(policy, phase, before_open=before_open) is TickRole.IGNORED


def morning(
    trigger: Trigger, premarket: tuple[str, ...], regular: tuple[str, ...]
) -> tuple[State, list[TriggerDecision]]:
    """A trigger through a morning: where it ends, and what it decided in regular hours."""
    state: State = begin(trigger)
    role = tick_role(trigger.premarket, MarketPhase.EXTENDED, before_open=True)
    for price in premarket:
        state, decision = on_tick(trigger, state, good(price), role, NOON)
        assert decision is NOTHING
    decisions = []
    for price in regular:
        state, decision = on_tick(trigger, state, good(price), TickRole.COUNTED, NOON)
        decisions.append(decision)
    return state, decisions


@pytest.mark.req("S1.2")
def test_a_trigger_that_waits_for_the_open_fires_there_if_the_price_still_is_beyond() -> None:
    trigger = replace(TRIGGER, premarket=PremarketPolicy.WAIT)
    _, decisions = morning(trigger, ("189", "191"), ("190.50",))
    assert decisions == [TriggerDecision.FIRE]


@pytest.mark.req("S1.2")
def test_a_trigger_that_waits_for_the_open_waits_on_if_the_price_has_come_back() -> None:
    trigger = replace(TRIGGER, premarket=PremarketPolicy.WAIT)
    state, decisions = morning(trigger, ("189", "191"), ("189.90",))
    assert (state, decisions) == (WAITING, [NOTHING])


@pytest.mark.req("S1.2")
def test_a_trigger_of_regular_hours_misses_a_gap_that_it_did_not_look_at() -> None:
    _, decisions = morning(TRIGGER, ("189", "191"), ("190.50",))
    assert decisions == [TriggerDecision.MISSED]


@pytest.mark.req("S1.2")
@pytest.mark.parametrize(
    ("when", "premarket", "level", "short_of_it", "beyond_it"),
    [
        (Crossing.ABOVE, ("189", "192", "191"), "192", "192", "192.01"),
        (Crossing.ABOVE, ("187", "188"), "190", "190", "190.01"),
        (Crossing.BELOW, ("191", "188", "189"), "188", "188", "187.99"),
        (Crossing.BELOW, ("193", "192"), "190", "190", "189.99"),
    ],
)
def test_a_rebased_trigger_needs_a_price_beyond_the_premarket_and_beyond_its_own(
    when: Crossing, premarket: tuple[str, ...], level: str, short_of_it: str, beyond_it: str
) -> None:
    trigger = Trigger(LEVEL, when, premarket=PremarketPolicy.REBASE)
    state, decisions = morning(trigger, premarket, (short_of_it,))
    assert (state, decisions) == (Waiting(Decimal(level)), [NOTHING])
    _, decisions = morning(trigger, premarket, (beyond_it,))
    assert decisions == [TriggerDecision.FIRE]


@pytest.mark.parametrize("confirm_ticks", [0, -1])
def test_a_trigger_needs_a_tick_to_fire_on(confirm_ticks: int) -> None:
    with pytest.raises(ValueError, match=f"can't fire on {confirm_ticks} ticks"):
        replace(TRIGGER, confirm_ticks=confirm_ticks)


@pytest.mark.parametrize("price", ["0", "-1"])
def test_a_trigger_needs_a_price(price: str) -> None:
    with pytest.raises(ValueError, match=f"the trigger is {price}; it must be above 0"):
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
