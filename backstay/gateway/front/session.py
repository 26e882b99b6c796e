"""Who a client is, and what the gateway says of itself."""

from backstay.gateway.front import notices
from backstay.gateway.front.client import Client
from backstay.gateway.front.hall import Hall
from backstay.gateway.messages.replies import CurrentTime, ManagedAccounts, NextValidId
from backstay.gateway.messages.requests import (
    RequestCurrentTime,
    RequestIds,
    RequestManagedAccounts,
    SetLogLevel,
    StartApi,
)
from backstay.gateway.times import SECOND_NS


def start(hall: Hall, client: Client, request: StartApi) -> None:
    """Claim a client id; one connection can have it at a time (326)."""
    if client.client_id is not None:
        client.send(notices.invalid(-1, f"This is client {client.client_id} already."))
        return
    if request.client_id < 0:
        client.send(notices.invalid(-1, f"Client id {request.client_id} is below 0."))
        client.end("negative client id")
        return
    if hall.is_claimed(request.client_id):
        client.send(notices.CLIENT_ID_IN_USE)
        client.end("client id in use")
        return
    client.client_id = request.client_id
    hall.clients[request.client_id] = client
    client.send(ManagedAccounts(hall.accounts.names))
    client.send(NextValidId(hall.exchange.next_order_id(request.client_id)))
    if hall.is_upstream_lost:
        client.send(notices.UPSTREAM_MISSING)
        return
    for notice in notices.FARM_NOTICES:
        client.send(notice)


def tell_next_id(hall: Hall, client: Client, request: RequestIds) -> None:  # noqa: ARG001
    """The next order id; how many were asked for has no effect, as at IB."""
    assert client.client_id is not None
    client.send(NextValidId(hall.exchange.next_order_id(client.client_id)))


def tell_accounts(hall: Hall, client: Client, request: RequestManagedAccounts) -> None:  # noqa: ARG001
    """All accounts of the user."""
    client.send(ManagedAccounts(hall.accounts.names))


def tell_time(hall: Hall, client: Client, request: RequestCurrentTime) -> None:  # noqa: ARG001
    """Broker time, in whole seconds."""
    client.send(CurrentTime(hall.agenda.now_ns // SECOND_NS))


def set_log_level(hall: Hall, client: Client, request: SetLogLevel) -> None:
    """Accepted, and without effect."""
