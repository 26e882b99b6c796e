"""What a view says a submission came to.

Owns the one reading of an order's view that ends the wait of whoever submitted it. Silence is not
among the answers: what has not been heard of has no outcome yet.
"""

from datetime import datetime

from backstay.domain.ids import IntentKey
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.outcome import Accepted, Rejected, RejectionClass
from backstay.domain.orders.view import OrderView

_UNWORDED = "the broker shows the order as inactive and over, and has given no reason"


def outcome_of(key: IntentKey, view: OrderView | None, now: datetime) -> Accepted | Rejected | None:
    """Accepted, once the broker has named it; rejected, once that is proven; else None."""
    if view is None:
        return None
    if view.end is OrderEnd.REJECTED:
        told = view.rejection
        if told is None:
            return Rejected(key, 0, RejectionClass.OTHER, _UNWORDED, now)
        return Rejected(key, told.code, told.rejection, told.text, told.received_at)
    named = [instance for instance in view.instances if instance.perm_id]
    if view.is_acknowledged and named:
        order_id = max((name for each in named for name in each.order_ids), default=0)
        return Accepted(key, order_id, named[-1].perm_id, now)
    if view.is_terminal:
        return Accepted(key, max(view.order_ids, default=0), 0, now)
    return None


def is_seen(view: OrderView | None) -> bool:
    """Whether the broker has said anything at all of an order."""
    return view is not None and bool(view.instances or view.executions or view.missing_executions)
