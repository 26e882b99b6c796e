"""The stop that a person moves: never to where the position would be sold by mistake."""

import asyncio
from decimal import Decimal

import pytest

from backstay.domain.edge.arms import Amended, Unfit
from backstay.domain.edge.guards import BreakEven, Exit, ExitBegun, MoveStop, TightenTrail
from backstay.domain.edge.guards import StopChange as Change
from backstay.domain.orders.intent import prices_of
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.trails import Trail
from tests.broker.edge.stage import Stage, play
from tests.broker.edge.test_guards import ENTRY, STOP, held

TRAIL = Trail(Crossing.BELOW, Decimal(100), Decimal(1), Decimal(5))


@pytest.mark.parametrize(
    ("change", "stop"),
    [
        (MoveStop(Decimal(499)), "499"),
        (MoveStop(Decimal("101.50")), "101.5"),
        (BreakEven(Decimal("101.52")), "101.52"),
        (TightenTrail(Decimal("0.40")), "101.6"),
    ],
)
def test_a_stop_where_the_price_is_or_beyond_is_refused_and_nothing_has_changed(
    change: Change, stop: str
) -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(disaster_pct=Decimal(2), trail=TRAIL)
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        for price in ("102.00", "102.00", "101.50"):
            stage.trade(price)
            await stage.sleep(1)
        before = edge.guard_state(guard.key)
        text = f"a stop at {stop} is not below the price, 101.5"
        refused = Unfit(guard.key, f"{text}: the position could leave at once")
        for _ in range(2):
            assert edge.amend_guard(guard.key, 2, change) == refused
        await stage.sleep(5)
        after = edge.guard_state(guard.key)
        assert before is not None
        assert after is not None
        assert (after.version, after.trail) == (1, TRAIL)
        assert (after.guarded, after.shield) == (before.guarded, before.shield)
        assert edge.amend_guard(guard.key, 2, MoveStop(Decimal("101.49"))).kind == "amended"
        guarding.cancel()

    assert set(play(story).placed()) == {ENTRY, STOP}


def test_what_was_done_before_is_done_again_wherever_the_price_is_by_now() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        moved = MoveStop(Decimal("100.50"))
        assert edge.amend_guard(guard.key, 2, moved, again=True) == Amended(guard.key, 2)
        result = await asyncio.wait_for(guarding, 5)
        assert isinstance(result, ExitBegun)
        assert result.why is Exit.STOP

    play(story)


def test_where_nothing_has_been_traded_yet_the_price_is_what_it_could_be_left_at() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard()
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(60)
        await edge.close()
        guarding.cancel()
        successor = await stage.edge()
        again = asyncio.ensure_future(successor.guard(guard, 1))
        await stage.sleep(1)
        state = successor.guard_state(guard.key)
        assert state is not None
        assert state.guarded.level.stop == Decimal(98)
        for stop in ("499", "100.00", "99.98"):
            answer = successor.amend_guard(guard.key, 2, MoveStop(Decimal(stop)))
            assert isinstance(answer, Unfit), stop
            assert answer.why.startswith(f"a stop at {Decimal(stop).normalize():f} is not below")
            assert "the price, 99.98:" in answer.why
        moved = MoveStop(Decimal("99.97"))
        assert successor.amend_guard(guard.key, 2, moved) == Amended(guard.key, 2)
        again.cancel()

    play(story)


def test_where_no_good_price_is_known_nothing_speaks_against_a_stop() -> None:
    async def story(stage: Stage) -> None:
        edge, seat = await held(stage)
        guard = seat.guard(disaster_pct=Decimal(2))
        guarding = asyncio.ensure_future(edge.guard(guard, 1))
        await stage.sleep(1)
        stage.show("AAPL", bid="100.10", ask="99.90")
        await stage.sleep(1)
        moved = MoveStop(Decimal("100.05"))
        assert edge.amend_guard(guard.key, 2, moved) == Amended(guard.key, 2)
        await stage.sleep(1)
        state = edge.guard_state(guard.key)
        assert state is not None
        assert state.shield is not None
        assert prices_of(state.shield.terms) == (Decimal("98.04"),)
        guarding.cancel()

    play(story)
