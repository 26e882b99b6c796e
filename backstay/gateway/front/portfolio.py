"""Accounts, positions and profits: who hears of them."""

from dataclasses import replace

from backstay.gateway.events import PositionChanged
from backstay.gateway.front import notices
from backstay.gateway.front.client import Client
from backstay.gateway.front.hall import Hall
from backstay.gateway.front.portfolio_streams import (
    AccountUpdates,
    AccountUpdatesMulti,
    PnlSingleStream,
    PnlStream,
    Stream,
    SummaryStream,
)
from backstay.gateway.messages.replies import NO_REQUEST, PositionReport, PositionsEnd
from backstay.gateway.messages.requests import (
    CancelAccountSummary,
    CancelAccountUpdatesMulti,
    CancelPnl,
    CancelPnlSingle,
    CancelPositions,
    RequestAccountSummary,
    RequestAccountUpdates,
    RequestAccountUpdatesMulti,
    RequestPnl,
    RequestPnlSingle,
    RequestPositions,
)

SUMMARIES_MAX = 2
_ALL = "All"


def subscribe_positions(hall: Hall, client: Client, request: RequestPositions) -> None:  # noqa: ARG001
    """All positions of all accounts, then each change."""
    for held in hall.accounts.positions():
        client.send(
            PositionReport(
                held.account,
                replace(held.contract, exchange=""),
                held.quantity,
                held.average_cost,
            )
        )
    client.send(PositionsEnd())
    client.hears_positions = True


def cancel_positions(hall: Hall, client: Client, request: CancelPositions) -> None:  # noqa: ARG001
    """No more of them."""
    client.hears_positions = False


def on_position(hall: Hall, changed: PositionChanged) -> None:
    """Tell whoever subscribed; as at IB a position's contract names no exchange."""
    report = PositionReport(
        changed.account,
        replace(changed.contract, exchange=""),
        changed.quantity,
        changed.average_cost,
    )
    for client in tuple(hall.clients.values()):
        if client.hears_positions:
            client.send(report)


def stir(hall: Hall, account: str) -> None:
    """An account has traded: its figures are told soon."""
    for client in hall.clients.values():
        updates = client.account_updates
        if updates is not None and updates.account == account:
            updates.stir()
        for multi in client.account_updates_multi.values():
            if multi.account == account:
                multi.stir()


def subscribe_account(hall: Hall, client: Client, request: RequestAccountUpdates) -> None:
    """One account at a time: a new one takes the place of the old."""
    account = hall.account_named(request.account)
    if account is None:
        client.send(notices.unknown_account(NO_REQUEST, request.account))
        return
    if client.account_updates is not None:
        client.account_updates.end()
        client.account_updates = None
    if request.subscribe:
        updates = AccountUpdates(hall, client.send, account)
        client.account_updates = updates
        updates.begin()


def subscribe_account_multi(
    hall: Hall, client: Client, request: RequestAccountUpdatesMulti
) -> None:
    """As many as the client likes, each under its request id."""
    req_id = request.req_id
    account = hall.account_named(request.account)
    if account is None:
        client.send(notices.unknown_account(req_id, request.account))
        return
    if req_id in client.account_updates_multi:
        client.send(notices.duplicate(req_id))
        return
    updates = AccountUpdatesMulti(hall, client.send, account, request)
    client.account_updates_multi[req_id] = updates
    updates.begin()


def cancel_account_multi(hall: Hall, client: Client, request: CancelAccountUpdatesMulti) -> None:  # noqa: ARG001
    """No more of it; one that isn't there is no fault."""
    updates = client.account_updates_multi.pop(request.req_id, None)
    if updates is not None:
        updates.end()


def subscribe_summary(hall: Hall, client: Client, request: RequestAccountSummary) -> None:
    """Chosen figures of `All` accounts or of one; at most two summaries at a time."""
    req_id = request.req_id
    names = hall.accounts.names
    if request.group != _ALL and request.group not in names:
        client.send(notices.unknown_account(req_id, request.group))
    elif req_id in client.summaries:
        client.send(notices.duplicate(req_id))
    elif len(client.summaries) >= SUMMARIES_MAX:
        cause = "Maximum number of account summary requests exceeded"
        client.send(notices.refused(req_id, cause))
    else:
        chosen = names if request.group == _ALL else (request.group,)
        summary = SummaryStream(hall, client.send, chosen, request)
        client.summaries[req_id] = summary
        summary.begin()


def cancel_summary(hall: Hall, client: Client, request: CancelAccountSummary) -> None:  # noqa: ARG001
    """No more of it; one that isn't there is no fault."""
    summary = client.summaries.pop(request.req_id, None)
    if summary is not None:
        summary.end()


def subscribe_pnl(hall: Hall, client: Client, request: RequestPnl) -> None:
    """An account's profit, once a second where it changes."""
    req_id = request.req_id
    account = hall.account_named(request.account)
    if account is None:
        client.send(notices.unknown_account(req_id, request.account))
    elif req_id in client.pnls or req_id in client.pnls_single:
        client.send(notices.duplicate(req_id))
    else:
        stream = PnlStream(hall, client.send, account, req_id)
        client.pnls[req_id] = stream
        stream.tell()


def cancel_pnl(hall: Hall, client: Client, request: CancelPnl) -> None:  # noqa: ARG001
    """No more of it; one that isn't there is an error (300)."""
    stream = client.pnls.pop(request.req_id, None)
    if stream is None:
        client.send(notices.unknown_ticker(request.req_id))
        return
    stream.end()


def subscribe_pnl_single(hall: Hall, client: Client, request: RequestPnlSingle) -> None:
    """One position's profit, once a second where it changes."""
    req_id = request.req_id
    account = hall.account_named(request.account)
    if account is None:
        client.send(notices.unknown_account(req_id, request.account))
    elif req_id in client.pnls or req_id in client.pnls_single:
        client.send(notices.duplicate(req_id))
    elif hall.market.instrument(request.con_id) is None:
        client.send(notices.no_definition(req_id))
    else:
        single = PnlSingleStream(hall, client.send, account, request)
        client.pnls_single[req_id] = single
        single.tell()


def cancel_pnl_single(hall: Hall, client: Client, request: CancelPnlSingle) -> None:  # noqa: ARG001
    """No more of it; one that isn't there is an error (300)."""
    stream = client.pnls_single.pop(request.req_id, None)
    if stream is None:
        client.send(notices.unknown_ticker(request.req_id))
        return
    stream.end()


def drop_all(client: Client) -> None:
    """End every subscription to accounts and profits."""
    client.hears_positions = False
    streams: tuple[Stream | None, ...] = (
        client.account_updates,
        *client.account_updates_multi.values(),
        *client.summaries.values(),
        *client.pnls.values(),
        *client.pnls_single.values(),
    )
    for stream in streams:
        if stream is not None:
            stream.end()
    client.account_updates = None
    client.account_updates_multi.clear()
    client.summaries.clear()
    client.pnls.clear()
    client.pnls_single.clear()
