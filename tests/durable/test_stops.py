"""How positions are left that go wrong: by the engine's stop, its trail, or the broker's stop."""

from decimal import Decimal

from backstay.domain.ids import Purpose
from backstay.gateway.profile import PESSIMISTIC
from tests.durable.pier import Pier
from tests.durable.stories import on_a_pier

QUICK = "[stop.ladder]\nlimit_seconds = 0.5"
TRAIL = "[stop.trail]\nactivate_pct = 1.0\ndistance = 1.50"


def told(pier: Pier) -> set[str]:
    """Of which incidents a person was told; a tape that stands still is none here."""
    return {notice.kind.value for notice in pier.notices} - {"ticks stale"}


def thin(pier: Pier) -> None:
    """The stop is reached, and only 30 are bid for at the limit of its exit."""
    pier.show(bid="97.51", bid_size=30, ask="97.90", last="97.80", last_size=100)
    pier.show(last="97.79", last_size=50)


@on_a_pier()
async def test_a_stop_leaves_by_a_limit_that_fills(pier: Pier) -> None:
    trade = await pier.guarding()
    pier.breach()
    settlement = await trade.ends()
    assert pier.position() == 0
    assert settlement.naked_seconds < 100
    assert told(pier) == set()


@on_a_pier()
async def test_a_gap_through_the_limit_is_left_at_the_market_for_the_rest(pier: Pier) -> None:
    trade = await pier.guarding(stop=QUICK)
    thin(pier)
    await pier.holds(70)
    pier.show(bid="96.90", bid_size=500, ask="97.10")
    settlement = await trade.ends()
    assert pier.position() == 0
    exits = [order for order in settlement.orders[1:] if order.filled]
    assert sum(order.filled for order in exits) == 100


@on_a_pier(profiles=["pessimistic"], gateway=PESSIMISTIC)
async def test_a_cancel_that_takes_seconds_is_waited_for(pier: Pier) -> None:
    trade = await pier.guarding()
    pier.breach()
    settlement = await trade.ends()
    assert pier.position() == 0
    assert pier.sent() == ["EN", "PR", "XS"]
    assert "exit unresolved" in told(pier)
    assert settlement.naked_seconds < 100


@on_a_pier()
async def test_a_trail_takes_the_stop_at_the_broker_along_and_is_stopped_out(pier: Pier) -> None:
    trade = await pier.guarding(stop=TRAIL)
    before = trade.stop_at_broker()
    pier.fall("101.50", "102.50", "103.50", "103.60")
    await pier.until(lambda: trade.guarded().level.stop == Decimal("102.00"))
    await pier.until(lambda: trade.stop_at_broker() > before)
    pier.fall("101.80", "101.79")
    settlement = await trade.ends()
    assert pier.position() == 0
    assert settlement.profit is not None
    assert settlement.profit > 0


@on_a_pier()
async def test_the_stop_at_the_broker_does_its_work_when_prices_jump(pier: Pier) -> None:
    """One print is enough for a stop that need not be awake outside regular hours; for our own it
    is not.
    """
    trade = await pier.guarding(more="[time_exit]\nbefore_close_minutes = 5")
    pier.trade(str(trade.stop_at_broker()))
    settlement = await trade.ends()
    assert pier.position() == 0
    assert settlement.why == "the stop at the broker has filled"
    assert pier.sent() == ["EN", "PR"]
    assert settlement.naked_seconds < 100


@on_a_pier()
async def test_a_position_is_left_at_its_time(pier: Pier) -> None:
    order = f"[time_exit]\nat = {pier.in_seconds(4)}"
    trade = await pier.guarding(more=order)
    settlement = await trade.ends()
    assert pier.position() == 0
    assert settlement.why == "time"


@on_a_pier()
async def test_a_halt_during_the_exit_is_waited_for(pier: Pier) -> None:
    trade = await pier.guarding(stop=QUICK)
    thin(pier)
    await pier.holds(70)
    pier.halt()
    await pier.until(lambda: "exit waits" in told(pier))
    assert pier.position() == 70
    pier.resume()
    pier.show(bid="96.90", bid_size=500, ask="97.10")
    await trade.ends()
    assert pier.position() == 0


@on_a_pier()
async def test_a_stop_that_is_cancelled_by_hand_is_put_back(pier: Pier) -> None:
    trade = await pier.guarding()
    pier.cancel_by_hand(trade.ref(Purpose.PROTECT))
    await pier.until(lambda: trade.ref(Purpose.PROTECT, 2) in pier.living())
    pier.breach()
    await trade.ends()
    assert pier.position() == 0
