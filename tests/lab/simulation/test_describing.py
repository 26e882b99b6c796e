"""A scenario in words: each part once, at its moment."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from backstay.lab.simulation.describing import cue_text, described
from backstay.lab.simulation.scenario import Cue, Print, Scenario, Sight, TradeAsked
from tests.lab.simulation.scenarios import FULL, SMALL, scenarios


def test_everything_of_a_scenario_is_said() -> None:
    assert list(described(FULL)) == [
        ("begins", "Mon 23 Nov 2026 15:00:00 UTC, quiet at +60 s"),
        ("broker", "pessimistic; believed: pessimistic"),
        ("", "restarts every night"),
        ("plans", "+0.5 s: aapl-1, buy AAPL"),
        ("", "+2 s: msft-1, buy MSFT"),
        ("person", "+20 s: move_stop of plan 2 to 188.5, 2 times"),
        ("", "+30 s: kill flatten"),
        ("", "execution (EN): cancel in TWS, AAPL PR"),
        ("market", "+5.25 s: AAPL 190.02"),
        ("", "+14 s: MSFT 401"),
        ("", "+9 s: AAPL is halted for 3.5 s"),
        (
            "wrong",
            f"{cue_text(FULL.strikes[0].cue)}: trades crash, down seconds 0.8",
        ),
        ("", "+12 s: clock step, seconds -3600"),
        ("", "stop stands: cut lines"),
        ("", "tick-crossed: probability 0.1"),
        ("", "status-missing: occasion no. 2"),
        ("", "farm-broken: +1 s to +9 s"),
        ("away", "from +100.5 s to +200 s"),
    ]


def test_of_many_prices_the_first_and_the_last_are_told() -> None:
    prints = tuple(Print(float(n), "AAPL", Decimal(190 + n)) for n in range(40))
    lines = [text for _, text in described(replace(SMALL, moves=prints))]
    assert lines[-1] == "34 more prices, until +39 s: AAPL 229"
    assert len(lines) == 3 + 7


def test_a_plan_that_can_t_be_read_is_no_hindrance() -> None:
    wrong = replace(SMALL, trades=(TradeAsked(Cue(1.0), 'id = "x"\n'),))
    assert ("plans", "+1 s: a plan that can't be read") in described(wrong)


@given(scenarios())
def test_whatever_is_drawn_can_be_said(scenario: Scenario) -> None:
    parts = (*scenario.trades, *scenario.hands, *scenario.strikes, *scenario.rules)
    assert len(list(described(scenario))) >= 2 + len(parts)


@pytest.mark.parametrize(
    ("cue", "expected"),
    [
        (Cue(3.0), "+3 s"),
        (Cue(3.0, delay_seconds=0.5), "+3.5 s"),
        (Cue(0.0, Sight.CALL_TAKEN, "guard"), "call taken (guard)"),
        (Cue(0.0, Sight.ORDER_OVER, nth=3), "order over no. 3"),
        (
            FULL.strikes[0].cue,
            "order read (EN) no. 2, from +10 s on, 0.5 s later, before its step 17 from there",
        ),
    ],
)
def test_a_cue_reads_as_a_moment(cue: Cue, expected: str) -> None:
    assert cue_text(cue) == expected
