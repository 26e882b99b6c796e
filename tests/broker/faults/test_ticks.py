"""Prices that are missing, wrong, crossed, late or far too many: nothing is decided on any."""

import asyncio
from decimal import Decimal
from typing import Any

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from tests.broker.faults.scene import (
    ENTRY,
    EXIT,
    PROMPT,
    STOP,
    Scene,
    because_of,
    in_spite_of,
)


async def trades_on(scene: Scene) -> None:
    """A guard that stays calm while a good market moves above its stop, and leaves when it falls.

    Its stop is at 98: each bad price would be far below it.
    """
    _, _, guarding = await scene.guarded()
    await scene.sleep(4)
    for price in ("100.10", "100.05", "100.12", "100.07"):
        scene.trade(price)
        await scene.sleep(1)
    assert not guarding.done()
    assert scene.placed() == [ENTRY, STOP]
    scene.trade("97.80")
    scene.trade("97.79")
    scene.trade("97.78")
    scene.trade("97.77")
    await asyncio.wait_for(guarding, 10)
    await scene.flat()
    assert scene.placed() == [ENTRY, STOP, EXIT]


BAD: dict[str, Any] = {"between": ["+4s", "+9s"], "profiles": (PROMPT,)}


@in_spite_of("tick-none", **BAD)
async def test_a_price_that_is_left_out_decides_nothing(scene: Scene) -> None:
    await trades_on(scene)


@in_spite_of("tick-zero", **BAD)
async def test_a_price_of_zero_decides_nothing(scene: Scene) -> None:
    await trades_on(scene)


@in_spite_of("tick-minus-one", **BAD)
async def test_a_price_of_minus_one_decides_nothing(scene: Scene) -> None:
    await trades_on(scene)


@in_spite_of("tick-nan", **BAD)
async def test_a_price_that_is_no_number_decides_nothing(scene: Scene) -> None:
    await trades_on(scene)


@in_spite_of("tick-crossed", **BAD)
async def test_a_crossed_quote_decides_nothing(scene: Scene) -> None:
    await trades_on(scene)


@in_spite_of("tick-storm", kinds=["last", "rtvolume"], ticks=1000, **BAD)
async def test_a_price_that_comes_a_thousand_times_is_one_price(scene: Scene) -> None:
    await trades_on(scene)


async def waits_for_a_good_quote(scene: Scene) -> None:
    """An entry waits for a quote that it can be held against, and leaves when there is one."""
    edge = await scene.edge()
    seat = await scene.seat(edge)
    waiting = asyncio.ensure_future(scene.follow(edge, seat.arm(), ArmPhase.OVER))
    await scene.sleep(5)
    assert scene.placed() == []
    scene.trade("100.01")
    await waiting
    assert scene.placed() == [ENTRY, STOP]


AT_FIRST = ["+0s", "+4s"]


@because_of("tick-none", between=AT_FIRST)
async def test_no_entry_leaves_without_a_price(scene: Scene) -> None:
    await waits_for_a_good_quote(scene)


@because_of("tick-zero", between=AT_FIRST)
async def test_no_entry_leaves_on_a_price_of_zero(scene: Scene) -> None:
    await waits_for_a_good_quote(scene)


@because_of("tick-minus-one", between=AT_FIRST)
async def test_no_entry_leaves_on_a_price_of_minus_one(scene: Scene) -> None:
    await waits_for_a_good_quote(scene)


@because_of("tick-nan", between=AT_FIRST)
async def test_no_entry_leaves_on_a_price_that_is_no_number(scene: Scene) -> None:
    await waits_for_a_good_quote(scene)


@because_of("tick-crossed", between=["+1500ms", "+4s"])
async def test_what_comes_while_the_quote_is_crossed_counts_when_it_is_not(scene: Scene) -> None:
    edge = await scene.edge()
    seat = await scene.seat(edge)
    trigger = Trigger(Decimal(101), Crossing.ABOVE)
    arm = seat.arm(limit="102.00", trigger=trigger)
    waiting = asyncio.ensure_future(scene.follow(edge, arm, ArmPhase.OVER))
    await scene.sleep(1)
    scene.trade("100.50")
    await scene.sleep(1)
    scene.show(bid="100.50", last="101.50", last_size=100)
    await scene.sleep(3)
    assert scene.placed() == []
    scene.show(bid="100.49")
    await asyncio.wait_for(waiting, 1)
    assert scene.placed() == [ENTRY, STOP]


@in_spite_of(
    "tick-stale", delay="3s", kinds=["rtvolume"], between=["+4s", "+9s"], profiles=(PROMPT,)
)
async def test_a_trade_that_is_told_late_confirms_nothing(scene: Scene) -> None:
    _, _, guarding = await scene.guarded()
    await scene.sleep(4)
    await scene.fall("97.80")
    await scene.fall("100.10", "100.11")
    await scene.sleep(8)
    assert not guarding.done()
    assert scene.placed() == [ENTRY, STOP]
    await scene.breach(guarding)
    await scene.flat()
