"""Which clients hear of an order: its own, the master, and client 0 of what TWS does.

An order from TWS has client 0 and an order id of 0 or below.
"""

from dataclasses import replace

from backstay.gateway.events import CommissionCharged, Executed, OrderChanged, OrderNoted
from backstay.gateway.front.client import Client
from backstay.gateway.front.hall import TWS_CLIENT_ID, Hall
from backstay.gateway.messages.order_replies import (
    CommissionReport,
    ExecutionDetails,
    OpenOrder,
    OrderStatus,
)
from backstay.gateway.messages.replies import NO_REQUEST, Notice
from backstay.gateway.values.held import HeldOrder

_REMEMBERED_MAX = 1000
"""How many executions wait for the report of their commission, at most."""


class Routing:
    """Tells clients what becomes of orders."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._orders_of_executions: dict[str, int] = {}

    def on_order(self, changed: OrderChanged) -> None:
        """The order itself where its terms are new, and its status always."""
        order = changed.held.order
        for client in self._hearers(order.client_id, order.order_id):
            if changed.reworded:
                client.send(open_order(changed.held))
            client.send(status(changed.held))

    def on_note(self, noted: OrderNoted) -> None:
        """An error or a warning, for the client whose request it was."""
        client = self._hall.clients.get(noted.client_id)
        if client is not None:
            client.send(notice(noted))

    def on_executed(self, executed: Executed) -> None:
        """A fill that nobody had to ask for."""
        execution = executed.execution
        self._orders_of_executions[execution.exec_id] = execution.order_id
        if len(self._orders_of_executions) > _REMEMBERED_MAX:
            del self._orders_of_executions[next(iter(self._orders_of_executions))]
        for client in self._hearers(execution.client_id, execution.order_id):
            client.send(ExecutionDetails(NO_REQUEST, executed.contract, execution))

    def on_commission(self, charged: CommissionCharged) -> None:
        """What it cost, for whoever heard of it."""
        order_id = self._orders_of_executions.pop(charged.commission.exec_id, 0)
        for client in self._hearers(charged.client_id, order_id):
            client.send(CommissionReport(charged.commission))

    def _hearers(self, client_id: int, order_id: int) -> tuple[Client, ...]:
        clients = self._hall.clients
        owner = clients.get(client_id)
        if owner is not None and is_by_hand(client_id, order_id) and not owner.binds_orders:
            owner = None
        master_id = self._hall.settings.master_client_id
        master = clients.get(master_id) if master_id is not None else None
        if owner is None:
            return () if master is None else (master,)
        return (owner,) if master is None or master is owner else (owner, master)


def is_by_hand(client_id: int, order_id: int) -> bool:
    """Whether somebody typed the order into TWS."""
    return client_id == TWS_CLIENT_ID and order_id <= 0


def open_order(held: HeldOrder) -> OpenOrder:
    """The order as it is held."""
    return OpenOrder(held.contract, held.order, held.status)


def status(held: HeldOrder) -> OrderStatus:
    """How far it has come."""
    order = held.order
    return OrderStatus(
        order.order_id,
        held.status,
        held.filled,
        held.remaining,
        held.average_price,
        order.perm_id,
        order.parent_id,
        held.last_price,
        order.client_id,
        held.why_held,
    )


def notice(noted: OrderNoted) -> Notice:
    """The error or warning as the client hears it, under the order's id."""
    return Notice(noted.order_id, noted.code, noted.text, noted.reject_json)


def completed_without_ids(held: HeldOrder) -> HeldOrder:
    """An order that is over has neither order id nor client id any more."""
    return replace(held, order=replace(held.order, order_id=0, client_id=0))
