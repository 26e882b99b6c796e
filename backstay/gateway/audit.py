"""The account's own record: one JSON line for each change at the exchange, whoever caused it.

It is written from what the exchange tells and from nothing else, so that it can be held against
whatever a client believes. Each line has these keys, in this order, `null` where one doesn't apply:

    t what account con_id perm_id ref side qty price status position_after cash_after

`what` is `order` (side and terms as they are now, status), `execution`, `correction` (of the
execution that it `replaces`; a quantity of 0 is a bust), `position`, `cash`, or `fault`: a fault
strikes on purpose, so that a reader can tell it from a mistake. `qty` is the order's or the fill's
quantity, `price` its limit, else its stop, or the fill's price. Keys are added behind these where
they help:

- order: `order_id`, `client_id`, `filled`, `over` (whether the exchange is done with it)
- execution, correction: `exec_id`, `replaces`, `order_id`, `client_id`, `multiplier`, `currency`
- position: `average_cost`, `reason`; of a split `ratio`, too
- cash: `amount`, `currency`, `reason`, `exec_id`
- fault: `name`, `subject`, `exec_id`

A position or cash with the reason `opening` repeats what was there when the gateway started.

What a turn changed is written once the store has it; `audit_file` sees to it that a process that
dies in between leaves nothing out.

Decimals are strings, without an exponent and without zeros at the end. The same events give the
same bytes.
"""

import re
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from json import JSONEncoder

from backstay.gateway.agenda import Agenda
from backstay.gateway.events import (
    CashChanged,
    CommissionCharged,
    Event,
    Executed,
    ExecutionForgotten,
    OrderChanged,
    OrderForgotten,
    OrderNoted,
    PositionChanged,
)

Field = str | int | bool | None

_written = JSONEncoder(separators=(",", ":")).encode

# How faults name what they strike: "order 12, permId 77", "order 12 its-reference",
# "execution 0000e0d5.5f3a0001.01.01".
_PERM_ID = re.compile(r"\bpermId (\d+)")
_EXEC_ID = re.compile(r"^execution (\S+)$")
_ORDER_REF = re.compile(r"^order -?\d+ (\S+)$")


class Audit:
    """Gathers what a turn changes, and writes it line by line when the turn is in the store."""

    def __init__(self, write: Callable[[str], None], agenda: Agenda) -> None:
        self._write = write
        self._agenda = agenda
        self._unwritten: deque[str] = deque()

    @property
    def unwritten(self) -> str:
        """What the next `flush` writes."""
        return "".join(self._unwritten)

    def flush(self) -> None:
        """The turn is over and will be remembered: write what it changed.

        A line that was written before would tell of what a process that dies now never did; one
        that can't be written is tried again at the end of the next turn.
        """
        while self._unwritten:
            self._write(self._unwritten[0])
            self._unwritten.popleft()

    def on_event(self, event: Event) -> None:
        """Record what `event` changed; what changed nothing is left out."""
        match event:
            case OrderChanged():
                self._order(event)
            case Executed():
                self._execution(event)
            case PositionChanged():
                self._position(event)
            case CashChanged():
                self._cash(event)
            case OrderNoted() | CommissionCharged() | OrderForgotten() | ExecutionForgotten():
                pass  # words, what the cash says anyway, and what is only no longer shown

    def on_strike(self, name: str, subject: str) -> None:
        """Record that the fault `name` strikes `subject`, before what it does is recorded."""
        perm_id, ref = _PERM_ID.search(subject), _ORDER_REF.search(subject)
        exec_id = _EXEC_ID.search(subject)
        execution = {"exec_id": exec_id[1]} if exec_id else {}
        self._line(
            "fault",
            None,
            perm_id=int(perm_id[1]) if perm_id else None,
            ref=ref[1] if ref else None,
            added={"name": name, "subject": subject, **execution},
        )

    def _order(self, event: OrderChanged) -> None:
        held = event.held
        order = held.order
        price = order.limit_price if order.limit_price is not None else order.aux_price
        self._line(
            "order",
            order.account,
            con_id=held.contract.con_id,
            perm_id=order.perm_id,
            ref=order.order_ref,
            side=order.action,
            qty=order.quantity,
            price=price,
            status=held.status,
            added={
                "order_id": order.order_id,
                "client_id": order.client_id,
                "filled": _text(held.filled),
                "over": held.completed_ns is not None,
            },
        )

    def _execution(self, event: Executed) -> None:
        execution, contract = event.execution, event.contract
        replaces = {"replaces": event.replaces} if event.replaces else {}
        self._line(
            "correction" if event.replaces else "execution",
            execution.account,
            con_id=contract.con_id,
            perm_id=execution.perm_id,
            ref=execution.order_ref,
            side=execution.side,
            qty=execution.shares,
            price=execution.price,
            added={
                "exec_id": execution.exec_id,
                **replaces,
                "order_id": execution.order_id,
                "client_id": execution.client_id,
                "multiplier": contract.multiplier or "1",
                "currency": contract.currency,
            },
        )

    def _position(self, event: PositionChanged) -> None:
        split = {} if event.ratio is None else {"ratio": _text(event.ratio)}
        self._line(
            "position",
            event.account,
            con_id=event.contract.con_id,
            position_after=event.quantity,
            added={"average_cost": _text(event.average_cost), "reason": event.reason, **split},
        )

    def _cash(self, event: CashChanged) -> None:
        self._line(
            "cash",
            event.account,
            cash_after=event.balance,
            added={
                "amount": _text(event.amount),
                "currency": event.currency,
                "reason": event.reason,
                "exec_id": event.exec_id or None,
            },
        )

    def _line(  # noqa: PLR0913 - one argument a key
        self,
        what: str,
        account: str | None,
        *,
        con_id: int | None = None,
        perm_id: int | None = None,
        ref: str | None = None,
        side: str | None = None,
        qty: Decimal | None = None,
        price: Decimal | None = None,
        status: str | None = None,
        position_after: Decimal | None = None,
        cash_after: Decimal | None = None,
        added: dict[str, Field],
    ) -> None:
        line: dict[str, Field] = {
            "t": self._agenda.now_ns,
            "what": what,
            "account": account,
            "con_id": con_id,
            "perm_id": perm_id,
            "ref": ref or None,
            "side": side,
            "qty": _text(qty),
            "price": _text(price),
            "status": status,
            "position_after": _text(position_after),
            "cash_after": _text(cash_after),
            **added,
        }
        self._unwritten.append(_written(line) + "\n")


def _text(number: Decimal | None) -> str | None:
    if number is None:
        return None
    plain = f"{number:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain == "-0" else plain
