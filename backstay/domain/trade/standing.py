"""How a trade stands: what a person, a screen or another program is told of it.

A workflow keeps exactly one of these and replaces it as news comes in. Nothing in it is decided
here; how it reads is written in `pages`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from backstay.domain.lifecycle import Lifecycle
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.protection.naked import NakedTime
from backstay.domain.sides import Side


class Doing(StrEnum):
    """What a trade is about, or waits for; every wait has a name."""

    LEARNING = "asking the broker about the contract, the market and the margin"
    QUEUED = "waiting for the market to open"
    ADMITTING = "asking the account for room"
    WAITING = "waiting for the trigger"
    ENTERING = "entering"
    UNKNOWN = "waiting to learn what became of the entry"
    ASKING = "waiting for a person: the price had crossed while nobody watched"
    GUARDING = "guarding the position"
    LEAVING = "leaving the position"
    SETTLING = "settling"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class TradeStanding:
    """One trade as of `at`, in broker time where the broker has been heard.

    `stop` is the engine's own stop as it was heard last; `exits` are all orders that reduce, `left`
    is what is open by the fills that were told.
    """

    account: str
    plan_id: str
    trade: str
    symbol: str
    side: Side
    lifecycle: Lifecycle
    doing: Doing
    at: datetime
    quantity: Decimal | None = None
    entry: OrderSummary | None = None
    stop: Decimal | None = None
    exits: tuple[OrderSummary, ...] = ()
    naked: NakedTime | None = None
    why: str = ""
    told: tuple[str, ...] = ()

    @property
    def entered(self) -> Decimal:
        """What has filled of the entry."""
        return self.entry.filled if self.entry is not None else Decimal(0)

    @property
    def closed(self) -> Decimal:
        """What exits and stops have filled."""
        return sum((order.filled for order in self.exits), Decimal(0))

    @property
    def left(self) -> Decimal:
        """What is open."""
        return self.entered - self.closed
