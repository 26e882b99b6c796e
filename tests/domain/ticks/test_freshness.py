"""Who has not heard a good tick for too long."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.ticks.freshness import (
    SILENCE_MAX,
    Fresh,
    Freshness,
    FreshnessDecision,
    Stale,
    begin,
    on_good_tick,
    on_time,
)
from tests.domain.ticks.samples import NOON, TWEAK, after

NOTHING = FreshnessDecision.NOTHING
HEARD = Fresh(NOON, NOON)
STALE = Stale(NOON, after(10), NOON)


def test_ten_seconds_are_too_long() -> None:
    assert timedelta(seconds=10) == SILENCE_MAX


@pytest.mark.req("S2.8")
@pytest.mark.parametrize("state", [begin(NOON), HEARD])
def test_silence_is_told_after_ten_seconds_and_not_before(state: Fresh) -> None:
    assert on_time(state, True, after(10) - TWEAK) == (state, NOTHING)
    assert on_time(state, True, after(10)) == (
        Stale(NOON, after(10), state.last_tick_at),
        FreshnessDecision.ALERT,
    )


@pytest.mark.req("S2.8")
@pytest.mark.parametrize("ticks_are_due", [True, False])
def test_silence_is_told_once(ticks_are_due: bool) -> None:
    assert on_time(STALE, ticks_are_due, after(3600)) == (STALE, NOTHING)


@pytest.mark.req("S2.8")
def test_the_end_of_a_silence_is_told_once() -> None:
    assert on_good_tick(STALE, after(20)) == (
        Fresh(after(20), after(20)),
        FreshnessDecision.RECOVERED,
    )
    assert on_good_tick(HEARD, after(20)) == (Fresh(after(20), after(20)), NOTHING)


@pytest.mark.req("S2.8")
def test_silence_does_not_grow_while_no_ticks_are_due() -> None:
    state, decision = on_time(HEARD, False, after(3600))
    assert (state, decision) == (Fresh(after(3600), NOON), NOTHING)
    assert on_time(state, True, after(3610) - TWEAK) == (state, NOTHING)
    assert on_time(state, True, after(3610)) == (
        Stale(after(3600), after(3610), NOON),
        FreshnessDecision.ALERT,
    )


def test_a_clock_that_steps_back_does_not_lengthen_a_silence() -> None:
    assert on_time(HEARD, False, NOON - timedelta(hours=1)) == (HEARD, NOTHING)


def test_a_watch_begins_with_no_tick() -> None:
    assert begin(NOON) == Fresh(NOON, None)


@pytest.mark.req("S2.8")
@given(steps=st.lists(st.tuples(st.sampled_from(["tick", "time"]), st.integers(0, 12))))
def test_alerts_and_recoveries_take_turns(steps: list[tuple[str, int]]) -> None:
    state: Fresh | Stale = begin(NOON)
    now, heard_at, is_stale = 0, 0, False
    for event, pause in steps:
        now += pause
        if event == "tick":
            state, decision = on_good_tick(state, after(now))
            expected = FreshnessDecision.RECOVERED if is_stale else NOTHING
            heard_at, is_stale = now, False
        else:
            state, decision = on_time(state, True, after(now))
            alerts = not is_stale and now - heard_at >= 10
            expected = FreshnessDecision.ALERT if alerts else NOTHING
            is_stale = is_stale or alerts
        assert decision is expected
        assert isinstance(state, Stale) is is_stale
        assert state.silent_since == after(heard_at)


@pytest.mark.parametrize("state", [begin(NOON), HEARD, STALE])
def test_each_state_survives_as_json(state: Fresh | Stale) -> None:
    adapter: TypeAdapter[Fresh | Stale] = TypeAdapter(Freshness)
    assert adapter.validate_json(adapter.dump_json(state)) == state
