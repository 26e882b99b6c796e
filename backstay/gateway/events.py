"""What happens at the exchange, told once to everybody who listens: clients, audit, store."""

from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution
from backstay.gateway.values.held import HeldOrder


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order was accepted, modified, activated, triggered, filled, cancelled or reduced.

    `reworded` says that its terms are new, so that a client hears them (openOrder) and not only the
    status.
    """

    held: HeldOrder
    reworded: bool


@dataclass(frozen=True, slots=True)
class OrderNoted:
    """An error or a warning about an order; `client_id` and `order_id` are those of the request.

    A rejected new order also gets an `OrderChanged` where IB shows it (Inactive or Cancelled).
    """

    client_id: int
    order_id: int
    code: int
    text: str
    perm_id: int = 0
    reject_json: str = ""


@dataclass(frozen=True, slots=True)
class Executed:
    """A fill, or a correction of one: then `replaces` is the execId that it supersedes."""

    contract: Contract
    execution: Execution
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class CommissionCharged:
    """What an execution cost."""

    account: str
    client_id: int
    commission: Commission


@dataclass(frozen=True, slots=True)
class PositionChanged:
    """A position after a fill, a correction or a settlement, or as it is at the start.

    `reason` is in the words of the cash: `opening`, `trade`, `correction`; or `split`, with the
    `ratio` of it.
    """

    account: str
    contract: Contract
    quantity: Decimal
    average_cost: Decimal
    reason: str = "trade"
    ratio: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CashChanged:
    """An account's cash in one currency, and by how much it changed for what."""

    account: str
    currency: str
    amount: Decimal
    balance: Decimal
    reason: str
    exec_id: str = ""


@dataclass(frozen=True, slots=True)
class OrderForgotten:
    """After midnight: a completed order that can't be asked for any more."""

    perm_id: int


@dataclass(frozen=True, slots=True)
class ExecutionForgotten:
    """After midnight: an execution that can't be asked for any more."""

    exec_id: str


Event = (
    OrderChanged
    | OrderNoted
    | Executed
    | CommissionCharged
    | PositionChanged
    | CashChanged
    | OrderForgotten
    | ExecutionForgotten
)
