"""The orders, by all the names that they have: the only place where one changes, and is told of.

Each change goes through the table of the lifecycle. An order stays known until it is forgotten;
while it lives, its instrument is watched, so that the market goes on without other spectators.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import TypeVar

from backstay.gateway.events import Event, OrderChanged
from backstay.gateway.exchange.doors import Market
from backstay.gateway.exchange.lifecycle import is_over, require_move
from backstay.gateway.exchange.oca import group_of
from backstay.gateway.exchange.state import OrderState
from backstay.gateway.values.held import HeldOrder

_Key = TypeVar("_Key")


class OrderBook:
    """Every order that is not forgotten."""

    def __init__(self, market: Market, tell: Callable[[Event], None]) -> None:
        self._market = market
        self._tell = tell
        self._orders: dict[int, HeldOrder] = {}
        self._perm_ids: dict[tuple[int, int], int] = {}
        self._living: dict[int, None] = {}
        self._living_by_con_id: dict[int, dict[int, None]] = {}
        self._groups: dict[tuple[str, str], dict[int, None]] = {}
        self._children: dict[int, dict[int, None]] = {}
        self._former: dict[int, HeldOrder] = {}
        self._session_days: dict[int, date] = {}

    def held(self, perm_id: int) -> HeldOrder | None:
        """The order with that permId."""
        return self._orders.get(perm_id)

    def named(self, client_id: int, order_id: int) -> HeldOrder | None:
        """The order that the client means by `order_id`: the last one that got it."""
        return self._orders.get(self._perm_ids.get((client_id, order_id), 0))

    def living(self, con_id: int | None = None) -> tuple[HeldOrder, ...]:
        """What is not over, of one instrument or of all, in the order of acceptance."""
        perm_ids = self._living if con_id is None else self._living_by_con_id.get(con_id, {})
        return tuple(self._orders[perm_id] for perm_id in perm_ids)

    def completed(self) -> tuple[HeldOrder, ...]:
        """What is over, in the order of acceptance."""
        return tuple(held for held in self._orders.values() if is_over(held))

    def group(self, key: tuple[str, str]) -> tuple[HeldOrder, ...]:
        """All orders that are or were in the group."""
        return tuple(self._orders[perm_id] for perm_id in self._groups.get(key, {}))

    def siblings(self, held: HeldOrder) -> tuple[HeldOrder, ...]:
        """The others of its group, also those that are over."""
        key = group_of(held)
        members = () if key is None else self.group(key)
        return tuple(other for other in members if other.perm_id != held.perm_id)

    def children(self, perm_id: int) -> tuple[HeldOrder, ...]:
        """What is attached to it."""
        return tuple(self._orders[child] for child in self._children.get(perm_id, {}))

    def former(self, perm_id: int) -> HeldOrder | None:
        """The order as it was before its last modify."""
        return self._former.get(perm_id)

    def remember(self, held: HeldOrder) -> None:
        """It is about to be modified."""
        self._former[held.perm_id] = held

    def session_day(self, perm_id: int) -> date | None:
        """The first broker day on which it could work."""
        return self._session_days.get(perm_id)

    def begin_session(self, perm_id: int, day: date) -> bool:
        """It could work on `day`; only the first is kept. Whether this was the first."""
        if perm_id in self._session_days:
            return False
        self._session_days[perm_id] = day
        return True

    def begin_anew(self, perm_id: int) -> None:
        """Its day is to be the next one on which it can work, whatever it did before."""
        self._session_days.pop(perm_id, None)

    def put(self, held: HeldOrder, *, reworded: bool = False) -> HeldOrder:
        """Have the order as it is now, and tell of it."""
        before = self._orders.get(held.perm_id)
        require_move(before, held)
        self._orders[held.perm_id] = held
        if before is None:
            self._enter(held)
        if is_over(held):
            self._leave(held)
        self._tell(OrderChanged(held, reworded))
        return held

    def forget(self, perm_id: int) -> None:
        """It can't be asked for any more."""
        held = self._orders.pop(perm_id)
        name = (held.order.client_id, held.order.order_id)
        if self._perm_ids.get(name) == perm_id:
            del self._perm_ids[name]
        if (key := group_of(held)) is not None:
            _drop(self._groups, key, perm_id)
        if held.parent_perm_id:
            _drop(self._children, held.parent_perm_id, perm_id)
        self._former.pop(perm_id, None)
        self._session_days.pop(perm_id, None)

    def state_of(self, perm_id: int) -> OrderState | None:
        """All that is to be kept of one order."""
        held = self._orders.get(perm_id)
        return None if held is None else OrderState(held, self._session_days.get(perm_id))

    def state(self) -> tuple[OrderState, ...]:
        """All orders."""
        return tuple(
            OrderState(held, self._session_days.get(perm_id))
            for perm_id, held in self._orders.items()
        )

    def restore(self, states: Iterable[OrderState]) -> None:
        """Go on from `states`, which are in the order of acceptance; nothing is told."""
        for state in states:
            self._orders[state.held.perm_id] = state.held
            if state.session_day is not None:
                self._session_days[state.held.perm_id] = state.session_day
            self._enter(state.held)
            if is_over(state.held):
                self._leave(state.held)

    def _enter(self, held: HeldOrder) -> None:
        order = held.order
        self._perm_ids[order.client_id, order.order_id] = held.perm_id
        self._living[held.perm_id] = None
        self._living_by_con_id.setdefault(held.contract.con_id, {})[held.perm_id] = None
        if (key := group_of(held)) is not None:
            self._groups.setdefault(key, {})[held.perm_id] = None
        if held.parent_perm_id:
            self._children.setdefault(held.parent_perm_id, {})[held.perm_id] = None
        self._market.watch(held.contract.con_id)

    def _leave(self, held: HeldOrder) -> None:
        if held.perm_id not in self._living:
            return
        del self._living[held.perm_id]
        con_id = held.contract.con_id
        del self._living_by_con_id[con_id][held.perm_id]
        if not self._living_by_con_id[con_id]:
            del self._living_by_con_id[con_id]
        self._market.unwatch(con_id)


def _drop(index: dict[_Key, dict[int, None]], key: _Key, perm_id: int) -> None:
    members = index[key]
    del members[perm_id]
    if not members:
        del index[key]
