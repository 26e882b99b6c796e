"""The whole graph of what can happen to a ladder in a small world.

Two worlds are one situation if all that can follow is the same. From the graph one reads off
whether each situation can still end without a further fault.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.domain.exits.events import Alarm
from backstay.domain.exits.ladder import Told
from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.members import Member, Role, Standing
from backstay.domain.exits.steps import begin
from backstay.domain.instruments import Instrument
from backstay.domain.profile import PESSIMISTIC, BrokerProfile
from backstay.domain.sessions import MarketPhase
from tests.domain.exits.armed import PAIR, STOCK, resting_stop, rules
from tests.domain.exits.world import OPEN, START, BrokerOrder, Stage, World, is_market

MILLISECOND = timedelta(milliseconds=1)
HALTED = MarketNow(MarketPhase.REGULAR, halted=True, touch=Decimal("189.90"))
CLOSED = MarketNow(MarketPhase.CLOSED)
EARLY = MarketNow(MarketPhase.EXTENDED, touch=Decimal("189.90"))
NO_BID = MarketNow(MarketPhase.REGULAR)

MEETINGS = {
    "swap": PESSIMISTIC,
    "reshape": BrokerProfile(order_type_can_be_modified=True),
    "reshape, else pair": BrokerProfile(
        order_type_can_be_modified=True, living_group_can_be_joined=True
    ),
    "pair": BrokerProfile(living_group_can_be_joined=True),
    "pair, spared": BrokerProfile(
        living_group_can_be_joined=True, cancelling_one_spares_siblings=True
    ),
}
MARKETS = {"open": OPEN, "halted": HALTED, "closed": CLOSED, "early": EARLY}


def situation(world: World) -> tuple[object, ...]:
    """What distinguishes one world from another for all that can follow: times only relative to
    now, and only where they still matter; of an order that is history, only what it has filled.
    """
    ladder, now = world.ladder, world.now

    def away(at: datetime | None) -> int | None:
        return None if at is None else max((at - now) // MILLISECOND, -1)

    def of_member(member: Member) -> tuple[object, ...]:
        shape, is_limit = member.new_shape, member.role is Role.LIMIT and member.is_live
        was_asked = member.cancel_asked or member.standing is Standing.SENT
        return (
            (member.role, member.standing, member.filled, member.revision > 0),
            away(member.look_at),
            (member.fills_read, member.cancel_asked, member.keeps_shape),
            member.looked_after and was_asked,
            member.refused,
            (member.intent.quantity, member.intent.terms.kind),
            shape and (shape.role, shape.intent.quantity),
            is_limit and away(member.since + ladder.rules.patience),
            is_limit and ladder.answered_at >= member.since + ladder.rules.patience,
        )

    def of_order(order: BrokerOrder) -> tuple[object, ...]:
        return (
            (order.intent.key.purpose, order.intent.key.generation),
            (order.intent.quantity, order.intent.terms.kind, order.intent.oca),
            (order.stage, order.filled, order.told < order.revision),
            (order.cancel, order.asked, order.fills_asked, order.refused),
            order.reshape and (order.reshape.quantity, order.reshape.terms.kind),
        )

    newest = ladder.newest
    return (
        tuple(
            (o.intent.key.purpose, o.filled)
            if world.is_history(o, m)
            else (of_order(o), of_member(m))
            for o, m in zip(world.orders, ladder.members, strict=True)
        ),
        ladder.limit_was_tried,
        newest and (newest.role, newest.refused, newest.is_market),
        (world.faults, ladder.market, bool(ladder.told)),
        newest and Told(Alarm.UNPROTECTED, newest.key) in ladder.told,
        (ladder.shuns_market, ladder.shuns_reshape, ladder.protects_first),
        away(ladder.retry_at),
    )


@dataclass
class Graph:
    """All situations that can be reached, and what leads back from each without a fault."""

    worlds: list[World] = field(default_factory=list)
    numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    back: dict[int, list[int]] = field(default_factory=dict)
    way: list[tuple[int, str]] = field(default_factory=list)

    def number(self, world: World, before: int, what: str) -> int:
        """The number of the situation that `world` is in, new or known."""
        number = self.numbers.setdefault(situation(world), len(self.worlds))
        if number == len(self.worlds):
            self.worlds.append(world)
            self.way.append((before, what))
        return number

    def story(self, number: int) -> str:
        """The moves that lead to a situation, for the message of a failure."""
        told = []
        while number:
            number, what = self.way[number]
            told.append(what)
        return ", ".join(reversed(told))

    def stuck(self) -> list[str]:
        """The stories of the situations from which no end can be reached without a fault."""
        ends = [number for number, world in enumerate(self.worlds) if world.ladder.is_done]
        found = set(ends)
        waiting = deque(ends)
        while waiting:
            for before in self.back.get(waiting.popleft(), ()):
                if before not in found:
                    found.add(before)
                    waiting.append(before)
        return [self.story(number) for number in range(len(self.worlds)) if number not in found]


def promise_broken_in(world: World) -> str:
    """Which promise a situation breaks, by the broker's own account; empty if it keeps them."""
    still_open, could_fill = world.open, world.could_fill
    if still_open < 0:
        return "more was sold than was open"
    if could_fill > still_open:
        return f"exits could fill {could_fill} of {still_open}"
    if world.ladder.is_done and (still_open or any(order.can_fill for order in world.orders)):
        return "the ladder believes that it is done"
    return ""


