"""Every interleaving of what a broker can do to a small hedge, explored breadth first.

The broker's truth and what the hedge has heard of it are walked together: fills one by one, ends,
late fills, one fill taken back, one order that returns from the dead, silence, refused cancels. In
every state that can be reached the law of the module is checked, and from every one of them a
broker that answers brings the hedge to an end with the exact remainder.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import chain
from typing import NamedTuple

import pytest

from backstay.domain.hedging.emergency import (
    LEVELS_MAX,
    EmergencyHedge,
    Phase,
    Step,
    decide,
    open_hedge,
)
from backstay.domain.hedging.events import (
    CallOff,
    CancelRefused,
    Escalate,
    FillsRead,
    HedgeCommand,
    HedgeEvent,
    OrderSeen,
    SendHedge,
    TimePassed,
    UndoSurplus,
)
from backstay.domain.hedging.levels import Standing
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.incidents.kinds import IncidentKind

pytestmark = pytest.mark.exploration

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FIRST = IntentKey("T7K2M9QX", 0, Purpose.HEDGE, 1)
ANSWERS_MAX = 40


class Truth(NamedTuple):
    """What the broker has of one order."""

    quantity: int
    filled: int = 0
    alive: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A hedge of which there is one object only, so that it is compared and hashed in no time."""

    hedge: EmergencyHedge


class World(NamedTuple):
    """The hedge, the truth of its orders, and the surprises that the broker has left."""

    known: Known
    truths: tuple[Truth, ...]
    corrections: int
    returns: int

    @property
    def hedge(self) -> EmergencyHedge:
        return self.known.hedge


class Happening(Enum):
    """What the hedge can hear of an order. Stale news has a test of its own."""

    SEEN = 1
    FILLS_READ = 2
    CANCEL_REFUSED = 3
    TIME_UP = 4


the_one = cache(Known)


def opening(needed: int, corrections: int, returns: int) -> World:
    hedge, _ = open_hedge(Decimal(needed), FIRST, NOW)
    return World(the_one(timeless(hedge)), (Truth(needed),), corrections, returns)


def timeless(hedge: EmergencyHedge) -> EmergencyHedge:
    """When something is due makes no other state; that it can become due does."""
    orders = tuple(
        replace(order, look_at=order.look_at and LATER, person_told=False) for order in hedge.orders
    )
    return replace(hedge, orders=orders)


def with_truth(world: World, index: int, truth: Truth) -> World:
    return world._replace(truths=(*world.truths[:index], truth, *world.truths[index + 1 :]))


def broker_moves(world: World) -> Iterator[World]:
    """What the broker can do by itself."""
    for index, truth in enumerate(world.truths):
        if truth.filled < truth.quantity:
            more = truth.filled + 1
            alive = truth.alive and more < truth.quantity
            yield with_truth(world, index, truth._replace(filled=more, alive=alive))
        if truth.alive:
            yield with_truth(world, index, truth._replace(alive=False))
        elif world.returns and truth.filled < truth.quantity:
            back = with_truth(world, index, truth._replace(alive=True))
            yield back._replace(returns=world.returns - 1)
        if world.corrections and truth.filled:
            less = with_truth(world, index, truth._replace(filled=truth.filled - 1))
            yield less._replace(corrections=world.corrections - 1)


def event_of(happening: Happening, key: IntentKey, truth: Truth) -> HedgeEvent:
    match happening:
        case Happening.SEEN:
            return OrderSeen(key, not truth.alive, Decimal(truth.filled), revision=0)
        case Happening.FILLS_READ:
            return FillsRead(key, Decimal(truth.filled), revision=0)
        case Happening.CANCEL_REFUSED:
            return CancelRefused(key)
        case Happening.TIME_UP:
            return TimePassed()


def overdue(hedge: EmergencyHedge, index: int) -> EmergencyHedge:
    """The hedge in the moment in which this order and no other is looked after."""
    orders = list(hedge.orders)
    if orders[index].look_at:
        orders[index] = replace(orders[index], look_at=NOW)
    return replace(hedge, orders=tuple(orders))


