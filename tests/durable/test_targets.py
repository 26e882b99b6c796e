"""How positions are left that go well: at once, or in parts."""

from decimal import Decimal

import pytest

from tests.durable.pier import Pier
from tests.durable.stories import on_a_pier

pytestmark = pytest.mark.long

ALL = "[[target]]\nprice = 103.00\nfraction = 1"
HALF = '[[target]]\nprice = 102.00\nfraction = 0.5\nthen = "break_even"'
QUARTER = "[[target]]\nprice = 103.00\nfraction = 0.25"
TRAIL = "[stop.trail]\nactivate_pct = 1.0\ndistance = 1.50"


@on_a_pier()
async def test_a_target_takes_all(pier: Pier) -> None:
    trade = await pier.guarding(more=ALL)
    pier.trade("103.05")
    settlement = await trade.ends()
    assert pier.position() == 0
    assert settlement.why == "target"
    assert settlement.profit is not None
    assert settlement.profit > 290


@on_a_pier()
async def test_half_leaves_at_its_target_and_the_rest_at_the_price_of_the_entry(
    pier: Pier,
) -> None:
    trade = await pier.guarding(more=HALF)
    pier.trade("102.05")
    await pier.holds(50)
    await pier.until(lambda: trade.guarded().level.stop == Decimal("100.02"))
    pier.fall("99.70", "99.69")
    settlement = await trade.ends()
    assert pier.position() == 0
    assert "1:XT" in pier.sent()
    assert settlement.profit is not None
    assert settlement.profit > 0


@on_a_pier()
async def test_two_parts_leave_at_their_targets_and_the_rest_by_its_trail(pier: Pier) -> None:
    trade = await pier.guarding(more=HALF + "\n" + QUARTER, stop=TRAIL)
    pier.trade("102.05")
    await pier.holds(50)
    pier.trade("103.05")
    await pier.holds(25)
    pier.fall("105.00", "105.05")
    await pier.until(lambda: trade.guarded().level.stop == Decimal("103.50"))
    pier.fall("103.30", "103.29")
    settlement = await trade.ends()
    assert pier.position() == 0
    assert {"1:XT", "2:XT"} <= set(pier.sent())
    assert settlement.profit is not None
    assert settlement.profit > 0
    trade_life, *ways_out = await pier.lives()
    assert len(trade_life.children()) == len(ways_out) == 3
