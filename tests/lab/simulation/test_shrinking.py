"""The shrinker: what is left still fails, is as small as it can be, and was found within budget."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.lab.simulation.outcome import Finding
from backstay.lab.simulation.scenario import Act, Crash, Deed, Kill, Scenario
from backstay.lab.simulation.shrinking import PARTS, Shrinking, is_same, shrink
from tests.lab.simulation.scenarios import FULL, SMALL, scenarios

PLENTY = 5000
Fails = Callable[[Scenario], bool]


def needs(wanted: Scenario) -> Fails:
    """Fails as long as each of these parts is there, as often as it is wanted."""

    def fails(scenario: Scenario) -> bool:
        return all(
            Counter(getattr(scenario, part)) >= Counter(getattr(wanted, part))
            for part in ("trades", *PARTS)
            if part != "hands"
        )

    return fails


@st.composite
def failures(draw: st.DrawFn) -> tuple[Scenario, Scenario]:
    """A scenario, and what of it a failure needs."""
    scenario = draw(scenarios())
    some: dict[str, Any] = {
        part: tuple(each for each in getattr(scenario, part) if draw(st.booleans()))
        for part in ("trades", *PARTS)
    }
    return scenario, replace(scenario, **some)


@given(failures())
def test_exactly_the_parts_are_left_that_it_takes(drawn: tuple[Scenario, Scenario]) -> None:
    scenario, wanted = drawn
    found = shrink(scenario, needs(wanted), PLENTY)
    for part in ("trades", *PARTS):
        if part != "hands":
            assert Counter(getattr(found, part)) == Counter(getattr(wanted, part))
    assert found.hands == ()


@given(failures(), st.integers(0, 40))
def test_what_is_left_fails_and_was_found_within_its_budget(
    drawn: tuple[Scenario, Scenario], budget: int
) -> None:
    scenario, wanted = drawn
    tried: list[Scenario] = []

    def fails(candidate: Scenario) -> bool:
        tried.append(candidate)
        return needs(wanted)(candidate)

    assert needs(wanted)(shrink(scenario, fails, budget))
    assert len(tried) <= budget
    assert len(set(tried)) == len(tried)
    assert scenario not in tried


@given(failures())
def test_shrinking_once_more_finds_nothing(drawn: tuple[Scenario, Scenario]) -> None:
    scenario, wanted = drawn
    found = shrink(scenario, needs(wanted), PLENTY)
    assert shrink(found, needs(wanted), PLENTY) == found


@given(scenarios())
def test_whoever_asks_of_a_trade_still_asks_of_the_same(scenario: Scenario) -> None:
    """Each trade that acts are for must keep them, whatever goes from before it."""
    plans = [scenario.trades[act.trade].plan for act in acts(scenario)]
    last = plans[-1:]

    def fails(candidate: Scenario) -> bool:
        return [candidate.trades[act.trade].plan for act in acts(candidate)][-1:] == last

    found = shrink(scenario, fails, PLENTY)
    assert len(acts(found)) == len(last)
    assert len(found.trades) == len(last)


def acts(scenario: Scenario) -> list[Act]:
    return [hand for hand in scenario.hands if isinstance(hand, Act)]


def test_what_fails_whatever_is_left_is_left_empty_and_plain() -> None:
    found = shrink(FULL, lambda _: True, PLENTY)
    assert found == replace(SMALL, trades=(), quiet_at_seconds=1.0)


def test_what_is_left_is_made_plain() -> None:
    def fails(scenario: Scenario) -> bool:
        return any(isinstance(strike, Crash) for strike in scenario.strikes) and any(
            isinstance(hand, Act) and hand.deed is Deed.MOVE_STOP for hand in scenario.hands
        )

    found = shrink(FULL, fails, PLENTY)
    (crash,), (act,) = found.strikes, found.hands
    assert isinstance(crash, Crash)
    assert isinstance(act, Act)
    cue = crash.cue
    assert (cue.steps, cue.delay_seconds, cue.nth, crash.down_seconds) == (0, 0.0, 1, 1.0)
    assert (act.times, act.trade, len(found.trades)) == (1, 0, 1)


def test_a_rule_strikes_once_if_that_is_enough() -> None:
    found = shrink(FULL, lambda scenario: len(scenario.rules) == 3, PLENTY)
    assert [each.nth for each in found.rules] == [1, 2, None]
    assert found.rules[2].count == 1


def test_what_a_failure_needs_is_kept_as_it_is() -> None:
    found = shrink(FULL, lambda scenario: scenario.strikes[:1] == FULL.strikes[:1], PLENTY)
    assert found.strikes == FULL.strikes[:1]


def test_it_says_what_to_try_next_and_is_told_what_came_of_it() -> None:
    shrinking = Shrinking(SMALL)
    first = shrinking.candidate
    shrinking.tell(fails=True)
    assert shrinking.best == first != SMALL
    tries = 1
    while shrinking.candidate is not None:
        shrinking.tell(fails=False)
        tries += 1
    assert (shrinking.best, shrinking.tried) == (first, tries)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("I1", "two orders"), ("I1", "three orders"), True),
        (("I1", "two orders"), ("I4", "two orders"), False),
        (("run", "KeyError: 'a'"), ("run", "KeyError: 'b'"), True),
        (("run", "KeyError: 'a'"), ("run", "TypeError: 'a'"), False),
    ],
)
def test_two_findings_of_one_law_are_the_same(
    one: tuple[str, str], other: tuple[str, str], expected: bool
) -> None:
    first, second = (Finding(law, 0, text) for law, text in (one, other))
    assert is_same(first, second) is expected


def test_a_kill_is_no_deed_of_a_trade() -> None:
    kills = tuple(hand for hand in FULL.hands if isinstance(hand, Kill))
    found = shrink(FULL, lambda scenario: set(kills) <= set(scenario.hands), PLENTY)
    assert found.hands == kills
    assert found.trades == ()
