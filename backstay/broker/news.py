"""What the broker says, as values: one for each kind of message that anybody here reads.

A report is the domain's value for an order's message; the news around it carries what the report
leaves out because it is not about the order's own life: reference, client, account, contract.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from backstay.domain.orders.reports import (
    CancelConfirmed,
    CancelRefused,
    CommissionReported,
    CompletedReported,
    ExecutionReported,
    OrderReported,
    RejectionReported,
    StatusReported,
)
from backstay.domain.sides import Side


@dataclass(frozen=True, slots=True)
class OrderNews:
    """openOrder. Client 0 with order id 0 or below is a manual order. What-ifs are no news."""

    order_ref: str
    client_id: int
    account: str
    con_id: int
    report: OrderReported
    parent_perm_id: int = 0


@dataclass(frozen=True, slots=True)
class StatusNews:
    """orderStatus; it names neither account nor contract."""

    client_id: int
    report: StatusReported


@dataclass(frozen=True, slots=True)
class ExecutionNews:
    """execDetails."""

    order_ref: str
    client_id: int
    account: str
    con_id: int
    report: ExecutionReported


@dataclass(frozen=True, slots=True)
class CommissionNews:
    """commissionReport; its execution says whose it is."""

    report: CommissionReported


@dataclass(frozen=True, slots=True)
class CompletedNews:
    """completedOrder: of the current day only, and without an order id."""

    order_ref: str
    account: str
    con_id: int
    side: Side
    quantity: Decimal
    report: CompletedReported


@dataclass(frozen=True, slots=True)
class PositionNews:
    """position. `average_cost` is of a whole contract, its multiplier included."""

    account: str
    con_id: int
    symbol: str
    multiplier: Decimal
    quantity: Decimal
    average_cost: Decimal


@dataclass(frozen=True, slots=True)
class AccountNews:
    """updateAccountValue."""

    account: str
    tag: str
    value: str
    currency: str


@dataclass(frozen=True, slots=True)
class ErrorNews:
    """error: about a request or an order by its id, or about the connection (-1)."""

    subject_id: int
    code: int
    text: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class JudgedNews:
    """What an error about an order of this client amounts to; the desk has judged it."""

    report: RejectionReported | CancelRefused | CancelConfirmed


@dataclass(frozen=True, slots=True)
class StampNews:
    """A stamp of the broker's clock: at `at`, or up to `precision` later, this happened."""

    at: datetime
    precision: timedelta


@dataclass(frozen=True, slots=True)
class UnreadNews:
    """A frame that could not be decoded; nothing of it is known but its beginning."""

    message_id: str
    why: str


News = (
    OrderNews
    | StatusNews
    | ExecutionNews
    | CommissionNews
    | CompletedNews
    | PositionNews
    | AccountNews
    | ErrorNews
    | JudgedNews
    | StampNews
    | UnreadNews
)
