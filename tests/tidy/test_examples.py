"""The examples that a newcomer copies from: each is a plan, and each comes to a sensible size."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.sizing import Sized, sized
from backstay.domain.plan.timing import overdue
from backstay.domain.plan.trade import TradePlan
from backstay.domain.prices import PriceGrid

FOLDER = Path(__file__).parents[2] / "examples"
SETTINGS = FOLDER / "backstay.toml"
EXAMPLES = sorted(path for path in FOLDER.glob("*.toml") if path != SETTINGS)
WRITTEN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
GRID = PriceGrid.uniform(Decimal("0.01"))


def example(name: str) -> TradePlan | GroupPlan:
    return read_toml(next(path for path in EXAMPLES if path.stem == name).read_text("utf-8"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_plan_that_was_not_late_when_it_was_written(path: Path) -> None:
    plan = read_toml(path.read_text("utf-8"))
    assert plan.id.startswith(path.stem.partition("-")[0])
    assert overdue(plan, WRITTEN) == ()


@pytest.mark.parametrize(
    ("name", "base", "atr", "quantity", "reduced_by"),
    [
        ("aapl-breakout", "190.00", None, 81, None),
        ("msft-now", "480.00", None, 100, None),
        ("nvda-call", "6.40", "1.20", 4, None),
        ("nvda-call", "6.40", "1.80", 3, "size.max_loss"),
        ("tsla-short", "240.00", None, 100, None),
    ],
)
def test_an_example_comes_to_a_sensible_size(
    name: str, base: str, atr: str | None, quantity: int, reduced_by: str | None
) -> None:
    plan = example(name)
    assert isinstance(plan, TradePlan)
    query = plan.instrument
    option = None
    if query.expiry and query.strike:
        option = OptionTerms(query.expiry, query.strike, Right.CALL)
    multiplier = Decimal(100) if option else Decimal(1)
    instrument = Instrument(1, query.symbol, "SMART", "USD", multiplier, GRID, "US/Eastern", option)
    result = sized(plan, instrument, Decimal(base), Decimal(atr) if atr else None)
    assert isinstance(result, Sized)
    assert result.quantity == quantity
    assert result.reduced_by == reduced_by


def test_the_condor_of_the_examples_has_two_covered_sides() -> None:
    plan = example("spx-condor")
    assert isinstance(plan, GroupPlan)
    assert [leg.role.upper() for leg in plan.group.legs] == ["HEDGE", "RISK", "HEDGE", "RISK"]
