"""Which order an occasion is about, by the reference that its client gave it; "" for none."""

from backstay.gateway.faults.doors import Exchange
from backstay.gateway.messages.requests import CancelOrder, PlaceOrder, Request
from backstay.gateway.values.held import HeldOrder


def living(exchange: Exchange, client: int | None, order_id: int) -> HeldOrder | None:
    """The order that a client means by an id, if it lives."""
    for held in exchange.open_orders():
        if held.order.order_id == order_id and held.order.client_id == client:
            return held
    return None


def of_request(exchange: Exchange, client: int | None, request: Request) -> str:
    """Of the order that is placed, changed or cancelled."""
    match request:
        case PlaceOrder(order=order):
            return order.order_ref
        case CancelOrder(order_id=order_id):
            held = living(exchange, client, order_id)
            return "" if held is None else held.order.order_ref
        case _:
            return ""


def of_order(exchange: Exchange, perm_id: int) -> str:
    """Of an order that is not forgotten."""
    held = exchange.held(perm_id)
    return "" if held is None else held.order.order_ref


def of_execution(exchange: Exchange, exec_id: str) -> str:
    """Of the order that was filled."""
    executions = (execution for _, execution in exchange.executions())
    return next((each.order_ref for each in executions if each.exec_id == exec_id), "")
