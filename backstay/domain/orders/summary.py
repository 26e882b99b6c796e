"""What became of one order, in a few figures.

A view holds every execution, and an order can have thousands; what is written down for good, and
told to people, is bounded by this.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.figures import total
from backstay.domain.ids import IntentKey
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.view import CommissionTotal, OrderView
from backstay.domain.sides import Side


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """One order: what was asked for, what has filled at which average, and how it ended.

    `value` is what the fills add up to, quantity x price, exactly. `is_settled` says that it is
    over and no fill is known to be missing. `sent_at` is when it left, and `acknowledged_at` when
    the broker was first heard to have it; None where the process that has sent it is gone.
    `is_counted` says that executions of it were read and come to all that it is known to have
    filled, be it nothing by now: who does not say so may only know less.
    `ended_at` is when its end was proven; None where that was before anybody here had heard of it.
    """

    key: IntentKey
    side: Side
    quantity: Decimal
    filled: Decimal
    value: Decimal
    average_price: Decimal | None
    commissions: tuple[CommissionTotal, ...]
    executions: int
    first_fill_at: datetime | None
    last_fill_at: datetime | None
    is_acknowledged: bool
    is_settled: bool
    end: OrderEnd | None
    perm_ids: tuple[int, ...]
    text: str = ""
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None
    is_counted: bool = False

    @property
    def signed_filled(self) -> Decimal:
        """What it has done to the position."""
        return self.side.signed(self.filled)


def summary_of(key: IntentKey, view: OrderView) -> OrderSummary:
    """The figures of `view`."""
    times = [fill.executed_at for fill in view.executions if fill.quantity]
    return OrderSummary(
        key=key,
        side=view.side,
        quantity=view.quantity,
        filled=view.filled,
        value=total(fill.quantity * fill.price for fill in view.executions),
        average_price=view.average_price,
        commissions=view.commissions,
        executions=len(times),
        first_fill_at=min(times, default=None),
        last_fill_at=max(times, default=None),
        is_acknowledged=view.is_acknowledged,
        is_settled=view.is_settled,
        end=view.end,
        perm_ids=view.perm_ids,
        text=view.rejection.text if view.rejection is not None else "",
        sent_at=view.sent_at,
        acknowledged_at=view.acknowledged_at,
        ended_at=view.ended_at,
        is_counted=bool(view.executions) and view.is_settled,
    )