@cache
def lawful(
    known: Known, index: int, happening: Happening, truth: Truth
) -> tuple[Known, tuple[Truth, ...]]:
    """The hedge after an event and the orders that it sends, once the law has been checked."""
    before = overdue(known.hedge, index) if happening is Happening.TIME_UP else known.hedge
    after, commands = decide(before, event_of(happening, before.orders[index].key, truth), NOW)
    check_law(before, (after, commands))
    sent = tuple(Truth(int(each.quantity)) for each in commands if isinstance(each, SendHedge))
    return the_one(timeless(after)), sent


def heard(world: World, index: int, happening: Happening) -> World:
    known, sent = lawful(world.known, index, happening, world.truths[index])
    return world._replace(known=known, truths=world.truths + sent)


def hearings(world: World) -> Iterator[World]:
    """What the hedge can hear next."""
    for index in range(len(world.truths)):
        for happening in Happening:
            yield heard(world, index, happening)


def explore(start: World) -> set[World]:
    """Every world that can come out of this one; the law is checked on every step."""
    known, waiting = {start}, deque([start])
    while waiting:
        world = waiting.popleft()
        for other in chain(broker_moves(world), hearings(world)):
            if other not in known:
                known.add(other)
                waiting.append(other)
    return known


def check_law(before: EmergencyHedge, step: Step) -> None:
    after, commands = step
    proven = [order.standing is Standing.PROVEN for order in after.orders]
    for command in commands:
        check_command(before, after, command)
    assert after.level - before.level == sum(isinstance(each, SendHedge) for each in commands) <= 1
    if after.phase is Phase.COVERED:
        assert after.unhedged == after.surplus == after.called_for == 0
    if after.phase is Phase.ESCALATED:
        assert after.level == LEVELS_MAX
        assert after.called_for == after.unhedged > 0
    assert all(proven) == (after.phase in {Phase.COVERED, Phase.ESCALATED})


def check_command(before: EmergencyHedge, after: EmergencyHedge, command: HedgeCommand) -> None:
    filled = sum(order.filled for order in after.orders)
    match command:
        case SendHedge(_, level, quantity):
            assert all(order.standing is Standing.PROVEN for order in after.orders[:-1])
            assert level == after.level <= LEVELS_MAX
            assert quantity == after.needed + after.undone - filled > 0
        case Escalate(incident, unhedged):
            assert unhedged == max(after.needed + after.undone - filled, 0)
            assert after.phase is Phase.ESCALATED or (
                incident is not IncidentKind.IMMEDIATE_MANUAL_HEDGE
            )
        case UndoSurplus(quantity):
            assert quantity == filled - after.needed - before.undone > 0
            assert after.undone == before.undone + quantity
        case CallOff():
            assert before.called_for > 0
        case _:
            pass


def answered(world: World) -> World:
    """One round with a broker that answers: a cancel ends its order, and everything is told."""
    for index, order in enumerate(world.hedge.orders):
        truth = world.truths[index]
        if order.standing is Standing.CANCELLING and truth.alive:
            world = with_truth(world, index, truth._replace(alive=False))
        for happening in (Happening.SEEN, Happening.FILLS_READ, Happening.TIME_UP):
            world = heard(world, index, happening)
    return world


def check_end(world: World, resting: set[World]) -> None:
    """With answers the hedge comes to rest, and it rests on the truth."""
    path: list[World] = []
    while world not in resting:
        path.append(world)
        assert len(path) < ANSWERS_MAX
        world = answered(world)
        if world == path[-1]:
            check_rest(world)
            break
    resting.update(path)


def check_rest(world: World) -> None:
    hedge = world.hedge
    left = hedge.needed + hedge.undone - sum(truth.filled for truth in world.truths)
    assert left == hedge.called_for >= 0
    assert hedge.phase is (Phase.ESCALATED if left else Phase.COVERED)
    assert not any(truth.alive for truth in world.truths)


@pytest.mark.req("S4.4", "S4.2", "L2")
@pytest.mark.parametrize(("needed", "corrections", "returns"), [(3, 0, 0), (2, 1, 0), (1, 1, 1)])
def test_every_interleaving_ends_covered_or_with_the_exact_remainder(
    needed: int, corrections: int, returns: int
) -> None:
    worlds = explore(opening(needed, corrections, returns))
    phases = {world.hedge.phase for world in worlds}
    assert phases == set(Phase)
    assert {world.hedge.level for world in worlds} == {1, 2, 3}
    resting: set[World] = set()
    for world in worlds:
        check_end(world, resting)
