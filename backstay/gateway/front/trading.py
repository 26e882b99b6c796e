"""Orders on their way in. What becomes of them is told by `routing`."""

from dataclasses import replace

from backstay.gateway.events import OrderNoted
from backstay.gateway.front import notices
from backstay.gateway.front.client import Client
from backstay.gateway.front.hall import TWS_CLIENT_ID, Hall
from backstay.gateway.front.routing import is_by_hand, notice, open_order, status
from backstay.gateway.messages.order_replies import OpenOrder, OpenOrdersEnd
from backstay.gateway.messages.replies import NO_REQUEST
from backstay.gateway.messages.requests import (
    CancelAll,
    CancelOrder,
    PlaceOrder,
    RequestAllOpenOrders,
    RequestAutoOpenOrders,
    RequestOpenOrders,
)
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.state import Status


def place(hall: Hall, client: Client, request: PlaceOrder) -> None:
    """A new order, a change of a live one, or a what-if."""
    if hall.settings.read_only:
        client.send(notices.read_only(request.order_id))
    elif request.order.what_if:
        _preview(hall, client, request)
    else:
        hall.exchange.place(_id(client), request.order_id, request.contract, request.order)


def cancel(hall: Hall, client: Client, request: CancelOrder) -> None:
    """The end of one order, please."""
    if hall.settings.read_only:
        client.send(notices.read_only(request.order_id))
    else:
        hall.exchange.cancel(_id(client), request.order_id)


def cancel_all(hall: Hall, client: Client, request: CancelAll) -> None:  # noqa: ARG001
    """The end of all orders, also of other clients and of TWS."""
    if hall.settings.read_only:
        client.send(notices.read_only(NO_REQUEST))
    else:
        hall.exchange.cancel_all(_id(client))


def tell_own_orders(hall: Hall, client: Client, request: RequestOpenOrders) -> None:  # noqa: ARG001
    """Those of this client; client 0 sees those of TWS too."""
    client_id = _id(client)
    _tell(client, [held for held in hall.exchange.open_orders() if _is_of(held, client_id)])


def tell_all_orders(hall: Hall, client: Client, request: RequestAllOpenOrders) -> None:  # noqa: ARG001
    """Those of everybody, this once."""
    _tell(client, list(hall.exchange.open_orders()))


def bind_orders(hall: Hall, client: Client, request: RequestAutoOpenOrders) -> None:  # noqa: ARG001
    """Client 0 hears of TWS's orders from now on; nobody else may (321)."""
    if client.client_id != TWS_CLIENT_ID:
        cause = "Only the default client (i.e 0) can auto bind orders."
        client.send(notices.invalid(NO_REQUEST, cause))
        return
    client.binds_orders = request.bind


def _preview(hall: Hall, client: Client, request: PlaceOrder) -> None:
    client_id = _id(client)
    answer = hall.exchange.what_if(client_id, request.order_id, request.contract, request.order)
    if isinstance(answer, OrderNoted):
        client.send(notice(answer))
        return
    found = hall.market.find(request.contract)
    contract = found[0].contract if found else request.contract
    order = replace(
        request.order,
        order_id=request.order_id,
        client_id=client_id,
        account=request.order.account or hall.accounts.default,
    )
    client.send(OpenOrder(contract, order, Status.PRE_SUBMITTED, answer))


def _tell(client: Client, orders: list[HeldOrder]) -> None:
    """Each order with its status; only then the end."""
    for held in orders:
        client.send(open_order(held))
        client.send(status(held))
    client.send(OpenOrdersEnd())


def _is_of(held: HeldOrder, client_id: int) -> bool:
    order = held.order
    return order.client_id == client_id or (
        client_id == TWS_CLIENT_ID and is_by_hand(order.client_id, order.order_id)
    )


def _id(client: Client) -> int:
    assert client.client_id is not None, "the table lets nobody trade before it has started"
    return client.client_id
