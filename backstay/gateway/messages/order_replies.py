"""What the gateway answers about orders, executions and their cost."""

from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import NO_PREVIEW, MarginPreview, Status


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """5: an order as the gateway holds it; with a what-if, the answer to it."""

    contract: Contract
    order: Order
    status: Status
    preview: MarginPreview = NO_PREVIEW


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """3."""

    order_id: int
    status: Status
    filled: Decimal
    remaining: Decimal
    average_price: Decimal
    perm_id: int
    parent_id: int
    last_price: Decimal
    client_id: int
    why_held: str = ""
    market_cap_price: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class OpenOrdersEnd:
    """53."""


@dataclass(frozen=True, slots=True)
class CompletedOrder:
    """101: an order that is over; it has no order id and no client id any more."""

    contract: Contract
    order: Order
    status: Status
    filled: Decimal
    completed_time: str = ""
    completed_status: str = ""
    parent_perm_id: int = 0


@dataclass(frozen=True, slots=True)
class CompletedOrdersEnd:
    """102."""


@dataclass(frozen=True, slots=True)
class ExecutionDetails:
    """11: `req_id` is -1 when nobody asked."""

    req_id: int
    contract: Contract
    execution: Execution


@dataclass(frozen=True, slots=True)
class ExecutionsEnd:
    """55."""

    req_id: int


@dataclass(frozen=True, slots=True)
class CommissionReport:
    """59."""

    commission: Commission
