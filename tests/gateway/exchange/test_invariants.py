"""Whatever comes in whatever sequence: what no order and no group ever does."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from backstay.gateway.exchange.lifecycle import is_over
from backstay.gateway.market.words import Phase
from backstay.gateway.profile import NAMES, Profile
from backstay.gateway.values.state import Status
from tests.gateway.exchange.house import ACCOUNT, OPTION, STOCK, D, House
from tests.gateway.exchange.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Ticket:
    """An order as somebody asks for it."""

    action: str
    quantity: int
    order_type: str
    price: Decimal
    con_id: int
    tif: str
    outside_rth: bool


prices = st.sampled_from([D(cents) / 100 for cents in range(9_980, 10_021, 5)])
sizes = st.sampled_from([D(size) for size in (0, 1, 3, 10, 40)])
con_ids = st.sampled_from([STOCK, OPTION])
tickets = st.builds(
    Ticket,
    st.sampled_from(["BUY", "SELL"]),
    st.integers(1, 50),
    st.sampled_from(["MKT", "LMT", "STP", "STP LMT"]),
    prices,
    con_ids,
    st.sampled_from(["DAY", "GTC", "GTC", "IOC", "GTD"]),
    st.booleans(),
)
profiles = st.builds(Profile, **{name: st.booleans() for name in NAMES})


class Exchanging(RuleBasedStateMachine):
    """Clients, a market and a clock at one exchange, which may restart at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.group_number = 0
        self.sizes_of_groups: dict[str, Decimal] = {}

    @initialize(profile=profiles)
    def open(self, profile: Profile) -> None:
        self.house = House(profile)

    def hear(self) -> None:
        for event in self.house.heard():
            self.ledger.hear(event)

    def send(self, ticket: Ticket, **fields: Any) -> int:
        order_id = self.house.place(
            ticket.action,
            ticket.quantity,
            ticket.order_type,
            str(ticket.price),
            con_id=ticket.con_id,
            tif=ticket.tif,
            outside_rth=ticket.outside_rth,
            good_till_date="20261123 16:30:00" if ticket.tif == "GTD" else "",
            **fields,
        )
        self.hear()
        return order_id

    @rule(ticket=tickets)
    def place(self, ticket: Ticket) -> None:
        self.send(ticket)

    @rule(
        entry=tickets,
        goal=st.none() | prices,
        stop=prices,
        is_sent=st.booleans(),
        oca_type=st.integers(0, 3),
    )
    def bracket(
        self, entry: Ticket, goal: Decimal | None, stop: Decimal, is_sent: bool, oca_type: int
    ) -> None:
        group: dict[str, Any] = {}
        if oca_type:
            # Nobody would put a parent and its children into one group; it must do no harm.
            self.group_number += 1
            group = {"oca_group": f"g{self.group_number}", "oca_type": oca_type}
            self.sizes_of_groups[group["oca_group"]] = D(entry.quantity)
        parent_id = self.send(entry, transmit=False, **group)
        way_out = replace(entry, action="SELL" if entry.action == "BUY" else "BUY")
        if goal is not None:
            limit = replace(way_out, order_type="LMT", price=goal)
            self.send(limit, parent_id=parent_id, transmit=False, **group)
        protection = replace(way_out, order_type="STP", price=stop)
        self.send(protection, parent_id=parent_id, transmit=is_sent, **group)

    @rule(
        oca_type=st.integers(1, 3),
        members=st.lists(tickets, min_size=2, max_size=3),
        late=st.sampled_from([0.0, 0.5, 2.0]),
    )
    def group(self, oca_type: int, members: list[Ticket], late: float) -> None:
        self.group_number += 1
        name = f"g{self.group_number}"
        largest = D(max(ticket.quantity for ticket in members))
        self.sizes_of_groups[name] = largest
        for ticket in members:
            known = [held for held in self.ledger.orders.values() if held.order.oca_group == name]
            if known and all(is_over(held) for held in known):
                # The name is free again, or refused: whoever gets it begins another group.
                self.sizes_of_groups[name] += largest
            self.send(ticket, oca_group=name, oca_type=oca_type)
            self.house.wait(late)
        self.hear()

    @rule(pick=st.integers(0, 30), ticket=tickets, delay=st.booleans())
    def modify(self, pick: int, ticket: Ticket, delay: bool) -> None:
        living = self.house.exchange.open_orders()
        if not living:
            return
        held = living[pick % len(living)]
        order = held.order
        if delay:
            self.house.wait(1)
        self.send(
            replace(
                ticket,
                action=order.action,
                quantity=int(min(D(ticket.quantity), order.quantity)),
                order_type=order.order_type,
                con_id=held.contract.con_id,
            ),
            order_id=order.order_id,
            oca_group=order.oca_group,
            oca_type=order.oca_type,
        )

    @rule(pick=st.integers(0, 60))
    def cancel(self, pick: int) -> None:
        self.house.cancel(pick)
        self.hear()

    @rule()
    def cancel_all(self) -> None:
        self.house.exchange.cancel_all(7)
        self.hear()

    @rule(
        con_id=con_ids,
        bid=st.tuples(st.none() | prices, sizes),
        ask=st.tuples(st.none() | prices, sizes),
        printed=st.none() | st.tuples(prices, sizes),
    )
    def move(
        self,
        con_id: int,
        bid: tuple[Decimal | None, Decimal],
        ask: tuple[Decimal | None, Decimal],
        printed: tuple[Decimal, Decimal] | None,
    ) -> None:
        changes: dict[str, Any] = dict(zip(("bid", "bid_size"), bid, strict=True))
        changes |= zip(("ask", "ask_size"), ask, strict=True)
        if printed is not None:
            changes |= zip(("last", "last_size"), printed, strict=True)
        self.house.market.move(con_id, **changes)
        self.hear()

    @rule(halted=st.booleans(), fast=st.booleans())
    def weather(self, halted: bool, fast: bool) -> None:
        self.house.market.move(halted=halted)
        self.house.market.fast = fast
        self.hear()

    @rule(phase=st.sampled_from(Phase), calendar=st.sampled_from(["stocks", "options"]))
    def enter(self, phase: Phase, calendar: str) -> None:
        self.house.market.enter(phase, calendar)
        self.hear()

    @rule(seconds=st.sampled_from([0.001, 0.02, 3.0, 7_200.0, 40_000.0]))
    def wait(self, seconds: float) -> None:
        self.house.wait(seconds)
        self.hear()

    @rule()
    def restart(self) -> None:
        before = self.house.exchange.state()
        self.house = self.house.restarted()
        living = [row.held.perm_id for row in before.orders if not is_over(row.held)]
        known = {row.held.perm_id for row in self.house.exchange.state().orders}
        assert set(living) <= known
        self.hear()

    @precondition(lambda self: hasattr(self, "house"))
    @invariant()
    def what_is_held_is_what_was_told(self) -> None:
        for held in self.house.exchange.open_orders():
            assert held == self.ledger.orders[held.perm_id]
            assert not is_over(held)
        for held in self.house.exchange.completed_orders():
            assert held == self.ledger.orders[held.perm_id]

    @precondition(lambda self: hasattr(self, "house"))
    @invariant()
    def executions_and_positions_agree(self) -> None:
        for con_id in (STOCK, OPTION):
            held = self.house.accounts.position(ACCOUNT, con_id).quantity
            assert held == self.ledger.positions[con_id] == self.ledger.said[con_id]

    @precondition(lambda self: hasattr(self, "house"))
    @invariant()
    def a_group_with_block_never_overfills(self) -> None:
        for name, shares in self.ledger.sold_in_groups_with_block().items():
            assert shares <= self.sizes_of_groups[name], name

    @precondition(lambda self: hasattr(self, "house"))
    @invariant()
    def the_market_is_watched_for_who_lives(self) -> None:
        for con_id in (STOCK, OPTION):
            living = [
                held for held in self.house.exchange.open_orders() if held.contract.con_id == con_id
            ]
            assert self.house.market.watched.get(con_id, 0) == len(living)

    @precondition(lambda self: hasattr(self, "house"))
    @invariant()
    def a_child_never_sells_what_its_parent_has_not_bought(self) -> None:
        for held in self.ledger.orders.values():
            parent = self.ledger.orders.get(held.parent_perm_id)
            if parent is not None:
                assert held.filled <= max(parent.filled, D(0)) or parent.status is Status.FILLED


Exchanging.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestAnyInterleaving = Exchanging.TestCase
