"""What the broker holds, with how complete each answer is.

Each part carries when its last complete answer was asked for; None is one that was never completely
answered in this session, and then the part is not to be taken for "none".
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import OrderTerms
from backstay.domain.orders.reports import CommissionReported, ExecutionReported
from backstay.domain.orders.view import OrderView
from backstay.domain.positions.answers import BrokerPosition
from backstay.domain.sides import Side


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """One of our orders, as the broker has it."""

    key: IntentKey
    con_id: int
    order: OrderView


@dataclass(frozen=True, slots=True)
class ForeignOrder:
    """An order of a person or of another program."""

    perm_id: int
    order_id: int
    client_id: int
    con_id: int
    order_ref: str
    side: Side
    quantity: Decimal
    filled: Decimal
    terms: OrderTerms | None
    status: str


@dataclass(frozen=True, slots=True)
class BookedExecution:
    """An execution of the account, ours by its key or somebody else's without one."""

    con_id: int
    key: IntentKey | None
    execution: ExecutionReported
    commission: CommissionReported | None = None


@dataclass(frozen=True, slots=True)
class AccountFigure:
    """One figure of the account, as the broker words it."""

    tag: str
    currency: str
    value: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """When each part was last asked for and answered completely, in broker time."""

    open_orders_at: datetime | None = None
    completed_orders_at: datetime | None = None
    executions_at: datetime | None = None
    positions_at: datetime | None = None
    account_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether orders, executions and positions have all been answered in this session."""
        parts = (
            self.open_orders_at,
            self.completed_orders_at,
            self.executions_at,
            self.positions_at,
        )
        return None not in parts


@dataclass(frozen=True, slots=True)
class BrokerSnapshot:
    """The account as the broker has it, as of a broker time."""

    account: str
    as_of: datetime
    completeness: Completeness
    positions: tuple[BrokerPosition, ...]
    orders: tuple[OwnOrder, ...]
    foreign_orders: tuple[ForeignOrder, ...]
    executions: tuple[BookedExecution, ...]
    figures: tuple[AccountFigure, ...]
