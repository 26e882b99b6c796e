"""What can be wrong with news of an order: doubled, late, out of order, missing.

It touches what nobody asked for. An answer to a request passes as it is: were it changed too, a
client could learn the truth nowhere, and there would be no right way to behave.
"""

from collections.abc import Callable
from functools import partial

from backstay.gateway.agenda import Agenda
from backstay.gateway.faults.doors import Exchange
from backstay.gateway.faults.engine import Faults, Reference
from backstay.gateway.faults.references import of_execution, of_order
from backstay.gateway.faults.rules import Rule
from backstay.gateway.messages.order_replies import (
    CommissionReport,
    ExecutionDetails,
    OpenOrder,
    OrderStatus,
)
from backstay.gateway.messages.replies import Notice, Reply

NAMES = (
    "placement-acknowledged-late",
    "status-duplicated",
    "status-delayed",
    "status-reordered",
    "status-missing",
    "commission-before-execution",
    "commission-missing",
)

Onward = Callable[[Reply], None]

Name = tuple[int, int]
"""An order as clients name it: whose it is, and its order id."""

News = OpenOrder | OrderStatus | ExecutionDetails | CommissionReport | Notice
"""What is said about orders; a notice may be about something else."""


class OrderNews:
    """The news of one connection; `onward` is called later too, for what comes late."""

    def __init__(self, faults: Faults, agenda: Agenda, exchange: Exchange, onward: Onward) -> None:
        self._faults = faults
        self._agenda = agenda
        self._exchange = exchange
        self._onward = onward
        self._unacknowledged: dict[Name, list[Reply]] = {}
        self._overtaken: dict[int, tuple[Reply, ...]] = {}
        self._awaiting: dict[str, ExecutionDetails] = {}
        self._orders_held: dict[str, Name] = {}

    def hold(self, name: Name, delay_ns: int) -> None:
        """Keep everything about an order back, and then say it in the order in which it came."""
        if name in self._unacknowledged:
            return
        self._unacknowledged[name] = []
        self._agenda.after(delay_ns, "placement-acknowledged-late", partial(self._say, name))

    def news(self, reply: News, client: int | None) -> None:
        """One reply that nobody asked for, on its way out."""
        if self._unacknowledged and self._held_back(reply, client):
            return
        match reply:
            case OrderStatus():
                self._status(reply, client)
            case ExecutionDetails():
                self._execution(reply, client)
            case CommissionReport():
                self._commission(reply, client)
            case _:
                self._onward(reply)

    def _held_back(self, reply: News, client: int | None) -> bool:
        name = self._name_of(reply, client)
        held = self._unacknowledged.get(name) if name is not None else None
        if name is None or held is None:
            return False
        if isinstance(reply, ExecutionDetails):
            self._orders_held[reply.execution.exec_id] = name
        held.append(reply)
        return True

    def _name_of(self, reply: News, client: int | None) -> Name | None:
        match reply:
            case OpenOrder(order=order):
                return order.client_id, order.order_id
            case OrderStatus():
                return reply.client_id, reply.order_id
            case ExecutionDetails(execution=execution):
                return execution.client_id, execution.order_id
            case CommissionReport():
                return self._orders_held.get(reply.commission.exec_id)
            case Notice():
                return None if client is None else (client, reply.req_id)

    def _say(self, name: Name) -> None:
        for reply in self._unacknowledged.pop(name):
            if isinstance(reply, ExecutionDetails):
                self._orders_held.pop(reply.execution.exec_id, None)  # it may be told twice
            self._onward(reply)

    def _status(self, status: OrderStatus, client: int | None) -> None:
        kind = status.status.value
        subject = f"{kind} of order {status.order_id}, permId {status.perm_id}"
        reference = partial(of_order, self._exchange, status.perm_id)

        def strikes(name: str) -> Rule | None:
            return self._faults.strikes(name, subject, kind, client, reference=reference)

        if strikes("status-missing"):
            return
        copies = 1
        if rule := strikes("status-duplicated"):
            copies += rule.whole("copies")
        statuses: tuple[Reply, ...] = (status,) * copies
        if rule := strikes("status-delayed"):
            self._agenda.after(rule.ns("delay"), rule.name, partial(self._send, statuses))
            return
        if status.perm_id not in self._overtaken and (rule := strikes("status-reordered")):
            self._overtaken[status.perm_id] = statuses
            late = partial(self._release, status.perm_id, statuses)
            self._agenda.after(rule.ns("within"), rule.name, late)
            return
        self._send(statuses)
        if earlier := self._overtaken.pop(status.perm_id, None):
            self._send(earlier)

    def _release(self, perm_id: int, statuses: tuple[Reply, ...]) -> None:
        """No other status has overtaken these: they are sent all the same."""
        if self._overtaken.get(perm_id) is statuses:
            del self._overtaken[perm_id]
            self._send(statuses)

    def _execution(self, details: ExecutionDetails, client: int | None) -> None:
        exec_id = details.execution.exec_id
        rule = self._strikes("commission-before-execution", exec_id, client)
        if rule is None:
            self._onward(details)
            return
        self._awaiting[exec_id] = details
        self._agenda.after(rule.ns("within"), rule.name, partial(self._catch_up, exec_id))

    def _commission(self, report: CommissionReport, client: int | None) -> None:
        exec_id = report.commission.exec_id
        if not self._strikes("commission-missing", exec_id, client):
            self._onward(report)
        self._catch_up(exec_id)

    def _strikes(self, name: str, exec_id: str, client: int | None) -> Rule | None:
        subject = f"execution {exec_id}"
        reference: Reference = partial(of_execution, self._exchange, exec_id)
        return self._faults.strikes(name, subject, "", client, reference=reference)

    def _catch_up(self, exec_id: str) -> None:
        if details := self._awaiting.pop(exec_id, None):
            self._onward(details)

    def _send(self, replies: tuple[Reply, ...]) -> None:
        for reply in replies:
            self._onward(reply)
