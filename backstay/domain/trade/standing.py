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
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.terms import NO_TERMS, Terms, terms_of

TOLD_KEPT = 10
"""So many of the things that a person was told stay on the page of a trade."""


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
    is what is open by the fills that were told. `limit` is that of the entry, `told` what a person
    was told of it last, and `ways_out` the lives that lead what is being left, which know more.
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
    limit: Decimal | None = None
    terms: Terms = NO_TERMS
    ways_out: tuple[str, ...] = ()

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


def begun(order: TradeOrder, at: datetime) -> TradeStanding:
    """The standing of a trade that begins."""
    plan = order.plan
    return TradeStanding(
        account=order.account,
        plan_id=plan.id,
        trade=order.trade,
        symbol=plan.instrument.symbol,
        side=plan.side,
        lifecycle=Lifecycle(hedge_first=False),
        doing=Doing.LEARNING,
        at=at,
        terms=terms_of(plan),
    )
