"""What is over: completed orders, executions and what they cost."""

from backstay.gateway.front import notices
from backstay.gateway.front.client import Client
from backstay.gateway.front.hall import Hall
from backstay.gateway.front.routing import completed_without_ids, is_by_hand
from backstay.gateway.front.when import parse_time
from backstay.gateway.messages.order_replies import (
    CommissionReport,
    CompletedOrder,
    CompletedOrdersEnd,
    ExecutionDetails,
    ExecutionsEnd,
)
from backstay.gateway.messages.requests import RequestCompletedOrders, RequestExecutions
from backstay.gateway.times import stamp
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Execution, Side

_SIDES = {
    "": None,
    "BUY": Side.BOUGHT,
    "BOT": Side.BOUGHT,
    "SELL": Side.SOLD,
    "SLD": Side.SOLD,
    "SSHORT": Side.SOLD,
}


def tell_completed(hall: Hall, client: Client, request: RequestCompletedOrders) -> None:
    """Every order that is over and not forgotten; `api_only` leaves out those of TWS."""
    for held in hall.exchange.completed_orders():
        order = held.order
        if request.api_only and is_by_hand(order.client_id, order.order_id):
            continue
        nameless = completed_without_ids(held)
        client.send(
            CompletedOrder(
                nameless.contract,
                nameless.order,
                held.status,
                held.filled,
                stamp(held.completed_ns) if held.completed_ns is not None else "",
                held.completed_status,
                held.parent_perm_id,
            )
        )
    client.send(CompletedOrdersEnd())


def tell_executions(hall: Hall, client: Client, request: RequestExecutions) -> None:
    """Every fill that the filter lets through, each with its commission after it."""
    side = request.side.upper()
    if side not in _SIDES:
        client.send(notices.invalid(request.req_id, f"Invalid side: {request.side}"))
        return
    try:
        since_ns = parse_time(request.time) if request.time else 0
    except ValueError:
        cause = f"Invalid time format: {request.time}"
        client.send(notices.invalid(request.req_id, cause))
        return
    costs = {each.exec_id: each for each in hall.exchange.commissions()}
    for contract, execution in hall.exchange.executions():
        if _passes(request, since_ns, _SIDES[side], contract, execution):
            client.send(ExecutionDetails(request.req_id, contract, execution))
            cost = costs.get(execution.exec_id)
            if cost is not None:
                client.send(CommissionReport(cost))
    client.send(ExecutionsEnd(request.req_id))


def _passes(
    request: RequestExecutions,
    since_ns: int,
    side: Side | None,
    contract: Contract,
    execution: Execution,
) -> bool:
    """Whether every field of the filter that says something agrees."""
    return (
        execution.time_ns >= since_ns
        and side in {None, execution.side}
        and all(
            not wanted or wanted == actual
            for wanted, actual in (
                (request.client_id, execution.client_id),
                (request.account, execution.account),
                (request.symbol.upper(), contract.symbol.upper()),
                (request.sec_type.upper(), contract.sec_type),
                (request.exchange.upper(), execution.exchange.upper()),
            )
        )
    )
