"""What a plan wants, in the words in which a standing is read."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from backstay.domain.trade.terms import NO_TERMS, terms_of, trigger_text
from tests.domain.trade.samples import OPTION_PLAN, an_order


def test_a_plan_without_anything_more_has_no_terms() -> None:
    assert terms_of(an_order(plan=OPTION_PLAN).plan) == replace(NO_TERMS, entry="LMT")


def test_a_trigger_says_what_it_waits_for_and_until_when() -> None:
    assert terms_of(an_order().plan).trigger == "last is above 100, until 2026-11-23 20:55 UTC"
    trigger = Trigger(Decimal("99.50"), Crossing.BELOW, confirm_ticks=2)
    assert trigger_text(trigger) == "last is below 99.5 for 2 ticks"


def test_a_trail_and_targets_say_where_they_are() -> None:
    terms = terms_of(
        an_order(
            """
[stop.trail]
activate_pct = 1.0
distance = 1.50
[[target]]
price = 103.00
fraction = 0.5
then = "break_even"
[[target]]
offset = 5.00
fraction = 0.5
"""
        ).plan
    )
    assert terms.trail == "1.5 behind the best price, once 1 % past the entry"
    assert terms.targets == (
        "103: 50 %, then the stop to break even",
        "5 from the entry: 50 %",
    )
    whole = an_order("[[target]]\nprice = 103.00\nfraction = 1\n")
    assert terms_of(whole.plan).targets == ("103: all",)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("at = 2026-11-23T20:58:00Z", "2026-11-23 20:58 UTC"),
        ("before_close_minutes = 5", "5 minutes before the close"),
    ],
)
def test_a_time_exit_says_when(table: str, told: str) -> None:
    assert terms_of(an_order(f"[time_exit]\n{table}\n").plan).time_exit == told