def promise_broken_by(world: World, before: World, what: str) -> str:
    """Which promise a move breaks that leads from one situation to the next; empty if none."""
    sent = world.orders[len(before.orders) :]
    if any(is_market(order) for order in sent) and not world.ladder.market.takes_market_orders:
        return "a market order was sent that waits for another session"
    if what != "time passes" or world.ladder.told:
        return ""
    is_naked = world.open and not any(order.can_fill for order in world.orders)
    if is_naked and not any(order.is_awaited for order in world.orders):
        return "open quantity without a live exit, no question, and nobody told"
    return ""


def explore(
    first: World,
    broken_in: Callable[[World], str] = promise_broken_in,
    broken_by: Callable[[World, World, str], str] = promise_broken_by,
) -> Graph:
    """Builds the whole graph from `first`, and holds every situation and every move against what
    was promised.
    """
    graph = Graph()
    here = graph.number(first, 0, "begin")
    while here < len(graph.worlds):
        world = graph.worlds[here]
        for what, is_fault, then in world.moves():
            after = then()
            known = len(graph.worlds)
            there = graph.number(after, here, what)
            broken = broken_by(after, world, what)
            broken = broken or (broken_in(after) if there == known else "")
            assert not broken, f"{broken} after: {graph.story(here)}, {what}"
            if not is_fault:
                graph.back.setdefault(there, []).append(here)
        here += 1
    return graph


def first_world(
    profile: BrokerProfile,
    market: MarketNow,
    *,
    faults: int,
    quantity: int,
    instrument: Instrument = STOCK,
    slippage_pct: str = "0.5",
) -> World:
    """A resting stop whose exit has just been triggered."""
    oca = PAIR if profile.living_group_can_be_joined else None
    stop = resting_stop(START, quantity, instrument=instrument, oca=oca)
    trigger = "5.00" if instrument.is_option else "190.00"
    armed = rules(profile=profile, instrument=instrument, trigger=trigger)
    armed = replace(armed, slippage_pct=Decimal(slippage_pct))
    decision = begin(armed, Decimal(quantity), (stop,), market, START)
    at_broker = BrokerOrder(stop.intent, Stage.LIVE, revision=1, told=1)
    turns = (NO_BID,) if instrument.is_option else (HALTED, CLOSED, EARLY)
    world = World(decision[0], (at_broker,), faults, turns=turns)
    return world.after(decision)
