"""Any interleaving of exits that pass the last hop: the position is never turned round."""

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.limits.book import Book
from backstay.domain.limits.claims import ForeignHolding
from backstay.domain.limits.facts import LiveOrder
from backstay.domain.limits.last_hop import recheck
from backstay.domain.orders.intent import Limit, OcaGroup
from backstay.domain.sides import Side
from tests.domain.limits.samples import (
    LAST_HOP,
    NOW,
    SETTINGS,
    SHARE,
    approved,
    key,
    order,
)

NOTHING = Decimal(0)
POSITION = Decimal(10)
MUCH = Book().with_foreign(ForeignHolding(SHARE.con_id, Decimal(1000), Decimal(1)))
ENTRY_KEY = key()
GROUPS = (OcaGroup("pair", 1), OcaGroup("pair", 2), OcaGroup("pair", 3))


class Broker:
    """A broker with a position, live exits and at most one entry with stops attached to it.

    In a group with overfill protection a partial fill takes from the other members, by quantity or
    in proportion, and a complete one ends them. Without it, everything that is live can fill.
    """

    def __init__(self, group: OcaGroup, *, in_proportion: bool) -> None:
        self.position = POSITION
        self.group = group
        self.live: dict[IntentKey, LiveOrder] = {}
        self.in_proportion = in_proportion

    def enter(self, quantity: Decimal) -> None:
        """Put an entry to work, unless there is one."""
        self.live.setdefault(ENTRY_KEY, LiveOrder(ENTRY_KEY, Side.BUY, quantity))

    def send(self, named: IntentKey, quantity: Decimal, *, grouped: bool) -> None:
        """Send or modify an exit, if the last hop lets it."""
        known = self.live.get(named)
        attached = named.purpose is Purpose.PROTECT
        intent = order(
            named,
            str(quantity),
            side=Side.SELL,
            terms=Limit(Decimal(95)),
            oca=self.group if grouped else None,
            parent=ENTRY_KEY if attached else None,
        )
        facts = replace(LAST_HOP, position=self.position, live_orders=tuple(self.live.values()))
        approval = approved(replace(intent, quantity=Decimal(100)), MUCH)
        filled = known.filled if known else NOTHING
        if quantity > filled and recheck(approval, intent, facts, SETTINGS, NOW) is None:
            self.live[named] = LiveOrder(
                named, Side.SELL, quantity, filled, intent.oca, intent.parent
            )

    def fill(self, named: IntentKey, wanted: Decimal) -> None:
        """Fill an order as far as it can fill: an attached one not before its entry."""
        known = self.live[named]
        awake = known.unfilled
        if known.parent in self.live:
            awake = min(awake, max(self.live[known.parent].filled - known.filled, NOTHING))
        quantity = min(wanted, awake)
        share = quantity / known.unfilled
        self.position += known.side.signed(quantity)
        self.live[named] = replace(known, filled=known.filled + quantity)
        for other in list(self.live.values()):
            if other.key != named and known.oca and other.oca == known.oca and known.oca.type != 3:
                taken = other.unfilled * share if self.in_proportion else quantity
                self.live[other.key] = replace(other, quantity=other.quantity - taken)
        self.live = {each.key: each for each in self.live.values() if each.unfilled}

    def end(self, named: IntentKey) -> None:
        """Cancel an order; what is attached to an entry dies with it."""
        del self.live[named]
        self.live = {k: each for k, each in self.live.items() if each.parent != named}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that can happen at the broker; what it can't happen to, it leaves as it is."""

    kind: str
    named: IntentKey
    quantity: Decimal
    grouped: bool

    def happen_at(self, broker: Broker) -> None:
        """Let it happen."""
        if self.named is ENTRY_KEY and self.kind == "send":
            broker.enter(self.quantity)
        elif self.kind == "send":
            broker.send(self.named, self.quantity, grouped=self.grouped)
        elif self.named in broker.live and self.kind == "fill":
            broker.fill(self.named, self.quantity)
        elif self.named in broker.live:
            broker.end(self.named)


EXITS = [
    key(purpose, leg=leg) for purpose in (Purpose.EXIT_STOP, Purpose.PROTECT) for leg in (0, 1)
]
happenings = st.builds(
    Happening,
    st.sampled_from(["send", "send", "fill", "end"]),
    st.sampled_from([ENTRY_KEY, *EXITS]),
    st.integers(1, 10).map(Decimal),
    st.booleans(),
)


@given(
    st.sampled_from(GROUPS),
    st.booleans(),
    st.lists(happenings, min_size=5, max_size=30),
)
@pytest.mark.req("S3.4", "I8")
def test_no_interleaving_of_exits_turns_the_position_round(
    group: OcaGroup,
    in_proportion: bool,
    things: list[Happening],
) -> None:
    broker = Broker(group, in_proportion=in_proportion)

    for thing in things:
        thing.happen_at(broker)
        assert broker.position >= 0

    for named in sorted(broker.live, key=lambda each: each.purpose is not Purpose.ENTRY):
        if named in broker.live:
            broker.fill(named, broker.live[named].unfilled)
            assert broker.position >= 0
