"""When the stop at the broker follows the engine's own."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backstay.domain.prices import PriceGrid
from backstay.domain.protection.follow import may_move, next_disaster_trigger
from backstay.domain.sides import Side

GRID = PriceGrid.uniform(Decimal("0.01"))
COARSE = PriceGrid.uniform(Decimal("0.05"))
NOW = datetime(2026, 3, 23, 15, 0, tzinfo=UTC)


@pytest.mark.req("X.1")
@pytest.mark.parametrize(
    ("side", "standing", "engine_stop", "grid", "expected"),
    [
        (Side.SELL, "180.00", "190.00", GRID, "186.20"),
        (Side.SELL, "186.20", "190.00", GRID, None),
        (Side.SELL, "187.00", "190.00", GRID, None),
        (Side.SELL, "100.00", "102.15", GRID, "100.10"),
        (Side.SELL, "100.00", "102.14", GRID, None),
        (Side.BUY, "200.00", "190.00", GRID, "193.80"),
        (Side.BUY, "193.80", "190.00", GRID, None),
        (Side.BUY, "193.00", "190.00", GRID, None),
        (Side.BUY, "11.00", "10.01", GRID, "10.22"),
        (Side.SELL, "2.00", "2.10", COARSE, "2.05"),
        (Side.SELL, "2.00", "2.05", COARSE, None),
    ],
)
def test_it_comes_closer_by_a_step_worth_a_message_and_never_farther(
    side: Side, standing: str, engine_stop: str, grid: PriceGrid, expected: str | None
) -> None:
    wanted = next_disaster_trigger(side, Decimal(standing), Decimal(engine_stop), Decimal(2), grid)
    assert wanted == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("side", "standing", "engine_stop", "expected"),
    [
        (Side.SELL, "186.20", "180.00", "176.40"),
        (Side.SELL, "180.00", "190.00", "186.20"),
        (Side.SELL, "186.20", "190.00", None),
        (Side.SELL, "186.38", "190.00", None),
        (Side.SELL, "186.39", "190.00", "186.20"),
        (Side.BUY, "193.80", "200.00", "204.00"),
    ],
)
def test_after_a_hand_it_goes_farther_away_as_well(
    side: Side, standing: str, engine_stop: str, expected: str | None
) -> None:
    wanted = next_disaster_trigger(
        side, Decimal(standing), Decimal(engine_stop), Decimal(2), GRID, may_loosen=True
    )
    assert wanted == (None if expected is None else Decimal(expected))


@pytest.mark.req("X.1")
@pytest.mark.parametrize(
    ("seconds", "is_degraded", "allowed"),
    [(5, False, True), (4.999, False, False), (60, False, True), (60, True, False)],
)
def test_it_moves_at_intervals_and_never_while_degraded(
    seconds: float, is_degraded: bool, allowed: bool
) -> None:
    moved_at = NOW - timedelta(seconds=seconds)
    assert may_move(moved_at, NOW, is_degraded=is_degraded) is allowed
