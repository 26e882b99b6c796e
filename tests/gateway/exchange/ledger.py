"""What an independent listener makes of everything that an exchange tells."""

from collections import defaultdict
from decimal import Decimal

from backstay.gateway.events import Event, Executed, OrderChanged, PositionChanged
from backstay.gateway.exchange.lifecycle import MOVES, is_over
from backstay.gateway.exchange.oca import REDUCE, type_of
from backstay.gateway.values.execution import Side
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.state import Status


class Ledger:
    """It adds up by itself, and objects as soon as something can't be."""

    def __init__(self) -> None:
        self.orders: dict[int, HeldOrder] = {}
        self.filled: defaultdict[int, Decimal] = defaultdict(Decimal)
        self.positions: defaultdict[int, Decimal] = defaultdict(Decimal)
        self.said: defaultdict[int, Decimal] = defaultdict(Decimal)
        self.exec_ids: dict[str, None] = {}

    def hear(self, event: Event) -> None:
        match event:
            case OrderChanged(held=held):
                self._order(held)
            case Executed(contract=contract, execution=execution):
                assert execution.exec_id not in self.exec_ids
                assert execution.shares > 0
                self.exec_ids[execution.exec_id] = None
                self.filled[execution.perm_id] += execution.shares
                sign = 1 if execution.side is Side.BOUGHT else -1
                self.positions[contract.con_id] += sign * execution.shares
                assert execution.cum_quantity == self.filled[execution.perm_id]
            case PositionChanged(contract=contract, quantity=quantity):
                self.said[contract.con_id] = quantity
            case _:
                pass

    def _order(self, held: HeldOrder) -> None:
        before = self.orders.get(held.perm_id)
        if before is not None:
            assert held.status in MOVES[before.status]
            assert held.filled >= before.filled
            assert not is_over(before), "an order that is over changed"
        if held.status is not Status.INACTIVE:
            assert 0 <= held.filled <= held.order.quantity
            assert (held.status is Status.FILLED) == (held.remaining == 0)
        assert held.filled == self.filled[held.perm_id]
        self.orders[held.perm_id] = held

    def sold_in_groups_with_block(self) -> dict[str, Decimal]:
        """What the members of each such group have traded together."""
        filled: defaultdict[str, Decimal] = defaultdict(Decimal)
        for held in self.orders.values():
            if held.order.oca_group and type_of(held.order) != REDUCE:
                filled[held.order.oca_group] += held.filled
        return filled
