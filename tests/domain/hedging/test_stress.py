"""The stress test of a group: three scenarios, wider spreads, nine tenths of the funds."""

from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from backstay.domain.hedging.stress import (
    Affordable,
    Scenario,
    ScenarioMargin,
    StressVerdict,
    TooDear,
    judge_margins,
    stressed_price,
)
from backstay.domain.sides import Side


@pytest.mark.req("S4.7")
@pytest.mark.parametrize(
    ("side", "scenario", "price"),
    [
        (Side.BUY, Scenario.LOWER, "9.90"),
        (Side.BUY, Scenario.SAME, "10.20"),
        (Side.BUY, Scenario.HIGHER, "10.50"),
        (Side.SELL, Scenario.LOWER, "9.50"),
        (Side.SELL, Scenario.SAME, "9.80"),
        (Side.SELL, Scenario.HIGHER, "10.10"),
    ],
)
def test_a_leg_trades_three_per_cent_away_and_at_twice_the_spread(
    side: Side, scenario: Scenario, price: str
) -> None:
    assert stressed_price(side, Decimal("9.90"), Decimal("10.10"), scenario) == Decimal(price)


@pytest.mark.req("S4.7")
def test_a_worthless_leg_is_not_sold_below_zero() -> None:
    assert stressed_price(Side.SELL, Decimal(0), Decimal("0.10"), Scenario.SAME) == 0


BOUND = "90 % of the available funds are 9000"


def margins(
    lower: str | None, same: str | None = "8000", higher: str | None = "8000"
) -> tuple[ScenarioMargin, ...]:
    said = zip(Scenario, (lower, same, higher), strict=True)
    return tuple(ScenarioMargin(scenario, text and Decimal(text)) for scenario, text in said)  # type: ignore[arg-type]


@pytest.mark.req("S4.7")
@pytest.mark.parametrize("margin", ["8999.99", "9000"])
def test_a_group_starts_if_its_worst_scenario_takes_at_most_nine_tenths_of_the_funds(
    margin: str,
) -> None:
    worst = ScenarioMargin(Scenario.LOWER, Decimal(margin))
    assert judge_margins(margins(margin), Decimal(10_000)) == Affordable(worst)


@pytest.mark.req("S4.7")
@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (margins("9000.01"), "scenario lower: the group takes 9000.01 of margin; " + BOUND),
        (
            margins("8000", higher="12000"),
            "scenario higher: the group takes 12000 of margin; " + BOUND,
        ),
        (margins(None), "scenario lower: the broker did not say what margin it takes"),
        (margins("1", None), "scenario same: the broker did not say what margin it takes"),
        (margins("1")[:2], "scenario higher: the broker did not say what margin it takes"),
    ],
)
def test_a_group_is_refused_above_that_or_without_an_answer(
    answers: tuple[ScenarioMargin, ...], reason: str
) -> None:
    assert judge_margins(answers, Decimal(10_000)) == TooDear(reason)


@pytest.mark.req("S4.7")
def test_of_two_answers_to_one_scenario_the_worse_counts() -> None:
    twice = (*margins("9001"), *margins("1"))
    assert judge_margins(twice, Decimal(10_000)) == TooDear(
        "scenario lower: the group takes 9001 of margin; " + BOUND
    )


@pytest.mark.parametrize(
    "verdict",
    [Affordable(ScenarioMargin(Scenario.SAME, Decimal("1.50"))), TooDear("too much")],
)
def test_a_verdict_survives_json(verdict: StressVerdict) -> None:
    adapter: TypeAdapter[StressVerdict] = TypeAdapter(StressVerdict)
    assert adapter.validate_json(adapter.dump_json(verdict)) == verdict
