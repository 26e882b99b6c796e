"""Every interleaving of a small tranche's exit, with every freedom of the broker.

The whole graph of situations is built, and each way into each situation is held against the
ladder's promises. Liveness is read off the same graph: from every situation there is a way to the
end that needs no further fault.
"""

from collections import deque
from dataclasses import dataclass, field, fields
from decimal import Decimal
from itertools import product

import pytest

from backstay.domain.exits.market import MarketNow
from backstay.domain.exits.steps import begin
from backstay.domain.instruments import Instrument
from backstay.domain.profile import PESSIMISTIC, BrokerProfile
from backstay.domain.sessions import MarketPhase
from tests.domain.exits.armed import OPTION, PAIR, STOCK, resting_stop, rules
from tests.domain.exits.world import OPEN, START, BrokerOrder, Stage, World, is_market, situation

HALTED = MarketNow(MarketPhase.REGULAR, halted=True, touch=Decimal("189.90"))
CLOSED = MarketNow(MarketPhase.CLOSED)
EARLY = MarketNow(MarketPhase.EXTENDED, touch=Decimal("189.90"))
NO_BID = MarketNow(MarketPhase.REGULAR)


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


def first_world(
    profile: BrokerProfile,
    market: MarketNow,
    *,
    faults: int,
    quantity: int,
    instrument: Instrument = STOCK,
) -> World:
    """A resting stop whose exit has just been triggered."""
    oca = PAIR if profile.living_group_can_be_joined else None
    stop = resting_stop(START, quantity, instrument=instrument, oca=oca)
    trigger = "5.00" if instrument.is_option else "190.00"
    armed = rules(profile=profile, instrument=instrument, trigger=trigger)
    decision = begin(armed, Decimal(quantity), (stop,), market, START)
    at_broker = BrokerOrder(stop.intent, Stage.LIVE, revision=1, told=1)
    turns = (NO_BID,) if instrument.is_option else (HALTED, CLOSED, EARLY)
    world = World(decision[0], (at_broker,), faults, turns=turns)
    return world.after(decision)


def broken_promise(world: World, before: World, what: str) -> str:
    """Which promise a situation breaks, by the broker's own account; empty if it keeps them."""
    ladder = world.ladder
    if world.open < 0:
        return "more was sold than was open"
    if world.could_fill > world.open:
        return f"exits could fill {world.could_fill} of {world.open}"
    known = {order.intent.key for order in before.orders}
    sent_market = any(is_market(o) for o in world.orders if o.intent.key not in known)
    if sent_market and not ladder.market.takes_market_orders:
        return "a market order was sent that waits for another session"
    if ladder.is_done and (world.open or any(order.can_fill for order in world.orders)):
        return "the ladder believes that it is done"
    is_naked = world.open and not any(order.can_fill for order in world.orders)
    is_news = any(order.told < order.revision for order in world.orders)
    is_asked = any(order.asked or order.fills_asked for order in world.orders)
    if is_naked and what == "time passes" and not (is_news or is_asked or ladder.told):
        return "open quantity without a live exit, no question, and nobody told"
    return ""


def explore(first: World) -> Graph:
    """Builds the whole graph from `first`, checking every way into every situation."""
    graph = Graph()
    here = graph.number(first, 0, "begin")
    while here < len(graph.worlds):
        world = graph.worlds[here]
        for what, is_fault, then in world.moves():
            after = then()
            broken = broken_promise(after, world, what)
            assert not broken, f"{broken} after: {graph.story(here)}, {what}"
            there = graph.number(after, here, what)
            if not is_fault:
                graph.back.setdefault(there, []).append(here)
        here += 1
    return graph


SWITCHES = tuple(switch.name for switch in fields(BrokerProfile))
ALL_PROFILES = tuple(
    BrokerProfile(**dict(zip(SWITCHES, answers, strict=True)))
    for answers in product((False, True), repeat=len(SWITCHES))
)
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


@pytest.mark.req("S4.5", "I1", "I8", "I11", "L2")
@pytest.mark.parametrize("profile", ALL_PROFILES)
def test_without_faults_one_unit_gets_out_under_every_profile(profile: BrokerProfile) -> None:
    assert not explore(first_world(profile, OPEN, faults=0, quantity=1)).stuck()


@pytest.mark.req("S4.5", "I1", "I8", "I11", "L2")
@pytest.mark.parametrize("market", MARKETS.values(), ids=MARKETS.keys())
@pytest.mark.parametrize("profile", MEETINGS.values(), ids=MEETINGS.keys())
def test_with_one_fault_two_units_get_out(profile: BrokerProfile, market: MarketNow) -> None:
    assert not explore(first_world(profile, market, faults=1, quantity=2)).stuck()


@pytest.mark.req("S4.5", "I1", "I8", "I11", "L2")
def test_with_two_faults_one_unit_gets_out() -> None:
    assert not explore(first_world(PESSIMISTIC, OPEN, faults=2, quantity=1)).stuck()


@pytest.mark.req("S4.5", "I8", "L2")
@pytest.mark.parametrize("market", [OPEN, NO_BID], ids=["open", "no bid"])
def test_an_option_gets_out_also_when_bids_come_and_go(market: MarketNow) -> None:
    first = first_world(PESSIMISTIC, market, faults=1, quantity=2, instrument=OPTION)
    assert not explore(first).stuck()
