"""What an edge may be doing when it dies: each a preparation, an act, and the market meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from backstay.domain.edge.arms import Arm
from backstay.domain.edge.contracts import InstrumentQuery, Resolved
from backstay.domain.edge.submission import Submission
from backstay.domain.edge.walking import Walk, WayOut
from backstay.domain.ids import Purpose
from backstay.domain.orders.intent import Limit
from backstay.domain.profile import BrokerProfile
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.triggers import Trigger
from tests.broker.edge.stage import Seat
from tests.broker.exactly_once import engine
from tests.broker.exactly_once.world import World

ABOVE_101 = Trigger(Decimal(101), Crossing.ABOVE)
ABOVE_120 = Trigger(Decimal(120), Crossing.ABOVE)


@dataclass(frozen=True, slots=True)
class Story:
    """What is told: `act` is what the edge dies of. `placements` are those before the act."""

    name: str
    act: Callable[[World, BrokerProfile], Awaitable[None]]
    placements: int = 0
    is_naked_on_purpose: bool = False


async def seated(world: World) -> Seat:
    """The contract of every story, resolved."""
    answer = await world.ask(lambda edge: edge.resolve(InstrumentQuery("AAPL")))
    assert isinstance(answer, Resolved), answer
    return Seat(answer.instrument, world)


async def _market(world: World, *moves: tuple[float, str]) -> None:
    """Trades at prices, each so many seconds after the one before."""
    for seconds, price in moves:
        await world.sleep(seconds)
        world.trade(price)


async def _together(*acts: Awaitable[object]) -> None:
    await asyncio.gather(*acts)


async def arm_now(world: World, profile: BrokerProfile) -> None:
    """An entry with its stop, to be sent at once."""
    seat = await seated(world)
    arm = seat.arm(profile=profile)
    world.begin()
    await engine.enter(world, arm)


async def arm_in_parts(world: World, profile: BrokerProfile) -> None:
    """An entry that fills by 40 and then by no more."""
    seat = await seated(world)
    world.show(ask_size=40)
    arm = seat.arm(limit="100.02", profile=profile)
    world.begin()
    await engine.enter(world, arm)


async def arm_at_trigger(world: World, profile: BrokerProfile) -> None:
    """An entry with its stop, sent when the price crosses."""
    seat = await seated(world)
    arm = seat.arm(limit="101.50", trigger=ABOVE_101, profile=profile)
    world.begin()
    market = _market(world, (0.5, "100.50"), (0.5, "101.20"), (3, "101.20"))
    await _together(engine.enter(world, arm), market)


async def _held(world: World, profile: BrokerProfile, *, stop: str | None = "95.00") -> Seat:
    """A position of 100."""
    seat = await seated(world)
    arm = seat.arm(stop=stop, profile=profile)
    await engine.enter(world, arm)
    assert world.position() == 100
    return seat


async def guard_exit(world: World, profile: BrokerProfile) -> None:
    """A stop that is confirmed, and a limit that fills."""
    seat = await _held(world, profile)
    guard = seat.guard(profile=profile)
    world.begin()
    market = _market(world, (1, "97.80"), (0.01, "97.79"), *[(1, "97.80"), (1, "97.79")] * 6)
    await _together(engine.watch_over(world, guard), market)


async def guard_ladder(world: World, profile: BrokerProfile) -> None:
    """A stop that is confirmed, and a limit that does not fill."""
    seat = await _held(world, profile)
    guard = seat.guard(profile=profile)
    world.begin()
    await _together(engine.watch_over(world, guard), _falling(world))


async def _falling(world: World) -> None:
    """Prices that run past the stop and its limit, where nobody bids at first."""
    await world.sleep(0.5)
    world.show(bid_size=0)
    await _market(world, (0.5, "97.80"), (0.01, "97.79"))
    world.show(bid="97.00", ask="97.04", bid_size=500)
    for _ in range(6):
        await world.sleep(1)
        world.trade("97.00")
        await world.sleep(1)
        world.trade("97.01")


async def _falling_late(world: World) -> None:
    """Nobody bids until an exit rests, and then too little for it."""
    world.show(bid_size=0)
    for _ in range(200):
        if any(":XS:" in order.order.order_ref for order in world.gateway.exchange.open_orders()):
            break
        await world.sleep(0.05)
    world.show(bid_size=500)
    for _ in range(10):
        await _market(world, (0, "97.00"), (1, "97.01"), (1, "97.00"))


async def walked_ladder(world: World, profile: BrokerProfile) -> None:
    """A stop that is confirmed, a limit that does not fill, and an engine that walks."""
    seat = await _held(world, profile)
    guard = seat.guard(profile=profile)
    world.begin()
    await _together(
        engine.walk_away(world, guard),
        _market(world, (1, "97.80"), (0.01, "97.79")),
        _falling_late(world),
    )


async def walked_part(world: World, profile: BrokerProfile) -> None:
    """A position without a stop of its own, as a part is that leaves at its target."""
    seat = await _held(world, profile, stop=None)
    guard = seat.guard(shield=replace(seat.stop(100, "95.00"), parent=None), profile=profile)
    rules = replace(guard.ladder, shield=guard.protection.intent)
    way_out = WayOut(rules, guard.quantity, guard.exit, guard.protection, guard.asked)
    world.begin()
    await _together(engine.walk(world, Walk(way_out)), _falling_late(world))


async def submit_stop(world: World, profile: BrokerProfile) -> None:
    """A stop for a position that has none."""
    seat = await _held(world, profile, stop=None)
    stop = replace(seat.stop(100, "95.00"), parent=None)
    submission = Submission(world.approve(stop), stop, world.asked(seat.instrument))
    world.begin()
    await engine.submit(world, submission)


async def submit_entry(world: World, profile: BrokerProfile) -> None:
    """An entry alone."""
    seat = await seated(world)
    # Somebody has to look at the prices, or nothing may be opened.
    looker = Seat(seat.instrument, world, "Z0000001").arm(trigger=ABOVE_120, stop=None)
    looking = asyncio.ensure_future(_look_for_ever(world, looker))
    await world.sleep(1)
    entry = seat.order(Purpose.ENTRY, 100, Limit(Decimal("100.10")))
    submission = Submission(world.approve(entry), entry, world.asked(seat.instrument))
    world.begin()
    await engine.submit(world, submission)
    looking.cancel()


async def _look_for_ever(world: World, arm: Arm) -> None:
    while True:
        await engine.enter(world, arm)


async def cancel_entry(world: World, profile: BrokerProfile) -> None:
    """A working entry with its stop, cancelled; the price comes for it a while later."""
    seat = await seated(world)
    arm = seat.arm(limit="99.00", profile=profile)
    entering = asyncio.ensure_future(engine.enter(world, arm))
    await world.until(lambda: len(world.standing()) == 2)
    await world.sleep(1)
    submission = Submission(arm.entry, arm.entry.intent, arm.asked)
    world.begin()
    await _together(
        engine.cancel(world, arm.key, submission), entering, _market(world, (3, "98.90"))
    )


async def modify_entry(world: World, profile: BrokerProfile) -> None:
    """A working entry with its stop, moved a little; the price comes for it a while later."""
    seat = await seated(world)
    arm = seat.arm(limit="99.00", profile=profile)
    entering = asyncio.ensure_future(engine.enter(world, arm))
    await world.until(lambda: len(world.standing()) == 2)
    await world.sleep(1)
    moved = replace(arm.entry.intent, terms=Limit(Decimal("99.05")))
    submission = Submission(world.approve(moved), moved, arm.asked)
    world.begin()
    await _together(engine.modify(world, submission), entering, _market(world, (3, "98.90")))


STORIES = {
    story.name: story
    for story in (
        Story("arm now", arm_now),
        Story("arm in parts", arm_in_parts),
        Story("arm at a trigger", arm_at_trigger),
        Story("guard's exit", guard_exit, placements=2),
        Story("guard's ladder", guard_ladder, placements=2),
        Story("walked ladder", walked_ladder, placements=2),
        Story("walked part", walked_part, placements=1, is_naked_on_purpose=True),
        Story("submit a stop", submit_stop, placements=1, is_naked_on_purpose=True),
        Story("submit an entry", submit_entry, is_naked_on_purpose=True),
        Story("cancel", cancel_entry, placements=2),
        Story("modify", modify_entry, placements=2),
    )
}
