"""From what the facts about an order amount to, to what a ladder hears of it.

An order is over for the ladder only when every life of it is proven over and none is in doubt. Its
fills are read only when nothing that was claimed is missing an execution. The revision is the
broker's time up to which everything heard is counted in: it goes on growing across restarts, which
a mere count of messages would not.
"""

from datetime import UTC, datetime, timedelta

from backstay.domain.exits.events import FillsRead, Seen
from backstay.domain.ids import IntentKey
from backstay.domain.orders.view import OrderView

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def revision_at(as_of: datetime) -> int:
    """The revision of what is known as of a broker time, in microseconds."""
    return (as_of - _EPOCH) // timedelta(microseconds=1)


def seen(key: IntentKey, order: OrderView, as_of: datetime) -> Seen | None:
    """What is to be told of an order as of a broker time; nothing before the broker has it."""
    if not order.is_acknowledged and not order.is_terminal:
        return None
    over = order.is_terminal and not order.is_doubtful
    return Seen(key, over, order.filled, revision_at(as_of), as_of)


def fills_read(key: IntentKey, order: OrderView, as_of: datetime) -> FillsRead | None:
    """The answer to what an order has filled, or None while a claimed fill is missing.

    `as_of` is the broker time of a complete answer to a question asked after the order was over.
    """
    if not order.is_settled:
        return None
    return FillsRead(key, order.filled, revision_at(as_of), as_of)
