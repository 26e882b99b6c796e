"""What a trigger makes of the hours: premarket, the open, the night."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.sessions import MarketPhase
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import (
    IfMissed,
    PremarketPolicy,
    TickRole,
    Trigger,
    TriggerDecision,
    Waiting,
    begin,
    next_day,
    on_tick,
    tick_role,
)
from tests.domain.ticks.armed import (
    BEYOND,
    FIRED,
    LEVEL,
    LIVING,
    MISSED,
    NOTHING,
    TRIGGER,
    TWICE,
    UNSEEN,
    WAITING,
    WATCHED_ONCE,
    State,
)
from tests.domain.ticks.samples import NOON, good


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


# A plan can outlive the day.


@pytest.mark.req("S1.2")
@pytest.mark.parametrize(
    ("if_missed", "expected"),
    [(IfMissed.SKIP, UNSEEN), (IfMissed.ASK, UNSEEN), (IfMissed.FIRE, WAITING)],
)
@pytest.mark.parametrize("state", LIVING)
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
