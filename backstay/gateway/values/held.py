"""An order as the exchange holds it, from its acceptance until it is forgotten."""

from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.values.contract import Contract
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """One order, known to the exchange by `perm_id`; `order` carries the ids it was given.

    `contract` is complete: the exchange's own, not what the client wrote. `why_held` is IB's word
    for an order that waits (`trigger`, `child`, `locate`); `triggered` says that a stop has
    elected.
    """

    contract: Contract
    order: Order
    status: Status
    accepted_ns: int
    changed_ns: int
    filled: Decimal = _ZERO
    average_price: Decimal = _ZERO
    last_price: Decimal = _ZERO
    parent_perm_id: int = 0
    triggered: bool = False
    why_held: str = ""
    completed_ns: int | None = None
    completed_status: str = ""

    @property
    def perm_id(self) -> int:
        """The id that outlives sessions and restarts."""
        return self.order.perm_id

    @property
    def remaining(self) -> Decimal:
        """What is still to be filled; a cancel doesn't change it."""
        return self.order.quantity - self.filled
