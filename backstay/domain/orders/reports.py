"""What the broker says of an order, as values: one for each kind of message.

One is not the broker's: a person's word about an order that the broker shows no more.

Owns what a report carries, in IB's own words and numbers. It refuses to know IB's error codes: the
edge judges them, and only what they amount to (a rejection, a cancel refused or confirmed) is
reported. An order id or permanent id of 0 is one that the message did not carry; no report lacks
both, save a commission, which names its execution.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.checks import check_not_below_zero, check_number, check_utc
from backstay.domain.orders.intent import OcaGroup, OrderTerms
from backstay.domain.orders.outcome import RejectionClass
from backstay.domain.sides import Side


class OrderStatus(StrEnum):
    """IB's words for the state of an order, the ones further along last."""

    API_PENDING = "ApiPending"
    PENDING_SUBMIT = "PendingSubmit"
    INACTIVE = "Inactive"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    PENDING_CANCEL = "PendingCancel"
    API_CANCELLED = "ApiCancelled"
    CANCELLED = "Cancelled"
    FILLED = "Filled"


@dataclass(frozen=True, slots=True)
class OrderReported:
    """openOrder: the order as the broker has it; terms are None where its type is none of ours."""

    order_id: int
    perm_id: int
    status: str
    side: Side
    quantity: Decimal
    terms: OrderTerms | None
    time_in_force: str
    outside_regular_hours: bool
    oca: OcaGroup | None
    parent_order_id: int
    received_at: datetime
    kind: Literal["order"] = "order"

    def __post_init__(self) -> None:
        _check_named("an order", self.order_id, self.perm_id)
        check_not_below_zero("the quantity of an order", self.quantity)
        check_utc(self.kind, self.received_at)


@dataclass(frozen=True, slots=True)
class StatusReported:
    """orderStatus: IB's word for how the order stands, and how much it claims to have filled."""

    order_id: int
    perm_id: int
    status: str
    filled: Decimal
    why_held: str
    received_at: datetime
    kind: Literal["status"] = "status"

    def __post_init__(self) -> None:
        _check_named("a status", self.order_id, self.perm_id)
        check_not_below_zero("the filled quantity of a status", self.filled)
        check_utc(self.kind, self.received_at)


@dataclass(frozen=True, slots=True)
class ExecutionReported:
    """execDetails: one fill, or a correction that replaces it; a quantity of 0 is a bust.

    `executed_at` is the broker's own stamp, so a report that is read again is the same value.
    """

    exec_id: str
    order_id: int
    perm_id: int
    side: Side
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    kind: Literal["execution"] = "execution"

    def __post_init__(self) -> None:
        _check_exec_id(self.exec_id)
        _check_named("an execution", self.order_id, self.perm_id)
        check_not_below_zero("the quantity of an execution", self.quantity)
        check_number("the price of an execution", self.price)
        check_utc(self.kind, self.executed_at)


@dataclass(frozen=True, slots=True)
class CommissionReported:
    """commissionReport: what one execution cost; a rebate is negative."""

    exec_id: str
    amount: Decimal
    currency: str
    kind: Literal["commission"] = "commission"

    def __post_init__(self) -> None:
        _check_exec_id(self.exec_id)
        check_number("a commission", self.amount)


@dataclass(frozen=True, slots=True)
class CompletedReported:
    """completedOrder: an order of the current day that is over. It has no order id."""

    perm_id: int
    status: str
    filled: Decimal
    received_at: datetime
    kind: Literal["completed"] = "completed"

    def __post_init__(self) -> None:
        _check_named("a completed order", self.perm_id)
        check_not_below_zero("the filled quantity of a completed order", self.filled)
        check_utc(self.kind, self.received_at)


@dataclass(frozen=True, slots=True)
class RejectionReported:
    """An error that the edge has judged to end the order: nothing of it lives any more."""

    order_id: int
    rejection: RejectionClass
    code: int
    text: str
    received_at: datetime
    kind: Literal["rejection"] = "rejection"

    def __post_init__(self) -> None:
        _check_named("a rejection", self.order_id)
        check_utc(self.kind, self.received_at)


@dataclass(frozen=True, slots=True)
class CancelRefused:
    """The broker would not cancel; that proves neither that the order lives nor that it is over."""

    order_id: int
    code: int
    text: str
    received_at: datetime
    kind: Literal["cancel refused"] = "cancel refused"

    def __post_init__(self) -> None:
        _check_named("a refused cancel", self.order_id)
        check_utc(self.kind, self.received_at)


@dataclass(frozen=True, slots=True)
class CancelConfirmed:
    """An error that the edge has judged to say that the order was cancelled."""

    order_id: int
    received_at: datetime
    kind: Literal["cancel confirmed"] = "cancel confirmed"

    def __post_init__(self) -> None:
        _check_named("a confirmed cancel", self.order_id)
        check_utc(self.kind, self.received_at)


@dataclass(frozen=True, slots=True)
class AbsenceTold:
    """A person's word that nothing of the order lives, which the broker does not show any more."""

    order_id: int
    perm_id: int
    received_at: datetime
    kind: Literal["absence told"] = "absence told"

    def __post_init__(self) -> None:
        _check_named("an absence", self.order_id, self.perm_id)
        check_utc(self.kind, self.received_at)


BrokerReport = Annotated[
    OrderReported
    | StatusReported
    | ExecutionReported
    | CommissionReported
    | CompletedReported
    | RejectionReported
    | CancelRefused
    | CancelConfirmed
    | AbsenceTold,
    Field(discriminator="kind"),
]


def _check_named(what: str, *names: int) -> None:
    if not any(names):
        raise ValueError(f"{what} names neither an order id nor a permanent id")


def _check_exec_id(exec_id: str) -> None:
    if not exec_id:
        raise ValueError("an execution has no id")
