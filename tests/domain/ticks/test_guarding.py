"""A stop that is watched while it moves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from backstay.domain.prices import PriceGrid
from backstay.domain.ticks.guarding import (
    Guarded,
    GuardRules,
    begin,
    break_even,
    move_stop,
    on_substitute,
    on_tick,
    on_time,
    resume,
    tighten_trail,
)
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import GoodPrice
from backstay.domain.ticks.stops import (
    HOLDING,
    Breached,
    Confirmation,
    Fired,
    StopDecision,
    StopRule,
)
from backstay.domain.ticks.trails import Resting, Trail, Trailing
from tests.domain.ticks.samples import NOON, after, good

CENTS = PriceGrid.uniform(Decimal("0.01"))
PLAIN = StopRule(Crossing.BELOW, breach_pct=Decimal(0))
TRAIL = Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal("1.00"))
RULES = GuardRules(PLAIN, CENTS, TRAIL)
NO_TRAIL = GuardRules(PLAIN, CENTS)
SHORT = GuardRules(replace(PLAIN, crossing=Crossing.ABOVE), CENTS)
START = Guarded(Resting(Decimal(98)))
ONCE = Guarded(Resting(Decimal(98)), Breached(1, NOON))
FIRED = Guarded(Resting(Decimal(98)), Fired(Decimal(97), NOON, Confirmation.TICKS))
NOTHING = StopDecision.NOTHING


def ticked(
    rules: GuardRules, guarded: Guarded, prices: list[str]
) -> tuple[Guarded, list[StopDecision]]:
    decisions = []
    for price in prices:
        guarded, decision = on_tick(rules, guarded, good(price), NOON)
        decisions.append(decision)
    return guarded, decisions


@pytest.mark.req("S1.3", "S0.6")
def test_a_stop_fires_on_a_confirmed_breach() -> None:
    guarded, decisions = ticked(RULES, START, ["99", "97.99", "97.98"])
    assert decisions == [NOTHING, StopDecision.LOOK_AGAIN, StopDecision.FIRE]
    assert guarded == Guarded(
        Resting(Decimal(98)), Fired(Decimal("97.98"), NOON, Confirmation.TICKS)
    )
    assert guarded.has_fired


@pytest.mark.req("S0.6")
def test_a_trail_that_has_moved_the_stop_is_what_the_next_tick_is_judged_by() -> None:
    guarded, decisions = ticked(RULES, START, ["102", "102"])
    assert guarded == Guarded(Trailing(Decimal(101), Decimal(102), Decimal(102)))
    assert decisions == [NOTHING, NOTHING]
    _, decisions = ticked(RULES, guarded, ["100.99", "100.99"])
    assert decisions == [StopDecision.LOOK_AGAIN, StopDecision.FIRE]


@pytest.mark.req("S0.6")
def test_the_tick_that_activates_a_trail_does_not_fire_however_close_it_trails() -> None:
    close = GuardRules(
        replace(PLAIN, confirm_ticks=1), CENTS, replace(TRAIL, distance=Decimal("0.01"))
    )
    guarded, decisions = ticked(close, START, ["102", "101"])
    assert guarded.level == Trailing(Decimal("100.99"), Decimal(101), Decimal(101))
    assert decisions == [NOTHING, NOTHING]
    _, decisions = ticked(close, guarded, ["100.98"])
    assert decisions == [StopDecision.FIRE]


def test_without_a_trail_no_price_moves_the_stop() -> None:
    guarded, decisions = ticked(NO_TRAIL, START, ["150", "150", "98"])
    assert guarded is START
    assert decisions == [NOTHING] * 3


def test_a_tick_that_changes_nothing_makes_no_new_value() -> None:
    assert on_tick(RULES, START, good("99"), NOON)[0] is START


def test_a_breach_alone_is_a_new_value() -> None:
    assert on_tick(RULES, START, good("97"), NOON) == (ONCE, StopDecision.LOOK_AGAIN)


@pytest.mark.req("S0.1")
def test_a_guard_that_has_fired_takes_in_nothing() -> None:
    guarded, decisions = ticked(RULES, FIRED, ["150", "150", "90", "90"])
    assert guarded is FIRED
    assert decisions == [NOTHING] * 4
    assert on_time(RULES, FIRED, good("90"), True, after(9)) == (FIRED, NOTHING)
    assert on_substitute(RULES, FIRED, good("90"), NOON) == (FIRED, NOTHING)
    assert break_even(RULES, FIRED, Decimal(100), good("90"), NOON) == (FIRED, NOTHING)
    assert move_stop(RULES, FIRED, Decimal(90), good("80"), NOON) == (FIRED, NOTHING)


def test_only_what_has_fired_has_fired() -> None:
    assert FIRED.has_fired
    assert not START.has_fired
    assert not ONCE.has_fired


@pytest.mark.req("S0.6")
def test_a_breach_that_stands_fires_by_time() -> None:
    guarded, decision = on_time(RULES, ONCE, good("97"), True, after(0.5))
    assert decision is StopDecision.FIRE
    assert guarded == Guarded(ONCE.level, Fired(Decimal(97), after(0.5), Confirmation.TIME))


def test_time_on_a_feed_that_is_not_live_does_not_fire() -> None:
    assert on_time(RULES, ONCE, good("97"), False, after(9)) == (ONCE, NOTHING)


def test_a_substitute_price_can_breach_the_stop() -> None:
    guarded, first = on_substitute(RULES, START, good("97"), NOON)
    assert (guarded, first) == (ONCE, StopDecision.LOOK_AGAIN)
    guarded, second = on_substitute(RULES, guarded, good("96"), after(1))
    assert second is StopDecision.FIRE
    assert guarded.breach == Fired(Decimal(96), after(1), Confirmation.TICKS)


def test_a_substitute_price_moves_no_trail() -> None:
    guarded = START
    for _ in range(3):
        guarded, _ = on_substitute(RULES, guarded, good("150"), NOON)
    assert guarded == START


@pytest.mark.parametrize(("entry", "stop"), [("100", "100"), ("97", "98")])
def test_a_break_even_move_only_tightens(entry: str, stop: str) -> None:
    moved = break_even(RULES, START, Decimal(entry), good("101"), NOON)
    assert moved == (Guarded(Resting(Decimal(stop))), NOTHING)


def test_a_break_even_move_keeps_what_was_seen_of_a_breach() -> None:
    moved = break_even(RULES, ONCE, Decimal(99), good("97"), after(0.1))
    assert moved == (Guarded(Resting(Decimal(99)), Breached(1, NOON)), NOTHING)


def test_a_break_even_move_of_a_short_position_lowers_its_stop() -> None:
    moved, _ = break_even(SHORT, START, Decimal(97), good("96"), NOON)
    assert moved.level.stop == Decimal(97)


def test_a_stop_that_the_operator_moves_has_to_be_breached_anew() -> None:
    moved = move_stop(RULES, ONCE, Decimal(96), good("97"), NOON)
    assert moved == (Guarded(Resting(Decimal(96))), NOTHING)
    _, decision = on_tick(RULES, moved[0], good("95"), NOON)
    assert decision is StopDecision.LOOK_AGAIN


# A stop that is moved past the price: no tick may come to say so.

Moved = tuple[Guarded, StopDecision]


def begun(rules: GuardRules, stop: Decimal, standing: GoodPrice | None) -> Moved:
    return begin(rules, stop, standing, NOON)


def moved_to_break_even(rules: GuardRules, stop: Decimal, standing: GoodPrice | None) -> Moved:
    return break_even(rules, START, stop, standing, NOON)


def moved_by_hand(rules: GuardRules, stop: Decimal, standing: GoodPrice | None) -> Moved:
    return move_stop(rules, START, stop, standing, NOON)


def moved_while_breached(rules: GuardRules, stop: Decimal, standing: GoodPrice | None) -> Moved:
    return move_stop(rules, ONCE, stop, standing, NOON)


def moved_by_its_trail(rules: GuardRules, stop: Decimal, standing: GoodPrice | None) -> Moved:
    trailing = Guarded(Trailing(Decimal("101.00"), Decimal(102)))
    _, guarded, decision = tighten_trail(rules, trailing, 102 - stop, standing, NOON)
    return guarded, decision


MOVES = [begun, moved_to_break_even, moved_by_hand, moved_while_breached, moved_by_its_trail]
HIGHER = Decimal("101.60")


@pytest.mark.req("S0.6", "S1.3")
@pytest.mark.parametrize("move", MOVES)
def test_a_stop_that_is_moved_past_the_price_that_stands_fires_without_another_tick(
    move: Callable[[GuardRules, Decimal, GoodPrice | None], Moved],
) -> None:
    standing = good("101.59")
    guarded, decision = move(RULES, HIGHER, standing)
    assert guarded == replace(guarded, breach=Breached(0, NOON))
    assert guarded.level.stop == HIGHER
    assert decision is StopDecision.LOOK_AGAIN
    _, decision = on_time(RULES, guarded, standing, True, after(0.5))
    assert decision is StopDecision.FIRE


@pytest.mark.req("S0.6", "I6")
@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("standing", ["101.60", "101.61", None])
def test_a_stop_that_is_moved_up_to_the_price_or_to_an_unknown_one_holds(
    move: Callable[[GuardRules, Decimal, GoodPrice | None], Moved], standing: str | None
) -> None:
    price = None if standing is None else good(standing)
    guarded, decision = move(RULES, HIGHER, price)
    assert guarded == replace(guarded, breach=HOLDING)
    assert guarded.level.stop == HIGHER
    assert decision is NOTHING


@pytest.mark.req("S0.6")
@pytest.mark.parametrize("confirm_ticks", [1, 2, 3])
def test_the_price_that_stands_is_no_tick_and_confirms_nothing(confirm_ticks: int) -> None:
    rules = GuardRules(replace(PLAIN, confirm_ticks=confirm_ticks), CENTS)
    guarded, decision = move_stop(rules, START, Decimal(100), good("99"), NOON)
    assert decision is StopDecision.LOOK_AGAIN
    _, decisions = ticked(rules, guarded, ["99"] * confirm_ticks)
    assert decisions == [NOTHING] * (confirm_ticks - 1) + [StopDecision.FIRE]


def test_the_next_tick_denies_a_breach_that_began_with_a_move() -> None:
    guarded, _ = move_stop(RULES, START, Decimal(100), good("99"), NOON)
    guarded, decision = on_tick(RULES, guarded, good("100"), NOON)
    assert decision is StopDecision.RECOVERED
    assert guarded.breach is HOLDING


def test_the_stop_of_a_short_position_is_moved_past_the_price_from_above() -> None:
    above = move_stop(SHORT, START, Decimal(95), good("95.10"), NOON)
    assert above == (Guarded(Resting(Decimal(95)), Breached(0, NOON)), StopDecision.LOOK_AGAIN)
    below = move_stop(SHORT, START, Decimal(95), good("94.90"), NOON)
    assert below == (Guarded(Resting(Decimal(95))), NOTHING)


@pytest.mark.req("S1.4", "S1.14", "S0.6")
def test_two_ticks_around_a_gap_confirm_nothing() -> None:
    assert resume(ONCE) == START
    assert resume(Guarded(Resting(Decimal(98), Decimal(102)))) == START
    trailing = Guarded(Trailing(Decimal(99), Decimal(102), Decimal(103)), Breached(1, NOON))
    assert resume(trailing) == Guarded(Trailing(Decimal(99), Decimal(102)))


@pytest.mark.req("S1.14", "S0.1")
def test_a_restart_revives_no_guard_that_has_fired() -> None:
    assert resume(FIRED) is FIRED


def test_a_tightened_trail_moves_the_stop_and_keeps_what_was_seen_of_a_breach() -> None:
    trailing = Guarded(Trailing(Decimal(101), Decimal(102)), Breached(1, NOON))
    rules, guarded, decision = tighten_trail(
        RULES, trailing, Decimal("0.40"), good("100"), after(0.1)
    )
    assert rules == replace(RULES, trail=replace(TRAIL, distance=Decimal("0.40")))
    assert guarded == replace(trailing, level=Trailing(Decimal("101.60"), Decimal(102)))
    assert decision is NOTHING


def test_a_trail_is_not_tightened_after_the_guard_has_fired() -> None:
    rules, guarded, decision = tighten_trail(RULES, FIRED, Decimal("0.40"), good("1"), NOON)
    assert rules is RULES
    assert guarded is FIRED
    assert decision is NOTHING


def test_only_a_trail_can_be_tightened() -> None:
    with pytest.raises(ValueError, match="there is no trail to tighten"):
        tighten_trail(NO_TRAIL, START, Decimal("0.40"), None, NOON)


def test_a_trail_has_to_be_on_the_side_of_its_stop() -> None:
    with pytest.raises(ValueError, match="a stop breached below has a trail above"):
        GuardRules(PLAIN, CENTS, replace(TRAIL, crossing=Crossing.ABOVE))


PRICES = st.lists(st.decimals("97", "103", places=2), max_size=40)
RULE_SETS = st.builds(
    GuardRules,
    st.builds(
        StopRule,
        st.just(Crossing.BELOW),
        st.sampled_from([Decimal(0), Decimal("0.1")]),
        st.integers(1, 3),
        st.just(timedelta(milliseconds=500)),
    ),
    st.just(CENTS),
    st.builds(
        Trail,
        st.just(Crossing.BELOW),
        st.just(Decimal(100)),
        st.sampled_from([Decimal(0), Decimal(1)]),
        st.decimals("0.01", "2", places=2),
    ),
)


@pytest.mark.req("S0.6")
@given(rules=RULE_SETS, prices=PRICES)
def test_no_tick_moves_the_stop_and_fires_on_it(rules: GuardRules, prices: list[Decimal]) -> None:
    guarded = START
    for price in prices:
        before = guarded
        guarded, decision = on_tick(rules, guarded, good(price), NOON)
        assert guarded.level.stop >= before.level.stop
        if decision is StopDecision.FIRE:
            assert guarded.level == before.level
            assert price < before.level.stop


@pytest.mark.req("S0.1")
@given(rules=RULE_SETS, prices=PRICES)
def test_a_guard_fires_at_most_once(rules: GuardRules, prices: list[Decimal]) -> None:
    _, decisions = ticked(rules, START, [str(price) for price in prices])
    assert decisions.count(StopDecision.FIRE) <= 1


@pytest.mark.parametrize("guarded", [START, ONCE, FIRED, Guarded(Trailing(Decimal(1), Decimal(2)))])
def test_a_guard_survives_as_json(guarded: Guarded) -> None:
    adapter = TypeAdapter(Guarded)
    assert adapter.validate_json(adapter.dump_json(guarded)) == guarded


def test_the_rules_survive_as_json() -> None:
    adapter = TypeAdapter(GuardRules)
    assert adapter.validate_json(adapter.dump_json(RULES)) == RULES
