"""What a group could tie up in a bad moment, asked before it starts.

Owns the scenarios (every leg three per cent lower, as it is, three per cent higher, each with wider
spreads) at whose prices the broker is asked for the margin of the whole group, and the verdict on
its answers. A scenario without an answer refuses: nobody knows what it would take.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.figures import plain
from backstay.domain.prices import percent_of
from backstay.domain.sides import Side

PRICE_MOVE_PCT = Decimal(3)
SPREAD_FACTOR = 2
"""How many times as wide as now the spreads are in every scenario."""

AVAILABLE_FUNDS_PCT = Decimal(90)

_HALF = Decimal("0.5")


class Scenario(StrEnum):
    """Where the prices have gone."""

    LOWER = "lower"
    SAME = "same"
    HIGHER = "higher"


_MOVES_PCT = {
    Scenario.LOWER: -PRICE_MOVE_PCT,
    Scenario.SAME: Decimal(0),
    Scenario.HIGHER: PRICE_MOVE_PCT,
}


@dataclass(frozen=True, slots=True)
class ScenarioMargin:
    """What the broker would hold for the whole group; None if it did not say."""

    scenario: Scenario
    margin: Decimal | None


@dataclass(frozen=True, slots=True)
class Affordable:
    """The worst scenario fits into the funds."""

    worst: ScenarioMargin
    kind: Literal["affordable"] = "affordable"


@dataclass(frozen=True, slots=True)
class TooDear:
    """The group must not start, for this reason."""

    reason: str
    kind: Literal["too dear"] = "too dear"


StressVerdict = Annotated[Affordable | TooDear, Field(discriminator="kind")]


def stressed_price(side: Side, bid: Decimal, ask: Decimal, scenario: Scenario) -> Decimal:
    """What one leg trades at in a scenario: the moved middle, and half of a wider spread beyond it
    on the losing side. Unrounded, and never below zero.
    """
    middle = (bid + ask) * _HALF
    moved = middle + percent_of(middle, _MOVES_PCT[scenario])
    return max(moved + side.signed((ask - bid) * _HALF * SPREAD_FACTOR), Decimal(0))


def judge_margins(margins: tuple[ScenarioMargin, ...], available_funds: Decimal) -> StressVerdict:
    """Whether the group may start: every scenario is answered, and the worst fits."""
    answered = [(each.margin, each.scenario) for each in margins if each.margin is not None]
    for scenario in Scenario:
        if scenario not in {answer for _, answer in answered}:
            return TooDear(f"scenario {scenario}: the broker did not say what margin it takes")
    margin, worst = max(answered)
    bound = percent_of(available_funds, AVAILABLE_FUNDS_PCT)
    if margin > bound:
        return TooDear(
            f"scenario {worst}: the group takes {plain(margin)} of margin;"
            f" {plain(AVAILABLE_FUNDS_PCT)} % of the available funds are {plain(bound)}"
        )
    return Affordable(ScenarioMargin(worst, margin))
